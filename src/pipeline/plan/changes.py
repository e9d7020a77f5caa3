"""What is new, changed, unchanged or gone since the last deploy. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from pipeline.errors import Refused
from pipeline.plan.model import RunWhen, Statement
from pipeline.plan.resolve import Resolved, created
from pipeline.sql.effects import Effects, StatementKind, Target
from pipeline.sql.grammar.model import ObjectKind
from pipeline.sql.names import QualifiedName


@dataclass(frozen=True, slots=True)
class Applied:
    """The last word of the history on one key: the statement that was done with it, or taken out of the project."""

    key: str
    hash: str
    script: str
    template: str
    line: int
    deploy_id: str
    removed: bool = False


@dataclass(frozen=True, slots=True)
class Attempt:
    """A statement of the last deploy that was not done: it failed, or was planned and never run."""

    key: str
    hash: str
    failed: bool


class Verdict(StrEnum):
    """Why a statement runs, or does not."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    ALWAYS = "always"
    DEPENDS = "depends"
    """Unchanged, but what it stands on changes under it."""
    MISSING = "missing"
    """Unchanged, but its object is not in the account any more."""
    REMOVED = "removed"
    """Not in the project any more, and dropped by this deploy."""


@dataclass(frozen=True, slots=True)
class Decision:
    """The verdict on one statement; `because` tells people more, `before` is what the history has."""

    resolved: Resolved
    verdict: Verdict
    because: str | None = None
    before: Applied | None = None

    @property
    def statement(self) -> Statement:
        return self.resolved.statement

    @property
    def runs(self) -> bool:
        return self.verdict is not Verdict.UNCHANGED


@dataclass(frozen=True, slots=True)
class Live:
    """The objects that the account has, by kind; a kind that is no key was not looked at."""

    objects: Mapping[ObjectKind, frozenset[QualifiedName]]

    def lacks(self, target: Target) -> bool:
        """Whether the object is known not to be there."""
        if target.kind is None or target.kind not in self.objects:
            return False
        return target.name not in self.objects[target.kind]


@dataclass(frozen=True, slots=True)
class Changes:
    """All decisions in order, what left the project, and words about what was edited after a failure."""

    decisions: tuple[Decision, ...]
    removed: tuple[Applied, ...]
    notices: tuple[str, ...] = ()

    @property
    def pending(self) -> tuple[Decision, ...]:
        return tuple(decision for decision in self.decisions if decision.runs)


def decide(
    resolved: Sequence[Resolved], applied: Mapping[str, Applied], attempts: Mapping[str, Attempt], live: Live
) -> Changes:
    """Hold the project against the history and the account.

    Raises Refused when a statement of a step with `run: once` was edited after it ran.
    """
    steps = [each for each in resolved if not each.makes_session]
    pairs = _edited_pairs(steps, applied)
    decisions = [_first_verdict(each, applied, pairs) for each in steps]
    decisions = _missing(decisions, live)
    decisions = _dependents(decisions)
    decisions = _transactions(decisions)
    keys = {each.key for each in steps}
    paired = {before.key for before in pairs.values()}
    removed = tuple(
        row for key, row in applied.items() if key not in keys and key not in paired and not row.removed and _made(key)
    )
    return Changes(tuple(decisions), removed, _after_failure(steps, attempts))


def _first_verdict(each: Resolved, applied: Mapping[str, Applied], pairs: Mapping[int, Applied]) -> Decision:
    statement = each.statement
    if statement.removes is not None:
        return Decision(each, Verdict.REMOVED)
    before = applied.get(each.key)
    done = before is not None and not before.removed
    if statement.run is RunWhen.ALWAYS:
        return Decision(each, Verdict.ALWAYS, before=before)
    if before is None or not done:
        edited = pairs.get(each.position)
        return Decision(each, Verdict.NEW) if edited is None else Decision(each, Verdict.CHANGED, before=edited)
    if before.hash == statement.hash:
        return Decision(each, Verdict.UNCHANGED, before=before)
    if statement.run is RunWhen.ONCE:
        raise Refused(
            f"This statement ran once, in deploy {before.deploy_id}, and was edited since.",
            at=statement.at,
            hint="Put it back as it was, and write what is to change as a new statement behind it.",
        )
    return Decision(each, Verdict.CHANGED, before=before)


def _edited_pairs(steps: Sequence[Resolved], applied: Mapping[str, Applied]) -> dict[int, Applied]:
    """Statements known by their hash only: new ones beside gone ones of the same script are taken for edits."""
    keys = {each.key for each in steps}
    gone: dict[str, list[Applied]] = {}
    for key, row in applied.items():
        if key not in keys and not row.removed and key.startswith(("sql ", "transaction sql ")):
            gone.setdefault(row.script, []).append(row)
    for rows in gone.values():
        rows.sort(key=lambda row: row.line)
    pairs: dict[int, Applied] = {}
    for each in steps:
        rows = gone.get(each.statement.script, [])
        if each.key not in applied and rows and each.key.startswith(("sql ", "transaction sql ")):
            pairs[each.position] = rows.pop(0)
    return pairs


def _missing(decisions: Sequence[Decision], live: Live) -> list[Decision]:
    """Run again what made an object that somebody dropped, and what had altered or filled that object only."""
    expected: dict[Target, None] = {}
    for decision in decisions:
        effects = decision.resolved.effects
        for target in effects.drops:
            for known in [each for each in expected if each.name == target.name]:
                del expected[known]
        made = created(effects)
        if made is not None:
            expected[made] = None
    gone = {target for target in expected if live.lacks(target)}
    names = {target.name for target in gone}
    return [_if_missing(decision, gone, names) for decision in decisions]


def _if_missing(decision: Decision, gone: set[Target], names: set[QualifiedName]) -> Decision:
    if decision.verdict is not Verdict.UNCHANGED or decision.statement.run is RunWhen.ONCE:
        return decision
    effects = decision.resolved.effects
    made = created(effects)
    if made in gone and made is not None and made.kind is not None:
        return Decision(
            decision.resolved, Verdict.MISSING, f"{made.kind.value} {made.name} is not there any more", decision.before
        )
    changed = {target.name for target in effects.alters | effects.writes}
    if changed and changed <= names and made is None:
        return Decision(
            decision.resolved, Verdict.MISSING, f"{sorted(map(str, changed))[0]} is made again", decision.before
        )
    return decision


_REMADE = frozenset({ObjectKind.VIEW, ObjectKind.TASK, ObjectKind.MATERIALIZED_VIEW, ObjectKind.DYNAMIC_TABLE})


def _dependents(decisions: Sequence[Decision]) -> list[Decision]:
    """Run again what stands on a changed object: views, tasks, and the compiling of queries.

    A view keeps the columns that its table had when it was made (docs: sql-reference/sql/create-view), a task's body
    names the procedure with its arguments. Only statements that may run twice are taken: OR REPLACE and OR ALTER.
    """
    changed: dict[str, str] = {}
    result: list[Decision] = []
    for decision in decisions:
        effects = decision.resolved.effects
        if not decision.runs and _may_run_again(decision, effects):
            reads = {str(target.name) for target in effects.reads | _body(effects)}
            touched = sorted(reads & changed.keys())
            if touched:
                why = f"{touched[0]} {changed[touched[0]]}"
                decision = Decision(decision.resolved, Verdict.DEPENDS, why, decision.before)
        result.append(decision)
        if decision.runs and decision.verdict is not Verdict.NEW and effects.kind is StatementKind.DDL:
            for target in effects.replaces | effects.alters | effects.drops | effects.creates:
                if target.kind not in _QUIET:
                    changed[str(target.name)] = _word(effects, target)
    return result


_QUIET = frozenset({ObjectKind.SCHEMA, ObjectKind.DATABASE, ObjectKind.WAREHOUSE, ObjectKind.TASK, ObjectKind.STAGE})


def _may_run_again(decision: Decision, effects: Effects) -> bool:
    if decision.statement.compile_only:
        return True
    made = created(effects)
    again = made is not None and (made in effects.replaces or made in effects.alters)
    return again and made is not None and made.kind in _REMADE


def _body(effects: Effects) -> frozenset[Target]:
    """What a task's body calls: tables in it are found when it runs, procedures by their arguments."""
    return frozenset(target for target in effects.runs_reads if target.kind is ObjectKind.PROCEDURE)


def _word(effects: Effects, target: Target) -> str:
    if target in effects.drops:
        return "is dropped"
    return "is replaced" if target in effects.replaces else "changes"


def _transactions(decisions: Sequence[Decision]) -> list[Decision]:
    """A transaction of which anything runs runs as a whole."""
    running = {
        decision.resolved.transaction
        for decision in decisions
        if decision.runs and decision.resolved.transaction is not None
    }
    return [
        Decision(decision.resolved, Verdict.DEPENDS, "the transaction around it runs", decision.before)
        if not decision.runs and decision.resolved.transaction in running
        else decision
        for decision in decisions
    ]


def _after_failure(steps: Iterable[Resolved], attempts: Mapping[str, Attempt]) -> tuple[str, ...]:
    """Words on statements that failed last time and were edited since."""
    return tuple(
        f"{each.statement.at}: this statement failed in the last deploy and was edited since."
        for each in steps
        if (attempt := attempts.get(each.key)) is not None and attempt.failed and attempt.hash != each.statement.hash
    )


def _made(key: str) -> Target | None:
    """The object in the key of a CREATE; None for every other key."""
    for kind in _KINDS:
        if key.startswith(f"{kind} "):
            return Target(ObjectKind(kind), QualifiedName.parse(key.removeprefix(f"{kind} ").partition(" #")[0]))
    return None


_KINDS = sorted((kind.value for kind in ObjectKind), key=len, reverse=True)


def made_by(row: Applied) -> Target | None:
    """The object that a statement of the history had made."""
    return _made(row.key)
