"""Sessions beside each other, on a local account."""

from collections.abc import Iterator

import pytest

from pipeline.errors import CannotConnect, PipelineError
from pipeline.targets.connect import open_connection
from pipeline.targets.local import account_folder, opened
from pipeline.targets.pool import Pool
from pipeline.targets.session import Kind, Session


class Account:
    """An account whose new sessions are counted, and may be refused."""

    def __init__(self, parameters: dict[str, object]) -> None:
        self._parameters = parameters
        self.opened = 0
        self.refuses = False

    def connect(self) -> object:
        if self.refuses:
            raise CannotConnect("refused")
        self.opened += 1
        return open_connection(self._parameters, "test")


@pytest.fixture
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Account]:
    with opened(account_folder(tmp_path_factory.mktemp("pool")), print) as (endpoint, _):
        yield Account(dict(endpoint.client_parameters()))


@pytest.fixture
def first(account: Account) -> Iterator[Session]:
    with Session(account.connect(), Kind.LOCAL, "test", reopen=account.connect) as session:
        yield session


def test_sessions_that_are_opened_ahead_are_taken_and_no_more(account: Account, first: Session) -> None:
    pool = Pool(first, 3)
    pool.warm(3)
    seats = [pool.take(()) for _ in range(3)]
    assert account.opened == 3
    assert len({seat.session.run("SELECT CURRENT_SESSION()").value() for seat in seats}) == 3
    for seat in seats:
        pool.give_back(seat)
    assert pool.take(()) in seats
    pool.close()


def test_a_pool_of_one_opens_none_ahead(account: Account, first: Session) -> None:
    pool = Pool(first, 1)
    pool.warm(20)
    assert pool.take(()).session is first
    assert account.opened == 1


def test_what_cannot_be_opened_ahead_is_heard_of_by_who_needs_it(account: Account, first: Session) -> None:
    pool = Pool(first, 3)
    account.refuses = True
    pool.warm(3)
    assert pool.take(()).session is first
    with pytest.raises(CannotConnect):
        pool.take(())


def test_closing_with_the_first_session_ends_it_too(first: Session) -> None:
    pool = Pool(first, 2)
    pool.warm(2)
    pool.close(with_first=True)
    with pytest.raises(PipelineError, match="closed"):
        first.run("SELECT 1")


def test_several_statements_without_their_results_cost_no_row(first: Session) -> None:
    outcomes = first.run_several(["SELECT 1 AS a", "SELECT 2 AS a"], fetch=False)
    assert [(outcome.columns, outcome.rows, outcome.row_count) for outcome in outcomes] == [((), (), None)] * 2
    assert first.run_several(["SELECT 1 AS a", "SELECT 2 AS a"])[1].rows == ((2,),)
