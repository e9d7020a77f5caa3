"""Single tasks of a graph started and stopped; loads that wait for the graphs, to the end or in vain."""

from pathlib import Path

import pytest

from commands.small_shop import ALL, small_shop
from pipeline.commands import tasks
from pipeline.commands.deploy import deploy
from pipeline.commands.load import LoadReport, load
from pipeline.commands.query import run_text
from pipeline.commands.workspace import Request
from pipeline.errors import PipelineError, StatementFailed, UsageError

SALE = '{"id": 1, "amount": 2.5, "day": "2026-01-05"}\n'


def silent(_said: object) -> None:
    """Messages are not what these tests are about."""


def deployed(folder: Path, all_sql: str = ALL) -> Request:
    request = small_shop(folder, {"sql/all.sql": all_sql, "sale.jsonl": SALE})
    deploy(request, listen=silent, stop=lambda: False)
    return request


def states(request: Request) -> dict[str, bool]:
    return {row.task.live.name.name: row.task.live.started for row in tasks.list_tasks(request, silent)}


def load_and_wait(request: Request, folder: Path, timeout: float = 60.0) -> LoadReport:
    return load(request, [str(folder / "sale.jsonl")], wait=True, timeout=timeout, listen=silent)


def sold(request: Request) -> int:
    return int(str(run_text(request, "SELECT COUNT(*) FROM shop.s.days", silent).outcome.value()))


def test_a_child_is_suspended_and_resumed_and_its_root_keeps_its_state(tmp_path: Path) -> None:
    request = deployed(tmp_path)
    changed = tasks.suspend(request, "add_days", silent)
    assert [(each.task.name, each.started) for each in changed] == [("ADD_DAYS", False)]
    assert states(request) == {"READ_RAW": True, "ADD_DAYS": False}
    tasks.resume(request, "add_days", silent)
    assert states(request) == {"READ_RAW": True, "ADD_DAYS": True}
    tasks.suspend(request, None, silent)
    tasks.suspend(request, "s.add_days", silent)
    assert states(request) == {"READ_RAW": False, "ADD_DAYS": False}
    tasks.resume(request, "add_days", silent)
    assert states(request) == {"READ_RAW": False, "ADD_DAYS": True}


def test_resume_starts_children_and_root(tmp_path: Path) -> None:
    request = deployed(tmp_path)
    tasks.suspend(request, None, silent)
    tasks.suspend(request, "add_days", silent)
    changed = tasks.resume(request, None, silent)
    assert [each.task.name for each in changed] == ["ADD_DAYS", "READ_RAW"]
    assert tasks.resume(request, None, silent) == ()


def test_only_a_root_can_be_run(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="not the root"):
        tasks.run(deployed(tmp_path), "add_days", wait=True, listen=silent)


def test_a_load_waits_until_all_graphs_are_through(tmp_path: Path) -> None:
    request = deployed(tmp_path)
    assert load_and_wait(request, tmp_path).waited_seconds is not None
    assert sold(request) == 1


def test_roots_that_are_suspended_are_run_for_it(tmp_path: Path) -> None:
    request = deployed(tmp_path)
    tasks.suspend(request, None, silent)
    load_and_wait(request, tmp_path)
    assert sold(request) == 1
    assert states(request)["READ_RAW"] is False


def test_a_stream_that_nobody_empties_ends_the_waiting(tmp_path: Path) -> None:
    request = deployed(tmp_path)
    tasks.suspend(request, "add_days", silent)
    with pytest.raises(PipelineError, match="NEW_SALES still has rows") as raised:
        load_and_wait(request, tmp_path)
    assert "pipeline tasks list" in str(raised.value.hint)
    assert sold(request) == 0


def test_a_task_that_fails_ends_the_waiting_and_its_rows_stay(tmp_path: Path) -> None:
    broken = ALL.replace("SELECT day, SUM(amount)", "SELECT day, SUM(amount) / (SUM(amount) - SUM(amount))")
    request = deployed(tmp_path, broken)
    with pytest.raises(StatementFailed, match="ADD_DAYS ended as FAILED"):
        load_and_wait(request, tmp_path)
    rows = run_text(request, "SELECT COUNT(*) FROM shop.s.new_sales", silent).outcome.value()
    assert rows == 1


def test_a_run_that_takes_too_long_ends_the_waiting(tmp_path: Path) -> None:
    slow = ALL.replace("GROUP BY day;", "WHERE SYSTEM$WAIT(3) IS NOT NULL GROUP BY day;")
    request = deployed(tmp_path, slow)
    with pytest.raises(PipelineError, match="not over in time"):
        load_and_wait(request, tmp_path, timeout=1.0)
