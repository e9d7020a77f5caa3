"""What is recorded only, and what would change rows and so is refused by name."""

import pytest

from local.accounts import Client

REFUSED = (
    "CREATE TABLE x (a INT) WITH ROW ACCESS POLICY p ON (a)",
    "CREATE TABLE x (a STRING WITH MASKING POLICY p)",
    "CREATE TABLE x (a STRING COLLATE 'en-ci')",
    "CREATE TABLE x (a STRING) DEFAULT_DDL_COLLATION = 'en-ci'",
    "CREATE TABLE x (a STRING) STAGE_FILE_FORMAT = (TYPE = JSON)",
    "CREATE VIEW x WITH ROW ACCESS POLICY p ON (id) AS SELECT id FROM t",
    "CREATE VIEW x (id MASKING POLICY p) AS SELECT id FROM t",
    "CREATE SCHEMA x MAX_DATA_EXTENSION_TIME_IN_DAYS = 1",
    "CREATE DATABASE x DEFAULT_DDL_COLLATION = 'en-ci'",
    "ALTER TABLE t ADD ROW ACCESS POLICY p ON (id)",
    "ALTER TABLE t ALTER COLUMN id SET MASKING POLICY p",
    "ALTER TABLE t SET STAGE_FILE_FORMAT = (TYPE = JSON)",
    "ALTER SCHEMA public SET MAX_DATA_EXTENSION_TIME_IN_DAYS = 1",
    "ALTER SCHEMA public UNSET MAX_DATA_EXTENSION_TIME_IN_DAYS",
    "ALTER STREAM s RENAME TO x",
    "ALTER STREAM s SET APPEND_ONLY = TRUE",
    "ALTER VIEW v ADD ROW ACCESS POLICY p ON (id)",
)
RECORDED = (
    "CREATE TABLE x (a STRING WITH TAG (cost = 'a')) WITH TAG (cost = 'b')",
    "CREATE TABLE x (a STRING COLLATE 'utf8')",
    "ALTER TABLE t SET TAG cost = 'a'",
    "ALTER TABLE t ALTER COLUMN id SET TAG cost = 'a'",
    "ALTER TABLE t ALTER COLUMN id UNSET MASKING POLICY",
    "ALTER TABLE t DROP ALL ROW ACCESS POLICIES",
    "ALTER TABLE t ADD SEARCH OPTIMIZATION",
    "ALTER TABLE t SUSPEND RECLUSTER",
    "ALTER STREAM s SET TAG cost = 'a'",
    "ALTER VIEW v UNSET TAG cost",
    "ALTER SCHEMA public SET LOG_LEVEL = INFO",
    "ALTER STAGE st SET TAG cost = 'a'",
)


@pytest.fixture
def db(db: Client) -> Client:
    db.run("CREATE TABLE t (id INT)", "CREATE STREAM s ON TABLE t", "CREATE VIEW v AS SELECT id FROM t")
    db.run("CREATE STAGE st")
    return db


def test_what_would_change_rows_is_refused(db: Client) -> None:
    for statement in REFUSED:
        error = db.error(statement)
        assert error.errno == 391900, statement
        assert error.message.endswith("is not supported by the local account."), statement
    assert db.error("SELECT * FROM x").errno == 2003


@pytest.mark.parametrize("statement", RECORDED)
def test_what_changes_no_row_is_recorded(db: Client, statement: str) -> None:
    db.run(statement)
    assert db.rows("SELECT * FROM t") == []


def test_the_retention_of_a_schema_is_unset(db: Client) -> None:
    db.run("ALTER SCHEMA public SET DATA_RETENTION_TIME_IN_DAYS = 5", "ALTER SCHEMA public UNSET COMMENT")
    retention = "SELECT retention_time FROM information_schema.tables WHERE table_name = 'T'"
    assert db.value(retention) == 5
    db.run("ALTER SCHEMA public UNSET DATA_RETENTION_TIME_IN_DAYS")
    assert db.value(retention) == 1
