"""New, changed, unchanged, gone: each against a history."""

from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.errors import Location, Refused
from pipeline.plan.changes import Attempt, Changes, Live, Verdict
from pipeline.plan.decide import decide
from pipeline.plan.hashes import text_of_hash
from pipeline.plan.model import RunWhen, Statement
from pipeline.plan.resolve import Resolved, resolve
from pipeline.sql.effects import Effects, text_effects
from pipeline.sql.grammar.model import ObjectKind
from pipeline.sql.names import QualifiedName
from plan.statements import history_of, resolved, statements

NOTHING_KNOWN = Live({}, frozenset())

TABLE = "CREATE TABLE IF NOT EXISTS d.s.t (a INT)"
VIEW = "CREATE OR REPLACE VIEW d.s.v AS SELECT a FROM d.s.t"
SECOND = "CREATE OR REPLACE VIEW d.s.w AS SELECT a FROM d.s.v"
INSERT = "INSERT INTO d.s.t VALUES (1)"


def tables_there(*tables: str) -> Live:
    """The tables of D.S that the account has."""
    return Live({ObjectKind.TABLE: frozenset(QualifiedName.of("D", "S", name) for name in tables)}, frozenset({"D"}))


def verdicts(changes: Changes) -> list[Verdict]:
    return [decision.verdict for decision in changes.decisions]


def against(before: tuple[Resolved, ...], now: tuple[Resolved, ...], live: Live = NOTHING_KNOWN) -> Changes:
    return decide(now, history_of(before), {}, live)


def told_apart(before: tuple[Resolved, ...], *now: Statement) -> Changes:
    """The same, of statements whose keys are given with the history in view, as in a deploy."""
    history = history_of(before)
    return decide(
        resolve(now, text_effects, "D", {row.key: row.hash for row in history.values()}), history, {}, NOTHING_KNOWN
    )


def in_scripts(scripts: dict[str, list[str]], run: RunWhen = RunWhen.CHANGED) -> list[Statement]:
    """Statements of several scripts, in order."""
    pairs = [(script, number, text) for script, texts in scripts.items() for number, text in enumerate(texts, start=1)]
    return [
        Statement(position, script, text, Location(Path(script), line), run=run)
        for position, (script, line, text) in enumerate(pairs, start=1)
    ]


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
    assert verdicts(changes) == [Verdict.CHANGED, Verdict.DEPENDS, Verdict.DEPENDS, Verdict.DEPENDS]


PROCEDURE = "CREATE OR REPLACE PROCEDURE d.s.p(a INT) RETURNS INT AS 'BEGIN RETURN 1; END'"
TASK = "CREATE OR REPLACE TASK d.s.k SCHEDULE = '5 MINUTE' AS CALL d.s.p(1)"


def test_a_task_runs_again_when_its_procedure_takes_other_arguments() -> None:
    changes = against(resolved(PROCEDURE, TASK), resolved(PROCEDURE.replace("a INT", "a INT, b INT DEFAULT 1"), TASK))
    assert verdicts(changes) == [Verdict.NEW, Verdict.DEPENDS]
    assert [row.key for row in changes.removed] == ["PROCEDURE D.S.P(NUMBER)"]


def test_a_task_finds_the_new_body_of_its_procedure_by_itself() -> None:
    changes = against(resolved(PROCEDURE, TASK), resolved(PROCEDURE.replace("RETURN 1", "RETURN 2"), TASK))
    assert verdicts(changes) == [Verdict.CHANGED, Verdict.UNCHANGED]


def test_a_new_change_of_a_table_makes_its_views_again() -> None:
    alter = "ALTER TABLE d.s.t ADD COLUMN b INT"
    changes = against(resolved(TABLE, VIEW), resolved(TABLE, alter, VIEW))
    assert verdicts(changes) == [Verdict.UNCHANGED, Verdict.NEW, Verdict.DEPENDS]


def test_a_view_that_a_stream_reads_is_left_alone_while_its_table_lives() -> None:
    streamed = Live({}, frozenset({"D"}), frozenset({QualifiedName.of("D", "S", "V")}))
    altered = against(resolved(TABLE, VIEW), resolved("CREATE OR ALTER TABLE d.s.t (a INT, b INT)", VIEW), streamed)
    assert verdicts(altered) == [Verdict.CHANGED, Verdict.UNCHANGED]
    assert "a stream reads it and would go stale" in altered.notices[0]
    replaced = against(resolved(TABLE, VIEW), resolved("CREATE OR REPLACE TABLE d.s.t (b INT)", VIEW), streamed)
    assert verdicts(replaced) == [Verdict.CHANGED, Verdict.DEPENDS]
    alter = "ALTER TABLE d.s.t ADD COLUMN c INT"
    both = against(resolved(TABLE, VIEW), resolved("CREATE OR REPLACE TABLE d.s.t (b INT)", alter, VIEW), streamed)
    assert both.decisions[2].because == "D.S.T is replaced"


def test_an_edit_behind_if_not_exists_does_nothing_where_the_object_is() -> None:
    before, now = resolved(TABLE, VIEW), resolved(TABLE.replace("a INT", "a INT, b INT"), VIEW)
    there = against(before, now, tables_there("T"))
    assert [(decision.verdict, decision.idle) for decision in there.decisions] == [
        (Verdict.CHANGED, True),
        (Verdict.UNCHANGED, False),
    ]
    assert verdicts(against(before, now, tables_there())) == [Verdict.CHANGED, Verdict.DEPENDS]


def test_what_was_dropped_by_hand_is_made_again_with_what_filled_it() -> None:
    found = resolved(TABLE, INSERT, "CREATE TABLE IF NOT EXISTS d.s.u (a INT)")
    live = tables_there("U")
    assert verdicts(against(found, found, live)) == [Verdict.MISSING, Verdict.MISSING, Verdict.UNCHANGED]


def test_what_the_project_itself_drops_is_not_missing() -> None:
    for drop in ("DROP TABLE d.s.t", "DROP SCHEMA d.s", "DROP DATABASE d"):
        found = resolved(TABLE, drop)
        assert against(found, found, tables_there()).pending == ()


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


def test_a_transaction_that_is_put_before_others_runs_alone() -> None:
    one, two, three = (["BEGIN", INSERT.replace("1", str(number)), "COMMIT"] for number in (1, 2, 3))
    changes = told_apart(resolved(TABLE, *one, *two), *statements(TABLE, *three, *one, *two))
    assert [decision.statement.position for decision in changes.pending] == [2, 3, 4]


def test_scripts_with_the_same_text_in_other_schemas_may_change_places() -> None:
    one, two = ["USE SCHEMA d.x", "INSERT INTO t VALUES (1)"], ["USE SCHEMA d.y", "INSERT INTO t VALUES (1)"]
    assert told_apart(resolved(*one, *two), *statements(*two, *one)).pending == ()
    third = told_apart(resolved(*one, *two), *statements("USE SCHEMA d.z", "INSERT INTO t VALUES (1)", *two, *one))
    assert [(each.statement.position, each.resolved.key[-3:]) for each in third.pending] == [(2, " #3")]


def test_what_ran_once_is_known_in_another_script_and_place() -> None:
    seeds = [INSERT.replace("1", str(number)) for number in range(4)]
    ran = resolve(in_scripts({"a.sql": seeds[:3]}, RunWhen.ONCE), text_effects, "D")

    def pending(scripts: dict[str, list[str]]) -> list[str]:
        changes = told_apart(ran, *in_scripts(scripts, RunWhen.ONCE))
        return [decision.statement.text for decision in changes.pending]

    assert pending({"renamed.sql": seeds[:3]}) == []
    assert pending({"b.sql": seeds[1:3], "a.sql": seeds[:1]}) == []
    assert pending({"a.sql": [seeds[0], seeds[3], *seeds[1:3]]}) == [seeds[3]]
    assert pending({"a.sql": [seeds[0], seeds[2], seeds[3]]}) == [seeds[3]]
    with pytest.raises(Refused, match="was edited since"):
        pending({"a.sql": [seeds[0], seeds[3], seeds[2]]})


def test_a_step_that_runs_once_from_now_on_does_not_run_again() -> None:
    assert against(resolved(TABLE, INSERT), resolved(TABLE, INSERT, run=RunWhen.ONCE)).pending == ()
    back = against(resolved(TABLE, INSERT, run=RunWhen.ONCE), resolved(TABLE, INSERT))
    assert back.pending == ()
    assert back.removed == ()


def test_objects_of_a_database_that_was_not_looked_at_are_not_missing() -> None:
    found = resolved("CREATE TABLE IF NOT EXISTS other.s.t (a INT)")
    assert against(found, found, tables_there()).pending == ()


@pytest.mark.parametrize(
    ("before", "now", "wanted"),
    [
        (("SET n = 1", "INSERT INTO d.s.t VALUES ($n)"), ("SET n = 2", "INSERT INTO d.s.t VALUES ($n)"), True),
        (("SET n = 1", INSERT), ("SET n = 2", INSERT), False),
        (("USE SCHEMA d.s", "INSERT INTO t VALUES (1)"), ("USE SCHEMA d.x", "INSERT INTO t VALUES (1)"), True),
        (("USE SCHEMA d.s", INSERT), ("USE SCHEMA d.x", INSERT), False),
        (("ALTER SESSION SET TIMEZONE = 'UTC'", INSERT), (INSERT,), False),
    ],
)
def test_an_edit_of_the_session_is_one_of_the_statements_that_rest_on_it(
    before: tuple[str, ...], now: tuple[str, ...], wanted: bool
) -> None:
    assert bool(against(resolved(*before), resolved(*now)).pending) == wanted


def test_a_hash_of_an_older_recipe_is_no_edit_and_one_of_a_newer_is_refused() -> None:
    found = resolved("USE SCHEMA d.s", "INSERT INTO t VALUES (1)")
    history = {key: replace(row, hash=text_of_hash(row.hash)) for key, row in history_of(found).items()}
    assert decide(found, history, {}, NOTHING_KNOWN).pending == ()
    later = {key: replace(row, hash="9:x:y") for key, row in history.items()}
    with pytest.raises(Refused, match="later version of pipeline"):
        decide(found, later, {}, NOTHING_KNOWN)


def test_what_the_history_knows_is_not_read() -> None:
    texts = (TABLE, VIEW, SECOND, INSERT, "USE SCHEMA d.s", "INSERT INTO t VALUES (2)", "SELECT 1")
    before = resolved(*texts)
    history = history_of(before)
    read: list[str] = []

    def effects_of(text: str) -> Effects:
        read.append(text)
        return text_effects(text)

    known = {row.key: row.hash for row in history.values()}
    again = resolve(statements(*texts), effects_of, "D", known)
    assert [each.key for each in again] == [each.key for each in before]
    assert decide(again, history, {}, tables_there("T")).pending == ()
    assert read == ["USE SCHEMA d.s"]
    assert [each.effects for each in again] == [each.effects for each in before]
    assert [each.needs for each in again] == [each.needs for each in before]


def test_session_statements_are_no_steps_but_needs() -> None:
    found = resolved("USE SCHEMA d.s", "SET x = 1", "SELECT $x FROM t", "SELECT a FROM d.s.t")
    assert len(against((), found).decisions) == 2
    assert [need.text for need in found[2].needs] == ["SET x = 1", "USE SCHEMA D.S"]
    assert [need.text for need in found[3].needs] == ["SET x = 1"]


def test_an_edit_after_a_failure_is_said() -> None:
    attempts = {"TABLE D.S.T": Attempt("TABLE D.S.T", "1:other", failed=True, deploy_id="before")}
    assert len(decide(resolved(TABLE), {}, attempts, NOTHING_KNOWN).notices) == 1
