"""Semi-structured values as clients get them: indented by two, as JSON_INDENT's default says.

Source: docs.snowflake.com/en/sql-reference/parameters#json-indent.
"""

import re

INDENT = 2

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]|[^\s{}\[\],:"]+')
_OPENING, _CLOSING = "{[", "}]"


def indented(text: str) -> str:
    """JSON text with a line for each member and element; strings and numbers stay as they are written.

    >>> print(indented('{"a":[1,2.50],"b":{}}'))
    {
      "a": [
        1,
        2.50
      ],
      "b": {}
    }
    """
    if not text.startswith(("{", "[")):
        return text
    pieces: list[str] = []
    depth = 0
    opened = False
    for token in _TOKEN.findall(text):
        if token in _CLOSING:
            depth -= 1
            if not opened:
                pieces.append(_line(depth))
        elif opened:
            pieces.append(_line(depth))
        opened = token in _OPENING
        if opened:
            depth += 1
        pieces.append(token)
        if token == ",":
            pieces.append(_line(depth))
        elif token == ":":
            pieces.append(" ")
    return "".join(pieces)


def _line(depth: int) -> str:
    return "\n" + " " * (INDENT * depth)
