"""What a deploy would do, without doing it."""

from collections.abc import Callable
from dataclasses import dataclass

from pipeline.commands.ahead import reading_ahead
from pipeline.commands.prepare import Prepared, Wishes, prepare
from pipeline.commands.workspace import Request, Workspace, open_workspace
from pipeline.plan.changes import Applied, Decision, Verdict
from pipeline.plan.diff import ColumnDiff, DiffLine, column_diff, text_diff
from pipeline.plan.guards import Risk, StreamFact
from pipeline.plan.model import ResumeTask, Standing, SuspendTask
from pipeline.sql.names import QualifiedName
from pipeline.targets.history import read_texts
from pipeline.targets.lock import Holder, holder
from pipeline.targets.session import Session


@dataclass(frozen=True, slots=True)
class Item:
    """A statement that would run. `diff` and `columns` are empty where the old text is not known."""

    decision: Decision
    diff: tuple[DiffLine, ...] = ()
    columns: tuple[ColumnDiff, ...] = ()


@dataclass(frozen=True, slots=True)
class Preview:
    """All that `pipeline plan` shows."""

    project: str
    environment: str
    items: tuple[Item, ...]
    unchanged: int
    removed: tuple[Applied, ...]
    suspended: tuple[QualifiedName, ...]
    resumed: tuple[tuple[QualifiedName, Standing], ...]
    streams: tuple[StreamFact, ...]
    risks: tuple[Risk, ...]
    notices: tuple[str, ...]
    holder: Holder | None
    pending: bool
    """Whether a deploy would do anything."""


def plan(request: Request, wishes: Wishes, say: Callable[[str], None]) -> Preview:
    """Compare the project with its history and the account. Changes nothing."""
    workspace = open_workspace(request)
    with reading_ahead(workspace):
        session = workspace.connect(request, say)
    with session:
        prepared = prepare(workspace, session, wishes)
        return _preview(workspace, session, prepared)


def _preview(workspace: Workspace, session: Session, prepared: Prepared) -> Preview:
    pending = prepared.changes.pending
    edited = {
        decision.before.key: decision.before.hash
        for decision in pending
        if decision.verdict is Verdict.CHANGED and decision.before is not None
    }
    texts = read_texts(session, prepared.place, edited)
    steps = prepared.plan.steps
    owner = prepared.account.recorded.owner
    return Preview(
        project=workspace.project.name,
        environment=workspace.environment,
        items=tuple(_item(decision, texts.get(_old_key(decision))) for decision in pending),
        unchanged=sum(not decision.runs for decision in prepared.changes.decisions),
        removed=prepared.changes.removed,
        suspended=tuple(step.task for step in steps if isinstance(step, SuspendTask)),
        resumed=tuple((step.task, step.standing) for step in steps if isinstance(step, ResumeTask)),
        streams=prepared.facts.streams,
        risks=prepared.risks,
        notices=prepared.plan.notices,
        holder=None if owner is None else holder(session, prepared.place),
        pending=not prepared.nothing_to_do,
    )


def _old_key(decision: Decision) -> str:
    return "" if decision.before is None else decision.before.key


def _item(decision: Decision, old: str | None) -> Item:
    if old is None or decision.verdict is not Verdict.CHANGED:
        return Item(decision)
    new = decision.statement.readable
    return Item(decision, text_diff(old, new), () if decision.idle else column_diff(old, new))
