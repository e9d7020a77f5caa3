"""Typed parameters of named queries: what is given is text, what is bound is a literal."""

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from pipeline.sql.names import quote_literal

_DIGITS = 38  # of a NUMBER: docs.snowflake.com/en/sql-reference/data-types-numeric
_INTEGER = re.compile(r"[+-]?[0-9]+")
_DECIMAL = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TIMESTAMP = re.compile(
    r"(?P<date>[0-9]{4}-[0-9]{2}-[0-9]{2})([T ](?P<time>[0-9]{2}:[0-9]{2}(:[0-9]{2})?)(?P<fraction>\.[0-9]{1,9})?"
    r"(?P<zone>Z|[+-][0-9]{2}:[0-9]{2})?)?"
)


class ParamType(StrEnum):
    """The types that `-- param:` knows."""

    INT = "int"
    FLOAT = "float"
    DECIMAL = "decimal"
    STR = "str"
    DATE = "date"
    TIMESTAMP = "timestamp"
    BOOL = "bool"


@dataclass(frozen=True, slots=True)
class Param:
    """A parameter: its default is text as one would give it, or None for a parameter that must be given."""

    name: str
    type: ParamType
    default: str | None


def literal_of(kind: ParamType, text: str) -> str:
    """`text` as a literal of the type, on one line. Raises ValueError, saying what is wanted."""
    return _LITERALS[kind](text)


def _signed(text: str) -> str:
    """In parentheses when negative: `a -:b` must not become the comment `a --1`."""
    return f"({text})" if text.startswith("-") else text.removeprefix("+")


def _int(text: str) -> str:
    if not _INTEGER.fullmatch(text) or len(text.lstrip("+-")) > _DIGITS:
        raise ValueError("a whole number")
    return _signed(text)


def _decimal(text: str) -> str:
    if not _DECIMAL.fullmatch(text) or len(text.lstrip("+-").replace(".", "")) > _DIGITS:
        raise ValueError("a decimal number like 12.50")
    return _signed(text)


def _float(text: str) -> str:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise ValueError("a number like 0.5 or 1e6")
    return f"{_signed(repr(value))}::FLOAT"


def _str(text: str) -> str:
    return quote_literal(text).replace("\r", "\\r").replace("\n", "\\n")


def _date(text: str) -> str:
    if text.lower() == "current_date":
        return "CURRENT_DATE()"
    try:
        if not _DATE.fullmatch(text):
            raise ValueError
        date.fromisoformat(text)
    except ValueError:
        raise ValueError("a date like 2026-01-31, or current_date") from None
    return f"'{text}'::DATE"


def _timestamp(text: str) -> str:
    if text.lower() == "current_timestamp":
        return "CURRENT_TIMESTAMP()"
    match = _TIMESTAMP.fullmatch(text)
    try:
        if match is None:
            raise ValueError
        datetime.fromisoformat(match["date"] + ("T" + match["time"] if match["time"] else ""))
    except ValueError:
        raise ValueError("a time like 2026-01-31 12:00:00 or 2026-01-31T12:00:00Z, or current_timestamp") from None
    return f"'{text}'::TIMESTAMP_{'TZ' if match['zone'] else 'NTZ'}"


def _bool(text: str) -> str:
    if text.lower() not in ("true", "false"):
        raise ValueError("true or false")
    return text.upper()


_LITERALS: Mapping[ParamType, Callable[[str], str]] = {
    ParamType.INT: _int,
    ParamType.FLOAT: _float,
    ParamType.DECIMAL: _decimal,
    ParamType.STR: _str,
    ParamType.DATE: _date,
    ParamType.TIMESTAMP: _timestamp,
    ParamType.BOOL: _bool,
}
