"""Dates and times (docs.snowflake.com/en/sql-reference/functions-date-time)."""

from decimal import Decimal

from sqlglot import exp

from pipeline.local.dialect.casts import as_ntz, cast, coerce, text, whole
from pipeline.local.dialect.dateparts import DATE_PARTS, TIME_PARTS, Part, moved, part_of, unsuitable
from pipeline.local.dialect.operators import invalid_arguments
from pipeline.local.dialect.registry import Call, function
from pipeline.local.dialect.typed import (
    DATE,
    LTZ,
    NTZ,
    NUMBER,
    TZ,
    VARCHAR,
    Typed,
    number,
    physical,
)
from pipeline.local.errors import compilation, unsupported
from pipeline.sql.types import TIMESTAMPS, Kind

_MOMENTS = frozenset({Kind.DATE, Kind.TIME, *TIMESTAMPS})
_SMALL = number(9, 0)


def _part(call: Call, index: int) -> Part:
    """A part is written as a word or as a text: DATEADD(day, …), DATEADD('day', …)."""
    node = call.nodes[index]
    if isinstance(node, exp.Column) and isinstance(node.this, exp.Identifier):
        return part_of(node.this.name)
    constant = call.arg(index).constant
    if not isinstance(constant, str):
        raise unsupported(f"{call.name} with a part that is not a constant")
    return part_of(constant)


def _moment(call: Call, index: int) -> Typed:
    """A date, time or timestamp; a text is read as a timestamp."""
    value = call.arg(index)
    if value.kind in _MOMENTS and not value.null:
        return value
    if value.kind in (Kind.VARCHAR, Kind.VARIANT) or value.null:
        return cast(value, NTZ)
    raise invalid_arguments(call.name, value.type)


@function("DATEADD", "TIMEADD", "TIMESTAMPADD", args=3)
def dateadd(call: Call) -> Typed:
    """DATEADD(day, 1, d) → d + to_days(1); the last day of a month where the day is missing"""
    return moved(_moment(call, 2), _part(call, 0), whole(call.arg(1)))


@function("ADD_MONTHS", args=2)
def add_months(call: Call) -> Typed:
    """ADD_MONTHS(d, 1): the last day of a month goes to the last day of the other"""
    value, months = _moment(call, 0), whole(call.arg(1))
    later = moved(value, Part.MONTH, months)
    if value.kind is Kind.TIMESTAMP_TZ:
        raise unsupported("ADD_MONTHS of TIMESTAMP_TZ")
    day = f"CAST({value.sql} AS DATE)"
    extra = f"(last_day(CAST({later.sql} AS DATE)) - CAST({later.sql} AS DATE))"
    adjusted = f"{later.sql} + to_days(CAST(CASE WHEN {day} = last_day({day}) THEN {extra} ELSE 0 END AS INTEGER))"
    return Typed(f"CAST({adjusted} AS {physical(later.type)})", later.type)


@function("DATEDIFF", "TIMEDIFF", "TIMESTAMPDIFF", args=3)
def datediff(call: Call) -> Typed:
    """DATEDIFF(day, a, b): how many borders of the part lie between, not how many whole parts"""
    part, start, end = _part(call, 0), _moment(call, 1), _moment(call, 2)
    if start.kind is Kind.TIME or end.kind is Kind.TIME:
        if part not in TIME_PARTS or start.kind is not end.kind:
            raise unsuitable(part, call.name)
        start, end = (Typed(f"(DATE '1970-01-01' + {each.sql})", NTZ) for each in (start, end))
    start, end = _alike(start, end)
    if part in (Part.WEEK, Part.WEEKISO):
        shift = 0 if part is Part.WEEKISO else _week_shift(call)
        first, last = (_shifted(f"CAST({each.sql} AS DATE)", shift) for each in (start, end))
        return Typed(f"sf_weeks_apart({first}, {last})", _SMALL)
    if part is Part.NANOSECOND:
        return Typed(f"(date_diff('microsecond', {start.sql}, {end.sql}) * 1000)", NUMBER)
    if part not in DATE_PARTS | TIME_PARTS:
        raise unsuitable(part, call.name)
    return Typed(f"date_diff('{part.value.lower()}', {start.sql}, {end.sql})", _SMALL)


def _alike(start: Typed, end: Typed) -> tuple[Typed, Typed]:
    """Two moments as wall clocks of one zone."""
    if {start.kind, end.kind} == {Kind.DATE}:
        return start, end
    if Kind.TIMESTAMP_LTZ in (start.kind, end.kind) or (
        start.kind is not end.kind and Kind.TIMESTAMP_TZ in (start.kind, end.kind)
    ):
        return as_ntz(coerce(start, LTZ)), as_ntz(coerce(end, LTZ))
    if start.kind is Kind.TIMESTAMP_TZ:
        return Typed(f"({start.sql}).utc", NTZ), Typed(f"({end.sql}).utc", NTZ)
    return as_ntz(start), as_ntz(end)


def _week_shift(call: Call) -> int:
    """How many days the week starts after Monday (WEEK_START)."""
    return max(call.compiler.settings.week_start - 1, 0)


def _shifted(date: str, days: int) -> str:
    return f"({date} - {days})" if days else date


@function("MONTHS_BETWEEN", args=2)
def months_between(call: Call) -> Typed:
    """MONTHS_BETWEEN(a, b): whole between equal days or two last days, else in 31sts"""
    left, right = (f"CAST({as_ntz(_moment(call, index)).sql} AS DATE)" for index in (0, 1))
    return Typed(f"sf_months_between({left}, {right})", number(38, 6))


@function("DATE_TRUNC", args=2)
def date_trunc(call: Call) -> Typed:
    """DATE_TRUNC('month', d) → date_trunc('month', d); a DATE stays a DATE"""
    part, value = _part(call, 0), _moment(call, 1)
    if value.kind is Kind.TIME:
        return Typed(f"CAST({_truncated(call, part, f'(DATE {_EPOCH} + {value.sql})')} AS TIME)", value.type)
    if value.kind is Kind.TIMESTAMP_TZ:
        return Typed(f"sf_tz_at({_truncated(call, part, f'sf_wall({value.sql})')}, {value.sql})", TZ)
    if value.kind is Kind.TIMESTAMP_LTZ:
        return Typed(f"CAST({_truncated(call, part, f'CAST({value.sql} AS TIMESTAMP)')} AS TIMESTAMPTZ)", LTZ)
    return Typed(f"CAST({_truncated(call, part, value.sql)} AS {physical(value.type)})", value.type)


_EPOCH = "'1970-01-01'"


def _truncated(call: Call, part: Part, sql: str) -> str:
    if part is Part.WEEK and _week_shift(call):
        shift = _week_shift(call)
        return f"(date_trunc('week', {sql} - to_days({shift})) + to_days({shift}))"
    if part not in DATE_PARTS | TIME_PARTS or part is Part.NANOSECOND:
        raise unsuitable(part, call.name)
    return f"date_trunc('{'week' if part is Part.WEEKISO else part.value.lower()}', {sql})"


_SIMPLE_PARTS = {
    Part.YEAR: "year",
    Part.QUARTER: "quarter",
    Part.MONTH: "month",
    Part.DAY: "day",
    Part.HOUR: "hour",
    Part.MINUTE: "minute",
    Part.SECOND: "second",
    Part.DAYOFYEAR: "dayofyear",
    Part.WEEKISO: "week",
    Part.YEAROFWEEKISO: "isoyear",
    Part.DAYOFWEEKISO: "isodow",
}
_CLOCK = frozenset({Part.HOUR, Part.MINUTE, Part.SECOND, Part.NANOSECOND})
_EPOCHS = {
    Part.EPOCH_SECOND: "sf_floor_div(epoch_us({}), 1000000)",
    Part.EPOCH_MILLISECOND: "sf_floor_div(epoch_us({}), 1000)",
    Part.EPOCH_MICROSECOND: "epoch_us({})",
    Part.EPOCH_NANOSECOND: "(epoch_us({}) * 1000)",
}


def _extracted(call: Call, part: Part, value: Typed) -> Typed:
    """One number out of a moment, as its own zone shows it."""
    if part in _EPOCHS:
        return Typed(_EPOCHS[part].format(_utc(value)), number(19, 0))
    if part in (Part.TIMEZONE_HOUR, Part.TIMEZONE_MINUTE):
        sign = "//" if part is Part.TIMEZONE_HOUR else "%"
        return Typed(f'(({coerce(value, TZ).sql})."offset" {sign} 60)', _SMALL)
    wall = value.sql if value.kind in (Kind.DATE, Kind.TIME) else as_ntz(value).sql
    if value.kind is Kind.TIME and part not in _CLOCK:
        raise unsuitable(part, call.name)
    if part is Part.NANOSECOND:
        return Typed(f"((microsecond({wall}) % 1000000) * 1000)", _SMALL)
    if value.kind is Kind.DATE and part in _CLOCK:
        return Typed(f"{_SIMPLE_PARTS[part]}(CAST({wall} AS TIMESTAMP))", _SMALL)
    if part in _SIMPLE_PARTS:
        return Typed(f"{_SIMPLE_PARTS[part]}({wall})", _SMALL)
    return _weekly(call, part, wall)


def _weekly(call: Call, part: Part, wall: str) -> Typed:
    settings = call.compiler.settings
    if part is Part.DAYOFWEEK:
        if settings.week_start == 0:
            return Typed(f"dayofweek({wall})", _SMALL)
        return Typed(f"((isodow({wall}) - {settings.week_start} + 7) % 7 + 1)", _SMALL)
    if part in (Part.WEEK, Part.YEAROFWEEK):
        if settings.week_of_year_policy or settings.week_start > 1:
            raise unsupported(f"{part.value} with WEEK_OF_YEAR_POLICY or WEEK_START")
        return Typed(f"{'week' if part is Part.WEEK else 'isoyear'}({wall})", _SMALL)
    raise unsuitable(part, call.name)


def _utc(value: Typed) -> str:
    """The instant; a value without a zone counts as UTC."""
    if value.kind is Kind.TIMESTAMP_TZ:
        return f"({value.sql}).utc"
    return f"CAST({value.sql} AS TIMESTAMP)" if value.kind is Kind.DATE else value.sql


@function("DATE_PART", args=2)
def date_part(call: Call) -> Typed:
    """DATE_PART(year, d), EXTRACT(year FROM d) → year(d)"""
    return _extracted(call, _part(call, 0), _moment(call, 1))


_PART_FUNCTIONS = [
    "YEAR",
    "QUARTER",
    "MONTH",
    "WEEK",
    "WEEKOFYEAR",
    "WEEKISO",
    "DAY",
    "DAYOFMONTH",
    "DAYOFWEEK",
    "DAYOFWEEKISO",
    "DAYOFYEAR",
    "YEAROFWEEK",
    "YEAROFWEEKISO",
    "HOUR",
    "MINUTE",
    "SECOND",
]


@function(*_PART_FUNCTIONS, args=1)
def part_function(call: Call) -> Typed:
    """DAYOFWEEK(d) → dayofweek(d): 0 is Sunday while WEEK_START is 0"""
    return _extracted(call, part_of(call.name), _moment(call, 0))


@function("DAYNAME", "MONTHNAME", args=1)
def name_of(call: Call) -> Typed:
    """DAYNAME(d) → 'Mon'"""
    wall = as_ntz(_moment(call, 0)).sql
    return Typed(f"strftime({wall}, '{'%a' if call.name == 'DAYNAME' else '%b'}')", VARCHAR)


@function("LAST_DAY", args=(1, 2))
def last_day(call: Call) -> Typed:
    """LAST_DAY(d, 'month') → last_day(d)"""
    part = _part(call, 1) if call.has(1) else Part.MONTH
    day = f"CAST({as_ntz(_moment(call, 0)).sql} AS DATE)"
    months = {Part.MONTH: 0, Part.QUARTER: 2, Part.YEAR: 11}
    if part in months:
        start = f"date_trunc('{part.value.lower()}', {day})"
        return Typed(f"last_day(CAST({start} + to_months({months[part]}) AS DATE))", DATE)
    if part is Part.WEEK:
        return Typed(f"CAST({_truncated(call, part, day)} + to_days(6) AS DATE)", DATE)
    raise unsuitable(part, call.name)


@function("NEXT_DAY", "PREVIOUS_DAY", args=2)
def next_day(call: Call) -> Typed:
    """NEXT_DAY(d, 'mo'): the first such weekday after d"""
    day = f"CAST({as_ntz(_moment(call, 0)).sql} AS DATE)"
    written = call.arg(1).constant
    names = ("mo", "tu", "we", "th", "fr", "sa", "su")
    if not isinstance(written, str) or written[:2].lower() not in names:
        raise compilation(f"Invalid day of the week: {written}", 1007, "22023")
    wanted = names.index(written[:2].lower()) + 1
    if call.name == "NEXT_DAY":
        return Typed(f"({day} + CAST((({wanted} - isodow({day}) + 6) % 7) + 1 AS INTEGER))", DATE)
    return Typed(f"({day} - CAST(((isodow({day}) - {wanted} + 6) % 7) + 1 AS INTEGER))", DATE)


@function("CONVERT_TIMEZONE", args=(2, 3))
def convert_timezone(call: Call) -> Typed:
    """CONVERT_TIMEZONE('UTC', t) → TIMESTAMP_TZ in that zone; with a source zone NTZ to NTZ"""
    if call.has(2):
        source, target = text(call.arg(0)), text(call.arg(1))
        wall = as_ntz(_moment(call, 2)).sql
        return Typed(f"timezone({target}, timezone({source}, {wall}))", NTZ)
    value = call.arg(1)
    if value.kind is Kind.VARCHAR:
        value = cast(value, TZ)
    instant = coerce(value, LTZ).sql
    zone = call.arg(0)
    return Typed(f"sf_tz_in({instant}, {text(zone)})", TZ, utc=instant if zone.constant == "UTC" else None)


@function("TIME_SLICE", args=(3, 4))
def time_slice(call: Call) -> Typed:
    """TIME_SLICE(t, 15, 'MINUTE', 'END'): slices count from 1970-01-01"""
    value, part = _moment(call, 0), _part(call, 2)
    edge = str(call.arg(3).constant).upper() if call.has(3) else "START"
    length = call.arg(1).constant
    if not isinstance(length, Decimal) or length < 1 or edge not in ("START", "END"):
        raise compilation("TIME_SLICE takes a positive constant and 'START' or 'END'.", 1007, "22023")
    if (
        value.kind is Kind.TIMESTAMP_TZ
        or value.kind is Kind.TIME
        or part not in (DATE_PARTS | TIME_PARTS) - {Part.NANOSECOND}
    ):
        raise unsupported(f"TIME_SLICE of {value.type} by {part.value}")
    if part is Part.WEEK and _week_shift(call):
        raise unsupported("TIME_SLICE by WEEK with WEEK_START")
    wall = as_ntz(value)
    width = "to_" + {
        Part.YEAR: f"months({12 * length})",
        Part.QUARTER: f"months({3 * length})",
        Part.MONTH: f"months({length})",
    }.get(part, _width(part, int(length)))
    origin = "TIMESTAMP '1969-12-29'" if part in (Part.WEEK, Part.WEEKISO) else "TIMESTAMP '1970-01-01'"
    sliced = Typed(f"time_bucket({width}, {wall.sql}, {origin})", NTZ)
    if edge == "END":
        sliced = Typed(f"({sliced.sql} + {width})", NTZ)
    return cast(sliced, value.type)


def _width(part: Part, length: int) -> str:
    match part:
        case Part.WEEK | Part.WEEKISO:
            return f"days({7 * length})"
        case Part.DAY:
            return f"days({length})"
        case Part.MILLISECOND:
            return f"microseconds({1000 * length})"
        case _:
            return f"{part.value.lower()}s({length})"
