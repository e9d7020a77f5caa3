"""Where a statement ends that may hold a bare block of Snowflake Scripting.

END is no reserved word, nor are BEGIN, IF, LOOP…: they count only where a statement or, for the END of a CASE
expression, an operator may stand. Source: docs.snowflake.com/en/developer-guide/snowflake-scripting.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum

from pipeline.sql.lexer import GAP, Token, TokenKind, tokens
from pipeline.sql.problems import Unterminated

_TRANSACTION = re.compile(
    rf"{GAP}(?:;|\Z|(?:TRANSACTION|WORK){GAP}(?:;|\Z|NAME\b)|NAME{GAP}(?:\w+|\"[^\"]*\"){GAP}(?:;|\Z))",
    re.DOTALL | re.IGNORECASE,
)
_BLOCK_FOLLOWS = re.compile(rf"{GAP}(?:BEGIN|DECLARE)\b", re.DOTALL | re.IGNORECASE)
_HOLDERS = frozenset({"CREATE", "ALTER", "DEFINE", "WITH"})
_HOLDER_KINDS = frozenset({"PROCEDURE", "FUNCTION", "TASK", "ALERT"})
_CONTROLS = frozenset({"IF", "FOR", "WHILE", "LOOP", "REPEAT", "CASE"})
_BEFORE_STATEMENT = frozenset({"THEN", "ELSE", "DO", "LOOP"})
_BEFORE_OPERAND = frozenset(
    {"WHEN", "THEN", "ELSE", "AND", "OR", "NOT", "IN", "BETWEEN", "LIKE", "ILIKE", "IS", "CASE"}
)
_MATTERS = _HOLDER_KINDS | _BEFORE_STATEMENT | {"AS", "ACTION", "CASE", "END", ";", "(", ")"}
"""What within a statement may open, close or begin something."""
_OPERAND_KINDS = frozenset({TokenKind.WORD, TokenKind.QUOTED, TokenKind.STRING, TokenKind.DOLLARS, TokenKind.NUMBER})


class _Kind(Enum):
    DECLARE = "DECLARE"
    BLOCK = "BEGIN"
    CONTROL = "control"
    CASE = "CASE expression"


@dataclass(frozen=True, slots=True)
class _Frame:
    kind: _Kind
    opened_by: Token
    parentheses: int


@dataclass(slots=True)
class _State:
    """What is open, and where in the innermost statement the reader is."""

    text: str
    frames: list[_Frame] = field(default_factory=list)
    parentheses: int = 0
    at_start: bool = True
    head: str = ""
    holder: str = ""
    body_seen: bool = False
    nested_body: bool = False
    previous: Token | None = None

    @property
    def top(self) -> _Kind | None:
        return self.frames[-1].kind if self.frames else None

    def push(self, kind: _Kind, token: Token) -> None:
        self.frames.append(_Frame(kind, token, self.parentheses))

    def after(self, *upper: str) -> bool:
        return self.previous is not None and self.previous.upper in upper


def block_statement_end(text: str, start: int) -> tuple[int, int]:
    """The end of the last token of the statement at `start`, and the place of its semicolon (or the text's end).

    Raises Unterminated at the BEGIN, DECLARE, IF… that has no END.
    """
    state = _State(text)
    for token in tokens(text, start):
        if not state.frames and (token.text == ";" or token.kind is TokenKind.END):
            break
        if state.at_start or token.upper in _MATTERS:
            _take(state, token)
        state.previous = token
    if state.frames:
        opened = state.frames[-1].opened_by
        hint = "A transaction is begun by BEGIN TRANSACTION;" if opened.upper == "BEGIN" else None
        raise Unterminated(f"This {opened.upper} has no END.", text, opened.start, hint=hint)
    return (start if state.previous is None else state.previous.end), token.start


def _take(state: _State, token: Token) -> None:
    if token.kind is TokenKind.WORD:
        _take_word(state, token)
        return
    state.at_start = False
    match token.text:
        case ";":
            state.at_start = True
            state.parentheses = 0
        case "(":
            state.parentheses += 1
        case ")":
            state.parentheses -= 1


def _take_word(state: _State, token: Token) -> None:
    if state.at_start:
        _begin_statement(state, token)
    elif state.after(".") or (state.after("END") and token.upper in _CONTROLS):
        return
    elif not _take_body(state, token) and state.frames:
        _take_inside(state, token)


def _begin_statement(state: _State, token: Token) -> None:
    """The first word of a statement: it may open a frame, or close one."""
    nested, state.nested_body = state.nested_body, False
    state.at_start, state.body_seen, state.holder = False, False, ""
    state.head = token.upper
    match token.upper:
        case "BEGIN" if not begins_transaction(state.text, token.end):
            if state.top is _Kind.DECLARE and not nested:
                state.frames.pop()
            state.push(_Kind.BLOCK, token)
            state.at_start = True
        case "DECLARE" if state.top is not _Kind.DECLARE or nested:
            state.push(_Kind.DECLARE, token)
            state.at_start = True
        case "END" if state.top in (_Kind.BLOCK, _Kind.CONTROL):
            state.frames.pop()
        case "ELSE" if state.frames:
            state.at_start = True
        case word if word in _CONTROLS and state.top in (_Kind.BLOCK, _Kind.CONTROL):
            state.push(_Kind.CONTROL, token)
            state.at_start = word in ("LOOP", "REPEAT")


def _take_body(state: _State, token: Token) -> bool:
    """Notice the AS (or an alert's THEN, ACTION) behind which the body of a task, procedure or alert begins."""
    if state.body_seen or state.parentheses or state.top is _Kind.CASE:
        return False
    if token.upper in _HOLDER_KINDS and (state.head in _HOLDERS or state.top is _Kind.DECLARE):
        state.holder = state.holder or token.upper
        return True
    opens = token.upper in ("THEN", "ACTION") if state.holder == "ALERT" else token.upper == "AS"
    if not state.holder or not opens or state.after("EXECUTE"):
        return False
    state.body_seen = True
    state.at_start = state.nested_body = _BLOCK_FOLLOWS.match(state.text, token.end) is not None
    return True


def _take_inside(state: _State, token: Token) -> None:
    """A word within a statement of a block."""
    if token.upper == "CASE" and not state.after("AS"):
        state.push(_Kind.CASE, token)
    elif token.upper == "END" and (state.top is _Kind.CASE or state.head == "UNTIL"):
        if state.parentheses == state.frames[-1].parentheses and _ends_operand(state.previous):
            state.frames.pop()
    elif token.upper in _BEFORE_STATEMENT and state.top in (_Kind.BLOCK, _Kind.CONTROL):
        state.at_start = True


def _ends_operand(token: Token | None) -> bool:
    if token is None:
        return False
    if token.kind in _OPERAND_KINDS or token.kind in (TokenKind.VARIABLE, TokenKind.BIND):
        return token.upper not in _BEFORE_OPERAND
    return token.text in (")", "]", "?")


def begins_transaction(text: str, offset: int) -> bool:
    """Whether the BEGIN that ends at `offset` starts a transaction, and not a block."""
    return _TRANSACTION.match(text, offset) is not None


def inner_spans(text: str) -> Iterator[tuple[int, int]]:
    """Where the statements within a block stand: each from its first word to its semicolon or the next beginning.

    BEGIN, IF (…) THEN, END IF and their like are spans too. Raises Unterminated.
    """
    state = _State(text)
    start: int | None = None
    for token in tokens(text):
        if state.at_start and token.kind is TokenKind.WORD:
            if start is not None:
                yield start, token.start
            start = token.start
        elif token.text == ";" and start is not None:
            yield start, token.start
            start = None
        if state.at_start or token.upper in _MATTERS:
            _take(state, token)
        state.previous = token
    if start is not None:
        yield start, len(text)
