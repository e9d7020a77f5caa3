"""The statements within a block of Snowflake Scripting."""

from collections.abc import Iterator

from pipeline.sql.blocks import inner_spans
from pipeline.sql.grammar.reader import Reader
from pipeline.sql.problems import TextProblem

_QUERY_WORDS = frozenset({"SELECT", "WITH", "INSERT", "UPDATE", "DELETE", "MERGE", "CALL", "SHOW", "EXECUTE"})
_SQL_WORDS = _QUERY_WORDS | {"CREATE", "ALTER", "DROP", "UNDROP", "TRUNCATE", "COPY", "USE", "GRANT", "REVOKE"}
_SQL_WORDS |= {"PUT", "GET", "REMOVE", "RM", "COMMENT", "DESCRIBE", "DESC", "SET", "UNSET", "VALUES"}


def block_statements(text: str) -> Iterator[str]:
    """The SQL statements in a block, also those in LET x := (SELECT …), FOR r IN (…), CURSOR FOR … and conditions.

    Raises TextProblem when a part cannot be read.
    """
    for start, end in inner_spans(text):
        span = text[start:end].strip()
        reader = Reader(span)
        if reader.word in _SQL_WORDS:
            yield span
        else:
            yield from _embedded(reader)


def _embedded(reader: Reader) -> Iterator[str]:
    while not reader.at_end:
        if reader.at("(") and reader.peek(1).upper in _QUERY_WORDS:
            yield reader.parenthesised().text
        elif reader.peek(1).upper in ("SELECT", "WITH") and (reader.at("FOR") or reader.at(":=")):
            reader.advance()
            yield reader.rest().text
        else:
            reader.advance()


def is_block(text: str) -> bool:
    """Whether a body is a block, and not one statement. Raises TextProblem on a text that cannot be read."""
    try:
        return Reader(text).word in ("BEGIN", "DECLARE")
    except TextProblem:
        return False
