"""Task graphs, their states and their runs."""

from collections.abc import Sequence
from dataclasses import replace

from rich.console import Console

from pipeline.cli.views.table import draw
from pipeline.cli.words import brief, counted, duration, moment
from pipeline.commands.runs import GraphRun
from pipeline.commands.tasks import Changed, TaskRow
from pipeline.sql.names import render
from pipeline.targets.runs import RunState, TaskRun
from pipeline.targets.tasks import TaskInfo


def _list_view(rows: tuple[TaskRow, ...], console: Console) -> None:
    if not rows:
        console.print("The account has no task of this project.")
        return
    # All are in the project's database, most often in one schema, and a terminal has no room to say so on each line.
    several = len({row.task.name.schema for row in rows}) > 1
    draw(
        console,
        ("task", "state", "schedule", "last run"),
        (
            (
                "  " * row.depth + _named(row.task, with_schema=several),
                "started" if row.task.live.started else "suspended",
                _schedule(row.task),
                "–" if row.last is None else _ended(row.last),
            )
            for row in rows
        ),
    )


def _named(task: TaskInfo, *, with_schema: bool) -> str:
    return str(replace(task.name, database=None)) if with_schema else render(task.name.name)


def _schedule(task: TaskInfo) -> str:
    """Nothing for a child: where it stands says after which task it runs."""
    if task.live.finalizes:
        return "at the end"
    return (task.schedule or "").removeprefix("USING CRON ")


def _ended(run: TaskRun) -> str:
    return run.state.lower() if run.completed is None else f"{run.state.lower()} {brief(run.completed)}"


def _list_document(rows: tuple[TaskRow, ...]) -> list[dict[str, object]]:
    return [
        {
            "task": row.task.name,
            "root": row.root,
            "state": "started" if row.task.live.started else "suspended",
            "schedule": row.task.schedule,
            "condition": row.task.condition,
            "predecessors": row.task.live.predecessors,
            "finalizes": row.task.live.finalizes,
            "last_run": None if row.last is None else _run(row.last),
        }
        for row in rows
    ]


def _changes_view(changed: tuple[Changed, ...], console: Console) -> None:
    if not changed:
        console.print("Nothing to do: all tasks are started already.")
    for change in changed:
        console.print(f"{'started' if change.started else 'suspended':<10} {change.task}", soft_wrap=True)


def _changes_document(changed: tuple[Changed, ...]) -> list[dict[str, object]]:
    return [{"task": change.task, "state": "started" if change.started else "suspended"} for change in changed]


def _graphs_view(graphs: tuple[GraphRun, ...], console: Console) -> None:
    for graph in graphs:
        if graph.seconds is None:
            console.print(f"{graph.root} was told to run; `pipeline tasks history` shows how it went.", soft_wrap=True)
        else:
            console.print(f"{graph.root}: {_counts(graph.runs)} in {duration(graph.seconds)}.", soft_wrap=True)


def _counts(runs: Sequence[TaskRun]) -> str:
    """`2 tasks done, 1 skipped`; a task is skipped when its WHEN is not true."""
    skipped = sum(run.state is RunState.SKIPPED for run in runs)
    done = len(runs) - skipped
    if not skipped:
        return f"{counted(done, 'task')} done"
    return f"{counted(done, 'task')} done, {skipped} skipped" if done else f"{counted(skipped, 'task')} skipped"


def _graphs_document(graphs: tuple[GraphRun, ...]) -> list[dict[str, object]]:
    return [
        {"root": graph.root, "seconds": graph.seconds, "runs": [_run(run) for run in graph.runs]} for graph in graphs
    ]


def _runs_view(runs: tuple[TaskRun, ...], console: Console) -> None:
    if not runs:
        console.print("No task has run in the last 7 days.")
        return
    draw(
        console,
        ("scheduled", "task", "state", "took", "error"),
        (
            (
                moment(run.scheduled),
                str(run.task),
                run.state.lower(),
                "–" if run.seconds is None else duration(run.seconds),
                run.error or "",
            )
            for run in runs
        ),
    )


def _runs_document(runs: tuple[TaskRun, ...]) -> list[dict[str, object]]:
    return [_run(run) for run in runs]


def _run(run: TaskRun) -> dict[str, object]:
    return {
        "task": run.task,
        "state": run.state,
        "scheduled": run.scheduled,
        "started": run.started,
        "completed": run.completed,
        "seconds": run.seconds,
        "query_id": run.query_id,
        "error_code": run.error_code,
        "error": run.error,
        "graph_run_group": run.group,
        "attempt": run.attempt,
        "scheduled_from": run.scheduled_from,
        "return_value": run.return_value,
    }


task_list = (_list_view, _list_document)
changes = (_changes_view, _changes_document)
graph_runs = (_graphs_view, _graphs_document)
task_runs = (_runs_view, _runs_document)
