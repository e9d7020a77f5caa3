"""What the dialect's markers stand for: the present, the current names, bound values."""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from pipeline.local.errors import SnowflakeError
from pipeline.local.protocol import Binding

if TYPE_CHECKING:
    from pipeline.local.session import Session

VERSION = "9.40.0"
"""The release whose behaviour the local account follows, as CURRENT_VERSION() gives it."""
ACCOUNT = "LOCAL"

_VALUES: dict[str, Callable[["Session"], object]] = {
    "now": lambda session: session.now(),
    "current_database": lambda session: session.database,
    "current_schema": lambda session: session.schema,
    "current_warehouse": lambda session: session.warehouse,
    "current_role": lambda session: session.role,
    "current_user": lambda session: session.context.user,
    "current_account": lambda _: ACCOUNT,
    "current_account_name": lambda _: ACCOUNT,
    "current_organization_name": lambda _: "LOCAL",
    "current_region": lambda _: "LOCAL",
    "current_version": lambda _: VERSION,
    "current_client": lambda session: session.context.application,
    "current_session": lambda session: str(session.id),
    "current_transaction": lambda session: str(session.transaction.id) if session.transaction else None,
    "current_statement": lambda session: session.running.text if session.running else "",
    "current_timezone": lambda session: session.parameters.text("TIMEZONE"),
    "current_secondary_roles": lambda session: session.context.secondary_roles,
}


def marker_value(session: "Session", marker: str, bindings: Mapping[str, Binding]) -> object:
    """The value of one marker in the running statement."""
    if marker.startswith("b_"):
        return bound_value(bindings[marker.removeprefix("b_")])
    return _VALUES[marker](session)


def bound_value(binding: Binding) -> object:
    """A bound value as Python's own.

    Raises:
        SnowflakeError: the client sent an array where one value belongs, or a value that is not of its type.
    """
    value = binding.value
    if value is None:
        return None
    if isinstance(value, tuple):
        raise SnowflakeError("Array binding is only supported in INSERT … VALUES.", 391900, "0A000")
    reader = _READERS.get(binding.type.upper(), str)
    try:
        return reader(value)
    except (ValueError, ArithmeticError) as error:
        raise SnowflakeError(f"Bound value '{value}' is not a {binding.type}", 100038, "22018") from error


def _number(text: str) -> object:
    return Decimal(text) if "." in text or "e" in text.lower() else int(text)


def _moment(text: str) -> datetime:
    """Nanoseconds since 1970."""
    return datetime.fromtimestamp(0, UTC) + timedelta(microseconds=int(text) // 1000)


def _zoned(text: str) -> datetime:
    """Nanoseconds, then a blank and the offset in minutes + 1440."""
    return _moment(text.split(" ")[0])


def _day(text: str) -> date:
    """Milliseconds since 1970."""
    return (datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=int(text))).date()


def _clock_time(text: str) -> time:
    """Nanoseconds since midnight."""
    return (datetime.min + timedelta(microseconds=int(text) // 1000)).time()


_READERS: dict[str, Callable[[str], object]] = {
    "FIXED": _number,
    "REAL": float,
    "BOOLEAN": lambda text: text.lower() in ("true", "1"),
    "DATE": _day,
    "TIME": _clock_time,
    "TIMESTAMP_NTZ": lambda text: _moment(text).replace(tzinfo=None),
    "TIMESTAMP_LTZ": _moment,
    "TIMESTAMP_TZ": _zoned,
    "BINARY": bytes.fromhex,
}
