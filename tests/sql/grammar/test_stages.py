"""Stages, file formats, PUT, GET, LIST, REMOVE, COPY INTO both ways."""

import pytest

from pipeline.errors import SyntaxProblem
from pipeline.sql.grammar import parse
from pipeline.sql.grammar.copy import CopyFiles, CopyIntoLocation, CopyIntoTable
from pipeline.sql.grammar.model import Fragment, Options, ValueKind
from pipeline.sql.grammar.parsing.stages import parse_stage_ref
from pipeline.sql.grammar.stages import (
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
from pipeline.sql.names import QualifiedName
from pipeline.sql.problems import InvalidProperty, TextProblem, Unexpected


def named(path: str, *parts: str) -> StageRef:
    return StageRef(StageKind.NAMED, QualifiedName.of(*parts), path)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("@s", named("", "S")),
        ("@s/", named("", "S")),
        ("@d.x.s/a/B.json", named("a/B.json", "D", "X", "S")),
        ('@"My/Stage"/p', named("p", "My/Stage")),
        ('@d."x.y".s/p', named("p", "D", "x.y", "S")),
        ("@~", StageRef(StageKind.USER, None, "")),
        ("@~/a/", StageRef(StageKind.USER, None, "a/")),
        ("@%t/a", StageRef(StageKind.TABLE, QualifiedName.of("T"), "a")),
        ('@d.x.%"t"', StageRef(StageKind.TABLE, QualifiedName.of("D", "X", "t"), "")),
    ],
)
def test_stage_reference(text: str, wanted: StageRef) -> None:
    assert parse_stage_ref(text) == wanted


@pytest.mark.parametrize("text", ["@", "@a b", "@a.b.c.d", "@1"])
def test_no_stage_reference(text: str) -> None:
    with pytest.raises(SyntaxProblem):
        parse_stage_ref(text)


def test_create_stage() -> None:
    found = parse(
        "CREATE OR REPLACE TEMPORARY STAGE d.x.s FILE_FORMAT = (TYPE = JSON STRIP_OUTER_ARRAY = TRUE)"
        " DIRECTORY = (ENABLE = TRUE), COMMENT = 'x'"
    )
    assert isinstance(found, CreateStage)
    assert found.temporary
    assert found.options.names == ("FILE_FORMAT", "DIRECTORY", "COMMENT")
    inner = found.options.get("FILE_FORMAT")
    assert inner is not None
    assert inner.options is not None
    assert [(option.name, option.value.word) for option in inner.options] == [
        ("TYPE", "JSON"),
        ("STRIP_OUTER_ARRAY", "TRUE"),
    ]


def test_format_by_name() -> None:
    found = parse("CREATE STAGE s FILE_FORMAT = (FORMAT_NAME = 'd.x.f')")
    assert isinstance(found, CreateStage)
    inner = found.options.get("FILE_FORMAT")
    assert inner is not None
    assert inner.options is not None
    value = inner.options.get("FORMAT_NAME")
    assert value is not None
    assert value.name() == QualifiedName.of("D", "X", "F")


def test_refresh() -> None:
    assert parse("ALTER STAGE s REFRESH SUBPATH = 'a/'") == AlterStage(QualifiedName.of("S"), False, RefreshStage("a/"))


def test_file_format() -> None:
    found = parse("CREATE FILE FORMAT IF NOT EXISTS f TYPE = CSV NULL_IF = ('', 'NULL') FIELD_DELIMITER = '\\t'")
    assert isinstance(found, CreateFileFormat)
    assert found.options.text("FIELD_DELIMITER") == "\t"
    nulls = found.options.get("NULL_IF")
    assert nulls is not None
    assert (nulls.kind, [item.text for item in nulls.items]) == (ValueKind.LIST, ["", "NULL"])


def test_put_and_get() -> None:
    found = parse("PUT file:///tmp//a/*.json @~/x PARALLEL = 4 OVERWRITE = TRUE")
    assert isinstance(found, Put)
    assert (found.source, found.stage) == ("/tmp//a/*.json", StageRef(StageKind.USER, None, "x"))
    assert [(option.name, option.value.text) for option in found.options] == [("PARALLEL", "4"), ("OVERWRITE", "TRUE")]
    assert parse("PUT 'file://C:\\new it''s.csv' @s") == Put("C:\\new it's.csv", named("", "S"), Options())
    assert parse("GET @s/a file:///tmp/out/") == Get(named("a", "S"), "/tmp/out/", Options())


@pytest.mark.parametrize("verb", ["LIST", "ls"])
def test_list(verb: str) -> None:
    assert parse(f"{verb} @d.x.s/a PATTERN = '.*[.]gz'") == ListFiles(named("a", "D", "X", "S"), ".*[.]gz")


@pytest.mark.parametrize("verb", ["REMOVE", "rm"])
def test_remove(verb: str) -> None:
    assert parse(f"{verb} '@s/a b'") == RemoveFiles(named("a b", "S"))


def copied(text: str) -> CopyIntoTable:
    found = parse(text)
    assert isinstance(found, CopyIntoTable)
    return found


def test_copy_plain() -> None:
    found = copied(
        "COPY INTO d.x.t (a, \"b\") FROM @s/p/ FILES = ('1.json', '2.json') FILE_FORMAT = (TYPE = JSON)"
        " ON_ERROR = SKIP_FILE_10% FORCE = TRUE"
    )
    assert (found.table, found.columns) == (QualifiedName.of("D", "X", "T"), ("A", "b"))
    assert (found.stage, found.url, found.transformation) == (named("p/", "S"), None, None)
    files = found.options.get("FILES")
    assert files is not None
    assert [item.text for item in files.items] == ["1.json", "2.json"]
    assert found.options.text("ON_ERROR") == "SKIP_FILE_10%"


def test_copy_from_the_tables_own_stage() -> None:
    assert copied("COPY INTO t").stage == StageRef(StageKind.TABLE, QualifiedName.of("T"), "")


def test_copy_from_elsewhere() -> None:
    found = copied("COPY INTO t FROM 's3://b/p' FILE_FORMAT = f")
    assert (found.stage, found.url) == (None, "s3://b/p")


def test_copy_with_metadata() -> None:
    found = copied(
        'COPY INTO t FROM @s MATCH_BY_COLUMN_NAME = CASE_SENSITIVE INCLUDE_METADATA = ("f" = METADATA$FILENAME)'
    )
    value = found.options.get("INCLUDE_METADATA")
    assert value is not None
    assert value.options is not None
    assert [(option.name, option.value.text) for option in value.options] == [("f", "METADATA$FILENAME")]


def test_copy_with_transformation() -> None:
    query = (
        'SELECT $1, METADATA$FILENAME file, $1:a:b::STRING AS x, t.$1:n::NUMBER(10, 2) "n",'
        " IFF(t.$2 IS NULL, 'a, b', CAST($3 AS INT)), $4 IS NULL, CASE WHEN $5 THEN 1 END, $6::DOUBLE PRECISION"
        " FROM @x.s/p (FILE_FORMAT => 'f', PATTERN => '.*') t"
    )
    found = copied(f"COPY INTO t FROM ({query}) ON_ERROR = 'CONTINUE'").transformation
    assert found is not None
    assert found.query == Fragment(query, 18)
    assert [item.text for item in found.items] == [
        "$1",
        "METADATA$FILENAME",
        "$1:a:b::STRING",
        "t.$1:n::NUMBER(10, 2)",
        "IFF(t.$2 IS NULL, 'a, b', CAST($3 AS INT))",
        "$4 IS NULL",
        "CASE WHEN $5 THEN 1 END",
        "$6::DOUBLE PRECISION",
    ]
    assert (found.alias, found.distinct, found.rest) == ("T", False, None)
    assert found.stage_options.text("FILE_FORMAT") == "f"


def test_copy_with_what_a_transformation_may_not_have() -> None:
    found = copied("COPY INTO t FROM (SELECT DISTINCT $1 FROM @s WHERE $1 > 1)").transformation
    assert found is not None
    assert found.distinct
    assert found.alias is None
    assert found.rest is not None
    assert found.rest.text == "WHERE $1 > 1"


def test_copy_out() -> None:
    found = parse(
        "COPY INTO @s/out/ FROM (SELECT a, b FROM t) PARTITION BY ('d=' || a) FILE_FORMAT = (TYPE = CSV) HEADER = TRUE"
    )
    assert isinstance(found, CopyIntoLocation)
    assert found.stage == named("out/", "S")
    assert found.query is not None
    assert found.query.text == "SELECT a, b FROM t"
    assert found.partition_by is not None
    assert found.partition_by.text == "('d=' || a)"
    assert found.options.names == ("FILE_FORMAT", "HEADER")
    table = parse("COPY INTO '@~/x' FROM t")
    assert isinstance(table, CopyIntoLocation)
    assert (table.stage, table.table) == (StageRef(StageKind.USER, None, "x"), QualifiedName.of("T"))


def test_copy_files() -> None:
    assert parse("COPY FILES INTO @a/x FROM @b") == CopyFiles(named("x", "A"), named("", "B"), Options())


@pytest.mark.parametrize(
    ("text", "problem", "message"),
    [
        ("PUT /tmp/a @s", Unexpected, "syntax error line 1 at position 4 unexpected '/'."),
        ("PUT file:///a s", Unexpected, "syntax error line 1 at position 14 unexpected 's'."),
        ("COPY INTO t FROM s", Unexpected, "syntax error line 1 at position 17 unexpected 's'."),
        ("COPY INTO t FROM @s FOO = 1", InvalidProperty, "invalid property 'FOO' for 'COPY'"),
        ("COPY INTO t FROM (SELECT $1 FROM u)", Unexpected, "syntax error line 1 at position 33 unexpected 'u'."),
        ("LIST @a.b.c.d", TextProblem, "A name has one to three parts, this has 4: A.B.C.D"),
    ],
)
def test_problem(text: str, problem: type[TextProblem], message: str) -> None:
    with pytest.raises(problem) as caught:
        parse(text)
    assert caught.value.message == message
