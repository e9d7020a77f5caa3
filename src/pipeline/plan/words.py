"""Names that are looked for in the texts of statements, before anything is parsed for them. Pure."""

import re
from collections.abc import Iterable

from pipeline.sql.names import QualifiedName

_FEW = 32
"""So many words make a pattern, which is quicker than one word after the other; it is made anew when one is added."""


class Words:
    """The last parts of names. A text without any of them has none of the names, in whatever way it is written."""

    def __init__(self, names: Iterable[QualifiedName] = ()) -> None:
        self._words: set[str] = set()
        self._pattern: re.Pattern[str] | None = None
        self.add(names)

    def __bool__(self) -> bool:
        return bool(self._words)

    def add(self, names: Iterable[QualifiedName]) -> None:
        new = {name.name.replace('"', '""').upper() for name in names} - self._words
        if new:
            self._words |= new
            self._pattern = None

    def stand_in(self, text: str) -> bool:
        """Whether one of the words stands in a text, which is in upper case."""
        if not self._words:
            return False
        if len(self._words) > _FEW:
            return any(map(text.__contains__, self._words))
        if self._pattern is None:
            self._pattern = re.compile("|".join(map(re.escape, sorted(self._words))))
        return self._pattern.search(text) is not None
