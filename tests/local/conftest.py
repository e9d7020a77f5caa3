"""An account in memory with a clock that stands still."""

from collections.abc import Iterator

import pytest

from local.accounts import START, Client, client, open_account
from pipeline.local.clock import ManualClock
from pipeline.local.engine import Account


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(START)


@pytest.fixture
def account(clock: ManualClock) -> Iterator[Account]:
    account = open_account(clock)
    yield account
    account.close()


@pytest.fixture
def db(account: Account) -> Client:
    """A session in DB.PUBLIC."""
    return client(account)
