"""Results as the client protocol writes them: a row type, and every value a text.

The forms of the texts are those that snowflake-connector-python reads (`converter.py` of 4.x): numbers with all their
decimals, dates as days since 1970, times and timestamps as seconds with as many fraction digits as the type has.
"""

import json
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import partial

from pipeline.local.errors import outside_of_dates, unsupported
from pipeline.local.json_text import indented
from pipeline.local.protocol import Column, Result
from pipeline.sql.types import MAX_FRACTION_DIGITS, TIMESTAMPS, DataType, Kind

encode_json: Callable[[object], str] = json.JSONEncoder(separators=(",", ":"), check_circular=False).encode
"""Compact JSON; made once, because json.dumps builds an encoder for each call that asks for separators."""

Texts = Sequence[str | None]
Values = Sequence[object]

MAX_BYTES = 16_777_216
"""What Snowflake calls the byte length of a VARCHAR of default length."""

_WIRE_NAMES: dict[Kind, str] = {
    Kind.NUMBER: "fixed",
    Kind.FLOAT: "real",
    Kind.VARCHAR: "text",
    Kind.BINARY: "binary",
    Kind.BOOLEAN: "boolean",
    Kind.DATE: "date",
    Kind.TIME: "time",
    Kind.TIMESTAMP_NTZ: "timestamp_ntz",
    Kind.TIMESTAMP_LTZ: "timestamp_ltz",
    Kind.TIMESTAMP_TZ: "timestamp_tz",
    Kind.VARIANT: "variant",
    Kind.OBJECT: "object",
    Kind.ARRAY: "array",
}

_EPOCH_DAY = date(1970, 1, 1).toordinal()
_EPOCH = datetime(1970, 1, 1)
_EPOCH_UTC = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_UTC_OFFSET_BASE = 1440
"""A zone offset in minutes is sent with one day added, so that it is never negative."""


def row_type(columns: Sequence[Column]) -> list[dict[str, object]]:
    """The columns' descriptions.

    Raises:
        SnowflakeError: a column has a type that cannot be sent.
    """
    return [_column(column) for column in columns]


def _column(column: Column) -> dict[str, object]:
    kind = column.type.kind
    if kind not in _WIRE_NAMES:
        raise unsupported(f"A result of type {kind.value}")
    fraction = kind is Kind.TIME or kind in TIMESTAMPS
    length, byte_length = _lengths(column.type)
    return {
        "name": column.name,
        "database": "",
        "schema": "",
        "table": "",
        "type": _WIRE_NAMES[kind],
        "nullable": column.nullable,
        "length": length,
        "byteLength": byte_length,
        "precision": 0 if fraction else column.type.precision,
        "scale": _fraction_digits(column.type) if fraction else column.type.scale,
        "collation": None,
    }


def _lengths(of: DataType) -> tuple[int | None, int | None]:
    if of.kind is Kind.VARCHAR:
        length = of.length or MAX_BYTES
        return length, max(length, min(4 * length, MAX_BYTES))
    if of.kind is Kind.BINARY:
        return of.length, of.length
    return None, None


def _fraction_digits(of: DataType) -> int:
    return MAX_FRACTION_DIGITS if of.precision is None else of.precision


def row_set(result: Result) -> list[tuple[str | None, ...]]:
    """The rows, every value as text. Works by columns: one conversion chosen for a column, not for a value."""
    if not result.rows:
        return []
    if not result.columns:
        return [() for _ in result.rows]
    texts = [
        _converter(column.type)(values)
        for column, values in zip(result.columns, zip(*result.rows, strict=True), strict=True)
    ]
    return list(zip(*texts, strict=True))


def _converter(of: DataType) -> Callable[[Values], Texts]:
    kind = of.kind
    if kind is Kind.NUMBER:
        return partial(_decimals, scale=of.scale) if of.scale else _integers
    if kind is Kind.TIME:
        return partial(_times, digits=_fraction_digits(of))
    if kind in TIMESTAMPS:
        return partial(_TIMESTAMP_CONVERTERS[kind], digits=_fraction_digits(of))
    return _CONVERTERS[kind]


def _texts(values: Values) -> Texts:
    return [None if v is None else v if v.__class__ is str else str(v) for v in values]


def _json_texts(values: Values) -> Texts:
    return [None if v is None else indented(str(v)) for v in values]


def _integers(values: Values) -> Texts:
    return [None if v is None else str(v) if v.__class__ is int else format(v, ".0f") for v in values]


def _decimals(values: Values, scale: int) -> Texts:
    shape, zeros = f".{scale}f", "." + "0" * scale
    return [
        None
        if v is None
        else format(v, shape)
        if v.__class__ is Decimal
        else str(Decimal(str(v)).quantize(Decimal(zeros)))
        for v in values
    ]


def _floats(values: Values) -> Texts:
    return [None if v is None else repr(v) for v in values]


def _booleans(values: Values) -> Texts:
    return [None if v is None else "1" if v else "0" for v in values]


def _nothing(value: object) -> str | None:
    """NULL. What Python has no date for, DuckDB gives as text: that is refused, not shown as NULL."""
    if isinstance(value, str) and value:
        raise outside_of_dates(value)
    return None


def _dates(values: Values) -> Texts:
    return [str(v.toordinal() - _EPOCH_DAY) if isinstance(v, date) else _nothing(v) for v in values]


def _binaries(values: Values) -> Texts:
    return [v.hex().upper() if isinstance(v, bytes | bytearray | memoryview) else None for v in values]


def _seconds(microseconds: int, digits: int) -> str:
    """Seconds with `digits` fraction digits: the client cuts the text by that number.

    >>> _seconds(1_500_000, 9), _seconds(-500_000, 3), _seconds(7, 0)
    ('1.500000000', '-0.500', '0')
    """
    whole, fraction = divmod(abs(microseconds), 1_000_000)
    sign = "-" if microseconds < 0 else ""
    if digits == 0:
        return f"{sign}{whole}"
    return f"{sign}{whole}.{fraction:06d}000"[: len(sign) + len(str(whole)) + 1 + digits]


def _times(values: Values, digits: int) -> Texts:
    return [_seconds(_microseconds_of_day(v), digits) if isinstance(v, time) else None for v in values]


def _microseconds_of_day(at: time) -> int:
    return ((at.hour * 60 + at.minute) * 60 + at.second) * 1_000_000 + at.microsecond


def _timestamps_ntz(values: Values, digits: int) -> Texts:
    return [_seconds((v - _EPOCH) // _MICROSECOND, digits) if isinstance(v, datetime) else _nothing(v) for v in values]


def _timestamps_ltz(values: Values, digits: int) -> Texts:
    return [
        _seconds((v - _EPOCH_UTC) // _MICROSECOND, digits) if isinstance(v, datetime) else _nothing(v) for v in values
    ]


def _timestamps_tz(values: Values, digits: int) -> Texts:
    return [_timestamp_tz(v, digits) if isinstance(v, datetime) else _nothing(v) for v in values]


def _timestamp_tz(at: datetime, digits: int) -> str:
    offset = at.utcoffset() or timedelta()
    return f"{_seconds((at - _EPOCH_UTC) // _MICROSECOND, digits)} {offset // timedelta(minutes=1) + _UTC_OFFSET_BASE}"


_CONVERTERS: dict[Kind, Callable[[Values], Texts]] = {
    Kind.FLOAT: _floats,
    Kind.VARCHAR: _texts,
    Kind.BINARY: _binaries,
    Kind.BOOLEAN: _booleans,
    Kind.DATE: _dates,
    Kind.VARIANT: _json_texts,
    Kind.OBJECT: _json_texts,
    Kind.ARRAY: _json_texts,
}

_TIMESTAMP_CONVERTERS: dict[Kind, Callable[..., Texts]] = {
    Kind.TIMESTAMP_NTZ: _timestamps_ntz,
    Kind.TIMESTAMP_LTZ: _timestamps_ltz,
    Kind.TIMESTAMP_TZ: _timestamps_tz,
}
