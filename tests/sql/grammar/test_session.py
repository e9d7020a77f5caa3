"""USE, SET, ALTER SESSION, transactions, CALL, EXECUTE IMMEDIATE, EXPLAIN, COMMENT, SHOW, DESCRIBE."""

import pytest

from pipeline.sql.grammar import parse
from pipeline.sql.grammar.model import Block, Fragment, ObjectKind, Options, Statement, Unsupported
from pipeline.sql.grammar.session import (
    AlterSession,
    BeginTransaction,
    Call,
    CallArgument,
    Comment,
    Commit,
    Describe,
    DescribeResult,
    ExecuteImmediate,
    ExecuteImmediateFrom,
    Explain,
    ExplainFormat,
    Rollback,
    Scope,
    ScopeKind,
    SetVariables,
    Show,
    ShowKind,
    UnsetVariables,
    Use,
    UseKind,
)
from pipeline.sql.grammar.stages import StageKind, StageRef
from pipeline.sql.names import QualifiedName
from pipeline.sql.problems import DynamicName, TextProblem, Unexpected
from pipeline.sql.types import number, varchar


def name(*parts: str) -> QualifiedName:
    return QualifiedName.of(*parts)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("USE ROLE r", Use(UseKind.ROLE, name("R"))),
        ("USE WAREHOUSE IDENTIFIER('\"w\"')", Use(UseKind.WAREHOUSE, name("w"))),
        ("USE DATABASE d", Use(UseKind.DATABASE, name("D"))),
        ("use schema d.s", Use(UseKind.SCHEMA, name("D", "S"))),
        ("USE d", Use(UseKind.DATABASE, name("D"))),
        ("USE role", Use(UseKind.DATABASE, name("ROLE"))),
        ("USE d.s", Use(UseKind.SCHEMA, name("D", "S"))),
        ("USE SECONDARY ROLES ALL", Use(UseKind.SECONDARY_ROLES, None, ("ALL",))),
        ("SET x = 1 + 2", SetVariables(("X",), (Fragment("1 + 2", 8),))),
        ("SET (a, b) = (f(1, 2), 'x')", SetVariables(("A", "B"), (Fragment("f(1, 2)", 14), Fragment("'x'", 23)))),
        ("SET (a, b) = (SELECT 1, 2)", SetVariables(("A", "B"), (Fragment("SELECT 1, 2", 14),))),
        ("UNSET (a, b)", UnsetVariables(("A", "B"))),
        ("UNSET a", UnsetVariables(("A",))),
        ("BEGIN", BeginTransaction()),
        ("BEGIN WORK", BeginTransaction()),
        ("BEGIN TRANSACTION NAME t1", BeginTransaction("T1")),
        ("START TRANSACTION", BeginTransaction()),
        ("COMMIT WORK", Commit()),
        ("ROLLBACK", Rollback()),
        ("BEGIN RETURN 1; END", Block("BEGIN RETURN 1; END")),
        ("DECLARE x INT; BEGIN RETURN 1; END;", Block("DECLARE x INT; BEGIN RETURN 1; END")),
        ("CALL d.s.p()", Call(name("D", "S", "P"), ())),
        (
            "CALL p(1, x => f('a', 2)) INTO :r",
            Call(name("P"), (CallArgument(None, Fragment("1", 7)), CallArgument("X", Fragment("f('a', 2)", 15))), "R"),
        ),
        (
            "EXECUTE IMMEDIATE 'SELECT ''a'''",
            ExecuteImmediate(Fragment("'SELECT ''a'''", 18), Fragment("SELECT 'a'", 19)),
        ),
        ("EXECUTE IMMEDIATE $$ a $$", ExecuteImmediate(Fragment("$$ a $$", 18), Fragment(" a ", 20))),
        ("EXECUTE IMMEDIATE $x USING (a, b)", ExecuteImmediate(Fragment("$x", 18), None, ("A", "B"))),
        (
            "EXECUTE IMMEDIATE FROM @s/a.sql USING (k => 1) DRY_RUN = TRUE",
            ExecuteImmediateFrom(
                StageRef(StageKind.NAMED, name("S"), "a.sql"), (CallArgument("K", Fragment("1", 44)),), True
            ),
        ),
        (
            "EXECUTE IMMEDIATE FROM './a.sql'",
            Unsupported("EXECUTE IMMEDIATE FROM a relative path", "EXECUTE IMMEDIATE FROM './a.sql'"),
        ),
        ("EXPLAIN SELECT 1", Explain(ExplainFormat.TABULAR, Fragment("SELECT 1", 8))),
        ("EXPLAIN USING TEXT SELECT 1", Explain(ExplainFormat.TEXT, Fragment("SELECT 1", 19))),
        ("COMMENT ON TABLE d.s.t IS 'x'", Comment(ObjectKind.TABLE, name("D", "S", "T"), "x")),
        (
            "COMMENT IF EXISTS ON COLUMN s.t.c IS 'x'",
            Comment(ObjectKind.COLUMN, name("S", "T"), "x", "C", if_exists=True),
        ),
    ],
)
def test_statement(text: str, wanted: Statement) -> None:
    assert parse(text) == wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("SHOW TASKS", Show(ShowKind.TASKS)),
        (
            "SHOW TERSE TABLES HISTORY LIKE 'a%' IN DATABASE STARTS WITH 'X' LIMIT 10 FROM 'b'",
            Show(
                ShowKind.TABLES,
                terse=True,
                history=True,
                like="a%",
                scope=Scope(ScopeKind.DATABASE),
                starts_with="X",
                limit=10,
                limit_from="b",
            ),
        ),
        ("SHOW STREAMS IN d.s", Show(ShowKind.STREAMS, scope=Scope(ScopeKind.UNSTATED, name("D", "S")))),
        ("SHOW STAGES IN SCHEMA s", Show(ShowKind.STAGES, scope=Scope(ScopeKind.SCHEMA, name("S")))),
        ("SHOW TASKS IN ACCOUNT ROOT ONLY", Show(ShowKind.TASKS, scope=Scope(ScopeKind.ACCOUNT), root_only=True)),
        (
            "SHOW COLUMNS IN TABLE t",
            Show(ShowKind.COLUMNS, scope=Scope(ScopeKind.OBJECT, name("T"), ObjectKind.TABLE)),
        ),
        (
            "SHOW PARAMETERS LIKE 'q%' FOR TASK t",
            Show(ShowKind.PARAMETERS, like="q%", scope=Scope(ScopeKind.OBJECT, name("T"), ObjectKind.TASK)),
        ),
        ("SHOW PARAMETERS IN SESSION", Show(ShowKind.PARAMETERS, scope=Scope(ScopeKind.SESSION))),
        ("SHOW FILE FORMATS", Show(ShowKind.FILE_FORMATS)),
        ("SHOW GRANTS ON TABLE t", Show(ShowKind.GRANTS, text="ON TABLE t")),
        ("SHOW REGIONS", Unsupported("SHOW REGIONS", "SHOW REGIONS")),
        ("DESC TABLE t TYPE = STAGE", Describe(ObjectKind.TABLE, name("T"), type="STAGE")),
        (
            "DESCRIBE PROCEDURE p(INT, VARCHAR(10))",
            Describe(ObjectKind.PROCEDURE, name("P"), (number(), varchar(10))),
        ),
        ("DESC RESULT LAST_QUERY_ID()", DescribeResult(Fragment("LAST_QUERY_ID()", 12))),
    ],
)
def test_show_and_describe(text: str, wanted: Statement) -> None:
    assert parse(text) == wanted


def test_session_parameters() -> None:
    found = parse("ALTER SESSION SET TIMEZONE = 'UTC', QUERY_TAG = $tag autocommit = FALSE")
    assert isinstance(found, AlterSession)
    assert found.options.names == ("TIMEZONE", "QUERY_TAG", "AUTOCOMMIT")
    assert [option.value.text for option in found.options] == ["UTC", "$tag", "FALSE"]
    assert parse("ALTER SESSION UNSET TIMEZONE, QUERY_TAG") == AlterSession(Options(), ("TIMEZONE", "QUERY_TAG"))


def test_names_in_variables() -> None:
    assert parse("USE DATABASE IDENTIFIER($db)", variables={"DB": "Sales"}) == Use(UseKind.DATABASE, name("SALES"))
    with pytest.raises(DynamicName) as caught:
        parse("USE DATABASE IDENTIFIER($db)")
    assert caught.value.variable == "$db"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("SET x 1", "syntax error line 1 at position 6 unexpected '1'."),
        ("SET (a, b) = (1)", "SET has 2 names and 1 values."),
        ("COMMIT now", "syntax error line 1 at position 7 unexpected 'now'."),
        ("CALL p", "syntax error line 1 at position 6 unexpected '<EOF>'."),
        ("CALL\n p(1", "syntax error line 2 at position 4 unexpected '<EOF>'."),
        ("SHOW TASKS LIKE x", "syntax error line 1 at position 16 unexpected 'x'."),
        ("COMMENT ON TABLE t IS x", "syntax error line 1 at position 22 unexpected 'x'."),
        ("DROP TABLE a.b.c.d", "A name has one to three parts, this has 4: A.B.C.D"),
    ],
)
def test_problem(text: str, message: str) -> None:
    with pytest.raises(TextProblem) as caught:
        parse(text)
    assert caught.value.message == message


def test_place_of_a_problem() -> None:
    with pytest.raises(Unexpected) as caught:
        parse("SHOW TASKS\n  IN SCHEMA s\n  LIMIT x")
    assert (caught.value.line, caught.value.position, caught.value.found) == (3, 8, "x")
