"""Tasks. Source: docs.snowflake.com/en/sql-reference/sql/create-task, alter-task, execute-task."""

from dataclasses import dataclass
from enum import Enum

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
class CreateTask(Statement):
    """CREATE TASK; `body` is everything after AS, or the content of $$…$$ when that is all there is after AS.

    `options` holds every NAME = value of the statement, session parameters and FINALIZE too, checked for duplicates
    and unknown names. `execute_as` is the user of EXECUTE AS USER. `recorded` are texts of tags and contacts.
    """

    name: QualifiedName
    mode: CreateMode
    options: Options
    body: Fragment
    after: tuple[QualifiedName, ...] = ()
    when: Fragment | None = None
    execute_as: str | None = None
    recorded: tuple[str, ...] = ()

    @property
    def finalize(self) -> QualifiedName | None:
        """The root that this task finalizes."""
        value = self.options.get("FINALIZE")
        return None if value is None else value.name()


@dataclass(frozen=True, slots=True)
class CloneTask(Statement):
    """CREATE TASK name CLONE source."""

    name: QualifiedName
    mode: CreateMode
    source: QualifiedName


@dataclass(frozen=True, slots=True)
class AddAfter:
    """ADD AFTER task, …"""

    predecessors: tuple[QualifiedName, ...]


@dataclass(frozen=True, slots=True)
class RemoveAfter:
    """REMOVE AFTER task, …"""

    predecessors: tuple[QualifiedName, ...]


@dataclass(frozen=True, slots=True)
class ModifyAs:
    """MODIFY AS statement."""

    body: Fragment


@dataclass(frozen=True, slots=True)
class ModifyWhen:
    """MODIFY WHEN expression."""

    condition: Fragment


@dataclass(frozen=True, slots=True)
class RemoveWhen:
    """REMOVE WHEN."""


TaskAction = (
    Resume
    | Suspend
    | AddAfter
    | RemoveAfter
    | SetOptions
    | UnsetOptions
    | ModifyAs
    | ModifyWhen
    | RemoveWhen
    | RecordedAction
)


@dataclass(frozen=True, slots=True)
class AlterTask(Statement):
    """ALTER TASK [IF EXISTS] name action; SET | UNSET FINALIZE is among the options."""

    name: QualifiedName
    if_exists: bool
    action: TaskAction


class ExecuteMode(Enum):
    """How EXECUTE TASK runs the graph."""

    RUN = "RUN"
    RETRY_LAST = "RETRY LAST"
    RETRY_GROUP = "RETRY GRAPH RUN GROUP"


@dataclass(frozen=True, slots=True)
class ExecuteTask(Statement):
    """EXECUTE TASK name [USING CONFIG = '…' | RETRY LAST | RETRY GRAPH RUN GROUP 'id']."""

    name: QualifiedName
    mode: ExecuteMode = ExecuteMode.RUN
    config: str | None = None
    group_id: str | None = None
