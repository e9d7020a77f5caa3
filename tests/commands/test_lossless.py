"""Deploys that lose nothing, on the local account: skip, refuse, continue, drop, tell."""

from pathlib import Path
from typing import Any

import pytest

from cli.mini import CONFIG, mini_project
from pipeline.commands.deploy import deploy
from pipeline.commands.health import Level, health
from pipeline.commands.history import list_deploys, show_deploy
from pipeline.commands.plan import Preview, plan
from pipeline.commands.prepare import Wishes
from pipeline.commands.query import run_text
from pipeline.commands.unlock import unlock
from pipeline.commands.workspace import Request
from pipeline.errors import Locked, Refused, StatementFailed
from pipeline.plan.changes import Verdict
from pipeline.plan.guards import read_allowances
from pipeline.plan.model import Report

BASE = """\
CREATE DATABASE IF NOT EXISTS {{ database }};
CREATE SCHEMA IF NOT EXISTS {{ database }}.s;
CREATE TABLE IF NOT EXISTS {{ database }}.s.t (a INT);
INSERT INTO {{ database }}.s.t VALUES (1);
CREATE OR REPLACE VIEW {{ database }}.s.v AS SELECT a FROM {{ database }}.s.t;
CREATE STREAM IF NOT EXISTS {{ database }}.s.st ON TABLE {{ database }}.s.t;
INSERT INTO {{ database }}.s.t VALUES (2);
"""
QUERIES = "-- name: all\nSELECT a FROM {{ database }}.s.v;\n"
LOCK = '_PIPELINE."LOCK mini/local"'


class Mini:
    """A small project that is edited and deployed again."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.request = Request(project=folder)
        self.events: list[Any] = []
        self.write(BASE)

    def write(self, setup: str) -> None:
        mini_project(self.folder, setup, QUERIES, CONFIG)

    def deploy(self, **wishes: Any) -> Report:
        self.events.clear()
        return deploy(self.request, listen=self.events.append, stop=lambda: False, wishes=Wishes(**wishes))

    def plan(self, **wishes: Any) -> Preview:
        return plan(self.request, Wishes(**wishes), self.events.append)

    def rows(self, sql: str) -> list[tuple[object, ...]]:
        return list(run_text(self.request, sql, print).outcome.rows)

    def notices(self) -> str:
        return "\n".join(event.text for event in self.events if hasattr(event, "text"))


@pytest.fixture
def mini(tmp_path: Path) -> Mini:
    made = Mini(tmp_path)
    made.deploy()
    return made


def test_a_second_deploy_does_nothing_and_leaves_no_trace(mini: Mini) -> None:
    report = mini.deploy()
    assert (report.planned, report.unchanged) == (0, 8)
    assert mini.rows("SELECT a FROM s.t ORDER BY a") == [(1,), (2,)]
    assert len(list_deploys(mini.request, 10, print)) == 1


def test_a_plan_shows_old_and_new_and_changes_nothing(mini: Mini) -> None:
    mini.write(BASE.replace("SELECT a FROM", "SELECT a, 2 AS b FROM").replace("t (a INT)", "t (a INT, b INT)"))
    preview = mini.plan()
    found = {item.decision.resolved.key: item for item in preview.items}
    assert [item.decision.verdict for item in preview.items] == [Verdict.CHANGED, Verdict.CHANGED, Verdict.DEPENDS]
    assert [(column.name, column.old) for column in found["TABLE MINI.S.T"].columns] == [("B", None)]
    assert "-CREATE OR REPLACE VIEW MINI.s.v AS SELECT a FROM MINI.s.t" in [
        f"{line.side.value}{line.text}" for line in found["VIEW MINI.S.V"].diff
    ]
    assert len(list_deploys(mini.request, 10, print)) == 1


def test_unread_rows_are_not_lost_unless_it_is_said(mini: Mini) -> None:
    mini.write(BASE.replace("CREATE STREAM IF NOT EXISTS", "CREATE OR REPLACE STREAM"))
    with pytest.raises(Refused, match="1 unread row of the stream MINI"):
        mini.deploy()
    assert mini.rows("SELECT a FROM s.st") == [(2,)]
    mini.deploy(allow=read_allowances(["reset-stream:s.st"]))
    assert mini.rows("SELECT a FROM s.st") == []


def test_a_comment_at_the_statement_takes_the_risk(mini: Mini) -> None:
    mini.write(BASE + "-- pipeline: allow truncate\nTRUNCATE TABLE {{ database }}.s.t;\n")
    mini.deploy()
    assert mini.rows("SELECT a FROM s.t") == []


def test_after_a_failure_it_goes_on_where_it_stopped_and_says_what_was_edited(mini: Mini) -> None:
    table = "CREATE TABLE {{ database }}.s.w AS SELECT nope FROM {{ database }}.s.t;\n"
    more = "CREATE TABLE {{ database }}.s.u (a INT);\n" + table
    mini.write(BASE + more)
    with pytest.raises(StatementFailed):
        mini.deploy(parallel=1)
    mini.write(BASE + more.replace("nope", "a"))
    report = mini.deploy()
    assert [result.step.statement.position for result in report.results] == [9]  # type: ignore[union-attr]
    assert "failed in the last deploy and was edited since" in mini.notices()


def test_keep_going_leaves_out_only_what_depends_on_the_failure(mini: Mini) -> None:
    mini.write(
        BASE + "CREATE TABLE {{ database }}.s.bad AS SELECT nope FROM {{ database }}.s.t;\n"
        "CREATE VIEW {{ database }}.s.onbad AS SELECT 1 AS a FROM {{ database }}.s.bad;\n"
        "CREATE TABLE {{ database }}.s.good (a INT);\n"
    )
    with pytest.raises(StatementFailed):
        mini.deploy(keep_going=True)
    names = {row[0] for row in mini.rows("SELECT TABLE_NAME FROM INFORMATION_SCHEMA.TABLES WHERE TABLE_SCHEMA = 'S'")}
    assert {"GOOD", "T", "V"} <= names
    assert not {"BAD", "ONBAD"} & names


def test_a_table_dropped_by_hand_is_made_again_with_a_word(mini: Mini) -> None:
    mini.rows("DROP VIEW s.v")
    mini.deploy()
    assert mini.rows("SELECT a FROM s.v ORDER BY a") == [(1,), (2,)]
    assert "VIEW MINI.S.V is not there any more: it is made again." in mini.notices()


def test_what_left_the_project_is_dropped_only_when_asked(mini: Mini) -> None:
    lines = [line for line in BASE.splitlines() if "VIEW" not in line]
    mini_project(mini.folder, "\n".join(lines), "-- name: one\nSELECT 1 AS a;\n", CONFIG)
    assert [row.key for row in mini.plan().removed] == ["VIEW MINI.S.V"]
    mini.deploy()
    assert mini.rows("SELECT COUNT(*) FROM s.v") == [(2,)]
    mini.deploy(prune=True)
    assert mini.rows("SHOW VIEWS IN SCHEMA s") == []
    assert mini.plan().removed == ()


def test_a_transaction_that_fails_is_undone_and_runs_again_as_a_whole(mini: Mini) -> None:
    transaction = (
        "BEGIN;\nINSERT INTO {{ database }}.s.t VALUES (3);\nINSERT INTO {{ database }}.s.nope VALUES (1);\nCOMMIT;\n"
    )
    mini.write(BASE + transaction)
    with pytest.raises(StatementFailed):
        mini.deploy()
    assert mini.rows("SELECT MAX(a) FROM s.t") == [(2,)]
    mini.write(BASE + transaction.replace("s.nope", "s.t"))
    mini.deploy()
    assert mini.rows("SELECT a FROM s.t ORDER BY a") == [(1,), (1,), (2,), (3,)]


def test_a_held_lock_is_told_and_taken_away_by_unlock(mini: Mini) -> None:
    mini.rows(
        f"UPDATE {LOCK} SET OWNER = 'other', DEPLOYED_BY = 'ann', HOST = 'there', STARTED_AT = CURRENT_TIMESTAMP(),"
        " HEARTBEAT_AT = CURRENT_TIMESTAMP(), TTL_SECONDS = 60"
    )
    mini.write(BASE + "CREATE TABLE {{ database }}.s.u (a INT);\n")
    with pytest.raises(Locked, match="Deploy other of ann on there goes on"):
        mini.deploy()
    unlocked = unlock(mini.request, print)
    assert unlocked.holder is not None
    mini.deploy()
    assert unlock(mini.request, print).holder is None


def test_history_tells_who_and_what(mini: Mini) -> None:
    [found] = list_deploys(mini.request, 10, print)
    past = show_deploy(mini.request, found.deploy_id[:12], print)
    assert (found.status, found.done, found.failed) == ("succeeded", 8, 0)
    assert [statement.line for statement in past.statements] == [1, 2, 3, 4, 5, 6, 7, 2]
    assert past.statements[3].rows == 1


def test_health_tells_of_a_deploy_that_was_broken_off_and_the_next_one_ends_it(mini: Mini) -> None:
    mini.rows("UPDATE _PIPELINE.DEPLOYS SET STATUS = 'running'")
    assert any(check.what == "deploys" and check.level is Level.FAILURE for check in health(mini.request, print).checks)
    mini.deploy()
    assert mini.rows("SELECT STATUS FROM _PIPELINE.DEPLOYS ORDER BY STARTED_AT") == [("broken off",), ("succeeded",)]
