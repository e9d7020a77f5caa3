"""From a project and its account to a plan: what `plan` shows is what `deploy` performs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from pipeline.commands.effects_cache import EffectsCache
from pipeline.commands.recovery import Settled, edited_since, settle
from pipeline.commands.workspace import Workspace
from pipeline.errors import Location
from pipeline.plan.alike import Texts
from pipeline.plan.changes import Applied, Changes, Decision, Verdict, database_of, made_by
from pipeline.plan.decide import decide
from pipeline.plan.graphs import Graphs
from pipeline.plan.guards import Allowance, Facts, Risk, judged, questions, replaced
from pipeline.plan.model import AfterDeploy, Plan, Standing, Statement
from pipeline.plan.planner import make_plan
from pipeline.plan.resolve import EffectsOf, Resolved, made_by_key, resolve, signature_of_key
from pipeline.sql.grammar.model import ObjectKind
from pipeline.sql.names import QualifiedName
from pipeline.targets.account import AccountState, read_account, read_facts, with_all_streams, with_databases
from pipeline.targets.history import Place, read_texts
from pipeline.targets.session import Session


@dataclass(frozen=True, slots=True)
class Wishes:
    """How a deploy is asked for. `parallel` None takes the usual number; `wait_tasks` are seconds, None: leave them."""

    allow: tuple[Allowance, ...] = ()
    prune: bool = False
    parallel: int | None = None
    keep_going: bool = False
    lock_timeout: float = 0.0
    wait_tasks: float | None = None


@dataclass(frozen=True, slots=True)
class Prepared:
    """A plan with all that it rests on."""

    place: Place
    account: AccountState
    settled: Settled
    changes: Changes
    decisions: Mapping[int, Decision]
    """Those of `changes`, by position."""
    resolved: Mapping[int, Resolved]
    plan: Plan
    facts: Facts
    risks: tuple[Risk, ...]

    @property
    def nothing_to_do(self) -> bool:
        return not self.plan.steps and not self.account.recorded.unfinished

    @property
    def uncertain(self) -> bool:
        """Whether it must be made again under the lock: somebody deploys now, or did not end, or an object is gone."""
        recorded = self.account.recorded
        missing = any(each.verdict is Verdict.MISSING for each in self.changes.decisions)
        return recorded.owner is not None or bool(recorded.unfinished) or missing

    @property
    def database_exists(self) -> bool:
        return QualifiedName.of(self.place.database) in self.account.live.objects[ObjectKind.DATABASE]


def place_of(workspace: Workspace) -> Place:
    """Where the project's records are."""
    return Place(workspace.database, workspace.project.name, workspace.environment)


def prepare(workspace: Workspace, session: Session, wishes: Wishes) -> Prepared:
    """Read the account and decide. Changes nothing. Raises Refused for an edited statement that ran once."""
    place = place_of(workspace)
    account = read_account(session, place)
    settled = settle(session, place, account.recorded)
    with EffectsCache(workspace.root) as cache:
        texts_of = _texts_of(session, place)
        statements, resolved, changes = _changes(workspace, account, settled, wishes, cache.effects, texts_of)
        others = _other_databases(place, changes)
        if others:
            account = with_databases(session, account, others)
            statements, resolved, changes = _changes(workspace, account, settled, wishes, cache.effects, texts_of)
    pending = changes.pending
    plan = make_plan(
        statements,
        [task.live for task in account.tasks],
        AfterDeploy(workspace.after_deploy),
        workspace.database,
        pending={decision.statement.position for decision in pending},
        standing=_made(changes, ObjectKind.TASK),
        unfinished=_unfinished_tasks(account),
    )
    if any(account.live.has(target) for target in replaced(pending)):
        account = with_all_streams(session, account)
    asked = questions(pending, {stream.name: stream.sources for stream in account.streams})
    facts = read_facts(
        session,
        account,
        streams=asked.streams,
        tables=asked.tables,
        running=asked.running and bool(account.tasks),
    )
    risks = judged(_risks(pending, facts), wishes.allow, waits=wishes.wait_tasks is not None)
    notices = (
        *plan.notices,
        *changes.notices,
        *_words(changes, account),
        *edited_since(changes, settled, account.recorded),
    )
    return Prepared(
        place,
        account,
        settled,
        changes,
        {decision.statement.position: decision for decision in changes.decisions},
        {each.position: each for each in resolved},
        replace(plan, notices=notices),
        facts,
        risks,
    )


def _risks(pending: Sequence[Decision], facts: Facts) -> tuple[Risk, ...]:
    if not pending:
        return ()
    # The rules know the grammar, which takes longer to import than a plan with nothing to do needs for the rest
    from pipeline.plan.rules import find_risks

    return find_risks(pending, facts)


def _texts_of(session: Session, place: Place) -> Texts:
    """Reads texts of the history, each once."""
    read: dict[str, str] = {}

    def texts_of(keys: Mapping[str, str]) -> Mapping[str, str]:
        read.update(read_texts(session, place, {key: found for key, found in keys.items() if key not in read}))
        return {key: read[key] for key in keys if key in read}

    return texts_of


def _changes(
    workspace: Workspace,
    account: AccountState,
    settled: Settled,
    wishes: Wishes,
    effects_of: EffectsOf,
    texts_of: Texts,
) -> tuple[tuple[Statement, ...], tuple[Resolved, ...], Changes]:
    statements = workspace.statements
    known = {row.key: row.hash for row in settled.applied.values() if not row.removed}
    resolved = resolve(statements, effects_of, workspace.database, known)
    changes = decide(resolved, settled.applied, settled.attempts, account.live, texts_of)
    drops = tuple(_drops(changes.removed, account, len(statements))) if wishes.prune else ()
    if not drops:
        return statements, resolved, replace(changes, removed=_still_there(changes.removed, account))
    statements = (*statements, *drops)
    resolved = resolve(statements, effects_of, workspace.database, known)
    return statements, resolved, decide(resolved, settled.applied, settled.attempts, account.live, texts_of)


def _other_databases(place: Place, changes: Changes) -> frozenset[str]:
    """Databases beside the project's own in which it has objects, or is going to change some."""
    made = [made_by_key(decision.resolved.key) for decision in changes.decisions]
    targets = {target for target in made if target is not None}
    targets |= {target for decision in changes.pending for target in decision.resolved.effects.changes}
    found = {database_of(target) for target in targets}
    return frozenset(name for name in found if name is not None and name != place.database)


def _still_there(removed: Sequence[Applied], account: AccountState) -> tuple[Applied, ...]:
    return tuple(row for row in removed if (made := made_by(row)) is not None and not account.live.lacks(made))


_FIRST = (ObjectKind.TASK, ObjectKind.PIPE, ObjectKind.ALERT, ObjectKind.STREAM, ObjectKind.VIEW)
_LAST = (ObjectKind.SCHEMA,)
"""Kinds that are dropped before what they stand on, and after what is in them."""
_KEPT = frozenset({ObjectKind.DATABASE, ObjectKind.WAREHOUSE, ObjectKind.ROLE, ObjectKind.USER})
"""Kinds that --prune leaves alone: others may use them."""


def is_prunable(row: Applied) -> bool:
    """Whether --prune drops what a statement of the history had made."""
    made = made_by(row)
    return made is not None and made.kind not in _KEPT


def _drops(removed: Sequence[Applied], account: AccountState, position: int) -> Sequence[Statement]:
    """DROP statements for what left the project, the youngest first."""
    graphs = Graphs(task.live for task in account.tasks)
    rows = [
        (row, made)
        for row in _still_there(removed, account)
        if (made := made_by(row)) is not None and made.kind is not None and is_prunable(row)
    ]
    rows.sort(key=lambda pair: (_turn(pair[1].kind), -graphs.depth(pair[1].name), -pair[0].line))
    return [
        Statement(
            position=position + number,
            script=row.script,
            text=f"DROP {made.kind.value if made.kind else ''} IF EXISTS {made.name}{signature_of_key(row.key)}",
            at=Location(Path(row.script), row.line),
            removes=row.key,
        )
        for number, (row, made) in enumerate(rows, start=1)
    ]


def _turn(kind: ObjectKind | None) -> int:
    if kind in _FIRST:
        return _FIRST.index(kind)
    return len(_FIRST) + (kind in _LAST)


def _unfinished_tasks(account: AccountState) -> dict[QualifiedName, Standing]:
    """Tasks that a broken-off deploy would have resumed, and that are there and not started."""
    live = {task.name: task.live for task in account.tasks}
    return {
        name: standing
        for deploy in account.recorded.unfinished
        for name, standing in deploy.tasks.items()
        if name in live and not live[name].started
    }


def _words(changes: Changes, account: AccountState) -> tuple[str, ...]:
    streams = _made(changes, ObjectKind.STREAM)
    words = [
        f"{decision.because}: it is made again."
        for decision in changes.decisions
        if decision.verdict is Verdict.MISSING and made_by_key(decision.resolved.key) is not None
    ]
    words += [
        f"{decision.statement.at}: {made.kind.value if made.kind else ''} {made.name} is there, and IF NOT EXISTS "
        f"leaves it as it is: this edit changes nothing in the account.{_hint_to_alter(made.kind)}"
        for decision in changes.decisions
        if decision.idle and (made := made_by_key(decision.resolved.key)) is not None
    ]
    words += [
        f"The stream {stream.name} is stale: its unread rows are lost. It is not created again silently."
        for stream in account.streams
        if stream.stale and stream.name in streams
    ]
    words += [
        f"Deploy {deploy.deploy_id} of {deploy.user} on {deploy.host} did not come to its end; this one continues it."
        for deploy in account.recorded.unfinished
    ]
    return tuple(words)


_ALTERABLE = frozenset({ObjectKind.TABLE, ObjectKind.VIEW, ObjectKind.TASK, ObjectKind.SCHEMA, ObjectKind.DATABASE})
"""Kinds that CREATE OR ALTER takes, of those that the project is likely to hold (docs: create-or-alter)."""


def _hint_to_alter(kind: ObjectKind | None) -> str:
    return f" CREATE OR ALTER {kind.value} does." if kind is not None and kind in _ALTERABLE else ""


def _made(changes: Changes, kind: ObjectKind) -> frozenset[QualifiedName]:
    """The objects of one kind that the project makes."""
    keys = (decision.resolved.key for decision in changes.decisions)
    made = (made_by_key(key) for key in keys if key.startswith(f"{kind.value} "))
    return frozenset(target.name for target in made if target is not None)
