"""CSV: ON_ERROR's budgets, counts and places of errors, as recorded from live accounts; options of the format."""

import pytest

from local.accounts import Client
from local.staging import copied, one, stage
from pipeline.local.copying.loads import FileLoad

ONE_BAD_OF_FOUR = "id,name\n10,a\n11,b\n12,c\nBADX,d\n"
TWO_BAD_OF_FOUR = "id,name\n20,a\nBADY,b\n22,c\nBADZ,d\n"
FORMAT = "FILE_FORMAT = (TYPE = CSV SKIP_HEADER = 1)"


@pytest.fixture
def t(db: Client) -> Client:
    db.run("CREATE TABLE t (id INTEGER, name VARCHAR)")
    return db


def rows(t: Client) -> list[tuple[object, ...]]:
    return t.rows("SELECT id, name FROM t ORDER BY id")


def test_a_clean_file_is_loaded_once(t: Client) -> None:
    stage(t, "@st", "good.csv", "1,x\n2,y\n")
    load = "COPY INTO t FROM @st FILES = ('good.csv')"
    assert one(t, load) == FileLoad("st/good.csv", "LOADED", 2, 2, 1, 0)
    assert one(t, load) == FileLoad("st/good.csv", "LOAD_SKIPPED", 0, 0, None, 1, "File was loaded before.")
    assert t.rows("COPY INTO t FROM @st") == [("Copy executed with 0 files processed.",)]
    assert one(t, f"{load} FORCE = TRUE").status == "LOADED"
    assert len(rows(t)) == 4


@pytest.mark.parametrize(
    ("content", "on_error", "status", "loaded", "limit", "seen"),
    [
        (ONE_BAD_OF_FOUR, "CONTINUE", "PARTIALLY_LOADED", 3, 4, 1),
        (ONE_BAD_OF_FOUR, "SKIP_FILE", "LOAD_FAILED", 0, 1, 1),
        (ONE_BAD_OF_FOUR, "SKIP_FILE_1", "LOAD_FAILED", 0, 1, 1),
        (ONE_BAD_OF_FOUR, "SKIP_FILE_2", "PARTIALLY_LOADED", 3, 2, 1),
        (ONE_BAD_OF_FOUR, "'SKIP_FILE_50%'", "PARTIALLY_LOADED", 3, 2, 1),
        (ONE_BAD_OF_FOUR, "'skip_file_30%'", "LOAD_FAILED", 0, 1, 1),
        (TWO_BAD_OF_FOUR, "'SKIP_FILE_50%'", "LOAD_FAILED", 0, 2, 2),
        (TWO_BAD_OF_FOUR, "'SKIP_FILE_70%'", "LOAD_FAILED", 0, 2, 2),
        (TWO_BAD_OF_FOUR, "CONTINUE", "PARTIALLY_LOADED", 2, 4, 2),
        ("id,name\nB,x\nC,y\n", "SKIP_FILE_5", "LOAD_FAILED", 0, 5, 2),
        ("id,name\nB,x\nC,y\n", "CONTINUE", "LOAD_FAILED", 0, 2, 2),
        ("id,name\n1,x\n2,y\n", "SKIP_FILE_0", "LOAD_FAILED", 0, 0, 0),
        ("id,name\n1,x\n2,y\n", "'SKIP_FILE_0%'", "LOADED", 2, 1, 0),
        ("id,name\n", "CONTINUE", "LOADED", 0, 1, 0),
        ("", "SKIP_FILE", "LOADED", 0, 1, 0),
    ],
)
def test_budgets(t: Client, content: str, on_error: str, status: str, loaded: int, limit: int, seen: int) -> None:
    stage(t, "@st", "f.csv", content)
    load = one(t, f"COPY INTO t FROM @st {FORMAT} ON_ERROR = {on_error}")
    assert (load.status, load.rows_loaded, load.error_limit, load.errors_seen) == (status, loaded, limit, seen)
    assert load.rows_parsed == max(content.count("\n") - 1, 0)
    assert len(rows(t)) == loaded


def test_the_first_error_is_described(t: Client) -> None:
    stage(t, "@st", "f.csv", TWO_BAD_OF_FOUR)
    load = one(t, f"COPY INTO t FROM @st {FORMAT} ON_ERROR = CONTINUE")
    assert load.row[6:] == ("Numeric value 'BADY' is not recognized", 3, 1, '"T"["ID":1]')


def test_abort_says_where_and_loads_nothing_of_any_file(t: Client) -> None:
    stage(t, "@st", "bad.csv", "1,x\nNOPE,y\n3,z\n")
    stage(t, "@st", "good.csv", "1,x\n2,y\n")
    error = t.error("COPY INTO t FROM @st FILES = ('good.csv', 'bad.csv')")
    assert (error.errno, error.sqlstate) == (100038, "22018")
    assert error.message == (
        "Numeric value 'NOPE' is not recognized\n"
        "  File 'bad.csv', line 2, character 1\n"
        '  Row 2, column "T"["ID":1]\n'
        "  If you would like to continue loading when an error is encountered, use other values such as 'SKIP_FILE' "
        "or 'CONTINUE' for the ON_ERROR option. For more information on loading options, please run 'info "
        "loading_data' in a SQL client."
    )
    assert rows(t) == []
    assert copied(t, "COPY INTO t FROM @st FILES = ('good.csv')")[0].status == "LOADED"


def test_abort_reports_the_earlier_of_a_conversion_and_a_parsing_error(t: Client) -> None:
    stage(t, "@st", "f.csv", "1,x\nNOPE,y\n3\n")
    assert "NOPE" in t.error("COPY INTO t FROM @st").message
    stage(t, "@st", "f.csv", "1,x\n3\nNOPE,y\n")
    assert "End of record" in t.error("COPY INTO t FROM @st").message


def test_a_failed_file_is_tried_again_and_a_part_is_not(t: Client) -> None:
    stage(t, "@st", "f.csv", TWO_BAD_OF_FOUR)
    load = f"COPY INTO t FROM @st {FORMAT} ON_ERROR ="
    assert one(t, f"{load} SKIP_FILE").status == "LOAD_FAILED"
    assert one(t, f"{load} CONTINUE").status == "PARTIALLY_LOADED"
    assert t.rows(f"{load} CONTINUE") == [("Copy executed with 0 files processed.",)]


def test_several_files_each_by_its_own_budget(t: Client) -> None:
    stage(t, "@st", "a.csv", "id,name\n1,a\n")
    stage(t, "@st", "b.csv", ONE_BAD_OF_FOUR)
    stage(t, "@st", "c.csv", "id,name\nX,a\n")
    stage(t, "@st", "d.csv", "id,name\n4,d\n")
    loads = copied(t, f"COPY INTO t FROM @st {FORMAT} ON_ERROR = CONTINUE")
    assert [load.status for load in loads] == ["LOADED", "PARTIALLY_LOADED", "LOAD_FAILED", "LOADED"]
    assert [row[0] for row in rows(t)] == [1, 4, 10, 11, 12]
    failed = copied(t, f"COPY INTO t FROM @st {FORMAT} ON_ERROR = CONTINUE FORCE = TRUE RETURN_FAILED_ONLY = TRUE")
    assert [load.file for load in failed] == ["st/b.csv", "st/c.csv"]


COUNT = (
    "Number of columns in file ({0}) does not match that of the corresponding table (2), use file format option "
    "error_on_column_count_mismatch=false to ignore this error"
)


@pytest.mark.parametrize(
    ("content", "error"),
    [
        ("h\n1,a,extra\n2,b\n", (COUNT.format(3), 3, 1, '"T"[3]')),
        ("h\n1\n2,b\n", (COUNT.format(1), 3, 1, '"T"["ID":1]')),
        ("h\n1,a,extra\n", (COUNT.format(3), 2, 10, '"T"[3]')),
        ("h\n1\n", (COUNT.format(1), 2, 2, '"T"["ID":1]')),
        (
            "h\n1,a\n2,b,extra\n",
            ("Field delimiter ',' found while expecting record delimiter '\\n'", 3, 4, '"T"["NAME":2]'),
        ),
        (
            "h\n1,a\n2\n",
            ('End of record reached while expected to parse column \'"T"["NAME":2]\'', 3, 2, '"T"["NAME":2]'),
        ),
        (
            "h\n1,a\n\n2,b\n",
            ('End of record reached while expected to parse column \'"T"["NAME":2]\'', 3, 1, '"T"["NAME":2]'),
        ),
    ],
)
def test_wrong_numbers_of_fields(t: Client, content: str, error: tuple[object, ...]) -> None:
    stage(t, "@st", "f.csv", content)
    load = one(t, f"COPY INTO t FROM @st {FORMAT} ON_ERROR = CONTINUE")
    assert load.row[6:] == error
    assert load.errors_seen == 1


@pytest.mark.parametrize(
    "statement",
    [
        "COPY INTO t FROM @st FILE_FORMAT = (TYPE = CSV ERROR_ON_COLUMN_COUNT_MISMATCH = FALSE)",
        "COPY INTO t (id, name) FROM @st",
        "COPY INTO t FROM (SELECT $1, $2 FROM @st)",
    ],
)
def test_what_suspends_the_count(t: Client, statement: str) -> None:
    stage(t, "@st", "f.csv", "1\n2,b,extra\n")
    assert one(t, statement).row[1:6] == ("LOADED", 2, 2, 1, 0)
    assert rows(t) == [(1, None), (2, "b")]


def test_blank_lines(db: Client) -> None:
    db.run("CREATE TABLE one (v VARCHAR)")
    stage(db, "@st", "f.csv", "1\n\n2\n")
    assert one(db, "COPY INTO one FROM @st").rows_loaded == 3
    assert db.value("SELECT COUNT(v) FROM one") == 2
    skipping = "COPY INTO one FROM @st FILE_FORMAT = (TYPE = CSV SKIP_BLANK_LINES = TRUE) FORCE = TRUE"
    assert one(db, skipping).row[1:4] == ("LOADED", 3, 2)


MOMENTS = (
    "FILE_FORMAT = (TYPE = CSV DATE_FORMAT = 'DD/MM/YYYY' TIME_FORMAT = 'HH12:MI AM'"
    " TIMESTAMP_FORMAT = 'DD/MM/YYYY HH24:MI:SS')"
)


def test_dates_and_times_as_the_format_writes_them(db: Client) -> None:
    db.run("CREATE TABLE m (d DATE, t TIME, n TIMESTAMP_NTZ, z TIMESTAMP_TZ, v VARCHAR)")
    stage(db, "@st", "f.csv", "03/12/2024,01:05 PM,31/12/2024 13:00:01,01/02/2024 00:00:00,03/12/2024\n,,,,\n")
    assert one(db, f"COPY INTO m FROM @st {MOMENTS}").row[1:4] == ("LOADED", 2, 2)
    assert db.rows("SELECT d::VARCHAR, t::VARCHAR, n::VARCHAR, z::DATE::VARCHAR, v FROM m") == [
        ("2024-12-03", "13:05:00", "2024-12-31 13:00:01.000", "2024-02-01", "03/12/2024"),
        (None, None, None, None, None),
    ]
    stage(db, "@st", "g.csv", "2024-12-03,,,,\n30/11/2024,,,,\n31/11/2024,,,,\n")
    load = one(db, f"COPY INTO m FROM @st FILES = ('g.csv') {MOMENTS} ON_ERROR = CONTINUE")
    assert load.row[1:10] == (
        *("PARTIALLY_LOADED", 3, 1, 3, 2),
        *("Date '2024-12-03' is not recognized", 1, 1, '"M"["D":1]'),
    )
    db.run(
        f"COPY INTO m (v, d) FROM @st FILES = ('f.csv') {MOMENTS.replace('DD/MM/YYYY', 'AUTO', 1)} ON_ERROR = CONTINUE"
    )


def test_formats_of_moments_are_kept_and_refused_where_they_do_nothing(db: Client) -> None:
    db.run("CREATE FILE FORMAT f TYPE = CSV DATE_FORMAT = 'DD/MM/YYYY' TIMESTAMP_FORMAT = AUTO")
    db.run("CREATE TABLE m (d DATE, v VARCHAR)")
    assert "DATE_FORMAT = 'DD/MM/YYYY'" in str(db.value("SELECT GET_DDL('FILE_FORMAT', 'f')"))
    stage(db, "@st", "f.csv", "03/12/2024,x\n")
    assert db.error("COPY INTO m FROM (SELECT $1, $2 FROM @st) FILE_FORMAT = f").errno == 391900
    assert db.error("COPY INTO @st/out FROM m FILE_FORMAT = f").errno == 391900
    db.run(
        "COPY INTO m (v) FROM (SELECT $2 FROM @st) FILE_FORMAT = f", "COPY INTO m FROM @st FILE_FORMAT = f FORCE = TRUE"
    )
    assert db.rows("SELECT d::VARCHAR, v FROM m") == [(None, "x"), ("2024-12-03", "x")]


def test_not_null_and_length_are_errors_of_the_record(db: Client) -> None:
    db.run("CREATE TABLE n (id INTEGER, name VARCHAR(3) NOT NULL)")
    stage(db, "@st", "f.csv", "1,ab\n2,\n3,abcdefgh\n")
    load = one(db, "COPY INTO n FROM @st ON_ERROR = CONTINUE")
    assert load.row[3:] == (1, 3, 2, "NULL result in a non-nullable column", 2, 3, '"N"["NAME":2]')
    stage(db, "@st", "g.csv", "1,ab\n3,abcdefgh\n")
    error = db.error("COPY INTO n FROM @st FILES = ('g.csv')")
    assert error.message.startswith("User character length limit (3) exceeded by string 'abcdefgh'\n")
    assert one(db, "COPY INTO n FROM @st FILES = ('g.csv') TRUNCATECOLUMNS = TRUE").rows_loaded == 2
    assert db.rows("SELECT name FROM n WHERE id = 3") == [("abc",)]


@pytest.mark.parametrize(
    ("options", "line", "expected"),
    [
        ("", "a,,c", ("a", None, "c")),
        ("EMPTY_FIELD_AS_NULL = FALSE", "a,,c", ("a", "", "c")),
        ("", "\\N,b\\,c,d\\te", (None, "b,c", "d\te")),
        ("ESCAPE_UNENCLOSED_FIELD = NONE", "a\\,b,c", ("a\\", "b", "c")),
        ("FIELD_OPTIONALLY_ENCLOSED_BY = '\"'", '"a,""b""",,""', ('a,"b"', None, "")),
        ("FIELD_OPTIONALLY_ENCLOSED_BY = '\"'", '"a\nb","",x', ("a\nb", "", "x")),
        ("FIELD_OPTIONALLY_ENCLOSED_BY = '\"' ESCAPE = '\\\\'", '"a\\"b",x,y', ('a"b', "x", "y")),
        ("TRIM_SPACE = TRUE FIELD_OPTIONALLY_ENCLOSED_BY = '\"'", ' 1 , " x y " , z ', ("1", " x y ", "z")),
        ("TRIM_SPACE = TRUE NULL_IF = ('NULL')", "  NULL  ,b, c", (None, "b", "c")),
        ("NULL_IF = ('x', 'y')", "x,y,z", (None, None, "z")),
        ("FIELD_DELIMITER = '|'", "a|b,c|d", ("a", "b,c", "d")),
        ("FIELD_DELIMITER = '||'", "a||b|c||d", ("a", "b|c", "d")),
        ("FIELD_DELIMITER = '0x01'", "a\x01b\x01c", ("a", "b", "c")),
        ("RECORD_DELIMITER = ';'", "a,b,c;", ("a", "b", "c")),
        ("", "a,b,c\r", ("a", "b", "c")),
        ("", "﻿a,b,c", ("a", "b", "c")),
        ("", "ä,😀,'", ("ä", "😀", "'")),
    ],
)
def test_format_options(db: Client, options: str, line: str, expected: tuple[object, ...]) -> None:
    db.run("CREATE TABLE v (a VARCHAR, b VARCHAR, c VARCHAR)")
    stage(db, "@st", "f.csv", f"{line}\n" if "RECORD" not in options else line)
    db.run(f"COPY INTO v FROM @st FILE_FORMAT = (TYPE = CSV {options})")
    assert db.rows("SELECT a, b, c FROM v") == [expected]


def test_text_after_an_enclosure_is_an_error(t: Client) -> None:
    stage(t, "@st", "f.csv", '1,"a"b\n2,"c"\n')
    load = one(
        t, "COPY INTO t FROM @st FILE_FORMAT = (TYPE = CSV FIELD_OPTIONALLY_ENCLOSED_BY = '\"') ON_ERROR = CONTINUE"
    )
    assert load.row[6:] == ("Found character 'b' instead of field delimiter ','", 1, 6, '"T"["NAME":2]')
    assert rows(t) == [(2, "c")]


def test_bytes_that_are_no_utf8(t: Client) -> None:
    stage(t, "@st", "f.csv", b"1,a\xff\n2,b\n")
    load = one(t, "COPY INTO t FROM @st ON_ERROR = CONTINUE")
    assert load.rows_loaded == 1
    assert load.first_error is not None
    assert load.first_error.startswith("Invalid UTF8 detected")
    again = "COPY INTO t FROM @st FORCE = TRUE FILE_FORMAT = (TYPE = CSV REPLACE_INVALID_CHARACTERS = TRUE)"
    assert one(t, again).status == "LOADED"
    assert t.value("SELECT name FROM t WHERE id = 1") == "a�"


def test_types_are_read_from_text(db: Client) -> None:
    db.run("CREATE TABLE y (n NUMBER(8,2), f FLOAT, b BOOLEAN, d DATE, s TIMESTAMP_NTZ, v VARIANT, a ARRAY, k INT)")
    line = '12.345,1e3,TRUE,2026-03-02,2026-03-02 10:11:12.5,{"a": 1},[1],7'
    stage(db, "@st", "f.csv", f"{line.replace(',', '|')}\n|||||||\n")
    db.run("COPY INTO y FROM @st FILE_FORMAT = (TYPE = CSV FIELD_DELIMITER = '|')")
    assert db.rows("SELECT n::VARCHAR, f, b, d::VARCHAR, s::VARCHAR, v:a::INT, a[0]::INT FROM y WHERE k = 7") == [
        ("12.35", 1000.0, True, "2026-03-02", "2026-03-02 10:11:12.500", 1, 1)
    ]
    assert db.value("SELECT COUNT(*) FROM y WHERE v IS NULL AND a IS NULL AND n IS NULL") == 1


@pytest.mark.parametrize(
    ("type_", "good", "bad"),
    [
        ("NUMBER(4,1)", "12.34", "1234.5"),
        ("INTEGER", "-7", "1e"),
        ("FLOAT", "1e-3", "one"),
        ("BOOLEAN", "yes", "maybe"),
        ("DATE", "2026-03-02", "2026-02-30"),
        ("TIME", "10:11", "25:00"),
        ("TIMESTAMP_NTZ", "2026-03-02 10:11", "02.03.2026"),
        ("TIMESTAMP_LTZ", "2026-03-02T10:11:12Z", "soon"),
        ("VARIANT", '{"a":[1]}', '{"a"'),
        ("VARCHAR(2)", "ab", "abc"),
        ("BINARY", "0AFF", "0G"),
    ],
)
def test_values_that_a_type_does_not_take(db: Client, type_: str, good: str, bad: str) -> None:
    db.run(f"CREATE TABLE y (v {type_}, k INT)")
    stage(db, "@st", "f.csv", "".join(f"{bad if row in (3, 8) else good}|{row}\n" for row in range(1, 11)))
    load = one(db, "COPY INTO y FROM @st FILE_FORMAT = (TYPE = CSV FIELD_DELIMITER = '|') ON_ERROR = CONTINUE")
    assert (load.rows_loaded, load.errors_seen, load.first_error_line) == (8, 2, 3)
    assert load.first_error_column_name == '"Y"["V":1]'
    assert [row[0] for row in db.rows("SELECT k FROM y WHERE v IS NOT NULL ORDER BY k")] == [1, 2, 4, 5, 6, 7, 9, 10]


def test_columns_that_are_not_named_get_their_defaults(db: Client) -> None:
    db.run("CREATE TABLE d (id INT AUTOINCREMENT, a VARCHAR, b VARCHAR DEFAULT 'none')")
    stage(db, "@st", "f.csv", "x\ny\n")
    db.run("COPY INTO d (a) FROM @st")
    assert db.rows("SELECT id, a, b FROM d ORDER BY id") == [(1, "x", "none"), (2, "y", "none")]


def test_match_by_column_name(t: Client) -> None:
    stage(t, "@st", "f.csv", "NAME,other,Id\nhey,1,9\n")
    form = "FILE_FORMAT = (TYPE = CSV PARSE_HEADER = TRUE)"
    t.run(f"COPY INTO t FROM @st {form} MATCH_BY_COLUMN_NAME = CASE_INSENSITIVE")
    t.run(f"COPY INTO t FROM @st {form} MATCH_BY_COLUMN_NAME = CASE_SENSITIVE FORCE = TRUE")
    assert t.rows("SELECT id, name FROM t ORDER BY id NULLS LAST") == [(9, "hey"), (None, "hey")]
    error = t.error("COPY INTO t FROM @st MATCH_BY_COLUMN_NAME = CASE_SENSITIVE")
    assert "not supported for file format CSV without PARSE_HEADER = TRUE" in error.message
