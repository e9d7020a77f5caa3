import pytest

from local.accounts import Client


@pytest.fixture
def p(db: Client) -> Client:
    db.run(
        "CREATE TABLE t (a INT)",
        "INSERT INTO t VALUES (1), (2), (3)",
        "CREATE PROCEDURE p(x INT, y VARCHAR DEFAULT 'q') RETURNS VARCHAR LANGUAGE SQL AS "
        "$$ BEGIN RETURN x || y; END $$",
    )
    return db


@pytest.mark.parametrize(
    ("call", "expected"),
    [("CALL p(1)", "1q"), ("CALL p(1, 'z')", "1z"), ("CALL p(y => 'k', x => 1 + 1)", "2k"), ("CALL p('7')", "7q")],
)
def test_arguments_by_position_by_name_and_by_default(p: Client, call: str, expected: str) -> None:
    result = p.result(call)
    assert result.rows == ((expected,),)
    assert [column.name for column in result.columns] == ["P"]


@pytest.mark.parametrize("call", ["CALL p()", "CALL p(1, 'a', 3)", "CALL p(1, z => 2)"])
def test_wrong_arguments(p: Client, call: str) -> None:
    assert "Invalid argument types for function 'P'" in p.error(call).message


def test_an_unknown_procedure(p: Client) -> None:
    assert p.error("CALL nope(1)").message == "SQL compilation error:\nUnknown user-defined function NOPE."


def test_a_bare_body_and_a_table_result(p: Client) -> None:
    p.run(
        "CREATE OR REPLACE PROCEDURE r(n INT) RETURNS TABLE (a INT) LANGUAGE SQL AS "
        "BEGIN LET rs RESULTSET := (SELECT a FROM t WHERE a >= :n ORDER BY a); RETURN TABLE(rs); END"
    )
    assert p.rows("CALL r(2)") == [(2,), (3,)]


def test_call_into_a_variable(p: Client) -> None:
    assert p.value("BEGIN LET r VARCHAR; LET n := 4; CALL p(:n) INTO :r; RETURN r; END") == "4q"


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("(CALL p(:n))", "4q"),
        ("(CALL p(:n, 'z') )", "4z"),
        ("(CALL p(1, '7')::INT)", 17),
        ("(CALL p(1, '7'))::INT + :n", 21),
        ("(CALL SYSTEM$WAIT(0))", "waited 0 seconds"),
    ],
)
def test_a_call_as_a_value(p: Client, expression: str, expected: object) -> None:
    assert p.value(f"BEGIN LET n := 4; RETURN {expression}; END") == expected
    assert p.value(f"DECLARE r VARCHAR; BEGIN LET n := 4; r := {expression}; RETURN r; END") == str(expected)


def test_an_error_names_every_level(p: Client) -> None:
    p.run("CREATE PROCEDURE f() RETURNS INT LANGUAGE SQL AS\n$$\nBEGIN\n  DELETE FROM nope;\nEND\n$$")
    assert p.error("BEGIN CALL f(); END").message == (
        "Uncaught exception of type 'STATEMENT_ERROR' on line 1 at position 6 : "
        "Uncaught exception of type 'STATEMENT_ERROR' on line 3 at position 2 : SQL compilation error:\n"
        "Object 'NOPE' does not exist or not authorized."
    )


def test_a_body_that_is_no_script_is_refused_at_create(p: Client) -> None:
    error = p.error("CREATE PROCEDURE bad() RETURNS INT LANGUAGE SQL AS $$ BEGIN IF x THEN END $$")
    assert error.errno == 1003


def test_or_replace_if_not_exists_and_overloads(p: Client) -> None:
    body = "RETURNS VARCHAR LANGUAGE SQL AS 'BEGIN RETURN 1; END'"
    assert p.error(f"CREATE PROCEDURE p(x INT, y VARCHAR) {body}").errno == 2002
    p.run(f"CREATE PROCEDURE IF NOT EXISTS p(x INT, y VARCHAR) {body}")
    assert p.value("CALL p(1)") == "1q"
    p.run(f"CREATE OR REPLACE PROCEDURE p(x INT, y VARCHAR) {body}")
    assert p.value("CALL p(1, 'a')") == "1"
    assert p.error(f"CREATE PROCEDURE p(x VARCHAR) {body}").errno == 391900


def test_drop_wants_the_signature(p: Client) -> None:
    assert p.error("DROP PROCEDURE p(INT)").errno == 2003
    p.run("DROP PROCEDURE p(INT, VARCHAR)")
    assert p.error("CALL p(1)").errno == 2141


def test_other_languages_are_refused_by_name(p: Client) -> None:
    error = p.error("CREATE PROCEDURE j() RETURNS INT LANGUAGE JAVASCRIPT AS 'return 1'")
    assert error.message == "A procedure in JAVASCRIPT is not supported by the local account."


def test_with_its_owners_rights_a_procedure_sees_its_own_schema(p: Client) -> None:
    body = "AS 'BEGIN RETURN (SELECT COUNT(*) FROM t); END'"
    p.run(
        f"CREATE PROCEDURE own() RETURNS INT LANGUAGE SQL EXECUTE AS OWNER {body}",
        f"CREATE PROCEDURE mine() RETURNS INT LANGUAGE SQL EXECUTE AS CALLER {body}",
        "CREATE SCHEMA other",
        "CREATE TABLE t (a INT)",
    )
    assert p.value("CALL public.own()") == 3
    assert p.value("CALL public.mine()") == 0
    assert p.value("SELECT CURRENT_SCHEMA()") == "OTHER"


def test_a_procedure_must_end_the_transaction_that_it_begins(p: Client) -> None:
    p.run("CREATE PROCEDURE o() RETURNS INT LANGUAGE SQL AS 'BEGIN BEGIN TRANSACTION; DELETE FROM t; RETURN 1; END'")
    assert "Scoped transaction started in stored procedure is incomplete" in p.error("CALL o()").message
    assert p.value("SELECT COUNT(*) FROM t") == 3


def test_a_procedure_joins_the_callers_transaction(p: Client) -> None:
    p.run("CREATE PROCEDURE d() RETURNS INT LANGUAGE SQL AS 'BEGIN DELETE FROM t; RETURN SQLROWCOUNT; END'")
    p.run("BEGIN")
    assert p.value("CALL d()") == 3
    p.run("ROLLBACK")
    assert p.value("SELECT COUNT(*) FROM t") == 3


def test_alter_renames_and_changes_rights_and_comment(p: Client) -> None:
    p.run(
        "ALTER PROCEDURE p(INT, VARCHAR) RENAME TO renamed",
        "ALTER PROCEDURE renamed(INT, VARCHAR) EXECUTE AS CALLER",
        "ALTER PROCEDURE renamed(INT, VARCHAR) SET COMMENT = 'c'",
        "ALTER PROCEDURE IF EXISTS p(INT, VARCHAR) EXECUTE AS CALLER",
    )
    assert p.value("CALL renamed(1)") == "1q"
    assert p.error("ALTER PROCEDURE p(INT, VARCHAR) EXECUTE AS CALLER").errno == 2003


def test_a_body_is_parsed_when_the_procedure_is_made(p: Client) -> None:
    error = p.error("CREATE PROCEDURE broken() RETURNS INT LANGUAGE SQL AS $$BEGIN\n  SELEC 1;\nEND$$")
    assert error.message == "SQL compilation error:\nsyntax error line 2 at position 2 unexpected 'SELEC'."
