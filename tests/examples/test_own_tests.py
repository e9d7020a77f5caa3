"""Both projects keep their own tests and checks, and these leave no task and no view out."""

import re
import shutil
from pathlib import Path

import pytest

from pipeline.commands.deploy import deploy
from pipeline.commands.load import load
from pipeline.commands.quality import check_quality
from pipeline.commands.unit_tests import run_unit_tests
from pipeline.commands.workspace import Request, open_workspace
from pipeline.sql.grammar import parse
from pipeline.sql.grammar.tables import CreateView
from pipeline.sql.grammar.tasks import CreateTask

ROOT = Path(__file__).parents[2]
PROJECTS = {"orders": ROOT, "caves": ROOT / "examples" / "caves_albert"}
_WRITTEN = re.compile(r"(?:insert|merge)\s+into\s+[\w.]*?(\w+)\s", re.IGNORECASE)


@pytest.fixture(params=list(PROJECTS))
def folder(request: pytest.FixtureRequest) -> Path:
    return PROJECTS[request.param]


def test_the_projects_own_tests_pass(folder: Path) -> None:
    report = run_unit_tests(Request(project=folder), listen=lambda _event: None)
    assert [(result.name, result.problems) for result in report.results if result.problems] == []
    assert len(report.results) >= 15


def test_no_view_and_nothing_that_a_task_writes_is_left_out(folder: Path) -> None:
    workspace = open_workspace(Request(project=folder))
    texts = [path.read_text(encoding="utf-8").lower() for path in workspace.project.tests.glob("*.yaml")]
    expected = {name for text in texts for name in re.findall(r"(?:table:|from) \w+\.(\w+)", text)}
    parsed = [(parse(statement.text), statement.text) for statement in workspace.statements]
    views = {found.name.name.lower() for found, _ in parsed if isinstance(found, CreateView)}
    written = {
        name.lower() for found, text in parsed if isinstance(found, CreateTask) for name in _WRITTEN.findall(text)
    }
    assert len(views) >= 4
    assert len(written) >= 3
    assert (views | written) - expected == set()


def test_the_samples_keep_the_checks(folder: Path, tmp_path: Path) -> None:
    shutil.copy(folder / "config.example.yaml", tmp_path / "config.yaml")
    for part in ("sql", "quality"):
        shutil.copytree(folder / part, tmp_path / part)
    request = Request(project=tmp_path)
    deploy(request, listen=lambda _event: None, stop=lambda: False)
    files = sorted(str(path) for path in (folder / "data").glob("*.jsonl"))
    load(request, files, wait=True, timeout=120, listen=lambda _event: None)
    report = check_quality(request, lambda _text: None)
    assert [(result.name, result.detail) for result in report.results if result.bad] == []
    assert len(report.results) >= 20
    assert report.statements <= 1 + sum(result.sample is not None for result in report.results)
