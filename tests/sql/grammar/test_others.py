"""Containers, pipes, alerts, routines, queries and what is not known."""

import pytest

from pipeline.sql.grammar import parse
from pipeline.sql.grammar.containers import (
    AbortAllQueries,
    AlterContainer,
    AlterRecorded,
    AlterWarehouse,
    CreateDatabase,
    CreateRecorded,
    CreateSchema,
    CreateWarehouse,
    Drop,
    Grant,
    ManagedAccess,
    Undrop,
)
from pipeline.sql.grammar.model import (
    Clone,
    CreateMode,
    Dml,
    DmlKind,
    Flow,
    Fragment,
    ObjectKind,
    Options,
    Query,
    RenameTo,
    Resume,
    Statement,
    Suspend,
    TimeTravel,
    TravelBy,
    TravelTo,
    UnsetOptions,
    Unsupported,
)
from pipeline.sql.grammar.pipes import (
    AlterAlert,
    AlterPipe,
    CreateAlert,
    CreatePipe,
    ExecuteAlert,
    ModifyAction,
    ModifyCondition,
    RefreshPipe,
)
from pipeline.sql.grammar.routines import (
    AlterRoutine,
    Argument,
    CreateRoutine,
    ExecuteAs,
    Language,
    Returns,
    SetExecuteAs,
    TableColumn,
)
from pipeline.sql.names import QualifiedName
from pipeline.sql.problems import TextProblem, Unexpected
from pipeline.sql.types import DataType, Kind, number, varchar


def name(*parts: str) -> QualifiedName:
    return QualifiedName.of(*parts)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("CREATE DATABASE d", CreateDatabase(name("D"), CreateMode.NEW, False, None, Options())),
        (
            "CREATE TRANSIENT SCHEMA IF NOT EXISTS d.s WITH MANAGED ACCESS",
            CreateSchema(name("D", "S"), CreateMode.IF_NOT_EXISTS, True, True, None, Options()),
        ),
        (
            "CREATE SCHEMA s CLONE o AT (OFFSET => -1) INCLUDE INTERNAL STAGES",
            CreateSchema(
                name("S"),
                CreateMode.NEW,
                False,
                False,
                Clone(
                    name("O"),
                    TimeTravel(TravelTo.AT, TravelBy.OFFSET, Fragment("-1", 38)),
                    ("INCLUDE INTERNAL STAGES",),
                ),
                Options(),
            ),
        ),
        ("CREATE DATABASE d FROM SHARE a.b", Unsupported("CREATE DATABASE … FROM", "CREATE DATABASE d FROM SHARE a.b")),
        (
            "ALTER DATABASE IF EXISTS d RENAME TO e",
            AlterContainer(ObjectKind.DATABASE, name("D"), True, RenameTo(name("E"))),
        ),
        (
            "ALTER SCHEMA s DISABLE MANAGED ACCESS",
            AlterContainer(ObjectKind.SCHEMA, name("S"), False, ManagedAccess(False)),
        ),
        ("CREATE WAREHOUSE w WITH TAG (a = 'b')", CreateWarehouse(name("W"), CreateMode.NEW, Options())),
        ("ALTER WAREHOUSE w SUSPEND", AlterWarehouse(name("W"), False, Suspend())),
        ("ALTER WAREHOUSE RESUME IF SUSPENDED", AlterWarehouse(None, False, Resume(if_suspended=True))),
        ("ALTER WAREHOUSE w ABORT ALL QUERIES", AlterWarehouse(name("W"), False, AbortAllQueries())),
        ("ALTER WAREHOUSE w UNSET COMMENT", AlterWarehouse(name("W"), False, UnsetOptions(("COMMENT",)))),
        (
            "CREATE ROLE IF NOT EXISTS r COMMENT = 'x'",
            CreateRecorded(
                ObjectKind.ROLE, name("R"), CreateMode.IF_NOT_EXISTS, "CREATE ROLE IF NOT EXISTS r COMMENT = 'x'"
            ),
        ),
        (
            "ALTER USER u SET x = 1",
            AlterRecorded(ObjectKind.USER, name("U"), False, "ALTER USER u SET x = 1"),
        ),
        ("ALTER ACCOUNT SET a = 1", AlterRecorded(ObjectKind.ACCOUNT, None, False, "ALTER ACCOUNT SET a = 1")),
        ("GRANT ALL ON t TO ROLE r", Grant(False, "GRANT ALL ON t TO ROLE r")),
        ("REVOKE ALL ON t FROM ROLE r", Grant(True, "REVOKE ALL ON t FROM ROLE r")),
        ("DROP SCHEMA IF EXISTS s CASCADE", Drop(ObjectKind.SCHEMA, name("S"), True, True)),
        ("DROP FILE FORMAT f", Drop(ObjectKind.FILE_FORMAT, name("F"), False)),
        ("DROP DATABASE ROLE d.r", Drop(ObjectKind.DATABASE_ROLE, name("D", "R"), False)),
        (
            "DROP PROCEDURE IF EXISTS p(INT, TEXT)",
            Drop(ObjectKind.PROCEDURE, name("P"), True, None, (number(), varchar())),
        ),
        ("DROP FUNCTION f()", Drop(ObjectKind.FUNCTION, name("F"), False, None, ())),
        ("UNDROP TABLE d.s.t", Undrop(ObjectKind.TABLE, name("D", "S", "T"))),
    ],
)
def test_containers(text: str, wanted: Statement) -> None:
    assert parse(text) == wanted


def test_warehouse_options() -> None:
    found = parse("CREATE OR REPLACE WAREHOUSE w WAREHOUSE_SIZE = 'X-SMALL' AUTO_SUSPEND = 60, AUTO_RESUME = TRUE")
    assert isinstance(found, CreateWarehouse)
    assert [(option.name, option.value.text) for option in found.options] == [
        ("WAREHOUSE_SIZE", "X-SMALL"),
        ("AUTO_SUSPEND", "60"),
        ("AUTO_RESUME", "TRUE"),
    ]


def test_pipe() -> None:
    found = parse("CREATE PIPE p AUTO_INGEST = TRUE AS COPY INTO t FROM @s ON_ERROR = CONTINUE;")
    assert isinstance(found, CreatePipe)
    assert found.options.text("AUTO_INGEST") == "TRUE"
    assert found.body == Fragment("COPY INTO t FROM @s ON_ERROR = CONTINUE", 36)
    assert found.copy.table == name("T")
    assert found.copy.options.text("ON_ERROR") == "CONTINUE"
    assert parse("ALTER PIPE p REFRESH PREFIX = 'a/'") == AlterPipe(name("P"), False, RefreshPipe("a/"))


def test_alert() -> None:
    found = parse(
        "CREATE ALERT a WAREHOUSE = w SCHEDULE = '1 MINUTE' IF (EXISTS (SELECT 1 FROM (SELECT 2)))"
        " THEN BEGIN INSERT INTO t VALUES (1); END"
    )
    assert isinstance(found, CreateAlert)
    assert found.options.names == ("WAREHOUSE", "SCHEDULE")
    assert found.condition.text == "SELECT 1 FROM (SELECT 2)"
    assert found.action.text == "BEGIN INSERT INTO t VALUES (1); END"
    a = name("A")
    assert parse("ALTER ALERT a SUSPEND") == AlterAlert(a, False, Suspend())
    assert parse("ALTER ALERT a MODIFY CONDITION EXISTS (SELECT 1)") == AlterAlert(
        a, False, ModifyCondition(Fragment("SELECT 1", 39))
    )
    assert parse("ALTER ALERT a MODIFY ACTION SELECT 1") == AlterAlert(a, False, ModifyAction(Fragment("SELECT 1", 28)))
    assert parse("EXECUTE ALERT a") == ExecuteAlert(a)


def test_procedure() -> None:
    found = parse(
        "CREATE OR REPLACE SECURE PROCEDURE d.s.p(a INT, b OUT TEXT, c DATE DEFAULT '2020-01-01') COPY GRANTS"
        " RETURNS TABLE (x INT, y TEXT) LANGUAGE SQL STRICT COMMENT = 'c' EXECUTE AS CALLER AS BEGIN RETURN 1; END;"
    )
    assert isinstance(found, CreateRoutine)
    assert found.arguments == (
        Argument("A", number()),
        Argument("B", varchar(), output=True),
        Argument("C", DataType(Kind.DATE), Fragment("'2020-01-01'", 75)),
    )
    assert found.returns == Returns(None, (TableColumn("X", number()), TableColumn("Y", varchar())))
    assert (found.language, found.execute_as, found.secure, found.copy_grants) == (
        Language.SQL,
        ExecuteAs.CALLER,
        True,
        True,
    )
    assert found.words == ("STRICT",)
    assert found.body is not None
    assert found.body.text == "BEGIN RETURN 1; END"


def test_function_in_python() -> None:
    text = (
        "CREATE FUNCTION f(x FLOAT) RETURNS VARIANT NOT NULL LANGUAGE PYTHON RUNTIME_VERSION = '3.11'"
        " PACKAGES = ('numpy', 'pandas') HANDLER = 'h' AS $$\ndef h(x):\n    return 'AS'\n$$"
    )
    found = parse(text)
    assert isinstance(found, CreateRoutine)
    assert found.kind is ObjectKind.FUNCTION
    assert found.returns == Returns(DataType(Kind.VARIANT), nullable=False)
    assert found.language is Language.PYTHON
    assert found.options.names == ("RUNTIME_VERSION", "PACKAGES", "HANDLER")
    assert found.body == Fragment("\ndef h(x):\n    return 'AS'\n", text.index("$$") + 2)


def test_alter_routine() -> None:
    assert parse("ALTER PROCEDURE IF EXISTS p(INT) EXECUTE AS OWNER") == AlterRoutine(
        ObjectKind.PROCEDURE, name("P"), (number(),), True, SetExecuteAs(ExecuteAs.OWNER)
    )


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("SELECT 1;", Query("SELECT 1")),
        ("-- a comment\nSELECT 1", Query("SELECT 1")),
        ("(SELECT 1) UNION ALL (SELECT 2)", Query("(SELECT 1) UNION ALL (SELECT 2)")),
        ("VALUES (1), (2)", Query("VALUES (1), (2)")),
        ("WITH a AS (SELECT 1) SELECT * FROM a", Query("WITH a AS (SELECT 1) SELECT * FROM a")),
        ("INSERT INTO s.t VALUES (1)", Dml(DmlKind.INSERT, "INSERT INTO s.t VALUES (1)", name("S", "T"))),
        (
            "INSERT OVERWRITE INTO t SELECT 1",
            Dml(DmlKind.INSERT, "INSERT OVERWRITE INTO t SELECT 1", name("T"), overwrite=True),
        ),
        (
            "INSERT FIRST WHEN f(a, 1) THEN INTO t ELSE INTO u SELECT 1",
            Dml(DmlKind.MULTI_INSERT, "INSERT FIRST WHEN f(a, 1) THEN INTO t ELSE INTO u SELECT 1", name("T")),
        ),
        ("UPDATE t SET a = 1", Dml(DmlKind.UPDATE, "UPDATE t SET a = 1", name("T"))),
        ("DELETE FROM t", Dml(DmlKind.DELETE, "DELETE FROM t", name("T"))),
        (
            "MERGE INTO IDENTIFIER('s.t') USING u ON 1 = 1 WHEN MATCHED THEN DELETE",
            Dml(
                DmlKind.MERGE,
                "MERGE INTO IDENTIFIER('s.t') USING u ON 1 = 1 WHEN MATCHED THEN DELETE",
                name("S", "T"),
            ),
        ),
        ("UPDATE IDENTIFIER($t) SET a = 1", Dml(DmlKind.UPDATE, "UPDATE IDENTIFIER($t) SET a = 1", None)),
        (
            "SHOW TABLES ->> SELECT ($1) FROM $1 ->> SELECT 2",
            Flow(
                "SHOW TABLES ->> SELECT ($1) FROM $1 ->> SELECT 2",
                (Fragment("SHOW TABLES", 0), Fragment("SELECT ($1) FROM $1", 16), Fragment("SELECT 2", 40)),
            ),
        ),
        ("SELECT '->>'", Query("SELECT '->>'")),
        ("ANALYZE t", Unsupported("ANALYZE T", "ANALYZE t")),
        ("CREATE EXTERNAL TABLE t (a INT)", Unsupported("CREATE EXTERNAL TABLE", "CREATE EXTERNAL TABLE t (a INT)")),
        ("CREATE HYBRID TABLE t (a INT)", Unsupported("CREATE HYBRID TABLE", "CREATE HYBRID TABLE t (a INT)")),
        ("ALTER FOO BAR x", Unsupported("ALTER FOO BAR", "ALTER FOO BAR x")),
        (
            "WITH p AS PROCEDURE () RETURNS INT AS $$ x $$ CALL p()",
            Unsupported("WITH … AS PROCEDURE", "WITH p AS PROCEDURE () RETURNS INT AS $$ x $$ CALL p()"),
        ),
    ],
)
def test_queries_and_the_unknown(text: str, wanted: Statement) -> None:
    assert parse(text) == wanted


@pytest.mark.parametrize("text", ["", ";", "-- only a comment", "SELECT 1 ->>", "INSERT t", "DELETE t", ")"])
def test_what_is_no_statement(text: str) -> None:
    with pytest.raises(Unexpected):
        parse(text)


def test_only_the_head_of_a_long_statement_is_cut_into_tokens() -> None:
    rows = ", ".join(f"({row}, 'text {row}')" for row in range(1000))
    found = parse(f"INSERT INTO t VALUES {rows} '")
    assert isinstance(found, Dml)  # the open quote far behind was never looked at


def test_a_duplicate_option_is_said() -> None:
    with pytest.raises(TextProblem) as caught:
        parse("CREATE STAGE s COMMENT = 'a'\n COMMENT = 'b'")
    assert (caught.value.message, caught.value.line, caught.value.position) == ("duplicate property 'COMMENT';", 2, 1)
