"""Old and new of a statement, line by line; for a table, column by column."""

import difflib
from dataclasses import dataclass
from enum import StrEnum

from pipeline.errors import SyntaxProblem
from pipeline.sql import grammar
from pipeline.sql.grammar.tables import Column, CreateTable


class Side(StrEnum):
    """Where a line of a diff stands."""

    BOTH = " "
    OLD = "-"
    NEW = "+"


@dataclass(frozen=True, slots=True)
class DiffLine:
    """One line of a diff."""

    side: Side
    text: str


@dataclass(frozen=True, slots=True)
class ColumnDiff:
    """A column that a table gains (`old` is None), loses (`new` is None) or changes; both are definitions."""

    name: str
    old: str | None
    new: str | None


_CONTEXT = 2


def text_diff(old: str, new: str) -> tuple[DiffLine, ...]:
    """The lines that differ, with two lines around them; a gap between two places is a line `…`."""
    lines: list[DiffLine] = []
    for line in difflib.unified_diff(old.splitlines(), new.splitlines(), lineterm="", n=_CONTEXT):
        if line.startswith(("---", "+++")) and not lines:
            continue
        if line.startswith("@@"):
            if lines:
                lines.append(DiffLine(Side.BOTH, "…"))
            continue
        lines.append(DiffLine(Side(line[0]), line[1:]))
    return tuple(lines)


def column_diff(old: str, new: str) -> tuple[ColumnDiff, ...]:
    """What happens to the columns, when both texts are CREATE TABLE with columns; else nothing."""
    before, after = _columns(old), _columns(new)
    if before is None or after is None:
        return ()
    names = dict.fromkeys([*before, *after])
    return tuple(
        ColumnDiff(name, before.get(name), after.get(name)) for name in names if before.get(name) != after.get(name)
    )


def _columns(text: str) -> dict[str, str] | None:
    try:
        parsed = grammar.parse(text)
    except SyntaxProblem:
        return None
    if not isinstance(parsed, CreateTable) or not parsed.columns:
        return None
    return {column.name: _definition(column) for column in parsed.columns}


def _definition(column: Column) -> str:
    parts = [str(column.type or "")]
    if not column.nullable:
        parts.append("NOT NULL")
    if column.default is not None:
        parts.append(f"DEFAULT {column.default.text}")
    if column.virtual is not None:
        parts.append(f"AS ({column.virtual.text})")
    return " ".join(part for part in parts if part)
