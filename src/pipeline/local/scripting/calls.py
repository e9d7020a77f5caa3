"""A CALL as a value: `(CALL p(…))`, `(CALL p(…)::type)`.

Source: the finalizer in docs.snowflake.com/en/user-guide/tasks-graphs; developer-guide/snowflake-scripting/variables.
"""

from pipeline.sql.lexer import Token, tokens


def cut_call(text: str) -> tuple[str, str] | None:
    """The CALL within an expression of the script, and the casts behind it; None for any other expression."""
    found = list(tokens(text))
    if len(found) < 2 or found[0].text != "(" or found[1].upper != "CALL":
        return None
    arguments = next((index for index, token in enumerate(found) if index and token.text == "("), None)
    end = None if arguments is None else _closing(found, arguments)
    last = _closing(found, 0)
    if end is None or last is None:
        return None
    call = text[found[1].start : found[end].end]
    return call, text[found[end].end : found[last].start] + text[found[last].end :]


def _closing(found: list[Token], start: int) -> int | None:
    depth = 0
    for index in range(start, len(found)):
        depth += (found[index].text == "(") - (found[index].text == ")")
        if depth == 0:
            return index
    return None
