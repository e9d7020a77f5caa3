"""Les Caves d'Albert from folder to figures on the local account; the truths are plain Python over the same files."""

import csv
import json
from datetime import date
from io import StringIO
from pathlib import Path

import pytest

import truths.caves_customer_queries
import truths.caves_sales_queries
import truths.caves_stock_queries
from examples.caves_checks import check_tables
from examples.caves_project import DATA, ROOT, CavesProject
from pipeline.cli.screen import Screen
from pipeline.cli.views.chart import HEIGHT
from pipeline.cli.views.query import drawn, rows_as_csv
from pipeline.cli.views.query import rows as rows_on_screen
from pipeline.commands.query import QueryResult
from pipeline.plan.model import DeployStatus
from pipeline.project.charts import ChartKind
from pipeline.project.folder import read_project
from pipeline.project.queries import Query, project_queries
from pipeline.project.render import ProjectRenderer
from truths.caves import caves_truth
from truths.json_lines import read_files
from truths.sales import EXPECTED, Sales

BY_SHAPE = {"pipeline-health", "latency-by-hour", "rejected-events", "rejected-samples", "graph-runs", "stale-tables"}
"""Queries whose rows tell of the clock or of the pipeline itself."""
TRUTHS = (truths.caves_customer_queries, truths.caves_sales_queries, truths.caves_stock_queries)


def named_queries() -> dict[str, Query]:
    project = read_project(ROOT, "local", {}, {})
    return {query.name: query for query in project_queries(project, ProjectRenderer(project))}


QUERIES = named_queries()


def deployed(folder: Path) -> CavesProject:
    project = CavesProject(folder)
    assert project.deploy().status is DeployStatus.SUCCEEDED
    return project


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> tuple[CavesProject, Sales]:
    """The project with the committed data loaded, and its truth."""
    made = deployed(tmp_path_factory.mktemp("caves"))
    made.load(*DATA)
    files = read_files(DATA)
    return made, Sales(caves_truth(files), files, date(2026, 3, 31))


def test_the_sample_arrives_exactly(sample: tuple[CavesProject, Sales]) -> None:
    project, sales = sample
    check_tables(project, sales.truth)
    outcomes = {row[1] for row in project.query("graph-runs")}
    assert outcomes == {"SUCCEEDED"}


def test_every_query_has_a_truth_or_is_checked_by_its_shape() -> None:
    assert all(module.__doc__ for module in TRUTHS)
    assert QUERIES.keys() == EXPECTED.keys() | BY_SHAPE


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_a_query_tells_the_truth(
    sample: tuple[CavesProject, Sales], name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    project, sales = sample
    result = project.result(name, chart=QUERIES[name].chart is not None)
    check_formats(result, capsys)
    rows = list(result.outcome.rows)
    if name == "late-events":  # the last columns are where the event stood in its staged file
        rows = [row[:4] for row in rows]
    expected = EXPECTED[name](sales)
    assert len(rows) == len(expected)
    for row, wanted in zip(rows, expected, strict=True):
        assert row == tuple(pytest.approx(value, abs=0.01) if isinstance(value, float) else value for value in wanted)


def check_formats(result: QueryResult, capsys: pytest.CaptureFixture[str]) -> None:
    """The same rows as CSV and as JSON, and as a chart if there is one."""
    rows_as_csv(result)
    head, *lines = csv.reader(StringIO(capsys.readouterr().out))
    assert head == list(result.outcome.columns)
    assert [[text == "" for text in line] for line in lines] == [
        [value is None or value == "" for value in row] for row in result.outcome.rows
    ]
    Screen(json=True).show(result, *rows_on_screen)
    documents = json.loads(capsys.readouterr().out)
    assert [list(document) for document in documents] == [head] * len(lines)
    if result.chart is not None:
        Screen().show(result, *drawn)
        title, *picture = capsys.readouterr().out.splitlines()
        assert title == result.title
        assert len(picture) == (len(lines) or 1 if result.chart.kind is ChartKind.BARS else HEIGHT + 2)


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


def test_a_second_deploy_and_a_second_load_change_nothing(sample: tuple[CavesProject, Sales]) -> None:
    project, sales = sample
    assert project.deploy().status is DeployStatus.SUCCEEDED
    project.load(*DATA)
    check_tables(project, sales.truth)
