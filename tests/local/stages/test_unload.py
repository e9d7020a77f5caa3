"""COPY INTO <location>: names, sizes, what is in the files, and what is in the way."""

import gzip
import json
from collections.abc import Callable

import pytest

from local.accounts import Client
from local.staging import transfer

PLAIN = "FILE_FORMAT = (TYPE = CSV COMPRESSION = NONE)"


@pytest.fixture
def ut(db: Client) -> Client:
    db.run("CREATE TABLE ut (a INTEGER, b VARCHAR)", "INSERT INTO ut VALUES (1, 'x'), (2, 'y')")
    return db


@pytest.fixture
def content(db: Client) -> Callable[[str], bytes]:
    folder = transfer(db, "PUT file:///tmp/x @st").folder
    return lambda name: (folder / name).read_bytes()


def listed(db: Client) -> list[object]:
    return [row[0] for row in db.rows("LIST @st")]


def test_gzip_is_the_default(ut: Client, content: Callable[[str], bytes]) -> None:
    (row,) = ut.records("COPY INTO @st/u1/ FROM ut")
    assert (row["rows_unloaded"], row["input_bytes"]) == (2, 8)
    assert listed(ut) == ["st/u1/data_0_0_0.csv.gz"]
    packed = content("u1/data_0_0_0.csv.gz")
    assert row["output_bytes"] == len(packed)
    assert gzip.decompress(packed) == b"1,x\n2,y\n"


def test_names(ut: Client) -> None:
    for target in ("@st", "@st/pfx", "@st/dir/", "@st/f SINGLE", "@st/d/ SINGLE"):
        place, _, single = target.partition(" ")
        ut.run(f"COPY INTO {place} FROM ut {PLAIN} {'SINGLE = TRUE' if single else ''} OVERWRITE = TRUE")
    ut.run("COPY INTO @st/e/ FROM ut FILE_FORMAT = (TYPE = CSV COMPRESSION = NONE FILE_EXTENSION = 'dat')")
    assert listed(ut) == [
        "st/d/data",
        "st/data_0_0_0.csv",
        "st/dir/data_0_0_0.csv",
        "st/e/data_0_0_0.dat",
        "st/f",
        "st/pfx_0_0_0.csv",
    ]


def test_what_is_in_the_way(ut: Client) -> None:
    ut.run(f"COPY INTO @st/dir/g FROM ut {PLAIN} SINGLE = TRUE", f"COPY INTO @st/f1 FROM ut {PLAIN} SINGLE = TRUE")
    ut.run(f"COPY INTO @st/f FROM ut {PLAIN} SINGLE = TRUE")
    taken = "Files already existing at the unload destination: {}. Use overwrite option to force unloading."
    assert ut.error(f"COPY INTO @st/f FROM ut {PLAIN} SINGLE = TRUE").message == taken.format("@st/f")
    assert ut.error("COPY INTO @st/di FROM ut").message == taken.format("@st/di")
    assert ut.error("COPY INTO @st FROM ut").message == taken.format("@st")
    assert ut.rows(f"COPY INTO @st/f FROM (SELECT 9) {PLAIN} SINGLE = TRUE OVERWRITE = TRUE") == [(1, 2, 2)]


def test_options(ut: Client, content: Callable[[str], bytes]) -> None:
    ut.run(f"COPY INTO @st/h FROM ut {PLAIN} HEADER = TRUE SINGLE = TRUE")
    assert content("h") == b"A,B\n1,x\n2,y\n"
    (row,) = ut.records("COPY INTO @st/u13/ FROM ut DETAILED_OUTPUT = TRUE")
    assert (row["FILE_NAME"], row["ROW_COUNT"]) == ("data_0_0_0.csv.gz", 2)
    ut.run(f"COPY INTO @st/many/ FROM ut {PLAIN} MAX_FILE_SIZE = 5")
    assert [content(f"many/data_0_{number}_0.csv") for number in (0, 1)] == [b"1,x\n", b"2,y\n"]
    ut.run("CREATE TABLE none (a INTEGER)")
    assert ut.rows("COPY INTO @st/none/ FROM none") == [(0, 0, 0)]
    wrong = {
        "OVERWRITE = 'TRUE'": "invalid value ['TRUE'] for parameter 'OVERWRITE'",
        "SINGLE = MAYBE": "invalid value [MAYBE] for parameter 'SINGLE'",
        "MAX_FILE_SIZE = -1": "invalid value [-1] for parameter 'MAX_FILE_SIZE'",
        "NO_SUCH_OPT = 1": "invalid parameter 'NO_SUCH_OPT'",
        "VALIDATION_MODE = RETURN_ERRORS": "invalid value [RETURN_ERRORS] for parameter 'VALIDATION_MODE'",
    }
    for option, message in wrong.items():
        assert message in ut.error(f"COPY INTO @st/w/ FROM ut {option}").message, option
    assert ut.error("COPY INTO @st/w/ FROM ut PARTITION BY (a) FILE_FORMAT = (TYPE = CSV)").errno == 391900


def test_json(ut: Client, content: Callable[[str], bytes]) -> None:
    error = ut.error("COPY INTO @st/j/ FROM ut FILE_FORMAT = (TYPE = JSON)")
    assert error.message == "Unsupported feature 'unloading of more than one column or non-json values'."
    ut.run(
        "COPY INTO @st/j/ FROM (SELECT OBJECT_CONSTRUCT('a', a, 'b', b) FROM ut ORDER BY a)"
        " FILE_FORMAT = (TYPE = JSON COMPRESSION = NONE)"
    )
    lines = content("j/data_0_0_0.json").decode().splitlines()
    assert [json.loads(line) for line in lines] == [{"a": 1, "b": "x"}, {"a": 2, "b": "y"}]


@pytest.mark.parametrize("options", ["", "FIELD_OPTIONALLY_ENCLOSED_BY = '\"'", "FIELD_DELIMITER = '|'"])
def test_what_is_unloaded_loads_again(db: Client, options: str) -> None:
    columns = "a INTEGER, b VARCHAR, c NUMBER(10,2), d DATE, e BOOLEAN, f FLOAT"
    db.run(f"CREATE TABLE one ({columns})", f"CREATE TABLE two ({columns})")
    db.run(
        "INSERT INTO one SELECT 1, 'x,y|\"z\\\\ ü', 1.5, '2026-03-02', TRUE, 1.25"
        " UNION ALL SELECT NULL, NULL, NULL, NULL, NULL, NULL"
        " UNION ALL SELECT 2, 'line\\nline', -0.01, '1999-12-31', FALSE, 1e20"
    )
    form = f"FILE_FORMAT = (TYPE = CSV {options})"
    db.run(f"COPY INTO @st FROM one {form}", f"COPY INTO two FROM @st {form}")
    assert db.value("SELECT COUNT(*) FROM (SELECT * FROM one MINUS SELECT * FROM two)") == 0
    assert db.value("SELECT COUNT(*) FROM two") == 3


def test_it_consumes_a_stream_as_a_dml_does(ut: Client) -> None:
    ut.run("CREATE STREAM s ON TABLE ut", "INSERT INTO ut VALUES (3, 'z')")
    ut.run("BEGIN", "COPY INTO @st/s1/ FROM (SELECT a FROM s)", "ROLLBACK")
    assert ut.value("SELECT COUNT(*) FROM s") == 1
    assert ut.records("COPY INTO @st/s2/ FROM (SELECT a FROM s)")[0]["rows_unloaded"] == 1
    assert ut.value("SELECT COUNT(*) FROM s") == 0
