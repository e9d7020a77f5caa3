"""Effects of queries, DML, session statements, SHOW, blocks and calls."""

from pipeline.sql.effects.model import Effects, StatementKind, Target, targets, union
from pipeline.sql.effects.queries import query_effects
from pipeline.sql.effects.registry import Reading, Rule
from pipeline.sql.grammar.model import Block, Dml, Flow, ObjectKind, Query, Statement, Unsupported
from pipeline.sql.grammar.session import (
    AlterSession,
    BeginTransaction,
    Call,
    Comment,
    Commit,
    Describe,
    DescribeResult,
    ExecuteImmediate,
    ExecuteImmediateFrom,
    Explain,
    Rollback,
    SetVariables,
    Show,
    UnsetVariables,
    Use,
    UseKind,
)
from pipeline.sql.grammar.tables import TruncateTable

_USED = {
    UseKind.ROLE: ObjectKind.ROLE,
    UseKind.WAREHOUSE: ObjectKind.WAREHOUSE,
    UseKind.DATABASE: ObjectKind.DATABASE,
    UseKind.SCHEMA: ObjectKind.SCHEMA,
}


def _query(statement: Query, _: Reading) -> Effects:
    return query_effects(statement.text)


def _dml(statement: Dml, _: Reading) -> Effects:
    found = query_effects(statement.text, StatementKind.DML)
    if statement.target is None:
        return found.joined(Effects(StatementKind.DML, unknown=True))
    return found.joined(Effects(StatementKind.DML, writes=targets(None, statement.target)))


def _truncate(statement: TruncateTable, _: Reading) -> Effects:
    return Effects(StatementKind.DML, writes=targets(ObjectKind.TABLE, statement.name))


def _flow(statement: Flow, reading: Reading) -> Effects:
    return union((reading.code(part.text) for part in statement.parts), StatementKind.QUERY)


def _block(statement: Block, reading: Reading) -> Effects:
    return union([reading.code(statement.text)], StatementKind.CALL)


def _use(statement: Use, _: Reading) -> Effects:
    if statement.name is None:
        return Effects(StatementKind.SESSION)
    return Effects(StatementKind.SESSION, reads=targets(_USED[statement.kind], statement.name))


def _set(statement: SetVariables, _: Reading) -> Effects:
    queries = (query_effects(f"SELECT ({value.text})") for value in statement.values)
    return union(queries, StatementKind.SESSION)


def _session(_statement: Statement, _: Reading) -> Effects:
    return Effects(StatementKind.SESSION)


def _transaction(_statement: Statement, _: Reading) -> Effects:
    return Effects(StatementKind.TRANSACTION)


def _show(_statement: Statement, _: Reading) -> Effects:
    return Effects(StatementKind.SHOW)


def _describe(statement: Describe, _: Reading) -> Effects:
    return Effects(StatementKind.SHOW, reads=targets(statement.kind, statement.name))


def _explain(statement: Explain, reading: Reading) -> Effects:
    inner = reading.code(statement.statement.text)
    return Effects(StatementKind.SHOW, reads=inner.reads | inner.writes, unknown=inner.unknown)


def _comment(statement: Comment, _: Reading) -> Effects:
    kind = ObjectKind.TABLE if statement.kind is ObjectKind.COLUMN else statement.kind
    return Effects(StatementKind.DDL, alters=targets(kind, statement.name))


def _call(statement: Call, _: Reading) -> Effects:
    arguments = (query_effects(f"SELECT {argument.value.text}") for argument in statement.arguments)
    called = Effects(StatementKind.CALL, reads=frozenset({Target(ObjectKind.PROCEDURE, statement.name)}), unknown=True)
    return union([called, *arguments], StatementKind.CALL)


def _immediate(statement: ExecuteImmediate, reading: Reading) -> Effects:
    if statement.literal is None:
        return Effects(StatementKind.CALL, unknown=True)
    return union([reading.code(statement.literal.text)], StatementKind.CALL)


def _unknown(_statement: Statement, _: Reading) -> Effects:
    return Effects(StatementKind.OTHER, unknown=True)


RULES: dict[type[Statement], Rule] = {
    Query: _query,
    Dml: _dml,
    TruncateTable: _truncate,
    Flow: _flow,
    Block: _block,
    Use: _use,
    SetVariables: _set,
    UnsetVariables: _session,
    AlterSession: _session,
    BeginTransaction: _transaction,
    Commit: _transaction,
    Rollback: _transaction,
    Show: _show,
    DescribeResult: _show,
    Describe: _describe,
    Explain: _explain,
    Comment: _comment,
    Call: _call,
    ExecuteImmediate: _immediate,
    ExecuteImmediateFrom: _unknown,
    Unsupported: _unknown,
}
