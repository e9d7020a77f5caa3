"""Runs of tasks, as INFORMATION_SCHEMA.TASK_HISTORY tells them.

Source: docs.snowflake.com/en/sql-reference/functions/task_history.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from pipeline.sql.names import QualifiedName, quote_literal, render
from pipeline.targets.session import Session

MOST_RUNS = 10_000
"""The greatest RESULT_LIMIT."""


class RunState(StrEnum):
    """STATE of a run; both kinds of FAILED count as failures."""

    SCHEDULED = "SCHEDULED"
    EXECUTING = "EXECUTING"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    FAILED_AND_AUTO_SUSPENDED = "FAILED_AND_AUTO_SUSPENDED"
    CANCELLED = "CANCELLED"
    SKIPPED = "SKIPPED"

    @property
    def over(self) -> bool:
        return self not in (RunState.SCHEDULED, RunState.EXECUTING)

    @property
    def bad(self) -> bool:
        return self in (RunState.FAILED, RunState.FAILED_AND_AUTO_SUSPENDED, RunState.CANCELLED)


@dataclass(frozen=True, slots=True)
class TaskRun:
    """One run of one task. `group` is the graph run it belongs to."""

    task: QualifiedName
    state: RunState
    query_id: str | None
    error_code: str | None
    error: str | None
    scheduled: datetime
    started: datetime | None
    completed: datetime | None
    group: str | None
    attempt: int
    scheduled_from: str | None
    return_value: str | None

    @property
    def seconds(self) -> float | None:
        """How long it ran."""
        if self.started is None or self.completed is None:
            return None
        return (self.completed - self.started).total_seconds()


def account_time(session: Session) -> datetime:
    """The account's clock, by which runs are dated."""
    return _required_time(session.run("SELECT CURRENT_TIMESTAMP()").value())


def read_runs(
    session: Session,
    database: str,
    *,
    since: datetime | None = None,
    task: QualifiedName | None = None,
    root_id: str | None = None,
    limit: int = MOST_RUNS,
) -> tuple[TaskRun, ...]:
    """Runs of the database's tasks, the latest first; those of future schedules are left out."""
    arguments = [f"RESULT_LIMIT => {limit}"]
    if since is not None:
        arguments.append(f"SCHEDULED_TIME_RANGE_START => {quote_literal(since.isoformat())}::TIMESTAMP_LTZ")
    if task is not None:
        arguments.append(f"TASK_NAME => {quote_literal(task.name)}")
    if root_id is not None:
        arguments.append(f"ROOT_TASK_ID => {quote_literal(root_id)}")
    outcome = session.run(
        "SELECT NAME, DATABASE_NAME, SCHEMA_NAME, STATE, QUERY_ID, ERROR_CODE, ERROR_MESSAGE, SCHEDULED_TIME,"
        " QUERY_START_TIME, COMPLETED_TIME, GRAPH_RUN_GROUP_ID, ATTEMPT_NUMBER, SCHEDULED_FROM, RETURN_VALUE"
        f" FROM TABLE({render(database)}.INFORMATION_SCHEMA.TASK_HISTORY({', '.join(arguments)}))"
        f" WHERE DATABASE_NAME = {quote_literal(database)}"
    )
    runs = [_run(record) for record in outcome.records()]
    return tuple(sorted(runs, key=lambda run: run.scheduled, reverse=True))


def _run(record: dict[str, object]) -> TaskRun:
    return TaskRun(
        task=QualifiedName.of(str(record["DATABASE_NAME"]), str(record["SCHEMA_NAME"]), str(record["NAME"])),
        state=RunState(str(record["STATE"])),
        query_id=_text(record["QUERY_ID"]),
        error_code=_text(record["ERROR_CODE"]),
        error=_text(record["ERROR_MESSAGE"]),
        scheduled=_required_time(record["SCHEDULED_TIME"]),
        started=_time(record["QUERY_START_TIME"]),
        completed=_time(record["COMPLETED_TIME"]),
        group=_text(record["GRAPH_RUN_GROUP_ID"]),
        attempt=int(str(record["ATTEMPT_NUMBER"] or 1)),
        scheduled_from=_text(record["SCHEDULED_FROM"]),
        return_value=_text(record["RETURN_VALUE"]),
    )


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _time(value: object) -> datetime | None:
    return value if isinstance(value, datetime) else None


def _required_time(value: object) -> datetime:
    assert isinstance(value, datetime), "the account always gives this time"
    return value
