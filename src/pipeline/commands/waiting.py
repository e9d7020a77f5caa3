"""Wait until all rows of a load have gone through the project's streams."""

import time
from collections.abc import Callable
from datetime import datetime

from pipeline.commands.project_tasks import ProjectTasks
from pipeline.commands.runs import RunSeen, TaskEvent, run_failed, run_graph
from pipeline.commands.workspace import Workspace
from pipeline.errors import PipelineError
from pipeline.sql.names import QualifiedName
from pipeline.targets.runs import account_time, read_runs
from pipeline.targets.session import Session
from pipeline.targets.tasks import has_data

SCHEDULE_POLL = 2.0
"""Seconds between two looks while graphs run on their own schedule."""


def wait_for_streams(workspace: Workspace, session: Session, timeout: float, say: Callable[[str], None]) -> float:
    """Return when no stream of the project has rows; the seconds that took.

    Graphs whose roots are suspended are run, on an embedded account all of them: nobody else would. The others are left
    to their schedule. Raises PipelineError when a run fails, when `timeout` seconds pass, or when rows are left that no
    graph takes.
    """
    began, since = time.perf_counter(), account_time(session)
    tasks = ProjectTasks(workspace, session)
    ours = tuple(root.name for root in tasks.graphs.roots() if session.embedded or not root.started)
    scheduled = len(ours) < len(tasks.graphs.roots())
    backlog = streams_with_data(workspace, session)
    if backlog and scheduled:
        say("Waiting for the graphs that are started: they run on their schedules.")
    while backlog:
        _run_all(tasks, ours, began + timeout, say)
        left = streams_with_data(workspace, session)
        if left == backlog and not scheduled:
            raise _stuck(left)
        if scheduled and left:
            _check_deadline(began, timeout, left)
            time.sleep(SCHEDULE_POLL)
            _check_failures(tasks, since)
        backlog = left
    return time.perf_counter() - began


def streams_with_data(workspace: Workspace, session: Session) -> tuple[QualifiedName, ...]:
    """The project's streams that have rows to read."""
    return tuple(stream for stream in workspace.declared.streams if has_data(session, stream))


def _run_all(
    tasks: ProjectTasks, roots: tuple[QualifiedName, ...], deadline: float, say: Callable[[str], None]
) -> None:
    def listen(event: TaskEvent) -> None:
        if not isinstance(event, RunSeen):
            say(event.text)

    for root in roots:
        left = max(deadline - time.perf_counter(), 1.0)
        failed = run_graph(tasks, root, wait=True, timeout=left, listen=listen).failed
        if failed:
            raise run_failed(failed)


def _check_failures(tasks: ProjectTasks, since: datetime) -> None:
    """A scheduled run that failed will not empty its stream: say so instead of waiting for the time to pass."""
    runs = read_runs(tasks.session, tasks.database, since=since)
    failed = [run for run in runs if run.task in tasks.infos and run.state.bad]
    if failed:
        raise run_failed(failed)


def _check_deadline(began: float, timeout: float, left: tuple[QualifiedName, ...]) -> None:
    if time.perf_counter() - began > timeout:
        raise PipelineError(
            f"After {timeout:.0f} seconds {_listed(left)} still has rows.",
            hint="`pipeline tasks history` shows what the tasks did; --timeout waits longer.",
        )


def _stuck(left: tuple[QualifiedName, ...]) -> PipelineError:
    return PipelineError(
        f"The tasks ran, and {_listed(left)} still has rows.",
        hint="No task of the project reads it, or the task that does is suspended: `pipeline tasks list`.",
    )


def _listed(streams: tuple[QualifiedName, ...]) -> str:
    return ", ".join(str(stream) for stream in streams)
