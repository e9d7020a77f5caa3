"""Snowflake's statements as data: `parse(text)` gives one small frozen dataclass per statement.

Queries and DML stay text here (`Query`, `Dml`); everything that sqlglot leaves opaque is read in full.
"""

from collections.abc import Mapping

from pipeline.sql.grammar.model import Statement, Unsupported
from pipeline.sql.types import Kind


def parse(
    text: str,
    *,
    variables: Mapping[str, str] | None = None,
    timestamp: Kind = Kind.TIMESTAMP_NTZ,
) -> Statement:
    """Read one statement: the text of a `Piece`, that is without comments behind it.

    `variables` are the session variables by upper-case name, for IDENTIFIER($name); `timestamp` is what the type
    TIMESTAMP means. Offsets in the result count in `text`.

    Raises TextProblem (a SyntaxProblem) with the place: Unexpected with Snowflake's text, DuplicateProperty,
    InvalidProperty, DynamicName, Unterminated.
    """
    # The parsers take 0.05 s to import: a command that only wants a class of the model does without
    from pipeline.sql.grammar.parsing.dispatch import statement
    from pipeline.sql.grammar.reader import Reader

    reader = Reader(text, variables, timestamp)
    found = statement(reader)
    if not isinstance(found, Unsupported):
        reader.expect_end()
    return found
