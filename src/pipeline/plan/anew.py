"""What an object loses when it is made anew, and which unchanged statements give it back. Pure.

OR REPLACE and DROP take more than the object: its grants and comments, the columns that an ALTER added, the rows that
an INSERT filled in, and, with a schema, all that was in it (docs: sql-reference/sql/create-table, create-schema).
Statements behind that did this once do it again. What runs once stays as it is, and so do the states of tasks: a deploy
restores these by itself.
"""

import re
from collections.abc import Sequence

from pipeline.plan.changes import Decision, Live, Verdict
from pipeline.plan.guards import CONTAINERS, holds
from pipeline.plan.model import RunWhen, Statement
from pipeline.plan.resolve import created, made_by_key
from pipeline.plan.words import Words
from pipeline.sql.effects import Effects, StatementKind, Target
from pipeline.sql.grammar.model import ObjectKind
from pipeline.sql.names import QualifiedName

_TASK_STATE = re.compile(r"ALTER\s+TASK\b.*\b(?:RESUME|SUSPEND)\s*\Z", re.IGNORECASE | re.DOTALL)
_ON_ALL = re.compile(r"\bON\s+ALL\b", re.IGNORECASE)
IF_NOT_EXISTS = re.compile(r"CREATE\s(?:[^('$;]|\$(?!\$))*?\bIF\s+NOT\s+EXISTS\b", re.IGNORECASE)
_ROUTINES = frozenset({ObjectKind.PROCEDURE, ObjectKind.FUNCTION})

_AGAIN = "is made again"

Identity = tuple[ObjectKind | None, QualifiedName]


class Anew:
    """Follows the statements that run, in order, and tells what must run again behind them."""

    def __init__(self, live: Live) -> None:
        self._live = live
        self._gone: dict[Identity, str] = {}
        self._emptied: list[tuple[Target, str]] = []
        self._anew: dict[Identity, str] = {}
        self._made: dict[Identity, str] = {}
        self._stray: set[Identity] = set()
        self._anew_words = Words()
        self._stray_words = Words()

    def follow(self, decision: Decision) -> None:
        """Take note of a statement that runs."""
        effects = decision.resolved.effects
        for target in effects.drops:
            self._lose(target, "is dropped before")
        for target in effects.replaces:
            if target.kind in CONTAINERS:
                self._lose(target, "is replaced")
            if decision.verdict is not Verdict.NEW or not self._live.lacks(target):
                self._mark_anew(_identity(target), "is replaced")
        for target in effects.creates | effects.replaces:
            self._make(decision, target)

    def _lose(self, target: Target, word: str) -> None:
        if target.kind in CONTAINERS:
            self._emptied.append((target, f"{target.name} {word}"))
            self._made = {each: why for each, why in self._made.items() if not holds(target, each[1])}
        self._gone[_identity(target)] = f"{target.name} {word}"
        self._stray.discard(_identity(target))

    def _make(self, decision: Decision, target: Target) -> None:
        identity = _identity(target)
        gone = self._gone.pop(identity, None) is not None or self._was_inside(target) is not None
        if gone or decision.verdict is Verdict.MISSING:
            self._mark_anew(identity, _AGAIN)
        if target in decision.resolved.effects.replaces:
            self._made[identity] = "is replaced"
        elif identity in self._anew or not self._live.has(target):
            self._made[identity] = "is made"
        if self._live.lacks(target):
            self._stray.add(identity)
            self._stray_words.add([target.name])

    def _mark_anew(self, identity: Identity, word: str) -> None:
        self._anew[identity] = word
        self._anew_words.add([identity[1]])

    def _was_inside(self, target: Target) -> str | None:
        """Why the object went away with its schema or database, if it did and is not back."""
        if _identity(target) in self._made:
            return None
        return next((why for container, why in self._emptied if holds(container, target.name)), None)

    def reason(self, decision: Decision, text: str) -> str | None:
        """Why an unchanged statement must run again, if it must; `text` is its text in upper case."""
        if not (self._gone or self._emptied or self._may_concern(text)):
            return None
        statement = decision.statement
        if statement.run is RunWhen.ONCE or statement.compile_only:
            return None
        made = made_by_key(decision.resolved.key) if self._gone or self._emptied else None
        if made is not None:
            why = self._gone.get(_identity(made)) or self._was_inside(made)
            if why is not None or not (made.kind is ObjectKind.TASK or _is_also_a_change(statement)):
                return why
        return self._because_of_its_object(decision, text)

    def _may_concern(self, text: str) -> bool:
        """What is quick to tell of most statements: whether they name nothing that was made anew."""
        if not text.startswith(("DROP", "GRANT")):
            return self._anew_words.stand_in(text)
        if text.startswith("DROP"):
            return self._stray_words.stand_in(text)
        return bool(self._made) if _ON_ALL.search(text) else self._anew_words.stand_in(text)

    def _because_of_its_parents(self, effects: Effects) -> str | None:
        """A task loses its link to one that is dropped (docs: user-guide/tasks-graphs)."""
        again = {name for (_, name), word in self._anew.items() if word == _AGAIN}
        parents = sorted(
            str(each.name) for each in effects.reads if each.kind is ObjectKind.TASK and each.name in again
        )
        return f"{parents[0]} {_AGAIN}" if parents else None

    def _because_of_its_object(self, decision: Decision, text: str) -> str | None:
        if not self._may_concern(text) or _TASK_STATE.match(text):
            return None
        if text.startswith("GRANT") and _ON_ALL.search(text):
            return self._because_of_what_is_new(decision.resolved.effects)
        effects = decision.resolved.effects
        made = made_by_key(decision.resolved.key)
        if made is not None and made.kind is ObjectKind.TASK:
            return self._because_of_its_parents(effects)
        changed = {_identity(target) for target in effects.alters | effects.writes}
        if changed and changed <= self._anew.keys():
            least = min(changed, key=lambda identity: str(identity[1]))
            return f"{least[1]} {self._anew[least]}"
        dropped = {_identity(target) for target in effects.drops}
        if dropped and dropped <= self._stray:
            return f"{min(str(name) for _, name in dropped)} {_AGAIN}"
        return None

    def _because_of_what_is_new(self, effects: Effects) -> str | None:
        """GRANT … ON ALL … IN SCHEMA reaches what is there when it runs."""
        if effects.kind is not StatementKind.GRANT:
            return None
        return next(
            (
                f"{name} {why}"
                for container in effects.alters
                if container.kind in CONTAINERS
                for (_, name), why in self._made.items()
                if holds(container, name) and name != container.name
            ),
            None,
        )


def _is_also_a_change(statement: Statement) -> bool:
    """Whether a statement that is known by an object changes one that is there: ALTER … RENAME TO."""
    return statement.text[:5].upper() == "ALTER"


def _identity(target: Target) -> Identity:
    """Tables, views and streams share their names: no statement means one and hits another."""
    return (None if target.is_relation else target.kind, target.name)


def with_drops(decisions: Sequence[Decision], live: Live) -> tuple[list[Decision], tuple[str, ...]]:
    """Let the DROP before an edited CREATE run again; with words on each CREATE of what is there, which will fail."""
    found = list(decisions)
    notices: list[str] = []
    for index, decision in enumerate(decisions):
        there = _in_the_way(decision, live)
        if there is None:
            continue
        before = _last_word_on(there, found[:index])
        if before is None or (not found[before].runs and found[before].statement.run is RunWhen.ONCE):
            notices.append(_will_fail(decision.statement, there))
        elif not found[before].runs:
            why = f"{there.name} is made anew behind it"
            found[before] = Decision(found[before].resolved, Verdict.DEPENDS, why, found[before].before)
    return found, tuple(notices)


def _in_the_way(decision: Decision, live: Live) -> Target | None:
    """What is there and makes a CREATE fail that runs."""
    if not decision.runs or decision.verdict is Verdict.MISSING or decision.statement.text[:6].upper() != "CREATE":
        return None
    effects = decision.resolved.effects
    made = created(effects)
    if made is None:
        return None
    other = live.in_the_way_of(made)
    if other is not None or made.kind in _ROUTINES or made in effects.replaces or effects.alters:
        return other
    return made if live.has(made) and not IF_NOT_EXISTS.match(decision.statement.text) else None


def _last_word_on(made: Target, before: Sequence[Decision]) -> int | None:
    """The last statement that drops the object, or may; None when it is there for all that is known."""
    words = Words([made.name])
    for index in range(len(before) - 1, -1, -1):
        decision = before[index]
        if not words.stand_in(decision.statement.text.upper()) and not (
            decision.runs and decision.resolved.effects.unknown
        ):
            continue
        effects = decision.resolved.effects
        if made in effects.drops or (decision.runs and effects.unknown):
            return index
        if made in effects.creates | effects.replaces:
            return None
    return None


def _will_fail(statement: Statement, there: Target) -> str:
    return (
        f"{statement.at}: {'' if there.kind is None else there.kind.value} {there.name} is there, so this CREATE will "
        "fail. CREATE OR ALTER changes what is there, IF NOT EXISTS leaves it as it is, a DROP before it takes it away."
    )
