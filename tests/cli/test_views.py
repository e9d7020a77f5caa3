"""What people read, letter by letter, as it stands in a file or a pipe."""

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import TypeVar

import pytest
from rich.console import Console

from pipeline.cli.screen import UNLIMITED
from pipeline.cli.views import deploy, health, load, tasks
from pipeline.commands.health import Check, Health, Level
from pipeline.commands.load import FileResult, FileStatus, LoadReport
from pipeline.commands.runs import GraphRun
from pipeline.commands.tasks import Changed, TaskRow
from pipeline.errors import Location
from pipeline.plan.graphs import LiveTask
from pipeline.plan.model import (
    CompileQuery,
    DeployStatus,
    Report,
    ResumeTask,
    RunStatement,
    Standing,
    Statement,
    StepResult,
    StepStatus,
    SuspendTask,
)
from pipeline.sql.names import QualifiedName
from pipeline.targets.runs import RunState, TaskRun
from pipeline.targets.state import LastLoad, TableRows
from pipeline.targets.tasks import TaskInfo

T = TypeVar("T")


@pytest.fixture(autouse=True)
def wall_clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A user in Paris."""
    monkeypatch.setenv("TZ", "Europe/Paris")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


ROOT = QualifiedName("DB", "S", "ROOT")
CHILD = QualifiedName("DB", "S", "CHILD")
NOON = datetime(2026, 3, 2, 12, 0, 0, tzinfo=UTC)


def shown(value: T, view: Callable[[T, Console], None]) -> str:
    file = StringIO()
    view(value, Console(file=file, width=UNLIMITED, highlight=False, emoji=False, markup=False))
    return file.getvalue()


def run_of(task: QualifiedName, state: RunState, error: str | None = None) -> TaskRun:
    end = NOON.replace(second=2, microsecond=500_000)
    return TaskRun(task, state, "q-1", None, error, NOON, NOON, end, "g", 1, "SCHEDULE", None)


def row(task: LiveTask, depth: int, last: TaskRun | None, schedule: str | None = None) -> TaskRow:
    return TaskRow(TaskInfo(task, "id", schedule, None, "WH", None), ROOT, depth, last)


def test_a_load() -> None:
    report = LoadReport(
        table="DB.RAW.T",
        stage="DB.RAW.S",
        files=(
            FileResult(Path("a.jsonl"), "a.0.jsonl.gz", FileStatus.PARTLY, 10, 8, 2, "Error parsing JSON", 3),
            FileResult(Path("more/b.jsonl"), "b.1.jsonl.gz", FileStatus.SKIPPED, 0, 0, 0),
        ),
        seconds=0.25,
        waited_seconds=3.21,
    )
    assert shown(report, load.view) == (
        "file          status         parsed  loaded  errors\n"
        "a.jsonl       partly loaded      10       8       2\n"
        "more/b.jsonl  skipped             0       0       0\n"
        "8 rows loaded into DB.RAW.T in 250 ms; 1 file skipped, loaded before; all streams empty after 3.2 s.\n"
    )
    assert list(load.warnings(report)) == ["2 lines not loaded, the first at a.jsonl:3: Error parsing JSON"]


def test_health() -> None:
    checks = (
        Check("connection", Level.OK, "local account answers"),
        Check("tasks", Level.WARNING, "DB.S.ROOT is suspended", "`pipeline tasks resume` starts it."),
    )
    found = Health("local", checks, (TableRows(ROOT, 3),), LastLoad("f", NOON, "Loaded", 3, 0, None), None)
    assert shown(found, health.view) == (
        "   check       finding\n"
        "✓  connection  local account answers\n"
        "!  tasks       DB.S.ROOT is suspended – `pipeline tasks resume` starts it.\n"
        "\n"
        "local is healthy, with warnings.\n"
    )


def test_the_worst_finding_is_the_verdict() -> None:
    def level(*levels: Level) -> Level:
        return Health("x", tuple(Check("c", found, "") for found in levels), (), None, None).level

    assert level() is Level.OK
    assert level(Level.OK, Level.WARNING) is Level.WARNING
    assert level(Level.FAILURE, Level.WARNING, Level.OK) is Level.FAILURE


def test_the_list_of_tasks() -> None:
    rows = (
        row(LiveTask(ROOT, True), 0, run_of(ROOT, RunState.SUCCEEDED), "1 MINUTE"),
        row(LiveTask(CHILD, False, (ROOT,)), 1, None),
    )
    assert shown(rows, tasks.task_list[0]) == (
        "task     state      schedule  last run\n"
        "ROOT     started    1 MINUTE  succeeded 2026-03-02\n"
        "  CHILD  suspended            –\n"
    )


def test_changes_of_states() -> None:
    changed = (Changed(CHILD, True), Changed(ROOT, False))
    assert shown(changed, tasks.changes[0]) == "started    DB.S.CHILD\nsuspended  DB.S.ROOT\n"
    assert shown((), tasks.changes[0]) == "Nothing to do: all tasks are started already.\n"


def test_the_runs_of_tasks() -> None:
    runs = (run_of(CHILD, RunState.FAILED, "Division by zero"), run_of(ROOT, RunState.SUCCEEDED))
    assert shown(runs, tasks.task_runs[0]) == (
        "scheduled            task        state      took   error\n"
        "2026-03-02 13:00:00  DB.S.CHILD  failed     2.5 s  Division by zero\n"
        "2026-03-02 13:00:00  DB.S.ROOT   succeeded  2.5 s\n"
    )
    skipped = run_of(CHILD, RunState.SKIPPED, "Conditional expression for task evaluated to false.")
    assert shown((GraphRun(ROOT, (*runs, skipped), 4.0), GraphRun(ROOT, (skipped,), 4.0)), tasks.graph_runs[0]) == (
        "DB.S.ROOT: 2 tasks done, 1 skipped in 4.0 s.\nDB.S.ROOT: 1 task skipped in 4.0 s.\n"
    )
    assert shown((GraphRun(ROOT, runs, 4.0), GraphRun(CHILD)), tasks.graph_runs[0]) == (
        "DB.S.ROOT: 2 tasks done in 4.0 s.\nDB.S.CHILD was told to run; `pipeline tasks history` shows how it went.\n"
    )


def test_a_deploy() -> None:
    statement = Statement(1, "sql/a.sql", "SELECT 1", Location(Path("sql/a.sql"), 4))
    steps = (
        SuspendTask(ROOT),
        RunStatement(statement),
        CompileQuery(statement),
        ResumeTask(CHILD, Standing.NEW),
        ResumeTask(ROOT, Standing.RESTORED),
    )
    results = tuple(StepResult(step, StepStatus.DONE, 0.001, 1, "q") for step in steps)
    report = Report("d", "shop", "prod", DeployStatus.SUCCEEDED, results, 5, 61.0)
    assert shown(report, deploy.view) == (
        "Deployed shop to prod in 1 min 1 s: 1 statement done, 1 query compiled, 1 task suspended, 2 tasks resumed.\n"
    )
    described = deploy.document(report)
    kinds = [(step["kind"], step["at"], step["what"]) for step in described["steps"]]  # type: ignore[attr-defined]
    assert kinds == [
        ("suspend", "tasks", "suspend DB.S.ROOT"),
        ("statement", "sql/a.sql:4", "SELECT 1"),
        ("compile", "sql/a.sql:4", "compile SELECT 1"),
        ("resume", "tasks", "resume DB.S.CHILD, which is new"),
        ("resume", "tasks", "resume DB.S.ROOT, as before"),
    ]
    assert Decimal(str(described["seconds"])) == 61
