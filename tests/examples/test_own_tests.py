"""Both projects keep their own tests and checks, and these leave no task and no view out."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.commands.unit_tests import run_unit_tests
from pipeline.commands.workspace import Request, open_workspace
from pipeline.sql.grammar import parse
from pipeline.sql.grammar.tables import CreateView

ROOT = Path(__file__).parents[2]
PROJECTS = {"orders": ROOT, "caves": ROOT / "examples" / "caves_albert"}
SAMPLES = {"orders": "data/orders_events.jsonl", "caves": "data/sales_events.jsonl"}


@pytest.fixture(params=list(PROJECTS))
def project(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_the_projects_own_tests_pass(project: str) -> None:
    report = run_unit_tests(Request(project=PROJECTS[project]), listen=lambda _event: None)
    assert [(result.name, result.problems) for result in report.results if result.problems] == []
    assert len(report.results) >= 15


def test_no_task_and_no_view_is_left_out(project: str) -> None:
    """Each is expected from, or is run by name or as a member of a graph whose effects are expected."""
    workspace = open_workspace(Request(project=PROJECTS[project]))
    texts = [path.read_text(encoding="utf-8").lower() for path in workspace.project.tests.glob("*.yaml")]
    words = {word for text in texts for word in re.findall(r"\w+", text)}
    parsed = [parse(statement.text) for statement in workspace.statements]
    views = {statement.name.name.lower() for statement in parsed if isinstance(statement, CreateView)}
    assert views
    assert views - words == set()
