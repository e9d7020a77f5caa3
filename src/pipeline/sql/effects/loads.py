"""Effects of stages, file formats and everything that moves files."""

from pipeline.sql.effects.model import Effects, StatementKind, Target, union
from pipeline.sql.effects.objects import altered
from pipeline.sql.effects.queries import query_effects
from pipeline.sql.effects.registry import Reading, Rule, created, option_target, reading
from pipeline.sql.grammar.copy import CopyFiles, CopyIntoLocation, CopyIntoTable
from pipeline.sql.grammar.model import ObjectKind, Options, Statement, ValueKind
from pipeline.sql.grammar.stages import (
    AlterFileFormat,
    AlterStage,
    CreateFileFormat,
    CreateStage,
    Get,
    ListFiles,
    Put,
    RemoveFiles,
    StageKind,
    StageRef,
)

LOAD = StatementKind.LOAD


def stage_target(stage: StageRef | None) -> frozenset[Target]:
    """The object that holds the files: a stage, or the table of a table stage; the user's stage is none."""
    if stage is None or stage.name is None:
        return frozenset()
    kind = ObjectKind.TABLE if stage.kind is StageKind.TABLE else ObjectKind.STAGE
    return frozenset({Target(kind, stage.name)})


def _format(options: Options) -> Effects:
    """A read of the file format that FILE_FORMAT names, in either spelling."""
    value = options.get("FILE_FORMAT")
    if value is None:
        return reading()
    if value.kind is ValueKind.OPTIONS and value.options is not None:
        return option_target(value.options, "FORMAT_NAME", ObjectKind.FILE_FORMAT)
    return option_target(options, "FILE_FORMAT", ObjectKind.FILE_FORMAT)


def _stage(statement: CreateStage, _: Reading) -> Effects:
    parts = [
        created(ObjectKind.STAGE, statement.name, statement.mode),
        _format(statement.options),
        option_target(statement.options, "STORAGE_INTEGRATION", ObjectKind.STORAGE_INTEGRATION),
    ]
    if statement.clone is not None:
        parts.append(reading(Target(ObjectKind.STAGE, statement.clone.source)))
    return union(parts, StatementKind.DDL)


def _alter_stage(statement: AlterStage, _: Reading) -> Effects:
    return altered(ObjectKind.STAGE, statement)


def _file_format(statement: CreateFileFormat, _: Reading) -> Effects:
    return created(ObjectKind.FILE_FORMAT, statement.name, statement.mode)


def _alter_file_format(statement: AlterFileFormat, _: Reading) -> Effects:
    return altered(ObjectKind.FILE_FORMAT, statement)


def _put(statement: Put, _: Reading) -> Effects:
    return Effects(LOAD, writes=stage_target(statement.stage))


def _get(statement: Get, _: Reading) -> Effects:
    return Effects(LOAD, reads=stage_target(statement.stage))


def _list(statement: ListFiles, _: Reading) -> Effects:
    return Effects(StatementKind.SHOW, reads=stage_target(statement.stage))


def _remove(statement: RemoveFiles, _: Reading) -> Effects:
    return Effects(LOAD, writes=stage_target(statement.stage))


def copy_into_table(statement: CopyIntoTable, _: Reading) -> Effects:
    """The stage and format are read, the table is written."""
    found = Effects(
        LOAD,
        reads=stage_target(statement.stage),
        writes=frozenset({Target(ObjectKind.TABLE, statement.table)}),
    )
    inner = _format(statement.transformation.stage_options) if statement.transformation else reading()
    return union([found, _format(statement.options), inner], LOAD)


def _copy_out(statement: CopyIntoLocation, _: Reading) -> Effects:
    parts = [Effects(LOAD, writes=stage_target(statement.stage)), _format(statement.options)]
    if statement.table is not None:
        parts.append(reading(Target(None, statement.table)))
    if statement.query is not None:
        parts.append(query_effects(statement.query.text))
    return union(parts, LOAD)


def _copy_files(statement: CopyFiles, _: Reading) -> Effects:
    return Effects(LOAD, reads=stage_target(statement.source), writes=stage_target(statement.target))


RULES: dict[type[Statement], Rule] = {
    CreateStage: _stage,
    AlterStage: _alter_stage,
    CreateFileFormat: _file_format,
    AlterFileFormat: _alter_file_format,
    Put: _put,
    Get: _get,
    ListFiles: _list,
    RemoveFiles: _remove,
    CopyIntoTable: copy_into_table,
    CopyIntoLocation: _copy_out,
    CopyFiles: _copy_files,
}
