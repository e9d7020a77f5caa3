"""Local accounts for tests: each in a folder of its own, on a clock that stands still until it is moved."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from pipeline.local import lifecycle
from pipeline.local.clock import ManualClock
from pipeline.local.engine import Account
from pipeline.local.folder import AccountFolder
from pipeline.targets.connect import open_connection
from pipeline.targets.session import Kind, Session


@contextmanager
def trial_account(folder: Path, now: datetime) -> Iterator[Session]:
    """A session with the account in `folder`, made if need be, which is open for the block's time.

    The same server and connector as for every other local account, so that a test sees what a user would. The folder
    of a closed account may be copied: the copy is an account of its own.
    """

    def account(at: AccountFolder) -> Account:
        return Account(at.root, clock=ManualClock(now))

    with lifecycle.attach_or_embed(AccountFolder(folder), account, notify=_nobody) as endpoint:
        source = "the local account of a test"
        with Session(
            open_connection(endpoint.client_parameters(), source), Kind.LOCAL, source, embedded=True
        ) as session:
            yield session


def _nobody(_text: str) -> None:
    """There is nothing to say: no other command knows the folder."""
