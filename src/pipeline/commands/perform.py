"""Jobs run along their order over a pool of sessions; a lost answer is looked up before anything runs again."""

import queue
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field

from pipeline.commands.recovery import wait_for
from pipeline.commands.steady import FIRST_PAUSE, patience
from pipeline.errors import CannotConnect, CommunicationError, PipelineError, StatementFailed
from pipeline.plan.jobs import Job
from pipeline.plan.model import (
    CompileQuery,
    ResumeTask,
    RunStatement,
    Statement,
    Step,
    StepResult,
    StepStatus,
    SuspendTask,
)
from pipeline.plan.resolve import Part, Resolved
from pipeline.sql.effects import StatementKind
from pipeline.targets.history import Place
from pipeline.targets.outcomes import Fate, Found, tag_of
from pipeline.targets.pool import Pool, Seat, missing
from pipeline.targets.session import Outcome

TICK = 0.1
"""Seconds between two looks at whether the user wants to stop."""


@dataclass(frozen=True, slots=True)
class Context:
    """What jobs are run with. `ended` is called after the root of a graph was suspended."""

    deploy_id: str
    place: Place
    resolved: Mapping[int, Resolved]
    hide: Callable[[str], str]
    stop: Callable[[], bool]
    suspended: Callable[[Seat, SuspendTask], None]
    lookup: bool = True
    """Whether the account can be asked what became of a statement: not before the project's database is there."""


@dataclass(slots=True)
class _Run:
    """A job under way: what is done of it, in how many attempts."""

    job: Job
    results: dict[int, StepResult] = field(default_factory=dict)
    attempt: int = 0

    @property
    def open(self) -> list[tuple[int, Step]]:
        return [pair for pair in zip(self.job.numbers, self.job.steps, strict=True) if pair[0] not in self.results]


class Worker:
    """Runs one job in a session of the pool, to its end or to the first statement that fails."""

    def __init__(self, pool: Pool, context: Context, started: Callable[[int, Step], None]) -> None:
        self._pool = pool
        self._context = context
        self._started = started

    def run(self, job: Job) -> dict[int, StepResult]:
        """The results by number; steps behind a failure have none.

        Raises CannotConnect or CommunicationError when the account is not heard any more: the outcome is not known.
        """
        run = _Run(job)
        pause, deadline = FIRST_PAUSE, None
        while True:
            try:
                if run.attempt and self._look_up(run):
                    return run.results
                run.attempt += 1
                self._attempt(run)
                return run.results
            except (CommunicationError, CannotConnect):
                deadline = deadline or time.monotonic() + patience()
                if time.monotonic() > deadline or self._context.stop():
                    raise
                time.sleep(pause)
                pause *= 2

    def _attempt(self, run: _Run) -> None:
        needs = tuple(need.text for need in run.job.needs)
        seat = self._pool.take(needs)
        try:
            failure = self._make_session(seat, run)
            if failure is None:
                self._send(seat, run)
        except (CommunicationError, KeyboardInterrupt):
            self._pool.discard(seat)
            raise
        self._pool.give_back(seat)

    def _make_session(self, seat: Seat, run: _Run) -> StepResult | None:
        """Run the session statements that this session lacks; a failure is that of the job's first step."""
        wanted = tuple(need.text for need in run.job.needs)
        for text in missing(seat.made, wanted):
            try:
                seat.session.run(text, tag=f"pipeline deploy={self._context.deploy_id} session")
            except StatementFailed as error:
                number, step = run.open[0]
                need = next(each for each in run.job.needs if each.text == text)
                error.at = need.at
                run.results[number] = failed(step, error, 0.0, self._context.hide)
                seat.made = ("not known any more",)
                return run.results[number]
            seat.made = (*seat.made, text)
        seat.made = wanted
        return None

    def _send(self, seat: Seat, run: _Run) -> None:
        if run.job.transaction and run.results:
            run.results.clear()
        if run.job.together and len(run.open) > 1:
            self._send_together(seat, run)
            return
        for number, step in run.open:
            self._started(number, step)
            began = time.perf_counter()
            try:
                outcome = self._send_one(seat, run, step)
            except StatementFailed as error:
                run.results[number] = failed(step, error, time.perf_counter() - began, self._context.hide)
                self._undo(seat, run)
                return
            run.results[number] = done(step, outcome)

    def _send_one(self, seat: Seat, run: _Run, step: Step) -> Outcome:
        match step:
            case RunStatement(statement=statement):
                return seat.session.run(statement.text, tag=self._tag(run, [statement]))
            case CompileQuery(statement=statement):
                began = time.perf_counter()
                columns = seat.session.describe(statement.text)
                return Outcome(None, columns, (), None, time.perf_counter() - began)
            case SuspendTask():
                outcome = seat.session.run(text_of(step), tag=self._task_tag)
                self._context.suspended(seat, step)
                return outcome
            case ResumeTask():
                return seat.session.run(text_of(step), tag=self._task_tag)

    def _send_together(self, seat: Seat, run: _Run) -> None:
        pairs = run.open
        statements = [step.statement for _, step in pairs if isinstance(step, RunStatement)]
        for number, step in pairs:
            self._started(number, step)
        began = time.perf_counter()
        tag = self._tag(run, statements) if statements else self._task_tag
        try:
            outcomes = seat.session.run_several(
                [text_of(step) for _, step in pairs], tag=tag, fetch=self._counts_rows(statements)
            )
        except StatementFailed as error:
            self._sort_out(seat, run, error, time.perf_counter() - began)
            self._undo(seat, run)
            return
        for (number, step), outcome in zip(pairs, outcomes, strict=True):
            run.results[number] = done(step, outcome)

    def _counts_rows(self, statements: Sequence[Statement]) -> bool:
        kinds = {self._context.resolved[statement.position].effects.kind for statement in statements}
        return not kinds <= {StatementKind.DDL, StatementKind.GRANT}

    def _sort_out(self, seat: Seat, run: _Run, error: StatementFailed, seconds: float) -> None:
        """Which statement of a request failed: those before it are done, those after it were not run."""
        if not all(isinstance(step, RunStatement) for step in run.job.steps):
            for number, step in run.open:  # ALTER TASK … RESUME may be sent twice
                try:
                    run.results[number] = done(step, self._send_one(seat, run, step))
                except StatementFailed as failure:
                    run.results[number] = failed(step, failure, 0.0, self._context.hide)
                    return
            return
        found = self._found(seat, run)
        for number, step in run.open:
            outcome = found.get(_position(step))
            if outcome is not None and outcome.fate is Fate.DONE:
                run.results[number] = recovered(step, outcome)
                continue
            if outcome is not None and outcome.query_id:
                error.query_id = outcome.query_id
            run.results[number] = failed(step, error, seconds, self._context.hide)
            return

    def _undo(self, seat: Seat, run: _Run) -> None:
        """A transaction of which one statement failed is undone, and its statements are not done."""
        if not run.job.transaction:
            return
        for number in [number for number, result in run.results.items() if result.status is StepStatus.DONE]:
            del run.results[number]
        if any(self._context.resolved[_position(step)].part is Part.BEGIN for step in run.job.steps):
            seat.session.run("ROLLBACK")

    def _look_up(self, run: _Run) -> bool:
        """Find out what became of the statements sent; whether the job is over with that."""
        if not self._context.lookup or not any(isinstance(step, RunStatement) for _, step in run.open):
            return False
        seat = self._pool.take(())
        try:
            found = self._found(seat, run)
        except CommunicationError:
            self._pool.discard(seat)
            raise
        self._pool.give_back(seat)
        if run.job.transaction and not self._ended(run, found):
            return False
        for number, step in run.open:
            outcome = found.get(_position(step)) if isinstance(step, RunStatement) else None
            if outcome is None:
                return False
            if outcome.fate is Fate.RUNNING:
                raise CommunicationError("The connection was lost, and the account still runs the statement.")
            if outcome.fate is Fate.FAILED:
                error = StatementFailed(
                    outcome.error or "The statement failed.", query_id=outcome.query_id, errno=outcome.errno
                )
                run.results[number] = failed(step, error, 0.0, self._context.hide)
                return True
            run.results[number] = recovered(step, outcome)
        return True

    def _ended(self, run: _Run, found: Mapping[int, Found]) -> bool:
        last = _position(run.job.steps[-1])
        outcome = found.get(last)
        return outcome is not None and outcome.fate is Fate.DONE

    def _found(self, seat: Seat, run: _Run) -> dict[int, Found]:
        positions = [_position(step) for _, step in run.open if isinstance(step, RunStatement)]
        context = self._context
        return wait_for(seat.session, context.place, context.deploy_id, positions, context.stop)

    def _tag(self, run: _Run, statements: Sequence[Statement]) -> str:
        positions = [statement.position for statement in statements]
        return tag_of(self._context.deploy_id, run.attempt, positions, statements[0].script)

    @property
    def _task_tag(self) -> str:
        return f"pipeline deploy={self._context.deploy_id} tasks"


def text_of(step: Step) -> str:
    """The statement that a step sends."""
    match step:
        case RunStatement(statement=statement) | CompileQuery(statement=statement):
            return statement.text
        case SuspendTask(task=task):
            return f"ALTER TASK IF EXISTS {task} SUSPEND"
        case ResumeTask(task=task):
            return f"ALTER TASK {task} RESUME"


def _position(step: Step) -> int:
    assert isinstance(step, RunStatement), "only statements have positions in the query history"
    return step.statement.position


def done(step: Step, outcome: Outcome) -> StepResult:
    """A step that succeeded. Rows changed or returned are counted; a DDL's one row of status is none."""
    counts = isinstance(step, RunStatement) and outcome.columns not in (("status",), ())
    return StepResult(step, StepStatus.DONE, outcome.seconds, outcome.row_count if counts else None, outcome.query_id)


def recovered(step: Step, found: Found) -> StepResult:
    """A step whose success was looked up."""
    return StepResult(step, StepStatus.DONE, (found.milliseconds or 0) / 1000, query_id=found.query_id)


def failed(step: Step, error: StatementFailed, seconds: float, hide: Callable[[str], str]) -> StepResult:
    """A step that the account refused."""
    return StepResult(
        step,
        StepStatus.FAILED,
        seconds,
        query_id=error.query_id,
        error=hide(error.message),
        errno=error.errno,
        sqlstate=error.sqlstate,
    )


@dataclass(frozen=True, slots=True)
class Began:
    """A step is sent."""

    number: int
    step: Step


@dataclass(frozen=True, slots=True)
class Ended:
    """A job came to an end; `lost` is set when the account is not heard any more."""

    job: int
    results: Mapping[int, StepResult]
    lost: PipelineError | None = None


Happening = Began | Ended


def run_jobs(
    jobs: Sequence[Job],
    pool: Pool,
    context: Context,
    *,
    parallel: int,
    keep_going: bool,
    lost: Callable[[], bool],
) -> Iterator[Happening]:
    """Run the jobs, each after those that it must follow; what happens is told in the caller's thread.

    After a failure nothing new is begun, or with `keep_going` nothing that depends on it; what runs comes to its end.
    On KeyboardInterrupt nothing new is begun either, and what runs is cancelled.
    """
    happenings: queue.SimpleQueue[Happening] = queue.SimpleQueue()
    worker = Worker(pool, context, lambda number, step: happenings.put(Began(number, step)))

    def work(index: int) -> None:
        try:
            happenings.put(Ended(index, worker.run(jobs[index])))
        except (CommunicationError, CannotConnect) as error:
            happenings.put(Ended(index, {}, error))

    waiting = {index: set(job.after) for index, job in enumerate(jobs)}
    running: dict[int, Future[None]] = {}
    halted = False
    with ThreadPoolExecutor(max_workers=parallel) as threads:
        while waiting or running:
            halted = halted or context.stop() or lost()
            if halted and not running:
                return
            ready = [] if halted else [index for index, after in waiting.items() if not after]
            for index in sorted(ready)[: parallel - len(running)]:
                del waiting[index]
                running[index] = threads.submit(work, index)
            if not running:
                return  # what is left depends on what failed
            try:
                happening = happenings.get(timeout=TICK)
            except KeyboardInterrupt:
                halted = True
                pool.cancel()
                continue
            except queue.Empty:
                for future in [each for each in running.values() if each.done()]:
                    future.result()  # a fault of our own would else never be heard of
                continue
            yield happening
            if isinstance(happening, Ended):
                running.pop(happening.job, None)
                if len(happening.results) == len(jobs[happening.job].steps) and _all_done(happening):
                    for after in waiting.values():
                        after.discard(happening.job)
                else:
                    halted = halted or not keep_going or happening.lost is not None


def _all_done(ended: Ended) -> bool:
    return all(result.status is StepStatus.DONE for result in ended.results.values())
