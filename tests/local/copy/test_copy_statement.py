"""COPY INTO <table> as a statement: options, files, transactions, load metadata, history, streams."""

from datetime import timedelta

import pytest

from local.accounts import Client, client
from local.staging import copied, one, stage
from pipeline.local.clock import ManualClock
from pipeline.local.copying.loads import COPY_HISTORY_COLUMNS, copy_history
from pipeline.local.engine import Account
from pipeline.local.objects import Kind
from pipeline.sql.names import QualifiedName


@pytest.fixture
def t(db: Client) -> Client:
    db.run("CREATE TABLE t (id INTEGER, name VARCHAR)")
    return db


def count(t: Client) -> object:
    return t.value("SELECT COUNT(*) FROM t")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ("ON_ERROR = 'BOGUS'", "invalid value ['BOGUS'] for parameter 'ON_ERROR'"),
        ("ON_ERROR = KEEP_GOING", "invalid value [KEEP_GOING] for parameter 'ON_ERROR'"),
        ("ON_ERROR = 2", "invalid value [2] for parameter 'ON_ERROR'"),
        ("MATCH_BY_COLUMN_NAME = 'WRONG'", "invalid value ['WRONG'] for parameter 'MATCH_BY_COLUMN_NAME'"),
        ("VALIDATION_MODE = 'WRONG_MODE'", "invalid value ['WRONG_MODE'] for parameter 'VALIDATION_MODE'"),
        ("FORCE = 'TRUE'", "invalid value ['TRUE'] for parameter 'FORCE'"),
        ("SIZE_LIMIT = -5", "invalid value [-5] for parameter 'SIZE_LIMIT'"),
        ("PURGE = MAYBE", "invalid value [MAYBE] for parameter 'PURGE'"),
        ("ENFORCE_LENGTH = TRUE TRUNCATECOLUMNS = TRUE", "conflicting values for copy option 'TRUNCATECOLUMNS'"),
        ("FILE_FORMAT = (TYPE = CSV NO_SUCH = 1)", "invalid parameter 'NO_SUCH'"),
        ("FILE_FORMAT = (TYPE = JSON SKIP_HEADER = 1)", "Option SKIP_HEADER is not valid for file format type JSON."),
        ("FILE_FORMAT = (TYPE = 'NOPE')", "invalid value ['NOPE'] for parameter 'TYPE'"),
        ("FILE_FORMAT = (TYPE = CSV SKIP_HEADER = -1)", "invalid value [-1] for parameter 'SKIP_HEADER'"),
        ("FILE_FORMAT = (TYPE = CSV ENCODING = 'ISO88591')", "ENCODING = ISO88591 is not supported"),
        ("FILE_FORMAT = (TYPE = JSON DATE_FORMAT = 'DD.MM.YYYY')", "DATE_FORMAT = DD.MM.YYYY is not supported"),
        ("FILE_FORMAT = (TYPE = PARQUET)", "The file format type PARQUET is not supported"),
        ("FILE_FORMAT = no_such", "does not exist or not authorized"),
    ],
)
def test_options_that_are_wrong(t: Client, options: str, message: str) -> None:
    assert message in t.error(f"COPY INTO t FROM @st {options}").message


def test_paths_are_prefixes_and_files_go_on_where_they_stop(t: Client) -> None:
    for name in ("f1", "f1.csv"):
        stage(t, "@st", name, "1,x\n")
    for name in ("g", "h.csv"):
        stage(t, "@st/dir", name, "2,x\n")
    stage(t, "@st/dirx", "k", "3,x\n")

    def loaded(source: str) -> list[str]:
        answer = t.result(f"COPY INTO t FROM {source} FORCE = TRUE")
        return [str(row[0]).removeprefix("st/") for row in answer.rows] if len(answer.columns) > 1 else []

    assert loaded("@st") == ["dir/g", "dir/h.csv", "dirx/k", "f1", "f1.csv"]
    assert loaded("@st/f1") == ["f1", "f1.csv"]
    assert loaded("@st/f1/") == []
    assert loaded("@st/di") == ["dir/g", "dir/h.csv", "dirx/k"]
    assert loaded("@st/dir/") == ["dir/g", "dir/h.csv"]
    assert loaded("@st/DIR") == []
    assert loaded("@st/dir PATTERN = '.*g'") == ["dir/g"]
    assert loaded("@st/dir PATTERN = 'g'") == []
    assert loaded("@st PATTERN = 'st/f1'") == []
    assert loaded("@st/di FILES = ('r/g')") == ["dir/g"]
    assert loaded("@st/dir FILES = ('/g')") == ["dir/g"]
    assert loaded("@st FILES = ('dir/g')") == ["dir/g"]
    error = t.error("COPY INTO t FROM @st/dir FILES = ('g')")
    assert (error.errno, error.sqlstate) == (91016, "22000")
    assert error.message.startswith("Remote file '@st/dirg' was not found. If you are running a copy command")


@pytest.mark.parametrize("path", ["../x", "a/../../x", "a/.."])
def test_paths_do_not_leave_the_stage(t: Client, path: str) -> None:
    assert t.error(f"COPY INTO t FROM '@st/{path}'").errno == 1008
    assert t.error(f"COPY INTO t FROM @st FILES = ('{path}')").errno == 1008


def test_size_limit(t: Client) -> None:
    stage(t, "@st", "s1.csv", "1,a\n2,b\n")
    stage(t, "@st", "s2.csv", "3,c\n4,d\n")
    assert len(copied(t, "COPY INTO t FROM @st SIZE_LIMIT = 1 FORCE = TRUE")) == 1
    assert len(copied(t, "COPY INTO t FROM @st SIZE_LIMIT = 8 FORCE = TRUE")) == 2


def test_what_makes_a_file_new(t: Client) -> None:
    load = "COPY INTO t FROM @st"
    stage(t, "@st", "f.csv", "1,a\n")
    t.run(load)
    t.run("DELETE FROM t", load)
    assert count(t) == 0
    stage(t, "@st", "f.csv", "2,b\n")
    t.run(load)
    assert count(t) == 1, "other content under the name is loaded"
    t.run("TRUNCATE TABLE t", load)
    assert count(t) == 1, "TRUNCATE forgets"
    t.run("CREATE OR REPLACE TABLE t (id INTEGER, name VARCHAR)", load)
    assert count(t) == 1, "OR REPLACE forgets"
    t.run("CREATE TABLE u (id INTEGER, name VARCHAR)", "COPY INTO u FROM @st")
    assert t.value("SELECT COUNT(*) FROM u") == 1, "each table remembers for itself"


def test_metadata_lasts_64_days(t: Client, clock: ManualClock) -> None:
    stage(t, "@st", "f.csv", "1,a\n")
    t.run("COPY INTO t FROM @st")
    clock.advance(timedelta(days=63))
    t.run("COPY INTO t FROM @st")
    assert count(t) == 1
    clock.advance(timedelta(days=365))
    t.run("COPY INTO t FROM @st")
    assert count(t) == 1, "old, and perhaps loaded: passed over"
    assert one(t, "COPY INTO t FROM @st FILES = ('f.csv')").status == "LOAD_SKIPPED"
    t.run("COPY INTO t FROM @st LOAD_UNCERTAIN_FILES = TRUE")
    assert count(t) == 2


def test_a_rollback_forgets_the_load_and_keeps_the_file(t: Client) -> None:
    stage(t, "@st", "f.csv", "1,a\n")
    t.run("BEGIN", "COPY INTO t FROM @st PURGE = TRUE", "ROLLBACK")
    assert count(t) == 0
    assert len(t.rows("LIST @st")) == 1
    t.run("BEGIN", "COPY INTO t FROM @st PURGE = TRUE")
    assert len(t.rows("LIST @st")) == 1
    t.run("COMMIT")
    assert count(t) == 1
    assert t.rows("LIST @st") == []


def test_purge_leaves_files_that_were_not_loaded_whole(t: Client) -> None:
    stage(t, "@st", "a.csv", "1,a\n")
    stage(t, "@st", "b.csv", "1,a\nX,b\n")
    t.run("COPY INTO t FROM @st ON_ERROR = CONTINUE PURGE = TRUE")
    assert [row[0] for row in t.rows("LIST @st")] == ["st/b.csv"]


def test_a_failed_copy_in_a_transaction_undoes_itself_alone(t: Client) -> None:
    stage(t, "@st", "good.csv", "1,a\n")
    stage(t, "@st", "bad.csv", "2,b\nX,c\n")
    t.run("BEGIN", "INSERT INTO t VALUES (7, 'before')", "COPY INTO t FROM @st FILES = ('good.csv')")
    t.error("COPY INTO t FROM @st FILES = ('bad.csv')")
    t.run("COPY INTO t FROM @st FILES = ('bad.csv') ON_ERROR = CONTINUE", "REMOVE @st")
    assert t.error("INSERT INTO t SELECT 1 / (id - id), 'y' FROM t").errno == 100051
    t.run("COMMIT")
    assert [row[0] for row in t.rows("SELECT id FROM t ORDER BY id")] == [1, 2, 7]


def test_a_transaction_does_its_loads_again_though_the_file_is_gone(db: Client) -> None:
    db.run("CREATE TABLE v (v VARIANT)")
    stage(db, "@st", "f.json.gz", '{"a":1}\n{"a":2}\n')
    db.run("BEGIN", "COPY INTO v FROM @st FILE_FORMAT = (TYPE = JSON)", "REMOVE @st")
    assert db.error("INSERT INTO v SELECT TO_VARIANT(1 / (v:a::INT - v:a::INT)) FROM v").errno == 100051
    db.run("COMMIT")
    assert db.value("SELECT SUM(v:a::INT) FROM v") == 3


def test_rows_enter_streams_as_inserts(t: Client) -> None:
    t.run("CREATE STREAM s ON TABLE t")
    stage(t, "@st", "f.csv", "1,a\nX,b\n3,c\n")
    t.run("COPY INTO t FROM @st ON_ERROR = CONTINUE")
    rows = t.rows("SELECT id, METADATA$ACTION, METADATA$ISUPDATE FROM s ORDER BY id")
    assert rows == [(1, "INSERT", False), (3, "INSERT", False)]


def test_copy_options_and_format_of_the_stage(t: Client) -> None:
    t.run(
        "CREATE FILE FORMAT pipes TYPE = CSV FIELD_DELIMITER = '|'",
        "CREATE STAGE mine FILE_FORMAT = (FORMAT_NAME = pipes) COPY_OPTIONS = (ON_ERROR = 'CONTINUE')",
    )
    stage(t, "@mine", "f.csv", "1|a\nX|b\n")
    assert one(t, "COPY INTO t FROM @mine").status == "PARTIALLY_LOADED"
    assert t.error("COPY INTO t FROM @mine ON_ERROR = ABORT_STATEMENT FORCE = TRUE").errno == 100038
    t.run("DROP FILE FORMAT pipes")
    assert t.error("COPY INTO t FROM @mine").errno == 2003
    t.run("ALTER STAGE mine SET FILE_FORMAT = (TYPE = CSV FIELD_DELIMITER = '|')")
    assert one(t, "COPY INTO t FROM @mine FORCE = TRUE").rows_loaded == 1


def test_table_and_user_stages(t: Client) -> None:
    stage(t, "@%t", "f.csv", "1,a\n")
    stage(t, "@~/mine", "g.csv", "2,b\n")
    assert one(t, "COPY INTO t").file == "f.csv"
    assert one(t, "COPY INTO t FROM @~/mine").file == "mine/g.csv"
    assert t.rows("SELECT METADATA$FILENAME FROM @%t") == [("@T/f.csv",)]


def test_validation_mode_loads_nothing(t: Client) -> None:
    stage(t, "@st", "bad.csv", "1,x\nNOPE,y\n3,ü\n4\n")
    stage(t, "@st", "good.csv", "1,x\n2,y\n")
    found = t.records("COPY INTO t FROM @st VALIDATION_MODE = RETURN_ERRORS")
    assert found[0] == {
        "ERROR": "Numeric value 'NOPE' is not recognized",
        "FILE": "bad.csv",
        "LINE": 2,
        "CHARACTER": 1,
        "BYTE_OFFSET": 4,
        "CATEGORY": "conversion",
        "CODE": 100038,
        "SQL_STATE": "22018",
        "COLUMN_NAME": '"T"["ID":1]',
        "ROW_NUMBER": 2,
        "ROW_START_LINE": 2,
        "REJECTED_RECORD": "NOPE,y\n",
    }
    assert (found[1]["CATEGORY"], found[1]["BYTE_OFFSET"], found[1]["REJECTED_RECORD"]) == ("parsing", 17, "4")
    assert t.rows("COPY INTO t FROM @st/good.csv VALIDATION_MODE = RETURN_1_ROWS") == [(1, "x")]
    assert t.error("COPY INTO t FROM @st/bad.csv VALIDATION_MODE = RETURN_3_ROWS").errno == 100038
    assert count(t) == 0
    assert len(copied(t, "COPY INTO t FROM @st/good.csv")) == 1
    error = t.error("COPY INTO t FROM (SELECT $1, $2 FROM @st) VALIDATION_MODE = RETURN_ERRORS")
    assert "VALIDATION_MODE does not support COPY with transform." in error.message


def test_history(t: Client, clock: ManualClock) -> None:
    stage(t, "@st", "a.csv", "1,a\n")
    stage(t, "@st", "b.csv", "1,a\nX,b\n")
    start = clock.now()
    t.run("COPY INTO t FROM @st ON_ERROR = CONTINUE")
    table = t.session.require(Kind.TABLE, QualifiedName.of("T"))
    names = [name for name, _ in COPY_HISTORY_COLUMNS]
    rows = [dict(zip(names, row, strict=True)) for row in copy_history(t.session, table, start)]
    shown = [(row["FILE_NAME"], row["STATUS"], row["ROW_COUNT"], row["ROW_PARSED"], row["ERROR_COUNT"]) for row in rows]
    assert shown == [("a.csv", "Loaded", 1, 1, 0), ("b.csv", "Partially loaded", 1, 2, 1)]
    assert rows[1]["FIRST_ERROR_LINE_NUMBER"] == 2
    clock.advance(timedelta(days=15))
    assert copy_history(t.session, table, start) == []


def test_loads_outlive_the_session_and_are_seen_by_others(t: Client, account: Account) -> None:
    stage(t, "@st", "f.csv", "1,a\n")
    t.run("COPY INTO t FROM @st")
    other = client(account, database=None)
    other.run(f"USE DATABASE {t.session.database}")
    assert other.rows("COPY INTO t FROM @st") == [("Copy executed with 0 files processed.",)]


def test_what_is_refused_by_name(t: Client) -> None:
    t.run("CREATE STAGE far URL = 's3://bucket/path/'")
    for sql in ("COPY INTO t FROM @far", "COPY INTO t FROM 's3://bucket/x'", "COPY FILES INTO @st FROM @st"):
        error = t.error(sql)
        assert error.errno == 391900, sql
        assert error.message.endswith("is not supported by the local account."), sql


def test_options_with_one_value_read_back(t: Client) -> None:
    t.run("CREATE FILE FORMAT one_value TYPE = JSON ENABLE_OCTAL = FALSE")
    assert "ENABLE_OCTAL = FALSE\n" in str(t.value("SELECT GET_DDL('FILE_FORMAT', 'one_value')"))
    assert t.error("CREATE FILE FORMAT octal TYPE = JSON ENABLE_OCTAL = TRUE").errno == 391900
