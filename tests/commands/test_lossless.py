"""Deploys that lose nothing, on the local account: skip, refuse, continue, drop, tell."""

import subprocess
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
from pipeline.errors import ExitCode, Locked, Refused, StatementFailed
from pipeline.plan.changes import Verdict
from pipeline.plan.guards import read_allowances
from pipeline.plan.model import Report, StepFinished, StepStarted

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
    table = "CREATE OR ALTER TABLE {{ database }}.s.t (a INT, b INT)"
    edited = BASE.replace("CREATE TABLE IF NOT EXISTS {{ database }}.s.t (a INT)", table)
    mini.write(edited.replace("SELECT a FROM", "SELECT a, 2 AS b FROM"))
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


def test_an_edit_behind_if_not_exists_is_told_to_change_nothing(mini: Mini) -> None:
    mini.write(BASE.replace("t (a INT)", "t (a INT, b INT)"))
    [item] = mini.plan().items
    assert (item.decision.idle, item.columns) == (True, ())
    mini.deploy()
    assert (
        "IF NOT EXISTS leaves it as it is: this edit changes nothing in the account. CREATE OR ALTER TABLE does."
        in (mini.notices())
    )


def test_what_runs_once_never_runs_twice_and_is_not_edited(mini: Mini) -> None:
    once = CONFIG.replace("script: sql/a.sql\n", "script: sql/a.sql\n    run: once\n")
    mini_project(mini.folder, BASE, QUERIES, once)
    assert mini.deploy().planned == 0
    more = BASE + "INSERT INTO {{ database }}.s.t VALUES (3);\n"
    mini_project(mini.folder, more, QUERIES, once)
    mini.deploy()
    assert mini.rows("SELECT a FROM s.t ORDER BY a") == [(1,), (2,), (3,)]
    mini.rows("DELETE FROM s.t")
    mini.rows("DROP VIEW s.v")
    assert mini.deploy().planned == 0
    mini_project(mini.folder, more.replace("VALUES (3)", "VALUES (4)"), QUERIES, once)
    with pytest.raises(Refused, match="This statement ran once") as caught:
        mini.deploy()
    assert (caught.value.at.line, caught.value.exit_code) == (8, ExitCode.REFUSED)  # type: ignore[union-attr]
    with pytest.raises(Refused):
        mini.plan()


def test_queries_are_compiled_unless_they_are_to_run(mini: Mini) -> None:
    fails = "-- name: divided\nSELECT 1 / (a - 1) AS q FROM {{ database }}.s.v;\n"
    mini_project(mini.folder, BASE, fails, CONFIG)
    assert mini.deploy().done == 1
    run = CONFIG.replace("kind: queries\n", "kind: queries\n    run: true\n")
    mini_project(mini.folder, BASE, fails.replace("AS q", "AS p"), run)
    with pytest.raises(StatementFailed, match="Division by zero"):
        mini.deploy()


def test_a_task_is_made_again_when_its_procedure_takes_other_arguments(mini: Mini) -> None:
    procedure = "CREATE OR REPLACE PROCEDURE {{ database }}.s.p(a INT) RETURNS INT AS 'BEGIN RETURN 1; END';\n"
    task = "CREATE OR REPLACE TASK {{ database }}.s.k AS CALL {{ database }}.s.p(1);\n"
    mini.write(BASE + procedure + task)
    mini.deploy()
    mini.write(BASE + procedure.replace("RETURN 1;", "RETURN 2;") + task)
    assert mini.deploy().planned == 1
    drop = "DROP PROCEDURE IF EXISTS {{ database }}.s.p(INT);\n"
    mini.write(BASE + drop + procedure.replace("(a INT)", "(a INT, b INT DEFAULT 2)") + task)
    preview = mini.plan()
    assert [item.decision.verdict for item in preview.items] == [Verdict.NEW, Verdict.NEW, Verdict.DEPENDS]
    assert preview.removed == ()
    mini.deploy()
    assert mini.plan().pending is False


def test_a_whole_pipeline_is_pruned_in_an_order_that_works(mini: Mini) -> None:
    more = (
        "CREATE TABLE {{ database }}.s.u (a INT);\n"
        "CREATE STREAM {{ database }}.s.su ON TABLE {{ database }}.s.u;\n"
        "CREATE TASK {{ database }}.s.root SCHEDULE = '60 MINUTE' AS SELECT 1;\n"
        "CREATE TASK {{ database }}.s.child AFTER {{ database }}.s.root AS SELECT 1;\n"
        "CREATE PROCEDURE {{ database }}.s.p(a INT) RETURNS INT AS 'BEGIN RETURN 1; END';\n"
    )
    mini.write(BASE + more)
    mini.deploy()
    mini.write(BASE)
    keys = {row.key for row in mini.plan().removed}
    assert keys == {
        "TABLE MINI.S.U",
        "STREAM MINI.S.SU",
        "TASK MINI.S.ROOT",
        "TASK MINI.S.CHILD",
        "PROCEDURE MINI.S.P(NUMBER)",
    }
    report = mini.deploy(prune=True, parallel=1)
    drops = [result.step.statement.text for result in report.results if hasattr(result.step, "statement")]
    assert drops[0].startswith("DROP TASK IF EXISTS MINI.S.CHILD")
    assert mini.plan().pending is False
    assert mini.plan().removed == ()


def test_the_guards_know_other_databases_too(mini: Mini) -> None:
    other = "CREATE DATABASE IF NOT EXISTS far;\nCREATE TABLE IF NOT EXISTS far.public.t (a INT);\n"
    other += "CREATE STREAM IF NOT EXISTS far.public.st ON TABLE {{ database }}.s.t;\n"
    other += "INSERT INTO far.public.t VALUES (1);\n"
    mini.write(BASE + other)
    mini.deploy()
    assert mini.deploy().planned == 0
    mini.write(BASE + other.replace("CREATE TABLE IF NOT EXISTS", "CREATE OR REPLACE TABLE"))
    with pytest.raises(Refused, match="OR REPLACE would lose 1 row of FAR"):
        mini.deploy()
    mini.write(BASE.replace("CREATE TABLE IF NOT EXISTS", "CREATE OR REPLACE TABLE") + other)
    risks = {(risk.kind.value, str(risk.object)) for risk in mini.plan().risks}
    assert risks == {("replace-table", "MINI.S.T"), ("orphan-stream", "MINI.S.T")}
    assert any("FAR.PUBLIC.ST" in risk.loses for risk in mini.plan().risks)


def test_an_edited_variable_runs_what_names_it(mini: Mini) -> None:
    text = "SET n = 5;\nINSERT INTO {{ database }}.s.t SELECT $n;\nCREATE TABLE {{ database }}.s.u (a INT);\n"
    mini.write(BASE + text)
    mini.deploy()
    mini.write(BASE + text.replace("SET n = 5", "SET n = 6"))
    assert mini.deploy().planned == 1
    assert mini.rows("SELECT MAX(a) FROM s.t") == [(6,)]


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


def test_history_tells_the_commit_and_what_failed(mini: Mini) -> None:
    git = ["git", "-C", str(mini.folder), "-c", "user.name=a", "-c", "user.email=a@example.org"]
    (mini.folder / ".gitignore").write_text(".pipeline/\n", encoding="utf-8")
    mini.write(BASE + "CREATE TABLE {{ database }}.s.w AS SELECT nope FROM {{ database }}.s.t;\n")
    for command in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "first"]):
        subprocess.run([*git, *command], check=True)
    commit = subprocess.run([*git, "rev-parse", "HEAD"], check=True, capture_output=True, text=True).stdout.strip()
    with pytest.raises(StatementFailed):
        mini.deploy()
    failed, before = list_deploys(mini.request, 10, print)
    assert (failed.git_commit, failed.git_dirty, failed.status) == (commit, False, "failed")
    assert before.git_commit is None
    [statement] = show_deploy(mini.request, failed.deploy_id, print).statements
    assert (statement.status, statement.line, statement.errno) == ("failed", 8, 904)
    assert "NOPE" in str(statement.error)
    mini.write(BASE)
    mini.write(BASE + "CREATE TABLE {{ database }}.s.w (a INT);\n")
    mini.deploy()
    assert list_deploys(mini.request, 1, print)[0].git_dirty is True


def test_a_stale_stream_is_told_and_not_made_again(mini: Mini) -> None:
    replaced = BASE.replace(
        "CREATE TABLE IF NOT EXISTS {{ database }}.s.t", "CREATE OR REPLACE TABLE {{ database }}.s.t"
    )
    mini.write(replaced)
    mini.deploy(allow=read_allowances(["replace-table", "orphan-stream"]))
    assert mini.plan().pending is False
    assert "The stream MINI.S.ST is stale: its unread rows are lost." in mini.plan().notices[0]
    assert mini.deploy().planned == 0
    [stream] = run_text(mini.request, "SHOW STREAMS IN SCHEMA s", print).outcome.records()
    assert stream["stale"] in ("true", True)


def test_parallel_one_is_strictly_serial(mini: Mini) -> None:
    more = [f"CREATE TABLE {{{{ database }}}}.s.n{number} (a INT);" for number in range(6)]
    mini.write(BASE + "\n".join(more))
    mini.deploy(parallel=1)
    happened = [type(event) for event in mini.events if isinstance(event, StepStarted | StepFinished)]
    assert happened == [StepStarted, StepFinished] * len(more)
    numbers = [event.number for event in mini.events if isinstance(event, StepStarted)]
    assert numbers == sorted(numbers)


def test_health_tells_of_a_deploy_that_was_broken_off_and_the_next_one_ends_it(mini: Mini) -> None:
    mini.rows("UPDATE _PIPELINE.DEPLOYS SET STATUS = 'running'")
    assert any(check.what == "deploys" and check.level is Level.FAILURE for check in health(mini.request, print).checks)
    mini.deploy()
    assert mini.rows("SELECT STATUS FROM _PIPELINE.DEPLOYS ORDER BY STARTED_AT") == [("broken off",), ("succeeded",)]
