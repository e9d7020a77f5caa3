"""The configuration's values, with what the environment puts in and the place each came from.

`${NAME}` stands for a variable of the environment, `${NAME:-default}` gives a default for an unset or empty one,
`$${` is a plain `${`. A value without quotes is read as if its expansion stood in the file, so `${MINUTES:-5}` is a
number and `"${MINUTES:-5}"` is text.
"""

import re
from collections.abc import Iterator
from collections.abc import Mapping as AbstractMapping
from dataclasses import dataclass

from pipeline.errors import ConfigError, Location
from pipeline.project.nodes import Mapping, Mark, Node, Scalar, Sequence, Source, Value, plain_value

KeyPath = tuple[str | int, ...]
"""Where a value stands: keys and list positions from the top."""

_REFERENCE = re.compile(r"\$(?P<escaped>\$\{)|\$\{(?P<name>[A-Za-z_][A-Za-z0-9_]*)(?::-(?P<default>[^}]*))?\}|\$\{")


class Unset(Exception):
    """A variable of the environment that is wanted and is not there."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


class Malformed(Exception):
    """A `${` that is no reference."""


@dataclass(frozen=True, slots=True)
class Document:
    """A configuration file's values, expanded; `raw` holds the texts as written, for errors that keep secrets."""

    source: Source
    value: dict[str, Value]
    marks: AbstractMapping[KeyPath, Mark]
    raw: AbstractMapping[KeyPath, str]
    dormant: frozenset[KeyPath]
    """Values of environments that are not in use, whose variables are unset: left as written."""

    def location(self, path: KeyPath) -> Location:
        """The place of the value, or of the nearest one around it."""
        while path not in self.marks:
            path = path[:-1]
        return self.source.location(self.marks[path])


def expand(text: str, environ: AbstractMapping[str, str]) -> str:
    """`text` with its references replaced. Raises Unset or Malformed."""

    def replace(match: re.Match[str]) -> str:
        if match["escaped"]:
            return "${"
        name, default = match["name"], match["default"]
        if name is None:
            raise Malformed
        value = environ.get(name)
        if default is not None:
            return value or default
        if value is None:
            raise Unset(name)
        return value

    return _REFERENCE.sub(replace, text)


def read_document(source: Source, tree: Mapping, environ: AbstractMapping[str, str], environment: str) -> Document:
    """Expand the tree for one environment. ConfigError, at its line, for a variable that is not set."""
    reader = _Reader(source, environ, environment)
    value = {entry.key: reader.value(entry.value, (entry.key,)) for entry in tree.entries}
    return Document(source, value, dict(_marks(tree, (), tree.mark)), reader.raw, frozenset(reader.dormant))


def expanded_scalar(source: Source, node: Scalar, environ: AbstractMapping[str, str]) -> str:
    """The text of one scalar. ConfigError as read_document."""
    try:
        return expand(node.text, environ)
    except Unset as error:
        message = f"the environment variable {error.name} is not set"
        hint = f"set it, or give a default: ${{{error.name}:-…}}"
        raise ConfigError(message, at=source.location(node.mark), hint=hint) from None
    except Malformed:
        message = "'${' does not begin ${NAME} or ${NAME:-default}"
        raise ConfigError(message, at=source.location(node.mark), hint="write '$${' for a plain '${'") from None


class _Reader:
    def __init__(self, source: Source, environ: AbstractMapping[str, str], environment: str) -> None:
        self._source = source
        self._environ = environ
        self._environment = environment
        self.raw: dict[KeyPath, str] = {}
        self.dormant: set[KeyPath] = set()

    def value(self, node: Node, path: KeyPath) -> Value:
        match node:
            case Scalar():
                return self._scalar(node, path)
            case Sequence():
                return [self.value(item, (*path, index)) for index, item in enumerate(node.items)]
            case Mapping():
                return {entry.key: self.value(entry.value, (*path, entry.key)) for entry in node.entries}

    def _scalar(self, node: Scalar, path: KeyPath) -> Value:
        self.raw[path] = node.text
        if "${" not in node.text:
            return plain_value(node.text) if node.plain else node.text
        if path[0] == "environments" and len(path) > 1 and path[1] != self._environment:
            self.dormant.add(path)
            return node.text
        text = expanded_scalar(self._source, node, self._environ)
        if not node.plain or text == "":
            return text
        return plain_value(text)


def _marks(node: Node, path: KeyPath, mark: Mark) -> Iterator[tuple[KeyPath, Mark]]:
    yield path, mark
    match node:
        case Sequence():
            for index, item in enumerate(node.items):
                yield from _marks(item, (*path, index), item.mark)
        case Mapping():
            for entry in node.entries:
                yield from _marks(entry.value, (*path, entry.key), entry.mark)
        case Scalar():
            pass
