"""Tables, views, dynamic tables, sequences."""

from dataclasses import dataclass
from enum import Enum

from pipeline.sql.grammar.model import (
    Clone,
    CreateMode,
    Fragment,
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


class Lifetime(Enum):
    """How long a table lasts and whether it has Fail-safe."""

    PERMANENT = "PERMANENT"
    TRANSIENT = "TRANSIENT"
    TEMPORARY = "TEMPORARY"


class ConstraintKind(Enum):
    """Constraints; only NOT NULL (a column's `nullable`) is enforced."""

    PRIMARY_KEY = "PRIMARY KEY"
    UNIQUE = "UNIQUE"
    FOREIGN_KEY = "FOREIGN KEY"


@dataclass(frozen=True, slots=True)
class Constraint:
    """A key, inline (then `columns` is that column) or out of line; `properties` is the text of ENFORCED, RELY…"""

    kind: ConstraintKind
    columns: tuple[str, ...]
    name: str | None = None
    references: QualifiedName | None = None
    reference_columns: tuple[str, ...] = ()
    properties: str = ""


@dataclass(frozen=True, slots=True)
class Identity:
    """AUTOINCREMENT | IDENTITY [(start, step)] [ORDER | NOORDER]; `ordered` None when not written (NOORDER)."""

    start: int = 1
    step: int = 1
    ordered: bool | None = None


@dataclass(frozen=True, slots=True)
class Column:
    """A column; `type` is None in CREATE TABLE t (a, b) AS SELECT without types. `name` is the stored name.

    `default` is the expression's text, `virtual` that of AS (…). `policies` are texts of masking policies and tags.
    """

    name: str
    type: DataType | None
    nullable: bool = True
    default: Fragment | None = None
    identity: Identity | None = None
    virtual: Fragment | None = None
    collation: str | None = None
    comment: str | None = None
    policies: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CreateTable(Statement):
    """CREATE TABLE in all its forms; at most one of `query`, `like`, `clone`, `template` is there.

    `constraints` holds inline and out-of-line keys. `cluster_by` are expressions' texts. `options` holds COMMENT,
    DATA_RETENTION_TIME_IN_DAYS, CHANGE_TRACKING, ENABLE_SCHEMA_EVOLUTION…; `recorded` texts of tags and policies.
    """

    name: QualifiedName
    mode: CreateMode
    lifetime: Lifetime
    columns: tuple[Column, ...]
    constraints: tuple[Constraint, ...]
    options: Options
    cluster_by: tuple[Fragment, ...] = ()
    copy_grants: bool = False
    query: Fragment | None = None
    like: QualifiedName | None = None
    clone: Clone | None = None
    template: Fragment | None = None
    recorded: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AddColumns:
    """ADD [COLUMN] [IF NOT EXISTS] column, …; `constraints` are the inline keys of the new columns."""

    columns: tuple[Column, ...]
    constraints: tuple[Constraint, ...]
    if_not_exists: bool


@dataclass(frozen=True, slots=True)
class DropColumns:
    """DROP [COLUMN] [IF EXISTS] name, …"""

    names: tuple[str, ...]
    if_exists: bool


@dataclass(frozen=True, slots=True)
class RenameColumn:
    """RENAME COLUMN old TO new."""

    old: str
    new: str


@dataclass(frozen=True, slots=True)
class SetNotNull:
    """[SET] NOT NULL."""


@dataclass(frozen=True, slots=True)
class DropNotNull:
    """DROP NOT NULL."""


@dataclass(frozen=True, slots=True)
class SetDataType:
    """[SET DATA] TYPE type."""

    type: DataType


@dataclass(frozen=True, slots=True)
class SetDefault:
    """SET DEFAULT expression (Snowflake takes sequence.NEXTVAL only)."""

    expression: Fragment


@dataclass(frozen=True, slots=True)
class DropDefault:
    """DROP DEFAULT."""


@dataclass(frozen=True, slots=True)
class SetColumnComment:
    """COMMENT 'text'; None for UNSET COMMENT."""

    text: str | None


@dataclass(frozen=True, slots=True)
class ColumnChange:
    """One change of one column in ALTER | MODIFY [COLUMN]."""

    column: str
    change: SetNotNull | DropNotNull | SetDataType | SetDefault | DropDefault | SetColumnComment | RecordedAction


@dataclass(frozen=True, slots=True)
class AlterColumns:
    """ALTER | MODIFY [COLUMN] change, …"""

    changes: tuple[ColumnChange, ...]


@dataclass(frozen=True, slots=True)
class ClusterBy:
    """CLUSTER BY (expressions); empty for DROP CLUSTERING KEY."""

    expressions: tuple[Fragment, ...]


@dataclass(frozen=True, slots=True)
class AddConstraint:
    """ADD [CONSTRAINT name] PRIMARY KEY | UNIQUE | FOREIGN KEY (…)."""

    constraint: Constraint


@dataclass(frozen=True, slots=True)
class DropConstraint:
    """DROP CONSTRAINT name | PRIMARY KEY | UNIQUE (…) | FOREIGN KEY (…)."""

    kind: ConstraintKind | None
    name: str | None
    columns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RenameConstraint:
    """RENAME CONSTRAINT old TO new."""

    old: str
    new: str


TableAction = (
    AddColumns
    | DropColumns
    | RenameColumn
    | AlterColumns
    | RenameTo
    | SwapWith
    | ClusterBy
    | SetOptions
    | UnsetOptions
    | AddConstraint
    | DropConstraint
    | RenameConstraint
    | RecordedAction
)


@dataclass(frozen=True, slots=True)
class AlterTable(Statement):
    """ALTER TABLE [IF EXISTS] name action."""

    name: QualifiedName
    if_exists: bool
    action: TableAction


@dataclass(frozen=True, slots=True)
class TruncateTable(Statement):
    """TRUNCATE [TABLE] [IF EXISTS] name."""

    name: QualifiedName
    if_exists: bool


@dataclass(frozen=True, slots=True)
class ViewColumn:
    """A column in a view's list."""

    name: str
    comment: str | None = None
    policies: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CreateView(Statement):
    """CREATE [SECURE] [RECURSIVE] [MATERIALIZED] VIEW; `columns` is empty when no list was written."""

    name: QualifiedName
    mode: CreateMode
    query: Fragment
    columns: tuple[ViewColumn, ...]
    options: Options
    secure: bool = False
    recursive: bool = False
    materialized: bool = False
    temporary: bool = False
    copy_grants: bool = False
    cluster_by: tuple[Fragment, ...] = ()
    recorded: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SetSecure:
    """ALTER VIEW … SET SECURE, UNSET SECURE."""

    secure: bool


ViewAction = (
    RenameTo | SetOptions | UnsetOptions | SetSecure | AlterColumns | Suspend | Resume | ClusterBy | RecordedAction
)


@dataclass(frozen=True, slots=True)
class AlterView(Statement):
    """ALTER [MATERIALIZED] VIEW [IF EXISTS] name action."""

    name: QualifiedName
    if_exists: bool
    action: ViewAction
    materialized: bool = False


@dataclass(frozen=True, slots=True)
class CreateDynamicTable(Statement):
    """CREATE [TRANSIENT] DYNAMIC TABLE; TARGET_LAG, WAREHOUSE, REFRESH_MODE, INITIALIZE are in `options`."""

    name: QualifiedName
    mode: CreateMode
    lifetime: Lifetime
    columns: tuple[Column, ...]
    options: Options
    query: Fragment | None
    clone: Clone | None = None
    cluster_by: tuple[Fragment, ...] = ()
    copy_grants: bool = False
    recorded: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RefreshTable:
    """ALTER DYNAMIC TABLE … REFRESH [COPY SESSION]."""


@dataclass(frozen=True, slots=True)
class AlterDynamicTable(Statement):
    """ALTER DYNAMIC TABLE [IF EXISTS] name action."""

    name: QualifiedName
    if_exists: bool
    action: (
        Suspend | Resume | RefreshTable | RenameTo | SwapWith | SetOptions | UnsetOptions | ClusterBy | RecordedAction
    )


@dataclass(frozen=True, slots=True)
class CreateSequence(Statement):
    """CREATE SEQUENCE; `ordered` is None when neither ORDER nor NOORDER was written."""

    name: QualifiedName
    mode: CreateMode
    start: int = 1
    increment: int = 1
    ordered: bool | None = None
    comment: str | None = None
    clone: Clone | None = None


@dataclass(frozen=True, slots=True)
class SetIncrement:
    """ALTER SEQUENCE … SET INCREMENT [BY] [=] n."""

    increment: int


@dataclass(frozen=True, slots=True)
class AlterSequence(Statement):
    """ALTER SEQUENCE [IF EXISTS] name action."""

    name: QualifiedName
    if_exists: bool
    action: RenameTo | SetIncrement | SetOptions | UnsetOptions | RecordedAction
