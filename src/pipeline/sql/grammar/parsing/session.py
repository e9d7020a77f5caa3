"""USE, SET, ALTER SESSION, transactions, CALL, EXECUTE IMMEDIATE, EXPLAIN, COMMENT."""

from collections.abc import Callable

from pipeline.sql.blocks import begins_transaction
from pipeline.sql.grammar.model import Block, Fragment, ObjectKind, Options, Statement, Unsupported
from pipeline.sql.grammar.options import options, word_list
from pipeline.sql.grammar.parsing.common import expect_kind, take_if_exists
from pipeline.sql.grammar.parsing.stages import at_stage, stage_ref
from pipeline.sql.grammar.reader import Reader, comma, end
from pipeline.sql.grammar.session import (
    AlterSession,
    BeginTransaction,
    Call,
    CallArgument,
    Comment,
    Commit,
    ExecuteImmediate,
    ExecuteImmediateFrom,
    Explain,
    ExplainFormat,
    Rollback,
    SetVariables,
    UnsetVariables,
    Use,
    UseKind,
)
from pipeline.sql.lexer import TokenKind
from pipeline.sql.names import QualifiedName


def use(reader: Reader) -> Use:
    reader.expect("USE")
    if reader.take("SECONDARY", "ROLES"):
        roles = [reader.identifier()]
        while reader.take(","):
            roles.append(reader.identifier())
        return Use(UseKind.SECONDARY_ROLES, None, tuple(roles))
    if reader.peek(1).kind is not TokenKind.END and reader.peek(1).text != ".":
        for kind in (UseKind.ROLE, UseKind.WAREHOUSE, UseKind.DATABASE, UseKind.SCHEMA):
            if reader.take(kind.value):
                return Use(kind, reader.name())
    name = reader.name()
    return Use(UseKind.DATABASE if name.schema is None else UseKind.SCHEMA, name)


def set_variables(reader: Reader) -> SetVariables:
    reader.expect("SET")
    if not reader.at("("):
        name = reader.identifier().upper()
        reader.expect("=")
        return SetVariables((name,), (reader.rest(),))
    names = tuple(name.upper() for name in reader.identifiers())
    reader.expect("=")
    if reader.peek(1).upper in ("SELECT", "WITH"):
        return SetVariables(names, (reader.parenthesised(),))
    values = reader.parenthesised_list(lambda: reader.fragment(comma))
    if len(values) != len(names):
        raise reader.problem(f"SET has {len(names)} names and {len(values)} values.")
    return SetVariables(names, values)


def unset_variables(reader: Reader) -> UnsetVariables:
    reader.expect("UNSET")
    if reader.at("("):
        return UnsetVariables(tuple(name.upper() for name in reader.identifiers()))
    return UnsetVariables(word_list(reader))


def alter_session(reader: Reader) -> AlterSession:
    reader.expect("ALTER", "SESSION")
    if reader.take("UNSET"):
        return AlterSession(Options(), word_list(reader))
    reader.expect("SET")
    found = options(reader)
    if not found:
        reader.fail()
    return AlterSession(found)


def begin(reader: Reader) -> Statement:
    """BEGIN of a transaction, or of a block, which stays text."""
    if not begins_transaction(reader.text, reader.peek().end):
        return Block(reader.rest().text)
    reader.expect("BEGIN")
    reader.take_one_of("TRANSACTION", "WORK")
    return BeginTransaction(reader.identifier() if reader.take("NAME") else None)


def start_transaction(reader: Reader) -> BeginTransaction:
    reader.expect("START", "TRANSACTION")
    return BeginTransaction(reader.identifier() if reader.take("NAME") else None)


def declare(reader: Reader) -> Block:
    return Block(reader.rest().text)


def commit(reader: Reader) -> Commit:
    reader.expect("COMMIT")
    reader.take("WORK")
    return Commit()


def rollback(reader: Reader) -> Rollback:
    reader.expect("ROLLBACK")
    reader.take("WORK")
    return Rollback()


def _argument(reader: Reader) -> CallArgument:
    name = None
    if reader.peek(1).text == "=>":
        name = reader.identifier()
        reader.expect("=>")
    return CallArgument(name, reader.fragment(comma))


def call(reader: Reader) -> Call:
    reader.expect("CALL")
    name = reader.name()
    arguments = reader.parenthesised_list(lambda: _argument(reader))
    into = None
    if reader.take("INTO"):
        token = reader.advance()
        if token.kind is not TokenKind.BIND:
            reader.index -= 1
            reader.fail()
        into = token.text[1:].upper()
    return Call(name, arguments, into)


def execute_immediate(reader: Reader) -> Statement:
    reader.expect("EXECUTE", "IMMEDIATE")
    if reader.take("FROM"):
        return _immediate_from(reader)
    literal: Fragment | None = None
    if reader.at_literal() and (reader.peek(1).kind is TokenKind.END or reader.peek(1).upper == "USING"):
        token = reader.peek()
        opening = 2 if token.kind is TokenKind.DOLLARS else 1
        literal = Fragment(reader.string(), token.start + opening)
        expression = Fragment(token.text, token.start)
    else:
        expression = reader.fragment(lambda at: end(at) or at.at("USING"))
    using = reader.identifiers() if reader.take("USING") else ()
    return ExecuteImmediate(expression, literal, using)


def _immediate_from(reader: Reader) -> Statement:
    if reader.at_literal() and not at_stage(reader):  # a path relative to the file that runs
        reader.rest()
        return Unsupported("EXECUTE IMMEDIATE FROM a relative path", reader.text)
    file = stage_ref(reader)
    using = reader.parenthesised_list(lambda: _argument(reader)) if reader.take("USING") else ()
    dry_run = options(reader, "EXECUTE IMMEDIATE FROM", {"DRY_RUN"}).get("DRY_RUN")
    return ExecuteImmediateFrom(file, using, dry_run is not None and dry_run.word == "TRUE")


def explain(reader: Reader) -> Explain:
    reader.expect("EXPLAIN")
    chosen = ExplainFormat.TABULAR
    if reader.take("USING"):
        chosen = ExplainFormat(reader.expect_one_of(*(known.value for known in ExplainFormat)))
    return Explain(chosen, reader.rest())


def comment(reader: Reader) -> Comment:
    reader.expect("COMMENT")
    if_exists = take_if_exists(reader)
    reader.expect("ON")
    kind = expect_kind(reader)
    column = None
    if kind is ObjectKind.COLUMN:
        *table, column = reader.dotted()
        if not table:
            reader.fail(hint="A column is named with its table: COMMENT ON COLUMN table.column IS '…'.")
        name = QualifiedName.of(*table)
    else:
        name = reader.name()
    arguments = reader.signature() if reader.at("(") else None
    reader.expect("IS")
    return Comment(kind, name, reader.string(), column, if_exists, arguments)


STATEMENTS: dict[tuple[str, ...], Callable[[Reader], Statement]] = {
    ("USE",): use,
    ("SET",): set_variables,
    ("UNSET",): unset_variables,
    ("ALTER", "SESSION"): alter_session,
    ("BEGIN",): begin,
    ("START", "TRANSACTION"): start_transaction,
    ("DECLARE",): declare,
    ("COMMIT",): commit,
    ("ROLLBACK",): rollback,
    ("CALL",): call,
    ("EXECUTE", "IMMEDIATE"): execute_immediate,
    ("EXPLAIN",): explain,
    ("COMMENT",): comment,
}
