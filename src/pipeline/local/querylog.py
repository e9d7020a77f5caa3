"""QUERY_HISTORY: what ran, kept in memory and written with the next commit, the committing statement's row with it.

So a statement that changed something is found by its query id or tag after any interruption, if and only if it took
effect.
"""

import threading
from collections import deque
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import duckdb

TABLE = (
    "CREATE TABLE IF NOT EXISTS _m.queries(query_id VARCHAR, text VARCHAR, database VARCHAR, schema VARCHAR,"
    " type VARCHAR, session BIGINT, user_name VARCHAR, role VARCHAR, warehouse VARCHAR, tag VARCHAR, status VARCHAR,"
    " error_code INTEGER, error_message VARCHAR, start TIMESTAMP, finish TIMESTAMP, rows BIGINT, transaction BIGINT)"
)
KEPT = timedelta(days=7)
_BATCH = 64
_IN_MEMORY = 10_000


@dataclass(frozen=True, slots=True)
class QueryRecord:
    """A row of QUERY_HISTORY."""

    query_id: str
    text: str
    database: str | None
    schema: str | None
    type: str
    session: int
    user: str
    role: str | None
    warehouse: str | None
    tag: str
    start: datetime
    status: str = "RUNNING"
    error_code: int | None = None
    error_message: str | None = None
    finish: datetime | None = None
    rows: int | None = None
    transaction: int = 0
    """The version that its transaction wrote, 0 if it changed nothing."""


class QueryLog:
    """All queries of the last days, the running ones too."""

    def __init__(self, cursor: duckdb.DuckDBPyConnection, now: datetime) -> None:
        cursor.execute("DELETE FROM _m.queries WHERE start < ?", [(now - KEPT).astimezone(UTC).replace(tzinfo=None)])
        rows = cursor.execute(
            f"SELECT * FROM (FROM _m.queries ORDER BY start DESC LIMIT {_IN_MEMORY}) ORDER BY start"
        ).fetchall()
        self._lock = threading.Lock()
        self._done: deque[QueryRecord] = deque((_record(row) for row in rows), maxlen=_IN_MEMORY)
        self._running: dict[str, QueryRecord] = {}
        self._pending: list[QueryRecord] = []
        self._in_commit: set[str] = set()

    def begin(self, record: QueryRecord) -> None:
        with self._lock:
            self._running[record.query_id] = record

    def end(self, query_id: str, **changes: Any) -> None:
        """The query ended; `changes` are fields of its record."""
        with self._lock:
            record = replace(self._running.pop(query_id), **changes)
            self._done.append(record)
            if query_id in self._in_commit:
                self._in_commit.discard(query_id)
            else:
                self._pending.append(record)

    def find(self, query_id: str) -> QueryRecord | None:
        return next((record for record in self.records() if record.query_id == query_id), None)

    @property
    def has_pending(self) -> bool:
        """Whether queries ended that no commit has written yet: SELECTs, and what failed."""
        return bool(self._pending)

    def records(self) -> list[QueryRecord]:
        """In order of their start."""
        with self._lock:
            return [*self._done, *self._running.values()]

    def write(self, connection: duckdb.DuckDBPyConnection, committing: str | None, version: int) -> None:
        """Write what is not yet in the file, in the transaction that is about to commit.

        `committing` is the query that commits: it is written as a success, which it is if the commit succeeds. A few
        queries wait for the next commit or for the account's end: writing one costs as much as a small INSERT.
        """
        with self._lock:
            if len(self._pending) < _BATCH and committing is not None:
                return
            batch = list(self._pending)
            if committing is not None and committing in self._running:
                own = self._running[committing]
                batch.append(replace(own, status="SUCCESS", finish=own.start, transaction=version))
                self._in_commit.add(committing)
            self._writing = len(self._pending)
        if batch:
            marks = ", ".join(["(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)"] * len(batch))
            values = [value for record in batch for value in _row(record)]
            connection.execute(f"INSERT INTO _m.queries VALUES {marks}", values)

    _writing = 0

    def written(self) -> None:
        """The transaction of the last `write` was committed."""
        with self._lock:
            del self._pending[: self._writing]
            self._writing = 0

    def not_written(self, query_id: str | None) -> None:
        """The transaction of the last `write` was not committed."""
        with self._lock:
            self._writing = 0
            self._in_commit.discard(query_id or "")


def _row(record: QueryRecord) -> list[object]:
    return [
        record.query_id,
        record.text,
        record.database,
        record.schema,
        record.type,
        record.session,
        record.user,
        record.role,
        record.warehouse,
        record.tag,
        record.status,
        record.error_code,
        record.error_message,
        record.start.astimezone(UTC).replace(tzinfo=None),
        record.finish.astimezone(UTC).replace(tzinfo=None) if record.finish else None,
        record.rows,
        record.transaction,
    ]


def _record(row: tuple[Any, ...]) -> QueryRecord:
    (
        query_id,
        text,
        database,
        schema,
        kind,
        session,
        user,
        role,
        warehouse,
        tag,
        status,
        code,
        message,
        start,
        finish,
        rows,
        transaction,
    ) = row
    return QueryRecord(
        query_id,
        text,
        database,
        schema,
        kind,
        session,
        user,
        role,
        warehouse,
        tag,
        start.replace(tzinfo=UTC),
        status,
        code,
        message,
        finish.replace(tzinfo=UTC) if finish else None,
        rows,
        transaction,
    )
