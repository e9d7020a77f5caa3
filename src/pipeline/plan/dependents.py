"""What stands on a changed object and would otherwise break: views, tasks, and the compiling of queries. Pure."""

from collections.abc import Sequence

from pipeline.plan.anew import Anew
from pipeline.plan.changes import Applied, Decision, Live, Verdict, made_by
from pipeline.plan.resolve import created
from pipeline.plan.words import Words
from pipeline.sql.effects import Effects, StatementKind, Target
from pipeline.sql.grammar.model import ObjectKind
from pipeline.sql.names import QualifiedName

_REMADE = frozenset({ObjectKind.VIEW, ObjectKind.TASK, ObjectKind.MATERIALIZED_VIEW, ObjectKind.DYNAMIC_TABLE})
_REMADE_KEYS = tuple(f"{kind.value} " for kind in _REMADE)
_QUIET = frozenset({ObjectKind.SCHEMA, ObjectKind.DATABASE, ObjectKind.WAREHOUSE, ObjectKind.TASK, ObjectKind.STAGE})
_ROUTINES = frozenset({ObjectKind.PROCEDURE, ObjectKind.FUNCTION})


def dependents(
    decisions: Sequence[Decision], removed: Sequence[Applied], live: Live
) -> tuple[list[Decision], tuple[str, ...]]:
    """Run again what stands on a changed object; with words on what is left alone all the same.

    A view keeps the columns that its table had when it was made (docs: sql-reference/sql/create-view), a task's body
    names the procedure with its arguments. Only statements that may run twice are taken: OR REPLACE and OR ALTER. A
    view that a stream reads is left alone while its tables live on: to make it again would lose the stream's rows
    (docs: user-guide/streams-intro).
    """
    gone = {made.name for row in removed if (made := made_by(row)) is not None and made.kind in _ROUTINES}
    changed: dict[QualifiedName, str] = {}
    words = Words()
    made_anew = Anew(live)
    notices: list[str] = []
    result: list[Decision] = []
    for decision in decisions:
        why = anew = None
        if not decision.runs:
            text = decision.statement.text.upper()
            remade = decision.resolved.key.startswith(_REMADE_KEYS) or decision.statement.compile_only
            why = _reason(decision, changed) if remade and words.stand_in(text) else None
            anew = made_anew.reason(decision, text)
        if anew is not None:
            decision = Decision(decision.resolved, Verdict.DEPENDS, anew, decision.before)
        elif why is not None and _is_streamed(decision, changed, live):
            notices.append(_left_alone(decision, why))
        elif why is not None:
            decision = Decision(decision.resolved, Verdict.DEPENDS, why, decision.before)
        result.append(decision)
        if decision.runs and not decision.idle:
            news = _changed(decision, gone)
            changed |= {name: word for name, word in news.items() if word != _ALTERED or name not in changed}
            words.add(news)
            made_anew.follow(decision)
    return result, tuple(notices)


def _reason(decision: Decision, changed: dict[QualifiedName, str]) -> str | None:
    """Which of the changed objects a statement stands on, if it may run again."""
    effects = decision.resolved.effects
    if not _may_run_again(decision, effects):
        return None
    reads = {target.name for target in effects.reads | _body(effects)}
    touched = sorted(reads & changed.keys(), key=str)
    return f"{touched[0]} {changed[touched[0]]}" if touched else None


def _changed(decision: Decision, gone: set[QualifiedName]) -> dict[QualifiedName, str]:
    """What is not what it was after a statement, in words. What is new was not there for anything to stand on it."""
    effects = decision.resolved.effects
    if effects.kind is not StatementKind.DDL:
        return {}
    found = effects.replaces | effects.alters | effects.drops
    if decision.verdict is not Verdict.NEW:
        found |= effects.creates
    return {
        target.name: _word(decision, target)
        for target in found | effects.creates
        if (_has_new_arguments(decision, target, gone) if target.kind is ObjectKind.PROCEDURE else target in found)
        and target.kind not in _QUIET
    }


def _has_new_arguments(decision: Decision, target: Target, gone: set[QualifiedName]) -> bool:
    """Whether a procedure takes other arguments now. A task calls a new body by itself."""
    return decision.verdict is Verdict.NEW and target.name in gone


def _may_run_again(decision: Decision, effects: Effects) -> bool:
    if decision.statement.compile_only:
        return True
    made = created(effects)
    again = made is not None and (made in effects.replaces or made in effects.alters)
    return again and made is not None and made.kind in _REMADE


def _body(effects: Effects) -> frozenset[Target]:
    """What a task's body calls: tables in it are found when it runs, procedures by their arguments."""
    return frozenset(target for target in effects.runs_reads if target.kind is ObjectKind.PROCEDURE)


def _is_streamed(decision: Decision, changed: dict[QualifiedName, str], live: Live) -> bool:
    """Whether a stream reads the view and lives on, for none of the view's own objects is replaced or dropped."""
    effects = decision.resolved.effects
    made = created(effects)
    if made is None or made.kind is not ObjectKind.VIEW or made.name not in live.streamed:
        return False
    return all(changed.get(target.name) in (None, _ALTERED) for target in effects.reads)


def _left_alone(decision: Decision, why: str) -> str:
    made = created(decision.resolved.effects)
    assert made is not None, "only views are left alone"
    return (
        f"{why}, but the view {made.name} is not made again, for a stream reads it and would go stale. Where the view "
        "has to change, run the tasks first, then edit it."
    )


_ALTERED = "changes"


def _word(decision: Decision, target: Target) -> str:
    effects = decision.resolved.effects
    if decision.verdict is Verdict.MISSING:
        return "is made again"
    if target in effects.drops:
        return "is dropped"
    if target.kind is ObjectKind.PROCEDURE:
        return "takes other arguments"
    return "is replaced" if target in effects.replaces else _ALTERED
