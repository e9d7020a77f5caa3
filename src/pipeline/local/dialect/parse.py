"""Snowflake's text to a tree: sqlglot's grammar, but every function keeps its own name.

sqlglot turns many functions into others while it reads them (DIV0 into a CASE, DATE_TRUNC into two kinds of nodes),
which loses what was written. Here each call stays an `exp.Anonymous`, and our registry alone says what it means.
"""

from functools import lru_cache
from typing import Any, ClassVar

from sqlglot import TokenType, exp
from sqlglot.dialects.snowflake import Snowflake
from sqlglot.errors import ParseError, TokenError
from sqlglot.parsers.snowflake import SnowflakeParser

from pipeline.local.errors import SnowflakeError, syntax_error

SOURCE_TEXT = "source_text"
"""The key in a projection's `meta` under which its own text is kept: Snowflake names unaliased columns by it."""


_KEPT_LENGTHS = range(200, 50_000)
"""Characters of a text whose tree is kept: short ones are read as quickly, long ones seldom come back."""


class PlainSnowflake(Snowflake):
    """Snowflake's grammar without sqlglot's opinions on functions."""

    class Parser(SnowflakeParser):
        FUNCTIONS: ClassVar[dict[str, Any]] = {}
        FUNCTION_PARSERS: ClassVar[dict[str, Any]] = {
            name: SnowflakeParser.FUNCTION_PARSERS[name]
            for name in ("CAST", "TRY_CAST", "EXTRACT", "LISTAGG", "POSITION")
        }

        PLACEHOLDER_PARSERS: ClassVar[dict[Any, Any]] = {
            **SnowflakeParser.PLACEHOLDER_PARSERS,
            TokenType.PLACEHOLDER: lambda self: exp.Placeholder(this=self._placeholder_number()),
        }

        def _placeholder_number(self) -> str:
            """Which `?` of the text this one is, from 1: trees are not walked in the order of the text."""
            read = self._tokens[: self._index]
            return str(sum(1 for token in read if token.token_type is TokenType.PLACEHOLDER))

        def _parse_expression(self) -> exp.Expr | None:
            start = self._curr
            node = super()._parse_expression()
            if node is not None and start is not None:
                node.meta[SOURCE_TEXT] = self._find_sql(start, self._prev)
            return node


def parse_statement(text: str) -> exp.Expression:
    """Read one query or DML statement, to a tree of the caller's own.

    Raises SnowflakeError 1003 where it is not Snowflake SQL.
    """
    return _kept(text).copy() if len(text) in _KEPT_LENGTHS else _read(text)


@lru_cache(maxsize=500)
def _kept(text: str) -> exp.Expression:
    """Tasks and tests say the same again and again; translations are kept for one catalog and one account only."""
    return _read(text)


def _read(text: str) -> exp.Expression:
    dialect = PlainSnowflake()
    try:
        tokens = dialect.tokenize(text)
    except TokenError as problem:
        raise syntax_error("<EOF>", *_end(text)) from problem
    try:
        trees = dialect.parser().parse(tokens, text)
    except ParseError as problem:
        raise _from_sqlglot(problem, text) from problem
    if len(trees) != 1 or trees[0] is None:
        raise syntax_error("<EOF>", *_end(text))
    tree = trees[0]
    assert isinstance(tree, exp.Expression)
    return tree


def parse_query(text: str) -> exp.Expression:
    """Read one query. Raises SnowflakeError 1003 for anything else."""
    tree = parse_statement(text)
    if not isinstance(tree, exp.Query):
        word = text.split(maxsplit=1)[0] if text.strip() else "<EOF>"
        raise syntax_error(word, 1, 0)
    return tree


def parse_expression(text: str) -> exp.Expression:
    """Read one expression, such as a column's default."""
    tree = parse_statement(f"SELECT {text}")
    if not isinstance(tree, exp.Select) or len(tree.expressions) != 1:
        raise syntax_error("<EOF>", *_end(text))
    expression: exp.Expression = tree.expressions[0]
    return expression


def _end(text: str) -> tuple[int, int]:
    lines = text.split("\n")
    return len(lines), len(lines[-1])


def _from_sqlglot(problem: ParseError, text: str) -> SnowflakeError:
    """sqlglot's line counts from 1; its column counts from 1 and stands at the last letter of the token."""
    details = problem.errors[0] if problem.errors else {}
    line, column, word = details.get("line"), details.get("col"), details.get("highlight")
    if not line or column is None or not word:
        return syntax_error("<EOF>", *_end(text))
    if (
        str(details.get("description", "")).startswith(("Expecting", "Required"))
        and text.rstrip().endswith(word)
        and line == len(text.rstrip().split("\n"))
    ):
        return syntax_error("<EOF>", *_end(text))
    return syntax_error(word, line, max(column - len(word), 0))
