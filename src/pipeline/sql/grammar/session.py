"""Statements about the session: USE, SET, ALTER SESSION, transactions, SHOW, DESCRIBE, CALL, EXPLAIN, COMMENT."""

from dataclasses import dataclass
from enum import Enum

from pipeline.sql.grammar.model import Fragment, ObjectKind, Options, Statement
from pipeline.sql.grammar.stages import StageRef
from pipeline.sql.names import QualifiedName
from pipeline.sql.types import DataType


class UseKind(Enum):
    """What USE makes current."""

    ROLE = "ROLE"
    WAREHOUSE = "WAREHOUSE"
    DATABASE = "DATABASE"
    SCHEMA = "SCHEMA"
    SECONDARY_ROLES = "SECONDARY ROLES"


@dataclass(frozen=True, slots=True)
class Use(Statement):
    """USE [ROLE | WAREHOUSE | DATABASE | SCHEMA] name. Without a kind: one part is a database, two a schema.

    For SECONDARY ROLES `name` is None and `roles` is ("ALL",), ("NONE",) or the roles' names.
    """

    kind: UseKind
    name: QualifiedName | None
    roles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SetVariables(Statement):
    """SET name = expression, or SET (a, b) = (e1, e2).

    `values` has one expression per name; with a query in the parentheses it holds that one query alone.
    """

    names: tuple[str, ...]
    values: tuple[Fragment, ...]


@dataclass(frozen=True, slots=True)
class UnsetVariables(Statement):
    """UNSET name, or UNSET (a, b)."""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AlterSession(Statement):
    """ALTER SESSION SET options, or UNSET names (then `options` is empty)."""

    options: Options
    unset: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class BeginTransaction(Statement):
    """BEGIN [TRANSACTION | WORK] [NAME name], START TRANSACTION [NAME name]."""

    name: str | None = None


@dataclass(frozen=True, slots=True)
class Commit(Statement):
    """COMMIT [WORK]."""


@dataclass(frozen=True, slots=True)
class Rollback(Statement):
    """ROLLBACK [WORK]."""


class ShowKind(Enum):
    """What SHOW lists."""

    ALERTS = "ALERTS"
    COLUMNS = "COLUMNS"
    DATABASES = "DATABASES"
    DYNAMIC_TABLES = "DYNAMIC TABLES"
    EXTERNAL_FUNCTIONS = "EXTERNAL FUNCTIONS"
    EXTERNAL_TABLES = "EXTERNAL TABLES"
    FILE_FORMATS = "FILE FORMATS"
    FUNCTIONS = "FUNCTIONS"
    GRANTS = "GRANTS"
    IMPORTED_KEYS = "IMPORTED KEYS"
    INTEGRATIONS = "INTEGRATIONS"
    LOCKS = "LOCKS"
    MASKING_POLICIES = "MASKING POLICIES"
    MATERIALIZED_VIEWS = "MATERIALIZED VIEWS"
    NETWORK_POLICIES = "NETWORK POLICIES"
    OBJECTS = "OBJECTS"
    PARAMETERS = "PARAMETERS"
    PIPES = "PIPES"
    PRIMARY_KEYS = "PRIMARY KEYS"
    PROCEDURES = "PROCEDURES"
    RESOURCE_MONITORS = "RESOURCE MONITORS"
    ROLES = "ROLES"
    ROW_ACCESS_POLICIES = "ROW ACCESS POLICIES"
    SCHEMAS = "SCHEMAS"
    SEQUENCES = "SEQUENCES"
    SESSIONS = "SESSIONS"
    SHARES = "SHARES"
    STAGES = "STAGES"
    STREAMS = "STREAMS"
    TABLES = "TABLES"
    TAGS = "TAGS"
    TASKS = "TASKS"
    TRANSACTIONS = "TRANSACTIONS"
    UNIQUE_KEYS = "UNIQUE KEYS"
    USERS = "USERS"
    USER_FUNCTIONS = "USER FUNCTIONS"
    USER_PROCEDURES = "USER PROCEDURES"
    VARIABLES = "VARIABLES"
    VIEWS = "VIEWS"
    WAREHOUSES = "WAREHOUSES"


class ScopeKind(Enum):
    """Where SHOW looks."""

    ACCOUNT = "ACCOUNT"
    DATABASE = "DATABASE"
    SCHEMA = "SCHEMA"
    OBJECT = "OBJECT"
    SESSION = "SESSION"
    UNSTATED = "UNSTATED"
    """IN name without a kind: a schema for objects of a schema, a database for schemas, a table for columns."""


@dataclass(frozen=True, slots=True)
class Scope:
    """IN | FOR …; for OBJECT `object_kind` says which (TABLE, VIEW, TASK, WAREHOUSE…).

    `name` is None for ACCOUNT, SESSION and for the current database or schema (IN DATABASE, IN SCHEMA alone).
    """

    kind: ScopeKind
    name: QualifiedName | None = None
    object_kind: ObjectKind | None = None


@dataclass(frozen=True, slots=True)
class Show(Statement):
    """SHOW [TERSE] kind [HISTORY] [LIKE pattern] [IN scope] [STARTS WITH s] [ROOT ONLY] [LIMIT n [FROM s]].

    LIKE ignores case, STARTS WITH does not. For GRANTS `text` holds what follows the word GRANTS.
    """

    kind: ShowKind
    terse: bool = False
    history: bool = False
    like: str | None = None
    scope: Scope | None = None
    starts_with: str | None = None
    root_only: bool = False
    limit: int | None = None
    limit_from: str | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class Describe(Statement):
    """DESCRIBE | DESC kind name; `arguments` are the types of a procedure's or function's signature.

    `type` is the word in TYPE = COLUMNS | STAGE, when written.
    """

    kind: ObjectKind
    name: QualifiedName
    arguments: tuple[DataType, ...] | None = None
    type: str | None = None


@dataclass(frozen=True, slots=True)
class DescribeResult(Statement):
    """DESCRIBE RESULT 'query id' | LAST_QUERY_ID(); `query_id` is an expression's text."""

    query_id: Fragment


@dataclass(frozen=True, slots=True)
class CallArgument:
    """An argument of CALL, with the name when it was passed as name => value."""

    name: str | None
    value: Fragment


@dataclass(frozen=True, slots=True)
class Call(Statement):
    """CALL name(arguments) [INTO :variable]."""

    name: QualifiedName
    arguments: tuple[CallArgument, ...]
    into: str | None = None


@dataclass(frozen=True, slots=True)
class ExecuteImmediate(Statement):
    """EXECUTE IMMEDIATE text [USING (binds)].

    `literal` is the SQL when it was given as a literal; otherwise `expression` ($variable, :variable, name) gives it.
    """

    expression: Fragment
    literal: Fragment | None
    using: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ExecuteImmediateFrom(Statement):
    """EXECUTE IMMEDIATE FROM @stage/file [USING (k => v, …)] [DRY_RUN = TRUE]; values are expressions' texts."""

    file: StageRef
    using: tuple[CallArgument, ...] = ()
    dry_run: bool = False


class ExplainFormat(Enum):
    """The output of EXPLAIN."""

    TABULAR = "TABULAR"
    JSON = "JSON"
    TEXT = "TEXT"


@dataclass(frozen=True, slots=True)
class Explain(Statement):
    """EXPLAIN [USING format] statement."""

    format: ExplainFormat
    statement: Fragment


@dataclass(frozen=True, slots=True)
class Comment(Statement):
    """COMMENT [IF EXISTS] ON kind name IS 'text'; for a column, `name` is the table and `column` the column."""

    kind: ObjectKind
    name: QualifiedName
    text: str
    column: str | None = None
    if_exists: bool = False
    arguments: tuple[DataType, ...] | None = None
