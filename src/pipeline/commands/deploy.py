"""Run the project's statements in order, keep the record, and leave the task graphs as they are wanted."""

import getpass
import platform
import secrets
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TypeAlias

from pipeline import __version__
from pipeline.commands.git import git_state
from pipeline.commands.hints import hint_for
from pipeline.commands.workspace import Request, Workspace, open_workspace
from pipeline.errors import CommunicationError, Interrupted, PipelineError, StatementFailed
from pipeline.plan.model import (
    AfterDeploy,
    CompileQuery,
    DeployStatus,
    Event,
    Notice,
    Plan,
    Planned,
    Report,
    Restoring,
    ResumeTask,
    RunStatement,
    Statement,
    Step,
    StepFinished,
    StepResult,
    StepStarted,
    StepStatus,
    SuspendTask,
)
from pipeline.plan.planner import make_plan, restoration
from pipeline.targets.history import DeployRecord, History, StatementRecord
from pipeline.targets.session import Outcome, Session
from pipeline.targets.tasks import read_tasks

Listener: TypeAlias = Callable[[Event], None]


def deploy(request: Request, *, listen: Listener, stop: Callable[[], bool]) -> Report:
    """Deploy the project; `stop` is asked between statements. Raises the first failure after restoring the tasks."""
    workspace = open_workspace(request)
    for notice in workspace.notices:
        listen(Notice(notice))
    with workspace.connect(request, lambda text: listen(Notice(text))) as session:
        live = [task.live for task in read_tasks(session, workspace.database)]
        plan = make_plan(workspace.statements, live, AfterDeploy(workspace.after_deploy), workspace.database)
        return _Deployment(workspace, session, plan, listen, stop).perform()


def new_deploy_id() -> str:
    """Sorts by time, and is unique."""
    return f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}"


class _Deployment:
    """One deploy under way."""

    def __init__(
        self, workspace: Workspace, session: Session, plan: Plan, listen: Listener, stop: Callable[[], bool]
    ) -> None:
        self._workspace = workspace
        self._session = session
        self._plan = plan
        self._listen = listen
        self._stop = stop
        self._id = new_deploy_id()
        self._results: list[StepResult] = []
        self._restored: list[StepResult] = []
        self._tagged: str | None = None
        self._started = time.perf_counter()
        self._history = History(session, workspace.database, self._record())

    def perform(self) -> Report:
        self._listen(Planned(self._plan, self._id))
        for notice in self._plan.notices:
            self._listen(Notice(notice))
        self._tag("history")
        self._history.begin()
        for number, step in enumerate(self._plan.steps, start=1):
            self._perform(number, step)
        self._tag("history")
        self._history.finish(DeployStatus.SUCCEEDED)
        if not self._history.is_open:
            self._listen(Notice(f"No history was written: the database {self._workspace.database} does not exist."))
        return self._report(DeployStatus.SUCCEEDED)

    def _perform(self, number: int, step: Step) -> None:
        if self._stop():
            raise self._stopped(step)
        self._listen(StepStarted(number, len(self._plan.steps), step))
        began = time.perf_counter()
        try:
            outcome = self._send(step)
        except StatementFailed as error:
            error.message = self._workspace.secrets.hide(error.message)
            result = StepResult(
                step,
                StepStatus.FAILED,
                time.perf_counter() - began,
                query_id=error.query_id,
                error=error.message,
                errno=error.errno,
                sqlstate=error.sqlstate,
            )
            self._finished(number, result)
            raise self._failed(step, error) from error
        except CommunicationError as error:
            raise self._lost(step, error) from error
        except KeyboardInterrupt as error:
            raise self._stopped(step, during=True) from error
        result = StepResult(step, StepStatus.DONE, outcome.seconds, _rows_of(step, outcome), outcome.query_id)
        self._finished(number, result)

    def _send(self, step: Step) -> Outcome:
        match step:
            case RunStatement(statement=statement):
                self._tag(statement.script)
                return self._session.run(statement.text)
            case CompileQuery(statement=statement):
                self._tag(statement.script)
                began = time.perf_counter()
                columns = self._session.describe(statement.text)
                return Outcome(None, columns, (), None, time.perf_counter() - began)
            case SuspendTask(task=task):
                self._tag("tasks")
                return self._session.run(f"ALTER TASK IF EXISTS {task} SUSPEND")
            case ResumeTask(task=task):
                self._tag("tasks")
                return self._session.run(f"ALTER TASK {task} RESUME")

    def _finished(self, number: int, result: StepResult) -> None:
        self._results.append(result)
        self._listen(StepFinished(number, len(self._plan.steps), result))
        match result.step:
            case RunStatement(statement=statement) | CompileQuery(statement=statement):
                self._history.record(_history_row(statement, result), creates_database=_creates_database(statement))
            case _:
                pass

    def _tag(self, what: str) -> None:
        """Mark what follows in the account's query history with the deploy and the script."""
        if what != self._tagged:
            self._session.tag(f"pipeline deploy={self._id} script={what}")
            self._tagged = what

    def _failed(self, step: Step, error: StatementFailed) -> PipelineError:
        self._restore(step)
        self._end(DeployStatus.FAILED)
        statement = _statement_of(step)
        hint = None if statement is None else hint_for(error, statement, self._workspace.statements)
        return StatementFailed(
            error.message,
            at=error.at or (None if statement is None else statement.at),
            hint=hint or error.hint,
            notes=self._notes(),
            query_id=error.query_id,
            errno=error.errno,
            sqlstate=error.sqlstate,
        )

    def _lost(self, step: Step, error: CommunicationError) -> PipelineError:
        statement = _statement_of(step)
        return CommunicationError(
            error.message,
            at=None if statement is None else statement.at,
            hint="Whether this statement was done is not known. `pipeline deploy` runs the project again.",
            notes=self._notes(),
        )

    def _stopped(self, step: Step, *, during: bool = False) -> Interrupted:
        statement = _statement_of(step)
        self._restore(step if during else None)
        self._end(DeployStatus.INTERRUPTED)
        where = "while this statement ran" if during else "before this statement"
        return Interrupted(f"Interrupted {where}.", at=None if statement is None else statement.at, notes=self._notes())

    def _restore(self, failed: Step | None) -> None:
        """Bring back the task graphs that were suspended. What fails here is said beside the first failure."""
        done = [result.step for result in self._results if result.status is StepStatus.DONE]
        steps = restoration(self._plan, done, failed)
        if not steps:
            return
        self._listen(Restoring(steps))
        for step in steps:
            try:
                outcome = self._send(step)
            except (StatementFailed, CommunicationError) as error:
                self._restored.append(StepResult(step, StepStatus.FAILED, 0.0, error=error.message))
                return
            self._restored.append(StepResult(step, StepStatus.DONE, outcome.seconds, None, outcome.query_id))

    def _end(self, status: DeployStatus) -> None:
        """Write the end into the history; the first failure must not be hidden by one of the record."""
        try:
            self._tag("history")
            self._history.finish(status)
        except (StatementFailed, CommunicationError) as error:
            self._listen(Notice(f"The end of this deploy could not be recorded: {error.message}"))

    def _notes(self) -> tuple[str, ...]:
        done = sum(
            result.status is StepStatus.DONE and _statement_of(result.step) is not None for result in self._results
        )
        notes = [
            f"{done} of {len(self._workspace.statements)} statements done, the rest not run; "
            "`pipeline deploy` begins again at the first."
        ]
        for result in self._restored:
            assert isinstance(result.step, ResumeTask)
            if result.status is StepStatus.DONE:
                notes.append(f"Task {result.step.task} is started again, as before the deploy.")
            else:
                notes.append(
                    f"Task {result.step.task} was started before the deploy and could not be resumed: {result.error} "
                    "`pipeline tasks resume` does it."
                )
        return tuple(notes)

    def _report(self, status: DeployStatus) -> Report:
        return Report(
            deploy_id=self._id,
            project=self._workspace.project.name,
            environment=self._workspace.environment,
            status=status,
            results=tuple(self._results),
            planned=len(self._plan.steps),
            seconds=time.perf_counter() - self._started,
            restored=tuple(self._restored),
            notices=self._plan.notices,
        )

    def _record(self) -> DeployRecord:
        git = git_state(self._workspace.root)
        return DeployRecord(
            deploy_id=self._id,
            project=self._workspace.project.name,
            environment=self._workspace.environment,
            user=_user(),
            host=platform.node(),
            version=__version__,
            git_commit=None if git is None else git.commit,
            git_dirty=None if git is None else git.dirty,
            planned=len(self._workspace.statements),
        )


def _statement_of(step: Step) -> Statement | None:
    match step:
        case RunStatement(statement=statement) | CompileQuery(statement=statement):
            return statement
        case _:
            return None


def _rows_of(step: Step, outcome: Outcome) -> int | None:
    """Rows changed or returned; a DDL's one row of status is none."""
    if not isinstance(step, RunStatement) or outcome.columns == ("status",):
        return None
    return outcome.row_count


def _history_row(statement: Statement, result: StepResult) -> StatementRecord:
    return StatementRecord(
        position=statement.position,
        script=statement.script,
        template=statement.at.path.name,
        line=statement.at.line,
        hash=statement.hash,
        status=result.status,
        rows=result.rows,
        duration_ms=round(result.seconds * 1000),
        query_id=result.query_id,
        errno=result.errno,
        sqlstate=result.sqlstate,
        error=result.error,
    )


def _creates_database(statement: Statement) -> bool:
    words = statement.headline.upper().split()[:4]
    return words[:1] == ["CREATE"] and "DATABASE" in words


def _user() -> str:
    """Who runs this command, by the operating system; a container may know no name."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "unknown"
