"""Effects of statements, kept between commands: reading a statement is the slowest part of planning."""

import json
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Self

from pipeline.plan.hashes import text_hash
from pipeline.sql.effects import RECIPE, Effects, text_effects

CACHE = Path(".pipeline") / "cache"


class EffectsCache:
    """A mapping from a statement's hash to its effects, in a file of the project; a broken file counts as empty."""

    def __init__(self, root: Path) -> None:
        self._path = root / CACHE / f"effects-{RECIPE}.json"
        self._read: dict[str, dict[str, object]] | None = None
        self._found: dict[str, Effects] = {}
        self._new = False

    @property
    def exists(self) -> bool:
        """Whether an earlier command has left anything."""
        return self._path.exists()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._new and kind is None:
            self._write()

    def effects(self, text: str) -> Effects:
        """The effects of a statement's text. Raises SyntaxProblem when it cannot be read."""
        key = text_hash(text)
        found = self._found.get(key)
        if found is None:
            found = self._found[key] = self._recorded(key) or self._computed(key, text)
        return found

    def _recorded(self, key: str) -> Effects | None:
        stored = self._stored.get(key)
        if stored is None:
            return None
        try:
            return Effects.from_data(stored)
        except (ValueError, KeyError, TypeError):
            del self._stored[key]
            return None

    def _computed(self, key: str, text: str) -> Effects:
        found = text_effects(text)
        self._stored[key] = found.as_data()
        self._new = True
        return found

    @property
    def _stored(self) -> dict[str, dict[str, object]]:
        """What the file has; it is read when it is first wanted, for many a plan wants none of it."""
        if self._read is None:
            try:
                stored = json.loads(self._path.read_text(encoding="utf-8"))
            except (OSError, ValueError):
                stored = {}
            self._read = stored if isinstance(stored, dict) else {}
        return self._read

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
