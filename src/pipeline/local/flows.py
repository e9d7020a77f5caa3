"""The flow operator: `a ->> b` runs the statements in turn, and each reads the results of those before it as $1, $2….

Source: docs.snowflake.com/en/sql-reference/operators-flow.
"""

import uuid
from collections.abc import Callable, Sequence

from pipeline.local.answers import Answer
from pipeline.local.errors import compilation, unsupported
from pipeline.local.protocol import FileTransfer, Result
from pipeline.local.session import Session
from pipeline.sql.grammar.model import Flow
from pipeline.sql.lexer import Token, TokenKind, tokens

Run = Callable[[Session, str, str], Result | FileTransfer]
"""Runs one statement's text under a query id."""


def perform(session: Session, statement: Flow, run: Run) -> Answer:
    """Run the chain; its result is the last one's.

    Raises:
        SnowflakeError: what a statement of the chain raises; a PUT or GET in it.
    """
    results: list[Result] = []
    for part in statement.parts:
        outcome = run(session, with_results(part.text, [result.query_id for result in results]), str(uuid.uuid4()))
        if isinstance(outcome, FileTransfer):
            raise unsupported("PUT or GET in a chain of statements")
        results.append(outcome)
    last = results[-1]
    return Answer(last.columns, tuple(last.rows), last.statement_type)


def with_results(text: str, query_ids: Sequence[str]) -> str:
    """`$1` in FROM is the result of the last statement, `$2` of the one before it."""
    pieces: list[str] = []
    done = 0
    before: Token | None = None
    for token in tokens(text):
        if _is_result(token, before):
            number = int(token.text[1:])
            if not 1 <= number <= len(query_ids):
                raise compilation(f"There is no result {token.text} before this statement.", 2003, "02000")
            pieces += [text[done : token.start], f"TABLE(RESULT_SCAN('{query_ids[-number]}'))"]
            done = token.end
        before = token
    return "".join([*pieces, text[done:]])


def _is_result(token: Token, before: Token | None) -> bool:
    named = token.kind is TokenKind.VARIABLE and token.text[1:].isdecimal()
    return named and before is not None and before.upper in ("FROM", "JOIN")
