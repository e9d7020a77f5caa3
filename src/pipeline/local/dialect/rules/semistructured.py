"""Semi-structured data (docs.snowflake.com/en/sql-reference/functions-semistructured)."""

from sqlglot import exp

from pipeline.local.dialect.casts import as_variant, cast, json_of, text, whole
from pipeline.local.dialect.operators import invalid_arguments
from pipeline.local.dialect.paths import array_of, element, object_of, semi_structured
from pipeline.local.dialect.projections import visible
from pipeline.local.dialect.registry import Call, function
from pipeline.local.dialect.semistructured import along_path
from pipeline.local.dialect.typed import ARRAY, BOOLEAN, COUNT, OBJECT, VARCHAR, VARIANT, Typed, text_literal
from pipeline.local.errors import compilation, unsupported
from pipeline.sql.types import DataType, Kind


@function("PARSE_JSON", args=(1, 2))
def parse_json(call: Call) -> Typed:
    """PARSE_JSON('[1]') → a VARIANT; error 100069 for what is no JSON, NULL for a text of spaces"""
    return Typed(f"sf_parse_json({_json_text(call)})", VARIANT)


@function("TRY_PARSE_JSON", args=(1, 2))
def try_parse_json(call: Call) -> Typed:
    """TRY_PARSE_JSON('[1') → NULL"""
    return Typed(f"sf_try_parse_json({_json_text(call)})", VARIANT)


@function("CHECK_JSON", args=1)
def check_json(call: Call) -> Typed:
    """CHECK_JSON('[1') → what is wrong; NULL for valid JSON"""
    return Typed(f"sf_check_json({_json_text(call)})", VARCHAR)


def _json_text(call: Call) -> str:
    if call.has(1):
        raise unsupported(f"{call.name} with a parameter")
    value = call.arg(0)
    if value.kind not in (Kind.VARCHAR, Kind.VARIANT):
        raise invalid_arguments(call.name, value.type)
    return text(value)


@function("TO_JSON", args=1)
def to_json(call: Call) -> Typed:
    """TO_JSON(v) → the JSON text"""
    return Typed(f"CAST(json({semi_structured(call.arg(0), call.name).sql}) AS VARCHAR)", VARCHAR)


@function("TO_VARIANT", args=1)
def to_variant(call: Call) -> Typed:
    """TO_VARIANT(a) → the value inside a VARIANT"""
    return as_variant(call.arg(0))


@function("TO_ARRAY", "TO_OBJECT", args=1)
def to_container(call: Call) -> Typed:
    """TO_ARRAY(a): an array as it is, anything else as its only element"""
    target = ARRAY if call.name == "TO_ARRAY" else OBJECT
    return cast(as_variant(call.arg(0)), target)


def _pairs(call: Call) -> list[tuple[Typed, Typed]]:
    if len(call.nodes) == 1 and isinstance(call.nodes[0], (exp.Star, exp.Column)):
        node = call.nodes[0]
        if isinstance(node, exp.Star) or isinstance(node.this, exp.Star):
            return [
                (Typed(text_literal(name), VARCHAR, constant=name), value) for name, value in visible(call.scope, node)
            ]
    if len(call.nodes) % 2:
        raise compilation(f"Invalid number of arguments for {call.name}: keys and values go in pairs.", 938, "22023")
    values = call.args()
    return list(zip(values[::2], values[1::2], strict=True))


@function("OBJECT_CONSTRUCT", args=(0, -1))
def object_construct(call: Call) -> Typed:
    """OBJECT_CONSTRUCT('a', 1): pairs whose key or value is NULL are left out"""
    return object_of(_pairs(call))


@function("OBJECT_CONSTRUCT_KEEP_NULL", args=(0, -1))
def object_construct_keep_null(call: Call) -> Typed:
    """OBJECT_CONSTRUCT_KEEP_NULL('a', NULL) → {"a": null}"""
    return object_of(_pairs(call), keep_null=True)


@function("ARRAY_CONSTRUCT", args=(0, -1))
def array_construct(call: Call) -> Typed:
    """ARRAY_CONSTRUCT(1, 2) → json_array(1, 2)"""
    return array_of(call.args())


@function("ARRAY_CONSTRUCT_COMPACT", args=(0, -1))
def array_construct_compact(call: Call) -> Typed:
    """ARRAY_CONSTRUCT_COMPACT(1, NULL) → [1]"""
    values = ", ".join(f"CAST({json_of(each)} AS JSON)" for each in call.args())
    return Typed(f"to_json(list_filter([{values}], lambda x: x IS NOT NULL))", ARRAY)


@function("OBJECT_KEYS", args=1)
def object_keys(call: Call) -> Typed:
    """OBJECT_KEYS(v) → the keys, sorted"""
    return Typed(f"to_json(list_sort(json_keys({semi_structured(call.arg(0), call.name).sql})))", ARRAY)


@function("ARRAY_SIZE", args=1)
def array_size(call: Call) -> Typed:
    """ARRAY_SIZE(v) → the number of elements, NULL for what is no array"""
    return Typed(f"sf_array_size({semi_structured(call.arg(0), call.name).sql})", COUNT)


@function("ARRAY_CONTAINS", args=2)
def array_contains(call: Call) -> Typed:
    """ARRAY_CONTAINS(1::VARIANT, a)"""
    needle, array = as_variant(call.arg(0)), semi_structured(call.arg(1), call.name)
    return Typed(f"sf_array_contains({needle.sql}, {array.sql})", BOOLEAN)


@function("ARRAY_POSITION", args=2)
def array_position(call: Call) -> Typed:
    """ARRAY_POSITION(1::VARIANT, a) → the index from 0 of the first such element"""
    needle, array = as_variant(call.arg(0)), semi_structured(call.arg(1), call.name)
    return Typed(f"sf_array_position({needle.sql}, {array.sql})", COUNT)


@function("ARRAY_APPEND", "ARRAY_PREPEND", "ARRAY_CAT", args=2)
def array_join(call: Call) -> Typed:
    """ARRAY_APPEND([1], 2) → [1, 2]"""
    left, right = call.args()
    if call.name == "ARRAY_CAT":
        return Typed(
            f"sf_array_cat({semi_structured(left, call.name).sql}, {semi_structured(right, call.name).sql})", ARRAY
        )
    array, extra = semi_structured(left, call.name).sql, f"json_array({json_of(right)})"
    pair = (array, extra) if call.name == "ARRAY_APPEND" else (extra, array)
    return Typed(f"sf_array_cat({pair[0]}, {pair[1]})", ARRAY)


@function("ARRAY_SLICE", args=3)
def array_slice(call: Call) -> Typed:
    """ARRAY_SLICE(a, 0, 2) → the elements from 0 up to, not with, 2"""
    array = semi_structured(call.arg(0), call.name).sql
    return Typed(f"sf_array_slice({array}, {whole(call.arg(1))}, {whole(call.arg(2))})", ARRAY)


@function("ARRAY_TO_STRING", args=2)
def array_to_string(call: Call) -> Typed:
    """ARRAY_TO_STRING(a, ',') → the elements' texts, joined"""
    array = semi_structured(call.arg(0), call.name).sql
    return Typed(f"sf_array_to_string({array}, {text(call.arg(1))})", VARCHAR)


@function("ARRAY_DISTINCT", args=1)
def array_distinct(call: Call) -> Typed:
    """ARRAY_DISTINCT(a): in no promised order"""
    array = semi_structured(call.arg(0), call.name).sql
    return Typed(f"to_json(list_distinct(CAST({array} AS JSON[])))", ARRAY)


@function("ARRAY_COMPACT", args=1)
def array_compact(call: Call) -> Typed:
    """ARRAY_COMPACT(a) → without its nulls"""
    array = semi_structured(call.arg(0), call.name).sql
    return Typed(f"to_json(list_filter(CAST({array} AS JSON[]), lambda x: x IS NOT NULL AND x <> 'null'))", ARRAY)


@function("GET", args=2)
def get(call: Call) -> Typed:
    """GET(v, 'a') → v:a"""
    return element(call.compiler, call.arg(0), call.arg(1), call.scope)


@function("GET_PATH", args=2)
def get_path(call: Call) -> Typed:
    """GET_PATH(v, 'a.b[0]') → v:a.b[0]"""
    path = call.arg(1).constant
    if not isinstance(path, str):
        raise unsupported("GET_PATH with a path that is not a constant")
    return along_path(call.compiler, semi_structured(call.arg(0), call.name), path, call.scope)


@function("TYPEOF", args=1)
def typeof(call: Call) -> Typed:
    """TYPEOF(v) → 'INTEGER', 'DECIMAL', 'DOUBLE', 'VARCHAR', 'BOOLEAN', 'ARRAY', 'OBJECT' or 'NULL_VALUE'"""
    return Typed(f"sf_typeof({semi_structured(call.arg(0), call.name).sql})", VARCHAR)


@function("IS_NULL_VALUE", args=1)
def is_null_value(call: Call) -> Typed:
    """IS_NULL_VALUE(v): JSON null; NULL where the path is missing"""
    return Typed(f"(json_type({semi_structured(call.arg(0), call.name).sql}) = 'NULL')", BOOLEAN)


_IS = {
    "IS_ARRAY": "('ARRAY')",
    "IS_OBJECT": "('OBJECT')",
    "IS_BOOLEAN": "('BOOLEAN')",
    "IS_VARCHAR": "('VARCHAR')",
    "IS_CHAR": "('VARCHAR')",
    "IS_INTEGER": "('BIGINT', 'UBIGINT')",
    "IS_DECIMAL": "('BIGINT', 'UBIGINT', 'DOUBLE')",
    "IS_DOUBLE": "('BIGINT', 'UBIGINT', 'DOUBLE')",
    "IS_REAL": "('BIGINT', 'UBIGINT', 'DOUBLE')",
}


@function(*_IS, args=1)
def is_type(call: Call) -> Typed:
    """IS_ARRAY(v) → json_type(v) = 'ARRAY'"""
    return Typed(f"(json_type({semi_structured(call.arg(0), call.name).sql}) IN {_IS[call.name]})", BOOLEAN)


_AS: dict[str, tuple[str, DataType]] = {
    "AS_ARRAY": ("IS_ARRAY", ARRAY),
    "AS_OBJECT": ("IS_OBJECT", OBJECT),
    "AS_BOOLEAN": ("IS_BOOLEAN", BOOLEAN),
    "AS_VARCHAR": ("IS_VARCHAR", VARCHAR),
    "AS_CHAR": ("IS_VARCHAR", VARCHAR),
    "AS_INTEGER": ("IS_INTEGER", DataType(Kind.NUMBER, precision=38, scale=0)),
    "AS_DOUBLE": ("IS_DOUBLE", DataType(Kind.FLOAT)),
    "AS_REAL": ("IS_DOUBLE", DataType(Kind.FLOAT)),
}


@function(*_AS, args=1)
def as_type(call: Call) -> Typed:
    """AS_ARRAY(v) → v where it is an array, else NULL"""
    test, target = _AS[call.name]
    value = semi_structured(call.arg(0), call.name)
    return Typed(
        f"CASE WHEN json_type({value.sql}) IN {_IS[test]} THEN {cast(as_variant(value), target).sql} END", target
    )


@function("STRIP_NULL_VALUE", args=1)
def strip_null_value(call: Call) -> Typed:
    """STRIP_NULL_VALUE(v) → NULL where v is JSON null"""
    value = semi_structured(call.arg(0), call.name)
    return Typed(f"CASE WHEN json_type({value.sql}) <> 'NULL' THEN {value.sql} END", VARIANT)


@function("OBJECT_DELETE", args=(2, -1))
def object_delete(call: Call) -> Typed:
    """OBJECT_DELETE(o, 'a') → o without that key"""
    keys = ", ".join(text(call.arg(place)) for place in range(1, len(call.nodes)))
    return Typed(f"sf_object_filter({semi_structured(call.arg(0), call.name).sql}, [{keys}], FALSE)", OBJECT)


@function("OBJECT_PICK", args=(2, -1))
def object_pick(call: Call) -> Typed:
    """OBJECT_PICK(o, 'a') → o with that key alone"""
    keys = ", ".join(text(call.arg(place)) for place in range(1, len(call.nodes)))
    return Typed(f"sf_object_filter({semi_structured(call.arg(0), call.name).sql}, [{keys}], TRUE)", OBJECT)


@function("OBJECT_INSERT", args=(3, 4))
def object_insert(call: Call) -> Typed:
    """OBJECT_INSERT(o, 'a', 1): a key that exists is an error unless TRUE follows; a NULL value changes nothing"""
    update = call.arg(3).constant is True if call.has(3) else False
    given, key, value = semi_structured(call.arg(0), call.name).sql, text(call.arg(1)), json_of(call.arg(2))
    return Typed(f"sf_object_insert({given}, {key}, {value}, {'TRUE' if update else 'FALSE'})", OBJECT)
