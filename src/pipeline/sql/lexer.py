"""Snowflake's text as tokens, by one compiled expression."""

import re
from collections.abc import Iterator
from enum import Enum
from typing import NamedTuple

from pipeline.sql.names import fold
from pipeline.sql.problems import Unterminated

STRING = r"'[^'\\]*(?:(?:''|\\.)[^'\\]*)*'"
QUOTED = r'"[^"]*(?:""[^"]*)*"'
DOLLARS = r"\$\$.*?\$\$"
COMMENT = r"--[^\n]*|//[^\n]*|/\*.*?\*/"
STAGE = r"""@(?:"[^"]*(?:""[^"]*)*"|[^\s;,()'"])+"""
FILE = r"""file://[^\s;'"]*"""
OPEN_ENDED = r"'|\"|\$\$|/\*"
GAP = rf"(?:[\s\ufeff]+|{COMMENT})*"
"""Space and comments."""


class TokenKind(Enum):
    """What a token is."""

    WORD = "word"
    QUOTED = "quoted"
    STRING = "string"
    DOLLARS = "dollars"
    NUMBER = "number"
    VARIABLE = "variable"
    BIND = "bind"
    STAGE = "stage"
    FILE = "file"
    SYMBOL = "symbol"
    END = "end"


class Token(NamedTuple):
    """A piece of text at an offset; `upper` is the text in upper case for words, else the text itself."""

    kind: TokenKind
    text: str
    start: int
    upper: str

    @property
    def end(self) -> int:
        return self.start + len(self.text)


_TOKEN = re.compile(
    rf"""{GAP}(?:
    (?P<word>(?!(?i:file)://)[^\W\d]\w*(?:\$(?!\$)\w*)*)
  | (?P<file>(?i:{FILE}))
  | (?P<string>{STRING})
  | (?P<quoted>{QUOTED})
  | (?P<dollars>{DOLLARS})
  | (?P<number>(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)
  | (?P<stage>{STAGE})
  | (?P<variable>\$\w+)
  | (?P<bind>(?<!:):[^\W\d]\w*)
  | (?P<open>{OPEN_ENDED})
  | (?P<symbol>->>|->|=>|:=|::|<=|>=|<>|!=|\|\||.)
  | (?P<end>\Z)
    )""",
    re.DOTALL | re.VERBOSE,
)

_KINDS = {kind.value: kind for kind in TokenKind}
_WORD = TokenKind.WORD
_OPENED = {
    "'": "This string is never closed.",
    '"': "This quoted name is never closed.",
    "$$": "This $$ has no second $$.",
    "/*": "This comment is never closed by */.",
}


def tokens(text: str, start: int = 0) -> Iterator[Token]:
    """The tokens from `start` on, without space and comments; the last is of kind END, with empty text.

    file://… is one token, since // begins no comment there, and @stage/path is one too. Raises Unterminated when a
    literal, a quoted name or a comment is never closed.
    """
    for match in _TOKEN.finditer(text, start):
        group = match.lastgroup or "end"
        found = match[group]
        at = match.start(group)
        if group == "word":
            yield Token(_WORD, found, at, found.upper())
        elif group == "open":
            raise unterminated(text, at)
        else:
            yield Token(_KINDS[group], found, at, found)
        if group == "end":
            return


def unterminated(text: str, offset: int) -> Unterminated:
    """The error for what opens at an offset and is never closed."""
    opening = text[offset : offset + 2] if text[offset] in "$/" else text[offset]
    return Unterminated(_OPENED[opening], text, offset)


_ESCAPE = re.compile(r"''|\\(?:x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|[0-7]{1,3}|.)", re.DOTALL)
_NAMED = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "0": "\0"}


def literal_value(written: str) -> str:
    """The value of a '…' or $$…$$ literal as written.

    Source of the escapes: docs.snowflake.com/en/sql-reference/data-types-text (escape sequences).
    """
    if written.startswith("$$"):
        return written[2:-2]
    return _ESCAPE.sub(_unescape, written[1:-1])


def _unescape(match: re.Match[str]) -> str:
    found = match.group()
    if found == "''":
        return "'"
    code = found[1:]
    if code in _NAMED:
        return _NAMED[code]
    if code[0] in "xu" and len(code) > 1:
        return chr(int(code[1:], 16))
    if code[0] in "01234567":
        return chr(int(code, 8))
    return code


def identifier_value(token: Token) -> str:
    """The stored name of a WORD or QUOTED token."""
    return fold(token.text)
