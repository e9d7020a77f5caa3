"""The account's runner of tasks: requests become graph runs, in threads or at once; retries, overlap, suspension.

Source: docs.snowflake.com/en/sql-reference/sql/execute-task, …/create-task (OVERLAP_POLICY,
SUSPEND_TASK_AFTER_NUM_FAILURES, TASK_AUTO_RETRY_ATTEMPTS).
"""

import json
import threading
import time
import uuid
from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from pipeline.local.errors import SnowflakeError
from pipeline.local.internal import internal_fault
from pipeline.local.objects import Kind
from pipeline.local.schedule import refused
from pipeline.local.session import Context, Session
from pipeline.local.tasks.execution import CANCELLED_ERRNO, Execution, Inline, Plan
from pipeline.local.tasks.graph import Graph, Task
from pipeline.local.tasks.properties import check_config, number
from pipeline.local.tasks.runs import FAILURES, GraphRun, Origin, RunLog, RunState, TaskRun
from pipeline.local.tasks.statements import SUSPENDED_DUE_TO_ERRORS, suspend

if TYPE_CHECKING:
    from pipeline.local.engine import Account

RETRY_WINDOW = timedelta(days=14)
DEFAULT_FAILURES = 10
_BRANCHES = 4
"""Tasks of one graph that run side by side."""


@dataclass(frozen=True)
class Request:
    """A graph to run, as it is now."""

    plan: Plan
    origin: Origin
    scheduled_time: datetime
    config: str | None = None
    retries: GraphRun | None = None
    """The attempt to repeat from where it failed."""

    @property
    def root(self) -> Task:
        return self.plan.graph.tasks[self.plan.root]


@dataclass(eq=False)
class _Running:
    """A request that runs, and the attempt that it is at."""

    request: Request
    execution: Execution


@dataclass
class _Roots:
    """What runs and what waits, by the root's id."""

    active: dict[int, list[_Running]] = field(default_factory=dict)
    queued: dict[int, Request] = field(default_factory=dict)


class TaskService:
    """Runs the graphs of one account."""

    def __init__(self, account: "Account") -> None:
        self.account = account
        self.log = RunLog(account.store.cursor(), account.clock.now())
        self._roots = _Roots()
        self._changed = threading.Condition()
        self._closed = False
        self._waiting: dict[str, Session] = {}
        """Sessions that change the catalog for a run, by the id under which they are aborted."""

    # --- requests ------------------------------------------------------------------------------------------------

    def request(self, root: Task, origin: Origin, at: datetime, *, config: str | None = None) -> Request:
        """A request to run a root's graph as it is now; `config` is merged over the root's own."""
        assert root.database is not None
        assert root.schema is not None
        graph = Graph.read(self.account.catalog, root.database, root.schema)
        version, fingerprint = self.version(root, graph)
        plan = Plan(graph, root.name, version, fingerprint)
        return Request(plan, origin, at, merge_config(root.spec.config, config))

    def version(self, root: Task, graph: Graph) -> tuple[int, str]:
        """The graph's version, and what it says: one more than the last that was fixed if a definition has changed.

        Versions are fixed by RESUME, which the root's record shows, and by runs.
        """
        fingerprint = graph.fingerprint(root.name)
        runs = self.log.of_root(root.id)
        known = [(root.spec.graph_version, root.spec.graph_fingerprint)]
        known += [(run.version, run.fingerprint) for run in runs]
        last, said = max(known)
        return (last, said) if said == fingerprint else (last + 1, fingerprint)

    def committed_on(self, task: Task) -> datetime | None:
        """When the version of a task was last fixed: by RESUME, or by the first run of a newer version of its graph."""
        spec = task.spec
        newer = (run for run in self.log.of_root(task.id) if run.version > spec.graph_version)
        first = {run.version: run.start for run in reversed(list(newer))}
        return first[max(first)] if first else spec.last_committed_on

    def retry_request(self, root: Task, group_id: str | None = None) -> Request:
        """RETRY LAST, or RETRY GRAPH RUN GROUP.

        Raises:
            SnowflakeError: there is no run to retry, it did not fail, or the graph has changed since.
        """
        now = self.account.clock.now()
        request = self.request(root, Origin.MANUAL_RETRY, now)
        runs = [
            run
            for run in self.log.of_root(root.id)
            if run.state is not RunState.SKIPPED and group_id in (None, run.group_id)
        ]
        if not runs:
            raise _nothing_to_retry(root)
        last = runs[-1]
        if last.state is RunState.SUCCEEDED:
            raise refused(
                f"Cannot perform retry: run (GRAPH_RUN_GROUP_ID = {last.group_id}, attempt = {last.attempt}) "
                f"of graph with root task {root.name} had no failures."
            )
        first = next(run for run in runs if run.group_id == last.group_id)
        same = last.fingerprint == request.plan.fingerprint
        if last.finish is None or not same or now - (first.start or now) > RETRY_WINDOW:
            raise _nothing_to_retry(root)
        return replace(request, retries=last, config=last.config)

    def submit(self, request: Request) -> None:
        """EXECUTE TASK: run in the background, after what runs of that root; of those that wait the newest remains."""
        with self._changed:
            if self._blocked(request):
                self._roots.queued[request.root.id] = request
            else:
                self._launch(request)

    def submit_unless_running(self, request: Request) -> bool:
        """Run in the background, unless the overlap policy forbids it now."""
        with self._changed:
            if self._blocked(request):
                return False
            self._launch(request)
        return True

    def perform(self, request: Request) -> None:
        """Run in this thread, to the end."""
        with self._changed:
            running = self._begin(request, self.log.save)
        try:
            self._run(running, Inline())
        finally:
            self._ended(running)

    def running(self, root_id: int) -> bool:
        with self._changed:
            return bool(self._roots.active.get(root_id))

    def cancel(self, root_id: int) -> int:
        """Stop the running graphs of a root and forget the one that waits; how many were stopped."""
        with self._changed:
            self._roots.queued.pop(root_id, None)
            active = list(self._roots.active.get(root_id, ()))
        for running in active:
            running.execution.cancel()
        return len(active)

    def drain(self, timeout: float | None = None) -> bool:
        """Wait until nothing runs or waits; False if that took longer than `timeout` seconds."""
        until = None if timeout is None else time.monotonic() + timeout
        with self._changed:
            while any(self._roots.active.values()) or self._roots.queued:
                left = None if until is None else until - time.monotonic()
                if left is not None and left <= 0:
                    return False
                self._changed.wait(left)
        return True

    def close(self) -> None:
        """Cancel what runs, and wait for its end."""
        with self._changed:
            self._closed = True
            active = [running for group in self._roots.active.values() for running in group]
            self._roots.queued.clear()
        for running in active:
            running.execution.cancel()
        for handle, session in list(self._waiting.items()):
            session.abort(handle)
        self.drain()
        self.log.flush()

    def _blocked(self, request: Request) -> bool:
        active = self._roots.active.get(request.root.id, [])
        match request.root.spec.overlap_policy:
            case "ALLOW_ALL_OVERLAP":
                return False
            case "ALLOW_CHILD_OVERLAP":
                return any(running.execution.root_runs for running in active)
            case _:
                return bool(active)

    # --- runs ----------------------------------------------------------------------------------------------------

    def _launch(self, request: Request) -> None:
        if self._closed:
            return
        running = self._begin(request, self._save_now)
        thread = threading.Thread(target=self._run_in_thread, args=(running,), daemon=True)
        thread.name = f"task {request.root.name}"
        thread.start()

    def _run_in_thread(self, running: _Running) -> None:
        try:
            with ThreadPoolExecutor(_BRANCHES) as pool:
                self._run(running, pool)
        except Exception as error:  # noqa: BLE001 - a fault of ours has no one above it here: it goes to the log
            internal_fault(error)
        finally:
            self.log.flush()
            self._ended(running)

    def _save_now(self, run: TaskRun) -> None:
        """Save a run, and write it down once it has ended."""
        self.log.save(run)
        if run.state is not RunState.EXECUTING:
            self.log.flush()

    def _begin(self, request: Request, save: Callable[[TaskRun], None]) -> _Running:
        """The first attempt of a request, recorded as executing."""
        root, before = request.root, request.retries
        assert root.database is not None
        assert root.schema is not None
        run = GraphRun(
            group_id=before.group_id if before else _group_id(),
            attempt=before.attempt + 1 if before else 1,
            run_id=before.run_id if before else int(request.scheduled_time.timestamp() * 1000),
            root_id=root.id,
            database=root.database,
            schema=root.schema,
            name=root.name,
            version=request.plan.version,
            fingerprint=request.plan.fingerprint,
            origin=request.origin,
            scheduled_time=request.scheduled_time,
            config=request.config,
            start=self.account.clock.now(),
        )
        self.log.save(run)
        execution = Execution(self.account, request.plan, run, save, self._settled(before))
        running = _Running(request, execution)
        self._roots.active.setdefault(root.id, []).append(running)
        return running

    def _settled(self, before: GraphRun | None) -> dict[str, TaskRun]:
        """The last run of each task in the attempts of a group, up to one."""
        if before is None:
            return {}
        return {
            run.name: run
            for attempt in range(1, before.attempt + 1)
            for run in self.log.runs((before.group_id, attempt))
        }

    def _run(self, running: _Running, pool: Executor) -> None:
        """All attempts of a request, one after the other."""
        root = running.request.root
        ended = self._attempt(running, pool)
        for _ in range(number(root.spec, "TASK_AUTO_RETRY_ATTEMPTS", 0)):
            if ended.state is not RunState.FAILED or self._closed:
                break
            running.execution = self._again(running, ended)
            ended = self._attempt(running, pool)
        if ended.state is RunState.FAILED:
            self._suspend_after_failures(root, ended)

    def _attempt(self, running: _Running, pool: Executor) -> GraphRun:
        ended = running.execution.perform(pool)
        self.log.save(ended)
        return ended

    def _again(self, running: _Running, failed: GraphRun) -> Execution:
        now = self.account.clock.now()
        run = replace(
            running.execution.run,
            attempt=failed.attempt + 1,
            origin=Origin.AUTOMATIC_RETRY,
            scheduled_time=now,
            start=now,
        )
        self.log.save(run)
        return Execution(self.account, running.request.plan, run, running.execution.save, self._settled(failed))

    def _ended(self, running: _Running) -> None:
        """Take a request off what runs, and start the one that waited for it."""
        root_id = running.request.root.id
        with self._changed:
            self._roots.active[root_id].remove(running)
            waiting = self._roots.queued.pop(root_id, None)
            if waiting is not None and self._blocked(waiting):
                self._roots.queued[root_id] = waiting
            elif waiting is not None:
                self._launch(replace(waiting, scheduled_time=self.account.clock.now()))
            self._changed.notify_all()

    # --- what a run changes in the catalog -----------------------------------------------------------------------

    def _suspend_after_failures(self, root: Task, ended: GraphRun) -> None:
        limit = number(root.spec, "SUSPEND_TASK_AFTER_NUM_FAILURES", DEFAULT_FAILURES)
        current = self.account.catalog.peek(root.id)
        if not limit or current is None or not current.spec.started or self._failures(current) < limit:
            return
        if not self._suspend(root.id):
            return
        for run in self.log.runs(ended.key):
            if run.state is RunState.FAILED:
                self.log.save(replace(run, state=RunState.FAILED_AND_AUTO_SUSPENDED))

    def _suspend(self, root_id: int) -> bool:
        """Suspend a root; False if the account was closed while that waited for another's transaction."""
        session, handle = self.account.new_session(Context("SYSTEM")), str(uuid.uuid4())
        self._waiting[handle] = session
        try:
            with session.statement(handle), session.defining() as change:
                if self._closed:
                    return False
                suspend(change, change.catalog.get(root_id), SUSPENDED_DUE_TO_ERRORS)
        except SnowflakeError as error:
            if error.errno != CANCELLED_ERRNO:
                raise
            return False
        finally:
            del self._waiting[handle]
            session.close()
        return True

    def _failures(self, root: Task) -> int:
        """Graph runs that failed one after the other, since the root was resumed; skips and cancels do not count."""
        since = root.spec.resumed_on
        groups: dict[str, RunState] = {}
        for run in self.log.of_root(root.id):
            if since is None or (run.start or since) >= since:
                groups[run.group_id] = run.state
        count = 0
        for state in groups.values():
            if state in FAILURES:
                count += 1
            elif state is RunState.SUCCEEDED:
                count = 0
        return count

    def roots(self) -> list[Task]:
        """The live root tasks that are started."""
        return [
            task
            for task in self.account.catalog.all(Kind.TASK)
            if task.spec.started and not task.spec.predecessors and task.spec.finalizes is None
        ]


def merge_config(default: str | None, given: str | None) -> str | None:
    """USING CONFIG, merged over the default at every depth.

    Raises:
        SnowflakeError: `given` is not a JSON object.
    """
    if given is None:
        return default
    return json.dumps(_merged(check_config(default or "{}"), check_config(given)), separators=(",", ":"))


def _merged(base: dict[str, object], over: dict[str, object]) -> dict[str, object]:
    found = dict(base)
    for key, value in over.items():
        below = found.get(key)
        found[key] = _merged(below, value) if isinstance(below, dict) and isinstance(value, dict) else value
    return found


def _group_id() -> str:
    """Ids of groups are numbers as text."""
    return str(uuid.uuid4().int >> 66)


def _nothing_to_retry(root: Task) -> Exception:
    return refused(f"Cannot perform retry: no suitable run of graph with root task {root.name} to retry.")
