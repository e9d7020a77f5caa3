"""What a deploy would do, lose, suspend and resume."""

from collections.abc import Iterator

from rich.console import Console

from pipeline.cli.views.error import shown_path
from pipeline.cli.words import counted
from pipeline.commands.plan import Item, Preview
from pipeline.commands.prepare import is_prunable
from pipeline.plan.changes import Verdict
from pipeline.plan.diff import ColumnDiff, Side
from pipeline.plan.guards import StreamFact
from pipeline.plan.model import Standing

_MARKS = {
    Verdict.NEW: ("+", "green"),
    Verdict.CHANGED: ("~", "yellow"),
    Verdict.ALWAYS: ("↻", "cyan"),
    Verdict.DEPENDS: ("↻", "cyan"),
    Verdict.MISSING: ("+", "green"),
    Verdict.REMOVED: ("-", "red"),
    Verdict.UNCHANGED: (" ", ""),
}
LONGEST, SHORTEST = 80, 20
"""Characters of a statement that a line shows: where nobody sees them, and on a narrow terminal."""
_COLORS = {Side.OLD: "red", Side.NEW: "green", Side.BOTH: "dim"}


def view(preview: Preview, console: Console) -> None:
    """The statements that would run, each with what changed, then what else would happen."""
    for item in preview.items:
        _item(item, console)
    for line in _rest(preview):
        console.print(line, soft_wrap=True)
    for risk in preview.risks:
        style = "dim" if risk.allowed else "bold red"
        console.print(f"! {risk.loses} ({risk.kind}{', allowed' if risk.allowed else ''})", style=style, soft_wrap=True)
        if not risk.allowed:
            console.print(f"  {risk.safe}", soft_wrap=True)
    console.print(_summary(preview), soft_wrap=True)


def document(preview: Preview) -> dict[str, object]:
    """The plan as JSON."""
    return {
        "project": preview.project,
        "environment": preview.environment,
        "pending": preview.pending,
        "statements": [_item_document(item) for item in preview.items],
        "unchanged": preview.unchanged,
        "removed": [{"key": row.key, "script": row.script, "line": row.line} for row in preview.removed],
        "suspends": preview.suspended,
        "resumes": [{"task": task, "standing": standing} for task, standing in preview.resumed],
        "streams": [{"stream": stream.name, "unread": stream.unread} for stream in preview.streams],
        "risks": [
            {
                "risk": risk.kind,
                "object": risk.object,
                "at": {"path": shown_path(risk.statement.at.path), "line": risk.statement.at.line},
                "loses": risk.loses,
                "safe": risk.safe,
                "allowed": risk.allowed,
            }
            for risk in preview.risks
        ],
        "notices": preview.notices,
        "locked_by": None if preview.holder is None else preview.holder.owner,
    }


def _item(item: Item, console: Console) -> None:
    decision = item.decision
    statement = decision.statement
    mark, color = _MARKS[decision.verdict]
    place = f"{shown_path(statement.at.path)}:{statement.at.line}"
    why = f"  ({decision.because})" if decision.because else ""
    words = f"query {statement.query}" if statement.query else statement.headline
    head = f"{mark} {decision.verdict.value:<9} {place:<28} "
    room = max(console.width - len(head) - len(why), SHORTEST) if console.is_terminal else LONGEST
    console.print(f"{head}{_short(words, room)}{why}", style=color, soft_wrap=True)
    for column in item.columns:
        console.print(f"      {_column(column)}", soft_wrap=True)
    for line in item.diff:
        console.print(f"    {line.side.value} {line.text}", style=_COLORS[line.side], soft_wrap=True)


def _short(text: str, room: int) -> str:
    return text if len(text) <= room else text[: room - 1].rstrip() + "…"


def _column(column: ColumnDiff) -> str:
    match column:
        case ColumnDiff(old=None, new=new):
            return f"column {column.name}: new, {new}"
        case ColumnDiff(old=old, new=None):
            return f"column {column.name}: dropped, was {old}"
        case ColumnDiff(old=old, new=new):
            return f"column {column.name}: {old} → {new}"


def _rest(preview: Preview) -> Iterator[str]:
    for row in preview.removed:
        words = "--prune drops it" if is_prunable(row) else "others may use it, so --prune leaves it"
        yield f"  gone      {row.script}:{row.line}  {row.key} is not in the project any more; {words}"
    for task in preview.suspended:
        yield f"  suspend   {task}"
    for task, standing in preview.resumed:
        yield f"  resume    {task}" + (", which is new" if standing is Standing.NEW else ", as before")
    for stream in preview.streams:
        yield f"  stream    {stream.name}: {_unread(stream)}"
    for notice in preview.notices:
        yield f"note: {notice}"
    if preview.holder is not None:
        yield f"note: deploy {preview.holder.owner} of {preview.holder.user} on {preview.holder.host} has the lock"


def _unread(stream: StreamFact) -> str:
    return "stale" if stream.unread is None else counted(stream.unread, "unread row")


def _summary(preview: Preview) -> str:
    where = f"{preview.project} in {preview.environment}"
    if not preview.pending:
        return f"Nothing to do for {where}: {counted(preview.unchanged, 'statement')} unchanged."
    refused = sum(not risk.allowed for risk in preview.risks)
    text = f"{counted(len(preview.items), 'statement')} to run for {where}, {preview.unchanged} unchanged."
    return f"{text} {counted(refused, 'risk')} would be refused." if refused else text


def _item_document(item: Item) -> dict[str, object]:
    decision = item.decision
    statement = decision.statement
    return {
        "verdict": decision.verdict,
        "because": decision.because,
        "changes_nothing": decision.idle,
        "at": {"path": shown_path(statement.at.path), "line": statement.at.line},
        "script": statement.script,
        "key": decision.resolved.key,
        "text": statement.readable,
        "columns": [{"name": each.name, "old": each.old, "new": each.new} for each in item.columns],
        "diff": [f"{line.side.value}{line.text}" for line in item.diff],
    }
