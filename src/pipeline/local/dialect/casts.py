"""Casts, explicit and implied, with Snowflake's errors (docs.snowflake.com/en/sql-reference/data-type-conversion).

A cast from text is two DuckDB expressions: the quick one that gives NULL for what it cannot read, and one that is
reached only then and raises what Snowflake would, or reads the rarer forms.
"""

from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import replace
from decimal import Decimal

from pipeline.local.dialect.formats import render_moment
from pipeline.local.dialect.relations import Settings
from pipeline.local.dialect.typed import (
    LTZ,
    NTZ,
    VARCHAR,
    VARIANT,
    Typed,
    number,
    physical,
)
from pipeline.local.errors import SnowflakeError, compilation
from pipeline.sql.types import DataType, Kind

SESSION: ContextVar[Settings] = ContextVar("SESSION")
"""The settings of the session whose text is being translated: casts to text follow its output formats."""

_UNBOUNDED = 16_777_216

Cast = Callable[[Typed, DataType, bool], str]
"""The value, the target, whether a failure raises: the DuckDB text."""


def cast(value: Typed, target: DataType) -> Typed:
    """`CAST(value AS target)`; what cannot be read raises when it runs."""
    return _cast(value, target, strict=True)


def try_cast(value: Typed, target: DataType) -> Typed:
    """`TRY_CAST`: only from text (docs.snowflake.com/en/sql-reference/functions/try_cast); NULL for what fails."""
    if not value.null and value.kind is not Kind.VARCHAR:
        raise compilation(
            f"Function TRY_CAST cannot be used with arguments of types {value.type} and {target}", 1065, "22023"
        )
    return _cast(value, target, strict=False)


def coerce(value: Typed, target: DataType) -> Typed:
    """The implied cast where a value of another type is expected; values of the right kind stay as they are."""
    if value.kind is target.kind and (target.kind is not Kind.NUMBER or value.scale == (target.scale or 0)):
        return value
    return _cast(value, target, strict=True)


def assign(value: Typed, target: DataType) -> Typed:
    """The value as a column of type `target` stores it: lengths and precision are checked (100078, 100039)."""
    if value.null:
        return Typed(f"CAST(NULL AS {physical(target)})", target)
    return _cast(value, target, strict=True)


def text(value: Typed) -> str:
    """The value as VARCHAR."""
    return coerce(value, VARCHAR).sql


def whole(value: Typed) -> str:
    """The value as a DuckDB BIGINT, rounded half away from zero as Snowflake rounds arguments."""
    if isinstance(value.constant, Decimal) and value.scale == 0:
        return value.sql
    return f"CAST({coerce(value, number(38, 0)).sql} AS BIGINT)"


def _cast(value: Typed, target: DataType, *, strict: bool) -> Typed:
    if value.null:
        return Typed(f"CAST(NULL AS {physical(target)})", target)
    rule = _RULES.get((value.kind, target.kind))
    if rule is None:
        raise _no_cast(value, target)
    return Typed(rule(value, target, strict), target)


def _no_cast(value: Typed, target: DataType) -> SnowflakeError:
    return compilation(
        f"invalid type [CAST({value.type} AS {target})] for parameter 'TO_{target.kind.value}'", 1007, "22023"
    )


def _read(value: Typed, target: DataType, strict: bool, quick: str, failed: str) -> str:
    """Text read by `quick`; where that is NULL and the text is not, `failed` (a macro) raises."""
    return f"coalesce({quick}, CAST({failed}({value.sql}) AS {physical(target)}))" if strict else quick


def _text_to_number(value: Typed, target: DataType, strict: bool) -> str:
    quick = f"TRY_CAST(sf_digits({value.sql}) AS {physical(target)})"
    return _read(value, target, strict, quick, "sf_bad_number")


def _text_to_float(value: Typed, target: DataType, strict: bool) -> str:
    quick = f"TRY_CAST(sf_digits({value.sql}) AS DOUBLE)"
    return _read(value, target, strict, quick, "sf_bad_number")


def _text_to_boolean(value: Typed, target: DataType, strict: bool) -> str:
    return _read(value, target, strict, f"sf_boolean({value.sql})", "sf_bad_boolean")


def _text_to_moment(macro: str, failed: str) -> Cast:
    def rule(value: Typed, target: DataType, strict: bool) -> str:
        return _read(value, target, strict, _rounded(f"{macro}({value.sql})", target), failed)

    return rule


def _rounded(sql: str, target: DataType) -> str:
    """Fraction digits beyond the type's precision are cut off; microseconds are the finest that are kept."""
    digits = 9 if target.precision is None else target.precision
    if digits >= 6 or target.kind is Kind.DATE:
        return sql
    unit = {0: "second", 3: "millisecond"}.get(digits)
    if unit is None or target.kind is Kind.TIMESTAMP_TZ:
        raise compilation(
            f"{target} is not supported by the local account; use 0, 3 or 6 to 9 digits.", 391900, "0A000"
        )
    if target.kind is Kind.TIME:
        return f"CAST(date_trunc('{unit}', DATE '1970-01-01' + {sql}) AS TIME)"
    return f"date_trunc('{unit}', {sql})"


def _same_text(value: Typed, target: DataType, strict: bool) -> str:
    length = target.length or _UNBOUNDED
    if length >= _UNBOUNDED or (value.type.length or _UNBOUNDED) <= length:
        return value.sql
    if isinstance(value.constant, str) and len(value.constant) <= length:
        return value.sql
    return f"{'sf_fit' if strict else 'sf_try_fit'}({value.sql}, {length})"


def _fitted(sql: str, target: DataType, strict: bool) -> str:
    return _same_text(Typed(sql, VARCHAR), target, strict)


def _same(value: Typed, _target: DataType, _strict: bool) -> str:
    return value.sql


def _plain(value: Typed, target: DataType, strict: bool) -> str:
    return f"{'CAST' if strict else 'TRY_CAST'}({value.sql} AS {physical(target)})"


def _same_moment(value: Typed, target: DataType, _strict: bool) -> str:
    if (target.precision or 0) >= (value.type.precision or 9):
        return value.sql
    return _rounded(value.sql, target)


def _number_to_number(value: Typed, target: DataType, strict: bool) -> str:
    return _plain(value, target, strict)


def _number_to_text(value: Typed, target: DataType, strict: bool) -> str:
    return _fitted(f"CAST({value.sql} AS VARCHAR)", target, strict)


def _float_to_text(value: Typed, target: DataType, strict: bool) -> str:
    return _fitted(f"sf_float_text({value.sql})", target, strict)


def _boolean_to_text(value: Typed, target: DataType, strict: bool) -> str:
    return _fitted(f"CAST({value.sql} AS VARCHAR)", target, strict)


def _binary_to_text(value: Typed, target: DataType, strict: bool) -> str:
    return _fitted(f"hex({value.sql})", target, strict)


def _moment_to_text(value: Typed, target: DataType, strict: bool) -> str:
    return _fitted(render_moment(value, default_format(value.kind, SESSION.get())), target, strict)


def default_format(kind: Kind, settings: Settings) -> str:
    """The format in which the session writes a date, time or timestamp."""
    return {
        Kind.DATE: settings.date_output_format,
        Kind.TIME: settings.time_output_format,
        Kind.TIMESTAMP_NTZ: settings.timestamp_ntz_output_format,
        Kind.TIMESTAMP_LTZ: settings.timestamp_ltz_output_format,
        Kind.TIMESTAMP_TZ: settings.timestamp_tz_output_format,
    }[kind]


def _to_boolean(value: Typed, _target: DataType, _strict: bool) -> str:
    return f"({value.sql} <> 0)"


def _number_to_moment(value: Typed, target: DataType, _strict: bool) -> str:
    """A number is seconds since the epoch; its fraction counts."""
    seconds = (
        f"CAST(round({value.sql} * 1000000) AS BIGINT)"
        if value.scale or value.kind is Kind.FLOAT
        else f"(CAST({value.sql} AS BIGINT) * 1000000)"
    )
    if target.kind is Kind.TIMESTAMP_NTZ:
        return f"make_timestamp({seconds})"
    if target.kind is Kind.TIMESTAMP_LTZ:
        return f"sf_instant({seconds})"
    return f"sf_utc_tz(make_timestamp({seconds}))"


def _date_to_ltz(value: Typed, _target: DataType, _strict: bool) -> str:
    return f"CAST(CAST({value.sql} AS TIMESTAMP) AS TIMESTAMPTZ)"


def _date_to_tz(value: Typed, _target: DataType, _strict: bool) -> str:
    return f"sf_session_tz(CAST(CAST({value.sql} AS TIMESTAMP) AS TIMESTAMPTZ))"


def _ntz_to_tz(value: Typed, _target: DataType, _strict: bool) -> str:
    return f"sf_session_tz(CAST({value.sql} AS TIMESTAMPTZ))"


def _ltz_to_tz(value: Typed, _target: DataType, _strict: bool) -> str:
    return f"sf_session_tz({value.sql})"


def _tz_to(outer: str, of_wall: str | None = None) -> Cast:
    """`of_wall` is the same from the wall clock's TIMESTAMP, for a value that is known to be in UTC."""

    def rule(value: Typed, _target: DataType, _strict: bool) -> str:
        if of_wall is not None and value.utc is not None:
            return of_wall.replace("?", f"timezone('UTC', {value.utc})")
        return outer.replace("?", value.sql)

    return rule


def _ltz_to_date(value: Typed, _target: DataType, _strict: bool) -> str:
    return f"CAST(CAST({value.sql} AS TIMESTAMP) AS DATE)"


def _ltz_to_time(value: Typed, _target: DataType, _strict: bool) -> str:
    return f"CAST(CAST({value.sql} AS TIMESTAMP) AS TIME)"


def _to_variant(value: Typed, _target: DataType, _strict: bool) -> str:
    return json_of(value)


def json_of(value: Typed) -> str:
    """The value inside a VARIANT. A date or time becomes its text, as Snowflake shows it inside JSON."""
    match value.kind:
        case _ if value.null:
            return "CAST(NULL AS JSON)"
        case Kind.VARIANT | Kind.OBJECT | Kind.ARRAY:
            return value.sql
        case Kind.NUMBER:
            return f"CAST(CAST({value.sql} AS VARCHAR) AS JSON)"
        case Kind.DATE | Kind.TIME | Kind.TIMESTAMP_NTZ | Kind.TIMESTAMP_LTZ | Kind.TIMESTAMP_TZ | Kind.BINARY:
            return f"to_json({text(value)})"
        case _:
            return f"to_json({value.sql})"


def variant_text(value: Typed) -> str:
    """The unquoted text of a semi-structured value; JSON null gives NULL."""
    return value.path.token_text if value.path else f"({value.sql} ->> '$')"


def _variant_to_text(value: Typed, target: DataType, strict: bool) -> str:
    return _fitted(variant_text(value), target, strict)


def _variant_to(name: str, rule: Cast) -> Cast:
    """Read the unquoted text as text is read; what that cannot read is looked at again with its JSON type."""

    def through_text(value: Typed, target: DataType, _strict: bool) -> str:
        unquoted = Typed(variant_text(value), VARCHAR)
        rare = value.path.rare_text if value.path else value.sql
        return f"coalesce({rule(unquoted, target, False)}, CAST(sf_variant_to_{name}({rare}) AS {physical(target)}))"

    return through_text


def _variant_to_array(value: Typed, _target: DataType, _strict: bool) -> str:
    return f"sf_to_array({value.sql})"


def _variant_to_object(value: Typed, _target: DataType, _strict: bool) -> str:
    return f"sf_to_object({value.sql})"


def _text_to_binary(value: Typed, _target: DataType, strict: bool) -> str:
    return f"unhex({value.sql})" if strict else f"TRY(unhex({value.sql}))"


def _variant_to_binary(value: Typed, target: DataType, strict: bool) -> str:
    return _text_to_binary(Typed(variant_text(value), VARCHAR), target, strict)


_READ_DATE = _text_to_moment("sf_date", "sf_bad_date")
_READ_TIME = _text_to_moment("sf_time", "sf_bad_time")
_READ_NTZ = _text_to_moment("sf_ntz", "sf_bad_timestamp")
_READ_LTZ = _text_to_moment("sf_ltz", "sf_bad_timestamp")
_READ_TZ = _text_to_moment("sf_tz", "sf_bad_timestamp")

_K = Kind
_RULES: dict[tuple[Kind, Kind], Cast] = {
    (_K.VARCHAR, _K.VARCHAR): _same_text,
    (_K.VARCHAR, _K.NUMBER): _text_to_number,
    (_K.VARCHAR, _K.FLOAT): _text_to_float,
    (_K.VARCHAR, _K.BOOLEAN): _text_to_boolean,
    (_K.VARCHAR, _K.DATE): _READ_DATE,
    (_K.VARCHAR, _K.TIME): _READ_TIME,
    (_K.VARCHAR, _K.TIMESTAMP_NTZ): _READ_NTZ,
    (_K.VARCHAR, _K.TIMESTAMP_LTZ): _READ_LTZ,
    (_K.VARCHAR, _K.TIMESTAMP_TZ): _READ_TZ,
    (_K.VARCHAR, _K.VARIANT): _to_variant,
    (_K.VARCHAR, _K.BINARY): _text_to_binary,
    (_K.NUMBER, _K.NUMBER): _number_to_number,
    (_K.NUMBER, _K.FLOAT): _plain,
    (_K.NUMBER, _K.VARCHAR): _number_to_text,
    (_K.NUMBER, _K.BOOLEAN): _to_boolean,
    (_K.NUMBER, _K.TIMESTAMP_NTZ): _number_to_moment,
    (_K.NUMBER, _K.TIMESTAMP_LTZ): _number_to_moment,
    (_K.NUMBER, _K.TIMESTAMP_TZ): _number_to_moment,
    (_K.NUMBER, _K.VARIANT): _to_variant,
    (_K.FLOAT, _K.FLOAT): _same,
    (_K.FLOAT, _K.NUMBER): _plain,
    (_K.FLOAT, _K.VARCHAR): _float_to_text,
    (_K.FLOAT, _K.BOOLEAN): _to_boolean,
    (_K.FLOAT, _K.VARIANT): _to_variant,
    (_K.BOOLEAN, _K.BOOLEAN): _same,
    (_K.BOOLEAN, _K.NUMBER): _plain,
    (_K.BOOLEAN, _K.FLOAT): _plain,
    (_K.BOOLEAN, _K.VARCHAR): _boolean_to_text,
    (_K.BOOLEAN, _K.VARIANT): _to_variant,
    (_K.DATE, _K.DATE): _same,
    (_K.DATE, _K.TIMESTAMP_NTZ): _plain,
    (_K.DATE, _K.TIMESTAMP_LTZ): _date_to_ltz,
    (_K.DATE, _K.TIMESTAMP_TZ): _date_to_tz,
    (_K.DATE, _K.VARCHAR): _moment_to_text,
    (_K.DATE, _K.VARIANT): _to_variant,
    (_K.TIME, _K.TIME): _same_moment,
    (_K.TIME, _K.VARCHAR): _moment_to_text,
    (_K.TIME, _K.VARIANT): _to_variant,
    (_K.TIMESTAMP_NTZ, _K.TIMESTAMP_NTZ): _same_moment,
    (_K.TIMESTAMP_NTZ, _K.TIMESTAMP_LTZ): _plain,
    (_K.TIMESTAMP_NTZ, _K.TIMESTAMP_TZ): _ntz_to_tz,
    (_K.TIMESTAMP_NTZ, _K.DATE): _plain,
    (_K.TIMESTAMP_NTZ, _K.TIME): _plain,
    (_K.TIMESTAMP_NTZ, _K.VARCHAR): _moment_to_text,
    (_K.TIMESTAMP_NTZ, _K.VARIANT): _to_variant,
    (_K.TIMESTAMP_LTZ, _K.TIMESTAMP_LTZ): _same_moment,
    (_K.TIMESTAMP_LTZ, _K.TIMESTAMP_NTZ): _plain,
    (_K.TIMESTAMP_LTZ, _K.TIMESTAMP_TZ): _ltz_to_tz,
    (_K.TIMESTAMP_LTZ, _K.DATE): _ltz_to_date,
    (_K.TIMESTAMP_LTZ, _K.TIME): _ltz_to_time,
    (_K.TIMESTAMP_LTZ, _K.VARCHAR): _moment_to_text,
    (_K.TIMESTAMP_LTZ, _K.VARIANT): _to_variant,
    (_K.TIMESTAMP_TZ, _K.TIMESTAMP_TZ): _same_moment,
    (_K.TIMESTAMP_TZ, _K.TIMESTAMP_NTZ): _tz_to("sf_wall(?)", "?"),
    (_K.TIMESTAMP_TZ, _K.TIMESTAMP_LTZ): _tz_to("timezone('UTC', (?).utc)"),
    (_K.TIMESTAMP_TZ, _K.DATE): _tz_to("CAST(sf_wall(?) AS DATE)", "CAST(? AS DATE)"),
    (_K.TIMESTAMP_TZ, _K.TIME): _tz_to("CAST(sf_wall(?) AS TIME)", "CAST(? AS TIME)"),
    (_K.TIMESTAMP_TZ, _K.VARCHAR): _moment_to_text,
    (_K.TIMESTAMP_TZ, _K.VARIANT): _to_variant,
    (_K.BINARY, _K.BINARY): _same,
    (_K.BINARY, _K.VARCHAR): _binary_to_text,
    (_K.BINARY, _K.VARIANT): _to_variant,
    (_K.VARIANT, _K.VARIANT): _same,
    (_K.VARIANT, _K.VARCHAR): _variant_to_text,
    (_K.VARIANT, _K.NUMBER): _variant_to("number", _text_to_number),
    (_K.VARIANT, _K.FLOAT): _variant_to("number", _text_to_float),
    (_K.VARIANT, _K.BOOLEAN): _variant_to("boolean", _text_to_boolean),
    (_K.VARIANT, _K.DATE): _variant_to("date", _READ_DATE),
    (_K.VARIANT, _K.TIME): _variant_to("time", _READ_TIME),
    (_K.VARIANT, _K.TIMESTAMP_NTZ): _variant_to("timestamp", _READ_NTZ),
    (_K.VARIANT, _K.TIMESTAMP_LTZ): _variant_to("timestamp", _READ_LTZ),
    (_K.VARIANT, _K.TIMESTAMP_TZ): _variant_to("timestamp", _READ_TZ),
    (_K.VARIANT, _K.ARRAY): _variant_to_array,
    (_K.VARIANT, _K.OBJECT): _variant_to_object,
    (_K.VARIANT, _K.BINARY): _variant_to_binary,
    (_K.OBJECT, _K.OBJECT): _same,
    (_K.OBJECT, _K.VARIANT): _same,
    (_K.OBJECT, _K.VARCHAR): _variant_to_text,
    (_K.ARRAY, _K.ARRAY): _same,
    (_K.ARRAY, _K.VARIANT): _same,
    (_K.ARRAY, _K.VARCHAR): _variant_to_text,
}
"""What is not here Snowflake does not cast either (or, for types the local account lacks, not yet)."""


def instant(value: Typed) -> Typed:
    """A timestamp as something that compares: TIMESTAMP_TZ as its instant, the others as they are."""
    return cast(value, LTZ) if value.kind is Kind.TIMESTAMP_TZ else value


def as_ntz(value: Typed) -> Typed:
    """A date or timestamp as the wall clock that its own zone shows."""
    return coerce(value, NTZ)


def as_variant(value: Typed) -> Typed:
    return replace(value, type=VARIANT) if value.is_json else cast(value, VARIANT)
