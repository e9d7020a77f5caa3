"""A script cut into statements, as Snowflake would cut it: blocks of Snowflake Scripting stay whole."""

import re
from dataclasses import dataclass

from pipeline.sql.blocks import block_statement_end
from pipeline.sql.lexer import COMMENT, DOLLARS, FILE, GAP, OPEN_ENDED, QUOTED, STAGE, STRING, unterminated


@dataclass(frozen=True, slots=True)
class Piece:
    """A statement: `text` is `script[start:end]`, from its first to its last token, without the semicolon.

    `line` is the line of the first token, from 1. `leading` is the text of the comments before it, `trailing` that
    of the comments behind it on the line where it ends; both belong to the gaps.
    """

    text: str
    start: int
    end: int
    line: int
    leading: str = ""
    trailing: str = ""


_SKIP = re.compile(rf"(?:[\s\ufeff;]+|{COMMENT})*", re.DOTALL)
_STOP = re.compile(rf";|(?P<comment>{COMMENT})|{STRING}|{QUOTED}|{DOLLARS}|{STAGE}|(?P<open>{OPEN_ENDED})", re.DOTALL)
_STOP_FILES = re.compile(rf"(?i:{FILE})|{_STOP.pattern}", re.DOTALL)
_FIRST_WORD = re.compile(r"[A-Za-z]+")
_MAY_HOLD_BLOCK = re.compile(rf"\b(?:AS|THEN|ACTION){GAP}(?:BEGIN|DECLARE)\b", re.DOTALL | re.IGNORECASE)
_REST_OF_LINE = re.compile(rf";?(?:[^\S\n]+|;|{COMMENT})*", re.DOTALL)
_BLOCK_WORDS = frozenset({"BEGIN", "DECLARE"})
_HOLDER_WORDS = frozenset({"CREATE", "ALTER", "DEFINE", "WITH"})
_FILE_WORDS = frozenset({"PUT", "GET"})


def split(text: str) -> tuple[Piece, ...]:
    """The statements of a script, in order.

    Raises Unterminated (a SyntaxProblem) with the offset of a literal, comment, name or block that is never closed.
    """
    pieces: list[Piece] = []
    position, line, counted = 0, 1, 0
    while True:
        gap_end = _match_end(_SKIP, text, position)
        if gap_end == len(text):
            return tuple(pieces)
        end, after = _statement_end(text, gap_end)
        line += text.count("\n", counted, gap_end)
        counted = gap_end
        rest = _match_end(_REST_OF_LINE, text, after)
        pieces.append(
            Piece(
                text[gap_end:end],
                gap_end,
                end,
                line,
                leading=_comments(text, position, gap_end),
                trailing=_comments(text, end, rest),
            )
        )
        position = rest


def _comments(text: str, start: int, end: int) -> str:
    return text[start:end].strip(" \t\r\n;\ufeff") if end - start > 1 else ""


def _match_end(pattern: re.Pattern[str], text: str, position: int) -> int:
    match = pattern.match(text, position)
    return match.end() if match else position


def _statement_end(text: str, start: int) -> tuple[int, int]:
    """Where the statement that begins at `start` ends: its last token's end, and its semicolon or the text's end."""
    word_match = _FIRST_WORD.match(text, start)
    word = word_match.group().upper() if word_match else ""
    if word in _BLOCK_WORDS:
        return block_statement_end(text, start)
    end, after = _plain_end(text, start, _STOP_FILES if word in _FILE_WORDS else _STOP)
    if word in _HOLDER_WORDS and _MAY_HOLD_BLOCK.search(text, start, end + 1):
        return block_statement_end(text, start)
    return end, after


def _plain_end(text: str, start: int, stop: re.Pattern[str]) -> tuple[int, int]:
    """As _statement_end, for a statement without a block."""
    end = position = start
    search = stop.search
    while (match := search(text, position)) is not None:
        at = match.start()
        group = match.lastgroup
        if group is None and text[at] != ";":
            end = position = match.end()
            continue
        before = text[position:at].rstrip()
        if before:
            end = position + len(before)
        if group == "open":
            raise unterminated(text, at)
        if group is None:
            return end, at
        position = match.end()
    before = text[position:].rstrip()
    return (position + len(before) if before else end), len(text)
