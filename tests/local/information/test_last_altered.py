"""CREATED, LAST_DDL and LAST_ALTERED: DDL moves the last two, DML the last one.

Source: docs.snowflake.com/en/sql-reference/info-schema/tables.
"""

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from local.accounts import START, Client, client
from pipeline.local.clock import ManualClock
from pipeline.local.engine import Account

_DATES = "SELECT created, last_ddl, last_altered FROM information_schema.tables WHERE table_name = 'T'"


def hours(db: Client) -> list[float]:
    """Hours since the start at which T was made, last had DDL, last was altered."""
    moments = [value for value in db.rows(_DATES)[0] if isinstance(value, datetime)]
    return [round((moment - START) / timedelta(hours=1), 3) for moment in moments]


@pytest.mark.parametrize(
    ("statement", "ddl"),
    [
        ("ALTER TABLE t ADD COLUMN n INT", True),
        ("COMMENT ON TABLE t IS 'c'", True),
        ("CREATE OR ALTER TABLE t (id INT, more INT)", True),
        ("INSERT INTO t VALUES (2)", False),
        ("UPDATE t SET id = 2", False),
        ("DELETE FROM t", False),
        ("TRUNCATE TABLE t", False),
    ],
)
def test_what_moves_them(db: Client, clock: ManualClock, statement: str, ddl: bool) -> None:
    db.run("CREATE TABLE t (id INT)", "INSERT INTO t VALUES (1)")
    clock.advance(timedelta(hours=1))
    db.run(statement)
    assert hours(db) == [0, 1 if ddl else 0, 1]


def test_an_undrop_and_a_reopening(tmp_path: Path) -> None:
    clock = ManualClock(START)
    account = Account(tmp_path, clock=clock)
    db = client(account)
    db.run("CREATE TABLE t (id INT)", "DROP TABLE t")
    clock.advance(timedelta(hours=2))
    db.run("UNDROP TABLE t")
    clock.advance(timedelta(hours=1))
    db.run("SELECT 1", "INSERT INTO t VALUES (1)")
    account.close()

    account = Account(tmp_path, clock=clock)
    assert hours(client(account)) == [0, 2, 3]
    account.close()


def test_a_view_has_only_ddl(db: Client, clock: ManualClock) -> None:
    db.run("CREATE TABLE b (id INT)", "CREATE VIEW t AS SELECT id FROM b")
    clock.advance(timedelta(hours=1))
    db.run("INSERT INTO b VALUES (1)")
    assert hours(db) == [0, 0, 0]
    db.run("ALTER VIEW t SET COMMENT = 'c'")
    assert hours(db) == [0, 1, 1]
