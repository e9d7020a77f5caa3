"""When a stream goes stale, and what the account forgets after a table's retention."""

from datetime import timedelta
from pathlib import Path

import pytest

from local.accounts import START, Client, client
from pipeline.local.clock import ManualClock
from pipeline.local.engine import Account
from pipeline.local.objects import Kind


def test_unread_changes_are_kept_for_the_extension_period(db: Client, clock: ManualClock) -> None:
    db.run("CREATE TABLE t (id INT)", "CREATE STREAM s ON TABLE t", "INSERT INTO t VALUES (1)")
    clock.advance(timedelta(days=13, hours=23))
    assert db.value("SELECT COUNT(*) FROM s") == 1
    clock.advance(timedelta(hours=2))
    assert db.error("SELECT COUNT(*) FROM s").errno == 91930


def test_a_cached_reading_goes_stale_too(db: Client, clock: ManualClock) -> None:
    db.run("CREATE TABLE t (id INT)", "CREATE STREAM s ON TABLE t")
    assert db.rows("SELECT id FROM s") == []
    clock.advance(timedelta(days=15))
    assert db.error("SELECT id FROM s").errno == 91930


def test_a_longer_retention_keeps_a_stream_readable(db: Client, clock: ManualClock) -> None:
    db.run("CREATE TABLE t (id INT) DATA_RETENTION_TIME_IN_DAYS = 30", "CREATE STREAM s ON TABLE t")
    clock.advance(timedelta(days=29))
    assert db.rows("SELECT id FROM s") == []
    clock.advance(timedelta(days=2))
    assert db.error("SELECT id FROM s").errno == 91930


def test_consuming_starts_the_period_anew(db: Client, clock: ManualClock) -> None:
    db.run("CREATE TABLE t (id INT)", "CREATE STREAM s ON TABLE t", "CREATE TABLE sink (id INT)")
    clock.advance(timedelta(days=10))
    db.run("INSERT INTO sink SELECT id FROM s")
    clock.advance(timedelta(days=10))
    assert db.rows("SELECT id FROM s") == []


def test_an_empty_stream_that_is_asked_for_data_stays_fresh(db: Client, clock: ManualClock) -> None:
    db.run("CREATE TABLE t (id INT)", "CREATE STREAM s ON TABLE t")
    for _ in range(5):
        clock.advance(timedelta(days=10))
        assert db.value("SELECT SYSTEM$STREAM_HAS_DATA('s')") is False
    assert db.rows("SELECT id FROM s") == []


def test_a_stale_stream_gives_no_point_for_a_new_one(db: Client, clock: ManualClock) -> None:
    db.run("CREATE TABLE t (id INT)", "CREATE STREAM s ON TABLE t", "CREATE VIEW v AS SELECT id FROM t")
    db.run("CREATE STREAM sv ON VIEW v", "INSERT INTO t VALUES (1)")
    clock.advance(timedelta(days=13))
    assert db.rows("SELECT id FROM t AT (STREAM => 's')") == []
    db.run("CREATE STREAM same ON TABLE t AT (STREAM => 's')", "CREATE STREAM clone CLONE s")
    db.run("CREATE STREAM view ON VIEW v AT (STREAM => 'sv')")
    assert [db.value(f"SELECT COUNT(*) FROM {name}") for name in ("same", "clone", "view")] == [1, 1, 1]
    clock.advance(timedelta(days=2))
    for name in ("same", "clone", "view"):
        assert db.error(f"SELECT COUNT(*) FROM {name}").errno == 91930
    for statement in (
        "CREATE STREAM x ON TABLE t AT (STREAM => 's')",
        "CREATE OR REPLACE STREAM s ON TABLE t AT (STREAM => 's')",
        "CREATE STREAM x ON VIEW v AT (STREAM => 'sv')",
        "SELECT id FROM t AT (STREAM => 's')",
        "SELECT id FROM t CHANGES (INFORMATION => DEFAULT) AT (STREAM => 's')",
    ):
        assert db.error(statement).errno == 707, statement


def test_a_statement_beyond_the_retention_is_no_point(db: Client, clock: ManualClock) -> None:
    db.run("CREATE TABLE t (id INT)", "CREATE VIEW v AS SELECT id FROM t")
    statement = db.result("INSERT INTO t VALUES (1)").query_id
    clock.advance(timedelta(hours=23))
    assert db.value(f"SELECT COUNT(*) FROM t AT (STATEMENT => '{statement}')") == 1
    clock.advance(timedelta(hours=2))
    for at in (f"STATEMENT => '{statement}'", "OFFSET => -90000"):
        assert db.error(f"SELECT COUNT(*) FROM t AT ({at})").errno == 707
        assert db.error(f"CREATE STREAM x ON TABLE t AT ({at})").errno == 707
        assert db.error(f"CREATE STREAM x ON VIEW v AT ({at})").errno == 707


@pytest.mark.parametrize("kind", ["TRANSIENT", "TEMPORARY"])
def test_transient_tables_keep_a_day_at_most(db: Client, clock: ManualClock, kind: str) -> None:
    assert db.error(f"CREATE {kind} TABLE x (id INT) DATA_RETENTION_TIME_IN_DAYS = 2").errno == 1008
    db.run("CREATE SCHEMA long DATA_RETENTION_TIME_IN_DAYS = 30", f"CREATE {kind} TABLE x (id INT)")
    assert db.error("ALTER TABLE x SET DATA_RETENTION_TIME_IN_DAYS = 2").errno == 1008
    clock.advance(timedelta(days=2))
    assert db.error("SELECT id FROM x AT (OFFSET => -90000)").errno == 707
    assert db.rows("SELECT id FROM x AT (OFFSET => -80000)") == []


def test_a_stream_from_the_past_is_as_old_as_its_point(db: Client, clock: ManualClock) -> None:
    db.run("CREATE TABLE t (id INT)")
    clock.advance(timedelta(hours=20))
    db.run("CREATE STREAM s ON TABLE t AT (OFFSET => -36000)")
    clock.advance(timedelta(days=13, hours=13))
    assert db.rows("SELECT id FROM s") == []
    clock.advance(timedelta(hours=2))
    assert db.error("SELECT id FROM s").errno == 91930


@pytest.mark.parametrize(
    ("kind", "make"),
    [("TABLE", "CREATE TABLE x (id INT)"), ("SCHEMA", "CREATE SCHEMA x"), ("DATABASE", "CREATE DATABASE x")],
)
def test_nothing_is_undropped_after_its_retention(db: Client, clock: ManualClock, kind: str, make: str) -> None:
    db.run(f"{make} DATA_RETENTION_TIME_IN_DAYS = 2", "USE SCHEMA db.public", f"DROP {kind} x")
    clock.advance(timedelta(hours=47))
    db.run(f"UNDROP {kind} x", f"DROP {kind} x")
    clock.advance(timedelta(hours=49))
    assert db.error(f"UNDROP {kind} x").errno == 2003


def test_what_was_asked_stays_fresh_after_reopening(tmp_path: Path) -> None:
    clock = ManualClock(START)
    account = Account(tmp_path, clock=clock)
    db = client(account)
    db.run("CREATE TABLE t (id INT)", "CREATE STREAM s ON TABLE t")
    clock.advance(timedelta(days=10))
    assert db.value("SELECT SYSTEM$STREAM_HAS_DATA('s')") is False
    account.close()
    clock.advance(timedelta(days=10))

    account = Account(tmp_path, clock=clock)
    assert client(account).rows("SELECT id FROM s") == []
    account.close()


def test_what_is_forgotten_cannot_be_brought_back_by_a_longer_retention(tmp_path: Path) -> None:
    clock = ManualClock(START)
    account = Account(tmp_path, clock=clock)
    db = client(account)
    db.run("CREATE TABLE t (id INT)", "INSERT INTO t VALUES (1)", "CREATE STREAM s ON TABLE t")
    db.run("CREATE VIEW v AS SELECT id FROM t", "CREATE STREAM sv ON VIEW v")
    clock.advance(timedelta(hours=1))
    db.run("UPDATE t SET id = 2")
    account.close()
    clock.advance(timedelta(days=20))

    account = Account(tmp_path, clock=clock)
    db = client(account)
    altered = "SELECT last_ddl < created + INTERVAL '1 MINUTE' FROM information_schema.tables WHERE table_name = 'T'"
    assert db.value(altered) is True
    db.run("ALTER TABLE t SET DATA_RETENTION_TIME_IN_DAYS = 60 MAX_DATA_EXTENSION_TIME_IN_DAYS = 90")
    db.run("CREATE OR ALTER TABLE t (id INT) DATA_RETENTION_TIME_IN_DAYS = 60 MAX_DATA_EXTENSION_TIME_IN_DAYS = 90")
    for stream in ("s", "sv"):
        assert db.error(f"SELECT * FROM {stream}").errno == 91930
    for point in ("STREAM => 's'", f"TIMESTAMP => '{START.isoformat()}'::TIMESTAMP_TZ"):
        assert db.error(f"SELECT * FROM t AT ({point})").errno == 707
        assert db.error(f"CREATE STREAM x ON TABLE t AT ({point})").errno == 707
    assert db.rows("SELECT id FROM t") == [(2,)]
    account.close()


def test_what_outlived_its_retention_is_gone_after_reopening(tmp_path: Path) -> None:
    clock = ManualClock(START)
    account = Account(tmp_path, clock=clock)
    db = client(account)
    db.run("CREATE TABLE t (id INT)", "INSERT INTO t VALUES (1)", "UPDATE t SET id = 2", "CREATE TABLE gone (id INT)")
    db.run("DROP TABLE gone", "CREATE STREAM s ON TABLE t", "UPDATE t SET id = 3")
    account.close()
    clock.advance(timedelta(days=5))

    account = Account(tmp_path, clock=clock)
    db = client(account)
    assert db.error("UNDROP TABLE gone").errno == 2003
    # The stream still needs the image from before its offset was passed; older images are gone.
    assert sorted(db.rows("SELECT id, METADATA$ACTION FROM s")) == [(2, "DELETE"), (3, "INSERT")]
    table = next(item for item in account.catalog.all(Kind.TABLE) if item.name == "T")
    images = account.store.cursor().execute(f"SELECT id FROM d.h{table.id}").fetchall()
    assert images == [(2,)]
    account.close()
