"""Where the statements of scripts begin and end, kept between commands by the scripts' texts."""

import hashlib
import json
import tempfile
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

from pipeline.commands.effects_cache import CACHE
from pipeline.plan.allow import allowed_risks
from pipeline.plan.hashes import text_hash
from pipeline.sql.splitter import Piece

RECIPE = 1
"""Raise it when scripts are split otherwise than before."""


class Cut(NamedTuple):  # there are ten thousand of them: a dataclass takes twice as long to make
    """One statement of a script: `text[start:end]`, from line `line` on, with its hash and the risks it takes."""

    start: int
    end: int
    line: int
    hash: str
    allowed: frozenset[str]


class SplitCache:
    """A mapping from a script's text to its statements, in a file of the project; a broken file counts as empty.

    Only what the last command used is kept.
    """

    def __init__(self, root: Path) -> None:
        self._path = root / CACHE / f"splits-{RECIPE}.json"
        self._stored: dict[str, list[list[object]]] = {}
        self._used: dict[str, list[list[object]]] = {}

    def __enter__(self) -> Self:
        try:
            stored = json.loads(self._path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            stored = {}
        self._stored = stored if isinstance(stored, dict) else {}
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if kind is None and self._used.keys() != self._stored.keys():
            self._write()

    def cuts(self, text: str, split: Callable[[], tuple[Piece, ...]]) -> list[Cut]:
        """The statements of a script; `split` is asked for those of a text that was not seen before."""
        key = hashlib.sha256(text.encode()).hexdigest()
        stored = self._stored.get(key)
        if stored is None:
            stored = [_data(piece) for piece in split()]
        self._used[key] = stored
        try:
            return [_cut(*entry) for entry in stored]
        except (TypeError, ValueError):
            self._used[key] = [_data(piece) for piece in split()]
            return [_cut(*entry) for entry in self._used[key]]

    def _write(self) -> None:
        """Replace the file at once, so that another command never reads half of it. A full disk costs only speed."""
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(
                "w", encoding="utf-8", dir=self._path.parent, prefix=".splits", delete=False
            ) as file:
                json.dump(self._used, file, separators=(",", ":"))
            Path(file.name).replace(self._path)
        except OSError:
            return


_NONE: frozenset[str] = frozenset()


def _data(piece: Piece) -> list[object]:
    allowed = sorted(allowed_risks(piece.leading, piece.trailing))
    return [piece.start, piece.end, piece.line, text_hash(piece.text), *allowed]


def _cut(start: object, end: object, line: object, digest: object, *allowed: object) -> Cut:
    if not (isinstance(start, int) and isinstance(end, int) and isinstance(line, int) and isinstance(digest, str)):
        raise TypeError("not what this version wrote")
    return Cut(start, end, line, digest, frozenset(map(str, allowed)) if allowed else _NONE)
