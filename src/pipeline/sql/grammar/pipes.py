"""Pipes and alerts. Source: docs.snowflake.com/en/sql-reference/sql/create-pipe, create-alert."""

from dataclasses import dataclass

from pipeline.sql.grammar.copy import CopyIntoTable
from pipeline.sql.grammar.model import (
    CreateMode,
    Fragment,
    Options,
    RecordedAction,
    Resume,
    SetOptions,
    Statement,
    Suspend,
    UnsetOptions,
)
from pipeline.sql.names import QualifiedName


@dataclass(frozen=True, slots=True)
class CreatePipe(Statement):
    """CREATE PIPE name options AS COPY INTO …; `body` is the COPY's text, `copy` the same as read."""

    name: QualifiedName
    mode: CreateMode
    options: Options
    body: Fragment
    copy: CopyIntoTable


@dataclass(frozen=True, slots=True)
class RefreshPipe:
    """REFRESH [PREFIX = 'path'] [MODIFIED_AFTER = 'time']."""

    prefix: str | None = None
    modified_after: str | None = None


@dataclass(frozen=True, slots=True)
class AlterPipe(Statement):
    """ALTER PIPE [IF EXISTS] name action."""

    name: QualifiedName
    if_exists: bool
    action: SetOptions | UnsetOptions | RefreshPipe | RecordedAction


@dataclass(frozen=True, slots=True)
class CreateAlert(Statement):
    """CREATE ALERT name options IF (EXISTS (condition)) THEN action."""

    name: QualifiedName
    mode: CreateMode
    options: Options
    condition: Fragment
    action: Fragment
    recorded: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ModifyCondition:
    """MODIFY CONDITION EXISTS (condition)."""

    condition: Fragment


@dataclass(frozen=True, slots=True)
class ModifyAction:
    """MODIFY ACTION statement."""

    action: Fragment


AlertAction = Resume | Suspend | SetOptions | UnsetOptions | ModifyCondition | ModifyAction | RecordedAction


@dataclass(frozen=True, slots=True)
class AlterAlert(Statement):
    """ALTER ALERT [IF EXISTS] name action."""

    name: QualifiedName
    if_exists: bool
    action: AlertAction


@dataclass(frozen=True, slots=True)
class ExecuteAlert(Statement):
    """EXECUTE ALERT name."""

    name: QualifiedName
