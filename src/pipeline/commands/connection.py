"""Whether the target answers, and as whom it knows us."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from pipeline.commands.workspace import Request, open_workspace


@dataclass(frozen=True, slots=True)
class ConnectionInfo:
    """What a session with the target is; times in seconds."""

    environment: str
    kind: str
    source: str
    account: str | None
    user: str | None
    role: str | None
    warehouse: str | None
    database: str | None
    version: str | None
    login_seconds: float
    query_seconds: float


def connection_test(request: Request, say: Callable[[str], None]) -> ConnectionInfo:
    """Log in and ask who we are. Raises CannotConnect when the target does not let us in."""
    workspace = open_workspace(request)
    began = time.perf_counter()
    with workspace.connect(request, say) as session:
        login_seconds = time.perf_counter() - began
        outcome = session.run(
            "SELECT CURRENT_ACCOUNT(), CURRENT_USER(), CURRENT_ROLE(), CURRENT_WAREHOUSE(), CURRENT_DATABASE(),"
            " CURRENT_VERSION()"
        )
        account, user, role, warehouse, database, version = (
            None if value is None else str(value) for value in outcome.rows[0]
        )
        return ConnectionInfo(
            environment=workspace.environment,
            kind=session.kind,
            source=session.source,
            account=account,
            user=user,
            role=role,
            warehouse=warehouse,
            database=database,
            version=version,
            login_seconds=login_seconds,
            query_seconds=outcome.seconds,
        )
