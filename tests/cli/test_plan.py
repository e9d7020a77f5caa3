"""`pipeline plan` as people and programs read it."""

import json
import time
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from cli.mini import QUERIES, SETUP, mini_project
from pipeline.cli.run import run
from pipeline.cli.views.plan import view
from pipeline.commands.plan import plan
from pipeline.commands.prepare import Wishes
from pipeline.commands.workspace import Request
from pipeline.errors import ExitCode

Captured = pytest.CaptureFixture[str]

EDITED = SETUP.replace(
    "CREATE TABLE IF NOT EXISTS {{ database }}.s.t (a NUMBER(10,2), b VARCHAR)",
    "CREATE OR ALTER TABLE {{ database }}.s.t (\n    a NUMBER(8,2),\n    b VARCHAR,\n    c DATE\n)",
)
MORE = """\
CREATE OR ALTER TASK {{ database }}.s.k SCHEDULE = '60 MINUTE' AS DELETE FROM {{ database }}.s.t WHERE a < 0;
CREATE STREAM IF NOT EXISTS {{ database }}.s.st ON TABLE {{ database }}.s.t;
CREATE WAREHOUSE IF NOT EXISTS mini_wh;
INSERT INTO {{ database }}.s.t (a) VALUES (3);
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    mini_project(tmp_path, SETUP + MORE)
    assert run(["deploy", "--quiet"]) == ExitCode.OK
    return tmp_path


def shown(*, terminal: bool, width: int = 100) -> str:
    """The plan on a terminal of a width, with its colours, or without."""
    output = StringIO()
    preview = plan(Request(project=Path()), Wishes(), print)
    console = Console(
        file=output,
        width=width,
        force_terminal=terminal,
        highlight=False,
        color_system="standard" if terminal else None,
    )
    view(preview, console)
    return output.getvalue()


def test_a_plan_says_what_changes_and_what_would_be_lost(project: Path) -> None:
    edited = EDITED + MORE.replace("a < 0", "a < 1").replace("CREATE WAREHOUSE IF NOT EXISTS mini_wh;\n", "")
    mini_project(project, edited, QUERIES)
    assert shown(terminal=False) == (Path(__file__).parent / "plan.txt").read_text(encoding="utf-8")


def test_a_terminal_shows_colours_and_lines_that_fit(project: Path) -> None:
    mini_project(project, EDITED + MORE, QUERIES)
    lines = shown(terminal=True, width=72).splitlines()
    assert "\x1b[31m    - CREATE TABLE IF NOT EXISTS" in lines[3]
    assert "\x1b[32m    + CREATE OR ALTER TABLE" in lines[4]
    assert len(lines[0].replace("\x1b[33m", "").replace("\x1b[0m", "")) == 72


def test_the_exit_code_tells_of_changes_when_asked(project: Path, capsys: Captured) -> None:
    assert run(["plan", "--exit-code"]) == ExitCode.OK
    mini_project(project, EDITED + MORE, QUERIES)
    assert run(["plan"]) == ExitCode.OK
    capsys.readouterr()
    assert run(["plan", "--exit-code", "--format", "json"]) == 6
    document = json.loads(capsys.readouterr().out)
    assert document["pending"] is True
    assert [each["verdict"] for each in document["statements"]] == ["changed", "depends"]
    assert document["statements"][0]["columns"] == [
        {"name": "A", "old": "NUMBER(10,2)", "new": "NUMBER(8,2)"},
        {"name": "C", "old": None, "new": "DATE"},
    ]
    assert [(each["risk"], each["allowed"]) for each in document["risks"]] == [("narrow-column", False)]
    assert run(["deploy"]) == 9
    assert run(["deploy", "--quiet", "--allow", "narrow-column:s.t"]) == ExitCode.OK
    assert run(["plan", "--exit-code"]) == ExitCode.OK


def executes_soon(capsys: Captured) -> bool:
    """Whether the task executes within ten seconds."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        capsys.readouterr()
        run(["tasks", "history", "--format", "json"])
        if '"executing"' in capsys.readouterr().out.lower():
            return True
    return False


def test_a_run_of_the_graph_is_waited_for_or_refused(project: Path, capsys: Captured) -> None:
    task = "CREATE OR REPLACE TASK {{ database }}.s.slow AS CALL SYSTEM$WAIT(4);\n"
    mini_project(project, SETUP + MORE + task)
    assert run(["deploy", "--quiet"]) == ExitCode.OK
    mini_project(project, SETUP + MORE + task.replace("(4)", "(3)"))
    assert run(["local", "start"]) == ExitCode.OK
    try:
        assert run(["tasks", "suspend"]) == ExitCode.OK
        assert run(["tasks", "run", "slow"]) == ExitCode.OK
        assert executes_soon(capsys)
        assert run(["deploy"]) == ExitCode.REFUSED
        assert "is executing" in capsys.readouterr().err
        assert run(["deploy", "--wait-tasks", "1s"]) == ExitCode.REFUSED
        assert "still executes after 1 s" in capsys.readouterr().err
        assert run(["deploy", "--wait-tasks", "1m"]) == ExitCode.OK
        capsys.readouterr()
        assert run(["tasks", "history", "--format", "json"]) == ExitCode.OK
        assert '"succeeded"' in capsys.readouterr().out.lower()
    finally:
        run(["local", "stop"])
