"""Pipeline A from folder to figures, on the local account, with whichever connector is installed.

The truths are computed in plain Python from the same files.
"""

from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest

from e2e.orders_project import (
    BROKEN,
    SAMPLE,
    OrdersProject,
    check_tables,
    late_events,
    sample_lines,
    truth_of,
)
from pipeline.commands.health import Level
from pipeline.commands.load import FileStatus, StrictLoadFailed
from pipeline.plan.model import DeployStatus
from pipeline.targets.runs import RunState


@pytest.fixture
def project(tmp_path: Path) -> OrdersProject:
    made = OrdersProject(tmp_path)
    assert made.deploy().status is DeployStatus.SUCCEEDED
    return made


def test_the_main_job(project: OrdersProject) -> None:
    report = project.load(SAMPLE)
    assert [file.status for file in report.files] == [FileStatus.LOADED]
    assert report.rows_loaded == len(sample_lines())

    runs = [run for graph in project.run_tasks() for run in graph.runs]
    assert {run.task.name: run.state for run in runs} == {
        "MERGE_ORDERS_EVENTS": RunState.SUCCEEDED,
        "REFRESH_ORDERS_CURRENT": RunState.SUCCEEDED,
        "COLLECT_REJECTED_EVENTS": RunState.SUCCEEDED,
    }

    truth = truth_of(SAMPLE)
    check_tables(project, truth)
    assert late_events(project) == truth.late_by_order

    days = project.query("daily-revenue", days="3650")
    assert {(row["DAY"], row["CURRENCY"]): (row["ORDERS"], row["REVENUE"]) for row in days} == truth.daily_revenue
    assert project.health().level is Level.OK


def state(project: OrdersProject) -> dict[str, object]:
    """Everything that a second deploy must leave as it is."""
    tables = ("raw.orders_events_raw", "analytics.orders_events", "analytics.orders_current")
    streams = ("raw.orders_events_stream", "raw.orders_rejected_stream", "analytics.orders_current_stream")
    return {
        **{table: sorted(map(str, project.rows(f"SELECT * FROM {table}"))) for table in tables},
        **{stream: sorted(map(str, project.rows(f"SELECT * FROM {stream}"))) for stream in streams},
        "tasks": project.task_states(),
    }


def test_a_second_deploy_with_unread_rows_changes_nothing(project: OrdersProject) -> None:
    project.load(SAMPLE)
    before = state(project)
    assert before["raw.orders_events_stream"]
    report = project.deploy()
    assert report.status is DeployStatus.SUCCEEDED
    assert state(project) == before
    project.run_tasks()
    check_tables(project, truth_of(SAMPLE))
    after_run = state(project)
    project.deploy()
    assert state(project) == after_run


def test_a_file_loaded_twice_is_skipped(project: OrdersProject) -> None:
    project.load(SAMPLE, wait=True)
    again = project.load(SAMPLE, wait=True)
    assert [file.status for file in again.files] == [FileStatus.SKIPPED]
    check_tables(project, truth_of(SAMPLE))


def test_a_file_sent_twice_under_another_name_counts_once(project: OrdersProject) -> None:
    copy = project.write("orders_events_again.jsonl", sample_lines())
    project.load(SAMPLE, wait=True)
    project.load(copy, wait=True)
    check_tables(project, truth_of(SAMPLE, copy))


def test_two_files_with_overlapping_events(project: OrdersProject) -> None:
    lines = sample_lines()
    first, second = project.write("first.jsonl", lines[:250]), project.write("second.jsonl", lines[150:])
    project.load(first)
    project.run_tasks()
    project.load(second)
    project.run_tasks()
    check_tables(project, truth_of(first, second))


def test_two_files_in_one_batch(project: OrdersProject) -> None:
    lines = sample_lines()
    first, second = project.write("a.jsonl", lines[:250]), project.write("b.jsonl", lines[150:])
    project.load(first, second, wait=True)
    check_tables(project, truth_of(first, second))


def shuffled(lines: list[str]) -> list[str]:
    Random(4).shuffle(lines)
    return lines


@pytest.mark.parametrize("order", [lambda lines: lines[::-1], shuffled], ids=["reversed", "shuffled"])
def test_any_order_of_lines(project: OrdersProject, order: Callable[[list[str]], list[str]]) -> None:
    file = project.write("mixed.jsonl", order(sample_lines()))
    project.load(file, wait=True)
    truth = truth_of(file)
    check_tables(project, truth)
    assert late_events(project) == truth.late_by_order


def test_broken_lines_are_counted_and_rejected_with_a_reason(project: OrdersProject) -> None:
    report = project.load(SAMPLE, BROKEN, wait=True)
    truth = truth_of(SAMPLE, BROKEN)
    by_name = {file.file.name: file for file in report.files}
    broken = by_name[BROKEN.name]
    assert broken.errors == len(truth.unreadable)
    assert broken.first_error_line == truth.unreadable[0][1]
    assert broken.status is FileStatus.PARTLY
    assert report.rows_loaded == truth.loaded
    check_tables(project, truth)


def test_a_line_of_twenty_megabytes(project: OrdersProject) -> None:
    line = sample_lines()[0].replace('"status"', f'"note":"{"x" * 20_000_000}","status"')
    file = project.write("long.jsonl", [line])
    project.load(file, wait=True)
    check_tables(project, truth_of(file))


def test_strict_loads_nothing(project: OrdersProject) -> None:
    with pytest.raises(StrictLoadFailed):
        project.load(SAMPLE, BROKEN, strict=True)
    assert project.rows("SELECT COUNT(*) FROM raw.orders_events_raw") == [(0,)]
