"""The text of a block as data. Statements of SQL stay text: only their ends are found here."""

from collections.abc import Callable
from functools import lru_cache

from pipeline.local.errors import unsupported
from pipeline.local.scripting import model
from pipeline.sql.blocks import begins_transaction, block_statement_end
from pipeline.sql.grammar.model import Fragment
from pipeline.sql.grammar.reader import Reader
from pipeline.sql.lexer import TokenKind

_ENDS = ("END", "EXCEPTION", "ELSE", "ELSEIF", "WHEN", "UNTIL")
"""Words that end a list of statements."""
_NAME_ENDS = (";", "END")


@lru_cache(maxsize=500)
def parse_script(text: str) -> model.Script:
    """Read a block.

    Raises:
        TextProblem: it is not one, with the place.
        SnowflakeError: it holds what the local account does not support, by name.
    """
    reader = Reader(text)
    script = _script(reader)
    reader.expect_end()
    return script


# --- blocks and declarations ------------------------------------------------------------------------------------


def _script(reader: Reader) -> model.Script:
    at = reader.peek().start
    declarations: list[model.Declaration] = []
    if reader.take("DECLARE"):
        while not reader.at("BEGIN"):
            declarations.append(_declaration(reader))
            reader.expect(";")
    reader.expect("BEGIN")
    body = _statements(reader)
    handlers = _handlers(reader) if reader.take("EXCEPTION") else ()
    reader.expect("END")
    _label(reader)
    return model.Script(tuple(declarations), body, handlers, at)


def _handlers(reader: Reader) -> tuple[model.Handler, ...]:
    found = []
    while reader.take("WHEN"):
        names = [reader.identifier()]
        while reader.take("OR"):
            names.append(reader.identifier())
        if reader.at("CONTINUE"):
            raise unsupported("An exception handler that continues (CONTINUE)")
        reader.take("EXIT")
        reader.expect("THEN")
        found.append(model.Handler(tuple(names), _statements(reader)))
    if not found:
        reader.fail()
    return tuple(found)


def _declaration(reader: Reader) -> model.Declaration:
    """name CURSOR …, name RESULTSET …, name EXCEPTION …, or a variable; up to its semicolon."""
    at = reader.peek().start
    name = reader.identifier()
    if reader.take("EXCEPTION"):
        number, message = -20_000, ""
        if reader.take("("):
            number = reader.integer()
            if reader.take(","):
                message = reader.string()
            reader.expect(")")
        return model.ExceptionName(name, number, message, at)
    if reader.at("PROCEDURE"):
        raise unsupported("A procedure declared within a block")
    return _value_declaration(reader, name, at)


def _value_declaration(reader: Reader, name: str, at: int) -> model.Variable | model.Cursor | model.ResultSet:
    if reader.take("CURSOR"):
        reader.expect("FOR")
        return model.Cursor(name, _to_semicolon(reader), at)
    if reader.take("RESULTSET"):
        query = _unwrapped(_query_value(reader)) if _take_assignment(reader) else None
        return model.ResultSet(name, query, at)
    kind = reader.data_type() if reader.at_type() else None
    if kind is not None and reader.take("NOT", "NULL"):
        raise unsupported("NOT NULL of a scripting variable")
    value = _to_semicolon(reader) if _take_assignment(reader) else None
    if kind is None and value is None:
        reader.fail()
    return model.Variable(name, kind, value, at)


def _take_assignment(reader: Reader) -> bool:
    return reader.take(":=") or reader.take("DEFAULT")


def _query_value(reader: Reader) -> Fragment:
    if reader.at("ASYNC"):
        raise unsupported("ASYNC")
    return _to_semicolon(reader)


def _unwrapped(fragment: Fragment) -> Fragment:
    """Without the parentheses around it."""
    reader = Reader(fragment.text)
    if not reader.at("("):
        return fragment
    inner = reader.parenthesised()
    return Fragment(inner.text, fragment.offset + inner.offset) if reader.at_end else fragment


# --- statements -------------------------------------------------------------------------------------------------


def _statements(reader: Reader) -> tuple[model.Statement, ...]:
    found: list[model.Statement] = []
    while reader.word not in _ENDS:
        if reader.take(";"):
            continue
        if reader.at_end:
            reader.fail()
        found.append(_statement(reader))
        reader.expect(";")
    return tuple(found)


def _statement(reader: Reader) -> model.Statement:
    token = reader.peek()
    if reader.at_identifier() and reader.peek(1).text == ":=":
        name = reader.identifier()
        reader.expect(":=")
        return model.Assign(name, _query_value(reader), token.start)
    if token.kind is TokenKind.WORD and not _starts_transaction(reader):
        parse = _PARSERS.get(token.upper)
        if parse is not None:
            return parse(reader, token.start)
    return _sql(reader)


def _starts_transaction(reader: Reader) -> bool:
    token = reader.peek()
    return token.upper == "BEGIN" and begins_transaction(reader.text, token.end)


def _sql(reader: Reader) -> model.Sql:
    start = reader.peek().start
    end, after = block_statement_end(reader.text, start)
    while reader.peek().start < after and not reader.at_end:
        reader.index += 1
    return model.Sql(reader.text[start:end], start)


def _block(reader: Reader, at: int) -> model.Statement:
    del at
    return _script(reader)


def _let(reader: Reader, at: int) -> model.Statement:
    reader.expect("LET")
    name_at = reader.peek().start
    return model.Let(_value_declaration(reader, reader.identifier(), name_at), at)


def _if(reader: Reader, at: int) -> model.Statement:
    reader.expect("IF")
    branches = [_branch(reader)]
    while True:
        if reader.take("ELSEIF"):
            branches.append(_branch(reader))
        elif reader.take("ELSE"):
            otherwise = _statements(reader)
            break
        else:
            otherwise = ()
            break
    reader.expect("END", "IF")
    return model.If(tuple(branches), otherwise, at)


def _branch(reader: Reader) -> model.Branch:
    condition = _expression(reader, "THEN")
    reader.expect("THEN")
    return model.Branch(condition, _statements(reader))


def _case(reader: Reader, at: int) -> model.Statement:
    reader.expect("CASE")
    operand = None if reader.at("WHEN") else _expression(reader, "WHEN")
    branches = []
    while reader.take("WHEN"):
        branches.append(_branch(reader))
    if not branches:
        reader.fail()
    otherwise = _statements(reader) if reader.take("ELSE") else ()
    reader.expect("END")
    reader.take("CASE")
    return model.Case(operand, tuple(branches), otherwise, at)


def _for(reader: Reader, at: int) -> model.Statement:
    reader.expect("FOR")
    variable = reader.identifier()
    reader.expect("IN")
    reverse = reader.take("REVERSE")
    if not reverse and reader.at_identifier() and reader.peek(1).upper in ("DO", "LOOP"):
        source = reader.identifier()
        body, label = _loop_body(reader, "FOR", reader.expect_one_of("DO", "LOOP"))
        return model.ForRows(variable, source, body, label, at)
    first = _expression(reader, "TO")
    reader.expect("TO")
    last = _expression(reader, "DO", "LOOP")
    body, label = _loop_body(reader, "FOR", reader.expect_one_of("DO", "LOOP"))
    return model.ForRange(variable, reverse, first, last, body, label, at)


def _while(reader: Reader, at: int) -> model.Statement:
    reader.expect("WHILE")
    condition = _expression(reader, "DO", "LOOP")
    body, label = _loop_body(reader, "WHILE", reader.expect_one_of("DO", "LOOP"))
    return model.Loop(model.Turn.WHILE, condition, body, label, at)


def _loop_body(reader: Reader, word: str, opened_by: str) -> tuple[tuple[model.Statement, ...], str | None]:
    """The statements up to END FOR | END WHILE, or END LOOP where LOOP opened them; and the label."""
    body = _statements(reader)
    reader.expect("END", "LOOP" if opened_by == "LOOP" else word)
    return body, _label(reader)


def _repeat(reader: Reader, at: int) -> model.Statement:
    reader.expect("REPEAT")
    body = _statements(reader)
    reader.expect("UNTIL")
    condition = _expression(reader, "END")
    reader.expect("END", "REPEAT")
    return model.Loop(model.Turn.UNTIL, condition, body, _label(reader), at)


def _loop(reader: Reader, at: int) -> model.Statement:
    reader.expect("LOOP")
    body = _statements(reader)
    reader.expect("END", "LOOP")
    return model.Loop(model.Turn.FOREVER, None, body, _label(reader), at)


def _label(reader: Reader) -> str | None:
    return reader.identifier() if reader.at_identifier() else None


def _break(reader: Reader, at: int) -> model.Statement:
    reader.index += 1
    return model.Break(_label(reader), at)


def _continue(reader: Reader, at: int) -> model.Statement:
    reader.index += 1
    return model.Continue(_label(reader), at)


def _return(reader: Reader, at: int) -> model.Statement:
    reader.expect("RETURN")
    if reader.at("TABLE", "("):
        reader.expect("TABLE")
        return model.ReturnTable(reader.parenthesised(), at)
    return model.Return(None if reader.at(";") else _to_semicolon(reader), at)


def _raise(reader: Reader, at: int) -> model.Statement:
    reader.expect("RAISE")
    return model.Raise(_label(reader), at)


def _open(reader: Reader, at: int) -> model.Statement:
    reader.expect("OPEN")
    name = reader.identifier()
    using = reader.parenthesised_list(lambda: _item(reader)) if reader.take("USING") else ()
    return model.Open(name, using, at)


def _item(reader: Reader) -> Fragment:
    return reader.fragment(lambda inner: inner.at(",") or inner.at(")"))


def _fetch(reader: Reader, at: int) -> model.Statement:
    reader.expect("FETCH")
    name = reader.identifier()
    reader.expect("INTO")
    targets = [_target(reader)]
    while reader.take(","):
        targets.append(_target(reader))
    return model.Fetch(name, tuple(targets), at)


def _target(reader: Reader) -> str:
    """A variable to fill: name or :name."""
    if reader.peek().kind is TokenKind.BIND:
        return reader.advance().text[1:].upper()
    return reader.identifier()


def _close(reader: Reader, at: int) -> model.Statement:
    reader.expect("CLOSE")
    return model.Close(reader.identifier(), at)


def _null(reader: Reader, at: int) -> model.Statement:
    reader.expect("NULL")
    return model.Nothing(at)


def _refuse(reader: Reader, at: int) -> model.Statement:
    del at
    raise unsupported(reader.word)


_PARSERS: dict[str, Callable[[Reader, int], model.Statement]] = {
    "ASYNC": _refuse,
    "AWAIT": _refuse,
    "CANCEL": _refuse,
    "BEGIN": _block,
    "DECLARE": _block,
    "LET": _let,
    "IF": _if,
    "CASE": _case,
    "FOR": _for,
    "WHILE": _while,
    "REPEAT": _repeat,
    "LOOP": _loop,
    "BREAK": _break,
    "EXIT": _break,
    "CONTINUE": _continue,
    "ITERATE": _continue,
    "RETURN": _return,
    "RAISE": _raise,
    "OPEN": _open,
    "FETCH": _fetch,
    "CLOSE": _close,
    "NULL": _null,
}


# --- expressions ------------------------------------------------------------------------------------------------


def _to_semicolon(reader: Reader) -> Fragment:
    return reader.fragment(lambda inner: inner.at(";"))


def _expression(reader: Reader, *stops: str) -> Fragment:
    """The text up to one of these words, where no CASE … END is open."""
    cases = 0

    def stop(inner: Reader) -> bool:
        nonlocal cases
        if inner.at("CASE"):
            cases += 1
        elif cases and inner.at("END"):
            cases -= 1
        elif not cases:
            return inner.word in stops
        return False

    return reader.fragment(stop)
