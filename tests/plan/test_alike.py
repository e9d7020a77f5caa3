"""What was only written anew is no edit; whatever says something else is."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest

from pipeline.plan.changes import Changes, Live, Verdict
from pipeline.plan.decide import decide
from pipeline.plan.model import RunWhen, Statement
from pipeline.plan.resolve import Resolved, resolve
from pipeline.sql.effects import text_effects
from plan.statements import history_of, resolved, statements

ONE, TWO = "INSERT INTO d.s.t VALUES (1)", "INSERT INTO d.s.t VALUES (2)"
TABLE = "CREATE OR REPLACE TABLE d.s.t (a INT)"


def edited(before: Sequence[Resolved], now: Sequence[Statement]) -> Changes:
    """The decisions, with the texts of the history to be read."""
    texts = {each.key: each.statement.text for each in before}

    def texts_of(keys: Mapping[str, str]) -> Mapping[str, str]:
        return {key: texts[key] for key in keys}

    history = history_of(before)
    found = resolve(now, text_effects, "D", {row.key: row.hash for row in history.values()})
    return decide(found, history, {}, Live({}, frozenset()), texts_of)


def pending(before: Sequence[Resolved], *now: str) -> list[int]:
    return [each.statement.position for each in edited(before, statements(*now)).pending]


@pytest.mark.parametrize("text", [TABLE, ONE, "CREATE OR REPLACE VIEW d.s.v AS SELECT a FROM d.s.t", "SELECT 1 AS a"])
def test_space_comments_and_case_are_no_edit(text: str) -> None:
    assert pending(resolved(text), text.lower().replace(" ", "\n  ") + " -- said") == []
    assert pending(resolved(text), text.replace("a", "b").replace("1", "3")) == [1]


def test_each_is_known_by_what_it_says() -> None:
    assert pending(resolved(TABLE, ONE, TWO), TABLE, ONE.replace("1", "0"), ONE.lower(), TWO.lower()) == [2]
    assert pending(resolved(TABLE, ONE, TWO), TABLE, TWO.lower(), ONE.lower()) == []
    assert pending(resolved(TABLE, ONE), TABLE, ONE.lower(), ONE) == [2]


def test_in_transactions_too() -> None:
    whole = ["BEGIN", ONE, TWO, "COMMIT"]
    assert pending(resolved(*whole), "begin", ONE.lower(), f"{TWO} -- two", "commit") == []
    assert pending(resolved(*whole), "begin", ONE.lower(), TWO.replace("2", "3"), "commit") == [1, 2, 3, 4]


def test_what_ran_once_may_be_written_anew() -> None:
    before = resolved(ONE, TWO, run=RunWhen.ONCE)
    assert edited(before, statements(ONE.lower(), f"{TWO} -- two", run=RunWhen.ONCE)).pending == ()


def test_what_it_stands_on_must_be_the_same() -> None:
    before = resolved("USE SCHEMA d.x", "INSERT INTO t VALUES (1)")
    assert pending(before, "USE SCHEMA d.x", "insert into t values (1)") == []
    assert pending(before, "USE SCHEMA d.y", "insert into t values (1)") == [2]


def test_a_secret_is_never_taken_for_the_same() -> None:
    text = "CREATE OR REPLACE STAGE d.s.g CREDENTIALS = (AWS_SECRET_KEY = '***')"
    now = [replace(each, text=text.replace("***", "new"), shown=text) for each in statements(text)]
    assert [each.verdict for each in edited(resolved(text), now).decisions] == [Verdict.CHANGED]
