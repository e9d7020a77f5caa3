"""New, changed, unchanged, gone: each against a history."""

import pytest

from pipeline.errors import Refused
from pipeline.plan.changes import Attempt, Changes, Live, Verdict, decide
from pipeline.plan.model import RunWhen
from pipeline.plan.resolve import Resolved
from pipeline.sql.grammar.model import ObjectKind
from pipeline.sql.names import QualifiedName
from plan.statements import history_of, resolved

NOTHING_KNOWN = Live({})

TABLE = "CREATE TABLE IF NOT EXISTS d.s.t (a INT)"
VIEW = "CREATE OR REPLACE VIEW d.s.v AS SELECT a FROM d.s.t"
SECOND = "CREATE OR REPLACE VIEW d.s.w AS SELECT a FROM d.s.v"
INSERT = "INSERT INTO d.s.t VALUES (1)"


def verdicts(changes: Changes) -> list[Verdict]:
    return [decision.verdict for decision in changes.decisions]


def against(before: tuple[Resolved, ...], now: tuple[Resolved, ...], live: Live = NOTHING_KNOWN) -> Changes:
    return decide(now, history_of(before), {}, live)


def test_the_first_time_all_is_new() -> None:
    assert verdicts(against((), resolved(TABLE, INSERT))) == [Verdict.NEW, Verdict.NEW]


def test_the_second_time_nothing_runs() -> None:
    found = resolved(TABLE, INSERT, VIEW)
    assert against(found, found).pending == ()


def test_an_edited_create_is_known_by_its_object() -> None:
    changes = against(resolved(TABLE), resolved("CREATE OR ALTER TABLE d.s.t (a INT, b INT)"))
    assert verdicts(changes) == [Verdict.CHANGED]
    assert changes.removed == ()


def test_space_at_line_ends_is_no_edit() -> None:
    assert against(resolved("SELECT 1\nAS a"), resolved("SELECT 1  \r\nAS a")).pending == ()


def test_an_edited_insert_is_known_by_its_script() -> None:
    changes = against(resolved(TABLE, INSERT), resolved(TABLE, "INSERT INTO d.s.t VALUES (2)"))
    assert verdicts(changes) == [Verdict.UNCHANGED, Verdict.CHANGED]


def test_views_on_a_changed_table_run_again_and_those_on_them() -> None:
    before = resolved(TABLE, VIEW, SECOND, INSERT)
    changes = against(before, resolved("CREATE OR REPLACE TABLE d.s.t (b INT)", VIEW, SECOND, INSERT))
    assert verdicts(changes) == [Verdict.CHANGED, Verdict.DEPENDS, Verdict.DEPENDS, Verdict.UNCHANGED]


def test_a_task_runs_again_when_its_procedure_changes() -> None:
    procedure = "CREATE OR REPLACE PROCEDURE d.s.p() RETURNS INT AS 'BEGIN RETURN 1; END'"
    task = "CREATE OR REPLACE TASK d.s.k SCHEDULE = '5 MINUTE' AS CALL d.s.p()"
    changes = against(resolved(procedure, task), resolved(procedure.replace("RETURN 1", "RETURN 2"), task))
    assert verdicts(changes) == [Verdict.CHANGED, Verdict.DEPENDS]


def test_what_was_dropped_by_hand_is_made_again_with_what_filled_it() -> None:
    found = resolved(TABLE, INSERT, "CREATE TABLE IF NOT EXISTS d.s.u (a INT)")
    live = Live({ObjectKind.TABLE: frozenset({QualifiedName.of("D", "S", "U")})})
    assert verdicts(against(found, found, live)) == [Verdict.MISSING, Verdict.MISSING, Verdict.UNCHANGED]


def test_what_the_project_itself_drops_is_not_missing() -> None:
    found = resolved(TABLE, "DROP TABLE d.s.t")
    assert against(found, found, Live({ObjectKind.TABLE: frozenset()})).pending == ()


def test_what_left_the_project_is_told_when_it_made_an_object() -> None:
    changes = against(resolved(TABLE, VIEW, INSERT), resolved(TABLE))
    assert [row.key for row in changes.removed] == ["VIEW D.S.V"]


def test_always_runs_always_and_once_runs_once() -> None:
    always = resolved(INSERT, run=RunWhen.ALWAYS)
    assert verdicts(against(always, always)) == [Verdict.ALWAYS]
    once = resolved(INSERT, run=RunWhen.ONCE)
    assert against(once, once).pending == ()
    more = resolved(INSERT, VIEW, run=RunWhen.ONCE)
    assert verdicts(against(once, more)) == [Verdict.UNCHANGED, Verdict.NEW]


def test_an_edit_of_what_ran_once_is_refused() -> None:
    once = resolved(INSERT, run=RunWhen.ONCE)
    with pytest.raises(Refused, match="ran once, in deploy before"):
        against(once, resolved("INSERT INTO d.s.t VALUES (3)", run=RunWhen.ONCE))


def test_a_transaction_runs_as_a_whole() -> None:
    before = resolved("BEGIN", INSERT, "COMMIT")
    changes = against(before, resolved("BEGIN", INSERT, "INSERT INTO d.s.t VALUES (2)", "COMMIT"))
    assert Verdict.UNCHANGED not in verdicts(changes)


def test_session_statements_are_no_steps_but_needs() -> None:
    found = resolved("USE SCHEMA d.s", "SET x = 1", "SELECT $x FROM t", "SELECT a FROM d.s.t")
    assert len(against((), found).decisions) == 2
    assert [need.text for need in found[2].needs] == ["SET x = 1", "USE SCHEMA D.S"]
    assert [need.text for need in found[3].needs] == ["SET x = 1"]


def test_an_edit_after_a_failure_is_said() -> None:
    attempts = {"TABLE D.S.T": Attempt("TABLE D.S.T", "1:other", failed=True)}
    assert len(decide(resolved(TABLE), {}, attempts, NOTHING_KNOWN).notices) == 1
