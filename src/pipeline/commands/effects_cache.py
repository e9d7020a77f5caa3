"""Effects of statements, kept between commands: reading a statement is the slowest part of planning."""

import json
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Self

from pipeline.plan.model import statement_hash
from pipeline.sql.effects import RECIPE, Effects, text_effects

CACHE = Path(".pipeline") / "cache"


class EffectsCache:
    """A mapping from a statement's hash to its effects, in a file of the project; a broken file counts as empty."""

    def __init__(self, root: Path) -> None:
        self._path = root / CACHE / f"effects-{RECIPE}.json"
        self._stored: dict[str, dict[str, object]] = {}
        self._new = False

    def __enter__(self) -> Self:
        try:
            stored = json.loads(self._path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            stored = {}
        self._stored = stored if isinstance(stored, dict) else {}
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._new and kind is None:
            self._write()

    def effects(self, text: str) -> Effects:
        """The effects of a statement's text. Raises SyntaxProblem when it cannot be read."""
        key = statement_hash(text)
        stored = self._stored.get(key)
        if stored is not None:
            try:
                return Effects.from_data(stored)
            except (ValueError, KeyError, TypeError):
                del self._stored[key]
        found = text_effects(text)
        self._stored[key] = found.as_data()
        self._new = True
        return found

    def _write(self) -> None:
        """Replace the file at once, so that another command never reads half of it. A full disk costs only speed."""
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(
                "w", encoding="utf-8", dir=self._path.parent, prefix=".effects", delete=False
            ) as file:
                json.dump(self._stored, file, separators=(",", ":"))
            Path(file.name).replace(self._path)
        except OSError:
            return
