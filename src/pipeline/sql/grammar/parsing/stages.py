"""Stages, file formats, PUT, GET, LIST, REMOVE, and the reading of @stage/path."""

import re
from collections.abc import Callable

from pipeline.errors import SyntaxProblem
from pipeline.sql.grammar.model import ObjectKind, Statement
from pipeline.sql.grammar.options import OptionList, options
from pipeline.sql.grammar.parsing.common import (
    AlterHead,
    AlterParser,
    CreateHead,
    CreateParser,
    recorded,
    take_clone,
    take_recorded,
    take_rename,
    take_settings,
)
from pipeline.sql.grammar.reader import Reader
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
    StageKind,
    StageRef,
)
from pipeline.sql.lexer import TokenKind
from pipeline.sql.names import QualifiedName
from pipeline.sql.problems import TextProblem

_NAME_PART = re.compile(r'(?:"(?:[^"]|"")*"|[^"/])*')
_FILE_SCHEME = "file://"


def parse_stage_ref(text: str) -> StageRef:
    """Read `@stage/path`, `@db.schema.stage`, `@%table`, `@~`; also without the @, as LIST and REMOVE results say it.

    Raises SyntaxProblem when the name is none.
    """
    written = text.removeprefix("@")
    match = _NAME_PART.match(written)
    name = match.group() if match else ""
    path = written[len(name) :].removeprefix("/")
    if name == "~":
        return StageRef(StageKind.USER, None, path)
    container, percent, table = name.rpartition("%")
    if percent and (not container or container.endswith(".")):
        return StageRef(StageKind.TABLE, QualifiedName.parse(container + table), path)
    return StageRef(StageKind.NAMED, QualifiedName.parse(name), path)


def at_stage(reader: Reader) -> bool:
    """Whether a stage reference comes next, bare or quoted."""
    token = reader.peek()
    return token.kind is TokenKind.STAGE or (token.kind is TokenKind.STRING and token.text.startswith("'@"))


def stage_ref(reader: Reader) -> StageRef:
    """The stage reference at the cursor."""
    if not at_stage(reader):
        reader.fail()
    token = reader.peek()
    written = reader.advance().text if token.kind is TokenKind.STAGE else reader.string()
    try:
        return parse_stage_ref(written)
    except SyntaxProblem as problem:
        raise TextProblem(problem.message, reader.text, token.start) from problem


def create_stage(reader: Reader, head: CreateHead) -> CreateStage:
    name = reader.name()
    clone = take_clone(reader)
    found = OptionList()
    while found.take(reader) or take_recorded(reader) is not None:
        reader.take(",")
    return CreateStage(name, head.mode, head.temporary, clone, found.options)


def alter_stage(reader: Reader, head: AlterHead) -> AlterStage:
    if reader.take("REFRESH"):
        subpath = options(reader, "STAGE", {"SUBPATH"}).text("SUBPATH")
        return AlterStage(head.name, head.if_exists, RefreshStage(subpath))
    action = take_rename(reader) or take_settings(reader) or recorded(reader)
    return AlterStage(head.name, head.if_exists, action)


def create_file_format(reader: Reader, head: CreateHead) -> CreateFileFormat:
    name = reader.name()
    clone = take_clone(reader)
    return CreateFileFormat(name, head.mode, head.temporary, clone, options(reader))


def alter_file_format(reader: Reader, head: AlterHead) -> AlterFileFormat:
    action = take_rename(reader) or take_settings(reader) or recorded(reader)
    return AlterFileFormat(head.name, head.if_exists, action)


def _local_path(reader: Reader) -> str:
    """file://path, bare or quoted, without the scheme."""
    token = reader.peek()
    if token.kind is TokenKind.FILE:
        return reader.advance().text[len(_FILE_SCHEME) :]
    if not (token.kind is TokenKind.STRING and token.text[1:].lower().startswith(_FILE_SCHEME)):
        reader.fail(hint="A local file is written as file:///folder/name.")
    reader.advance()
    # backslashes in a quoted path are a path's, not escapes
    return token.text[1 + len(_FILE_SCHEME) : -1].replace("''", "'")


def put(reader: Reader) -> Put:
    reader.expect("PUT")
    source = _local_path(reader)
    stage = stage_ref(reader)
    known = {"PARALLEL", "AUTO_COMPRESS", "SOURCE_COMPRESSION", "OVERWRITE"}
    return Put(source, stage, options(reader, "PUT", known))


def get(reader: Reader) -> Get:
    reader.expect("GET")
    stage = stage_ref(reader)
    target = _local_path(reader)
    return Get(stage, target, options(reader, "GET", {"PARALLEL", "PATTERN"}))


def list_files(reader: Reader) -> ListFiles:
    reader.expect_one_of("LIST", "LS")
    stage = stage_ref(reader)
    return ListFiles(stage, options(reader, "LIST", {"PATTERN"}).text("PATTERN"))


def remove_files(reader: Reader) -> RemoveFiles:
    reader.expect_one_of("REMOVE", "RM")
    stage = stage_ref(reader)
    return RemoveFiles(stage, options(reader, "REMOVE", {"PATTERN"}).text("PATTERN"))


STATEMENTS: dict[tuple[str, ...], Callable[[Reader], Statement]] = {
    ("PUT",): put,
    ("GET",): get,
    ("LIST",): list_files,
    ("LS",): list_files,
    ("REMOVE",): remove_files,
    ("RM",): remove_files,
}
CREATES: dict[ObjectKind, CreateParser] = {
    ObjectKind.STAGE: create_stage,
    ObjectKind.FILE_FORMAT: create_file_format,
}
ALTERS: dict[ObjectKind, AlterParser] = {
    ObjectKind.STAGE: alter_stage,
    ObjectKind.FILE_FORMAT: alter_file_format,
}
