"""What a deploy does to task graphs, step by step. Names are complete, so no USE is needed unless it is the point."""

from pathlib import Path

import pytest

from pipeline.errors import Location
from pipeline.plan.graphs import LiveTask
from pipeline.plan.model import (
    AfterDeploy,
    CompileQuery,
    Plan,
    ResumeTask,
    RunStatement,
    Standing,
    Statement,
    Step,
    SuspendTask,
)
from pipeline.plan.planner import make_plan, restoration
from pipeline.sql.names import QualifiedName


def name(text: str) -> QualifiedName:
    return QualifiedName.parse(f"DB.S.{text}")


def statements(*texts: str) -> list[Statement]:
    return [
        Statement(position, "sql/x.sql", text, Location(Path("sql/x.sql"), position))
        for position, text in enumerate(texts, start=1)
    ]


def task(text: str, *after: str, started: bool = True, finalizes: str | None = None, ever_ran: bool = True) -> LiveTask:
    return LiveTask(
        name(text),
        started,
        tuple(name(parent) for parent in after),
        None if finalizes is None else name(finalizes),
        ever_ran,
    )


def told(plan: Plan) -> list[str]:
    """The plan in short words."""
    return [short(step) for step in plan.steps]


def short(step: Step) -> str:
    match step:
        case RunStatement(statement=statement):
            return f"run {statement.position}"
        case CompileQuery(statement=statement):
            return f"compile {statement.position}"
        case SuspendTask(task=found, final=final):
            return f"suspend {found.name}" + (" for good" if final else "")
        case ResumeTask(task=found, standing=standing):
            return f"resume {found.name} {standing}"


GRAPH = (task("ROOT"), task("A", "ROOT"), task("B", "A"), task("FIN", finalizes="ROOT"))

ROOT = "CREATE OR ALTER TASK db.s.root SCHEDULE = '1 MINUTE' AS SELECT 1"
A = "CREATE OR ALTER TASK db.s.a AFTER db.s.root AS SELECT 1"
B = "CREATE OR ALTER TASK db.s.b AFTER db.s.a AS SELECT 1"
FIN = "CREATE OR ALTER TASK db.s.fin FINALIZE = db.s.root AS SELECT 1"
TABLE = "CREATE TABLE IF NOT EXISTS db.s.t (a INT)"


def test_a_started_graph_is_suspended_once_and_brought_back_root_last() -> None:
    plan = make_plan(statements(TABLE, ROOT, A, B, FIN, TABLE), GRAPH, AfterDeploy.KEEP)
    assert told(plan) == [
        "run 1",
        "suspend ROOT",
        "run 2",
        "run 3",
        "run 4",
        "run 5",
        "resume B restored",
        "resume A restored",
        "resume FIN restored",
        "resume ROOT restored",
        "run 6",
    ]


def test_a_change_of_a_child_suspends_its_root() -> None:
    plan = make_plan(statements("ALTER TASK db.s.b SET COMMENT = 'x'"), GRAPH, AfterDeploy.KEEP)
    assert told(plan)[:2] == ["suspend ROOT", "run 1"]


def test_a_new_child_of_a_started_graph_suspends_its_root() -> None:
    new = "CREATE TASK db.s.c AFTER db.s.a AS SELECT 1"
    plan = make_plan(statements(new), GRAPH, AfterDeploy.RESUME)
    assert told(plan) == [
        "suspend ROOT",
        "run 1",
        "resume B restored",
        "resume C new",
        "resume A restored",
        "resume FIN restored",
        "resume ROOT restored",
    ]


def test_a_new_finalizer_of_a_started_graph_suspends_its_root() -> None:
    plan = make_plan(statements(FIN), GRAPH[:1], AfterDeploy.KEEP)
    assert told(plan) == ["suspend ROOT", "run 1", "resume ROOT restored"]


def test_states_stay_as_they_were() -> None:
    live = (task("ROOT"), task("A", "ROOT", started=False), task("B", "A"))
    plan = make_plan(statements(ROOT, A, B), live, AfterDeploy.RESUME)
    assert told(plan)[-2:] == ["resume B restored", "resume ROOT restored"]


def test_a_suspended_graph_is_left_suspended() -> None:
    live = (task("ROOT", started=False), task("A", "ROOT"))
    plan = make_plan(statements(ROOT, A), live, AfterDeploy.RESUME)
    assert told(plan) == ["run 1", "run 2", "resume A restored"]


def test_untouched_graphs_are_left_alone() -> None:
    plan = make_plan(statements(TABLE), GRAPH, AfterDeploy.RESUME)
    assert told(plan) == ["run 1"]


@pytest.mark.parametrize(
    ("after_deploy", "wanted"),
    [
        (AfterDeploy.RESUME, ["resume A new", "resume ROOT new"]),
        (AfterDeploy.KEEP, []),
        (AfterDeploy.SUSPEND, []),
    ],
)
def test_a_new_graph(after_deploy: AfterDeploy, wanted: list[str]) -> None:
    plan = make_plan(statements(ROOT, A), (), after_deploy)
    assert told(plan) == ["run 1", "run 2", *wanted]


def test_tasks_that_a_broken_off_deploy_left_behind_are_still_new() -> None:
    live = (task("ROOT", started=False, ever_ran=False),)
    plan = make_plan(statements(ROOT, A), live, AfterDeploy.RESUME)
    assert told(plan)[-2:] == ["resume A new", "resume ROOT new"]


def test_suspend_leaves_every_graph_of_the_project_down() -> None:
    plan = make_plan(statements(ROOT, A), GRAPH, AfterDeploy.SUSPEND)
    assert told(plan) == ["suspend ROOT", "run 1", "run 2"]


def test_suspend_takes_down_a_graph_that_no_statement_changes() -> None:
    plan = make_plan(
        statements("CREATE TASK IF NOT EXISTS db.s.root SCHEDULE = '1 MINUTE' AS SELECT 1"), GRAPH, AfterDeploy.SUSPEND
    )
    assert told(plan) == ["run 1", "suspend ROOT for good"]


def test_if_not_exists_of_an_existing_task_touches_nothing() -> None:
    plan = make_plan(
        statements("CREATE TASK IF NOT EXISTS db.s.root SCHEDULE = '1 MINUTE' AS SELECT 1"), GRAPH, AfterDeploy.RESUME
    )
    assert told(plan) == ["run 1"]


def test_a_dropped_task_is_not_resumed() -> None:
    plan = make_plan(statements("DROP TASK IF EXISTS db.s.b"), GRAPH, AfterDeploy.KEEP)
    assert told(plan) == [
        "suspend ROOT",
        "run 1",
        "resume A restored",
        "resume FIN restored",
        "resume ROOT restored",
    ]


def test_the_scripts_own_last_word_is_kept() -> None:
    plan = make_plan(statements(ROOT, "ALTER TASK db.s.root SUSPEND"), GRAPH[:1], AfterDeploy.RESUME)
    assert told(plan) == ["suspend ROOT", "run 1", "run 2"]


def test_suspend_change_resume_in_a_script_ends_started() -> None:
    script = statements("ALTER TASK IF EXISTS db.s.root SUSPEND", ROOT, "ALTER TASK db.s.root RESUME")
    plan = make_plan(script, GRAPH[:1], AfterDeploy.KEEP)
    assert told(plan)[-1] == "resume ROOT restored"


@pytest.mark.parametrize(
    "use", ["USE SCHEMA db.s", "USE DATABASE db; USE SCHEMA s", "CREATE SCHEMA IF NOT EXISTS db.s"]
)
def test_names_are_completed_by_what_is_current(use: str) -> None:
    texts = [*use.split("; "), "CREATE OR ALTER TASK root AS SELECT 1"]
    plan = make_plan(statements(*texts), GRAPH[:1], AfterDeploy.KEEP)
    assert told(plan)[-3:] == ["suspend ROOT", f"run {len(texts)}", "resume ROOT restored"]


def test_queries_are_compiled_not_run() -> None:
    query = Statement(1, "sql/q.sql", "SELECT 1", Location(Path("sql/q.sql"), 1), "one", compile_only=True)
    assert told(make_plan([query], (), AfterDeploy.KEEP)) == ["compile 1"]


def test_keep_says_which_new_task_will_not_run_in_a_running_graph() -> None:
    new = "CREATE TASK db.s.c AFTER db.s.a AS SELECT 1"
    plan = make_plan(statements(new), GRAPH, AfterDeploy.KEEP)
    assert [notice.split(" stays")[0] for notice in plan.notices] == ["The new task DB.S.C"]


def test_a_failure_later_brings_the_graph_back() -> None:
    plan = make_plan(statements(ROOT, A, TABLE, B), GRAPH, AfterDeploy.KEEP)
    done, failed = plan.steps[:3], plan.steps[3]
    assert short(failed) == "run 3"
    assert [short(step) for step in restoration(plan, done, failed)] == [
        "resume B restored",
        "resume A restored",
        "resume FIN restored",
        "resume ROOT restored",
    ]


def test_a_task_whose_own_definition_failed_is_not_resumed() -> None:
    plan = make_plan(statements(ROOT), GRAPH[:1], AfterDeploy.KEEP)
    assert restoration(plan, plan.steps[:1], plan.steps[1]) == ()


def test_a_failure_before_anything_was_suspended_restores_nothing() -> None:
    plan = make_plan(statements(TABLE, ROOT), GRAPH, AfterDeploy.KEEP)
    assert restoration(plan, (), plan.steps[0]) == ()


def test_what_was_resumed_already_is_not_resumed_again() -> None:
    plan = make_plan(statements(ROOT, A, B, FIN, TABLE), GRAPH, AfterDeploy.KEEP)
    assert restoration(plan, plan.steps[:-1], plan.steps[-1]) == ()


def test_new_tasks_are_resumed_after_no_failure() -> None:
    plan = make_plan(statements(ROOT, "CREATE TASK db.s.c AFTER db.s.root AS SELECT 1"), GRAPH[:1], AfterDeploy.RESUME)
    steps = restoration(plan, plan.steps[:2], plan.steps[2])
    assert [step.standing for step in steps] == [Standing.RESTORED]


def test_a_link_that_an_alter_adds_counts_for_the_order_and_for_the_root_above() -> None:
    texts = ["CREATE TASK db.s.a AS SELECT 1", "CREATE TASK db.s.b AS SELECT 2", "ALTER TASK db.s.b ADD AFTER db.s.a"]
    plan = make_plan(statements(*texts), [], AfterDeploy.RESUME)
    assert told(plan)[3:] == ["resume B new", "resume A new"]
    linked = make_plan(statements(texts[2]), [task("A"), task("B")], AfterDeploy.KEEP)
    assert told(linked) == ["suspend A", "suspend B", "run 1", "resume B restored", "resume A restored"]


def test_a_link_that_an_alter_cuts_counts_no_more() -> None:
    cut = make_plan(statements("ALTER TASK db.s.a REMOVE AFTER db.s.b"), [task("A", "B"), task("B")], AfterDeploy.KEEP)
    assert told(cut) == ["suspend B", "run 1", "resume A restored", "resume B restored"]
    finalizer = make_plan(
        statements("ALTER TASK db.s.f UNSET FINALIZE", "ALTER TASK db.s.f SET FINALIZE = db.s.a"),
        [task("F", finalizes="B"), task("B"), task("A")],
        AfterDeploy.KEEP,
    )
    assert told(finalizer)[-3:] == ["resume F restored", "resume A restored", "resume B restored"]
