"""What the clauses of SHOW choose: scope, LIKE, STARTS WITH, LIMIT … FROM.

Source: the clauses' text on docs.snowflake.com/en/sql-reference/sql/show-tables and its sisters.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.local.catalog import Object
from pipeline.local.errors import SnowflakeError, compilation, no_current
from pipeline.local.information.rows import Record
from pipeline.local.objects import Kind
from pipeline.local.session import Session
from pipeline.sql.grammar.model import ObjectKind
from pipeline.sql.grammar.session import Scope, ScopeKind, Show
from pipeline.sql.names import QualifiedName

MOST_ROWS = 10_000


@dataclass(frozen=True, slots=True)
class Where:
    """The part of the account that a listing covers; both None is all of it."""

    database: str | None = None
    schema: str | None = None
    member: Object | None = None
    """One object, for columns and keys."""


def missing() -> SnowflakeError:
    """002043: what SHOW and DESCRIBE say of a container or object that is not there."""
    return compilation("Object does not exist, or operation cannot be performed.", 2043, "02000")


def in_schemas(session: Session, scope: Scope | None) -> Where:
    """The scope of objects that lie in a schema.

    Without IN: the current schema, else the current database, else the account.

    Raises:
        SnowflakeError: 002043, no such database or schema; 090105, IN DATABASE without a current one.
    """
    if scope is None:
        return Where(session.database, session.schema)
    if scope.kind is ScopeKind.DATABASE:
        return Where(database(session, scope.name))
    if scope.kind in (ScopeKind.SCHEMA, ScopeKind.UNSTATED):
        return _schema(session, scope.name)
    if scope.kind is ScopeKind.OBJECT:
        return _of_object(session, scope)
    return Where()


def in_databases(session: Session, scope: Scope | None) -> Where:
    """The scope of schemas: without IN the current database, else the account."""
    if scope is None:
        return Where(session.database)
    if scope.kind in (ScopeKind.DATABASE, ScopeKind.UNSTATED):
        return Where(database(session, scope.name))
    if scope.kind is ScopeKind.ACCOUNT:
        return Where()
    raise missing()


def of_table(session: Session, scope: Scope | None) -> Where:
    """The scope of columns and keys: IN name alone is a table or view."""
    if scope is not None and scope.kind is ScopeKind.UNSTATED:
        return _of_object(session, scope)
    return in_schemas(session, scope)


def database(session: Session, name: QualifiedName | None) -> str:
    found = name.name if name is not None else session.database
    if found is None:
        raise no_current("database", "SHOW")
    if session.catalog.find(Kind.DATABASE, (None, None, found)) is None:
        raise missing()
    return found


def _schema(session: Session, name: QualifiedName | None) -> Where:
    if name is None:
        if session.schema is None:
            raise no_current("schema", "SHOW")
        return Where(session.database, session.schema)
    home = name.schema or session.database
    if home is None:
        raise no_current("database", "SHOW")
    if name.name != "INFORMATION_SCHEMA" and session.catalog.find(Kind.SCHEMA, (home, None, name.name)) is None:
        raise missing()
    return Where(database(session, QualifiedName.of(home)), name.name)


_MEMBERS = {ObjectKind.TABLE: (Kind.TABLE, Kind.VIEW), ObjectKind.VIEW: (Kind.VIEW,), None: (Kind.TABLE, Kind.VIEW)}


def _of_object(session: Session, scope: Scope) -> Where:
    kinds = _MEMBERS.get(scope.object_kind)
    if kinds is None or scope.name is None:
        raise missing()
    return Where(member=session.require(kinds, scope.name))


def like(pattern: str, text: str) -> bool:
    """SQL's LIKE without regard to case, `\\` before a wildcard taking it as it is."""
    parts = re.findall(r"\\.|.", pattern, re.DOTALL)
    wild = {"%": ".*", "_": "."}
    expression = "".join(wild.get(part) or re.escape(part[-1]) for part in parts)
    return re.fullmatch(expression, text, re.IGNORECASE | re.DOTALL) is not None


def chosen(statement: Show, records: Sequence[Record], name: str = "name") -> list[Record]:
    """The records that LIKE, STARTS WITH and LIMIT … FROM leave, in the order given.

    Raises:
        SnowflakeError: 090153, more than 10,000 rows without LIMIT.
    """
    found = [record for record in records if _wanted(statement, str(record[name]))]
    if statement.limit is not None:
        return found[: statement.limit]
    if len(found) > MOST_ROWS:
        raise SnowflakeError(
            f"The result set size exceeded the max number of rows({MOST_ROWS}) supported for SHOW statements. "
            "Use LIMIT option to limit result set to a smaller number.",
            90153,
            "22000",
        )
    return found


def _wanted(statement: Show, name: str) -> bool:
    if statement.like is not None and not like(statement.like, name):
        return False
    if statement.starts_with is not None and not name.startswith(statement.starts_with):
        return False
    return statement.limit_from is None or name > statement.limit_from
