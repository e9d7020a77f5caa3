"""QUERY_HISTORY, COPY_HISTORY, TASK_HISTORY and RESULT_SCAN as table functions."""

from datetime import timedelta

import pytest

from local.accounts import START, Client, client, shown
from pipeline.local.clock import ManualClock
from pipeline.local.engine import Account
from pipeline.local.protocol import Binding, Result


def _texts(db: Client, call: str) -> list[object]:
    return [row[0] for row in db.rows(f"SELECT query_text FROM TABLE({call})")]


def test_queries_the_latest_first_and_the_limit_before_the_where(db: Client) -> None:
    db.run("SELECT 1", "SELECT 2")
    db.error("SELECT nope")
    call = "information_schema.query_history(RESULT_LIMIT => 3)"
    assert _texts(db, call) == [f"SELECT query_text FROM TABLE({call})", "SELECT nope", "SELECT 2"]
    filtered = db.rows(f"SELECT query_text FROM TABLE({call}) WHERE query_text = 'SELECT 2'")
    assert filtered == []


def test_a_row_of_query_history(db: Client) -> None:
    db.run("ALTER SESSION SET QUERY_TAG = 'tagged'")
    db.error("SELECT * FROM nope")
    db.run("ALTER SESSION UNSET QUERY_TAG")
    (record,) = db.records(
        "SELECT * FROM TABLE(db.information_schema.query_history())"
        " WHERE query_tag = 'tagged' AND query_type = 'SELECT'"
    )
    known = ("QUERY_TEXT", "DATABASE_NAME", "SCHEMA_NAME", "USER_NAME", "EXECUTION_STATUS", "ERROR_CODE")
    assert [record[name] for name in known] == [
        "SELECT * FROM nope",
        "DB",
        "PUBLIC",
        "TESTER",
        "FAILED_WITH_ERROR",
        "002003",
    ]
    assert record["END_TIME"] is not None


def test_queries_by_session_and_user(account: Account, db: Client) -> None:
    other = client(account, user="other")
    other.run("SELECT 'other'")
    by_session = "information_schema.query_history_by_session(RESULT_LIMIT => 2)"
    assert _texts(other, by_session)[1] == "SELECT 'other'"
    assert "SELECT 'other'" not in _texts(db, by_session)
    assert "SELECT 'other'" in _texts(db, "information_schema.query_history_by_user('OTHER')")


def test_queries_within_a_range(db: Client, clock: ManualClock) -> None:
    db.run("SELECT 'early'")
    clock.advance(timedelta(hours=2))
    db.run("SELECT 'late'")
    since = "END_TIME_RANGE_START => DATEADD('hour', -1, CURRENT_TIMESTAMP())"
    assert "SELECT 'early'" not in _texts(db, f"information_schema.query_history({since})")
    until = f"END_TIME_RANGE_END => '{(START + timedelta(hours=1)).isoformat()}'"
    found = _texts(db, f"information_schema.query_history({until})")
    assert "SELECT 'early'" in found
    assert "SELECT 'late'" not in found
    far = "information_schema.query_history(END_TIME_RANGE_START => DATEADD('day', -8, CURRENT_TIMESTAMP()))"
    assert db.error(f"SELECT * FROM TABLE({far})").errno == 1008


@pytest.mark.parametrize("function", ["query_history", "task_history"])
@pytest.mark.parametrize("limit", [0, 10_001])
def test_limits(db: Client, function: str, limit: int) -> None:
    error = db.error(f"SELECT * FROM TABLE(information_schema.{function}(RESULT_LIMIT => {limit}))")
    assert error.errno == 1008
    assert "RESULT_LIMIT" in error.message


def test_an_argument_may_be_a_variable(db: Client) -> None:
    db.run("SET most = 1")
    assert len(db.rows("SELECT * FROM TABLE(information_schema.query_history(RESULT_LIMIT => $most))")) == 1


def test_an_argument_may_be_bound(db: Client) -> None:
    db.run("SELECT 'other'")
    sql = "SELECT query_text, ? AS given FROM TABLE(information_schema.query_history(RESULT_LIMIT => ?)) WHERE 'x' = ?"
    bindings = {"1": Binding("TEXT", "one"), "2": Binding("FIXED", "1"), "3": Binding("TEXT", "x")}
    result = db.session.execute(sql, bindings=bindings, query_id="q", describe_only=False, parameters={})
    assert isinstance(result, Result)
    assert result.rows == [(sql, "one")]


def test_result_scan_of_show(db: Client) -> None:
    db.run("CREATE TABLE t (a INT)", "CREATE TABLE u (a INT)")
    query = db.result("SHOW TABLES").query_id
    assert db.rows('SELECT "name" FROM TABLE(RESULT_SCAN(LAST_QUERY_ID())) WHERE "rows" = 0 ORDER BY 1') == [
        ("T",),
        ("U",),
    ]
    assert db.value(f"SELECT COUNT(*) FROM TABLE(RESULT_SCAN('{query}'))") == 2
    assert db.error("SELECT * FROM TABLE(RESULT_SCAN('nope'))").errno == 709


def test_result_scan_gives_values_as_they_were(db: Client) -> None:
    query = (
        "SELECT 1.50::NUMBER(5, 2) AS n, 'ü''\\\\' AS t, TRUE AS b,"
        " '2026-01-02'::DATE AS d, '03:04:05.123456'::TIME AS c, '2026-01-02 03:04:05.5'::TIMESTAMP_NTZ AS a,"
        " '2026-01-02 03:04:05 +0230'::TIMESTAMP_TZ AS z,"
        " PARSE_JSON('{\"k\": [1, null]}') AS v, TO_BINARY('00ff', 'HEX') AS x, 1.5::FLOAT AS f, NULL::INT AS u"
    )
    first = db.result(query)
    again = db.result("SELECT * FROM TABLE(RESULT_SCAN(LAST_QUERY_ID()))")
    assert again.rows == first.rows
    assert again.columns == first.columns


def test_loads_of_a_table(db: Client) -> None:
    db.run("CREATE TABLE t (a INT)")
    call = "information_schema.copy_history(TABLE_NAME => 't', START_TIME => DATEADD('hour', -1, CURRENT_TIMESTAMP()))"
    assert db.rows(f"SELECT * FROM TABLE({call})") == []
    assert db.error("SELECT * FROM TABLE(information_schema.copy_history(TABLE_NAME => 't'))").errno == 1044
    missing = call.replace("'t'", "'nope'")
    assert db.error(f"SELECT * FROM TABLE({missing})").errno == 2003


def test_runs_of_tasks(db: Client) -> None:
    db.run("CREATE TASK root SCHEDULE = '5 MINUTES' AS SELECT 1", "CREATE TASK child AFTER root AS SELECT 1")
    db.run("ALTER TASK child RESUME", "ALTER TASK root RESUME")
    rows = db.rows("SELECT name, state FROM TABLE(information_schema.task_history(TASK_NAME => 'root'))")
    assert rows == [("ROOT", "SCHEDULED")]
    root = db.value("SELECT root_task_id FROM TABLE(information_schema.task_history())")
    by_root = "SELECT COUNT(*) FROM TABLE(information_schema.task_history(ROOT_TASK_ID => '{}'))"
    assert (db.value(by_root.format(root)), db.value(by_root.format("0"))) == (1, 0)
    dependents = "SELECT name FROM TABLE(information_schema.task_dependents('root', FALSE))"
    assert shown(db.rows(dependents)) == ["ROOT", "CHILD"]
    assert db.rows("SELECT root_task_name FROM TABLE(information_schema.current_task_graphs())") == [("ROOT",)]
    assert db.rows("SELECT * FROM TABLE(information_schema.complete_task_graphs())") == []


@pytest.mark.parametrize(
    ("call", "errno"),
    [
        ("information_schema.nope()", 2141),
        ("task_history()", 2141),
        ("nope.information_schema.task_history()", 2003),
        ("information_schema.login_history()", 391900),
        ("information_schema.query_history(NOPE => 1)", 1006),
        ("information_schema.task_dependents('root', TRUE, 3)", 939),
        ("information_schema.query_history(END_TIME_RANGE_START => 'soon')", 100035),
    ],
)
def test_refusals(db: Client, call: str, errno: int) -> None:
    assert db.error(f"SELECT * FROM TABLE({call})").errno == errno
