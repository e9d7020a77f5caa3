"""YAML as a tree that knows the line of every key.

Only what a configuration needs is read: no anchors, tags or merge keys, one document, no key twice. Plain words keep
their looks: `no`, `0123` and `2024-01-01` are text, only true/false are booleans, 1.10 stays 1.10.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import TypeAlias

import yaml

from pipeline.errors import ConfigError, Location

Value: TypeAlias = "str | int | Decimal | bool | list[Value] | dict[str, Value] | None"

_MAX_DEPTH = 20
_NULL = frozenset({"", "~", "null"})
_BOOLEAN = {"true": True, "false": False}
_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]*)")
_NUMBER = re.compile(r"[-+]?(0|[1-9][0-9]*)\.[0-9]+([eE][-+]?[0-9]+)?")


@dataclass(frozen=True, slots=True)
class Mark:
    """A place in the file, counted from 1."""

    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Scalar:
    """One value; `plain` says that it stands without quotes, so that it may be a number or a boolean."""

    text: str
    plain: bool
    mark: Mark


@dataclass(frozen=True, slots=True)
class Entry:
    """One `key: value` of a mapping."""

    key: str
    mark: Mark
    value: "Node"


@dataclass(frozen=True, slots=True)
class Mapping:
    """Keys and values, in the file's order."""

    entries: tuple[Entry, ...]
    mark: Mark

    def get(self, key: str) -> "Node | None":
        """The value of `key`, or None."""
        return next((entry.value for entry in self.entries if entry.key == key), None)


@dataclass(frozen=True, slots=True)
class Sequence:
    """A list."""

    items: tuple["Node", ...]
    mark: Mark


Node: TypeAlias = Scalar | Mapping | Sequence


@dataclass(frozen=True, slots=True)
class Source:
    """A text file, to point into."""

    path: Path
    text: str

    def location(self, mark: Mark) -> Location:
        """The place as an error shows it, with the text of its line."""
        lines = self.text.split("\n")
        text = lines[mark.line - 1] if mark.line <= len(lines) else None
        return Location(self.path, mark.line, mark.column, text)


def read_source(path: Path) -> Source:
    """The file's text with line ends as newlines and no byte order mark; ConfigError when it cannot be read."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ConfigError(f"cannot read {path}: {error.strerror}") from error
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ConfigError("the file is not UTF-8", at=Location(path, line), hint="save it as UTF-8") from error
    return Source(path, text.replace("\r\n", "\n").replace("\r", "\n"))


def parse_yaml(source: Source) -> Mapping:
    """The file's mapping. ConfigError, with the line, for anything else."""
    try:
        node = _document(_Events(source))
    except yaml.MarkedYAMLError as error:
        raise _syntax_error(source, error) from error
    except yaml.reader.ReaderError as error:
        line = source.text.count("\n", 0, source.text.find(chr(error.character))) + 1
        place = source.location(Mark(line, 1))
        raise ConfigError(f"character #x{error.character:04x} is not allowed in YAML", at=place) from error
    if not isinstance(node, Mapping):
        raise ConfigError("the file must be a mapping of keys to values", at=source.location(node.mark))
    return node


def plain_value(text: str) -> Value:
    """What a plain scalar means: null, true or false, an integer, a decimal number, else its text."""
    if text in _NULL:
        return None
    if text in _BOOLEAN:
        return _BOOLEAN[text]
    if _INTEGER.fullmatch(text):
        return int(text)
    if _NUMBER.fullmatch(text):
        return Decimal(text)
    return text


class _Events:
    """The parser's events with one of look-ahead, and the source for errors."""

    def __init__(self, source: Source) -> None:
        self.source = source
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # libyaml, where PyYAML was built with it, is faster
        self._events: Iterator[yaml.Event] = iter(yaml.parse(source.text, Loader=loader))
        self.next = next(self._events)

    def take(self) -> yaml.Event:
        event = self.next
        self.next = next(self._events, event)
        return event

    def error(self, message: str, mark: Mark, hint: str | None = None) -> ConfigError:
        return ConfigError(message, at=self.source.location(mark), hint=hint)


def _mark(event: yaml.Event) -> Mark:
    mark = event.start_mark
    assert mark is not None, "the parser marks every event"
    return Mark(mark.line + 1, mark.column + 1)


def _document(events: _Events) -> Node:
    events.take()  # the stream's start
    if isinstance(events.next, yaml.StreamEndEvent):
        raise ConfigError("the file is empty", at=Location(events.source.path, 1))
    events.take()  # the document's start
    node = _node(events, 0)
    events.take()  # the document's end
    if not isinstance(events.next, yaml.StreamEndEvent):
        raise events.error("a second YAML document starts here", _mark(events.next), "keep one, without '---'")
    return node


def _node(events: _Events, depth: int) -> Node:
    event = events.take()
    mark = _mark(event)
    if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None) is not None:
        raise events.error("anchors and aliases (& and *) are not supported", mark, "share a value through 'vars'")
    tag = getattr(event, "tag", None)
    if tag not in (None, "!"):
        raise events.error(f"the tag {tag} is not supported", mark, "write the value without it")
    if depth > _MAX_DEPTH:
        raise events.error(f"values are nested more than {_MAX_DEPTH} deep", mark)
    if isinstance(event, yaml.ScalarEvent):
        return Scalar(event.value, event.style in (None, ""), mark)
    if isinstance(event, yaml.SequenceStartEvent):
        return Sequence(tuple(_items(events, depth)), mark)
    return Mapping(tuple(_entries(events, depth)), mark)


def _items(events: _Events, depth: int) -> Iterator[Node]:
    while not isinstance(events.next, yaml.SequenceEndEvent):
        yield _node(events, depth + 1)
    events.take()


def _entries(events: _Events, depth: int) -> Iterator[Entry]:
    seen: dict[str, Mark] = {}
    while not isinstance(events.next, yaml.MappingEndEvent):
        key = _node(events, depth + 1)
        if not isinstance(key, Scalar):
            raise events.error("a key must be a word", key.mark)
        if key.text in seen:
            first = seen[key.text].line
            raise events.error(f"key '{key.text}' stands here a second time; first in line {first}", key.mark)
        seen[key.text] = key.mark
        yield Entry(key.text, key.mark, _node(events, depth + 1))
    events.take()


def _syntax_error(source: Source, error: yaml.MarkedYAMLError) -> ConfigError:
    mark = error.problem_mark if error.problem_mark is not None else error.context_mark
    place = Mark(1, 1) if mark is None else Mark(mark.line + 1, mark.column + 1)
    location = source.location(place)
    line = location.source or ""
    if "\t" in line[: len(line) - len(line.lstrip())]:
        return ConfigError("the line is indented with a tab", at=location, hint="YAML wants spaces")
    return ConfigError(f"not valid YAML: {error.problem or error.context}", at=location)
