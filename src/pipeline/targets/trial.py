"""Local accounts for tests: each in a folder of its own, on a clock that stands still until it is moved."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pipeline.local.execute  # noqa: F401 - an account imports it with its first statement, each process anew
from pipeline.local import lifecycle
from pipeline.local.clock import ManualClock
from pipeline.local.engine import Account
from pipeline.local.folder import AccountFolder
from pipeline.targets.connect import open_connection
from pipeline.targets.session import Kind, Session


def prepare() -> None:
    """Import the connector, which cannot be done before a process is forked: it starts threads."""
    import snowflake.connector  # noqa: F401


@dataclass(frozen=True, slots=True)
class Trial:
    """An account of a test while it is open."""

    session: Session
    settle: Callable[[float], bool]
    """Waits until no graph of tasks runs; False if that took longer than the seconds given."""


@contextmanager
def trial_account(folder: Path, now: datetime, *, kept: bool = False) -> Iterator[Trial]:
    """The account in `folder`, made if need be, which is open for the block's time; `kept` when it is used again.

    The same server and connector as for every other local account, so that a test sees what a user would. The folder
    of a closed account may be copied: the copy is an account of its own.
    """

    opened: list[Account] = []

    def account(at: AccountFolder) -> Account:
        made = Account(at.root, clock=ManualClock(now), kept=kept)
        # A test's tables are small, and the processors are there for the other tests.
        made.store.cursor().execute("SET threads = 1")
        opened.append(made)
        return made

    with lifecycle.attach_or_embed(AccountFolder(folder), account, notify=_nobody) as endpoint:
        source = "the local account of a test"
        with Session(
            open_connection(endpoint.client_parameters(), source), Kind.LOCAL, source, embedded=True
        ) as session:
            yield Trial(session, opened[0].tasks.drain)


def _nobody(_text: str) -> None:
    """There is nothing to say: no other command knows the folder."""
