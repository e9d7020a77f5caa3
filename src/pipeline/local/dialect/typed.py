"""DuckDB text with its Snowflake type, and the types' own rules: physical form, promotion, result types."""

from dataclasses import dataclass, replace
from decimal import Decimal

from pipeline.local.errors import SnowflakeError, compilation, unsupported
from pipeline.sql.types import MAX_PRECISION, TIMESTAMPS, DataType, Kind

NUMBER = DataType(Kind.NUMBER, precision=38, scale=0)
COUNT = DataType(Kind.NUMBER, precision=18, scale=0)
FLOAT = DataType(Kind.FLOAT)
VARCHAR = DataType(Kind.VARCHAR, length=16_777_216)
BOOLEAN = DataType(Kind.BOOLEAN)
DATE = DataType(Kind.DATE)
TIME = DataType(Kind.TIME, precision=9)
NTZ = DataType(Kind.TIMESTAMP_NTZ, precision=9)
LTZ = DataType(Kind.TIMESTAMP_LTZ, precision=9)
TZ = DataType(Kind.TIMESTAMP_TZ, precision=9)
VARIANT = DataType(Kind.VARIANT)
OBJECT = DataType(Kind.OBJECT)
ARRAY = DataType(Kind.ARRAY)
BINARY = DataType(Kind.BINARY, length=8_388_608)

JSON_KINDS = frozenset({Kind.VARIANT, Kind.OBJECT, Kind.ARRAY, Kind.MAP})

_PHYSICAL = {
    Kind.FLOAT: "DOUBLE",
    Kind.VARCHAR: "VARCHAR",
    Kind.BINARY: "BLOB",
    Kind.BOOLEAN: "BOOLEAN",
    Kind.DATE: "DATE",
    Kind.TIME: "TIME",
    Kind.TIMESTAMP_NTZ: "TIMESTAMP",
    Kind.TIMESTAMP_LTZ: "TIMESTAMPTZ",
    Kind.TIMESTAMP_TZ: 'STRUCT(utc TIMESTAMP, "offset" SMALLINT)',
    Kind.VARIANT: "JSON",
    Kind.OBJECT: "JSON",
    Kind.ARRAY: "JSON",
}


@dataclass(frozen=True, slots=True)
class VariantPath:
    """Where a value stands inside a semi-structured one: the DuckDB text of the whole, and a DuckDB JSON path."""

    item: object
    """The relation that owns the column, None where the value is not a plain column."""
    base: str
    path: str
    token_text: str
    """The value as unquoted text; a token until the SELECT knows whether its paths are gathered."""
    rare_text: str
    """The JSON value for where it is seldom looked at: taken out on its own, not gathered with others."""


@dataclass(frozen=True, slots=True)
class Typed:
    """A DuckDB expression and its Snowflake type.

    `constant` is the value of a literal, `null` marks the literal NULL (which takes any type).
    `utc` is the TIMESTAMPTZ of which a TIMESTAMP_TZ in UTC was made: casts from it need not go through the struct.
    `sql` of an integer may be narrower than its type says (DuckDB's INTEGER or BIGINT); its scale is always exact.
    """

    sql: str
    type: DataType
    constant: Decimal | str | bool | None = None
    null: bool = False
    path: VariantPath | None = None
    utc: str | None = None

    @property
    def kind(self) -> Kind:
        return self.type.kind

    @property
    def scale(self) -> int:
        return self.type.scale or 0

    @property
    def precision(self) -> int:
        return self.type.precision or MAX_PRECISION

    @property
    def is_json(self) -> bool:
        return self.type.kind in JSON_KINDS

    def of(self, data_type: DataType) -> "Typed":
        """The same text seen as another type."""
        return replace(self, type=data_type, constant=None, path=None, utc=None)


NULL = Typed("NULL", VARCHAR, null=True)


def number(precision: int, scale: int) -> DataType:
    return DataType(Kind.NUMBER, precision=max(1, min(MAX_PRECISION, precision)), scale=scale)


def physical(data_type: DataType) -> str:
    """The DuckDB type in which values of a Snowflake type are kept. Raises SnowflakeError for those not supported."""
    if data_type.kind is Kind.NUMBER:
        return f"DECIMAL({data_type.precision or MAX_PRECISION},{data_type.scale or 0})"
    name = _PHYSICAL.get(data_type.kind)
    if name is None:
        raise compilation(f"Unsupported data type '{data_type.kind.value}'.", 2040, "42601")
    return name


RESERVED_MARKS = ("\x01", "\x02", "\x03", "\x00")
"""Control characters that stand for what is written later (paths, row numbers); DuckDB's text cannot hold the last."""


def text_literal(text: str) -> str:
    """A DuckDB string literal; the reserved control characters are spelt out."""
    quoted = "'" + text.replace("'", "''") + "'"
    for mark in RESERVED_MARKS:
        quoted = quoted.replace(mark, f"' || chr({ord(mark)}) || '")
    return f"({quoted})" if "|| chr(" in quoted else quoted


def quoted(name: str) -> str:
    """A DuckDB identifier. Raises SnowflakeError for a name with one of the reserved control characters."""
    if any(mark in name for mark in RESERVED_MARKS):
        raise unsupported("A name with the control characters 0 to 3")
    return '"' + name.replace('"', '""') + '"'


def raising(errno: int, sqlstate: str, message_sql: str) -> str:
    """A DuckDB expression that raises a SnowflakeError when it is reached; `message_sql` is a DuckDB text."""
    return f"error('SF|{errno}|{sqlstate}|' || {message_sql})"


_RANK = {Kind.DATE: 0, Kind.TIMESTAMP_NTZ: 1, Kind.TIMESTAMP_LTZ: 2, Kind.TIMESTAMP_TZ: 3}


def common_type(values: list[Typed]) -> DataType:
    """The one type that all values of a CASE, COALESCE, UNION column… become.

    docs.snowflake.com/en/sql-reference/data-type-conversion#precedence: text becomes what stands beside it.
    Raises SnowflakeError when there is none.
    """
    result: DataType | None = None
    for value in values:
        if not value.null:
            result = value.type if result is None else _common(result, value.type)
    return VARCHAR if result is None else result


def _common(left: DataType, right: DataType) -> DataType:
    if left == right:
        return left
    kinds = {left.kind, right.kind}
    if len(kinds) == 1:
        return _wider(left, right)
    if Kind.VARIANT in kinds:
        return VARIANT
    if Kind.VARCHAR in kinds:
        other = left if right.kind is Kind.VARCHAR else right
        return number(38, other.scale or 0) if other.kind is Kind.NUMBER else other
    if kinds == {Kind.NUMBER, Kind.FLOAT}:
        return FLOAT
    if kinds <= _RANK.keys():
        return max(left, right, key=lambda each: _RANK[each.kind])
    if kinds == {Kind.NUMBER, Kind.BOOLEAN} or kinds == {Kind.FLOAT, Kind.BOOLEAN}:
        return BOOLEAN
    raise incompatible(left, right)


def _wider(left: DataType, right: DataType) -> DataType:
    if left.kind is Kind.NUMBER:
        scale = max(left.scale or 0, right.scale or 0)
        whole = max((left.precision or 38) - (left.scale or 0), (right.precision or 38) - (right.scale or 0))
        return number(whole + scale, scale)
    if left.kind in (Kind.VARCHAR, Kind.BINARY):
        return left if (left.length or 0) >= (right.length or 0) else right
    if left.kind in TIMESTAMPS or left.kind is Kind.TIME:
        return left if (left.precision or 0) >= (right.precision or 0) else right
    return left


def incompatible(left: DataType, right: DataType) -> SnowflakeError:
    return compilation(f"Can not convert parameter of type [{left}] into expected type [{right}]", 1065, "22023")
