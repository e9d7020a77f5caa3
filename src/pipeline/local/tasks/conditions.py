"""WHEN of a task: what may stand in it. Source: docs.snowflake.com/en/sql-reference/sql/create-task (WHEN)."""

from pipeline.local.errors import SnowflakeError
from pipeline.sql.lexer import Token, TokenKind, tokens
from pipeline.sql.types import TYPE_WORDS

STREAM_HAS_DATA = "SYSTEM$STREAM_HAS_DATA"
PREDECESSOR_RETURN_VALUE = "SYSTEM$GET_PREDECESSOR_RETURN_VALUE"
_FUNCTIONS = frozenset({STREAM_HAS_DATA, PREDECESSOR_RETURN_VALUE})
_WORDS = frozenset({"AND", "OR", "NOT", "TRUE", "FALSE", "NULL", "IS", "CAST", "AS", "IN", "BETWEEN"})
_SYMBOLS = frozenset(["(", ")", "=", "<>", "!=", "<", "<=", ">", ">=", "::", ",", "-", "+"])


def check_condition(text: str) -> None:
    """The condition is made of the two functions, comparisons, AND, OR, NOT and casts.

    Raises:
        SnowflakeError: something else is in it.
    """
    for token in tokens(text):
        if not _allowed(token):
            raise SnowflakeError(
                f"Invalid expression for task condition: '{token.text}'. A condition holds {STREAM_HAS_DATA}, "
                f"{PREDECESSOR_RETURN_VALUE}, comparisons, AND, OR, NOT and casts.",
                91089,
                "22000",
            )


def _allowed(token: Token) -> bool:
    match token.kind:
        case TokenKind.WORD:
            return token.upper in _FUNCTIONS or token.upper in _WORDS or token.upper in TYPE_WORDS
        case TokenKind.SYMBOL:
            return token.text in _SYMBOLS
        case TokenKind.STRING | TokenKind.NUMBER | TokenKind.END | TokenKind.DOLLARS:
            return True
        case _:
            return False


def reads_streams(text: str) -> bool:
    """Whether the condition asks for a stream's data."""
    return any(token.upper == STREAM_HAS_DATA for token in tokens(text))
