"""Session parameters: what each may be, its default, and whether it changes anything here.

Source: docs.snowflake.com/en/sql-reference/parameters. Defaults are those of a new account.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pipeline.local.errors import SnowflakeError, compilation, unsupported


class Effect(Enum):
    """What a parameter does in the local account."""

    WORKS = "works"
    RECORDED = "recorded only"
    FIXED = "only its default is supported"


@dataclass(frozen=True, slots=True)
class Parameter:
    name: str
    default: bool | int | str | None
    effect: Effect
    lowest: int | None = None
    highest: int | None = None


_DAY = 86_400

PARAMETERS: Mapping[str, Parameter] = {
    parameter.name: parameter
    for parameter in (
        Parameter("ABORT_DETACHED_QUERY", False, Effect.RECORDED),
        Parameter("AUTOCOMMIT", True, Effect.WORKS),
        Parameter("BINARY_INPUT_FORMAT", "HEX", Effect.FIXED),
        Parameter("BINARY_OUTPUT_FORMAT", "HEX", Effect.FIXED),
        Parameter("CLIENT_METADATA_REQUEST_USE_CONNECTION_CTX", False, Effect.RECORDED),
        Parameter("CLIENT_PREFETCH_THREADS", 4, Effect.RECORDED, 1, 10),
        Parameter("CLIENT_RESULT_CHUNK_SIZE", 160, Effect.RECORDED, 48, 160),
        Parameter("CLIENT_SESSION_KEEP_ALIVE", False, Effect.RECORDED),
        Parameter("CLIENT_SESSION_KEEP_ALIVE_HEARTBEAT_FREQUENCY", 3600, Effect.RECORDED, 900, 3600),
        Parameter("CLIENT_TELEMETRY_ENABLED", False, Effect.RECORDED),
        Parameter("CLIENT_TIMESTAMP_TYPE_MAPPING", "TIMESTAMP_LTZ", Effect.RECORDED),
        Parameter("DATE_INPUT_FORMAT", "AUTO", Effect.FIXED),
        Parameter("DATE_OUTPUT_FORMAT", "YYYY-MM-DD", Effect.FIXED),
        Parameter("ERROR_ON_NONDETERMINISTIC_MERGE", True, Effect.WORKS),
        Parameter("ERROR_ON_NONDETERMINISTIC_UPDATE", False, Effect.WORKS),
        Parameter("GEOGRAPHY_OUTPUT_FORMAT", "GeoJSON", Effect.RECORDED),
        Parameter("JSON_INDENT", 2, Effect.FIXED, 0, 16),
        Parameter("LOCK_TIMEOUT", 43_200, Effect.WORKS, 0, None),
        Parameter("LOG_LEVEL", "OFF", Effect.RECORDED),
        Parameter("MULTI_STATEMENT_COUNT", 1, Effect.WORKS, 0, None),
        Parameter("PYTHON_CONNECTOR_QUERY_RESULT_FORMAT", "JSON", Effect.RECORDED),
        Parameter("QUERY_TAG", "", Effect.WORKS),
        Parameter("QUOTED_IDENTIFIERS_IGNORE_CASE", False, Effect.FIXED),
        Parameter("ROWS_PER_RESULTSET", 0, Effect.WORKS, 0, None),
        Parameter("STATEMENT_QUEUED_TIMEOUT_IN_SECONDS", 0, Effect.RECORDED, 0, None),
        Parameter("STATEMENT_TIMEOUT_IN_SECONDS", 172_800, Effect.WORKS, 0, 7 * _DAY),
        Parameter("STRICT_JSON_OUTPUT", False, Effect.RECORDED),
        Parameter("TIME_INPUT_FORMAT", "AUTO", Effect.FIXED),
        Parameter("TIME_OUTPUT_FORMAT", "HH24:MI:SS", Effect.FIXED),
        Parameter("TIMESTAMP_DAY_IS_ALWAYS_24H", False, Effect.FIXED),
        Parameter("TIMESTAMP_INPUT_FORMAT", "AUTO", Effect.FIXED),
        Parameter("TIMESTAMP_LTZ_OUTPUT_FORMAT", "", Effect.FIXED),
        Parameter("TIMESTAMP_NTZ_OUTPUT_FORMAT", "YYYY-MM-DD HH24:MI:SS.FF3", Effect.FIXED),
        Parameter("TIMESTAMP_OUTPUT_FORMAT", "YYYY-MM-DD HH24:MI:SS.FF3 TZHTZM", Effect.FIXED),
        Parameter("TIMESTAMP_TYPE_MAPPING", "TIMESTAMP_NTZ", Effect.FIXED),
        Parameter("TIMESTAMP_TZ_OUTPUT_FORMAT", "", Effect.FIXED),
        Parameter("TIMEZONE", "America/Los_Angeles", Effect.WORKS),
        Parameter("TRACE_LEVEL", "OFF", Effect.RECORDED),
        Parameter("TRANSACTION_ABORT_ON_ERROR", False, Effect.FIXED),
        Parameter("TRANSACTION_DEFAULT_ISOLATION_LEVEL", "READ COMMITTED", Effect.FIXED),
        Parameter("TWO_DIGIT_CENTURY_START", 1970, Effect.FIXED, 1900, 2100),
        Parameter("UNSUPPORTED_DDL_ACTION", "ignore", Effect.RECORDED),
        Parameter("USE_CACHED_RESULT", True, Effect.RECORDED),
        Parameter("WEEK_OF_YEAR_POLICY", 0, Effect.FIXED, 0, 1),
        Parameter("WEEK_START", 0, Effect.FIXED, 0, 7),
    )
}

_CLIENT_PREFIXES = ("CLIENT_", "PYTHON_", "JDBC_", "ODBC_", "ENABLE_", "SERVICE_NAME", "QUERY_CONTEXT_")


class Parameters(Mapping[str, object]):
    """A session's parameters: the defaults and what was set over them."""

    def __init__(self) -> None:
        self._set: dict[str, bool | int | str] = {}

    def __getitem__(self, name: str) -> object:
        if name in self._set:
            return self._set[name]
        return PARAMETERS[name].default

    def __iter__(self) -> Iterator[str]:
        return iter(PARAMETERS)

    def __len__(self) -> int:
        return len(PARAMETERS)

    def is_set(self, name: str) -> bool:
        return name in self._set

    def set(self, name: str, value: object) -> None:
        """Set one parameter.

        Raises:
            SnowflakeError: there is no such parameter, the value is not one of its values, or the local account
                supports its default only.
        """
        name = name.upper()
        if name not in PARAMETERS:
            raise compilation(f"invalid property '{name}' for 'SESSION'", 1420, "22023")
        self._set[name] = _value(PARAMETERS[name], value)

    def adopt(self, name: str, value: object) -> None:
        """Like `set`, for what a client sends at login: settings of the client's own are not parameters here."""
        if name.upper() in PARAMETERS:
            self.set(name, value)
        elif not name.upper().startswith(_CLIENT_PREFIXES):
            raise compilation(f"invalid property '{name.upper()}' for 'SESSION'", 1420, "22023")

    def unset(self, name: str) -> None:
        if name.upper() not in PARAMETERS:
            raise compilation(f"invalid property '{name.upper()}' for 'SESSION'", 1420, "22023")
        self._set.pop(name.upper(), None)

    def integer(self, name: str) -> int:
        value = self[name]
        assert isinstance(value, int)
        return value

    def text(self, name: str) -> str:
        return str(self[name])

    def flag(self, name: str) -> bool:
        return self[name] is True


def _value(parameter: Parameter, value: object) -> bool | int | str:
    checked = _typed(parameter, value)
    if parameter.name == "TIMEZONE":
        _check_zone(str(checked))
    same = str(checked).upper() == str(parameter.default).upper()
    if parameter.effect is Effect.FIXED and not same:
        raise unsupported(f"{parameter.name} = {checked}")
    return checked


def _typed(parameter: Parameter, value: object) -> bool | int | str:
    text = str(value)
    if isinstance(parameter.default, bool):
        if text.upper() not in ("TRUE", "FALSE"):
            raise _invalid(parameter, text)
        return text.upper() == "TRUE"
    if isinstance(parameter.default, int):
        try:
            number = int(text)
        except ValueError:
            raise _invalid(parameter, text) from None
        low, high = parameter.lowest, parameter.highest
        if (low is not None and number < low) or (high is not None and number > high):
            raise _invalid(parameter, text)
        return number
    return text


def _check_zone(name: str) -> None:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise SnowflakeError(
            f"SQL compilation error:\ninvalid value [{name}] for parameter 'TIMEZONE'", 1067, "22023"
        ) from None


def _invalid(parameter: Parameter, text: str) -> SnowflakeError:
    return SnowflakeError(
        f"SQL compilation error:\ninvalid value [{text}] for parameter '{parameter.name}'", 1067, "22023"
    )
