"""QUERY_HISTORY: what ran, kept in memory and written with the next commit, the committing statement's row with it.

So a statement that changed something is found by its query id or tag after any interruption, if and only if it took
effect. The rows of a commit stand as one JSON text in its row of `_m.versions`: writing them costs no statement.
"""

import json
import threading
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import duckdb

KEPT = timedelta(days=7)
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
        oldest = (now - KEPT).astimezone(UTC).replace(tzinfo=None)
        cursor.execute("UPDATE _m.versions SET queries = NULL WHERE moment < ? AND queries IS NOT NULL", [oldest])
        texts = cursor.execute("SELECT queries FROM _m.versions WHERE queries IS NOT NULL ORDER BY v").fetchall()
        found = (_record(row) for (text,) in texts for row in json.loads(text))
        self._lock = threading.Lock()
        self._done: deque[QueryRecord] = deque(sorted(found, key=lambda record: record.start), maxlen=_IN_MEMORY)
        self._running: dict[str, QueryRecord] = {}
        self._pending: list[QueryRecord] = []
        self._in_commit: set[str] = set()
        self._taken = 0

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

    def take(self, committing: str | None, version: int) -> str | None:
        """What is not yet in the file, as text to be written in the transaction that is about to commit.

        `committing` is the query that commits: it is written as a success, which it is if the commit succeeds.
        """
        with self._lock:
            batch = list(self._pending)
            if committing is not None and committing in self._running:
                own = self._running[committing]
                batch.append(replace(own, status="SUCCESS", finish=own.start, transaction=version))
                self._in_commit.add(committing)
            self._taken = len(self._pending)
        return json.dumps([_row(record) for record in batch]) if batch else None

    def written(self) -> None:
        """The transaction of the last `take` was committed."""
        with self._lock:
            del self._pending[: self._taken]
            self._taken = 0

    def not_written(self, query_id: str | None) -> None:
        """The transaction of the last `take` was not committed."""
        with self._lock:
            self._taken = 0
            self._in_commit.discard(query_id or "")


_COLUMNS = tuple(field.name for field in fields(QueryRecord))


def _row(record: QueryRecord) -> list[object]:
    values = (getattr(record, name) for name in _COLUMNS)
    return [value.isoformat() if isinstance(value, datetime) else value for value in values]


def _record(row: Sequence[Any]) -> QueryRecord:
    record = QueryRecord(*row)
    start = datetime.fromisoformat(str(record.start))
    finish = None if record.finish is None else datetime.fromisoformat(str(record.finish))
    return replace(record, start=start, finish=finish)
