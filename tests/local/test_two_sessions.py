"""Two sessions at once: one writes, the others wait or read on."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from local.accounts import Client, client
from pipeline.local.clock import ManualClock
from pipeline.local.engine import Account
from pipeline.local.errors import SnowflakeError


@pytest.fixture
def other(account: Account, db: Client) -> Client:
    """A second session in DB.PUBLIC, where `db` has made the table T with its stream S."""
    db.run("CREATE TABLE t (id INT)", "CREATE STREAM s ON TABLE t", "CREATE TABLE sink (id INT)")
    return client(account, user="OTHER")


def test_readers_go_on_while_another_writes(db: Client, other: Client) -> None:
    db.run("BEGIN", "INSERT INTO t VALUES (1)")
    assert other.rows("SELECT id FROM t") == []
    assert db.rows("SELECT id FROM t") == [(1,)]
    db.run("COMMIT")
    assert other.rows("SELECT id FROM t") == [(1,)]


def test_a_writer_waits_up_to_lock_timeout(db: Client, other: Client) -> None:
    db.run("BEGIN", "INSERT INTO t VALUES (1)")
    other.run("ALTER SESSION SET LOCK_TIMEOUT = 1")
    started = time.monotonic()
    assert other.error("INSERT INTO t VALUES (2)").errno == 625
    assert time.monotonic() - started >= 1
    db.run("COMMIT")
    other.run("INSERT INTO t VALUES (2)")
    assert sorted(db.rows("SELECT id FROM t")) == [(1,), (2,)]


def test_a_waiting_writer_goes_on_when_the_first_commits(db: Client, other: Client) -> None:
    db.run("BEGIN", "INSERT INTO t VALUES (1)")
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(other.run, "INSERT INTO t SELECT COUNT(*) + 10 FROM t")
        time.sleep(0.1)
        assert not waiting.done()
        db.run("COMMIT")
        waiting.result(timeout=5)
    # A later statement sees what others committed meanwhile.
    assert sorted(db.rows("SELECT id FROM t")) == [(1,), (11,)]


def test_no_row_is_lost_when_the_earlier_transaction_commits_last(db: Client, other: Client) -> None:
    """The order of BEGIN is not the order of writes: offsets follow commits."""
    db.run("BEGIN")
    assert db.rows("SELECT id FROM t") == []
    other.run("INSERT INTO t VALUES (1)")
    other.run("INSERT INTO sink SELECT id FROM s")
    db.run("INSERT INTO t VALUES (2)", "COMMIT")
    other.run("INSERT INTO sink SELECT id FROM s")
    assert sorted(other.rows("SELECT id FROM sink")) == [(1,), (2,)]


def test_changes_committed_after_begin_stay_for_the_next_read(db: Client, other: Client) -> None:
    other.run("INSERT INTO t VALUES (1)")
    db.run("BEGIN")
    other.run("INSERT INTO t VALUES (2)")
    db.run("INSERT INTO sink SELECT id FROM s", "COMMIT")
    assert db.rows("SELECT id FROM sink") == [(1,)]
    assert db.rows("SELECT id FROM s") == [(2,)]


def test_two_consumers_of_one_stream_never_get_a_row_twice(db: Client, other: Client) -> None:
    other.run("INSERT INTO t VALUES (1)")
    db.run("BEGIN")
    assert db.rows("SELECT id FROM s") == [(1,)]
    other.run("INSERT INTO sink SELECT id FROM s")
    db.run("INSERT INTO sink SELECT id FROM s", "COMMIT")
    assert other.rows("SELECT id FROM sink") == [(1,)]


def test_an_idle_transaction_that_others_wait_for_is_rolled_back(db: Client, other: Client, clock: ManualClock) -> None:
    db.run("BEGIN", "INSERT INTO t VALUES (1)")
    clock.advance(timedelta(minutes=6))
    other.run("INSERT INTO t VALUES (2)")
    assert other.rows("SELECT id FROM t") == [(2,)]
    # The transaction is gone, and nobody may take it for committed.
    for statement in ("COMMIT", "BEGIN", "INSERT INTO t VALUES (3)", "CREATE TABLE late (id INT)"):
        error = db.error(statement)
        assert error.errno == 391902
        assert "It was rolled back, as another session waited for it" in error.message
    db.run("ROLLBACK", "COMMIT")
    assert db.rows("SELECT id FROM t") == [(2,)]
    db.run("INSERT INTO t VALUES (4)")
    assert other.value("SELECT COUNT(*) FROM t") == 2


def test_a_session_that_ends_lets_the_others_write(db: Client, other: Client) -> None:
    db.run("BEGIN", "INSERT INTO t VALUES (1)")
    db.session.close()
    other.run("INSERT INTO t VALUES (2)")
    assert other.rows("SELECT id FROM t") == [(2,)]


def test_many_sessions_write_at_once(account: Account, db: Client, other: Client) -> None:
    del other

    def work(number: int) -> None:
        session = client(account, user=f"W{number}")
        for step in range(5):
            session.run(f"INSERT INTO t VALUES ({number * 100 + step})")
        session.session.close()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(8)))
    assert db.value("SELECT COUNT(DISTINCT id) FROM s") == 40


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE DATABASE IF NOT EXISTS made",
        "CREATE SCHEMA IF NOT EXISTS db.made",
        "CREATE TABLE IF NOT EXISTS made (a INT)",
        "CREATE OR REPLACE TABLE made (a INT)",
        "CREATE OR ALTER TABLE made (a INT)",
        "CREATE VIEW IF NOT EXISTS made AS SELECT 1 AS a",
        "CREATE STAGE IF NOT EXISTS made",
        "CREATE STREAM IF NOT EXISTS made ON TABLE t",
        "CREATE TASK IF NOT EXISTS made AS SELECT 1",
        "CREATE PROCEDURE IF NOT EXISTS made() RETURNS INT AS 'BEGIN RETURN 1; END'",
    ],
)
def test_all_may_make_what_is_not_there(account: Account, db: Client, other: Client, statement: str) -> None:
    """Each looks, and waits for its turn to write; but the first makes the object."""
    db.run("BEGIN", "INSERT INTO t VALUES (1)")
    sessions = [other, client(account, user="THIRD")]
    with ThreadPoolExecutor(2) as pool:
        waiting = [pool.submit(each.run, statement) for each in sessions]
        time.sleep(0.2)
        assert not any(each.done() for each in waiting)
        db.run("COMMIT")
        for each in waiting:
            each.result(timeout=5)


def test_abort_stops_a_running_statement(db: Client) -> None:
    errors: list[SnowflakeError] = []

    def work() -> None:
        errors.append(db.error("SELECT SYSTEM$WAIT(30)"))

    thread = threading.Thread(target=work)
    thread.start()
    for _ in range(200):
        running = db.session.running
        if running is not None and db.session.abort(running.query_id):
            break
        time.sleep(0.01)
    thread.join(timeout=5)
    assert [error.errno for error in errors] == [604]


def test_a_statement_ends_at_its_timeout(db: Client) -> None:
    db.run("ALTER SESSION SET STATEMENT_TIMEOUT_IN_SECONDS = 1")
    error = db.error("SELECT SYSTEM$WAIT(30)")
    assert (error.errno, error.sqlstate) == (630, "57014")
    assert error.message == "Statement reached its statement or warehouse timeout and was canceled."


def test_a_temporary_table_hides_a_permanent_one_from_its_own_session_only(db: Client, other: Client) -> None:
    db.run("CREATE TEMPORARY TABLE t (id INT)", "INSERT INTO t VALUES (7)")
    other.run("INSERT INTO t VALUES (1)")
    assert db.rows("SELECT id FROM t") == [(7,)]
    assert other.rows("SELECT id FROM t") == [(1,)]
    other.run("INSERT INTO t VALUES (2)")
    db.run("INSERT INTO t VALUES (8)")
    assert db.rows("SELECT id FROM t ORDER BY id") == [(7,), (8,)]
    assert other.rows("SELECT id FROM t ORDER BY id") == [(1,), (2,)]


def test_a_variable_is_read_anew_each_time(db: Client) -> None:
    for number in (1, 2):
        db.run(f"SET x = {number}")
        assert db.value("SELECT $x + 0") == number
