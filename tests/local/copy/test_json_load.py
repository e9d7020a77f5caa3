"""JSON: lines, documents and arrays; what is no JSON; what becomes of the rest of the file; large values."""

import gzip
import json
import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from local.accounts import Client
from local.staging import copied, one, stage
from pipeline.local.copying.loads import FileLoad

LINES = "FILE_FORMAT = (TYPE = JSON MULTI_LINE = FALSE)"
WHOLE = "FILE_FORMAT = (TYPE = JSON)"


@pytest.fixture
def t(db: Client) -> Client:
    db.run("CREATE TABLE t (v VARIANT)")
    return db


def values(t: Client) -> list[object]:
    return [json.loads(str(value)) for (value,) in t.rows("SELECT v FROM t")]


def test_every_line_that_is_json_is_a_record(t: Client) -> None:
    content = '{"a":1}\n\n  [1, 2]\n42\n"x"\nnull\n{"b": {"c": [1.50]}}  \n   \n'
    stage(t, "@st", "f.json", content)
    assert one(t, f"COPY INTO t FROM @st {LINES}") == FileLoad("st/f.json", "LOADED", 6, 6, 1, 0)
    assert values(t) == [{"a": 1}, [1, 2], 42, "x", None, {"b": {"c": [1.5]}}]
    assert t.value("SELECT COUNT(*) FROM t WHERE v IS NULL") == 0, "a JSON null is a value"


@pytest.mark.parametrize("name", ["f.json", "f.json.gz"])
def test_broken_lines_spoil_only_themselves_without_multi_line(t: Client, name: str) -> None:
    stage(t, "@st", name, '{"a":1}\n{"a":2,"b":"\nINFO sent "x"\n{"a":3}\n{"a":4\n')
    load = one(t, f"COPY INTO t FROM @st {LINES} ON_ERROR = CONTINUE")
    assert load.row[1:] == (
        "PARTIALLY_LOADED", 5, 2, 5, 3, "Error parsing JSON: unterminated string", 2, 12, '"T"["V":1]',
    )  # fmt: skip
    assert values(t) == [{"a": 1}, {"a": 3}]


def test_a_broken_document_ends_what_can_be_read(t: Client) -> None:
    """Documentation of ON_ERROR: the records before it are loaded, the remainder of the file is skipped."""
    stage(t, "@st", "f.json", '{"a":1}\n{"a":2,\n{"a":3}\n{"a":4}\n')
    for budget in ("CONTINUE", "SKIP_FILE_1", "'SKIP_FILE_10%'"):
        t.run("TRUNCATE TABLE t")
        load = one(t, f"COPY INTO t FROM @st {WHOLE} ON_ERROR = {budget}")
        assert (load.status, load.rows_parsed, load.rows_loaded, load.errors_seen) == ("PARTIALLY_LOADED", 2, 1, 1)
        assert values(t) == [{"a": 1}]
    t.run("TRUNCATE TABLE t")
    assert one(t, f"COPY INTO t FROM @st {WHOLE} ON_ERROR = SKIP_FILE").status == "LOAD_FAILED"
    error = t.error(f"COPY INTO t FROM @st {WHOLE}")
    assert (error.errno, error.sqlstate) == (100069, "22P02")
    assert 'File \'f.json\', line 3, character 1\n  Row 2 starts at line 2, column "T"["V":1]' in error.message


def test_documents_over_several_lines_and_side_by_side(t: Client) -> None:
    stage(t, "@st", "f.json", json.dumps({"a": [1, {"b": "x\ny"}]}, indent=2) + '{"c":1} [2]\n3')
    assert one(t, f"COPY INTO t FROM @st {WHOLE}").rows_loaded == 4
    assert values(t) == [{"a": [1, {"b": "x\ny"}]}, {"c": 1}, [2], 3]


@pytest.mark.parametrize("indent", [None, 2])
def test_strip_outer_array(t: Client, indent: int | None) -> None:
    stage(t, "@st", "f.json", json.dumps([{"a": 1}, [2], None], indent=indent))
    assert one(t, f"COPY INTO t FROM @st {WHOLE}").rows_loaded == 1
    t.run("TRUNCATE TABLE t")
    t.run("CREATE OR REPLACE TABLE n (v VARIANT, r INT)")
    stripped = "FILE_FORMAT = (TYPE = JSON STRIP_OUTER_ARRAY = TRUE)"
    t.run(f"COPY INTO n FROM (SELECT $1, METADATA$FILE_ROW_NUMBER FROM @st) {stripped}")
    found = [(json.loads(str(value)), row) for value, row in t.rows("SELECT v, r FROM n ORDER BY r")]
    assert found == [({"a": 1}, 1), ([2], 2), (None, 3)]


@pytest.mark.parametrize(
    "document", ['{"a":1,"a":2}', '{"x":{"b":1,"b":1}}', '[{"k":1,"k":2}]', '{"a":{"b":{"c":1}},"d":[{"e":1,"e":2}]}']
)
def test_a_key_twice(t: Client, document: str) -> None:
    stage(t, "@st", "f.json", f'{{"ok":1}}\n{document}\n')
    assert "duplicate object attribute" in t.error(f"COPY INTO t FROM @st {LINES}").message
    allowed = "FILE_FORMAT = (TYPE = JSON MULTI_LINE = FALSE ALLOW_DUPLICATE = TRUE)"
    assert one(t, f"COPY INTO t FROM @st {allowed}").rows_loaded == 2
    assert values(t) == [{"ok": 1}, json.loads(document)], "the last value of a key is kept"


@pytest.mark.parametrize(
    "line",
    [
        "[1,]",
        "[1, ]",
        '{"a":1 ,  }',
        "NaN",
        '{"a":Infinity}',
        "{a:1}",
        "01",
        '"\t"',
        '{"a":1}x',
        "[1,,2]",
        "'x'",
        '1"a"',
    ],
)
def test_what_is_no_json(t: Client, line: str) -> None:
    stage(t, "@st", "f.json", f'{{"a":1}}\n{line}\n{{"a":2}}\n')
    load = one(t, f"COPY INTO t FROM @st {LINES} ON_ERROR = CONTINUE")
    assert (load.errors_seen, load.first_error_line) == (1, 2)


def test_a_key_twice_among_records_of_many_shapes(t: Client) -> None:
    good = ['{"x":{"a":1},"y":0}', '{"x":0,"y":{"b":1}}', "[]", "{}", '{"x":{"a":{"c":1}}}', '[{"k":1},{"k":2}]', "7"]
    stage(t, "@st", "f.json", "\n".join(good))
    assert one(t, f"COPY INTO t FROM @st {LINES}").rows_loaded == len(good)
    for bad in ('{"x":0,"y":{"b":1,"b":2}}', '{"x":{"a":1,"a":1},"y":0}', '[{"k":1,"k":1}]', '{"y":0,"y":1}'):
        for lines in ([*good, bad], [bad, *good]):
            stage(t, "@st", "f.json", "\n".join(lines))
            load = one(t, f"COPY INTO t FROM @st {LINES} ON_ERROR = CONTINUE")
            assert (load.errors_seen, load.first_error_line) == (1, lines.index(bad) + 1), bad


def test_strip_null_values(t: Client) -> None:
    stage(t, "@st", "f.json", '{"a":null,"b":{"x":null,"y":88.10},"c":[{"z":null}]}\n')
    form = "FILE_FORMAT = (TYPE = JSON STRIP_NULL_VALUES = TRUE)"
    t.run(f"COPY INTO t FROM @st {form}")
    assert t.value("SELECT v::VARCHAR FROM t") == '{"b":{"y":88.1},"c":[{}]}'
    stage(t, "@st", "g.json", "[1,null]")
    assert t.error(f"COPY INTO t FROM @st {form}").errno == 391900


def test_a_target_of_more_than_one_column(db: Client) -> None:
    db.run("CREATE TABLE pair (id INTEGER, v VARIANT)")
    error = db.error(f"COPY INTO pair FROM @st {WHOLE}")
    assert error.errno == 2019
    assert "one and only one column of type variant, object, or array" in error.message
    stage(db, "@st", "f.json", '{"id":1}\n')
    assert one(db, f"COPY INTO pair (v) FROM @st {WHOLE}").rows_loaded == 1


def test_transformation(db: Client) -> None:
    db.run("CREATE TABLE o (id INT NOT NULL, amount NUMBER(12,2), src VARCHAR, n INT, at TIMESTAMP_LTZ)")
    stage(db, "@st/in", "f.json", '{"id":1,"amount":65.80}\n\n{"id":2}\n')
    db.run(
        "COPY INTO o FROM (SELECT e.$1:id, e.$1:amount::NUMBER(12,2), METADATA$FILENAME, METADATA$FILE_ROW_NUMBER,"
        f" METADATA$START_SCAN_TIME FROM @st/in e) {LINES}"
    )
    rows = db.rows("SELECT id, amount::VARCHAR, src, n, at IS NOT NULL FROM o ORDER BY id")
    assert rows == [(1, "65.80", "in/f.json", 1, True), (2, None, "in/f.json", 2, True)]


def test_a_value_that_its_column_does_not_take_ends_the_statement_but_for_skip_file(db: Client) -> None:
    """Documentation of ON_ERROR for JSON: conversion errors follow ABORT_STATEMENT."""
    db.run("CREATE TABLE o (id INT)")
    stage(db, "@st", "f.json", '{"id":1}\n{"id":"ZZ"}\n')
    copy = f"COPY INTO o FROM (SELECT $1:id::INT FROM @st) {LINES} ON_ERROR ="
    for budget in ("CONTINUE", "SKIP_FILE_5", "ABORT_STATEMENT"):
        error = db.error(f"{copy} {budget}")
        assert 'File \'f.json\', line 2, character 1\n  Row 2, column "O"["ID":1]' in error.message
    assert one(db, f"{copy} SKIP_FILE").row[1:6] == ("LOAD_FAILED", 2, 0, 1, 1)
    assert db.value("SELECT COUNT(*) FROM o") == 0


@pytest.mark.parametrize(
    ("select", "function"),
    [("UPPER($1)", "UPPER"), ("$1 * 2", "*"), ("SUM($1)", "SUM"), ("LOWER(IFF(TRUE, 'a', 'b'))", "LOWER")],
)
def test_functions_that_copy_does_not_allow(t: Client, select: str, function: str) -> None:
    error = t.error(f"COPY INTO t FROM (SELECT {select} FROM @st)")
    assert error.message == f"SQL Compilation error: Function '{function}' not supported within a COPY"


@pytest.mark.parametrize(
    "query",
    [
        "SELECT $1 FROM @st WHERE $1 = 1",
        "SELECT DISTINCT $1 FROM @st",
        "SELECT * FROM @st",
        "SELECT (SELECT 1) FROM @st",
    ],
)
def test_queries_that_copy_does_not_allow(t: Client, query: str) -> None:
    assert "only supports simple SELECT from stage" in t.error(f"COPY INTO t FROM ({query})").message


def test_match_by_column_name(db: Client) -> None:
    db.run("CREATE TABLE m (id INT, name VARCHAR, extra VARIANT, file VARCHAR, missing INT)")
    stage(db, "@st", "f.json", '{"ID":1,"Name":" x ","extra":{"a":1}}\n{"id":2,"name":"null"}\n{"other":1}\n')
    form = "FILE_FORMAT = (TYPE = JSON TRIM_SPACE = TRUE NULL_IF = ('null'))"
    db.run(
        f"COPY INTO m FROM @st {form} MATCH_BY_COLUMN_NAME = CASE_INSENSITIVE"
        " INCLUDE_METADATA = (file = METADATA$FILENAME)"
    )
    assert db.rows("SELECT id, name, extra:a::INT, file, missing FROM m ORDER BY id NULLS LAST") == [
        (1, "x", 1, "f.json", None),
        (2, None, None, "f.json", None),
        (None, None, None, "f.json", None),
    ]
    error = db.error("COPY INTO m FROM (SELECT $1 FROM @st) MATCH_BY_COLUMN_NAME = CASE_SENSITIVE")
    assert error.message.startswith("SQL compilation error: match_by_column_name is not supported")


def test_large_values(t: Client) -> None:
    stage(t, "@st", "f.json", '{"a":1}\n{"b":"' + "x" * 20_000_000 + '"}\n')
    assert one(t, f"COPY INTO t FROM @st {LINES}").rows_loaded == 2
    assert t.value("SELECT MAX(LENGTH(v:b::VARCHAR)) FROM t") == 20_000_000


def test_a_value_above_the_largest(t: Client) -> None:
    stage(t, "@st", "f.json", b'{"a":1}\n{"b":"' + b"x" * 134_217_728 + b'"}\n')
    load = one(t, f"COPY INTO t FROM @st {LINES} ON_ERROR = CONTINUE")
    assert (load.rows_loaded, load.errors_seen) == (1, 1)
    assert load.first_error is not None
    assert load.first_error.startswith("Max LOB size (134217728) exceeded, actual size of parsed column is")


def test_row_numbers_follow_the_lines_of_a_large_file(db: Client) -> None:
    db.run("CREATE TABLE r (v INT, n INT)")
    stage(db, "@st", "f.json.gz", "".join(f'{{"i":{i},"pad":"{"x" * 60}"}}\n' for i in range(1, 300_001)))
    load = one(db, f"COPY INTO r FROM (SELECT $1:i, METADATA$FILE_ROW_NUMBER FROM @st) {LINES}")
    assert load.rows_loaded == 300_000
    assert db.rows("SELECT COUNT(*), SUM(IFF(v = n, 0, 1)) FROM r") == [(300_000, 0)]


def test_compressions(t: Client) -> None:
    import bz2
    import zlib

    brotli = pytest.importorskip("brotli")
    zstandard = pytest.importorskip("zstandard")
    data = b'{"a":1}\n'
    packer = zlib.compressobj(wbits=-15)
    packed = {
        "NONE": data,
        "GZIP": gzip.compress(data),
        "BZ2": bz2.compress(data),
        "ZSTD": zstandard.compress(data),
        "BROTLI": brotli.compress(data),
        "DEFLATE": zlib.compress(data),
        "RAW_DEFLATE": packer.compress(data) + packer.flush(),
    }
    for name, content in packed.items():
        stage(t, "@st", name, content)
        form = f"FILE_FORMAT = (TYPE = JSON COMPRESSION = {name})"
        assert one(t, f"COPY INTO t FROM @st/{name} {form} FILES = ('')").rows_loaded == 1, name
    for name in ("GZIP", "BZ2", "ZSTD", "NONE"):
        assert one(t, f"COPY INTO t FROM @st FILES = ('{name}') {WHOLE} FORCE = TRUE").rows_loaded == 1, name
    wrong = t.error("COPY INTO t FROM @st FILES = ('NONE') FORCE = TRUE FILE_FORMAT = (TYPE=JSON COMPRESSION=GZIP)")
    assert wrong.message.startswith("Error decompressing file 'NONE'")


@pytest.mark.parametrize(("content", "rows"), [("5", 1), ("5\n", 1), ("{", None), ("\n", 0), (" ", 0)])
def test_a_file_of_one_byte(t: Client, content: str, rows: int | None) -> None:
    stage(t, "@st", "f.json", content)
    if rows is None:
        assert t.error(f"COPY INTO t FROM @st {WHOLE}").errno == 100069
    else:
        assert one(t, f"COPY INTO t FROM @st {WHOLE}").rows_loaded == rows


documents = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(documents, max_size=6), st.integers(), st.booleans())
def test_what_is_written_is_what_is_loaded(t: Client, given_values: list[object], seed: int, spaced: bool) -> None:
    """The file that DuckDB reads in place and the file that is rewritten hold the same records."""
    rng = random.Random(seed)
    lines = [json.dumps(value, ensure_ascii=rng.random() < 0.5) for value in given_values]
    for index, between in enumerate(("\n", "\n \n" if spaced else "\r\n", " ")):
        t.run("TRUNCATE TABLE t")
        stage(t, "@st", "f.json", between.join(lines))
        assert one(t, f"COPY INTO t FROM @st {WHOLE}").rows_loaded == len(lines), index
        assert values(t) == given_values
    assert copied(t, f"COPY INTO t FROM @st FILES = ('f.json') {WHOLE}")[0].status == "LOAD_SKIPPED"
