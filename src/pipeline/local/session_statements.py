"""USE, SET, UNSET, ALTER SESSION, BEGIN, COMMIT, ROLLBACK, EXPLAIN."""

from collections.abc import Callable
from typing import Any

from pipeline.local import queries
from pipeline.local.answers import Answer, done
from pipeline.local.errors import SnowflakeError, compilation, no_current, unsupported
from pipeline.local.literals import literal
from pipeline.local.objects import Kind
from pipeline.local.protocol import StatementType
from pipeline.local.session import Session, Variable
from pipeline.sql.grammar.session import (
    AlterSession,
    BeginTransaction,
    Commit,
    Explain,
    Rollback,
    SetVariables,
    UnsetVariables,
    Use,
    UseKind,
)

_LONGEST_VARIABLE = 256


def _missing() -> SnowflakeError:
    return compilation("Object does not exist, or operation cannot be performed.", 2043, "02000")


def _use(session: Session, statement: Use) -> Answer:
    context = session.context
    if statement.kind is UseKind.SECONDARY_ROLES:
        context.secondary_roles = ", ".join(statement.roles)
        return done(StatementType.USE)
    assert statement.name is not None
    name = statement.name
    match statement.kind:
        case UseKind.ROLE:
            _require(session, Kind.ROLE, (None, None, name.name))
            context.role = name.name
        case UseKind.WAREHOUSE:
            _require(session, Kind.WAREHOUSE, (None, None, name.name))
            context.warehouse = name.name
        case UseKind.DATABASE:
            _require(session, Kind.DATABASE, (None, None, name.name))
            has_public = session.catalog.find(Kind.SCHEMA, (name.name, None, "PUBLIC")) is not None
            context.database, context.schema = name.name, "PUBLIC" if has_public else None
        case UseKind.SCHEMA:
            database = name.schema or session.database
            if database is None:
                raise no_current("database", "USE SCHEMA")
            if name.name != "INFORMATION_SCHEMA":
                _require(session, Kind.SCHEMA, (database, None, name.name))
            context.database, context.schema = database, name.name
    return done(StatementType.USE)


def _require(session: Session, kind: Kind, place: tuple[str | None, str | None, str]) -> None:
    if session.catalog.find(kind, place) is None:
        raise _missing()


def _set(session: Session, statement: SetVariables) -> Answer:
    if len(statement.values) == 1 and len(statement.names) > 1:
        answer = queries.select(session, statement.values[0].text, {})
        if len(answer.columns) != len(statement.names) or len(answer.rows) != 1:
            raise compilation("SET needs one value for each variable.", 2218, "42601")
        pairs = list(zip(answer.rows[0], answer.columns, strict=True))
    else:
        pairs = [queries.evaluate(session, value.text) for value in statement.values]
    for name, (value, column) in zip(statement.names, pairs, strict=True):
        if isinstance(value, str) and len(value) > _LONGEST_VARIABLE:
            raise SnowflakeError(
                f"Assignment to '{name}' not done because value exceeds size limit for variables. Its size is "
                f"{len(value)}; the limit is 256 (internal storage size in bytes).",
                1,
                "22000",
            )
        session.variables[name] = Variable(literal(value, column.type), _shown(value), column.type.kind.value)
    return done(StatementType.SCL)


def _shown(value: object) -> str:
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def _unset(session: Session, statement: UnsetVariables) -> Answer:
    for name in statement.names:
        session.variables.pop(name, None)
    return done(StatementType.SCL)


def _alter_session(session: Session, statement: AlterSession) -> Answer:
    """A change of AUTOCOMMIT commits the open transaction (docs: sql-reference/transactions)."""
    autocommit = session.parameters.flag("AUTOCOMMIT")
    for option in statement.options:
        session.parameters.set(option.name, option.value.text)
    for name in statement.unset:
        session.parameters.unset(name)
    session.apply_zone()
    if session.parameters.flag("AUTOCOMMIT") is not autocommit:
        session.commit()
    return done(StatementType.ALTER_SESSION)


def _begin(session: Session, statement: BeginTransaction) -> Answer:
    session.begin(statement.name)
    return done(StatementType.TCL)


def _commit(session: Session, statement: Commit) -> Answer:
    del statement
    session.commit()
    return done(StatementType.TCL)


def _rollback(session: Session, statement: Rollback) -> Answer:
    del statement
    session.rollback()
    return done(StatementType.TCL)


def _explain(session: Session, statement: Explain) -> Answer:
    del session, statement
    raise unsupported("EXPLAIN")


HANDLERS: dict[type, Callable[[Session, Any], Answer]] = {
    Use: _use,
    SetVariables: _set,
    UnsetVariables: _unset,
    AlterSession: _alter_session,
    BeginTransaction: _begin,
    Commit: _commit,
    Rollback: _rollback,
    Explain: _explain,
}
