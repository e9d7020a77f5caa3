"""Snowflake's date and time formats as strftime's (docs.snowflake.com/en/sql-reference/date-time-input-output)."""

import re

from pipeline.local.dialect.typed import Typed, text_literal
from pipeline.local.errors import unsupported
from pipeline.sql.types import Kind

_ELEMENT = re.compile(
    r'"([^"]*)"|(YYYY|YY|MMMM|MON|MM|DD|DY|HH24|HH12|HH|AM|PM|MI|SS|FF([0-9])?|TZH:?TZM|TZH|TZM|TZISO)|(.)',
    re.IGNORECASE | re.DOTALL,
)
_WRITE = {
    "YYYY": "%Y",
    "YY": "%y",
    "MMMM": "%B",
    "MON": "%b",
    "MM": "%m",
    "DD": "%d",
    "DY": "%a",
    "HH24": "%H",
    "HH": "%H",
    "HH12": "%I",
    "AM": "%p",
    "PM": "%p",
    "MI": "%M",
    "SS": "%S",
}
_READ = {**_WRITE, "TZHTZM": "%z", "TZH:TZM": "%z", "TZH": "%z", "TZISO": "%z"}


def render_moment(value: Typed, written: str) -> str:
    """The DuckDB text of a date, time or timestamp in a Snowflake format."""
    wall, offset = _wall_and_offset(value)
    pieces: list[str] = []
    run = ""
    for kind, element in _elements(written):
        if kind == "strftime":
            run += element
            continue
        if run:
            pieces.append(f"strftime({wall}, {text_literal(run)})")
            run = ""
        pieces.append(_special(element, wall, offset))
    if run or not pieces:
        pieces.append(f"strftime({wall}, {text_literal(run)})")
    return pieces[0] if len(pieces) == 1 else f"({' || '.join(pieces)})"


def strptime_format(written: str) -> str:
    """The same format for reading. Raises SnowflakeError for elements that strptime lacks."""
    result = ""
    for quoted_text, element, digits, other in _ELEMENT.findall(written):
        name = element.upper()
        if name.startswith("FF"):
            result += {"9": "%n", "6": "%f", "3": "%g", "": "%n"}.get(digits, "%f")
        elif name:
            if name not in _READ:
                raise unsupported(f"The format element {element}")
            result += _READ[name]
        else:
            result += (quoted_text or other).replace("%", "%%")
    return result


def _elements(written: str) -> list[tuple[str, str]]:
    result: list[tuple[str, str]] = []
    for quoted_text, element, digits, other in _ELEMENT.findall(written):
        name = element.upper()
        if name.startswith("FF"):
            result.append(("special", f"FF{digits or '9'}"))
        elif name.startswith("TZ"):
            result.append(("special", name))
        elif name:
            result.append(("strftime", _WRITE[name]))
        else:
            result.append(("strftime", (quoted_text or other).replace("%", "%%")))
    return result


def _special(name: str, wall: str, offset: str | None) -> str:
    if name.startswith("FF"):
        digits = int(name[2:])
        if digits == 0:
            return "''"
        nanoseconds = f"strftime({wall}, '%n')"
        return nanoseconds if digits == 9 else f"left({nanoseconds}, {digits})"
    if offset is None:
        raise unsupported(f"The format element {name} for a value without a time zone")
    return {
        "TZHTZM": f"sf_offset({offset}, '')",
        "TZH:TZM": f"sf_offset({offset}, ':')",
        "TZH": f"left(sf_offset({offset}, ''), 3)",
        "TZM": f"right(sf_offset({offset}, ''), 2)",
        "TZISO": f"sf_offset({offset}, ':')",
    }[name]


def _wall_and_offset(value: Typed) -> tuple[str, str | None]:
    match value.kind:
        case Kind.TIMESTAMP_TZ:
            return f"sf_wall({value.sql})", f'({value.sql})."offset"'
        case Kind.TIMESTAMP_LTZ:
            return f"CAST({value.sql} AS TIMESTAMP)", f"sf_session_offset({value.sql})"
        case Kind.TIME:
            return f"(DATE '1970-01-01' + {value.sql})", None
        case _:
            return value.sql, None
