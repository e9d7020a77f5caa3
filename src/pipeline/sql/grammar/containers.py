"""Databases, schemas, warehouses; DROP and UNDROP of every kind; what is recorded only (roles, grants, tags…)."""

from dataclasses import dataclass

from pipeline.sql.grammar.model import (
    Clone,
    CreateMode,
    ObjectKind,
    Options,
    RecordedAction,
    RenameTo,
    Resume,
    SetOptions,
    Statement,
    Suspend,
    SwapWith,
    UnsetOptions,
)
from pipeline.sql.names import QualifiedName
from pipeline.sql.types import DataType


@dataclass(frozen=True, slots=True)
class CreateDatabase(Statement):
    """CREATE [TRANSIENT] DATABASE; `name.name` is its name."""

    name: QualifiedName
    mode: CreateMode
    transient: bool
    clone: Clone | None
    options: Options


@dataclass(frozen=True, slots=True)
class CreateSchema(Statement):
    """CREATE [TRANSIENT] SCHEMA; `name.schema` is the database as written: db.schema has schema=db, name=schema."""

    name: QualifiedName
    mode: CreateMode
    transient: bool
    managed_access: bool
    clone: Clone | None
    options: Options


@dataclass(frozen=True, slots=True)
class ManagedAccess:
    """ALTER SCHEMA … ENABLE | DISABLE MANAGED ACCESS."""

    enabled: bool


@dataclass(frozen=True, slots=True)
class AlterContainer(Statement):
    """ALTER DATABASE | SCHEMA."""

    kind: ObjectKind
    name: QualifiedName
    if_exists: bool
    action: RenameTo | SwapWith | SetOptions | UnsetOptions | ManagedAccess | RecordedAction


@dataclass(frozen=True, slots=True)
class CreateWarehouse(Statement):
    """CREATE WAREHOUSE name [WITH] options."""

    name: QualifiedName
    mode: CreateMode
    options: Options


@dataclass(frozen=True, slots=True)
class AbortAllQueries:
    """ALTER WAREHOUSE … ABORT ALL QUERIES."""


@dataclass(frozen=True, slots=True)
class AlterWarehouse(Statement):
    """ALTER WAREHOUSE [IF EXISTS] [name]; None is the current warehouse."""

    name: QualifiedName | None
    if_exists: bool
    action: RenameTo | SetOptions | UnsetOptions | Suspend | Resume | AbortAllQueries | RecordedAction


@dataclass(frozen=True, slots=True)
class CreateRecorded(Statement):
    """CREATE of a kind that has no effect on rows here (role, tag, integration, policy…): kept as text."""

    kind: ObjectKind
    name: QualifiedName
    mode: CreateMode
    text: str


@dataclass(frozen=True, slots=True)
class AlterRecorded(Statement):
    """ALTER of such a kind, kept as text; `name` is None for ALTER ACCOUNT."""

    kind: ObjectKind
    name: QualifiedName | None
    if_exists: bool
    text: str


@dataclass(frozen=True, slots=True)
class Drop(Statement):
    """DROP kind [IF EXISTS] name; `arguments` is the signature of a procedure or function."""

    kind: ObjectKind
    name: QualifiedName
    if_exists: bool
    cascade: bool | None = None
    """True for CASCADE, False for RESTRICT, None when neither was written."""
    arguments: tuple[DataType, ...] | None = None


@dataclass(frozen=True, slots=True)
class Undrop(Statement):
    """UNDROP kind name."""

    kind: ObjectKind
    name: QualifiedName


@dataclass(frozen=True, slots=True)
class Grant(Statement):
    """GRANT … (or REVOKE …, with `revoke`), kept as text."""

    revoke: bool
    text: str
