"""What a second run of a transaction's statements could not give again is refused, never given differently."""

import pytest

from local.accounts import Client


@pytest.mark.parametrize(
    ("table", "insert"),
    [
        ("(id STRING)", "INSERT INTO t SELECT UUID_STRING()"),
        ("(id INT AUTOINCREMENT, v INT)", "INSERT INTO t (v) VALUES (1), (2)"),
    ],
)
def test_drawn_values_do_not_change_within_a_transaction(db: Client, table: str, insert: str) -> None:
    db.run(f"CREATE TABLE t {table}", "BEGIN", insert)
    assert db.rows("SELECT id FROM t")
    assert db.error("INSERT INTO t (id) SELECT 1 / 0").errno == 100051
    for statement in ("SELECT id FROM t", insert, "COMMIT"):
        assert db.error(statement).errno == 391902, statement
    db.run("ROLLBACK")
    assert db.rows("SELECT id FROM t") == []


def test_times_do_not_change_within_a_transaction(db: Client) -> None:
    db.run("CREATE TABLE t (at TIMESTAMP_LTZ)", "BEGIN", "INSERT INTO t SELECT CURRENT_TIMESTAMP()")
    seen = db.rows("SELECT at FROM t")
    assert db.error("INSERT INTO t SELECT 1 / 0").errno == 100051
    assert db.rows("SELECT at FROM t") == seen
    db.run("COMMIT")
    assert db.rows("SELECT at FROM t") == seen
