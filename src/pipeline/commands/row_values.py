"""Whether a value of the account is the one that a test names, and how both look."""

import json
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

from pipeline.project.json_text import json_text
from pipeline.project.nodes import Value


def equal(wanted: Value, found: object, tolerance: Decimal) -> bool:
    """Numbers by value, within `tolerance`; times from ISO text, without a zone in UTC; mappings and lists as JSON."""
    match wanted:
        case None:
            return found is None
        case bool():
            return found is wanted
        case int() | Decimal():
            return _number_equal(wanted, found, tolerance)
        case str():
            return _text_equal(wanted, found)
        case dict() | list():
            return isinstance(found, str) and _json_equal(wanted, _parsed(found), tolerance)


def shown(value: object, *, quoted: bool = False) -> str:
    """The value for a row diff; `quoted` tells a text from a number or a time that looks like it."""
    match value:
        case None:
            return "NULL"
        case bool():
            return "true" if value else "false"
        case str():
            return json.dumps(value, ensure_ascii=False) if quoted else value
        case datetime():
            return value.isoformat(sep=" ")
        case bytes() | bytearray():
            return value.hex()
        case dict() | list():
            return json_text(value)
        case _:
            return str(value)


def _number_equal(wanted: int | Decimal, found: object, tolerance: Decimal) -> bool:
    if isinstance(found, bool) or not isinstance(found, int | Decimal | float):
        return False
    number = Decimal(repr(found)) if isinstance(found, float) else Decimal(found)
    return number.is_finite() and abs(number - wanted) <= tolerance


def _text_equal(wanted: str, found: object) -> bool:
    match found:
        case str():
            return wanted == found
        case datetime():
            return _moment(wanted) == _utc(found)
        case date():
            return wanted == found.isoformat()
        case time():
            return _time(wanted) == found
        case bytes() | bytearray():
            return wanted.lower() == found.hex()
        case _:
            return False


def _moment(text: str) -> datetime | None:
    try:
        return _utc(datetime.fromisoformat(text))
    except ValueError:
        return None


def _utc(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _time(text: str) -> time | None:
    try:
        return time.fromisoformat(text)
    except ValueError:
        return None


_BROKEN = object()


def _parsed(text: str) -> Any:
    """A VARIANT, OBJECT or ARRAY, which the connector gives as JSON; a text that is none equals nothing."""
    try:
        return json.loads(text, parse_float=Decimal)
    except ValueError:
        return _BROKEN


def _json_equal(wanted: Value, found: Any, tolerance: Decimal) -> bool:
    match wanted:
        case dict():
            return (
                isinstance(found, dict)
                and wanted.keys() == found.keys()
                and all(_json_equal(value, found[key], tolerance) for key, value in wanted.items())
            )
        case list():
            return (
                isinstance(found, list)
                and len(wanted) == len(found)
                and all(_json_equal(value, other, tolerance) for value, other in zip(wanted, found, strict=True))
            )
        case str():
            return bool(wanted == found)
        case _:
            return equal(wanted, found, tolerance)
