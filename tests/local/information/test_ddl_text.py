"""GET_DDL gives a text that makes the same object again."""

import pytest

from local.accounts import Client
from pipeline.sql.splitter import split

OBJECTS = {
    "table": (
        "TABLE",
        "T",
        """CREATE TABLE t (id INT AUTOINCREMENT START 5 INCREMENT 2, name VARCHAR(20) NOT NULL DEFAULT 'it''s'
        COMMENT 'a\\\\b', "low er" NUMBER(10, 2), v VARIANT, at TIMESTAMP_NTZ(3) DEFAULT CURRENT_TIMESTAMP(),
        CONSTRAINT pk PRIMARY KEY (id), UNIQUE (name)) CLUSTER BY (name) DATA_RETENTION_TIME_IN_DAYS = 3
        CHANGE_TRACKING = TRUE ENABLE_SCHEMA_EVOLUTION = TRUE COMMENT = 'the table'""",
    ),
    "transient table": ("TABLE", "T", "CREATE TRANSIENT TABLE t (a FLOAT, b BINARY, c BOOLEAN, d DATE, e TIME(0))"),
    "child table": (
        "TABLE",
        "T",
        "CREATE TABLE t (a INT, CONSTRAINT fk FOREIGN KEY (a) REFERENCES base (id))",
    ),
    "view": ("VIEW", "V", "CREATE SECURE VIEW v (a COMMENT 'x', b) COMMENT = 'y' AS SELECT id, 'q''q' FROM base"),
    "stream": ("STREAM", "S", "CREATE STREAM s ON TABLE base APPEND_ONLY = TRUE COMMENT = 'c'"),
    "stream on a view": ("STREAM", "S", "CREATE STREAM s ON VIEW base_view"),
    "task": (
        "TASK",
        "K",
        """CREATE TASK k WAREHOUSE = compute_wh SCHEDULE = 'USING CRON 0 9 * * 1 Europe/Zurich'
        CONFIG = '{"a": "b\\\\\\\\c"}' OVERLAP_POLICY = ALLOW_CHILD_OVERLAP
        SUSPEND_TASK_AFTER_NUM_FAILURES = 3 QUERY_TAG = 'it''s' COMMENT = 'nightly'
        WHEN SYSTEM$STREAM_HAS_DATA('S0') AS BEGIN INSERT INTO base VALUES (1); RETURN 'x'; END""",
    ),
    "child task": ("TASK", "K", "CREATE TASK k AFTER root, other AS SELECT 1"),
    "finalizer": ("TASK", "K", "CREATE TASK k FINALIZE = root AS SELECT 1"),
    "json format": ("FILE_FORMAT", "F", "CREATE FILE FORMAT f TYPE = JSON STRIP_OUTER_ARRAY = TRUE COMMENT = 'c'"),
    "csv format": (
        "FILE_FORMAT",
        "F",
        """CREATE FILE FORMAT f TYPE = CSV FIELD_DELIMITER = '|' RECORD_DELIMITER = '\\\\r\\\\n' SKIP_HEADER = 1
        FIELD_OPTIONALLY_ENCLOSED_BY = '"' NULL_IF = ('NULL', '') ESCAPE_UNENCLOSED_FIELD = NONE""",
    ),
    "procedure": (
        "PROCEDURE",
        "P(NUMBER, VARCHAR)",
        """CREATE PROCEDURE p(n NUMBER(10, 2), t VARCHAR DEFAULT 'x''y') RETURNS VARCHAR LANGUAGE SQL COMMENT = 'c'
        EXECUTE AS CALLER AS $$BEGIN RETURN 'a''b\\\\n' || :t; END$$""",
    ),
    "schema": ("SCHEMA", "PUBLIC", "COMMENT ON SCHEMA public IS 'it''s'"),
}


@pytest.fixture
def db(db: Client) -> Client:
    db.run(
        "CREATE TABLE base (id INT)",
        "CREATE VIEW base_view AS SELECT id FROM base",
        "CREATE STREAM s0 ON TABLE base",
        "CREATE TASK root SCHEDULE = '1 MINUTE' AS SELECT 1",
        "CREATE TASK other AFTER root AS SELECT 1",
    )
    return db


def _ddl(db: Client, kind: str, name: str, qualified: str = "FALSE") -> str:
    return str(db.value(f"SELECT GET_DDL('{kind}', '{name}', {qualified})"))


@pytest.mark.parametrize("what", OBJECTS)
def test_the_text_makes_the_same_object_again(db: Client, what: str) -> None:
    kind, name, create = OBJECTS[what]
    db.run(create)
    text = _ddl(db, kind, name)
    if kind != "SCHEMA":
        db.run(f"DROP {kind.replace('_', ' ')} {name}")
    db.run(*(piece.text for piece in split(text)))
    assert _ddl(db, kind, name) == text


def test_a_table_reads_as_accounts_print_it(db: Client) -> None:
    db.run("CREATE TABLE t (a NUMBER(10, 2) NOT NULL DEFAULT 3, b VARCHAR, PRIMARY KEY (a)) COMMENT = 'c'")
    assert _ddl(db, "TABLE", "t") == (
        "create or replace TABLE T (\n\tA NUMBER(10,2) NOT NULL DEFAULT 3,\n\tB VARCHAR(16777216),\n"
        "\tprimary key (A)\n)COMMENT='c'\n;"
    )


def test_qualified_names(db: Client) -> None:
    assert _ddl(db, "STREAM", "s0", "TRUE") == "create or replace stream DB.PUBLIC.S0 on table DB.PUBLIC.BASE;"
    assert _ddl(db, "TASK", "root", "TRUE").startswith("create or replace task DB.PUBLIC.ROOT\n")


def test_names_that_need_quotes(db: Client) -> None:
    db.run('CREATE TABLE "low er" ("select" INT)')
    assert _ddl(db, "TABLE", '"low er"', "TRUE") == (
        'create or replace TABLE DB.PUBLIC."low er" (\n\t"select" NUMBER(38,0)\n);'
    )


def test_a_database_is_made_again_with_all_that_depends_on_something(db: Client) -> None:
    db.run(
        "CREATE VIEW a_first AS SELECT id FROM base_view",
        "CREATE OR REPLACE VIEW base_view AS SELECT id FROM base",
        "CREATE OR REPLACE TASK root SCHEDULE = '2 MINUTES' AS SELECT 1",
        "CREATE SCHEMA other",
        "CREATE TABLE other.t (a INT)",
    )
    text = _ddl(db, "DATABASE", "db")
    db.run("DROP DATABASE db", *(piece.text for piece in split(text)))
    db.run("USE SCHEMA db.public")
    assert _ddl(db, "DATABASE", "db") == text
    assert db.rows("SELECT COUNT(*) FROM db.public.a_first") == [(0,)]


@pytest.mark.parametrize(
    ("call", "errno"),
    [
        ("GET_DDL('TABLE', 'nope')", 2003),
        ("GET_DDL('PROCEDURE', 'nope()')", 2003),
        ("GET_DDL('SCHEMA', 'nope')", 2003),
        ("GET_DDL('STAGE', 's')", 391900),
    ],
)
def test_refusals(db: Client, call: str, errno: int) -> None:
    assert db.error(f"SELECT {call}").errno == errno
