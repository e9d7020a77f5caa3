"""An abort ends what takes long within about a second, wherever it is, and leaves everything as it was."""

import threading
import time

import pytest

from local.accounts import Client
from local.staging import one, stage

_SOON = 2.0
"""Seconds, of which one is for a machine that does other things, too."""
_NUMBERS = "(SELECT SEQ4() AS n FROM TABLE(GENERATOR(ROWCOUNT => 300000)))"
_LONG = f"SELECT COUNT(*) FROM {_NUMBERS} x JOIN {_NUMBERS} y ON x.n + y.n < 0"


def aborted_after(client: Client, seconds: float, sql: str) -> float:
    """Run a statement, abort it after some time; the seconds it went on after that."""
    stopped: list[float] = []

    def stop() -> None:
        running = client.session.running
        assert running is not None, "it was done before it could be aborted"
        stopped.append(time.monotonic())
        assert client.session.abort(running.query_id)

    timer = threading.Timer(seconds, stop)
    timer.start()
    error = client.error(sql)
    ended = time.monotonic()
    assert error.errno == 604
    return ended - stopped[0]


@pytest.fixture
def loading(db: Client) -> Client:
    db.run("CREATE TABLE csv (a INT, b VARCHAR, c INT)", "CREATE TABLE js (v VARIANT)")
    db.run("CREATE FILE FORMAT plain TYPE = JSON", "CREATE FILE FORMAT odd TYPE = JSON STRIP_NULL_VALUES = TRUE")
    return db


_CSV = "".join(f"{number},text {number},{number if number % 3 else 'x'}\n" for number in range(400_000))
_JSON = "".join(f'{{"id": {number}, "name": "text {number}"}}\n' for number in range(400_000))


@pytest.mark.parametrize(
    ("name", "content", "copy", "after"),
    [
        ("a.csv", _CSV, "COPY INTO csv FROM @st/a.csv ON_ERROR = CONTINUE", 0.3),
        ("a.csv", _CSV, "COPY INTO csv FROM @st/a.csv ON_ERROR = CONTINUE", 2.0),
        ("a.json", _JSON, "COPY INTO js FROM @st/a.json FILE_FORMAT = odd", 0.3),
        ("a.json", _JSON, "COPY INTO js FROM @st/a.json FILE_FORMAT = plain", 0.1),
    ],
    ids=["reading CSV", "trying its records", "reading JSON", "DuckDB reading JSON"],
)
def test_copy_ends_soon_and_loads_nothing(loading: Client, name: str, content: str, copy: str, after: float) -> None:
    stage(loading, "@st", name, content)
    assert aborted_after(loading, after, copy) < _SOON
    table = copy.split()[2]
    assert loading.value(f"SELECT COUNT(*) FROM {table}") == 0
    stage(loading, "@st", name, content[: content.index("\n") + 1].replace("x", "1"))
    assert one(loading, copy).rows_loaded == 1


def test_validation_and_unloading_end_soon(loading: Client) -> None:
    stage(loading, "@st", "a.csv", _CSV)
    assert aborted_after(loading, 0.3, "COPY INTO csv FROM @st/a.csv VALIDATION_MODE = RETURN_ALL_ERRORS") < _SOON
    unload = (
        "COPY INTO @st/out/ FROM (SELECT SEQ4(), 'a text' FROM TABLE(GENERATOR(ROWCOUNT => 3000000)))"
        " FILE_FORMAT = (TYPE = CSV COMPRESSION = NONE) MAX_FILE_SIZE = 100000"
    )
    assert aborted_after(loading, 1.5, unload) < _SOON
    assert loading.rows("LIST @st/out") == []


def test_a_transaction_goes_on_after_an_aborted_statement(loading: Client) -> None:
    stage(loading, "@st", "a.csv", _CSV)
    loading.run("BEGIN", "INSERT INTO csv (a) VALUES (1)")
    assert aborted_after(loading, 0.3, _LONG) < _SOON
    assert aborted_after(loading, 0.3, f"INSERT INTO csv (a) {_LONG}") < _SOON
    assert aborted_after(loading, 0.3, "COPY INTO csv FROM @st/a.csv ON_ERROR = CONTINUE") < _SOON
    loading.run("INSERT INTO csv (a) VALUES (2)", "COMMIT")
    assert loading.rows("SELECT a FROM csv ORDER BY a") == [(1,), (2,)]


def test_ddl_that_is_aborted_makes_nothing(loading: Client) -> None:
    assert aborted_after(loading, 0.3, f"CREATE TABLE made AS {_LONG}") < _SOON
    assert loading.error("SELECT * FROM made").errno == 2003
    loading.run("CREATE TABLE made (a INT)", "INSERT INTO made VALUES (1)")


def test_a_timeout_ends_a_long_statement_too(loading: Client) -> None:
    stage(loading, "@st", "a.csv", _CSV)
    loading.run("ALTER SESSION SET STATEMENT_TIMEOUT_IN_SECONDS = 1")
    for statement in (_LONG, "COPY INTO csv FROM @st/a.csv ON_ERROR = CONTINUE"):
        started = time.monotonic()
        error = loading.error(statement)
        assert (error.errno, error.sqlstate) == (630, "57014")
        assert time.monotonic() - started < 1 + _SOON
    loading.run("ALTER SESSION UNSET STATEMENT_TIMEOUT_IN_SECONDS")
    assert loading.value("SELECT COUNT(*) FROM csv") == 0
