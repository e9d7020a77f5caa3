"""Places in translated SQL that are filled at each execution, so that the text around them can be cached."""

import re
import secrets
from collections.abc import Callable

_SECRET = secrets.token_hex(8)
_PATTERN = re.compile(rf"__mark_{_SECRET}_(\w+?)__")


def mark(name: str) -> str:
    """A word that no statement contains, to be replaced by `fill`."""
    return f"__mark_{_SECRET}_{name}__"


NOW = mark("now")
"""A TIMESTAMPTZ literal: the start of the statement."""
VERSION = mark("version")
"""The version that the running transaction writes."""
BOUND = mark("bound")
"""The last version that streams show to the running transaction."""


def offset_mark(stream: int) -> str:
    """The version that a stream was read up to."""
    return mark(f"offset_{stream}")


def fill(sql: str, value: Callable[[str], str]) -> str:
    """Replace each mark by what `value` says for its name."""
    return _PATTERN.sub(lambda match: value(match[1]), sql)
