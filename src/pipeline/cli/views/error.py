"""An error on the screen: what is wrong, where, what to do, what was done."""

import copy
from dataclasses import replace
from pathlib import Path

from pipeline.commands.secrets import known
from pipeline.errors import Location, PipelineError, StatementFailed

NAME_COLUMN = 67
"""Where the error's name stands on the first line, if the message is short enough."""


def without_secrets(error: PipelineError) -> PipelineError:
    """The same error, fit to be seen: the account's message may quote a value, the line shown may hold one."""
    shown = copy.copy(error)
    shown.message = known.hide(error.message)
    shown.hint = None if error.hint is None else known.hide(error.hint)
    shown.notes = tuple(map(known.hide, error.notes))
    if error.at is not None and error.at.source is not None:
        shown.at = replace(error.at, source=known.hide_in_line(error.at.source))
    return shown


def text(error: PipelineError) -> str:
    """The whole error, for a terminal or a log."""
    parts = [_headline(error)]
    if error.at is not None:
        parts.append(_place(error.at))
    if error.hint:
        parts.append(f"hint: {error.hint}\n")
    footer = _footer(error)
    if footer and error.hint:
        parts[-1] += footer
    elif footer:
        parts.append(footer)
    return "\n".join(parts)


def document(error: PipelineError) -> dict[str, object]:
    """The error as JSON."""
    described: dict[str, object] = {
        "name": error.name,
        "message": error.message,
        "hint": error.hint,
        "notes": list(error.notes),
        "exit_code": int(error.exit_code),
    }
    if error.at is not None:
        described["at"] = {"path": str(shown_path(error.at.path)), "line": error.at.line, "column": error.at.column}
    if isinstance(error, StatementFailed):
        described |= {"query_id": error.query_id, "errno": error.errno, "sqlstate": error.sqlstate}
    return {"error": described}


def shown_path(path: Path) -> Path:
    """The path as the user would write it here."""
    current = Path.cwd()
    return path.relative_to(current) if path.is_absolute() and path.is_relative_to(current) else path


def _headline(error: PipelineError) -> str:
    first, *rest = error.message.replace("SQL compilation error:\n", "SQL compilation error: ").splitlines() or [""]
    lines = [f"error: {first}".ljust(NAME_COLUMN - 2) + f"  [{error.name}]"]
    lines += [f"       {line}" for line in rest]
    return "\n".join(lines) + "\n"


def _place(at: Location) -> str:
    place = f"  {shown_path(at.path)}:{at.line}" + (f":{at.column}" if at.column is not None else "")
    if at.source is None:
        return place + "\n"
    return f"{place}\n  {at.line:>3} │ {at.source.rstrip()}\n"


def _footer(error: PipelineError) -> str:
    query = f"query id: {error.query_id}" if isinstance(error, StatementFailed) and error.query_id else None
    parts = [part for part in (query, *error.notes[:1]) if part]
    lines = ["  ·  ".join(parts)] if parts else []
    lines += error.notes[1:]
    return "\n".join(lines) + "\n" if lines else ""
