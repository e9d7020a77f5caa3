"""What ran is known after the account was opened again: what changed something, what only read, what failed."""

import shutil
from pathlib import Path

from local.accounts import START, client
from pipeline.local.clock import ManualClock
from pipeline.local.engine import Account


def test_history_outlives_the_process(tmp_path: Path) -> None:
    clock = ManualClock(START)
    account = Account(tmp_path, clock=clock)
    db = client(account)
    db.run("ALTER SESSION SET QUERY_TAG = 'mine'", "CREATE TABLE t (id INT)", "INSERT INTO t VALUES (1)")
    assert db.value("SELECT COUNT(*) FROM t") == 1
    assert db.error("SELECT nope FROM t").errno == 904
    account.close()

    account = Account(tmp_path, clock=clock)
    rows = client(account).rows(
        "SELECT QUERY_TEXT, EXECUTION_STATUS FROM TABLE(INFORMATION_SCHEMA.QUERY_HISTORY())"
        " WHERE QUERY_TAG = 'mine' ORDER BY START_TIME"
    )
    account.close()
    assert [(text, status) for text, status in rows if "SESSION" not in str(text)] == [
        ("CREATE TABLE t (id INT)", "SUCCESS"),
        ("INSERT INTO t VALUES (1)", "SUCCESS"),
        ("SELECT COUNT(*) FROM t", "SUCCESS"),
        ("SELECT nope FROM t", "FAILED_WITH_ERROR"),
    ]


def test_what_took_effect_is_known_after_a_kill(tmp_path: Path) -> None:
    """The file as a kill would leave it: not closed, copied while the account is open."""
    clock = ManualClock(START)
    account = Account(tmp_path / "open", clock=clock)
    db = client(account)
    db.run("CREATE TABLE t (id INT)")
    written = db.result("INSERT INTO t VALUES (1)").query_id
    shutil.copytree(tmp_path / "open", tmp_path / "killed")
    account.close()

    account = Account(tmp_path / "killed", clock=clock)
    record = account.queries.find(written)
    assert record is not None
    assert (record.status, record.text) == ("SUCCESS", "INSERT INTO t VALUES (1)")
    assert client(account).rows(f"SELECT id FROM t BEFORE (STATEMENT => '{written}')") == []
    account.close()
