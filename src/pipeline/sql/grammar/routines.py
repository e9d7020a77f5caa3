"""Procedures and functions. Source: docs.snowflake.com/en/sql-reference/sql/create-procedure, create-function."""

from dataclasses import dataclass
from enum import Enum

from pipeline.sql.grammar.model import (
    CreateMode,
    Fragment,
    ObjectKind,
    Options,
    RecordedAction,
    RenameTo,
    SetOptions,
    Statement,
    UnsetOptions,
)
from pipeline.sql.names import QualifiedName
from pipeline.sql.types import DataType


class Language(Enum):
    """The language of a body."""

    SQL = "SQL"
    JAVASCRIPT = "JAVASCRIPT"
    PYTHON = "PYTHON"
    JAVA = "JAVA"
    SCALA = "SCALA"


class ExecuteAs(Enum):
    """Whose rights a procedure has."""

    OWNER = "OWNER"
    CALLER = "CALLER"
    RESTRICTED_CALLER = "RESTRICTED CALLER"


@dataclass(frozen=True, slots=True)
class Argument:
    """A parameter; `type` is None for a TABLE(…) argument, whose text is in `table`."""

    name: str
    type: DataType | None
    default: Fragment | None = None
    output: bool = False
    table: str | None = None


@dataclass(frozen=True, slots=True)
class TableColumn:
    """A column of RETURNS TABLE (…)."""

    name: str
    type: DataType


@dataclass(frozen=True, slots=True)
class Returns:
    """RETURNS type [NOT NULL], or RETURNS TABLE (columns): then `type` is None; `columns` may be empty."""

    type: DataType | None
    columns: tuple[TableColumn, ...] = ()
    nullable: bool = True


@dataclass(frozen=True, slots=True)
class CreateRoutine(Statement):
    """CREATE PROCEDURE | FUNCTION. `kind` is ObjectKind.PROCEDURE or FUNCTION.

    `body` is the text after AS: the content of $$…$$ or '…', or a bare block; None when the code is imported.
    `options` holds RUNTIME_VERSION, PACKAGES, HANDLER, COMMENT…; `words` the phrases without value (IMMUTABLE,
    RETURNS NULL ON NULL INPUT…).
    """

    kind: ObjectKind
    name: QualifiedName
    mode: CreateMode
    arguments: tuple[Argument, ...]
    returns: Returns
    language: Language
    options: Options
    body: Fragment | None
    execute_as: ExecuteAs = ExecuteAs.OWNER
    secure: bool = False
    temporary: bool = False
    aggregate: bool = False
    copy_grants: bool = False
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SetExecuteAs:
    """ALTER PROCEDURE … EXECUTE AS CALLER | OWNER."""

    execute_as: ExecuteAs


@dataclass(frozen=True, slots=True)
class AlterRoutine(Statement):
    """ALTER PROCEDURE | FUNCTION [IF EXISTS] name(types) action."""

    kind: ObjectKind
    name: QualifiedName
    arguments: tuple[DataType, ...]
    if_exists: bool
    action: RenameTo | SetOptions | UnsetOptions | SetExecuteAs | RecordedAction
