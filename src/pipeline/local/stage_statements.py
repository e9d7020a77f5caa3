"""Stages and file formats made and changed; PUT, GET, LIST, REMOVE; COPY INTO, both ways.

Source: docs.snowflake.com/en/sql-reference/sql/create-stage, …/create-file-format, …/put, …/get, …/list, …/remove.
"""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from pipeline.local import recorded, stages
from pipeline.local.answers import INTEGER, TEXT, Answer, status, table
from pipeline.local.catalog import Change, Object
from pipeline.local.copying import formats
from pipeline.local.copying import options as copy_options
from pipeline.local.copying.into_location import copy_into_location
from pipeline.local.copying.into_table import copy_into_table
from pipeline.local.errors import SnowflakeError, already_exists, compilation, does_not_exist, unsupported
from pipeline.local.file_formats import build, read_options, read_type, unknown_parameter, wrong_value
from pipeline.local.objects import FileFormatSpec, Kind, StageSpec
from pipeline.local.protocol import FileTransfer, StatementType, TransferCommand
from pipeline.local.protocol import StagedFile as TransferFile
from pipeline.local.session import FullName, Session
from pipeline.sql.grammar.copy import CopyIntoLocation, CopyIntoTable
from pipeline.sql.grammar.model import CreateMode, Options, RenameTo, SetOptions, UnsetOptions, Value
from pipeline.sql.grammar.stages import (
    AlterFileFormat,
    AlterStage,
    CreateFileFormat,
    CreateStage,
    Get,
    ListFiles,
    Put,
    RefreshStage,
    RemoveFiles,
)

_RECORDED = frozenset({"ENCRYPTION", "TAG"})
_EXTERNAL = frozenset(
    {"CREDENTIALS", "STORAGE_INTEGRATION", "ENDPOINT", "AWS_ACCESS_POINT_ARN", "USE_PRIVATELINK_ENDPOINT"}
)
_TRANSFER_WORDS = {"TRUE": True, "FALSE": False}
_MOST_PARALLEL = 99


# --- stages ----------------------------------------------------------------------------------------------------------


def _create_stage(session: Session, statement: CreateStage) -> Answer:
    full = session.full_name(statement.name, "CREATE")
    session.require_schema(full)
    if statement.clone is not None:
        raise unsupported("CREATE STAGE … CLONE")
    spec = _stage_spec(session, statement)
    existing = session.catalog.find(Kind.STAGE, full, session.id)
    made = _make(session, Kind.STAGE, statement.mode, existing, full, spec, statement.options, statement.temporary)
    if made and existing is not None and statement.mode is CreateMode.OR_REPLACE:
        stages.forget(session, existing)
    return _said("Stage area", full, made=made)


def _make(
    session: Session,
    kind: Kind,
    mode: CreateMode,
    existing: Object | None,
    full: FullName,
    spec: StageSpec | FileFormatSpec,
    options: Options,
    temporary: bool,
) -> bool:
    """Create or replace; False when IF NOT EXISTS finds one."""
    if existing is not None and (existing.session is not None) is temporary:
        if mode is CreateMode.IF_NOT_EXISTS:
            return False
        if mode is CreateMode.NEW:
            raise already_exists(full[2])
    else:
        existing = None
    comment = options.text("COMMENT")
    with session.defining() as change:
        if existing is not None and mode is CreateMode.OR_ALTER:
            change.put(replace(existing, spec=spec, comment=comment))
            return True
        if existing is not None:
            change.drop(existing)
        change.create(kind, full, spec, comment=comment, temporary=temporary)
    return True


def _said(what: str, full: FullName, *, made: bool) -> Answer:
    if not made:
        return status(f"{full[2]} already exists, statement succeeded.")
    return status(f"{what} {full[2]} successfully created.")


def _stage_spec(session: Session, statement: CreateStage) -> StageSpec:
    spec = StageSpec(temporary=statement.temporary)
    for option in statement.options:
        spec = _with_option(session, spec, option.name, option.value, statement.name.name)
    return spec


def _with_option(session: Session, spec: StageSpec, name: str, value: Value, stage: str) -> StageSpec:
    match name:
        case "COMMENT":
            return spec
        case "FILE_FORMAT":
            return replace(spec, file_format=formats.described(session, value))
        case "COPY_OPTIONS":
            return replace(spec, copy_options=_copy_options(value))
        case "DIRECTORY":
            return replace(spec, directory=_directory(value))
        case "URL":
            return replace(spec, url=_url(value))
        case "ENCRYPTION" if value.options is not None and not str(value.options.text("TYPE")).startswith("SNOWFLAKE"):
            raise compilation(
                "Cannot set URL, credentials, or encryption key of an internal or temporary stage.", 1422, "22023"
            )
        case _ if name in _RECORDED:
            return replace(spec, properties={**spec.properties, name: value.text})
        case _ if name in _EXTERNAL and spec.url is None:
            raise compilation(f"invalid stage ({stage}): location not specified", 1422, "22023")
        case _ if name in _EXTERNAL:
            return spec  # secrets of an external stage are never kept: nothing here reads from one
    raise compilation(f"invalid property '{name}' for 'STAGE'", 1420, "22023")


def _copy_options(value: Value) -> dict[str, object]:
    options = value.options or Options()
    for option in options:
        if option.name not in copy_options.STAGE_OPTIONS:
            raise unknown_parameter(option.name)
    copy_options.read(options, {})
    return {option.name: option.value.word for option in options}


def _directory(value: Value) -> bool:
    enable = value.options.get("ENABLE") if value.options is not None else None
    return enable is not None and enable.word == "TRUE"


_CLOUD = re.compile(r"(?:s3|s3gov|s3china|s3compat|gcs|azure)://", re.IGNORECASE)


def _url(value: Value) -> str:
    if _CLOUD.match(value.text):
        return value.text
    if value.text.startswith("file:///"):
        raise compilation(f"invalid URL prefix found in: '{value.text}'", 1011, "42601")
    raise compilation(f"invalid URL: {value.text}", 1011, "42601")


def _alter_stage(session: Session, statement: AlterStage) -> Answer:
    found = session.find(Kind.STAGE, statement.name)
    if found is None:
        return _no_such(session, "Stage", statement)
    action = statement.action
    if isinstance(action, UnsetOptions):
        raise SnowflakeError("Unsupported feature 'UNSET'.", 2, "0A000")
    if isinstance(action, RefreshStage):
        raise unsupported("ALTER STAGE … REFRESH: a directory table")
    recorded.check_action(action, "ALTER STAGE")
    with session.defining() as change:
        if isinstance(action, RenameTo):
            _rename(session, change, found, action)
        elif isinstance(action, SetOptions):
            spec: StageSpec = found.spec
            for option in action.options:
                spec = _with_option(session, spec, option.name, option.value, found.name)
            comment = action.options.text("COMMENT")
            change.put(replace(found, spec=spec, comment=found.comment if comment is None else comment))
    return status("Statement executed successfully.")


def _rename(session: Session, change: Change, found: Object, action: RenameTo) -> None:
    full = session.full_name(action.name, "ALTER")
    session.require_schema(full)
    if session.catalog.occupant(found.kind, full, found.session) is not None:
        raise already_exists(full[2])
    change.put(replace(found, database=full[0], schema=full[1], name=full[2]))


def _no_such(session: Session, what: str, statement: AlterStage | AlterFileFormat) -> Answer:
    if statement.if_exists:
        return status("Statement executed successfully.")
    raise does_not_exist(what, ".".join(session.full_name(statement.name)))


# --- file formats ----------------------------------------------------------------------------------------------------


def _create_file_format(session: Session, statement: CreateFileFormat) -> Answer:
    full = session.full_name(statement.name, "CREATE")
    session.require_schema(full)
    existing = session.catalog.find(Kind.FILE_FORMAT, full, session.id)
    spec = _format_spec(session, statement)
    if statement.mode is CreateMode.OR_ALTER and existing is not None and existing.spec.type != spec.type:
        raise compilation("File format type cannot be changed.", 1423, "22023")
    made = _make(
        session, Kind.FILE_FORMAT, statement.mode, existing, full, spec, statement.options, statement.temporary
    )
    return _said("File format", full, made=made)


def _format_spec(session: Session, statement: CreateFileFormat) -> FileFormatSpec:
    if statement.clone is not None:
        source: FileFormatSpec = session.require(Kind.FILE_FORMAT, statement.clone.source).spec
        return source
    type_ = read_type(statement.options)
    stored = read_options(type_, statement.options)
    build(type_, stored)
    return FileFormatSpec(type_, stored)


def _alter_file_format(session: Session, statement: AlterFileFormat) -> Answer:
    found = session.find(Kind.FILE_FORMAT, statement.name)
    if found is None:
        return _no_such(session, "File format", statement)
    action = statement.action
    recorded.check_action(action, "ALTER FILE FORMAT")
    with session.defining() as change:
        if isinstance(action, RenameTo):
            _rename(session, change, found, action)
        elif isinstance(action, SetOptions):
            spec: FileFormatSpec = found.spec
            if "TYPE" in action.options:
                raise compilation("File format type cannot be changed.", 1423, "22023")
            stored = {**spec.options, **read_options(spec.type, action.options)}
            build(spec.type, stored)
            comment = action.options.text("COMMENT")
            changed = replace(found, spec=FileFormatSpec(spec.type, stored))
            change.put(changed if comment is None else replace(changed, comment=comment))
        elif isinstance(action, UnsetOptions):
            if action.names != ("COMMENT",):
                raise SnowflakeError("Unsupported feature 'UNSET'.", 2, "0A000")
            change.put(replace(found, comment=None))
    return status("Statement executed successfully.")


# --- files -----------------------------------------------------------------------------------------------------------


def _put(session: Session, statement: Put) -> FileTransfer:
    place = stages.locate(session, statement.stage)
    folder = place.folder.joinpath(*(part for part in statement.stage.path.split("/") if part))
    return FileTransfer(
        _query_id(session),
        session.running.text if session.running else "",
        TransferCommand.UPLOAD,
        folder,
        (statement.source,),
        auto_compress=_flag(statement.options, "AUTO_COMPRESS", default=True),
        source_compression=_source_compression(statement.options),
        overwrite=_flag(statement.options, "OVERWRITE", default=False),
        parallel=_parallel(statement.options),
    )


def _get(session: Session, statement: Get) -> FileTransfer:
    place = stages.locate(session, statement.stage)
    found = stages.files(place, statement.options.text("PATTERN"))
    return FileTransfer(
        _query_id(session),
        session.running.text if session.running else "",
        TransferCommand.DOWNLOAD,
        place.folder,
        local_directory=statement.target,
        files=tuple(TransferFile(file.name, file.size) for file in found),
        parallel=_parallel(statement.options),
    )


def _query_id(session: Session) -> str:
    return session.running.query_id if session.running else ""


def _flag(options: Options, name: str, *, default: bool) -> bool:
    value = options.get(name)
    if value is None:
        return default
    if value.word not in _TRANSFER_WORDS:
        raise wrong_value(name, value)
    return _TRANSFER_WORDS[value.word]


def _parallel(options: Options) -> int:
    value = options.get("PARALLEL")
    if value is None:
        return 4
    if not value.text.isdigit() or not 1 <= int(value.text) <= _MOST_PARALLEL:
        raise wrong_value("PARALLEL", value)
    return int(value.text)


_SOURCE_COMPRESSIONS = frozenset({"AUTO_DETECT", "GZIP", "BZ2", "BROTLI", "ZSTD", "DEFLATE", "RAW_DEFLATE", "NONE"})


def _source_compression(options: Options) -> str:
    value = options.get("SOURCE_COMPRESSION")
    if value is None:
        return "AUTO_DETECT"
    if value.word not in _SOURCE_COMPRESSIONS:
        raise wrong_value("SOURCE_COMPRESSION", value)
    return value.word


_LIST_COLUMNS = (("name", TEXT), ("size", INTEGER), ("md5", TEXT), ("last_modified", TEXT))


def _list(session: Session, statement: ListFiles) -> Answer:
    place = stages.locate(session, statement.stage)
    rows = [
        (f"{place.prefix}{file.name}", file.size, file.md5, file.stamp)
        for file in stages.files(place, statement.pattern)
    ]
    return table(_LIST_COLUMNS, rows, StatementType.LIST)


def _remove(session: Session, statement: RemoveFiles) -> Answer:
    place = stages.locate(session, statement.stage)
    found = stages.files(place, statement.pattern)
    for file in found:
        stages.remove(file, place)
    rows = [(f"{place.prefix}{file.name}", "removed") for file in found]
    return table((("name", TEXT), ("result", TEXT)), rows, StatementType.REMOVE)


HANDLERS: dict[type, Callable[[Session, Any], Answer | FileTransfer]] = {
    CreateStage: _create_stage,
    AlterStage: _alter_stage,
    CreateFileFormat: _create_file_format,
    AlterFileFormat: _alter_file_format,
    Put: _put,
    Get: _get,
    ListFiles: _list,
    RemoveFiles: _remove,
    CopyIntoTable: copy_into_table,
    CopyIntoLocation: copy_into_location,
}
"""What each statement on stages, formats and files does."""
