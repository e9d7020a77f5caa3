"""Parts of dates and times, by all their names, and moving by them."""

from enum import Enum

from pipeline.local.dialect.casts import coerce
from pipeline.local.dialect.typed import NTZ, Typed
from pipeline.local.errors import SnowflakeError, compilation
from pipeline.sql.types import TIMESTAMPS, Kind


class Part(Enum):
    """docs.snowflake.com/en/sql-reference/functions-date-time#supported-date-and-time-parts"""

    YEAR = "YEAR"
    QUARTER = "QUARTER"
    MONTH = "MONTH"
    WEEK = "WEEK"
    WEEKISO = "WEEKISO"
    DAY = "DAY"
    DAYOFWEEK = "DAYOFWEEK"
    DAYOFWEEKISO = "DAYOFWEEKISO"
    DAYOFYEAR = "DAYOFYEAR"
    YEAROFWEEK = "YEAROFWEEK"
    YEAROFWEEKISO = "YEAROFWEEKISO"
    HOUR = "HOUR"
    MINUTE = "MINUTE"
    SECOND = "SECOND"
    MILLISECOND = "MILLISECOND"
    MICROSECOND = "MICROSECOND"
    NANOSECOND = "NANOSECOND"
    EPOCH_SECOND = "EPOCH_SECOND"
    EPOCH_MILLISECOND = "EPOCH_MILLISECOND"
    EPOCH_MICROSECOND = "EPOCH_MICROSECOND"
    EPOCH_NANOSECOND = "EPOCH_NANOSECOND"
    TIMEZONE_HOUR = "TIMEZONE_HOUR"
    TIMEZONE_MINUTE = "TIMEZONE_MINUTE"


_NAMES: dict[Part, str] = {
    Part.YEAR: "YEAR Y YY YYY YYYY YR YEARS YRS",
    Part.QUARTER: "QUARTER Q QTR QTRS QUARTERS",
    Part.MONTH: "MONTH MM MON MONS MONTHS",
    Part.WEEK: "WEEK W WK WEEKOFYEAR WOY WY WEEKS",
    Part.WEEKISO: "WEEK_ISO WEEKISO WEEKOFYEARISO WEEKOFYEAR_ISO",
    Part.DAY: "DAY D DD DAYS DAYOFMONTH",
    Part.DAYOFWEEK: "DAYOFWEEK WEEKDAY DOW DW",
    Part.DAYOFWEEKISO: "DAYOFWEEKISO WEEKDAY_ISO DOW_ISO DW_ISO DAYOFWEEK_ISO",
    Part.DAYOFYEAR: "DAYOFYEAR YEARDAY DOY DY",
    Part.YEAROFWEEK: "YEAROFWEEK",
    Part.YEAROFWEEKISO: "YEAROFWEEKISO",
    Part.HOUR: "HOUR H HH HR HOURS HRS",
    Part.MINUTE: "MINUTE M MI MIN MINUTES MINS",
    Part.SECOND: "SECOND S SEC SECONDS SECS",
    Part.MILLISECOND: "MILLISECOND MS MSEC MILLISECONDS",
    Part.MICROSECOND: "MICROSECOND US USEC MICROSECONDS",
    Part.NANOSECOND: "NANOSECOND NS NSEC NANOSEC NSECOND NANOSECONDS NANOSECS NSECONDS",
    Part.EPOCH_SECOND: "EPOCH_SECOND EPOCH EPOCH_SECONDS",
    Part.EPOCH_MILLISECOND: "EPOCH_MILLISECOND EPOCH_MILLISECONDS",
    Part.EPOCH_MICROSECOND: "EPOCH_MICROSECOND EPOCH_MICROSECONDS",
    Part.EPOCH_NANOSECOND: "EPOCH_NANOSECOND EPOCH_NANOSECONDS",
    Part.TIMEZONE_HOUR: "TIMEZONE_HOUR TZH",
    Part.TIMEZONE_MINUTE: "TIMEZONE_MINUTE TZM",
}
_PARTS = {name: part for part, names in _NAMES.items() for name in names.split()}

DATE_PARTS = frozenset({Part.YEAR, Part.QUARTER, Part.MONTH, Part.WEEK, Part.WEEKISO, Part.DAY})
TIME_PARTS = frozenset({Part.HOUR, Part.MINUTE, Part.SECOND, Part.MILLISECOND, Part.MICROSECOND, Part.NANOSECOND})

_MOVES = {
    Part.YEAR: "to_months(12 * {})",
    Part.QUARTER: "to_months(3 * {})",
    Part.MONTH: "to_months({})",
    Part.WEEK: "to_days(7 * {})",
    Part.WEEKISO: "to_days(7 * {})",
    Part.DAY: "to_days({})",
    Part.HOUR: "to_hours({})",
    Part.MINUTE: "to_minutes({})",
    Part.SECOND: "to_microseconds(1000000 * {})",
    Part.MILLISECOND: "to_microseconds(1000 * {})",
    Part.MICROSECOND: "to_microseconds({})",
}


def part_of(name: str) -> Part:
    """The part by any of its names. Raises SnowflakeError 001007 for a name that Snowflake does not have."""
    part = _PARTS.get(name.upper())
    if part is None:
        raise compilation(f"'{name.upper()}' is not a valid date/time component.", 1007, "22023")
    return part


def unsuitable(part: Part, function: str) -> SnowflakeError:
    return compilation(f"'{part.value}' is not a valid date/time component for function {function}.", 1007, "22023")


def moved(value: Typed, part: Part, amount: str) -> Typed:
    """The moment plus `amount` (DuckDB integer text) parts. A DATE stays a DATE unless it moves by a time part."""
    move = _MOVES.get(part)
    if move is None:
        raise unsuitable(part, "DATEADD")
    whole = f"CAST({amount} AS {'INTEGER' if part in DATE_PARTS else 'BIGINT'})"
    step = move.format(whole)
    match value.kind:
        case Kind.DATE if part in DATE_PARTS:
            return Typed(f"CAST({value.sql} + {step} AS DATE)", value.type)
        case Kind.TIME if part in TIME_PARTS:
            return Typed(f"CAST(DATE '1970-01-01' + {value.sql} + {step} AS TIME)", value.type)
        case Kind.TIMESTAMP_TZ:
            return Typed(f"sf_tz_moved({value.sql}, {step})", value.type)
        case kind if kind in TIMESTAMPS:
            return Typed(f"({value.sql} + {step})", value.type)
        case _:
            return Typed(f"({coerce(value, NTZ).sql} + {step})", NTZ)
