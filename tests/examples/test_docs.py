"""What the examples' documents say of their queries and commands is so."""

import re
from pathlib import Path

import pytest

from pipeline.project.folder import read_project
from pipeline.project.params import ParamType
from pipeline.project.queries import Query, project_queries
from pipeline.project.render import ProjectRenderer

ROOT = Path(__file__).parents[2]
CAVES = ROOT / "examples" / "caves_albert"


def queries(folder: Path) -> dict[str, Query]:
    project = read_project(folder, "local", {}, {})
    return {query.name: query for query in project_queries(project, ProjectRenderer(project))}


def test_the_list_of_the_caves_queries_is_complete_and_in_order() -> None:
    rows = re.findall(r"^\| `([\w-]+)` \| (.*) \| (.*) \|$", (CAVES / "docs" / "queries.md").read_text("utf-8"), re.M)
    known = queries(CAVES)
    assert [(name, description) for name, description, _ in rows] == [
        (query.name, query.description) for query in known.values()
    ]
    for name, _, params in rows:
        assert re.findall(r"`(\w+)` (\w+)", params) == [(param.name, param.type.value) for param in known[name].params]


def test_the_caves_have_more_than_fifty_queries_in_ten_sections() -> None:
    known = queries(CAVES).values()
    assert len(known) >= 50
    assert sorted({int(query.section.split()[0]) for query in known}) == list(range(1, 11))
    assert len({query.section for query in known}) == 10


@pytest.mark.parametrize("folder", [ROOT, CAVES], ids=["orders", "caves"])
def test_every_query_is_described_and_runs_without_parameters(folder: Path) -> None:
    for query in queries(folder).values():
        assert query.title != query.name
        assert query.description
        assert query.section
        assert all(param.default is not None for param in query.params), query.name


def test_looking_back_starts_at_the_sample_s_last_day_on_the_local_account() -> None:
    days = {
        param.default for query in queries(CAVES).values() for param in query.params if param.type is ParamType.DATE
    }
    assert days == {"2026-03-31"}


@pytest.mark.parametrize("folder", [ROOT, CAVES], ids=["orders", "caves"])
def test_no_query_reads_the_clock_but_by_a_parameter(folder: Path) -> None:
    clock = re.compile(r"\b(CURRENT_(DATE|TIME|TIMESTAMP)|LOCALTIME(STAMP)?|SYSDATE|SYSTIMESTAMP|GETDATE)\b", re.I)
    for query in queries(folder).values():
        assert not clock.search(query.sql), query.name
        assert "units_sold_30_days" not in query.sql, f"{query.name}: a view's column that reads the clock"


def test_the_architecture_names_the_queries_of_the_order_events() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text("utf-8").partition("## Queries")[2]
    assert re.findall(r"`([a-z-]+)`", text) == list(queries(ROOT))
