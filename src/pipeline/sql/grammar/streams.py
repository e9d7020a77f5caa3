"""Streams. Source: docs.snowflake.com/en/sql-reference/sql/create-stream."""

from dataclasses import dataclass
from enum import Enum

from pipeline.sql.grammar.model import (
    CreateMode,
    RecordedAction,
    SetOptions,
    Statement,
    TimeTravel,
    UnsetOptions,
)
from pipeline.sql.names import QualifiedName


class StreamSource(Enum):
    """What a stream watches, as written after ON."""

    TABLE = "TABLE"
    VIEW = "VIEW"
    STAGE = "STAGE"
    EXTERNAL_TABLE = "EXTERNAL TABLE"
    DYNAMIC_TABLE = "DYNAMIC TABLE"
    EVENT_TABLE = "EVENT TABLE"
    ICEBERG_TABLE = "ICEBERG TABLE"


@dataclass(frozen=True, slots=True)
class CreateStream(Statement):
    """CREATE STREAM name ON source …; the flags are None when not written."""

    name: QualifiedName
    mode: CreateMode
    source_kind: StreamSource
    source: QualifiedName
    at: TimeTravel | None = None
    append_only: bool | None = None
    insert_only: bool | None = None
    show_initial_rows: bool | None = None
    copy_grants: bool = False
    comment: str | None = None
    recorded: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CloneStream(Statement):
    """CREATE STREAM name CLONE source: the new stream has the source's offset."""

    name: QualifiedName
    mode: CreateMode
    source: QualifiedName
    copy_grants: bool = False


@dataclass(frozen=True, slots=True)
class AlterStream(Statement):
    """ALTER STREAM [IF EXISTS] name SET | UNSET COMMENT, tags."""

    name: QualifiedName
    if_exists: bool
    action: SetOptions | UnsetOptions | RecordedAction
