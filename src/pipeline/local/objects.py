"""What the catalog holds: one small frozen dataclass for each kind of object."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Generic, TypeVar

from pipeline.sql.types import DataType


class Kind(Enum):
    """Kinds of objects, by Snowflake's own words."""

    DATABASE = "DATABASE"
    SCHEMA = "SCHEMA"
    WAREHOUSE = "WAREHOUSE"
    ROLE = "ROLE"
    TABLE = "TABLE"
    VIEW = "VIEW"
    STREAM = "STREAM"
    TASK = "TASK"
    STAGE = "STAGE"
    FILE_FORMAT = "FILE FORMAT"
    SEQUENCE = "SEQUENCE"
    PROCEDURE = "PROCEDURE"
    FUNCTION = "FUNCTION"
    RECORDED = "RECORDED"
    """An object without meaning on one machine (tag, resource monitor, integration…): recorded and shown only."""


SELECTABLE = (Kind.TABLE, Kind.VIEW, Kind.STREAM)
"""Kinds that share one namespace in a schema: a name in FROM means exactly one of them."""


@dataclass(frozen=True, slots=True)
class DatabaseSpec:
    transient: bool = False
    retention_days: int = 1


@dataclass(frozen=True, slots=True)
class SchemaSpec:
    transient: bool = False
    retention_days: int = 1


@dataclass(frozen=True, slots=True)
class WarehouseSpec:
    """Recorded only: there is one machine."""

    size: str = "X-Small"
    auto_suspend: int | None = 600
    auto_resume: bool = True
    properties: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ColumnSpec:
    name: str
    type: DataType
    nullable: bool = True
    default: str | None = None
    """An expression of Snowflake's, as written."""
    autoincrement: tuple[int, int] | None = None
    """Start and step."""
    sequence: str | None = None
    """The DuckDB sequence that numbers an AUTOINCREMENT column."""
    comment: str | None = None
    collation: str | None = None


@dataclass(frozen=True, slots=True)
class TableSpec:
    columns: tuple[ColumnSpec, ...]
    transient: bool = False
    temporary: bool = False
    constraints: tuple[str, ...] = ()
    """Out-of-line constraints as written: Snowflake records all but NOT NULL without enforcing them."""
    cluster_by: str | None = None
    retention_days: int | None = None
    """None: the schema's."""
    extension_days: int = 14
    change_tracking_since: int | None = None
    """The version from which changes are recorded for readers; None: never switched on."""
    schema_evolution: bool = False
    first_version: int = 0
    """The version of the table's creation; there is no time travel before it."""
    history_since: int = 0
    """Row versions that were replaced up to this version are forgotten: the table cannot be read as it was before."""
    properties: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ViewSpec:
    text: str
    """The query, as written."""
    columns: tuple[ColumnSpec, ...]
    definition: str
    """The whole CREATE statement, as written."""
    secure: bool = False
    change_tracking_since: int | None = None
    temporary: bool = False


class StreamMode(Enum):
    DEFAULT = "DEFAULT"
    APPEND_ONLY = "APPEND_ONLY"
    INSERT_ONLY = "INSERT_ONLY"


@dataclass(frozen=True, slots=True)
class StreamSpec:
    base: int
    """Id of the table, view or stage that the stream was made on."""
    base_kind: Kind
    mode: StreamMode = StreamMode.DEFAULT
    show_initial_rows: bool = False
    created_version: int = 0
    tables: tuple[int, ...] = ()
    """Ids of the tables behind the base, when the stream was made: a table of the same name is another one."""


@dataclass(frozen=True, slots=True)
class StageSpec:
    """An internal stage; `options` and `file_format` as written in its DDL, names in upper case."""

    file_format: dict[str, object] = field(default_factory=dict)
    copy_options: dict[str, object] = field(default_factory=dict)
    url: str | None = None
    directory: bool = False
    temporary: bool = False
    properties: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FileFormatSpec:
    type: str
    options: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SequenceSpec:
    start: int = 1
    increment: int = 1
    ordered: bool = False


@dataclass(frozen=True, slots=True)
class TaskSpec:
    """A task as its DDL says it; `predecessors` and `finalizes` are full names in upper case."""

    definition: str
    warehouse: str | None = None
    schedule: str | None = None
    condition: str | None = None
    predecessors: tuple[tuple[str, str, str], ...] = ()
    finalizes: tuple[str, str, str] | None = None
    config: str | None = None
    overlap_policy: str = "NO_OVERLAP"
    started: bool = False
    parameters: dict[str, str] = field(default_factory=dict)
    """Session parameters and task parameters set on the task, names in upper case, values as SQL text."""
    execute_as: str | None = None
    """The user of EXECUTE AS USER."""
    resumed_on: datetime | None = None
    """The last RESUME: intervals are counted from it."""
    last_committed_on: datetime | None = None
    last_suspended_on: datetime | None = None
    last_suspended_reason: str | None = None
    graph_version: int = 0
    graph_fingerprint: str = ""
    """Of a root: what the whole graph said when its version was last fixed."""


@dataclass(frozen=True, slots=True)
class RoutineSpec:
    """A stored procedure or function in SQL; `arguments` are name and type text."""

    arguments: tuple[tuple[str, str], ...]
    returns: str
    language: str
    body: str
    properties: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RecordedSpec:
    what: str
    """The kind in Snowflake's words, such as `TAG`."""
    definition: str


Spec = (
    DatabaseSpec
    | SchemaSpec
    | WarehouseSpec
    | TableSpec
    | ViewSpec
    | StreamSpec
    | StageSpec
    | FileFormatSpec
    | SequenceSpec
    | TaskSpec
    | RoutineSpec
    | RecordedSpec
)

S = TypeVar("S", bound=Spec, covariant=True)

SPECS: dict[Kind, type] = {
    Kind.DATABASE: DatabaseSpec,
    Kind.SCHEMA: SchemaSpec,
    Kind.WAREHOUSE: WarehouseSpec,
    Kind.ROLE: RecordedSpec,
    Kind.TABLE: TableSpec,
    Kind.VIEW: ViewSpec,
    Kind.STREAM: StreamSpec,
    Kind.TASK: TaskSpec,
    Kind.STAGE: StageSpec,
    Kind.FILE_FORMAT: FileFormatSpec,
    Kind.SEQUENCE: SequenceSpec,
    Kind.PROCEDURE: RoutineSpec,
    Kind.FUNCTION: RoutineSpec,
    Kind.RECORDED: RecordedSpec,
}


@dataclass(frozen=True, slots=True)
class CatalogObject(Generic[S]):
    """An object of the account. Objects of the account itself (databases, warehouses) have no schema."""

    id: int
    kind: Kind
    database: str | None
    schema: str | None
    name: str
    spec: S
    created_on: datetime
    dropped_on: datetime | None = None
    owner: str = "ACCOUNTADMIN"
    comment: str | None = None
    session: int | None = None
    """The session that a temporary object lives in."""
    altered_on: datetime | None = None
    """The last DDL on it; None for an object whose record is older than this field."""

    @property
    def last_ddl(self) -> datetime:
        return self.altered_on or self.dropped_on or self.created_on

    @property
    def full_name(self) -> str:
        return ".".join(part for part in (self.database, self.schema, self.name) if part is not None)
