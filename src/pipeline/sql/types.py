"""Snowflake's data types: every spelling read, one canonical rendering, what may be widened to what.

Source: docs.snowflake.com/en/sql-reference/intro-summary-data-types and …/sql/alter-table-column.
"""

import re
from dataclasses import dataclass
from enum import Enum

from pipeline.errors import SyntaxProblem

MAX_PRECISION = 38
DEFAULT_VARCHAR_LENGTH = 16_777_216
MAX_VARCHAR_LENGTH = 134_217_728
DEFAULT_BINARY_LENGTH = 8_388_608
MAX_BINARY_LENGTH = 67_108_864
MAX_FRACTION_DIGITS = 9


class Kind(Enum):
    """Snowflake's own names of its types."""

    NUMBER = "NUMBER"
    FLOAT = "FLOAT"
    DECFLOAT = "DECFLOAT"
    VARCHAR = "VARCHAR"
    BINARY = "BINARY"
    BOOLEAN = "BOOLEAN"
    DATE = "DATE"
    TIME = "TIME"
    TIMESTAMP_NTZ = "TIMESTAMP_NTZ"
    TIMESTAMP_LTZ = "TIMESTAMP_LTZ"
    TIMESTAMP_TZ = "TIMESTAMP_TZ"
    VARIANT = "VARIANT"
    OBJECT = "OBJECT"
    ARRAY = "ARRAY"
    MAP = "MAP"
    GEOGRAPHY = "GEOGRAPHY"
    GEOMETRY = "GEOMETRY"
    VECTOR = "VECTOR"
    FILE = "FILE"


TIMESTAMPS = frozenset({Kind.TIMESTAMP_NTZ, Kind.TIMESTAMP_LTZ, Kind.TIMESTAMP_TZ})
SEMI_STRUCTURED = frozenset({Kind.VARIANT, Kind.OBJECT, Kind.ARRAY, Kind.MAP})


@dataclass(frozen=True, slots=True)
class DataType:
    """A type with its parameters, defaults filled in. Fields that the kind does not have are None.

    `precision` is NUMBER's digits or the fraction digits of TIME and TIMESTAMP_*; `length` is characters of
    VARCHAR or bytes of BINARY; `inner` is the text inside the parentheses of a structured ARRAY, OBJECT, MAP or VECTOR.
    """

    kind: Kind
    precision: int | None = None
    scale: int | None = None
    length: int | None = None
    inner: str | None = None

    def __str__(self) -> str:
        """The type as DESCRIBE TABLE prints it."""
        name = self.kind.value
        if self.inner is not None:
            return f"{name}({self.inner})"
        if self.length is not None:
            return f"{name}({self.length})"
        if self.scale is not None:
            return f"{name}({self.precision},{self.scale})"
        if self.precision is not None:
            return f"{name}({self.precision})"
        return name

    @property
    def is_timestamp(self) -> bool:
        return self.kind in TIMESTAMPS

    @property
    def is_semi_structured(self) -> bool:
        return self.kind in SEMI_STRUCTURED


class TypeChange(Enum):
    """What ALTER … SET DATA TYPE and CREATE OR ALTER TABLE make of a change of a column's type."""

    SAME = "same"
    WIDER = "wider"
    IF_VALUES_FIT = "allowed when every value fits"
    REFUSED = "refused"


def widening(old: DataType, new: DataType) -> TypeChange:
    """Whether a column of type `old` may become `new`.

    A text may grow, a NUMBER's precision may grow, or shrink when the values fit; its scale may not change, and
    nothing else may. Source: docs.snowflake.com/en/sql-reference/sql/alter-table-column.
    """
    if old == new:
        return TypeChange.SAME
    if old.kind is not new.kind:
        return TypeChange.REFUSED
    if old.length is not None and new.length is not None:
        return TypeChange.WIDER if new.length > old.length else TypeChange.REFUSED
    if old.kind is Kind.NUMBER and old.scale == new.scale and old.precision is not None and new.precision is not None:
        return TypeChange.WIDER if new.precision > old.precision else TypeChange.IF_VALUES_FIT
    return TypeChange.REFUSED


class _Shape(Enum):
    """The parameters that a spelling takes."""

    NONE = "none"
    NUMBER = "number"
    LENGTH = "length"
    FRACTION = "fraction"
    INNER = "inner"


@dataclass(frozen=True, slots=True)
class _Spelling:
    kind: Kind
    shape: _Shape = _Shape.NONE
    length: int | None = None


def _same(spelling: _Spelling, *names: str) -> dict[str, _Spelling]:
    return dict.fromkeys(names, spelling)


_INTEGER = _Spelling(Kind.NUMBER)
_SPELLINGS: dict[str, _Spelling] = {
    **_same(_Spelling(Kind.NUMBER, _Shape.NUMBER), "NUMBER", "DECIMAL", "DEC", "NUMERIC"),
    **_same(_INTEGER, "INT", "INTEGER", "BIGINT", "SMALLINT", "TINYINT", "BYTEINT"),
    **_same(_Spelling(Kind.FLOAT), "FLOAT", "FLOAT4", "FLOAT8", "DOUBLE", "DOUBLE PRECISION", "REAL"),
    **_same(_Spelling(Kind.DECFLOAT), "DECFLOAT"),
    **_same(
        _Spelling(Kind.VARCHAR, _Shape.LENGTH, DEFAULT_VARCHAR_LENGTH),
        *("VARCHAR", "STRING", "TEXT", "NVARCHAR", "NVARCHAR2", "CHAR VARYING", "NCHAR VARYING", "CHARACTER VARYING"),
    ),
    **_same(_Spelling(Kind.VARCHAR, _Shape.LENGTH, 1), "CHAR", "CHARACTER", "NCHAR"),
    **_same(_Spelling(Kind.BINARY, _Shape.LENGTH, DEFAULT_BINARY_LENGTH), "BINARY", "VARBINARY"),
    **_same(_Spelling(Kind.BOOLEAN), "BOOLEAN", "BOOL"),
    **_same(_Spelling(Kind.DATE), "DATE"),
    **_same(_Spelling(Kind.TIME, _Shape.FRACTION), "TIME"),
    **_same(
        _Spelling(Kind.TIMESTAMP_NTZ, _Shape.FRACTION),
        *("TIMESTAMP_NTZ", "TIMESTAMPNTZ", "DATETIME", "TIMESTAMP WITHOUT TIME ZONE"),
    ),
    **_same(
        _Spelling(Kind.TIMESTAMP_LTZ, _Shape.FRACTION),
        *("TIMESTAMP_LTZ", "TIMESTAMPLTZ", "TIMESTAMP WITH LOCAL TIME ZONE"),
    ),
    **_same(_Spelling(Kind.TIMESTAMP_TZ, _Shape.FRACTION), "TIMESTAMP_TZ", "TIMESTAMPTZ", "TIMESTAMP WITH TIME ZONE"),
    **_same(_Spelling(Kind.VARIANT), "VARIANT"),
    **_same(_Spelling(Kind.OBJECT, _Shape.INNER), "OBJECT"),
    **_same(_Spelling(Kind.ARRAY, _Shape.INNER), "ARRAY"),
    **_same(_Spelling(Kind.MAP, _Shape.INNER), "MAP"),
    **_same(_Spelling(Kind.VECTOR, _Shape.INNER), "VECTOR"),
    **_same(_Spelling(Kind.GEOGRAPHY), "GEOGRAPHY"),
    **_same(_Spelling(Kind.GEOMETRY), "GEOMETRY"),
    **_same(_Spelling(Kind.FILE), "FILE"),
}

TYPE_WORDS = frozenset(spelling.split()[0] for spelling in _SPELLINGS) | {"TIMESTAMP"}
"""Words that a type may begin with, in upper case."""

_TYPE_TEXT = re.compile(r"\s*([A-Za-z][\w]*(?:\s+[A-Za-z][\w]*)*)\s*(?:\((.*)\))?\s*([A-Za-z][\w\s]*)?\Z", re.DOTALL)


def parse_type(text: str, timestamp: Kind = Kind.TIMESTAMP_NTZ) -> DataType:
    """Read a type in any spelling; `timestamp` is what TIMESTAMP means (TIMESTAMP_TYPE_MAPPING).

    Raises SyntaxProblem when the text is not a type of Snowflake or a parameter is out of range.
    """
    match = _TYPE_TEXT.match(text)
    if match is None:
        raise _unsupported(text)
    words = " ".join(f"{match[1]} {match[3] or ''}".upper().split())
    spelling = _Spelling(timestamp, _Shape.FRACTION) if words == "TIMESTAMP" else _SPELLINGS.get(words)
    if spelling is None:
        raise _unsupported(text)
    return _build(spelling, None if match[2] is None else match[2].strip(), text)


def _build(spelling: _Spelling, parameters: str | None, text: str) -> DataType:
    match spelling.shape:
        case _Shape.INNER:
            return DataType(spelling.kind, inner=None if parameters is None else " ".join(parameters.split()))
        case _Shape.LENGTH:
            most = MAX_VARCHAR_LENGTH if spelling.kind is Kind.VARCHAR else MAX_BINARY_LENGTH
            length = spelling.length if parameters is None else _integer(parameters, 1, most, text)
            return DataType(spelling.kind, length=length)
        case _Shape.FRACTION:
            digits = MAX_FRACTION_DIGITS
            if parameters is not None:
                digits = _integer(parameters, 0, MAX_FRACTION_DIGITS, text)
            return DataType(spelling.kind, precision=digits)
        case _Shape.NUMBER:
            return _number(parameters, text)
        case _Shape.NONE:
            if parameters is not None and spelling.kind is not Kind.DECFLOAT:
                raise _unsupported(text)
            return number() if spelling.kind is Kind.NUMBER else DataType(spelling.kind)


def _number(parameters: str | None, text: str) -> DataType:
    if parameters is None:
        return number()
    first, _, second = parameters.partition(",")
    precision = _integer(first, 1, MAX_PRECISION, text)
    scale = _integer(second, 0, min(precision, MAX_PRECISION - 1), text) if second else 0
    return number(precision, scale)


def _integer(text: str, least: int, most: int, whole: str) -> int:
    digits = text.strip()
    if not (digits.isascii() and digits.isdigit()) or not least <= int(digits) <= most:
        raise SyntaxProblem(f"Invalid parameter {digits!r} of the type {whole.strip()}: {least} to {most} is allowed.")
    return int(digits)


def _unsupported(text: str) -> SyntaxProblem:
    return SyntaxProblem(f"Unsupported data type '{text.strip()}'.")


def number(precision: int = MAX_PRECISION, scale: int = 0) -> DataType:
    """NUMBER(precision, scale)."""
    return DataType(Kind.NUMBER, precision, scale)


def varchar(length: int = DEFAULT_VARCHAR_LENGTH) -> DataType:
    """VARCHAR(length)."""
    return DataType(Kind.VARCHAR, length=length)
