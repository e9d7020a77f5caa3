"""What was lost with an object that is made anew runs again, and nothing else."""

from dataclasses import replace

import pytest

from pipeline.plan.changes import Changes, Live
from pipeline.plan.decide import decide
from pipeline.plan.model import RunWhen
from pipeline.plan.resolve import Resolved, resolve
from pipeline.sql.effects import text_effects
from pipeline.sql.grammar.model import ObjectKind
from pipeline.sql.names import QualifiedName
from plan.statements import history_of, resolved, statements

TABLE = "CREATE OR REPLACE TABLE d.s.t (a INT)"
VIEW = "CREATE OR REPLACE VIEW d.s.v AS SELECT a FROM d.s.t"
INSERT = "INSERT INTO d.s.t VALUES (1)"
SCHEMA = "CREATE OR REPLACE SCHEMA d.s"
PLAIN = "CREATE TABLE d.s.t (a INT)"


def there(*tables: str) -> Live:
    """The tables of D.S that the account has."""
    return Live({ObjectKind.TABLE: frozenset(QualifiedName.of("D", "S", name) for name in tables)}, frozenset({"D"}))


def after_edit(texts: list[str], edited: int, live: Live) -> Changes:
    """The decisions when one statement gets a comment."""
    now = [f"{text} /* edited */" if number == edited else text for number, text in enumerate(texts)]
    return decide(resolved(*now), history_of(resolved(*texts)), {}, live)


def running(texts: list[str], edited: int, live: Live | None = None) -> list[int]:
    return [each.statement.position - 1 for each in after_edit(texts, edited, live or there("T")).pending]


@pytest.mark.parametrize(
    "given_back",
    [
        "GRANT SELECT ON TABLE d.s.t TO ROLE r",
        "GRANT SELECT ON ALL TABLES IN SCHEMA d.s TO ROLE r",
        "GRANT SELECT ON ALL TABLES IN DATABASE d TO ROLE r",
        "COMMENT ON TABLE d.s.t IS 'x'",
        "ALTER TABLE d.s.t ADD COLUMN b INT",
        INSERT,
        "EXECUTE IMMEDIATE 'INSERT INTO d.s.t VALUES (2)'",
    ],
)
def test_what_a_replaced_table_lost_is_given_back(given_back: str) -> None:
    assert running([TABLE, given_back], 0) == [0, 1]


@pytest.mark.parametrize(
    "other",
    [
        "GRANT SELECT ON TABLE d.s.u TO ROLE r",
        "GRANT SELECT ON FUTURE TABLES IN SCHEMA d.s TO ROLE r",
        "GRANT SELECT ON ALL TABLES IN SCHEMA d.other TO ROLE r",
        "INSERT INTO d.s.u SELECT a FROM d.s.t",
        "ALTER TABLE d.s.u ADD COLUMN t INT",
    ],
)
def test_what_others_have_stays(other: str) -> None:
    assert running([TABLE, other], 0) == [0]


def test_nothing_runs_again_behind_create_or_alter() -> None:
    assert running(["CREATE OR ALTER TABLE d.s.t (a INT)", INSERT, "GRANT SELECT ON TABLE d.s.t TO ROLE r"], 0) == [0]


def test_grants_on_a_view_run_again_when_its_table_is_replaced() -> None:
    assert running([TABLE, VIEW, "GRANT SELECT ON VIEW d.s.v TO ROLE r"], 0) == [0, 1, 2]


def test_a_grant_on_all_runs_again_for_a_new_table() -> None:
    before, new = [TABLE, "GRANT SELECT ON ALL TABLES IN SCHEMA d.s TO ROLE r"], "CREATE TABLE d.s.u (a INT)"
    changes = decide(resolved(before[0], new, before[1]), history_of(resolved(*before)), {}, there("T"))
    assert [each.statement.position for each in changes.pending] == [2, 3]
    assert running(["CREATE OR ALTER TABLE d.s.t (a INT)", before[1]], 0) == [0]


def test_the_state_of_a_replaced_task_is_for_the_plan_its_link_for_the_script() -> None:
    task = "CREATE OR REPLACE TASK d.s.k AS SELECT 1"
    assert running([task, "ALTER TASK d.s.k ADD AFTER d.s.root", "ALTER TASK d.s.k RESUME"], 0) == [0, 1]


def test_a_replaced_schema_gets_its_objects_back_and_no_other() -> None:
    assert running([SCHEMA, PLAIN, VIEW, INSERT, VIEW.replace("d.s.v", "d.other.v")], 0) == [0, 1, 2, 3, 4]
    assert running([SCHEMA, PLAIN, VIEW.replace("d.s.v", "d.other.v").replace("d.s.t", "d.other.t")], 0) == [0, 1]
    procedure = "CREATE PROCEDURE d.s.p() RETURNS INT AS 'BEGIN RETURN 1; END'"
    assert running([SCHEMA, procedure, "GRANT USAGE ON PROCEDURE d.s.p() TO ROLE r"], 0) == [0, 1, 2]


def test_a_drop_and_its_create_run_together() -> None:
    pair = ["DROP TABLE IF EXISTS d.s.t", PLAIN, INSERT]
    assert running(pair, 0) == [0, 1, 2]
    assert running(pair, 1) == [0, 1, 2]
    assert running(pair, 2) == [2]
    assert after_edit(pair, 1, there("T")).notices == ()


def test_a_drop_that_ran_once_does_not_run_again() -> None:
    def both(create: str) -> tuple[Resolved, ...]:
        drop, made = statements("DROP TABLE d.s.t", create)
        return resolve([replace(drop, run=RunWhen.ONCE), made], text_effects, "D")

    changes = decide(both(f"{PLAIN} /* edited */"), history_of(both(PLAIN)), {}, there("T"))
    assert [each.statement.position for each in changes.pending] == [2]
    assert "will fail" in changes.notices[0]


def test_a_helper_table_is_dropped_again() -> None:
    texts = ["CREATE TABLE d.s.h (a INT)", "INSERT INTO d.s.t SELECT a FROM d.s.h", "DROP TABLE d.s.h"]
    assert running(texts, 0) == [0, 2]
    assert running(texts, 1) == [1]


def test_a_create_of_what_is_there_is_told_to_fail() -> None:
    changes = after_edit([PLAIN], 0, there("T"))
    assert "TABLE D.S.T is there, so this CREATE will fail" in changes.notices[0]
    assert after_edit([PLAIN], 0, there()).notices == ()
    assert decide(resolved("CALL d.s.p()", PLAIN), {}, {}, there("T")).notices == ()


def test_a_renamed_table_is_not_missed_under_its_old_name() -> None:
    texts = [PLAIN, "ALTER TABLE d.s.t RENAME TO d.s.u", INSERT.replace("d.s.t", "d.s.u")]
    found = resolved(*texts)
    assert decide(found, history_of(found), {}, there("U")).pending == ()
    assert [each.statement.position for each in decide(found, history_of(found), {}, there()).pending] == [1, 2, 3]


def test_what_another_statement_still_makes_has_not_left_the_project() -> None:
    before = resolved("CREATE TABLE IF NOT EXISTS d.s.t (a INT)", TABLE)
    assert decide(before[:1], history_of(before), {}, there("T")).removed == ()


def test_a_view_in_place_of_a_table_is_told_to_fail_unless_the_table_is_dropped() -> None:
    view = "CREATE OR REPLACE VIEW d.s.t AS SELECT 1 AS a"
    changes = decide(resolved(view), history_of(resolved(TABLE)), {}, there("T"))
    assert "TABLE D.S.T is there, so this CREATE will fail" in changes.notices[0]
    dropped = decide(resolved("DROP TABLE d.s.t", view), history_of(resolved(TABLE)), {}, there("T"))
    assert (dropped.notices, len(dropped.pending)) == ((), 2)


def test_a_task_is_linked_again_to_one_that_was_dropped_by_hand() -> None:
    texts = [f"CREATE OR REPLACE TASK d.s.{name} AS SELECT 1" for name in ("a", "b AFTER d.s.a", "c AFTER d.s.b")]
    found = resolved(*texts, "CREATE OR REPLACE TASK d.s.f FINALIZE = d.s.a AS SELECT 1")
    tasks = {each: QualifiedName.of("D", "S", each) for each in "ABCF"}

    def pending(dropped: str) -> list[int]:
        live = Live(
            {ObjectKind.TASK: frozenset(name for each, name in tasks.items() if each != dropped)}, frozenset("D")
        )
        return [each.statement.position for each in decide(found, history_of(found), {}, live).pending]

    assert [pending(each) for each in "ABCF"] == [[1, 2, 4], [2, 3], [3], [4]]
