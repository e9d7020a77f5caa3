"""Steps and their outcomes as rows of the record."""

from collections.abc import Iterator

from pipeline.commands.outcome import statement_of
from pipeline.commands.prepare import Prepared
from pipeline.plan.model import Statement, Step, StepResult, StepStatus
from pipeline.targets.journal import StatementRecord


def planned_record(prepared: Prepared, step: Step) -> StatementRecord:
    """The row that says that a statement is going to be sent."""
    statement = statement_of(step)
    assert statement is not None, "only statements are planned in the record"
    return _record(prepared, statement, "planned")


def result_records(prepared: Prepared, result: StepResult) -> Iterator[StatementRecord]:
    """The rows for the outcome of a step: also one for the old text of an edited statement that was known by it."""
    statement = statement_of(result.step)
    if statement is None:
        return
    done = result.status is StepStatus.DONE
    removed = done and statement.removes is not None
    row = _record(prepared, statement, "removed" if removed else result.status.value)
    yield StatementRecord(
        position=row.position,
        key=row.key,
        script=row.script,
        template=row.template,
        line=row.line,
        hash=row.hash,
        status=row.status,
        text=statement.readable if done else None,
        rows=result.rows,
        duration_ms=round(result.seconds * 1000),
        query_id=result.query_id,
        errno=result.errno,
        sqlstate=result.sqlstate,
        error=result.error,
    )
    before = prepared.decisions[statement.position].before
    if done and before is not None and before.key != row.key:
        yield StatementRecord(
            position=row.position,
            key=before.key,
            script=before.script,
            template=before.template,
            line=before.line,
            hash=before.hash,
            status="removed",
        )


def _record(prepared: Prepared, statement: Statement, status: str) -> StatementRecord:
    return StatementRecord(
        position=statement.position,
        key=prepared.resolved[statement.position].key,
        script=statement.script,
        template=statement.at.path.name,
        line=statement.at.line,
        hash=prepared.resolved[statement.position].hash,
        status=status,
    )
