"""The views of INFORMATION_SCHEMA and ACCOUNT_USAGE."""

from collections.abc import Iterator

import pytest

from local.accounts import Client, client, open_account, shown
from pipeline.local.information import account_usage
from pipeline.local.information.schema_views import VIEWS


@pytest.fixture(scope="module")
def still() -> Iterator[Client]:
    account = open_account()
    found = client(account)
    found.run(
        "CREATE TABLE t (id INT AUTOINCREMENT START 7 PRIMARY KEY, name VARCHAR(20) NOT NULL DEFAULT 'x' COMMENT 'c',"
        " n NUMBER(10, 2), at TIMESTAMP_NTZ(3), v VARIANT, b BINARY)",
        "INSERT INTO t (name) VALUES ('a'), ('b')",
        "CREATE TRANSIENT TABLE gone (a INT)",
        "CREATE VIEW v AS SELECT id, name FROM t",
        "CREATE FILE FORMAT f TYPE = CSV SKIP_HEADER = 2",
        "CREATE STAGE st",
        "CREATE PROCEDURE p(a NUMBER(10, 2)) RETURNS VARCHAR LANGUAGE SQL AS $$BEGIN RETURN 1; END$$",
        "CREATE SCHEMA other",
        "CREATE TABLE other.t (a INT)",
        "USE SCHEMA public",
        "DROP TABLE gone",
    )
    yield found
    account.close()


def test_tables(still: Client) -> None:
    rows = still.rows(
        "SELECT table_schema, table_name, table_type, row_count, is_transient, bytes > 0 FROM information_schema.tables"
        " WHERE table_schema <> 'INFORMATION_SCHEMA' ORDER BY 1, 2"
    )
    assert shown(rows) == [
        "OTHER | T | BASE TABLE | 0 | NO | False",
        "PUBLIC | T | BASE TABLE | 2 | NO | True",
        "PUBLIC | V | VIEW | NULL | NULL | NULL",
    ]


def test_columns(still: Client) -> None:
    rows = still.rows(
        "SELECT column_name, ordinal_position, column_default, is_nullable, data_type, character_maximum_length,"
        " numeric_precision, numeric_scale, datetime_precision, identity_start, comment FROM information_schema.columns"
        " WHERE table_name = 'T' AND table_schema = 'PUBLIC' ORDER BY 2"
    )
    assert shown(rows) == [
        "ID | 1 | NULL | NO | NUMBER | NULL | 38 | 0 | NULL | 7 | NULL",
        "NAME | 2 | 'x' | NO | TEXT | 20 | NULL | NULL | NULL | NULL | c",
        "N | 3 | NULL | YES | NUMBER | NULL | 10 | 2 | NULL | NULL | NULL",
        "AT | 4 | NULL | YES | TIMESTAMP_NTZ | NULL | NULL | NULL | 3 | NULL | NULL",
        "V | 5 | NULL | YES | VARIANT | NULL | NULL | NULL | NULL | NULL | NULL",
        "B | 6 | NULL | YES | BINARY | NULL | NULL | NULL | NULL | NULL | NULL",
    ]


def test_a_view_of_another_database_by_its_full_name(still: Client) -> None:
    query = "SELECT COUNT(*) FROM snowflake.information_schema.tables WHERE table_schema = 'PUBLIC'"
    assert still.value(query) == 0
    assert still.value("SELECT catalog_name FROM db.information_schema.information_schema_catalog_name") == "DB"


def test_the_rest_of_the_catalog(still: Client) -> None:
    assert still.rows("SELECT schema_name FROM information_schema.schemata ORDER BY 1") == [
        ("INFORMATION_SCHEMA",),
        ("OTHER",),
        ("PUBLIC",),
    ]
    assert still.rows("SELECT file_format_name, skip_header, field_delimiter FROM information_schema.file_formats") == [
        ("F", 2, ",")
    ]
    assert still.rows("SELECT stage_name, stage_type FROM information_schema.stages") == [("ST", "Internal Named")]
    assert still.rows("SELECT table_name, constraint_type, enforced FROM information_schema.table_constraints") == [
        ("T", "PRIMARY KEY", "NO")
    ]
    assert still.rows("SELECT procedure_name, argument_signature, data_type FROM information_schema.procedures") == [
        ("P", "(A NUMBER(10,2))", "TEXT")
    ]
    definition = still.value("SELECT view_definition FROM information_schema.views WHERE table_name = 'V'")
    assert definition == "create or replace view V(\n\tID,\n\tNAME\n) as SELECT id, name FROM t;"


@pytest.mark.parametrize("name", VIEWS)
def test_every_view_has_its_columns_and_lists_itself(still: Client, name: str) -> None:
    result = still.result(f"SELECT * FROM information_schema.{name}")
    listed = still.rows(
        "SELECT column_name FROM information_schema.columns"
        f" WHERE table_schema = 'INFORMATION_SCHEMA' AND table_name = '{name}' ORDER BY ordinal_position"
    )
    assert [column.name for column in result.columns] == [str(row[0]) for row in listed]


@pytest.mark.parametrize("name", account_usage.VIEWS)
def test_every_view_of_account_usage_answers(still: Client, name: str) -> None:
    assert still.result(f"SELECT * FROM snowflake.account_usage.{name}").columns


def test_account_usage_tells_of_what_was_dropped(still: Client) -> None:
    rows = still.rows(
        "SELECT table_name, row_count, deleted IS NOT NULL FROM snowflake.account_usage.tables"
        " WHERE table_schema = 'PUBLIC' ORDER BY 1"
    )
    assert shown(rows) == ["GONE | NULL | True", "T | 2 | False", "V | NULL | False"]
    error = "SELECT COUNT(*) FROM snowflake.account_usage.query_history WHERE execution_status = 'FAIL'"
    before = still.value(error)
    still.error("SELECT nope FROM nope")
    assert still.value(error) == int(str(before)) + 1


@pytest.mark.parametrize(
    ("name", "errno"),
    [
        ("information_schema.streams", 2003),
        ("information_schema.nope", 2003),
        ("nope.information_schema.tables", 2003),
        ("information_schema.shares", 391900),
        ("snowflake.account_usage.login_history", 391900),
        ("snowflake.nope.tables", 2003),
    ],
)
def test_refusals(still: Client, name: str, errno: int) -> None:
    assert still.error(f"SELECT * FROM {name}").errno == errno


def test_without_a_current_database() -> None:
    account = open_account()
    assert client(account, database=None).error("SELECT * FROM information_schema.tables").errno == 90105
    account.close()
