"""DESCRIBE of every kind."""

import pytest

from local.accounts import Client, shown
from pipeline.local.show.columns import STREAMS, TASKS


def _names(db: Client, sql: str) -> list[str]:
    return [column.name for column in db.result(sql).columns]


def test_a_table(db: Client) -> None:
    db.run(
        "CREATE TABLE t (id INT AUTOINCREMENT PRIMARY KEY, a VARCHAR NOT NULL DEFAULT 'x' COMMENT 'c',"
        " b NUMBER(10, 2) UNIQUE, c TIMESTAMP_LTZ, d VARIANT, e BINARY)"
    )
    assert _names(db, "DESC TABLE t") == [
        "name",
        "type",
        "kind",
        "null?",
        "default",
        "primary key",
        "unique key",
        "check",
        "expression",
        "comment",
        "policy name",
        "privacy domain",
    ]
    assert shown([(*row[:7], row[9]) for row in db.rows("DESCRIBE TABLE t")]) == [
        "ID | NUMBER(38,0) | COLUMN | N | IDENTITY START 1 INCREMENT 1 NOORDER | Y | N | NULL",
        "A | VARCHAR(16777216) | COLUMN | N | 'x' | N | N | c",
        "B | NUMBER(10,2) | COLUMN | Y | NULL | N | Y | NULL",
        "C | TIMESTAMP_LTZ(9) | COLUMN | Y | NULL | N | N | NULL",
        "D | VARIANT | COLUMN | Y | NULL | N | N | NULL",
        "E | BINARY(8388608) | COLUMN | Y | NULL | N | N | NULL",
    ]


def test_a_view_and_a_result(db: Client) -> None:
    db.run("CREATE TABLE t (a INT, b DATE)", "CREATE VIEW v AS SELECT b, a * 2 AS twice FROM t")
    assert [row[:2] for row in db.rows("DESC VIEW v")] == [("B", "DATE"), ("TWICE", "NUMBER(38,0)")]
    assert db.rows("DESC TABLE v") == db.rows("DESC VIEW v")
    query = db.result("SELECT b, a AS x FROM t").query_id
    assert [row[:3] for row in db.rows("DESC RESULT LAST_QUERY_ID()")] == [
        ("B", "DATE", "COLUMN"),
        ("X", "NUMBER(38,0)", "COLUMN"),
    ]
    assert [row[0] for row in db.rows(f"DESC RESULT '{query}'")] == ["B", "X"]


def test_a_stream_and_a_task_as_show_has_them(db: Client) -> None:
    db.run("CREATE TABLE t (a INT)", "CREATE STREAM s ON TABLE t", "CREATE TASK k AS SELECT 1")
    assert _names(db, "DESC STREAM s") == [name for name, _ in STREAMS]
    assert _names(db, "DESC TASK k") == [name for name, _ in TASKS]
    assert db.records("DESC STREAM s") == db.records("SHOW STREAMS")
    assert db.records("DESC TASK k") == db.records("SHOW TASKS")


def test_a_file_format_and_a_stage(db: Client) -> None:
    db.run("CREATE FILE FORMAT f TYPE = CSV SKIP_HEADER = 1 FIELD_OPTIONALLY_ENCLOSED_BY = '\"'")
    found = {str(r["property"]): r for r in db.records("DESC FILE FORMAT f")}
    assert list(found["SKIP_HEADER"].values()) == ["SKIP_HEADER", "Integer", "1", "0"]
    assert list(found["FIELD_OPTIONALLY_ENCLOSED_BY"].values())[2:] == ['"', "NONE"]
    assert list(found["RECORD_DELIMITER"].values())[2:] == ["\\n", "\\n"]
    db.run("CREATE STAGE st FILE_FORMAT = (TYPE = JSON STRIP_OUTER_ARRAY = TRUE)")
    stage = {(r["parent_property"], r["property"]): r["property_value"] for r in db.records("DESC STAGE st")}
    assert stage["STAGE_FILE_FORMAT", "STRIP_OUTER_ARRAY"] == "true"
    assert stage["STAGE_COPY_OPTIONS", "ON_ERROR"] == "ABORT_STATEMENT"
    db.run("CREATE STAGE named FILE_FORMAT = (FORMAT_NAME = 'f')")
    assert ("STAGE_FILE_FORMAT", "FORMAT_NAME") in {
        (r["parent_property"], r["property"]) for r in db.records("DESC STAGE named")
    }


def test_containers(db: Client) -> None:
    db.run("CREATE TABLE t (a INT)", "CREATE VIEW v AS SELECT a FROM t")
    assert [row[1:] for row in db.rows("DESC SCHEMA public")] == [("T", "TABLE"), ("V", "VIEW")]
    assert [row[1:] for row in db.rows("DESC DATABASE db")] == [("PUBLIC", "SCHEMA")]
    assert [row[1:] for row in db.rows("DESC WAREHOUSE compute_wh")] == [("COMPUTE_WH", "WAREHOUSE")]


def test_a_procedure(db: Client) -> None:
    db.run("CREATE PROCEDURE p(a INT) RETURNS VARCHAR LANGUAGE SQL EXECUTE AS CALLER AS $$BEGIN RETURN 1; END$$")
    found = {r["property"]: r["value"] for r in db.records("DESC PROCEDURE p(NUMBER)")}
    assert found["signature"] == "(A NUMBER(38,0))"
    assert (found["returns"], found["language"], found["execute as"]) == ("VARCHAR(16777216)", "SQL", "CALLER")
    assert db.error("DESC PROCEDURE p(VARCHAR)").errno == 2003


@pytest.mark.parametrize(
    ("sql", "errno"),
    [
        ("DESC TABLE nope", 2003),
        ("DESC STREAM nope", 2003),
        ("DESC SCHEMA nope", 2003),
        ("DESC WAREHOUSE nope", 2003),
        ("DESC RESULT 'nope'", 709),
        ("DESC INTEGRATION nope", 391900),
    ],
)
def test_refusals(db: Client, sql: str, errno: int) -> None:
    assert db.error(sql).errno == errno
