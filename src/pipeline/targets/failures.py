"""The connector's exceptions as the errors a user reads: a test proves that every class of the connector is mapped."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from pipeline.errors import CannotConnect, CommunicationError, PipelineError, StatementFailed

# Numbers that the connector itself gives when the account cannot be reached or has closed the session
# (snowflake/connector/errorcode.py; 3901xx: the session's tokens).
_LOST = frozenset({250001, 250002, 250003, 250005, 251001, 390111, 390112, 390114, 390195})

_ACCOUNTS_OWN = 100
"""The least number that an account gives to a failure of a statement and no connector to one of its own."""

_TRANSPORT = frozenset(
    {
        "BadGatewayError",
        "GatewayTimeoutError",
        "HttpError",
        "OtherHTTPRetryableError",
        "RequestExceedMaxRetryError",
        "RequestTimeoutError",
        "ServiceUnavailableError",
        "TooManyRequests",
    }
)
"""Classes that tell of the way, not of a statement; by name, because not every version of the connector has them."""

_PREFIX = re.compile(r"^(?:\d{6}|------)(?: \([0-9A-Z]{5}\))?: (?:[0-9a-f-]{36}: )?")
"""What the connector writes before the account's text: number, state, sometimes the query id."""


def account_text(error: Exception) -> str:
    """The account's own message, without what the connector writes around it."""
    raw = getattr(error, "raw_msg", None) or getattr(error, "msg", None) or str(error)
    text = _PREFIX.sub("", str(raw)).strip()
    return text or type(error).__name__


@contextmanager
def mapped(*, connecting_to: str | None = None) -> Iterator[None]:
    """Turn what the connector raises inside into `CannotConnect`, `CommunicationError` or `StatementFailed`.

    `connecting_to` says, while a connection is opened, where its parameters come from.
    """
    # Here and not above: the connector is slow to import, and `--help` imports this module through `connect`.
    from snowflake.connector import errors

    try:
        yield
    except (errors.Error, OSError) as error:
        raise mapped_error(error, connecting_to=connecting_to) from error


def mapped_error(error: Exception, *, connecting_to: str | None = None) -> PipelineError:
    """The error a user reads for `error`, an exception of the connector or of the operating system."""
    message = account_text(error)
    if connecting_to is not None:
        return CannotConnect(message, hint=_connection_hint(message), notes=(f"The connection is {connecting_to}.",))
    errno = _number(error)
    if _is_lost(error, errno):
        return CommunicationError(
            f"The connection to the account was lost: {message}",
            hint="Nothing is known of the statement that ran last. Run the command again.",
        )
    return StatementFailed(
        message,
        query_id=getattr(error, "sfqid", None) or None,
        errno=errno,
        sqlstate=getattr(error, "sqlstate", None) or None,
    )


def _number(error: Exception) -> int | None:
    errno = getattr(error, "errno", None)
    return errno if isinstance(errno, int) and errno >= 0 else None


def _is_lost(error: Exception, errno: int | None) -> bool:
    """Whether the account was not heard any more. A refused statement carries a query id or a SQL state of its own."""
    from snowflake.connector import errors

    if errno in _LOST or (errno is not None and 290000 <= errno < 300000):
        return True
    if isinstance(error, OSError):
        return True
    if {kind.__name__ for kind in type(error).__mro__} & _TRANSPORT:
        return True
    if getattr(error, "sfqid", None) is None and errno is not None and errno < _ACCOUNTS_OWN:
        # Connector 5.x counts its own troubles from 1: 6 an answer cut off, 14 none in time.
        return isinstance(error, errors.OperationalError | errors.InterfaceError | errors.InternalError)
    refused = bool(getattr(error, "sfqid", None)) or (errno is not None and errno > 0)
    return isinstance(error, errors.OperationalError | errors.InterfaceError) and not refused


def _connection_hint(message: str) -> str | None:
    lower = message.lower()
    if "connection_name" in lower:
        return "Connections are named in connections.toml of ~/.snowflake or of $SNOWFLAKE_HOME."
    if "writable by group" in lower or "permission" in lower:
        return "chmod 0600 the connections file: it holds secrets."
    return None
