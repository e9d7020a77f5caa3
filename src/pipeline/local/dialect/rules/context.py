"""Functions of the session and the clock: markers that are bound when the statement runs."""

from pipeline.local.dialect.registry import Call, function
from pipeline.local.dialect.typed import DATE, LTZ, NTZ, TIME, VARCHAR, Typed
from pipeline.local.errors import compilation

SESSION_VALUES = (
    "CURRENT_DATABASE",
    "CURRENT_SCHEMA",
    "CURRENT_WAREHOUSE",
    "CURRENT_ROLE",
    "CURRENT_USER",
    "CURRENT_ACCOUNT",
    "CURRENT_ACCOUNT_NAME",
    "CURRENT_ORGANIZATION_NAME",
    "CURRENT_REGION",
    "CURRENT_SESSION",
    "CURRENT_VERSION",
    "CURRENT_CLIENT",
    "CURRENT_STATEMENT",
    "CURRENT_TRANSACTION",
    "CURRENT_AVAILABLE_ROLES",
    "CURRENT_SECONDARY_ROLES",
    "CURRENT_ROLE_TYPE",
    "CURRENT_SCHEMAS",
    "CURRENT_IP_ADDRESS",
    "LAST_TRANSACTION",
)
"""Each is a marker of its own name in lower case, bound to a text or NULL."""


@function(*SESSION_VALUES, args=0)
def session_value(call: Call) -> Typed:
    """CURRENT_DATABASE() → $current_database"""
    return Typed(call.compiler.marker(call.name.lower(), "VARCHAR"), VARCHAR)


def _now(call: Call) -> str:
    """The statement's start, the same in every row: the marker `now`, an aware datetime."""
    return call.compiler.marker("now", "TIMESTAMPTZ")


@function("CURRENT_TIMESTAMP", "GETDATE", "LOCALTIMESTAMP", "SYSTIMESTAMP", args=(0, 1))
def current_timestamp(call: Call) -> Typed:
    """CURRENT_TIMESTAMP() → $now; precision 0 cuts the fraction off"""
    now = Typed(_now(call), LTZ)
    if not call.nodes:
        return now
    digits = str(call.arg(0).constant)
    unit = {"0": "second", "3": "millisecond"}.get(digits)
    if unit is None and digits not in "6789":
        raise compilation(f"Invalid precision for {call.name}: {digits}", 1008, "22023")
    return now if unit is None else Typed(f"date_trunc('{unit}', {now.sql})", LTZ)


@function("SYSDATE", args=0)
def sysdate(call: Call) -> Typed:
    """SYSDATE() → the time in UTC, without a zone"""
    return Typed(f"timezone('UTC', {_now(call)})", NTZ)


@function("CURRENT_DATE", args=0)
def current_date(call: Call) -> Typed:
    """CURRENT_DATE → the day in the session's zone"""
    return Typed(f"CAST(CAST({_now(call)} AS TIMESTAMP) AS DATE)", DATE)


@function("CURRENT_TIME", "LOCALTIME", args=(0, 1))
def current_time(call: Call) -> Typed:
    """CURRENT_TIME → the time of day in the session's zone"""
    if call.nodes and str(call.arg(0).constant) not in "6789":
        raise compilation(
            "CURRENT_TIME with a precision below 6 is not supported by the local account.", 391900, "0A000"
        )
    return Typed(f"CAST(CAST({_now(call)} AS TIMESTAMP) AS TIME)", TIME)
