"""Where each stream stands, moved in the transaction of the DML that reads it."""

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
    """The offsets as committed."""

    def __init__(self, cursor: duckdb.DuckDBPyConnection) -> None:
        rows = cursor.execute("SELECT stream, version, moment, initial FROM _m.stream_offsets").fetchall()
        self._offsets = {row[0]: Offset(row[1], row[2].replace(tzinfo=UTC), row[3]) for row in rows}

    def offset(self, stream: int) -> Offset:
        """Raises KeyError for an id that is no stream's."""
        return self._offsets[stream]

    def lowest(self) -> int | None:
        """The oldest version that a stream still needs."""
        return min((offset.version for offset in self._offsets.values()), default=None)

    def advance(
        self, transaction: Transaction, connection: duckdb.DuckDBPyConnection, at: datetime
    ) -> dict[int, Offset]:
        """Write the new offsets of the streams that the transaction consumed: never backwards.

        A stream that still had its initial rows to show stays where it was made: what changed since then comes next.
        """
        moved: dict[int, Offset] = {}
        for stream in transaction.consumed:
            old = self._offsets[stream]
            version = old.version if old.initial else max(old.version, transaction.bound)
            moved[stream] = Offset(version, at)
        for stream, offset in moved.items():
            write(connection, stream, offset)
        return moved

    def committed(self, moved: dict[int, Offset]) -> None:
        self._offsets.update(moved)

    def forget(self, stream: int) -> None:
        self._offsets.pop(stream, None)

    def touch(self, stream: int, at: datetime) -> None:
        """A reader found the stream empty, which keeps it from going stale."""
        self._offsets[stream] = replace(self._offsets[stream], at=at)


def write(connection: duckdb.DuckDBPyConnection, stream: int, offset: Offset) -> None:
    """Record an offset within the running transaction."""
    connection.execute("DELETE FROM _m.stream_offsets WHERE stream = ?", [stream])
    connection.execute(
        "INSERT INTO _m.stream_offsets VALUES (?, ?, ?, ?)",
        [stream, offset.version, offset.at.astimezone(UTC).replace(tzinfo=None), offset.initial],
    )
