"""Stages, file formats, PUT, GET, LIST, REMOVE."""

from dataclasses import dataclass
from enum import Enum

from pipeline.sql.grammar.model import (
    Clone,
    CreateMode,
    Options,
    RecordedAction,
    RenameTo,
    SetOptions,
    Statement,
    UnsetOptions,
)
from pipeline.sql.names import QualifiedName


class StageKind(Enum):
    """The three stages that hold files."""

    NAMED = "named"
    TABLE = "table"
    USER = "user"


@dataclass(frozen=True, slots=True)
class StageRef:
    """@stage/path, @%table/path or @~/path, quoted or not.

    `name` is the stage's or the table's name, None for the user's stage. `path` is what follows the first slash,
    case kept, without that slash; it may be empty, and a trailing slash is kept, for a path is a prefix.
    """

    kind: StageKind
    name: QualifiedName | None
    path: str


@dataclass(frozen=True, slots=True)
class CreateStage(Statement):
    """CREATE [TEMPORARY] STAGE; nested FILE_FORMAT = (…) and DIRECTORY = (…) are OPTIONS values."""

    name: QualifiedName
    mode: CreateMode
    temporary: bool
    clone: Clone | None
    options: Options


@dataclass(frozen=True, slots=True)
class RefreshStage:
    """ALTER STAGE … REFRESH [SUBPATH = '…']: the directory table takes note of the files."""

    subpath: str | None = None


@dataclass(frozen=True, slots=True)
class AlterStage(Statement):
    """ALTER STAGE [IF EXISTS] name."""

    name: QualifiedName
    if_exists: bool
    action: RenameTo | SetOptions | UnsetOptions | RefreshStage | RecordedAction


@dataclass(frozen=True, slots=True)
class CreateFileFormat(Statement):
    """CREATE [TEMPORARY] FILE FORMAT name options (TYPE among them)."""

    name: QualifiedName
    mode: CreateMode
    temporary: bool
    clone: Clone | None
    options: Options


@dataclass(frozen=True, slots=True)
class AlterFileFormat(Statement):
    """ALTER FILE FORMAT [IF EXISTS] name."""

    name: QualifiedName
    if_exists: bool
    action: RenameTo | SetOptions | UnsetOptions | RecordedAction


@dataclass(frozen=True, slots=True)
class Put(Statement):
    """PUT file://path @stage options; `source` is the local path or glob without file://."""

    source: str
    stage: StageRef
    options: Options


@dataclass(frozen=True, slots=True)
class Get(Statement):
    """GET @stage file://folder options; `target` is the local folder without file://."""

    stage: StageRef
    target: str
    options: Options


@dataclass(frozen=True, slots=True)
class ListFiles(Statement):
    """LIST | LS @stage [PATTERN = 'regex']."""

    stage: StageRef
    pattern: str | None = None


@dataclass(frozen=True, slots=True)
class RemoveFiles(Statement):
    """REMOVE | RM @stage [PATTERN = 'regex']."""

    stage: StageRef
    pattern: str | None = None
