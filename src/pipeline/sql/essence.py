"""What a statement says, without how it is written: space, comments and the case of names that are not quoted."""

from collections.abc import Iterator

from pipeline.sql.lexer import TokenKind, tokens


def essence(text: str) -> tuple[str, ...]:
    """The same for two texts that the account takes for the same statement, as far as tokens tell.

    Literals, quoted names and bodies in $$ count as they are; so do paths into JSON, where the case of a key matters
    (docs: user-guide/querying-semistructured). Raises TextProblem when the text cannot be read.
    """
    return tuple(_essential(text))


def _essential(text: str) -> Iterator[str]:
    within_path, before = False, ""
    for token in tokens(text):
        if token.kind is TokenKind.BIND or token.text in (":", "["):
            within_path = True
        elif within_path:
            within_path = token.text in (".", "]") or before in (".", ":", "[")
        yield token.text if within_path else token.upper
        before = token.text
