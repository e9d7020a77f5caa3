"""One attempt of a graph run: which tasks run, in which order, and what becomes of each.

Rules: docs.snowflake.com/en/user-guide/tasks-graphs. A failed or skipped task stops what follows it; a suspended one
is passed over as if it had succeeded; the finalizer comes last, whatever happened, unless the root was skipped.
"""

import threading
import time
import uuid
from collections.abc import Callable, Mapping
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import TYPE_CHECKING

from pipeline.local.errors import SnowflakeError
from pipeline.local.internal import internal_fault
from pipeline.local.parameters import Parameters
from pipeline.local.scripting.evaluation import Evaluator
from pipeline.local.session import Context, Session
from pipeline.local.tasks.context import RETURN_VALUE, run_extra
from pipeline.local.tasks.graph import Graph, Task, predecessor_names
from pipeline.local.tasks.properties import number, session_settings
from pipeline.local.tasks.runs import GraphRun, RunState, TaskRun

if TYPE_CHECKING:
    from pipeline.local.engine import Account

SKIPPED_CODE = "0040003"
SKIPPED_TEXT = "Conditional expression for task evaluated to false."
CANCELLED_ERRNO = 604
DEFAULT_TIMEOUT_MS = 3_600_000


def condition_holds(session: Session, condition: str) -> bool:
    """Whether a WHEN is met; NULL is not.

    Raises:
        SnowflakeError: it cannot be evaluated.
    """
    return Evaluator(session).sql_value(f"({condition})::BOOLEAN").value is True


class Fate(Enum):
    """What became of a task in this attempt, for those that follow it."""

    SUCCEEDED = "succeeded"
    PASSED_OVER = "suspended, and passed over"
    STOPPED = "did not run, or not to a good end"


@dataclass(frozen=True)
class Plan:
    """A graph as it was when its version was fixed."""

    graph: Graph
    root: str
    version: int
    fingerprint: str

    def parents(self, name: str) -> tuple[str, ...]:
        """Predecessors that are part of this graph: those under another root have no say in this run."""
        members = self.graph.members(self.root)
        return tuple(parent for parent in predecessor_names(self.graph.tasks[name].spec) if parent in members)


class Inline(Executor):
    """Runs what is submitted at once, in this thread, so that order and clock are those of the caller."""

    def submit(self, fn, /, *args, **kwargs):  # type: ignore[no-untyped-def]
        future: Future[object] = Future()
        future.set_result(fn(*args, **kwargs))
        return future


@dataclass
class _Current:
    """A task that runs now."""

    session: Session
    handle: str
    """The id under which the run as a whole is aborted; its query has an id of its own."""
    timed_out: bool = False


@dataclass
class Execution:
    """Runs the tasks of one attempt; `save` takes every change of a task's run."""

    account: "Account"
    plan: Plan
    run: GraphRun
    save: Callable[[TaskRun], None]
    earlier: Mapping[str, TaskRun] = field(default_factory=dict)
    """Runs of the attempt before: what succeeded or was skipped there is not run again."""

    def __post_init__(self) -> None:
        self._fates: dict[str, Fate] = {}
        self._done: dict[str, TaskRun] = {}
        self._lock = threading.Lock()
        self._current: dict[str, _Current] = {}
        self._cancelled = False
        root = self.plan.graph.tasks[self.plan.root]
        limit = number(root.spec, "USER_TASK_TIMEOUT_MS", DEFAULT_TIMEOUT_MS)
        self._deadline = time.monotonic() + limit / 1000 if limit else None
        self.root_runs = True
        """Whether the root itself is still running or to run."""

    # --- the graph -----------------------------------------------------------------------------------------------

    def perform(self, pool: Executor) -> GraphRun:
        """Run the graph to its end; the run as it ended."""
        root, *others = self.plan.graph.members(self.plan.root)
        self._fates[root] = self._fate(root)
        self.root_runs = False
        if self._state(root) is RunState.SKIPPED:
            return self._ended(RunState.SKIPPED)
        finalizer = self.plan.graph.finalizer(root)
        self._perform_all([name for name in others if name != finalizer], pool)
        if finalizer is not None and self.plan.graph.tasks[finalizer].spec.started:
            self._fate(finalizer)
        return self._ended(self._outcome())

    def _perform_all(self, waiting: list[str], pool: Executor) -> None:
        """Run tasks as their predecessors are settled, branches side by side as the pool allows."""
        running: dict[Future[Fate], str] = {}
        while waiting or running:
            ready = [name for name in waiting if all(parent in self._fates for parent in self.plan.parents(name))]
            for name in ready:
                waiting.remove(name)
                if self._may_run(name):
                    running[pool.submit(self._fate, name)] = name
                else:
                    self._fates[name] = self._fate_unrun(name)
            if ready:
                continue
            ended, _ = wait(running, return_when=FIRST_COMPLETED)
            for future in ended:
                self._fates[running.pop(future)] = future.result()

    def _may_run(self, name: str) -> bool:
        return self.plan.graph.tasks[name].spec.started and self._released(name)

    def _fate_unrun(self, name: str) -> Fate:
        suspended = not self.plan.graph.tasks[name].spec.started
        return Fate.PASSED_OVER if suspended and self._released(name) else Fate.STOPPED

    def _released(self, name: str) -> bool:
        """Whether the predecessors let the task run: with several, the suspended ones have no say."""
        parents = self.plan.parents(name)
        if len(parents) > 1:
            parents = tuple(parent for parent in parents if self._started(parent))
            return bool(parents) and all(self._fates[parent] is Fate.SUCCEEDED for parent in parents)
        return all(self._fates[parent] is not Fate.STOPPED for parent in parents)

    def _started(self, name: str) -> bool:
        return name == self.plan.root or self.plan.graph.tasks[name].spec.started

    def _state(self, name: str) -> RunState:
        return self._done[name].state

    def _outcome(self) -> RunState:
        states = {run.state for run in self._done.values()}
        if self._cancelled or RunState.CANCELLED in states:
            return RunState.CANCELLED
        return RunState.FAILED if RunState.FAILED in states else RunState.SUCCEEDED

    def _ended(self, state: RunState) -> GraphRun:
        failed = next((run for run in self._done.values() if run.state in (RunState.FAILED, RunState.CANCELLED)), None)
        ended = replace(self.run, state=state, finish=self.account.clock.now())
        if failed is not None:
            ended = replace(
                ended, error_task=failed.name, error_code=failed.error_code, error_message=failed.error_message
            )
        return ended

    # --- one task ------------------------------------------------------------------------------------------------

    def _fate(self, name: str) -> Fate:
        """Run a task, unless an earlier attempt has."""
        run = self.earlier.get(name)
        if run is None or run.state not in (RunState.SUCCEEDED, RunState.SKIPPED):
            run = self._run_task(self.plan.graph.tasks[name])
        with self._lock:
            self._done[name] = run
        return Fate.SUCCEEDED if run.state is RunState.SUCCEEDED else Fate.STOPPED

    def _run_task(self, task: Task) -> TaskRun:
        run = self._first_record(task)
        session = self.account.new_session(self._context(task), _parameters(task))
        current = _Current(session, str(uuid.uuid4()))
        try:
            with session.statement(current.handle, task.spec.definition):
                self._take_place(task, current)
                run = self._attempt(task, session, run)
        except SnowflakeError as error:
            run = self._failed(current, run, error)
        except Exception as error:  # noqa: BLE001 - a fault of ours must end the run, not the thread that runs it
            run = self._failed(current, run, internal_fault(error))
        finally:
            with self._lock:
                self._current.pop(task.name, None)
            session.close()
        self.save(run)
        return run

    def _take_place(self, task: Task, current: _Current) -> None:
        """From here on the task's run can be cancelled."""
        with self._lock:
            if self._cancelled:
                raise _cancelled()
            self._current[task.name] = current

    def _first_record(self, task: Task) -> TaskRun:
        assert task.database is not None
        assert task.schema is not None
        return TaskRun(
            self.run.group_id,
            self.run.attempt,
            task.id,
            task.database,
            task.schema,
            task.name,
            task.spec.definition,
            task.spec.condition,
            self.run.scheduled_time,
            start=self.account.clock.now(),
        )

    def _attempt(self, task: Task, session: Session, run: TaskRun) -> TaskRun:
        if task.spec.condition is not None and not condition_holds(session, task.spec.condition):
            now = self.account.clock.now()
            return replace(run, state=RunState.SKIPPED, finish=now, error_code=SKIPPED_CODE, error_message=SKIPPED_TEXT)
        query_id = str(uuid.uuid4())
        run = replace(run, query_id=query_id)
        self.save(run)
        with self._time_limit(task):
            session.check_aborted()
            session.execute(task.spec.definition, bindings={}, query_id=query_id, describe_only=False, parameters={})
        value = session.context.extra.get(RETURN_VALUE)
        return replace(run, state=RunState.SUCCEEDED, finish=self.account.clock.now(), return_value=value)

    def _failed(self, current: _Current, run: TaskRun, error: SnowflakeError) -> TaskRun:
        state, code, message = RunState.FAILED, f"{error.errno:06d}", error.message
        if current.timed_out:
            code = "000630"
            message = "Statement reached its statement or warehouse timeout and was canceled."
        elif error.errno == CANCELLED_ERRNO:
            state = RunState.CANCELLED
        return replace(run, state=state, finish=self.account.clock.now(), error_code=code, error_message=message)

    def _context(self, task: Task) -> Context:
        warehouse = task.spec.warehouse
        return Context(
            "SYSTEM",
            role=task.owner,
            database=task.database,
            schema=task.schema,
            warehouse=warehouse,
            task=task,
            extra=run_extra(self.run.config, self._returned(task), self._info(task)),
        )

    def _returned(self, task: Task) -> dict[str, str | None]:
        """Return values of the predecessors; a finalizer has none."""
        with self._lock:
            return {
                parent: self._done[parent].return_value if parent in self._done else None
                for parent in self.plan.parents(task.name)
            }

    def _info(self, task: Task) -> dict[str, str | None]:
        return {
            "CURRENT_TASK_NAME": task.name,
            "CURRENT_ROOT_TASK_NAME": self.run.name,
            "CURRENT_ROOT_TASK_UUID": str(self.run.root_id),
            "CURRENT_TASK_GRAPH_RUN_GROUP_ID": self.run.group_id,
            "CURRENT_TASK_GRAPH_ORIGINAL_SCHEDULED_TIMESTAMP": self.run.scheduled_time.isoformat(sep=" "),
        }

    # --- ends from outside ---------------------------------------------------------------------------------------

    def cancel(self) -> None:
        """Stop what runs, and run nothing more."""
        with self._lock:
            self._cancelled = True
            running = list(self._current.values())
        for current in running:
            current.session.abort(current.handle)

    def _time_limit(self, task: Task) -> "_TimeLimit":
        seconds = None
        if "USER_TASK_TIMEOUT_MS" in task.spec.parameters and task.name != self.plan.root:
            own = number(task.spec, "USER_TASK_TIMEOUT_MS", 0)
            seconds = own / 1000 if own else None
        elif self._deadline is not None:
            seconds = max(self._deadline - time.monotonic(), 0.001)
        return _TimeLimit(seconds, lambda: self._time_out(task.name))

    def _time_out(self, name: str) -> None:
        with self._lock:
            current = self._current.get(name)
            if current is not None:
                current.timed_out = True
        if current is not None:
            current.session.abort(current.handle)


class _TimeLimit:
    """Calls `act` unless the block ends within `seconds`."""

    def __init__(self, seconds: float | None, act: Callable[[], None]) -> None:
        self._timer = threading.Timer(seconds, act) if seconds is not None else None

    def __enter__(self) -> None:
        if self._timer is not None:
            self._timer.daemon = True
            self._timer.start()

    def __exit__(self, *_: object) -> None:
        if self._timer is not None:
            self._timer.cancel()


def _cancelled() -> SnowflakeError:
    return SnowflakeError("SQL execution canceled", CANCELLED_ERRNO, "57014")


def _parameters(task: Task) -> Parameters:
    """The session parameters of a task's run."""
    chosen = Parameters()
    for setting in session_settings(task.spec):
        chosen.set(setting.name, setting.value)
    return chosen
