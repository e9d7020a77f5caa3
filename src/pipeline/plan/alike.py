"""Statements that were only written anew: other space, other comments, other case. They are no edits. Pure.

The history keeps a statement's hash, which is another after such an edit, and its text, which is read where the hash is
not the same any more.
"""

from collections.abc import Callable, Mapping, Sequence

from pipeline.errors import SyntaxProblem
from pipeline.plan.changes import Applied
from pipeline.plan.hashes import surroundings
from pipeline.plan.keys import ONCE, base_of
from pipeline.plan.model import RunWhen
from pipeline.plan.resolve import Resolved
from pipeline.sql.essence import essence

Texts = Callable[[Mapping[str, str]], Mapping[str, str]]
"""Reads the texts of the history, by key, for keys with their hashes."""

KNOWN_BY_TEXT = ("sql ", "transaction sql ")


def alike(steps: Sequence[Resolved], applied: Mapping[str, Applied], texts_of: Texts) -> dict[int, Applied]:
    """What the history has of each statement that was only written anew, by position."""
    settled = {
        each.key
        for each in steps
        if (row := applied.get(each.key)) is not None and row.hash == each.hash and not row.removed
    }
    suspects = [each for each in steps if each.key not in settled and not each.makes_session and _may_be(each)]
    left = {
        key: row
        for key, row in applied.items()
        if key not in settled and not row.removed and surroundings(row.hash) is not None
    }
    candidates = _candidates(suspects, left)
    if not candidates:
        return {}
    texts = texts_of({row.key: row.hash for row in candidates})
    return _pairs(suspects, candidates, {key: said for key, text in texts.items() if (said := _said(text))})


def _may_be(each: Resolved) -> bool:
    """Secrets are not in the history's texts: an edit of one could not be seen there."""
    statement = each.statement
    return statement.removes is None and statement.run is not RunWhen.ALWAYS and statement.shown is None


def _candidates(suspects: Sequence[Resolved], left: Mapping[str, Applied]) -> list[Applied]:
    """Rows that may be of the suspects: of the same key, or of the same script where the text is the key."""
    groups = {_group(each.key, each.statement.script) for each in suspects}
    found = [row for key, row in left.items() if _group(key, row.script) in groups]
    return sorted(found, key=lambda row: row.line)


def _group(key: str, script: str) -> str:
    if key.startswith(ONCE):
        return ONCE
    if key.startswith(KNOWN_BY_TEXT):
        return f"{key.partition('sql ')[0]}{script}"
    return base_of(key)


def _pairs(
    suspects: Sequence[Resolved], candidates: Sequence[Applied], said: Mapping[str, tuple[str, ...]]
) -> dict[int, Applied]:
    left: dict[tuple[str, str | None, tuple[str, ...]], list[Applied]] = {}
    for row in candidates:
        if row.key in said:
            left.setdefault((_group(row.key, row.script), surroundings(row.hash), said[row.key]), []).append(row)
    found: dict[int, Applied] = {}
    for each in suspects:
        now = _said(each.statement.readable)
        rows = left.get((_group(each.key, each.statement.script), surroundings(each.hash), now)) if now else None
        if rows:
            found[each.position] = rows.pop(0)
    return found


def _said(text: str) -> tuple[str, ...] | None:
    try:
        return essence(text)
    except SyntaxProblem:
        return None
