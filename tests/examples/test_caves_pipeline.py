"""Les Caves d'Albert from folder to figures on the local account; the truths are plain Python over the same files."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random

import pytest

import truths.caves_customer_queries
import truths.caves_sales_queries
import truths.caves_stock_queries
from examples.caves_project import DATA, CavesProject, check_stock, check_tables
from pipeline.generate import CavesConfig, Disorder, caves
from pipeline.plan.model import DeployStatus
from pipeline.project.folder import read_project
from pipeline.project.queries import project_queries
from pipeline.project.render import ProjectRenderer
from truths.caves import CavesTruth, caves_truth
from truths.json_lines import read_files
from truths.sales import EXPECTED, Sales

BY_SHAPE = {"pipeline-health", "latency-by-hour", "rejected-events", "rejected-samples", "graph-runs", "stale-tables"}
"""Queries whose rows tell of the clock or of the pipeline itself."""
TRUTHS = (truths.caves_customer_queries, truths.caves_sales_queries, truths.caves_stock_queries)


def deployed(folder: Path) -> CavesProject:
    project = CavesProject(folder)
    assert project.deploy().status is DeployStatus.SUCCEEDED
    return project


@pytest.fixture
def project(tmp_path: Path) -> CavesProject:
    return deployed(tmp_path)


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> tuple[CavesProject, Sales]:
    """The project with the committed data loaded, and its truth."""
    made = deployed(tmp_path_factory.mktemp("caves"))
    made.load(*DATA)
    files = read_files(DATA)
    return made, Sales(caves_truth(files), files, date(2026, 3, 31))


def order(order_id: str, time: str, **more: object) -> dict[str, object]:
    return {
        "event_type": "ORDER_CREATED",
        "order_line_id": order_id,
        "customer_id": 7,
        "product_id": 1000,
        "quantity": 2,
        "unit_price": 12.35,
        "discount": 0.5,
        "total_price": 24.2,
        "event_ts": time,
    } | more


def adjustment(adjustment_id: str, time: str, change: int, product: int = 1000) -> dict[str, object]:
    return {
        "event_type": "INVENTORY_ADJUSTED",
        "event_id": adjustment_id,
        "product_id": product,
        "adjustment_type": "CORRECTION",
        "quantity_change": change,
        "event_ts": time,
    }


def test_the_sample_arrives_exactly(sample: tuple[CavesProject, Sales]) -> None:
    project, sales = sample
    check_tables(project, sales.truth)
    outcomes = {row[1] for row in project.query("graph-runs")}
    assert outcomes == {"SUCCEEDED"}


def test_every_query_has_a_truth_or_is_checked_by_its_shape() -> None:
    project = read_project(Path(__file__).parents[2] / "examples" / "caves_albert", "local", {}, {})
    names = {query.name for query in project_queries(project, ProjectRenderer(project))}
    assert all(module.__doc__ for module in TRUTHS)
    assert names == EXPECTED.keys() | BY_SHAPE


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_a_query_tells_the_truth(sample: tuple[CavesProject, Sales], name: str) -> None:
    project, sales = sample
    rows = project.query(name)
    if name == "late-events":  # the last columns are where the event stood in its staged file
        rows = [row[:4] for row in rows]
    expected = EXPECTED[name](sales)
    assert len(rows) == len(expected)
    for row, wanted in zip(rows, expected, strict=True):
        assert row == tuple(pytest.approx(value, abs=0.01) if isinstance(value, float) else value for value in wanted)


def test_rejected_events_say_why(sample: tuple[CavesProject, Sales]) -> None:
    project, sales = sample
    rows = project.query("rejected-events")
    faults = sorted(str(row[1]).split(" ")[0] for row in rows for _ in range(int(str(row[2]))))
    assert faults == sorted(fault.fault for fault in sales.truth.rejected)
    assert len(project.query("rejected-samples")) == 20


def test_the_health_query_knows_each_table(sample: tuple[CavesProject, Sales]) -> None:
    project, sales = sample
    truth = sales.truth
    assert {(row[0], row[1]): row[2] for row in project.query("pipeline-health")} == {
        ("RAW", "RAW_EVENTS_STREAM"): truth.loaded,
        ("STAGING", "STG_ORDERS"): truth.staged_orders,
        ("STAGING", "STG_INVENTORY_ADJUSTMENTS"): truth.staged_adjustments,
        ("STAGING", "REJECTED_EVENTS"): len(truth.rejected),
        ("PRODUCTION", "ORDERS"): len(truth.orders),
        ("PRODUCTION", "INVENTORY_HISTORY"): len(truth.history),
        ("PRODUCTION", "INVENTORY_CURRENT"): len(truth.stock),
    }
    assert project.query("stale-tables") == []
    (latency,) = project.query("latency-by-hour")
    assert latency[1] == len(truth.orders)


def test_no_query_fails_on_an_empty_database(project: CavesProject) -> None:
    for name in sorted(EXPECTED.keys() | BY_SHAPE):
        project.query(name)


def test_batches_repeats_and_replays_in_any_order(project: CavesProject) -> None:
    disorder = Disorder(late=0.1, duplicate=0.1, out_of_order=0.1, broken=0.02)
    lines = list(caves(CavesConfig(seed=11, count=400, rate=0.01, disorder=disorder, revised=0.1)))
    random = Random(3)
    batches = [random.sample(lines, 150) for _ in range(3)] + [lines]
    files = [project.load_lines(f"batch_{number}.jsonl", batch) for number, batch in enumerate(batches)]
    check_tables(project, caves_truth(files))


def test_a_late_adjustment_changes_the_levels_after_it(project: CavesProject) -> None:
    files = [
        project.load_events(
            "a.jsonl",
            adjustment("a", "2026-03-01T10:00:00Z", 100),
            adjustment("b", "2026-03-03T10:00:00Z", -30),
            adjustment("z", "2026-03-03T10:00:00Z", 5, product=1001),
        ),
        project.load_events("b.jsonl", adjustment("c", "2026-03-02T10:00:00Z", 7)),
        project.load_events(
            "c.jsonl", adjustment("d", "2026-02-28T10:00:00Z", -1), adjustment("a", "2026-03-09T10:00:00Z", 9)
        ),
    ]
    check_stock(project, caves_truth(files))
    levels = project.rows("SELECT adjustment_id, new_stock_level FROM production.inventory_history ORDER BY 1")
    assert levels == [("a", 99), ("b", 76), ("c", 106), ("d", -1), ("z", 5)]


def test_retention_between_loads_keeps_the_levels(project: CavesProject) -> None:
    now = datetime.now(UTC)

    def ago(days: int) -> str:
        return (now - timedelta(days)).isoformat(timespec="seconds")

    files = [
        project.load_events(
            "a.jsonl",
            adjustment("old", ago(800), 100),
            adjustment("older", ago(900), 50),
            adjustment("new", ago(10), -30),
        )
    ]
    project.run_task("task_retention")
    assert project.rows("SELECT adjustment_id FROM production.inventory_history_archive ORDER BY 1") == [
        ("old",),
        ("older",),
    ]
    assert project.query("backlog") == EXPECTED["backlog"](Sales(caves_truth(files), files, now.date()))
    files += [
        project.load_events("b.jsonl", adjustment("late", ago(20), 1), adjustment("old", ago(1), 999)),
        project.load_events("c.jsonl", adjustment("between", ago(850), 7)),
    ]
    truth: CavesTruth = caves_truth(files)
    check_stock(project, truth)
    assert truth.stock[1000].level == 128


def test_stock_status_at_its_limits(project: CavesProject) -> None:
    levels = {1000: -1, 1001: 0, 1002: 1, 1003: 19, 1004: 20, 1005: 49, 1006: 50}
    project.load_events(
        "a.jsonl",
        *(adjustment(f"a{key}", "2026-03-01T10:00:00Z", level, product=key) for key, level in levels.items()),
    )
    assert project.rows("SELECT product_id, stock_status FROM production.vw_inventory_alerts ORDER BY 1") == [
        (1000, "RUPTURE"),
        (1001, "RUPTURE"),
        (1002, "CRITIQUE"),
        (1003, "CRITIQUE"),
        (1004, "BAS"),
        (1005, "BAS"),
        (1006, "OK"),
    ]


def test_a_later_version_changes_an_order_and_an_older_one_does_not(project: CavesProject) -> None:
    project.load_events("a.jsonl", order("A", "2026-03-01T10:00:00Z"))
    (first,) = project.rows("SELECT created_at, updated_at FROM production.orders")
    project.load_events("b.jsonl", order("A", "2026-03-01T11:00:00Z", quantity=3, total_price=36.55))
    project.load_events("c.jsonl", order("A", "2026-03-01T10:30:00Z", quantity=6))
    (row,) = project.rows("SELECT quantity, unit_price, total_amount, created_at, updated_at FROM production.orders")
    assert [str(value) for value in row[:3]] == ["3", "12.35", "36.55"]
    assert row[3] == first[0]
    assert str(row[4]) > str(first[1])


def test_a_second_deploy_between_loads_loses_nothing(project: CavesProject) -> None:
    files = [
        project.load_events("a.jsonl", order("A", "2026-03-01T10:00:00Z"), adjustment("a", "2026-03-01T10:00:00Z", 5))
    ]
    assert project.deploy().status is DeployStatus.SUCCEEDED
    files.append(
        project.load_events("b.jsonl", order("B", "2026-03-01T10:00:00Z"), adjustment("b", "2026-03-01T09:00:00Z", 2))
    )
    check_tables(project, caves_truth(files))
