"""Dates and times made from parts, texts and numbers (…/sql-reference/functions-conversion)."""

from decimal import Decimal

from pipeline.local.dialect.casts import cast, coerce, whole
from pipeline.local.dialect.formats import strptime_format
from pipeline.local.dialect.registry import Call, function
from pipeline.local.dialect.rules.numbers import tried
from pipeline.local.dialect.typed import DATE, LTZ, NTZ, NUMBER, TIME, TZ, VARCHAR, Typed, physical, text_literal
from pipeline.local.errors import compilation, unsupported
from pipeline.sql.types import DataType, Kind


@function("DATE_FROM_PARTS", "DATEFROMPARTS", args=3)
def date_from_parts(call: Call) -> Typed:
    """DATE_FROM_PARTS(2024, 14, 0): parts beyond their range count on"""
    year, month, day = (f"CAST({whole(each)} AS INTEGER)" for each in call.args())
    return Typed(f"sf_date_parts({year}, {month}, {day})", DATE)


_FROM_PARTS = [
    "TIMESTAMP_FROM_PARTS",
    "TIMESTAMPFROMPARTS",
    "TIMESTAMP_NTZ_FROM_PARTS",
    "TIMESTAMPNTZFROMPARTS",
    "TIMESTAMP_LTZ_FROM_PARTS",
    "TIMESTAMPLTZFROMPARTS",
]


@function(*_FROM_PARTS, args=(6, 7))
def timestamp_from_parts(call: Call) -> Typed:
    """TIMESTAMP_NTZ_FROM_PARTS(2024, 1, 31, 12, 0, 0)"""
    year, month, day, hour, minute, second, *rest = (f"CAST({whole(each)} AS INTEGER)" for each in call.args())
    nanoseconds = f" + to_microseconds({rest[0]} // 1000)" if rest else ""
    moment = (
        f"(sf_date_parts({year}, {month}, {day}) + to_hours({hour}) + to_minutes({minute}) + "
        f"to_microseconds(1000000 * {second}){nanoseconds})"
    )
    return cast(Typed(moment, NTZ), LTZ) if "LTZ" in call.name else Typed(moment, NTZ)


@function("TIME_FROM_PARTS", "TIMEFROMPARTS", args=(3, 4))
def time_from_parts(call: Call) -> Typed:
    """TIME_FROM_PARTS(12, 34, 56)"""
    hour, minute, second, *rest = (f"CAST({whole(each)} AS INTEGER)" for each in call.args())
    nanoseconds = f" + to_microseconds({rest[0]} // 1000)" if rest else ""
    seconds = f"to_microseconds(1000000 * {second}){nanoseconds}"
    moment = f"DATE '1970-01-01' + to_hours({hour}) + to_minutes({minute}) + {seconds}"
    return Typed(f"CAST({moment} AS TIME)", TIME)


def _converted(call: Call, target: DataType, *, strict: bool) -> Typed:
    """TO_DATE, TO_TIMESTAMP… from a text, perhaps in a format, from a number of seconds with a scale, or a moment."""
    value = call.arg(0)
    if not call.has(1):
        return cast(value, target) if strict else tried(call, target)
    option = call.arg(1)
    if isinstance(option.constant, Decimal):
        return _from_epoch(value, int(option.constant), target)
    if not isinstance(option.constant, str):
        raise unsupported(f"{call.name} with a format that is not a constant")
    if value.is_json:
        value = cast(value, VARCHAR)
    if value.kind is not Kind.VARCHAR:
        return cast(value, target)
    if option.constant.upper() == "AUTO":
        return cast(value, target) if strict else tried(call, target)
    return _in_format(value, option.constant, target, strict=strict)


def _from_epoch(value: Typed, scale: int, target: DataType) -> Typed:
    if not 0 <= scale <= 9:
        raise compilation(f"Invalid scale {scale}: it is 0 to 9.", 1008, "22023")
    digits = coerce(value, NUMBER).sql
    microseconds = (
        f"(CAST({digits} AS BIGINT) * {10 ** (6 - scale)})"
        if scale <= 6
        else f"sf_floor_div(CAST({digits} AS BIGINT), {10 ** (scale - 6)})"
    )
    if target.kind is Kind.TIMESTAMP_LTZ:
        return Typed(f"sf_instant({microseconds})", LTZ)
    utc = Typed(f"make_timestamp({microseconds})", NTZ)
    return Typed(f"sf_utc_tz({utc.sql})", TZ) if target.kind is Kind.TIMESTAMP_TZ else cast(utc, target)


def _in_format(value: Typed, written: str, target: DataType, *, strict: bool) -> Typed:
    pattern = strptime_format(written)
    read = f"try_strptime({value.sql}, {text_literal(pattern)})"
    if "%z" in pattern:
        if target.kind is Kind.TIMESTAMP_TZ:
            shown = f"sf_tz_zoned({read}, {value.sql})"
        elif target.kind is Kind.TIMESTAMP_LTZ:
            shown = read
        else:
            raise unsupported(f"A format with a time zone for {target}")
    else:
        shown = cast(Typed(read, NTZ), target).sql
    if not strict:
        return Typed(shown, target)
    failed = {Kind.DATE: "sf_bad_date", Kind.TIME: "sf_bad_time"}.get(target.kind, "sf_bad_timestamp")
    return Typed(f"coalesce({shown}, CAST({failed}({value.sql}) AS {physical(target)}))", target)


_TARGETS = {
    "DATE": DATE,
    "TIME": TIME,
    "TIMESTAMP_NTZ": NTZ,
    "TIMESTAMP_LTZ": LTZ,
    "TIMESTAMP_TZ": TZ,
}


def _target_of(call: Call) -> DataType:
    name = call.name.removeprefix("TRY_").removeprefix("TO_")
    if name == "TIMESTAMP":
        return DataType(call.compiler.settings.timestamp_type_mapping, precision=9)
    return _TARGETS[name]


@function(
    "TO_DATE",
    "DATE",
    "TO_TIME",
    "TIME",
    "TO_TIMESTAMP",
    "TO_TIMESTAMP_NTZ",
    "TO_TIMESTAMP_LTZ",
    "TO_TIMESTAMP_TZ",
    args=(1, 2),
)
def to_moment(call: Call) -> Typed:
    """TO_DATE('2024-01-31') → CAST('2024-01-31' AS DATE)"""
    return _converted(call, _target_of(call), strict=True)


@function(
    "TRY_TO_DATE",
    "TRY_TO_TIME",
    "TRY_TO_TIMESTAMP",
    "TRY_TO_TIMESTAMP_NTZ",
    "TRY_TO_TIMESTAMP_LTZ",
    "TRY_TO_TIMESTAMP_TZ",
    args=(1, 2),
)
def try_to_moment(call: Call) -> Typed:
    """TRY_TO_DATE('x') → NULL"""
    return _converted(call, _target_of(call), strict=False)
