"""The project's local account: a server in the background or in the foreground, its state, its end."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pipeline.commands.workspace import Request, open_workspace
from pipeline.errors import UsageError
from pipeline.project.folder import find_root
from pipeline.project.model import Target
from pipeline.sql.names import quote_literal
from pipeline.targets import local
from pipeline.targets.local import Address, Endpoint

_DURATION = re.compile(r"(\s*[0-9]+\s*[smhd])+\s*", re.IGNORECASE)
"""What SYSTEM$LOCAL_ADVANCE takes."""


@dataclass(frozen=True, slots=True)
class LocalStatus:
    """The account as it is found. `host` and `port` are None when nobody serves it; sizes in bytes."""

    folder: Path
    running: bool
    embedded: bool
    host: str | None
    port: int | None
    pid: int | None
    user: str | None
    database_bytes: int
    already: bool = False


@dataclass(frozen=True, slots=True)
class Advanced:
    """The account's clock after it was moved, and how many graphs ran meanwhile."""

    now: datetime
    graph_runs: int


def start(request: Request) -> LocalStatus:
    """Serve the account in the background, where its tasks run on their schedules. Raises Locked or CannotConnect."""
    folder = local.account_folder(_root(request))
    already = local.start(folder).already
    return _status(folder, already=already)


def stop(request: Request) -> bool:
    """End the server; False if none ran."""
    return local.stop(local.account_folder(_root(request)))


def status(request: Request) -> LocalStatus:
    """Look without changing anything."""
    return _status(local.account_folder(_root(request)))


def reset(request: Request) -> bool:
    """Delete the account with all its data; False if there was none. Raises Locked while somebody has it open."""
    return local.reset(local.account_folder(_root(request)))


def serve(
    request: Request, address: Address, *, data: Path | None, expose: bool, ready: Callable[[Endpoint], None]
) -> None:
    """Serve the project's account, or the one in the folder `data`, until SIGTERM or SIGINT."""
    folder = local.account_folder(Path(), data) if data is not None else local.account_folder(_root(request))
    local.serve(folder, address, expose=expose, ready=ready)


def advance(request: Request, duration: str, say: Callable[[str], None]) -> Advanced:
    """Let time pass in the local account, as `5m` or `1h30m`: what falls due in it runs now.

    Raises UsageError for text that is no duration, and for another target than the local account.
    """
    if not _DURATION.fullmatch(duration):
        raise UsageError(f"'{duration}' is not a duration.", hint="Write it as 90s, 5m, 1h30m or 2d.")
    workspace = open_workspace(request)
    if request.connection is not None or workspace.project.environment.target is not Target.LOCAL:
        raise UsageError(
            f"The environment '{workspace.environment}' is not the local account.",
            hint="Only the local account's clock can be moved: -e local.",
        )
    with workspace.connect(request, say) as session:
        told = session.run(f"SELECT SYSTEM$LOCAL_ADVANCE({quote_literal(duration)})").value()
    answer = json.loads(str(told))
    return Advanced(datetime.fromisoformat(answer["now"]), int(answer["graph_runs"]))


def _root(request: Request) -> Path:
    return find_root(request.project or Path())


def _status(folder: local.AccountFolder, *, already: bool = False) -> LocalStatus:
    found = local.status(folder)
    endpoint = found.endpoint
    return LocalStatus(
        folder=folder.root,
        running=endpoint is not None,
        embedded=endpoint is not None and endpoint.mode is local.Mode.EMBEDDED,
        host=None if endpoint is None else endpoint.host,
        port=None if endpoint is None else endpoint.port,
        pid=None if endpoint is None else endpoint.pid,
        user=None if endpoint is None else endpoint.user,
        database_bytes=found.database_bytes,
        already=already,
    )
