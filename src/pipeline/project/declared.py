"""What a project declares in YAML beside its SQL: read key by key, every fault with its line and the nearest name."""

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

from pipeline.errors import ConfigError, Location
from pipeline.project.folder import Template
from pipeline.project.nodes import Mapping, Node, Scalar, Source, Value, parse_yaml, plain_value, read_source
from pipeline.project.nodes import Sequence as SequenceNode
from pipeline.project.render import ProjectRenderer
from pipeline.project.suggest import did_you_mean

Kind = TypeVar("Kind", bound=StrEnum)

_DURATION = re.compile(r"(?:\d+[smhd])+")
_PART = re.compile(r"(\d+)([smhd])")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}


def declaration_files(folder: Path) -> tuple[Path, ...]:
    """The YAML files below `folder`, by name; none when it does not exist."""
    return tuple(sorted(path for pattern in ("*.yaml", "*.yml") for path in folder.rglob(pattern)))


class Declaration:
    """A node of a file, read as what it must be. Every method raises ConfigError at the node's line."""

    def __init__(self, source: Source, renderer: ProjectRenderer, node: Node, what: str) -> None:
        self._source = source
        self._renderer = renderer
        self.node = node
        self.what = what
        """What the node is, for messages."""

    @property
    def at(self) -> Location:
        return self._source.location(self.node.mark)

    def error(self, message: str, hint: str | None = None) -> ConfigError:
        return ConfigError(message, at=self.at, hint=hint)

    def fields(self, *known: str) -> "Fields":
        """A mapping that has no other keys than these."""
        if not isinstance(self.node, Mapping):
            raise self.error(f"{self.what} must be a mapping of keys to values")
        for entry in self.node.entries:
            if entry.key not in known:
                hint = did_you_mean(entry.key, known, "keys")
                at = self._source.location(entry.mark)
                raise ConfigError(f"unknown key '{entry.key}' in {self.what}", at=at, hint=hint)
        return Fields(self, {entry.key: self.child(entry.value, f"'{entry.key}'") for entry in self.node.entries})

    def items(self, if_empty: str | None = None) -> tuple["Declaration", ...]:
        """The entries of a list, or the one value that stands in its place; `if_empty` is a hint for none."""
        if not isinstance(self.node, SequenceNode):
            return (self,)
        if not self.node.items:
            raise self.error(f"{self.what} is an empty list", if_empty)
        return tuple(self.child(item, f"an entry of {self.what}") for item in self.node.items)

    def child(self, node: Node, what: str) -> "Declaration":
        return Declaration(self._source, self._renderer, node, what)

    def text(self) -> str:
        """Text, not empty; a template is rendered."""
        if not isinstance(self.node, Scalar) or not self.node.text.strip():
            raise self.error(f"{self.what} must be text")
        return self._renderer.template(Template(self.node.text, self.at)).strip()

    def texts(self) -> tuple[str, ...]:
        """A list of texts, or one text."""
        return tuple(item.text() for item in self.items())

    def choice(self, kind: type[Kind]) -> Kind:
        """One of an enumeration's values."""
        text = self.text()
        allowed = [member.value for member in kind]
        if text not in allowed:
            hint = did_you_mean(text, allowed, "values")
            raise self.error(f"{self.what} must be one of {', '.join(allowed)}, not '{text}'", hint)
        return kind(text)

    def value(self) -> Value:
        """Any value as it is written; texts are no templates."""
        return _value(self.node)

    def scalar(self) -> str | int | Decimal | bool:
        """One value that is not null; a template among the texts is rendered."""
        value = self.value()
        if isinstance(value, list | dict) or value is None:
            raise self.error(f"{self.what} must be one value")
        return self.text() if isinstance(value, str) and value.strip() else value

    def number(self) -> Decimal:
        """A number; a template may give it."""
        text = self.text()
        try:
            number = Decimal(text)
        except InvalidOperation:
            number = Decimal("NaN")
        if not number.is_finite():
            raise self.error(f"{self.what} must be a number, not '{text}'")
        return number

    def count(self) -> int:
        """A whole number that is not negative."""
        number = self.number()
        if number < 0 or number != number.to_integral_value():
            raise self.error(f"{self.what} must be a whole number, not '{number}'")
        return int(number)

    def flag(self) -> bool:
        """true or false."""
        value = self.value()
        if not isinstance(value, bool):
            raise self.error(f"{self.what} must be true or false")
        return value

    def duration(self) -> timedelta:
        """A time span such as 90s, 5m, 1h30m or 2d."""
        text = self.text()
        if not _DURATION.fullmatch(text):
            raise self.error(f"{self.what} must be a time span such as 90s, 5m, 1h30m or 2d, not '{text}'")
        return timedelta(seconds=sum(int(number) * _SECONDS[unit] for number, unit in _PART.findall(text)))

    def moment(self) -> datetime:
        """A moment such as 2026-03-01T12:00:00Z; without a zone it is UTC."""
        text = self.text()
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            raise self.error(f"{self.what} must be a moment such as 2026-03-01T12:00:00Z, not '{text}'") from None
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


class Fields:
    """The keys of one mapping."""

    def __init__(self, of: Declaration, values: dict[str, Declaration]) -> None:
        self.of = of
        self._values = values

    def get(self, key: str) -> Declaration | None:
        """The value of a key that may be missing."""
        return self._values.get(key)

    def required(self, key: str) -> Declaration:
        if key not in self._values:
            raise self.of.error(f"key '{key}' is missing in {self.of.what}")
        return self._values[key]

    def one_of(self, keys: Sequence[str]) -> tuple[str, Declaration]:
        """The key of these that is there; exactly one must be."""
        found = [key for key in keys if key in self._values]
        if len(found) != 1:
            has = "none" if not found else " and ".join(found)
            raise self.of.error(f"{self.of.what} needs one of {', '.join(keys)}, and has {has}")
        return found[0], self._values[found[0]]

    def text(self, key: str) -> str | None:
        return None if key not in self._values else self._values[key].text()


def read_declarations(paths: Iterable[Path], renderer: ProjectRenderer) -> tuple[Declaration, ...]:
    """The files' mappings. ConfigError for a file that is no YAML."""
    sources = [read_source(path) for path in paths]
    return tuple(Declaration(source, renderer, parse_yaml(source), "the file") for source in sources)


def _value(node: Node) -> Value:
    match node:
        case Scalar():
            return plain_value(node.text) if node.plain else node.text
        case SequenceNode():
            return [_value(item) for item in node.items]
        case Mapping():
            return {entry.key: _value(entry.value) for entry in node.entries}
