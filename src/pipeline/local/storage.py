"""The one DuckDB file that holds an account: where rows, versions and metadata live.

Schema `d` holds the data: `d.t<id>` the rows of a table as they are, `d.h<id>` row versions that were replaced.
Schema `_m` holds what the account knows of itself. Nothing here has a Snowflake name: `catalog.py` maps names to ids.
"""

import contextlib
import threading
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from pipeline.local.errors import SnowflakeError

FORMAT = 1
"""Raised when the layout of the file changes in a way that older files do not have."""

TABLES = (
    "CREATE SCHEMA IF NOT EXISTS _m",
    "CREATE SCHEMA IF NOT EXISTS d",
    "CREATE SEQUENCE IF NOT EXISTS _m.rid",
    "CREATE TABLE IF NOT EXISTS _m.meta(key VARCHAR, value VARCHAR)",
    "CREATE TABLE IF NOT EXISTS _m.objects(id BIGINT, kind VARCHAR, database VARCHAR, schema VARCHAR, name VARCHAR,"
    " session BIGINT, created_on TIMESTAMP, dropped_on TIMESTAMP, owner VARCHAR, comment VARCHAR, spec VARCHAR)",
    "ALTER TABLE _m.objects ADD COLUMN IF NOT EXISTS altered_on TIMESTAMP",
    "CREATE TABLE IF NOT EXISTS _m.versions(v BIGINT, moment TIMESTAMP, queries VARCHAR)",
    "CREATE TABLE IF NOT EXISTS _m.stream_offsets(stream BIGINT, version BIGINT, moment TIMESTAMP, initial BOOLEAN)",
)


class Store:
    """An open account file. Cursors are independent DuckDB connections to it."""

    def __init__(self, path: Path | None, tables: Iterable[str] = (), *, kept: bool = True) -> None:
        """Open or create; `path` None keeps the account in memory. One that is not `kept` is not tidied when it closes.

        Raises:
            SnowflakeError: the file was written by a newer layout than this one.
        """
        self._root = duckdb.connect(str(path) if path else ":memory:")
        self._root.execute("SET TimeZone='UTC'")
        # An account lives on a laptop beside other programs: what a large statement is done with, the system gets back.
        self._root.execute("SET allocator_bulk_deallocation_flush_threshold='32MB'")
        self._kept = kept
        if not kept:
            self._root.execute("PRAGMA disable_checkpoint_on_shutdown")
        for statement in (*TABLES, *tables):
            self._root.execute(statement)
        self._check_format()
        # All of the result is fetched: one that is left open keeps a snapshot, and DuckDB every row version since then.
        (row,) = self._root.execute("SELECT coalesce(max(v), 0), max(moment) FROM _m.versions").fetchall()
        self.last_version: int = row[0]
        self._last_commit: datetime = row[1].replace(tzinfo=UTC) if row[1] else datetime(1970, 1, 1, tzinfo=UTC)
        self._lock = threading.Lock()

    def _check_format(self) -> None:
        row = self._root.execute("SELECT value FROM _m.meta WHERE key = 'format'").fetchone()
        if row is None:
            self._root.execute("INSERT INTO _m.meta VALUES ('format', ?)", [str(FORMAT)])
        elif int(row[0]) != FORMAT:
            raise SnowflakeError(
                f"The account was written in layout {row[0]}, this program reads {FORMAT}. "
                "Reset it with 'pipeline local reset'.",
                391901,
                "XX000",
            )

    def cursor(self) -> duckdb.DuckDBPyConnection:
        with self._lock:
            cursor = self._root.cursor()
        cursor.execute("SET TimeZone='UTC'")
        return cursor

    def commit_time(self, now: datetime) -> datetime:
        """`now`, or just after the last commit if the clock did not move: times of commits rise strictly."""
        return max(now, self._last_commit + datetime.resolution)

    def committed(self, version: int, at: datetime) -> None:
        """A write transaction ended: its version and time are the last ones."""
        self.last_version = version
        self._last_commit = at

    def close(self) -> None:
        if self._kept:
            with contextlib.suppress(duckdb.TransactionException):
                self._root.execute("CHECKPOINT")
        self._root.close()
