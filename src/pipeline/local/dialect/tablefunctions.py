"""Table functions that the dialect writes itself: VALUES, FLATTEN, SPLIT_TO_TABLE, GENERATOR."""

from collections.abc import Callable
from decimal import Decimal

from sqlglot import exp

from pipeline.local.dialect.casts import coerce, text
from pipeline.local.dialect.compiler import Compiler
from pipeline.local.dialect.paths import semi_structured
from pipeline.local.dialect.scope import Item, Scope, ScopeColumn
from pipeline.local.dialect.typed import NUMBER, VARCHAR, VARIANT, Typed, common_type, quoted, text_literal
from pipeline.local.errors import compilation, unsupported
from pipeline.sql.types import DataType

Rule = Callable[[Compiler, exp.Anonymous, Scope], Item]

_SEQUENCE = "\x03"
"""Stands in a FLATTEN's text where the number of its input row belongs."""


def find(name: str) -> Rule | None:
    return _RULES.get(name)


def values(compiler: Compiler, node: exp.Values, scope: Scope) -> Item:
    """`VALUES (…), (…)`: columns COLUMN1, COLUMN2…, each of the type common to its values."""
    rows = [compiler.expressions(_members(row), Scope(scope.parent)) for row in node.expressions]
    width = len(rows[0])
    if any(len(row) != width for row in rows):
        raise compilation("VALUES: all rows must have the same number of values.", 2057, "42601")
    types = [common_type([row[place] for row in rows]) for place in range(width)]
    names = [f"COLUMN{place}" for place in range(1, width + 1)]
    lines = [f"({', '.join(coerce(v, t).sql for v, t in zip(row, types, strict=True))})" for row in rows]
    inner = f'(VALUES {", ".join(lines)}) AS "__values"({", ".join(quoted(name) for name in names)})'
    shown = ", ".join(_as(quoted(name), each) for name, each in zip(names, types, strict=True))
    alias = compiler.fresh("values")
    columns = [ScopeColumn(name, name, each) for name, each in zip(names, types, strict=True)]
    return Item(alias, alias, columns, f"SELECT {shown} FROM {inner}")


def _as(name: str, data_type: DataType) -> str:
    from pipeline.local.dialect.typed import physical

    return f"CAST({name} AS {physical(data_type)}) AS {name}"


def _members(row: exp.Expression) -> list[exp.Expression]:
    if isinstance(row, exp.Tuple):
        return list(row.expressions)
    return [row.this if isinstance(row, exp.Paren) else row]


def _arguments(call: exp.Anonymous, names: tuple[str, ...]) -> dict[str, exp.Expression]:
    """Arguments by name, the unnamed ones in the order of `names`."""
    found: dict[str, exp.Expression] = {}
    for place, each in enumerate(call.expressions):
        name = each.this.name.upper() if isinstance(each, exp.Kwarg) else names[min(place, len(names) - 1)]
        if name not in names:
            raise compilation(f"Invalid argument name '{name}' for function '{call.name.upper()}'.", 1006, "42601")
        found[name] = each.expression if isinstance(each, exp.Kwarg) else each
    return found


_FLATTEN = ("INPUT", "PATH", "OUTER", "RECURSIVE", "MODE")
_FLATTENED = (
    ("SEQ", NUMBER),
    ("KEY", VARCHAR),
    ("PATH", VARCHAR),
    ("INDEX", NUMBER),
    ("VALUE", VARIANT),
    ("THIS", VARIANT),
)


def _flatten(compiler: Compiler, call: exp.Anonymous, scope: Scope) -> Item:
    """docs.snowflake.com/en/sql-reference/functions/flatten"""
    arguments = _arguments(call, _FLATTEN)
    if "INPUT" not in arguments:
        raise compilation("not enough arguments for function [FLATTEN], expected 1, got 0", 938, "22023")
    value = semi_structured(compiler.expression(arguments["INPUT"], scope), "FLATTEN")
    if "PATH" in arguments:
        value = _inside(compiler, value, _constant(compiler, arguments["PATH"], str), scope)
    outer = "OUTER" in arguments and bool(_constant(compiler, arguments["OUTER"], bool))
    mode = str(_constant(compiler, arguments["MODE"], str)).upper() if "MODE" in arguments else "BOTH"
    if mode not in ("BOTH", "ARRAY", "OBJECT"):
        raise compilation(f"Invalid value for argument MODE of FLATTEN: '{mode}'", 1007, "22023")
    prefix = str(_constant(compiler, arguments["PATH"], str)) if "PATH" in arguments else ""
    if "RECURSIVE" in arguments and _constant(compiler, arguments["RECURSIVE"], bool):
        if outer or mode != "BOTH":
            raise unsupported("FLATTEN with RECURSIVE beside OUTER or MODE")
        return _generated(compiler, "flatten", _FLATTENED, _recursive_body(value, prefix))
    rows = f"sf_flatten({value.sql}, {text_literal(mode)}, {text_literal(prefix)})"
    if outer:
        rows = f"sf_flatten_outer({rows})"
    body = (
        f'SELECT {_SEQUENCE} AS "SEQ", __f.k AS "KEY", __f.p AS "PATH", __f.i AS "INDEX", __f.v AS "VALUE", '
        f'{value.sql} AS "THIS" FROM (SELECT unnest({rows}) AS __f)'
    )
    return _generated(compiler, "flatten", _FLATTENED, body)


def _recursive_body(value: Typed, prefix: str) -> str:
    """Every value at every depth, from DuckDB's json_tree; THIS is the container of each."""
    return (
        f'SELECT {_SEQUENCE} AS "SEQ", CASE WHEN __array THEN NULL ELSE __f.key END AS "KEY", '
        f'sf_tree_path(__f.fullkey, {text_literal(prefix)}) AS "PATH", '
        'CASE WHEN __array THEN CAST(__f.key AS BIGINT) END AS "INDEX", __f.value AS "VALUE", __this AS "THIS" FROM ('
        f"SELECT *, json_type(__this) = 'ARRAY' AS __array FROM ("
        f"SELECT *, json_extract({value.sql}, __f.path) AS __this "
        f"FROM json_tree({value.sql}) AS __f WHERE __f.id > 0)) AS __f"
    )


def _inside(compiler: Compiler, value: Typed, path: object, scope: Scope) -> Typed:
    from pipeline.local.dialect.semistructured import along_path

    return along_path(compiler, value, str(path), scope)


def _constant(compiler: Compiler, node: exp.Expression, kind: type) -> object:
    constant = compiler.expression(node, Scope()).constant
    if not isinstance(constant, kind):
        raise compilation("The argument must be a constant.", 1015, "22023")
    return constant


def _generated(compiler: Compiler, stem: str, columns: tuple[tuple[str, DataType], ...], body: str) -> Item:
    alias = compiler.fresh(stem)
    return Item(alias, alias, [ScopeColumn(name, name, each) for name, each in columns], body, lateral=True)


def settle_sequence(item: Item, outside: str, scope: Scope) -> None:
    """Put the input row's number where SEQ stands, or nothing if nobody reads it."""
    if item.body is None or _SEQUENCE not in item.body:
        return
    number = "1"
    if f'{quoted(item.physical)}."SEQ"' in outside:
        others = scope.items[: next(i for i, each in enumerate(scope.items) if each is item)]
        read = [each for each in others if f"{quoted(each.physical)}." in item.body]
        if read and (len(others) > 1 or read[0].lateral):
            raise unsupported("SEQ of a table function over several relations")
        if read:
            read[0].extras["__seq"] = "row_number() OVER ()"
            number = f'{quoted(read[0].physical)}."__seq"'
    item.body = item.body.replace(_SEQUENCE, number)


_SPLIT = (("SEQ", NUMBER), ("INDEX", NUMBER), ("VALUE", VARCHAR))


def _split_to_table(compiler: Compiler, call: exp.Anonymous, scope: Scope) -> Item:
    """docs.snowflake.com/en/sql-reference/functions/split_to_table: INDEX counts from 1."""
    if len(call.expressions) != 2:
        raise compilation("SPLIT_TO_TABLE takes two arguments.", 938, "22023")
    subject, delimiter = (text(compiler.expression(each, scope)) for each in call.expressions)
    pieces = f"string_split({subject}, {delimiter})"
    body = (
        f'SELECT {_SEQUENCE} AS "SEQ", __f.i AS "INDEX", __f.v AS "VALUE" FROM '
        f"(SELECT unnest(list_transform({pieces}, lambda x, i: struct_pack(i := i, v := x))) AS __f)"
    )
    return _generated(compiler, "split", _SPLIT, body)


def _generator(compiler: Compiler, call: exp.Anonymous, _scope: Scope) -> Item:
    """docs.snowflake.com/en/sql-reference/functions/generator: no columns, so many rows."""
    arguments = _arguments(call, ("ROWCOUNT", "TIMELIMIT"))
    if "TIMELIMIT" in arguments or "ROWCOUNT" not in arguments:
        raise unsupported("GENERATOR without ROWCOUNT or with TIMELIMIT")
    rows = _constant(compiler, arguments["ROWCOUNT"], Decimal)
    alias = compiler.fresh("generator")
    columns = [ScopeColumn("__row", "__row", NUMBER, hidden=True)]
    return Item(alias, alias, columns, f'SELECT range AS "__row" FROM range(0, {int(str(rows))})')


_RULES: dict[str, Rule] = {"FLATTEN": _flatten, "SPLIT_TO_TABLE": _split_to_table, "GENERATOR": _generator}
