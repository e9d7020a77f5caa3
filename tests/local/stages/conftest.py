"""An account on disk, for stages are folders. It is opened once a module, and each test has a database of its own."""

import itertools
from collections.abc import Iterator

import pytest

from local.accounts import START, Client, client
from pipeline.local.clock import ManualClock
from pipeline.local.engine import Account

_NUMBERS = itertools.count()


@pytest.fixture(scope="module")
def clock() -> ManualClock:
    return ManualClock(START)


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory, clock: ManualClock) -> Iterator[Account]:
    account = Account(tmp_path_factory.mktemp("account"), clock=clock)
    yield account
    account.close()


@pytest.fixture
def db(account: Account) -> Iterator[Client]:
    """A session in a database of its own, with a stage ST."""
    opened = client(account, database=f"DB{next(_NUMBERS)}")
    opened.run("CREATE STAGE st")
    yield opened
    opened.session.close()
