"""The SQL of a script, and the way back to where each line of it was written."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from pipeline.errors import Location


@dataclass(frozen=True, slots=True)
class Origin:
    """A line, counted from 1, of a template, named by its path."""

    template: str
    line: int


@dataclass(frozen=True, slots=True)
class Rendered:
    """The SQL of a script; `location` leads from its lines to the template's."""

    text: str
    path: Path
    lines: tuple[Origin, ...] | None = None
    """The origin of each line; None when the text is the file's own."""
    sources: Mapping[str, str] = field(default_factory=dict)
    """The texts of all templates that took part, by path."""

    def location(self, line: int, column: int | None = None) -> Location:
        """Where line `line` (from 1) of the SQL was written; the column is kept only where nothing was rendered."""
        if self.lines is None:
            return Location(self.path, line, column, _line(self.text, line))
        origin = self.lines[min(line, len(self.lines)) - 1]
        source = self.sources.get(origin.template)
        text = None if source is None else _line(source, origin.line)
        return Location(Path(origin.template), origin.line, None, text)


def _line(text: str, line: int) -> str | None:
    lines = _lines(text)
    return lines[line - 1] if line <= len(lines) else None


@lru_cache(maxsize=8)
def _lines(text: str) -> list[str]:
    """A script's lines, kept because every statement of the script asks for one."""
    return text.split("\n")
