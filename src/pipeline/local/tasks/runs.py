"""Runs of tasks and of graphs: what TASK_HISTORY and the graph functions know, kept in memory and in the file.

Source of the words: docs.snowflake.com/en/sql-reference/functions/task_history and …/complete_task_graphs.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import Enum

import duckdb
from pydantic import TypeAdapter

from pipeline.local.errors import SnowflakeError

TABLE = "CREATE TABLE IF NOT EXISTS _m.task_runs(kind VARCHAR, key VARCHAR, moment TIMESTAMP, record VARCHAR)"
KEPT = timedelta(days=15)
"""A graph run can be retried for 14 days; TASK_HISTORY itself shows 7."""
STOPPED = "The local account was stopped while this ran."
_STOPPED_CODE = "000604"


class RunState(Enum):
    """States of a task's run."""

    SCHEDULED = "SCHEDULED"
    EXECUTING = "EXECUTING"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    FAILED_AND_AUTO_SUSPENDED = "FAILED_AND_AUTO_SUSPENDED"
    CANCELLED = "CANCELLED"
    SKIPPED = "SKIPPED"


FAILURES = frozenset({RunState.FAILED, RunState.FAILED_AND_AUTO_SUSPENDED})


class Origin(Enum):
    """SCHEDULED_FROM: what made a graph run."""

    SCHEDULE = "SCHEDULE"
    EXECUTE_TASK = "EXECUTE_TASK"
    TRIGGER = "TRIGGER"
    MANUAL_RETRY = "MANUAL RETRY"
    AUTOMATIC_RETRY = "AUTOMATIC RETRY"


GraphKey = tuple[str, int]
"""GRAPH_RUN_GROUP_ID and ATTEMPT_NUMBER."""


@dataclass(frozen=True, slots=True)
class GraphRun:
    """One attempt of a graph run."""

    group_id: str
    attempt: int
    run_id: int
    """Milliseconds since 1970 of the first attempt's scheduled time."""
    root_id: int
    database: str
    schema: str
    name: str
    version: int
    fingerprint: str
    origin: Origin
    scheduled_time: datetime
    config: str | None = None
    state: RunState = RunState.EXECUTING
    start: datetime | None = None
    finish: datetime | None = None
    error_task: str | None = None
    error_code: str | None = None
    error_message: str | None = None

    @property
    def key(self) -> GraphKey:
        return self.group_id, self.attempt


@dataclass(frozen=True, slots=True)
class TaskRun:
    """The run of one task within an attempt of a graph run."""

    group_id: str
    attempt: int
    task_id: int
    database: str
    schema: str
    name: str
    query_text: str
    condition_text: str | None
    scheduled_time: datetime
    state: RunState = RunState.EXECUTING
    query_id: str | None = None
    start: datetime | None = None
    finish: datetime | None = None
    error_code: str | None = None
    error_message: str | None = None
    return_value: str | None = None

    @property
    def key(self) -> tuple[str, int, int]:
        return self.group_id, self.attempt, self.task_id


_GRAPH = TypeAdapter(GraphRun)
_TASK = TypeAdapter(TaskRun)


class RunLog:
    """All runs of the last days. `save` changes the memory, `flush` brings what changed into the file."""

    def __init__(self, cursor: duckdb.DuckDBPyConnection, now: datetime) -> None:
        self._cursor = cursor
        self._lock = threading.Lock()
        self._graphs: dict[GraphKey, GraphRun] = {}
        self._by_root: dict[int, dict[GraphKey, None]] = {}
        self._runs: dict[tuple[str, int, int], TaskRun] = {}
        self._changed: dict[str, GraphRun | TaskRun] = {}
        cursor.execute("DELETE FROM _m.task_runs WHERE moment < ?", [_naive(now - KEPT)])
        for kind, record in cursor.execute("SELECT kind, record FROM _m.task_runs ORDER BY moment").fetchall():
            self._load(kind, record, now)
        self.flush()

    def _load(self, kind: str, record: str, now: datetime) -> None:
        """Take in a record; what still ran when the account's process ended has failed by that."""
        try:
            run: GraphRun | TaskRun = (_GRAPH if kind == "graph" else _TASK).validate_json(record)
        except ValueError as error:
            raise SnowflakeError(f"A record of a task's run cannot be read: {error}", 391901, "XX000") from error
        if run.state is RunState.EXECUTING:
            self.save(replace(run, state=RunState.FAILED, finish=now, error_code=_STOPPED_CODE, error_message=STOPPED))
        else:
            self._keep(run)

    def _keep(self, run: GraphRun | TaskRun) -> None:
        if isinstance(run, GraphRun):
            self._graphs[run.key] = run
            self._by_root.setdefault(run.root_id, {})[run.key] = None
        else:
            self._runs[run.key] = run

    def save(self, run: GraphRun | TaskRun) -> None:
        """Add a run, or take its newer state."""
        with self._lock:
            self._keep(run)
            self._changed[_text_key(run)] = run

    def flush(self) -> None:
        """Write what changed, in one transaction of its own."""
        with self._lock:
            changed, self._changed = self._changed, {}
            if not changed:
                return
            rows = [(_kind(run), key, _naive(run.scheduled_time), _json(run)) for key, run in changed.items()]
            self._cursor.execute("BEGIN")
            self._cursor.execute("DELETE FROM _m.task_runs WHERE key IN (SELECT unnest(?))", [list(changed)])
            self._cursor.executemany("INSERT INTO _m.task_runs VALUES (?, ?, ?, ?)", rows)
            self._cursor.execute("COMMIT")

    def of_root(self, root_id: int) -> list[GraphRun]:
        """Attempts of graph runs of one root, in the order of their beginning."""
        with self._lock:
            return [self._graphs[key] for key in self._by_root.get(root_id, ())]

    def graphs(self, wanted: Callable[[GraphRun], bool] = lambda _: True) -> list[GraphRun]:
        """Attempts of graph runs, the newest last."""
        with self._lock:
            found = [run for run in self._graphs.values() if wanted(run)]
        return sorted(found, key=lambda run: (run.start or run.scheduled_time, run.attempt))

    def runs(self, key: GraphKey | None = None) -> list[TaskRun]:
        """Runs of tasks, of one attempt or all, the newest last."""
        with self._lock:
            found = [run for run in self._runs.values() if key is None or (run.group_id, run.attempt) == key]
        return sorted(found, key=lambda run: run.start or run.scheduled_time)

    def graph(self, run: TaskRun) -> GraphRun:
        """The attempt that a task's run belongs to."""
        with self._lock:
            return self._graphs[run.group_id, run.attempt]


def _kind(run: GraphRun | TaskRun) -> str:
    return "graph" if isinstance(run, GraphRun) else "task"


def _text_key(run: GraphRun | TaskRun) -> str:
    return "/".join(str(part) for part in run.key)


def _json(run: GraphRun | TaskRun) -> str:
    return (_GRAPH.dump_json(run) if isinstance(run, GraphRun) else _TASK.dump_json(run)).decode()


def _naive(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(tzinfo=None)
