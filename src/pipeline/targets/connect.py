"""The one place that knows which kind of account a target is."""

import os
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any

from pipeline import __version__
from pipeline.project.folder import Environment
from pipeline.project.model import Target
from pipeline.targets.connections import find_connection
from pipeline.targets.failures import mapped
from pipeline.targets.interruptible import interruptible
from pipeline.targets.session import Kind, Session

APPLICATION = "pipeline"
LOGIN_SECONDS = 60
"""How long a login may take before it is an error; the connector alone would try for minutes."""

_TIMEOUTS = ("login_timeout", "network_timeout", "query_timeout", "request_timeout", "socket_timeout")
"""What connector 5 takes from its caller only, and not from the file (5.2.0, measured)."""

# Telemetry is a request of its own at the end of every session.
_SESSION_PARAMETERS = {"QUERY_TAG": f"pipeline {__version__}", "CLIENT_TELEMETRY_ENABLED": False}

Say = Callable[[str], None]


def connect(
    environment: Environment,
    *,
    root: Path,
    connection: str | None = None,
    say: Say,
    environ: Mapping[str, str] = os.environ,
) -> Session:
    """A session with the environment's account, or with the Snowflake connection named in its place.

    The local account is that of the project in `root`: the running one, or one inside this process until the session
    is closed; `say` is told when it has to wait for another command.

    Raises:
        CannotConnect: the account does not let us in, or no connection has that name.
        Locked: another command has the local account open and does not end.
    """
    if connection is None and environment.target is Target.LOCAL:
        return _local(root, say)
    return _snowflake(connection or environment.connection, environ)


def _local(root: Path, say: Say) -> Session:
    # Here and not above: DuckDB and the server are of no use to a command that talks to Snowflake.
    from pipeline.targets.local import account_folder, opened

    with ExitStack() as stack:
        endpoint, embedded = stack.enter_context(opened(account_folder(root), say))
        source = f"the local account in {account_folder(root).root}"
        reopen = partial(open_connection, endpoint.client_parameters(), source)
        opened_connection = reopen()
        # From here on the session closes the account.
        close = stack.pop_all().close
        return Session(opened_connection, Kind.LOCAL, source, embedded=embedded, on_close=close, reopen=reopen)


def _snowflake(name: str | None, environ: Mapping[str, str]) -> Session:
    name = name or environ.get("SNOWFLAKE_DEFAULT_CONNECTION_NAME") or "default"
    found = find_connection(name, environ)
    reopen = partial(open_connection, found.parameters(), found.source, found.in_file)
    return Session(reopen(), Kind.SNOWFLAKE, found.source, reopen=reopen)


def open_connection(
    parameters: Mapping[str, Any], source: str, in_file: Mapping[str, Any] = MappingProxyType({})
) -> Any:
    """The connector's connection with the settings that all of ours have. Raises CannotConnect, naming `source`.

    What the user says `in_file`, which the connector reads by itself, is above our settings.
    """
    import snowflake.connector

    usual: dict[str, Any] = {
        "application": APPLICATION,
        "login_timeout": LOGIN_SECONDS,
        # Connector 5 warns when this is left to its default; no session of ours leaves work running behind it.
        "enable_server_session_keep_alive_auto_detection": False,
    }
    arguments = {
        **{key: value for key, value in usual.items() if key not in in_file},
        **{key: in_file[key] for key in _TIMEOUTS if key in in_file},
        "session_parameters": {**_SESSION_PARAMETERS, **in_file.get("session_parameters", {})},
        **parameters,
    }
    with mapped(connecting_to=source):
        return interruptible(lambda: snowflake.connector.connect(**arguments), _nothing_to_cancel)


def _nothing_to_cancel() -> None:
    """A login that nobody waits for ends by its own time limit."""
