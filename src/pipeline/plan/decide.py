"""Hold the project against the history and the account: which statements run, and why. Pure.

What a statement does is asked only where it matters: of ten thousand that are unchanged, most are never read.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from pipeline.errors import Refused
from pipeline.plan.alike import KNOWN_BY_TEXT, Texts, alike
from pipeline.plan.anew import IF_NOT_EXISTS, with_drops
from pipeline.plan.changes import Applied, Attempt, Changes, Decision, Live, Verdict, made_by
from pipeline.plan.dependents import dependents
from pipeline.plan.hashes import same, text_of_hash
from pipeline.plan.keys import base_of
from pipeline.plan.model import RunWhen
from pipeline.plan.resolve import Resolved, created, made_by_key
from pipeline.plan.words import Words
from pipeline.sql.effects import Effects, Target
from pipeline.sql.names import QualifiedName


def no_texts(_: Mapping[str, str]) -> Mapping[str, str]:
    """For a history of which no text is known."""
    return {}


def decide(
    resolved: Sequence[Resolved],
    applied: Mapping[str, Applied],
    attempts: Mapping[str, Attempt],
    live: Live,
    texts_of: Texts = no_texts,
) -> Changes:
    """Hold the project against the history and the account.

    `texts_of` reads texts of the history, if there are statements that may have been written anew and no more.
    Raises Refused when a statement of a step with `run: once` was edited after it ran.
    """
    steps = [each for each in resolved if not each.makes_session]
    keys = {each.key for each in steps}
    gone = {key: row for key, row in applied.items() if key not in keys and not row.removed}
    rewritten = alike(steps, applied, texts_of)
    known_still = {row.key for row in rewritten.values()}
    gone = {key: row for key, row in gone.items() if key not in known_still}
    open_ones = [each for each in steps if each.position not in rewritten] if rewritten else steps
    moved, pairs = _moved(open_ones, applied, gone), _edited_pairs(open_ones, applied, gone)
    decisions = [
        Decision(each, Verdict.UNCHANGED, before=rewritten[each.position])
        if rewritten and each.position in rewritten
        else _first_verdict(each, (moved and moved.get(each.position)) or applied.get(each.key), pairs)
        for each in steps
    ]
    decisions = _missing(decisions, live)
    settled = {row.key for row in (*moved.values(), *pairs.values())}
    still = {base_of(each.key) for each in steps} if gone else set()
    removed = tuple(
        row
        for key, row in gone.items()
        if key not in settled and made_by(row) is not None and base_of(key) not in still
    )
    decisions, failing = with_drops(decisions, live)
    decisions, notices = dependents(_idle(decisions, live), removed, live)
    decisions = _transactions(decisions)
    return Changes(
        tuple(decisions), _not_dropped(removed, decisions), (*_after_failure(steps, attempts), *notices, *failing)
    )


def _first_verdict(each: Resolved, before: Applied | None, pairs: Mapping[int, Applied]) -> Decision:
    statement = each.statement
    if statement.removes is not None:
        return Decision(each, Verdict.REMOVED)
    if statement.run is RunWhen.ALWAYS:
        return Decision(each, Verdict.ALWAYS, before=before)
    if before is None or before.removed:
        edited = pairs.get(each.position)
        return Decision(each, Verdict.NEW) if edited is None else Decision(each, Verdict.CHANGED, before=edited)
    if same(before.hash, each.hash):
        return Decision(each, Verdict.UNCHANGED, before=before)
    if statement.run is RunWhen.ONCE:
        raise Refused(
            f"This statement ran once, in deploy {before.deploy_id}, and was edited since.",
            at=statement.at,
            hint="Put it back as it was, and write what is to change as a new statement behind it.",
        )
    return Decision(each, Verdict.CHANGED, before=before)


def _moved(
    steps: Sequence[Resolved], applied: Mapping[str, Applied], gone: Mapping[str, Applied]
) -> dict[int, Applied]:
    """Statements that the history has under another key, by position: their step runs once now, or no longer does."""
    if not gone:
        return {}
    places = {(row.script, text_of_hash(row.hash)): row for row in gone.values()}
    found = {}
    for each in steps:
        row = None if each.key in applied else places.get((each.statement.script, text_of_hash(each.hash)))
        if row is not None and each.key.startswith("once ") != row.key.startswith("once "):
            found[each.position] = row
    return found


def _edited_pairs(
    steps: Sequence[Resolved], applied: Mapping[str, Applied], gone: Mapping[str, Applied]
) -> dict[int, Applied]:
    """Statements known by their hash only: new ones beside gone ones of the same script are taken for edits."""
    by_script: dict[str, list[Applied]] = {}
    for key, row in gone.items():
        if key.startswith(KNOWN_BY_TEXT):
            by_script.setdefault(row.script, []).append(row)
    for rows in by_script.values():
        rows.sort(key=lambda row: row.line)
    pairs: dict[int, Applied] = {}
    for each in steps if by_script else ():
        rows = by_script.get(each.statement.script, [])
        if each.key not in applied and rows and each.key.startswith(KNOWN_BY_TEXT):
            pairs[each.position] = rows.pop(0)
    return pairs


def _missing(decisions: Sequence[Decision], live: Live) -> list[Decision]:
    """Run again what made an object that somebody dropped, and what had altered or filled that object only."""
    there = live.plain_keys()
    lacking = {
        target
        for decision in decisions
        if (key := decision.resolved.key) not in there
        and (target := made_by_key(key)) is not None
        and live.lacks(target)
    }
    if not lacking:
        return list(decisions)
    words = Words(target.name for target in lacking)
    concerned = [
        decision
        for decision in decisions
        if words.stand_in(decision.statement.text.upper()) or decision.statement.text[:4].upper() == "DROP"
    ]
    gone = lacking & _expected(concerned)
    for decision in reversed(concerned):
        effects = decision.resolved.effects
        gone |= lacking & _renamed(effects) if created(effects) in gone else set()
    numbers = {decision.statement.position for decision in concerned}
    wanted = {target.name for target in gone}
    return [
        _if_missing(decision, gone, wanted) if decision.statement.position in numbers else decision
        for decision in decisions
    ]


def _expected(decisions: Iterable[Decision]) -> set[Target]:
    """What the statements have made when all of them ran: the project may drop what it made."""
    expected: set[Target] = set()
    for decision in decisions:
        effects = decision.resolved.effects
        dropped = (*effects.drops, *_renamed(effects))
        expected = {target for target in expected if not any(_takes(each, target) for each in dropped)}
        made = created(effects)
        if made is not None:
            expected.add(made)
    return expected


def _takes(dropped: Target, target: Target) -> bool:
    """Whether a target is gone with what was dropped: it is the same, or was in it."""
    return target.name == dropped.name or dropped in target.containers


def _renamed(effects: Effects) -> frozenset[Target]:
    """What an ALTER … RENAME TO leaves without its name."""
    return frozenset() if effects.creates <= effects.alters else effects.alters


def _if_missing(decision: Decision, gone: set[Target], names: set[QualifiedName]) -> Decision:
    if decision.verdict is not Verdict.UNCHANGED or decision.statement.run is RunWhen.ONCE:
        return decision
    effects = decision.resolved.effects
    made = created(effects)
    if made in gone and made is not None and made.kind is not None:
        why = f"{made.kind.value} {made.name} is not there any more"
        return Decision(decision.resolved, Verdict.MISSING, why, decision.before)
    changed = {target.name for target in effects.alters | effects.writes}
    if changed and changed <= names and made is None:
        why = f"{sorted(map(str, changed))[0]} is made again"
        return Decision(decision.resolved, Verdict.MISSING, why, decision.before)
    return decision


def _not_dropped(removed: Sequence[Applied], decisions: Iterable[Decision]) -> tuple[Applied, ...]:
    """What left the project and is not dropped by a statement of it."""
    words = Words(made.name for row in removed if (made := made_by(row)) is not None)
    if not words:
        return ()
    dropped = {
        target.name
        for decision in decisions
        if words.stand_in(decision.statement.text.upper())
        for target in decision.resolved.effects.drops
    }
    return tuple(row for row in removed if (made := made_by(row)) is None or made.name not in dropped)


def _transactions(decisions: Sequence[Decision]) -> list[Decision]:
    """A transaction of which anything runs runs as a whole."""
    running = {
        decision.resolved.transaction
        for decision in decisions
        if decision.resolved.transaction is not None and decision.runs
    }
    if not running:
        return list(decisions)
    return [
        Decision(decision.resolved, Verdict.DEPENDS, "the transaction around it runs", decision.before)
        if not decision.runs and decision.resolved.transaction in running
        else decision
        for decision in decisions
    ]


def _idle(decisions: Sequence[Decision], live: Live) -> list[Decision]:
    """Mark what was edited and says IF NOT EXISTS of an object that is there."""
    return [
        replace(decision, idle=True, because="IF NOT EXISTS leaves what is there as it is")
        if decision.verdict is Verdict.CHANGED
        and IF_NOT_EXISTS.match(decision.statement.text)
        and (made := made_by_key(decision.resolved.key)) is not None
        and live.has(made)
        else decision
        for decision in decisions
    ]


def _after_failure(steps: Iterable[Resolved], attempts: Mapping[str, Attempt]) -> tuple[str, ...]:
    """Words on statements that failed last time and were edited since."""
    if not attempts:
        return ()
    return tuple(
        f"{each.statement.at}: this statement failed in the last deploy and was edited since."
        for each in steps
        if (attempt := attempts.get(each.key)) is not None and attempt.failed and not same(attempt.hash, each.hash)
    )
