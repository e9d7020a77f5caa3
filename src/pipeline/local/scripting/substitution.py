"""Variables in text: each is replaced by a literal of its value.

In statements of SQL a variable is written `:name`; in expressions of the script its name alone will do, save within a
subquery, where a bare name is a column. Source: docs.snowflake.com/en/developer-guide/snowflake-scripting/variables.
"""

from collections.abc import Iterable, Sequence

from pipeline.local.errors import compilation, syntax_error
from pipeline.local.literals import literal
from pipeline.local.scripting.scope import Row, Scope, Value
from pipeline.sql.lexer import Token, TokenKind, identifier_value, tokens
from pipeline.sql.names import RESERVED
from pipeline.sql.problems import END_OF_TEXT, line_of, position_of

_NAMES = (TokenKind.WORD, TokenKind.QUOTED)
_OPERANDS = (TokenKind.WORD, TokenKind.QUOTED, TokenKind.VARIABLE, TokenKind.BIND, TokenKind.STRING)


def in_sql(text: str, scope: Scope) -> str:
    """A statement with the values of its `:name` variables.

    Raises:
        SnowflakeError: 002049, there is no such variable.
    """
    found = list(tokens(text))
    return _rewritten(text, _sql_changes(found[: _body_start(found)], scope))


def in_expression(text: str, scope: Scope) -> str:
    """An expression of the script with the values of its variables."""
    found = list(tokens(text))
    subquery = _subquery_flags(found)
    changes = list(_sql_changes(found, scope))
    for index, token in enumerate(found):
        if token.kind in _NAMES and not subquery[index] and _stands_alone(found, index):
            changes.extend(_name_change(found, index, scope))
    return _rewritten(text, sorted(changes))


def bind_positions(text: str, values: Sequence[Value]) -> str:
    """A statement with values in the place of `?`, in order, or of `:1`, `:2`….

    Raises:
        SnowflakeError: there are not as many.
    """
    changes: list[tuple[int, int, str]] = []
    count = 0
    found = list(tokens(text))
    for before, token in zip([None, *found], found, strict=False):
        if token.text == "?":
            changes.append((token.start, token.end, _positional(values, count)))
            count += 1
        elif before is not None and before.text == ":" and token.kind is TokenKind.NUMBER and before.end == token.start:
            changes.append((before.start, token.end, _positional(values, int(token.text) - 1)))
    return _rewritten(text, changes)


def _positional(values: Sequence[Value], index: int) -> str:
    if not 0 <= index < len(values):
        raise compilation(f"Bind variable ? not set.: {index + 1}", 2049, "42601")
    return _literal(values[index])


def _literal(value: Value) -> str:
    text = literal(value.value, value.type)
    return f"({text})" if text.startswith("-") else text


def _rewritten(text: str, changes: Iterable[tuple[int, int, str]]) -> str:
    parts, position = [], 0
    for start, end, new in changes:
        parts += [text[position:start], new]
        position = end
    return "".join([*parts, text[position:]])


def _sql_changes(found: Sequence[Token], scope: Scope) -> Iterable[tuple[int, int, str]]:
    for index, token in enumerate(found):
        if token.kind is not TokenKind.BIND or _is_path(found, index):
            continue
        name = identifier_value(token._replace(text=token.text[1:]))
        field = _field(found, index, scope.find(name))
        if field is not None:
            yield token.start, found[index + 2].end, _literal(field)
            continue
        value = scope.value(name)
        if value is None:
            raise compilation(f"Bind variable :{token.text[1:]} not set.", 2049, "42601")
        yield token.start, token.end, _literal(value)


def _name_change(found: Sequence[Token], index: int, scope: Scope) -> Iterable[tuple[int, int, str]]:
    token = found[index]
    name = identifier_value(token)
    cell = scope.find(name)
    field = _field(found, index, cell)
    if field is not None:
        yield token.start, found[index + 2].end, _literal(field)
    elif (value := scope.value(name)) is not None:
        yield token.start, token.end, _literal(value)


def _field(found: Sequence[Token], index: int, cell: object) -> Value | None:
    """The value of row.column, when that is what stands there.

    Raises:
        SnowflakeError: 000904, the row has no such column.
    """
    if not isinstance(cell, Row) or found[index + 1].text != ".":
        return None
    column = found[index + 2]
    value = cell.get(identifier_value(column)) if column.kind in _NAMES else None
    if value is None:
        raise compilation(f"invalid identifier '{found[index].text}.{column.text}'", 904, "42000")
    return value


def _is_path(found: Sequence[Token], index: int) -> bool:
    """Whether `:name` goes into a VARIANT, as in `v:name`: it follows an operand without a gap."""
    if index == 0:
        return False
    before = found[index - 1]
    if before.end != found[index].start:
        return False
    return (before.kind in _OPERANDS and before.upper not in RESERVED) or before.text in (")", "]")


def _stands_alone(found: Sequence[Token], index: int) -> bool:
    """Whether a name is neither part of a longer one, nor a function, nor a type, nor an argument's name."""
    before = found[index - 1] if index else None
    after = found[index + 1]
    if before is not None and (before.text in (".", "::") or before.upper == "AS"):
        return False
    return after.text not in ("(", "=>")


def _subquery_flags(found: Sequence[Token]) -> list[bool]:
    """For each token, whether it lies within a subquery."""
    flags: list[bool] = []
    open_: list[bool] = []
    for index, token in enumerate(found):
        if token.text == "(":
            begins = found[index + 1].upper in ("SELECT", "WITH")
            open_.append(begins or (bool(open_) and open_[-1]))
        elif token.text == ")" and open_:
            open_.pop()
        flags.append(bool(open_) and open_[-1])
    return flags


def _body_start(found: Sequence[Token]) -> int:
    """The index of the token where the body of a routine or task begins: its variables are not this script's."""
    if not found or found[0].upper not in ("CREATE", "ALTER"):
        return len(found)
    for index, token in enumerate(found):
        if token.upper == "AS" and found[index + 1].upper in ("BEGIN", "DECLARE"):
            return index
    return len(found)


def cut_into(text: str) -> tuple[str, tuple[str, ...]]:
    """A statement without its INTO :a, :b, and the names of those variables; () when it has none.

    Raises:
        SnowflakeError: 001003, something else than variables follows INTO.
    """
    found = list(tokens(text))
    depth = 0
    for index, token in enumerate(found):
        depth += (token.text == "(") - (token.text == ")")
        if depth == 0 and token.kind is TokenKind.WORD and token.upper == "INTO":
            names, after = _targets(text, found, index + 1)
            return text[: token.start] + text[after:], names
    return text, ()


def _targets(text: str, found: Sequence[Token], index: int) -> tuple[tuple[str, ...], int]:
    names: list[str] = []
    while True:
        token = found[index]
        if token.kind is TokenKind.BIND:
            names.append(token.text[1:].upper())
        elif token.kind in _NAMES:
            names.append(identifier_value(token))
        else:
            shown = token.text or END_OF_TEXT
            raise syntax_error(shown, line_of(text, token.start), position_of(text, token.start))
        if found[index + 1].text != ",":
            return tuple(names), token.end
        index += 2
