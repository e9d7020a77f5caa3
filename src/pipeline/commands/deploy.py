"""Bring the account to what the project says: once, in the right order, with a record, and nothing lost on the way."""

import getpass
import platform
import secrets
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import TypeAlias

from pipeline import __version__
from pipeline.commands.ahead import reading_ahead
from pipeline.commands.git import git_state
from pipeline.commands.graph_wait import wait_for_graph
from pipeline.commands.locking import obtain
from pipeline.commands.outcome import CANCELLED, Outcome, statement_of
from pipeline.commands.perform import Began, Context, run_jobs
from pipeline.commands.prepare import Prepared, Wishes, prepare
from pipeline.commands.records import planned_record, result_records
from pipeline.commands.recovery import POLL_SECONDS
from pipeline.commands.restore import bring_back
from pipeline.commands.steady import steady
from pipeline.commands.workspace import Request, Workspace, open_workspace
from pipeline.errors import (
    CannotConnect,
    CommunicationError,
    Interrupted,
    Locked,
    PipelineError,
    Refused,
    StatementFailed,
)
from pipeline.plan.graphs import Graphs
from pipeline.plan.guards import RiskKind, refuse
from pipeline.plan.jobs import Job, make_jobs, width
from pipeline.plan.model import (
    DeployStatus,
    Event,
    Notice,
    Planned,
    Report,
    ResumeTask,
    RunStatement,
    Step,
    StepFinished,
    StepResult,
    StepStarted,
    StepStatus,
    SuspendTask,
)
from pipeline.sql.grammar.model import ObjectKind
from pipeline.targets.journal import DeployRecord, Journal
from pipeline.targets.keeper import Keeper
from pipeline.targets.lock import Claim, release_statement
from pipeline.targets.pool import Pool, Seat
from pipeline.targets.session import Session

Listener: TypeAlias = Callable[[Event], None]

PARALLEL = 20
"""Sessions at the same time, unless --parallel says otherwise."""


def deploy(request: Request, *, listen: Listener, stop: Callable[[], bool], wishes: Wishes | None = None) -> Report:
    """Deploy the project; `stop` is asked between statements.

    Raises Refused before anything runs when something would be lost, Locked when another deploy goes on, and the first
    failure after the task graphs are back.
    """
    wishes = wishes or Wishes()
    workspace = open_workspace(request)
    with reading_ahead(workspace):
        session = workspace.connect(request, lambda text: listen(Notice(text)))
    with session:
        prepared = steady(session, lambda: prepare(workspace, session, wishes))
        refuse(prepared.risks)
        return _Deployment(workspace, session, prepared, wishes, listen, stop).perform()


def new_deploy_id() -> str:
    """Sorts by time, and is unique."""
    return f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}"


class _Deployment:
    """One deploy under way."""

    def __init__(
        self,
        workspace: Workspace,
        session: Session,
        prepared: Prepared,
        wishes: Wishes,
        listen: Listener,
        stop: Callable[[], bool],
    ) -> None:
        self._workspace = workspace
        self._session = session
        self._prepared = prepared
        self._wishes = wishes
        self._listen = listen
        self._stop = stop
        self._id = new_deploy_id()
        self._journal = Journal(prepared.place, self._id)
        self._keeper = Keeper(session.another, self._journal)
        self._results: dict[int, StepResult] = {}
        self._restored: tuple[StepResult, ...] = ()
        self._lost: PipelineError | None = None
        self._started = time.perf_counter()

    def perform(self) -> Report:
        for notice in self._prepared.plan.notices:
            self._listen(Notice(notice))
        if self._prepared.nothing_to_do:
            return self._report(DeployStatus.SUCCEEDED)
        self._listen(Planned(self._prepared.plan, self._id))
        first = 0 if self._prepared.database_exists else self._steps_until_database()
        if first:
            self._run(self._prepared.plan.steps[:first], serial=True, recorded=False)
            if len(self._results) < first or self._outcome.failure is not None:
                raise self._error(recorded=False)
        if first and first == len(self._prepared.plan.steps) and not self._makes_database(first):
            self._listen(Notice(f"No history was written: the database {self._workspace.database} does not exist."))
            return self._report(DeployStatus.SUCCEEDED)
        return self._perform_recorded(first)

    def _perform_recorded(self, first: int) -> Report:
        """The steps from `first` on, under the lock and with a record."""
        pool = Pool(self._session, self._parallel)
        try:
            if not self._prepared.uncertain:
                pool.warm(width(self._jobs(self._prepared.plan.steps[first:], self._parallel)))
            again = steady(self._session, self._obtain)
            self._keeper.start()
            if again:
                first = 0
                self._results.clear()
                if not self._prepare_again():
                    self._session.run(release_statement(self._prepared.place, self._id))
                    return self._report(DeployStatus.SUCCEEDED)
            self._wait_for_suspended_graphs()
            self._begin(first)
            self._run(self._prepared.plan.steps[first:], first=first, pool=pool)
            if not self._outcome.complete:
                raise self._error()
            self._end(DeployStatus.SUCCEEDED)
            return self._report(DeployStatus.SUCCEEDED)
        finally:
            self._keeper.stop()
            pool.close(with_first=True)

    # Before

    def _steps_until_database(self) -> int:
        """How many steps run before a record can be kept: those up to the one that creates the database, or all."""
        steps = self._prepared.plan.steps
        return next((number for number in range(1, len(steps) + 1) if self._makes_database(number)), len(steps))

    def _makes_database(self, number: int) -> bool:
        step = self._prepared.plan.steps[number - 1]
        if not isinstance(step, RunStatement):
            return False
        effects = self._prepared.resolved[step.statement.position].effects
        made = effects.creates | effects.replaces
        return any(
            target.kind is ObjectKind.DATABASE and target.name.name == self._workspace.database for target in made
        )

    def _obtain(self) -> bool:
        claim = Claim(self._id, _user(), platform.node(), after=self._prepared.account.recorded.last_deploy)
        return obtain(self._session, self._prepared, claim, self._wishes.lock_timeout, self._listen)

    def _write(self, statements: Sequence[str]) -> None:
        """Write into the record; whatever is written may be written twice."""
        tag = f"pipeline deploy={self._id} record"
        steady(self._session, lambda: self._session.run_several(statements, tag=tag, fetch=False))

    def _prepare_again(self) -> bool:
        """Plan again under the lock; whether there is still something to do."""
        try:
            self._prepared = self._prepare_when_still()
            refuse(self._prepared.risks)
        except (Refused, Interrupted):
            self._session.run(release_statement(self._prepared.place, self._id))
            raise
        return not self._prepared.nothing_to_do

    def _prepare_when_still(self) -> Prepared:
        """The plan, once the account runs nothing any more of a deploy that was broken off: that must not run twice."""
        said = False
        while True:
            prepared = steady(self._session, lambda: prepare(self._workspace, self._session, self._wishes))
            running = prepared.settled.running
            if not running:
                return prepared
            if not said:
                self._listen(
                    Notice(f"The account still runs the statement at {', '.join(running)} of a dead deploy. Waiting.")
                )
                said = True
            if self._stop():
                raise Interrupted("Interrupted before anything was sent.")
            time.sleep(POLL_SECONDS)

    def _wait_for_suspended_graphs(self) -> None:
        """With --wait-tasks: until those graphs have ended that execute, are going to change, and no step suspends."""
        running = {risk.object for risk in self._prepared.risks if risk.kind is RiskKind.RUNNING_TASK}
        if not running or self._wishes.wait_tasks is None:
            return
        graphs = Graphs(task.live for task in self._prepared.account.tasks)
        suspended = {step.task for step in self._prepared.plan.steps if isinstance(step, SuspendTask)}
        try:
            for root in {root for task in running for root in graphs.roots_of(task)} - suspended:
                self._listen(Notice(f"The graph of {root} executes. Waiting for its end."))
                wait_for_graph(self._session, root, self._wishes.wait_tasks, self._stop)
        except PipelineError:
            self._session.run(release_statement(self._prepared.place, self._id))
            raise

    def _begin(self, first: int) -> None:
        """Everything that is going to be sent is written down before any of it is.

        A dead deploy is closed after that: the tasks that it would have resumed are this one's from then on.
        """
        steps = self._prepared.plan.steps
        planned = [planned_record(self._prepared, step) for step in steps[first:] if statement_of(step) is not None]
        begun = self._journal.begin(self._record(), planned)
        self._write([*begun, *self._prepared.settled.statements])
        for number in range(first):
            self._keep(self._results[number])

    def _record(self) -> DeployRecord:
        git = git_state(self._workspace.root)
        steps = self._prepared.plan.steps
        return DeployRecord(
            deploy_id=self._id,
            user=_user(),
            host=platform.node(),
            version=__version__,
            git_commit=None if git is None else git.commit,
            git_dirty=None if git is None else git.dirty,
            planned=len(steps),
            tasks={step.task: step.standing for step in steps if isinstance(step, ResumeTask)},
        )

    # While

    @property
    def _parallel(self) -> int:
        return self._wishes.parallel or PARALLEL

    def _run(
        self,
        steps: Sequence[Step],
        *,
        first: int = 0,
        serial: bool = False,
        recorded: bool = True,
        pool: Pool | None = None,
    ) -> None:
        parallel = 1 if serial else self._parallel
        jobs = self._jobs(steps, parallel)
        total = len(self._prepared.plan.steps)
        own = pool or Pool(self._session, 1)
        for happening in run_jobs(
            jobs,
            own,
            self._context(lookup=recorded),
            parallel=parallel,
            keep_going=self._wishes.keep_going,
            lost=lambda: self._keeper.lost,
        ):
            if isinstance(happening, Began):
                self._listen(StepStarted(first + happening.number + 1, total, happening.step))
                continue
            self._lost = self._lost or happening.lost
            for number, result in sorted(happening.results.items()):
                self._finished(first + number, total, result, recorded=recorded)
        if pool is None:
            own.close()

    def _jobs(self, steps: Sequence[Step], parallel: int) -> tuple[Job, ...]:
        return make_jobs(
            steps,
            self._prepared.resolved,
            batch=parallel > 1 and not self._wishes.keep_going,
            streams={stream.name: stream.sources for stream in self._prepared.account.streams},
        )

    def _context(self, *, lookup: bool) -> Context:
        return Context(
            deploy_id=self._id,
            place=self._prepared.place,
            resolved=self._prepared.resolved,
            hide=self._workspace.secrets.hide,
            stop=self._stop,
            suspended=self._wait_for_graph,
            lookup=lookup,
        )

    def _wait_for_graph(self, seat: Seat, step: SuspendTask) -> None:
        if self._wishes.wait_tasks is not None:
            wait_for_graph(seat.session, step.task, self._wishes.wait_tasks, self._stop)

    def _finished(self, number: int, total: int, result: StepResult, *, recorded: bool) -> None:
        self._results[number] = result
        self._listen(StepFinished(number + 1, total, result))
        if recorded:
            self._keep(result)

    def _keep(self, result: StepResult) -> None:
        for row in result_records(self._prepared, result):
            self._keeper.add(row)

    # After

    def _end(self, status: DeployStatus) -> None:
        """Write the end and give the lock back, in one request; the first failure must not be hidden by this one."""
        rows = self._keeper.stop()
        statements = [
            *self._journal.record(rows),
            self._journal.finish(status),
            release_statement(self._prepared.place, self._id),
        ]
        try:
            self._write(statements)
        except (CommunicationError, CannotConnect, StatementFailed) as error:
            self._listen(Notice(f"The end of this deploy could not be recorded: {error.message}"))

    @property
    def _outcome(self) -> Outcome:
        return Outcome(self._prepared.plan.steps, self._results, self._restored)

    def _error(self, *, recorded: bool = True) -> PipelineError:
        """Bring the graphs back, write the end, and say what stopped the deploy."""
        failure = self._outcome.failure
        if self._keeper.lost:
            return Locked("The lock was lost: this deploy gave no sign of life, and another may have begun.")
        if self._lost is None or recorded:
            done = [result.step for result in self._results.values() if result.status is StepStatus.DONE]
            self._restored = bring_back(
                self._session, self._prepared.plan, done, None if failure is None else failure.step, self._listen
            )
        if recorded and self._lost is None:
            self._end(DeployStatus.INTERRUPTED if failure is None else DeployStatus.FAILED)
        if failure is not None and failure.errno == CANCELLED and self._stop():
            return self._outcome.cancelled(failure)
        if failure is not None:
            return self._outcome.statement_failed(failure, self._workspace)
        if self._lost is not None:
            return self._outcome.connection_lost(self._lost)
        return self._outcome.interrupted()

    def _report(self, status: DeployStatus) -> Report:
        decisions = self._prepared.changes.decisions
        return Report(
            deploy_id=self._id,
            project=self._workspace.project.name,
            environment=self._workspace.environment,
            status=status,
            results=self._outcome.in_order,
            planned=len(self._prepared.plan.steps),
            seconds=time.perf_counter() - self._started,
            restored=self._restored,
            notices=self._prepared.plan.notices,
            unchanged=sum(not decision.runs for decision in decisions),
        )


def _user() -> str:
    """Who runs this command, by the operating system; a container may know no name."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "unknown"
