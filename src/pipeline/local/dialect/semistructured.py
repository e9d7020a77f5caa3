"""Paths written as text: GET_PATH(v, 'a.b[0]'), FLATTEN(…, PATH => 'a.b')."""

import re

from pipeline.local.dialect.compiler import Compiler
from pipeline.local.dialect.paths import by_index, by_key
from pipeline.local.dialect.scope import Scope
from pipeline.local.dialect.typed import Typed
from pipeline.local.errors import compilation

_STEP = re.compile(r"""\.?([A-Za-z_][\w$]*)|\.?"((?:[^"]|"")*)"|\[(\d+)\]|\['((?:[^']|'')*)'\]""")


def along_path(compiler: Compiler, value: Typed, path: str, scope: Scope) -> Typed:
    """Follow a path. Raises SnowflakeError for a text that is none."""
    position = 0
    while position < len(path):
        match = _STEP.match(path, position)
        if match is None:
            raise compilation(f"Invalid path '{path}'.", 1003, "42000")
        plain, quoted_key, index, subscript = match.groups()
        if index is not None:
            value = by_index(compiler, value, int(index), scope)
        else:
            key = plain or (quoted_key or "").replace('""', '"') or (subscript or "").replace("''", "'")
            value = by_key(compiler, value, key, scope)
        position = match.end()
    return value
