"""The lock of deploys, on a local account that several sessions reach."""

import threading
from collections.abc import Iterator

import pytest

from pipeline.targets.connect import open_connection
from pipeline.targets.history import Place
from pipeline.targets.local import account_folder, opened
from pipeline.targets.lock import Claim, beat, holder, last_deploy, release, take
from pipeline.targets.session import Kind, Session

PLACE = Place("LOCKED", "p", "local")


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    folder = account_folder(tmp_path_factory.mktemp("lock"))
    with opened(folder, print) as (endpoint, embedded):
        parameters = endpoint.client_parameters()
        with Session(
            open_connection(parameters, "test"),
            Kind.LOCAL,
            "test",
            embedded=embedded,
            reopen=lambda: open_connection(parameters, "test"),
        ) as session:
            session.run("CREATE DATABASE locked")
            yield session


@pytest.fixture
def session(account: Session) -> Session:
    account.run(f"DROP SCHEMA IF EXISTS {PLACE.schema}")
    account.run_several(PLACE.creation(), fetch=False)
    return account


def claim(owner: str, after: str | None = None, ttl: int = 60) -> Claim:
    return Claim(owner, "somebody", "somewhere", after, ttl)


def test_one_has_it_until_it_is_given_back(session: Session) -> None:
    assert take(session, PLACE, claim("one"))
    assert not take(session, PLACE, claim("two", after="one"))
    found = holder(session, PLACE)
    assert found is not None
    assert (found.owner, found.user, found.host, found.dead) == ("one", "somebody", "somewhere", False)
    assert release(session, PLACE, "one")
    assert holder(session, PLACE) is None
    assert take(session, PLACE, claim("two", after="one"))


def test_a_plan_that_does_not_know_the_last_deploy_gets_no_lock(session: Session) -> None:
    take(session, PLACE, claim("one"))
    release(session, PLACE, "one")
    assert not take(session, PLACE, claim("two"))
    assert last_deploy(session, PLACE) == "one"


def test_the_lock_of_a_dead_holder_is_taken_over_and_the_dead_one_hears_of_it(session: Session) -> None:
    assert take(session, PLACE, claim("one", ttl=60))
    session.run(f"UPDATE {PLACE.lock} SET HEARTBEAT_AT = DATEADD('second', -61, HEARTBEAT_AT)")
    found = holder(session, PLACE)
    assert found is not None
    assert found.dead
    assert take(session, PLACE, claim("two", after="one"))
    assert not beat(session, PLACE, "one")
    assert not release(session, PLACE, "one")
    assert beat(session, PLACE, "two")


def test_of_eight_that_race_one_wins(session: Session) -> None:
    winners: list[str] = []
    start = threading.Barrier(8)

    def race(owner: str) -> None:
        with session.another() as own:
            start.wait()
            own.run_several(PLACE.creation(), fetch=False)
            if take(own, PLACE, claim(owner)):
                winners.append(owner)

    threads = [threading.Thread(target=race, args=(f"racer-{number}",)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(winners) == 1
    assert session.run(f"SELECT COUNT(*) FROM {PLACE.lock}").value() == 1
