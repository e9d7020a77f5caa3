"""The local account of a project, as the commands may handle it: the floors above see the account only through here."""

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import duckdb

from pipeline.errors import CannotConnect, PipelineError
from pipeline.local import lifecycle
from pipeline.local.engine import Account
from pipeline.local.errors import SnowflakeError
from pipeline.local.folder import AccountFolder, Endpoint, Mode
from pipeline.local.lifecycle import Address, Started, Status

LOCAL_FOLDER = Path(".pipeline") / "local"
"""Where a project keeps its local account."""


def account_folder(root: Path, data: Path | None = None) -> AccountFolder:
    """The account of the project in `root`, or the one kept in the folder `data`."""
    return AccountFolder(data if data is not None else root / LOCAL_FOLDER)


@contextmanager
def opened(folder: AccountFolder, say: Callable[[str], None]) -> Iterator[tuple[Endpoint, bool]]:
    """Where the account answers, and whether it lives in this process and ends with the block.

    Raises CannotConnect when its files cannot be made or opened, PipelineError when they cannot be written at the end.
    """
    with ExitStack() as stack:
        try:
            endpoint = stack.enter_context(lifecycle.attach_or_embed(folder, _account, notify=say))
        except OSError as error:
            what = f"{error.filename or folder.root}: {error.strerror}"
            raise CannotConnect(f"The local account in {folder.root} cannot be opened: {what}.") from error
        close = stack.pop_all().close
    try:
        yield endpoint, endpoint.mode is Mode.EMBEDDED
    finally:
        _closed(folder, close)


def _closed(folder: AccountFolder, close: Callable[[], None]) -> None:
    try:
        close()
    except (duckdb.Error, OSError) as error:
        raise PipelineError(
            f"The local account in {folder.root} cannot be written: {str(error).partition(chr(10))[0]}",
            hint="Make room on the disk, and run the command again: what was committed is not lost.",
        ) from error


def serve(folder: AccountFolder, address: Address, *, expose: bool, ready: Callable[[Endpoint], None]) -> None:
    """Serve the account until SIGTERM or SIGINT; `ready` is told where. Raises as `lifecycle.serve`."""
    lifecycle.serve(folder, _account, ready=ready, address=address, expose=expose)


def start(folder: AccountFolder) -> Started:
    """Serve the account from a process in the background. Raises Locked or CannotConnect."""
    command = [sys.executable, "-m", "pipeline", "local", "serve", "--data", str(folder.root.resolve())]
    return lifecycle.start(folder, command)


def stop(folder: AccountFolder) -> bool:
    """End the server in the background; False if none ran. Raises Locked or CommunicationError."""
    return lifecycle.stop(folder)


def status(folder: AccountFolder) -> Status:
    """Who has the account open, and how big it is."""
    return lifecycle.status(folder)


def reset(folder: AccountFolder) -> bool:
    """Delete the account with all its data; False if there was none. Raises Locked."""
    return lifecycle.reset(folder)


def _account(folder: AccountFolder) -> Account:
    try:
        return Account(folder.root)
    except SnowflakeError as error:
        raise CannotConnect(
            f"The local account in {folder.root} cannot be opened: {error.message}",
            hint="`pipeline local reset` deletes it, with all its data.",
        ) from error


__all__ = [
    "AccountFolder",
    "Address",
    "Endpoint",
    "Mode",
    "Started",
    "Status",
    "account_folder",
    "opened",
    "reset",
    "serve",
    "start",
    "status",
    "stop",
]
