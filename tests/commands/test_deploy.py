"""Deploys on the local account: what becomes of task graphs and records when all goes well, and when it does not."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cli.mini import CONFIG, mini_project
from pipeline.commands.deploy import deploy
from pipeline.commands.prepare import Wishes
from pipeline.commands.query import run_text
from pipeline.commands.workspace import Request, open_workspace
from pipeline.errors import Interrupted, StatementFailed
from pipeline.plan.model import Event, Report, StepFinished
from pipeline.targets.tasks import read_tasks

SETUP = """\
CREATE DATABASE IF NOT EXISTS {{ database }};
CREATE SCHEMA IF NOT EXISTS {{ database }}.s;
CREATE TABLE IF NOT EXISTS {{ database }}.s.t (a INT);
CREATE OR ALTER TASK {{ database }}.s.root SCHEDULE = '60 MINUTE' AS INSERT INTO {{ database }}.s.t VALUES (1);
CREATE OR ALTER TASK {{ database }}.s.child AFTER {{ database }}.s.root AS INSERT INTO {{ database }}.s.t VALUES (2);
CREATE OR ALTER TASK {{ database }}.s.fin FINALIZE = {{ database }}.s.root AS INSERT INTO {{ database }}.s.t VALUES (3);
"""

QUERIES = "-- name: all\nSELECT a FROM {{ database }}.s.t;\n"

EDITED = SETUP.replace("VALUES (1)", "VALUES (10)").replace("VALUES (3)", "VALUES (30)")
"""The root and the finalizer are edited, the child is not."""

UP = {"ROOT": True, "CHILD": True, "FIN": True}


class Mini:
    """A small project with a task graph."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.request = Request(project=folder)
        self.events: list[Event] = []
        self.write()

    def write(self, more: str = "", setup: str = SETUP, policy: str = "resume") -> None:
        config = CONFIG.replace("after_deploy: resume", f"after_deploy: {policy}")
        mini_project(self.folder, setup + more, QUERIES, config)

    def deploy(self, stop: Callable[[], bool] = lambda: False, **wishes: Any) -> Report:
        """One statement after the other, unless the wishes say otherwise."""
        self.events.clear()
        wanted = Wishes(**{"parallel": 1, **wishes})
        return deploy(self.request, listen=self.events.append, stop=stop, wishes=wanted)

    def states(self) -> dict[str, bool]:
        workspace = open_workspace(self.request)
        with workspace.connect(self.request, print) as session:
            return {task.name.name: task.live.started for task in read_tasks(session, workspace.database)}

    def rows(self, sql: str) -> list[tuple[object, ...]]:
        return list(run_text(self.request, sql, print).outcome.rows)

    def steps_done(self) -> int:
        return sum(isinstance(event, StepFinished) for event in self.events)


@pytest.fixture
def mini(tmp_path: Path) -> Mini:
    return Mini(tmp_path)


@pytest.mark.parametrize(
    ("policy", "states"), [("resume", UP), ("keep", dict.fromkeys(UP, False)), ("suspend", dict.fromkeys(UP, False))]
)
def test_new_graphs_by_policy(mini: Mini, policy: str, states: dict[str, bool]) -> None:
    mini.write(policy=policy)
    mini.deploy()
    assert mini.states() == states


@pytest.mark.parametrize("policy", ["resume", "keep"])
def test_what_was_started_is_started_afterwards(mini: Mini, policy: str) -> None:
    mini.deploy()
    mini.write(
        setup=SETUP.replace("VALUES (2)", "VALUES (20)").replace("OR ALTER TASK", "OR REPLACE TASK"), policy=policy
    )
    mini.deploy()
    assert mini.states() == UP


def test_suspend_takes_the_graph_down(mini: Mini) -> None:
    mini.deploy()
    mini.write(policy="suspend")
    mini.deploy()
    assert mini.states()["ROOT"] is False


def test_what_was_suspended_by_hand_stays_suspended(mini: Mini) -> None:
    mini.deploy()
    mini.rows("ALTER TASK s.root SUSPEND; ALTER TASK s.child SUSPEND")
    mini.deploy()
    assert mini.states() == {"ROOT": False, "CHILD": False, "FIN": True}


def test_a_failure_between_the_tasks_brings_the_graph_back(mini: Mini) -> None:
    mini.deploy()
    lines = EDITED.splitlines(keepends=True)
    mini.write(setup="".join([*lines[:4], "INSERT INTO {{ database }}.s.nope VALUES (1);\n", *lines[4:]]))
    with pytest.raises(StatementFailed) as caught:
        mini.deploy()
    assert mini.states() == UP
    error = caught.value
    assert error.at is not None
    assert (error.at.path.name, error.at.line, error.errno) == ("a.sql", 5, 2003)
    assert error.notes[0].startswith("1 of 3 statements done, 1 failed, 1 not run;")
    assert "Task MINI.S.ROOT is started again, as before the deploy." in error.notes
    assert mini.rows("SELECT STATUS FROM _PIPELINE.DEPLOYS ORDER BY STARTED_AT") == [("succeeded",), ("failed",)]
    failed = "SELECT LINE, ERROR_NUMBER, SQLSTATE FROM _PIPELINE.STATEMENTS WHERE STATUS = 'failed'"
    assert mini.rows(failed) == [(5, 2003, "42S02")]


def test_a_task_whose_definition_fails_stays_suspended_and_is_named(mini: Mini) -> None:
    mini.deploy()
    mini.write(setup=SETUP.replace("SCHEDULE = '60 MINUTE'", "SCHEDULE = '60 NOTHINGS'"))
    with pytest.raises(StatementFailed):
        mini.deploy()
    assert mini.states() == {"ROOT": False, "CHILD": True, "FIN": True}


def test_an_interruption_brings_the_graph_back(mini: Mini) -> None:
    mini.deploy()
    mini.write(setup=EDITED)
    with pytest.raises(Interrupted) as caught:
        mini.deploy(stop=lambda: mini.steps_done() >= 2)
    assert mini.states() == UP
    assert caught.value.notes[0].startswith("1 of 2 statements done")
    assert mini.rows("SELECT STATUS FROM _PIPELINE.DEPLOYS ORDER BY STARTED_AT") == [("succeeded",), ("interrupted",)]


def test_a_new_child_of_a_running_graph(mini: Mini) -> None:
    mini.deploy()
    mini.write("CREATE OR ALTER TASK {{ database }}.s.more AFTER {{ database }}.s.child AS SELECT 1;\n")
    mini.deploy()
    assert mini.states() == {**UP, "MORE": True}


def test_keep_leaves_a_new_child_suspended_and_says_so(mini: Mini) -> None:
    mini.deploy()
    new = "CREATE OR ALTER TASK {{ database }}.s.more AFTER {{ database }}.s.child AS SELECT 1;\n"
    mini.write(new, policy="keep")
    report = mini.deploy()
    assert mini.states() == {**UP, "MORE": False}
    assert len(report.notices) == 1


def test_secrets_do_not_reach_the_history(mini: Mini) -> None:
    config = CONFIG.replace("  database: MINI\n", "  database: MINI\n  api_token: s3cr3t\n")
    mini_project(mini.folder, SETUP + "INSERT INTO {{ database }}.s.{{ api_token }} VALUES (1);\n", QUERIES, config)
    with pytest.raises(StatementFailed) as caught:
        mini.deploy()
    [(error,)] = mini.rows("SELECT ERROR FROM _PIPELINE.STATEMENTS WHERE STATUS = 'failed'")
    assert "MINI.S.***" in str(error)
    assert "S3CR3T" not in (str(error) + caught.value.message).upper()


def test_without_its_database_nothing_is_recorded_and_it_is_said(mini: Mini) -> None:
    config = CONFIG.replace("database: MINI", "database: ELSEWHERE")
    mini_project(mini.folder, "CREATE DATABASE IF NOT EXISTS other;\n", "-- name: one\nSELECT 1;\n", config)
    mini.deploy()
    assert any("No history was written" in getattr(event, "text", "") for event in mini.events)
