"""Run a task graph and follow it to its end."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from pipeline.commands.project_tasks import ProjectTasks
from pipeline.errors import PipelineError, StatementFailed
from pipeline.plan.graphs import Graphs
from pipeline.sql.names import QualifiedName
from pipeline.targets.runs import RunState, TaskRun, account_time, read_runs

POLL_SECONDS = 0.2
"""Between two looks at a run; a local account answers within milliseconds, Snowflake has no cheaper way to ask."""
SLOWEST_POLL = 5.0


@dataclass(frozen=True, slots=True)
class GraphRun:
    """A run of a graph: `runs` holds one per task that ran, was skipped or failed; empty when it was not waited for."""

    root: QualifiedName
    runs: tuple[TaskRun, ...] = ()
    seconds: float | None = None

    @property
    def failed(self) -> tuple[TaskRun, ...]:
        return tuple(run for run in self.runs if run.state.bad)


@dataclass(frozen=True, slots=True)
class RunSeen:
    """Event: a task's run has a new state."""

    run: TaskRun


@dataclass(frozen=True, slots=True)
class TaskNotice:
    """Event: a word to the user."""

    text: str


TaskEvent: TypeAlias = RunSeen | TaskNotice
Listener: TypeAlias = Callable[[TaskEvent], None]


def run_failed(failed: Sequence[TaskRun]) -> PipelineError:
    """The error for runs that ended badly."""
    first, *rest = failed
    code = f"{first.error_code}: " if first.error_code else ""
    notes = [f"query id: {first.query_id}"] if first.query_id else []
    notes += [f"Task {run.task} ended as {run.state} too: {run.error}" for run in rest]
    return StatementFailed(
        f"Task {first.task} ended as {first.state}: {code}{first.error}",
        query_id=first.query_id,
        hint="`pipeline tasks history` tells more; the rows stay in their streams until a run succeeds.",
        notes=tuple(notes[1:] if first.query_id else notes),
    )


def run_graph(
    project: ProjectTasks,
    root: QualifiedName,
    *,
    wait: bool,
    timeout: float,
    listen: Listener,
    begun: Callable[[], object] = lambda: None,
) -> GraphRun:
    """EXECUTE TASK on a root; it runs though the root is suspended, but leaves out suspended children.

    `begun` is called when the run has begun, before the first look at it, and may return when it is over.
    """
    for task in project.graphs.members(root)[:-1]:
        if not task.started:
            listen(TaskNotice(f"Task {task.name} is suspended: it will not run. `pipeline tasks resume` starts it."))
    began = time.perf_counter()
    if not wait:
        project.session.run(f"EXECUTE TASK {root}")
        return GraphRun(root)
    execution = _execute(project, root)
    begun()
    runs = _follow(execution, began + timeout, listen)
    return GraphRun(root, runs, time.perf_counter() - began)


@dataclass(frozen=True, slots=True)
class _Execution:
    """An EXECUTE TASK: its graph run is the first one since then that was not known before."""

    project: ProjectTasks
    root: QualifiedName
    since: datetime
    known: frozenset[str | None]


def _execute(project: ProjectTasks, root: QualifiedName) -> _Execution:
    # TASK_HISTORY has milliseconds: runs of the one that has begun are told apart by their groups
    now = account_time(project.session)
    since = now.replace(microsecond=now.microsecond // 1000 * 1000)
    before = read_runs(project.session, project.database, since=since, root_id=project.infos[root].id)
    project.session.run(f"EXECUTE TASK {root}")
    return _Execution(project, root, since, frozenset(run.group for run in before))


def _follow(execution: _Execution, deadline: float, listen: Listener) -> tuple[TaskRun, ...]:
    """Look at the graph's run until nothing of it is left to come."""
    graphs, root = execution.project.graphs, execution.root
    seen: dict[QualifiedName, TaskRun] = {}
    seconds = POLL_SECONDS
    while True:
        for run in _runs_of(execution):
            if run.task not in seen or seen[run.task].state is not run.state:
                listen(RunSeen(run))
            seen[run.task] = run
        if not still_to_come(graphs, root, seen):
            return tuple(sorted(seen.values(), key=_began))
        if time.perf_counter() > deadline:
            raise PipelineError(
                f"The run of {root} is not over in time.", hint="`pipeline tasks history` shows where it stands."
            )
        time.sleep(seconds)
        seconds = min(seconds * 1.5, SLOWEST_POLL)


def _runs_of(execution: _Execution) -> list[TaskRun]:
    """The latest attempt of each task in the graph run of the execution; none before it has begun."""
    project, root = execution.project, execution.root
    runs = read_runs(project.session, project.database, since=execution.since, root_id=project.infos[root].id)
    first = min(
        (
            run
            for run in runs
            if run.task == root and run.scheduled_from == "EXECUTE_TASK" and run.group not in execution.known
        ),
        key=lambda run: run.scheduled,
        default=None,
    )
    if first is None:
        return []
    mine = [run for run in runs if run.group == first.group]
    latest = max(run.attempt for run in mine)
    return sorted((run for run in mine if run.attempt == latest), key=_began)


def _began(run: TaskRun) -> tuple[datetime, str]:
    return run.started or run.scheduled, str(run.task)


def still_to_come(graphs: Graphs, root: QualifiedName, seen: dict[QualifiedName, TaskRun]) -> frozenset[QualifiedName]:
    """The tasks of a graph's run that have still to end.

    A suspended child counts as done; below a task that failed or was skipped nothing runs, save the finalizer, which
    runs after all others unless the root was skipped (docs.snowflake.com/en/user-guide/tasks-graphs).
    """
    root_run = seen.get(root)
    if root_run is None or not root_run.state.over:
        return frozenset({root})
    if root_run.state is RunState.SKIPPED:
        return frozenset()
    members = {task.name: task for task in graphs.members(root)}
    passed: dict[QualifiedName, bool] = {root: root_run.state is RunState.SUCCEEDED}

    def passes(name: QualifiedName) -> bool | None:
        """Whether what hangs on `name` may run; None while that is open."""
        if name not in passed:
            task = members[name]
            above = [passes(parent) for parent in task.predecessors if parent in members]
            if False in above:
                return False
            if not task.started:
                return None if None in above else True
            run = seen.get(name)
            if None in above or run is None or not run.state.over:
                return None
            passed[name] = run.state is RunState.SUCCEEDED
        return passed[name]

    open_tasks = {name for name, task in members.items() if task.finalizes is None and passes(name) is None}
    finalizers = {name for name, task in members.items() if task.finalizes is not None and task.started}
    unfinished = {name for name in finalizers if name not in seen or not seen[name].state.over}
    return frozenset(open_tasks or unfinished)
