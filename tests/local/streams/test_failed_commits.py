"""A CREATE STREAM whose commit fails leaves nothing behind: neither a stream nor a place where one would stand."""

from datetime import datetime

import pytest

from local.accounts import Client
from pipeline.local.engine import Account


class DiskFullError(Exception):
    """What the commit meets."""


def test_an_offset_is_the_streams_from_the_commit_on(
    account: Account, db: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    db.run("CREATE TABLE t (id INT)", "CREATE STREAM s ON TABLE t", "INSERT INTO t VALUES (1)")
    newest = account.catalog.new_id()

    def full(_: datetime) -> datetime:
        raise DiskFullError

    with monkeypatch.context() as broken:
        broken.setattr(account.store, "commit_time", full)
        for statement in ("CREATE OR REPLACE STREAM s ON TABLE t", "CREATE STREAM other CLONE s"):
            with pytest.raises(DiskFullError):
                db.run(statement)
    assert db.rows("SELECT id FROM s") == [(1,)]
    for never in range(newest, account.catalog.new_id()):
        with pytest.raises(KeyError):
            account.streams.offset(never)
    db.run("CREATE OR REPLACE STREAM s ON TABLE t")
    assert db.rows("SELECT id FROM s") == []


def test_a_replaced_streams_offset_is_not_kept(account: Account, db: Client) -> None:
    db.run("CREATE TABLE t (id INT)", "CREATE STREAM s ON TABLE t", "CREATE OR REPLACE STREAM s ON TABLE t")
    assert account.store.cursor().execute("SELECT count(*) FROM _m.stream_offsets").fetchall() == [(1,)]
