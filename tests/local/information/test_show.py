"""SHOW: columns in Snowflake's order, scopes, filters."""

import json
from collections.abc import Iterator
from datetime import timedelta

import pytest

from local.accounts import START, Client, client, open_account
from pipeline.local.clock import ManualClock
from pipeline.local.engine import Account
from pipeline.local.protocol import Result
from pipeline.local.show.columns import TASKS
from pipeline.local.show.listings import LISTINGS
from pipeline.sql.grammar.session import ShowKind

_SETUP = (
    "CREATE TABLE orders (id INT PRIMARY KEY, note VARCHAR(10), CONSTRAINT fk FOREIGN KEY (id) REFERENCES items (id))",
    "CREATE TABLE items (id INT AUTOINCREMENT PRIMARY KEY)",
    "CREATE SCHEMA s2",
    "CREATE TABLE s2.x_1 (a INT)",
    "CREATE TABLE s2.xa1 (a INT)",
    "CREATE VIEW s2.v AS SELECT a FROM s2.x_1",
    "USE SCHEMA public",
)


@pytest.fixture
def db(db: Client) -> Client:
    db.run(*_SETUP)
    return db


@pytest.fixture(scope="module")
def still() -> Iterator[Client]:
    """The same objects, for tests that change nothing."""
    account = open_account()
    found = client(account)
    found.run(*_SETUP, "CREATE STREAM st ON TABLE orders", "CREATE TASK ta AS SELECT 1")
    yield found
    account.close()


def _names(db: Client, sql: str) -> list[object]:
    return [record["name"] for record in db.records(sql)]


@pytest.mark.parametrize(
    ("sql", "names"),
    [
        ("SHOW TABLES", ["ITEMS", "ORDERS"]),
        ("SHOW TABLES IN SCHEMA s2", ["XA1", "X_1"]),
        ("SHOW TABLES IN s2", ["XA1", "X_1"]),
        ("SHOW TABLES IN db.s2", ["XA1", "X_1"]),
        ("SHOW TABLES IN DATABASE", ["ITEMS", "ORDERS", "XA1", "X_1"]),
        ("SHOW TABLES IN DATABASE db", ["ITEMS", "ORDERS", "XA1", "X_1"]),
        ("SHOW TABLES IN ACCOUNT", ["ITEMS", "ORDERS", "XA1", "X_1"]),
        ("SHOW TABLES LIKE 'or%'", ["ORDERS"]),
        ("SHOW TABLES LIKE '%\\\\_%' IN ACCOUNT", ["X_1"]),
        ("SHOW TABLES LIKE 'x_1' IN ACCOUNT", ["XA1", "X_1"]),
        ("SHOW TABLES STARTS WITH 'or'", []),
        ("SHOW TABLES STARTS WITH 'OR'", ["ORDERS"]),
        ("SHOW TABLES IN ACCOUNT LIMIT 2", ["ITEMS", "ORDERS"]),
        ("SHOW TABLES IN ACCOUNT LIMIT 2 FROM 'ORD'", ["ORDERS", "XA1"]),
        ("SHOW TERSE OBJECTS IN s2", ["V", "XA1", "X_1"]),
        ("SHOW VIEWS IN DATABASE db", ["V"]),
        ("SHOW SCHEMAS", ["INFORMATION_SCHEMA", "PUBLIC", "S2"]),
        ("SHOW SCHEMAS IN ACCOUNT LIKE 'S%'", ["S2"]),
        ("SHOW DATABASES LIKE 'd%'", ["DB"]),
        ("SHOW WAREHOUSES", ["COMPUTE_WH"]),
    ],
)
def test_scopes_and_filters(still: Client, sql: str, names: list[object]) -> None:
    assert _names(still, sql) == names


@pytest.mark.usefixtures("db")
def test_without_a_current_database_the_account_is_shown(account: Account) -> None:
    other = client(account, database=None)
    assert _names(other, "SHOW TABLES") == ["ITEMS", "ORDERS", "XA1", "X_1"]


@pytest.mark.parametrize("sql", ["SHOW TABLES IN SCHEMA nope", "SHOW TABLES IN DATABASE nope", "SHOW TASKS IN a.b"])
def test_a_missing_scope(still: Client, sql: str) -> None:
    error = still.error(sql)
    assert (error.errno, error.sqlstate) == (2043, "02000")


def test_tables_in_full(db: Client) -> None:
    db.run("INSERT INTO orders VALUES (1, 'a'), (2, 'b')", "ALTER TABLE orders SET CHANGE_TRACKING = TRUE")
    (record,) = db.records("SHOW TABLES LIKE 'orders'")
    assert " ".join(record) == (
        "created_on name database_name schema_name kind comment cluster_by rows bytes owner retention_time "
        "automatic_clustering change_tracking search_optimization search_optimization_progress "
        "search_optimization_bytes is_external enable_schema_evolution owner_role_type is_event budget is_hybrid "
        "is_iceberg is_dynamic is_immutable"
    )
    assert (record["rows"], record["kind"], record["change_tracking"], record["comment"]) == (2, "TABLE", "ON", "")
    assert isinstance(record["bytes"], int)
    assert record["bytes"] > 0
    assert [r["bytes"] for r in db.records("SHOW TABLES LIKE 'items'")] == [0]


def test_history_shows_what_undrop_can_bring_back(db: Client, clock: ManualClock) -> None:
    db.run("DROP TABLE orders")
    shown = {r["name"]: r["dropped_on"] for r in db.records("SHOW TABLES HISTORY")}
    assert set(shown) == {"ITEMS", "ORDERS"}
    assert shown["ITEMS"] is None
    assert shown["ORDERS"] is not None
    clock.advance(timedelta(days=2))
    assert _names(db, "SHOW TABLES HISTORY") == ["ITEMS"]


def test_a_temporary_table_is_shown_to_its_session_alone(account: Account, db: Client) -> None:
    db.run("CREATE TEMPORARY TABLE temp (a INT)")
    assert [r["kind"] for r in db.records("SHOW TABLES LIKE 'temp'")] == ["TEMPORARY"]
    assert client(account).records("SHOW TABLES LIKE 'temp'") == []


def test_columns(db: Client) -> None:
    records = db.records("SHOW COLUMNS IN TABLE orders")
    assert [(r["column_name"], r["null?"]) for r in records] == [("ID", "NOT_NULL"), ("NOTE", "true")]
    assert json.loads(str(records[1]["data_type"])) == {
        "type": "TEXT",
        "length": 10,
        "byteLength": 40,
        "nullable": True,
        "fixed": False,
    }
    (record,) = db.records("SHOW COLUMNS LIKE 'id' IN items")
    assert record["autoincrement"] == "IDENTITY START 1 INCREMENT 1 NOORDER"


def test_keys(db: Client) -> None:
    assert [(r["table_name"], r["column_name"], r["key_sequence"]) for r in db.records("SHOW PRIMARY KEYS")] == [
        ("ITEMS", "ID", 1),
        ("ORDERS", "ID", 1),
    ]
    assert db.records("SHOW UNIQUE KEYS IN TABLE orders") == []
    (record,) = db.records("SHOW IMPORTED KEYS IN TABLE orders")
    assert [record[name] for name in ("pk_table_name", "pk_column_name", "fk_table_name", "fk_name")] == [
        "ITEMS",
        "ID",
        "ORDERS",
        "FK",
    ]


def test_streams(db: Client) -> None:
    db.run(
        "CREATE STREAM s ON TABLE orders APPEND_ONLY = TRUE", "CREATE STREAM gone ON TABLE items", "DROP TABLE items"
    )
    gone, there = db.records("SHOW STREAMS")
    assert " ".join(there) == (
        "created_on name database_name schema_name owner comment table_name source_type base_tables type stale mode "
        "stale_after invalid_reason owner_role_type"
    )
    assert [there[n] for n in ("table_name", "source_type", "base_tables", "type", "stale", "mode")] == [
        "DB.PUBLIC.ORDERS",
        "Table",
        "DB.PUBLIC.ORDERS",
        "DELTA",
        "false",
        "APPEND_ONLY",
    ]
    assert there["stale_after"] is not None
    assert (gone["stale"], gone["stale_after"], gone["invalid_reason"]) == ("true", None, "N/A")


def test_a_stream_is_shown_as_stale_after_its_time(db: Client, clock: ManualClock) -> None:
    db.run("CREATE STREAM s ON TABLE orders")
    clock.advance(timedelta(days=13))
    assert [r["stale"] for r in db.records("SHOW STREAMS")] == ["false"]
    clock.advance(timedelta(days=2))
    assert [r["stale"] for r in db.records("SHOW STREAMS")] == ["true"]


def test_tasks(db: Client) -> None:
    db.run(
        "CREATE TASK root SCHEDULE = '5 MINUTES' WHEN SYSTEM$STREAM_HAS_DATA('S') AS SELECT 1",
        "CREATE TASK child WAREHOUSE = compute_wh AFTER root AS SELECT 2",
        "CREATE TASK last_one FINALIZE = root AS SELECT 3",
        "ALTER TASK child RESUME",
    )
    shown = {r["name"]: r for r in db.records("SHOW TASKS")}
    assert list(shown["ROOT"]) == [name for name, _ in TASKS]
    assert [(n, r["state"]) for n, r in shown.items()] == [
        ("CHILD", "started"),
        ("LAST_ONE", "suspended"),
        ("ROOT", "suspended"),
    ]
    assert json.loads(str(shown["CHILD"]["predecessors"])) == ["DB.PUBLIC.ROOT"]
    assert json.loads(str(shown["ROOT"]["task_relations"]))["FinalizerTask"] == "DB.PUBLIC.LAST_ONE"
    assert (shown["ROOT"]["warehouse"], shown["CHILD"]["warehouse"]) == (None, "COMPUTE_WH")
    assert shown["ROOT"]["condition"] == "SYSTEM$STREAM_HAS_DATA('S')"
    assert _names(db, "SHOW TASKS ROOT ONLY") == ["ROOT"]


def test_file_formats_carry_all_their_options(db: Client) -> None:
    db.run("CREATE FILE FORMAT f TYPE = JSON STRIP_OUTER_ARRAY = TRUE")
    (record,) = db.records("SHOW FILE FORMATS")
    options = json.loads(str(record["format_options"]))
    assert (record["type"], options["STRIP_OUTER_ARRAY"], options["MULTI_LINE"]) == ("JSON", True, True)


def test_procedures(db: Client) -> None:
    db.run("CREATE PROCEDURE p(a INT, b VARCHAR DEFAULT 'x') RETURNS VARCHAR LANGUAGE SQL AS $$BEGIN RETURN 1; END$$")
    (record,) = db.records("SHOW PROCEDURES")
    assert record["arguments"] == "P(NUMBER, VARCHAR) RETURN VARCHAR"
    assert (record["min_num_arguments"], record["max_num_arguments"]) == (1, 2)


def test_parameters_and_variables(db: Client) -> None:
    db.run("ALTER SESSION SET TIMEZONE = 'Europe/Zurich'", "SET v = 3")
    (record,) = db.records("SHOW PARAMETERS LIKE 'timezone'")
    assert [record[n] for n in ("value", "default", "level", "type")] == [
        "Europe/Zurich",
        "America/Los_Angeles",
        "SESSION",
        "STRING",
    ]
    assert [(r["name"], r["value"]) for r in db.records("SHOW VARIABLES")] == [("V", "3")]
    db.run("CREATE TASK t STATEMENT_TIMEOUT_IN_SECONDS = 60 AS SELECT 1")
    (record,) = db.records("SHOW PARAMETERS LIKE 'statement_timeout%' IN TASK t")
    assert (record["value"], record["level"]) == ("60", "TASK")


def test_transactions_and_the_lock(account: Account, db: Client) -> None:
    assert db.records("SHOW TRANSACTIONS") == []
    db.run("BEGIN NAME nightly", "INSERT INTO orders VALUES (1, 'a')")
    assert [(r["name"], r["state"]) for r in db.records("SHOW TRANSACTIONS")] == [("NIGHTLY", "running")]
    other = client(account)
    assert other.records("SHOW LOCKS") == []
    assert [r["status"] for r in other.records("SHOW LOCKS IN ACCOUNT")] == ["HOLDING"]


def test_what_cannot_exist_here_is_empty_and_the_rest_is_refused_by_name(db: Client) -> None:
    assert db.result("SHOW PIPES").columns[4].name == "definition"
    assert db.rows("SHOW PIPES") == []
    assert db.error("SHOW SHARES").message == "SHOW SHARES is not supported by the local account."
    assert db.error("SHOW TERSE WAREHOUSES").errno == 391900


@pytest.mark.parametrize(
    ("what", "second"),
    [("", "role"), ("TO USER tester", "role"), ("OF ROLE sysadmin", "role"), ("ON TABLE t", "privilege")],
)
def test_grants_are_none_under_their_columns(still: Client, what: str, second: str) -> None:
    result = still.result(f"SHOW GRANTS {what}")
    assert (result.columns[1].name, list(result.rows)) == (second, [])


def test_more_than_ten_thousand_rows_need_a_limit(db: Client) -> None:
    columns = ", ".join(f"c{number} INT" for number in range(1_000))
    db.run(f"CREATE TABLE w0 ({columns})", *(f"CREATE TABLE w{number} LIKE w0" for number in range(1, 11)))
    assert db.error("SHOW COLUMNS IN SCHEMA public").errno == 90153
    assert len(db.rows("SHOW COLUMNS IN SCHEMA public LIMIT 10500")) == 10_500


@pytest.mark.parametrize("kind", [kind for kind in LISTINGS if kind is not ShowKind.GRANTS])
def test_every_listing_answers_with_its_columns(still: Client, kind: ShowKind) -> None:
    shown = still.result(f"SHOW {kind.value}").columns
    assert [column.name for column in shown] == [name for name, _ in LISTINGS[kind].columns]


def test_times_are_those_of_the_clock(db: Client) -> None:
    (record,) = db.records("SHOW TABLES LIKE 'orders'")
    created = record["created_on"]
    assert str(created).startswith(str(START.date()))


def test_schemas_that_undrop_can_bring_back(db: Client, clock: ManualClock) -> None:
    db.run("DROP SCHEMA s2")
    assert "S2" in _names(db, "SHOW SCHEMAS HISTORY")
    clock.advance(timedelta(days=2))
    assert "S2" not in _names(db, "SHOW SCHEMAS HISTORY")


def test_names_of_predecessors_are_written_as_names(db: Client) -> None:
    db.run('CREATE TASK "low" AS SELECT 1', 'CREATE TASK child AFTER "low" AS SELECT 1')
    (record,) = db.records("SHOW TASKS LIKE 'child'")
    assert json.loads(str(record["predecessors"])) == ['DB.PUBLIC."low"']


def test_described_without_being_run_it_has_its_columns_and_no_rows(db: Client) -> None:
    described = db.session.execute(
        "SHOW TABLES", bindings={}, query_id="q", describe_only=True, parameters={"MULTI_STATEMENT_COUNT": 1}
    )
    assert isinstance(described, Result)
    assert described.columns == db.result("SHOW TABLES").columns
    assert described.rows == ()
