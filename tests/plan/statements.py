"""Statements for tests of the planner, from texts."""

from collections.abc import Sequence
from pathlib import Path

from pipeline.errors import Location
from pipeline.plan.changes import Applied
from pipeline.plan.model import RunWhen, Statement
from pipeline.plan.resolve import Resolved, resolve
from pipeline.sql.effects import text_effects


def statements(*texts: str, run: RunWhen = RunWhen.CHANGED, allowed: frozenset[str] = frozenset()) -> list[Statement]:
    """A script of these statements, one a line."""
    return [
        Statement(number, "a.sql", text, Location(Path("a.sql"), number), run=run, allowed=allowed)
        for number, text in enumerate(texts, start=1)
    ]


def resolved(
    *texts: str, run: RunWhen = RunWhen.CHANGED, allowed: frozenset[str] = frozenset()
) -> tuple[Resolved, ...]:
    """The same, read in the database D."""
    return resolve(statements(*texts, run=run, allowed=allowed), text_effects, "D")


def history_of(found: Sequence[Resolved]) -> dict[str, Applied]:
    """What the history has after these were deployed."""
    return {each.key: Applied(each.key, each.hash, "a.sql", "a.sql", each.position, "before") for each in found}
