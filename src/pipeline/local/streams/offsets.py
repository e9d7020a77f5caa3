"""Where each stream stands, moved in the transaction of the DML that reads it."""

import threading
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import duckdb

from pipeline.local.transaction import Transaction


@dataclass(frozen=True, slots=True)
class Offset:
    """Changes up to `version` were consumed, at `at`; with `initial` the rows of that version are still to be shown."""

    version: int
    at: datetime
    initial: bool = False


class Offsets:
    """The offsets as committed; those of streams that are gone for good stay here until the account closes."""

    def __init__(self, cursor: duckdb.DuckDBPyConnection) -> None:
        rows = cursor.execute("SELECT stream, version, moment, initial FROM _m.stream_offsets").fetchall()
        self._offsets = {row[0]: Offset(row[1], row[2].replace(tzinfo=UTC), row[3]) for row in rows}
        self._touched: set[int] = set()
        """Streams that were found empty since their offset was last written."""
        self._lock = threading.Lock()

    def offset(self, stream: int) -> Offset:
        """Raises KeyError for an id that is no stream's."""
        return self._offsets[stream]

    def advance(
        self, transaction: Transaction, connection: duckdb.DuckDBPyConnection, at: datetime
    ) -> dict[int, Offset]:
        """Write the new offsets of the streams that the transaction consumed: never backwards.

        A stream that still had its initial rows to show stays where it was made: what changed since then comes next.
        Streams that were found empty meanwhile are written, too: it keeps them from going stale after a restart.
        """
        with self._lock:
            moved = {stream: self._offsets[stream] for stream in self._touched}
        for stream in transaction.consumed:
            old = self._offsets[stream]
            version = old.version if old.initial else max(old.version, transaction.bound)
            moved[stream] = Offset(version, at)
        for stream, offset in moved.items():
            write(connection, stream, offset)
        return moved

    def committed(self, moved: dict[int, Offset]) -> None:
        """The transaction that wrote these is committed."""
        with self._lock:
            self._offsets.update(moved)
            self._touched.difference_update(moved)

    def touch(self, stream: int, at: datetime) -> None:
        """A reader found the stream empty, which keeps it from going stale."""
        with self._lock:
            self._offsets[stream] = replace(self._offsets[stream], at=at)
            self._touched.add(stream)


def erase(connection: duckdb.DuckDBPyConnection, stream: int) -> None:
    """Record within the running transaction that a stream is gone for good."""
    connection.execute("DELETE FROM _m.stream_offsets WHERE stream = ?", [stream])


def write(connection: duckdb.DuckDBPyConnection, stream: int, offset: Offset) -> None:
    """Record an offset within the running transaction."""
    erase(connection, stream)
    connection.execute(
        "INSERT INTO _m.stream_offsets VALUES (?, ?, ?, ?)",
        [stream, offset.version, offset.at.astimezone(UTC).replace(tzinfo=None), offset.initial],
    )
