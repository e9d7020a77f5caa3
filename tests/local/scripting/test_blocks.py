import threading
import time
from collections.abc import Iterator
from decimal import Decimal

import pytest

from local.accounts import Client, client, open_account
from pipeline.local.errors import SnowflakeError


@pytest.fixture(scope="module")
def computing() -> Iterator[Client]:
    """A session for blocks that change nothing."""
    account = open_account()
    yield client(account)
    account.close()


@pytest.fixture
def t(db: Client) -> Client:
    db.run("CREATE TABLE t (a INT, b VARCHAR)", "INSERT INTO t VALUES (1, 'one'), (2, 'two'), (3, 'three')")
    return db


@pytest.mark.parametrize(
    ("block", "expected"),
    [
        ("BEGIN RETURN 1; END", 1),
        ("BEGIN LET x := 1; x := x + 1; RETURN x; END", 2),
        ("BEGIN LET x INT DEFAULT 4; RETURN :x * 2; END", 8),
        ("BEGIN LET x NUMBER(10,1) := 2.25; RETURN x; END", Decimal("2.3")),
        ("DECLARE x INT; BEGIN RETURN x IS NULL; END", True),
        ("DECLARE x INT := 3; y INT := x + 1; BEGIN RETURN x * y; END", 12),
        ("BEGIN LET x := 'it''s'; RETURN x || '!'; END", "it's!"),
        ("BEGIN NULL; END", None),
        ("BEGIN IF (1 = 2) THEN RETURN 'a'; ELSEIF (1 = 1) THEN RETURN 'b'; ELSE RETURN 'c'; END IF; END", "b"),
        ("BEGIN IF (NULL) THEN RETURN 'a'; ELSE RETURN 'c'; END IF; END", "c"),
        ("BEGIN CASE (2) WHEN 1 THEN RETURN 'a'; WHEN 2 THEN RETURN 'b'; ELSE RETURN 'c'; END CASE; END", "b"),
        ("BEGIN CASE WHEN 1 = 2 THEN RETURN 'a'; ELSE RETURN 'c'; END; END", "c"),
        ("BEGIN LET s := 0; FOR i IN 1 TO 4 DO s := s + i; END FOR; RETURN s; END", 10),
        ("BEGIN LET s := ''; FOR i IN REVERSE 1 TO 3 LOOP s := s || i; END LOOP; RETURN s; END", "321"),
        ("BEGIN LET i := 0; WHILE (i < 3) DO i := i + 1; END WHILE; RETURN i; END", 3),
        ("BEGIN LET i := 0; REPEAT i := i + 1; UNTIL (i >= 2) END REPEAT; RETURN i; END", 2),
        ("BEGIN LET i := 0; LOOP i := i + 1; IF (i > 4) THEN BREAK; END IF; END LOOP; RETURN i; END", 5),
        (
            "BEGIN LET s := 0; FOR i IN 1 TO 5 DO IF (i = 3) THEN CONTINUE; END IF; s := s + i; END FOR; RETURN s; END",
            12,
        ),
        (
            "BEGIN LET n := 0; FOR i IN 1 TO 3 DO FOR j IN 1 TO 3 DO n := n + 1; BREAK outer_loop; END FOR; "
            "END FOR outer_loop; RETURN n; END",
            1,
        ),
        ("BEGIN LET x := 1; BEGIN LET x := 2; END; RETURN x; END", 1),
        ("BEGIN LET x := 1; BEGIN x := 2; END; RETURN x; END", 2),
        ("BEGIN LET x := CASE WHEN 1 = 1 THEN 'y' ELSE 'n' END; RETURN x; END", "y"),
        ('BEGIN LET v := PARSE_JSON(\'{"a": {"b": 3}}\'); RETURN v:a:b::INT; END', 3),
        ("BEGIN LET d := '2026-03-01'::DATE; RETURN DATEADD('day', 1, d)::VARCHAR; END", "2026-03-02"),
    ],
)
def test_what_a_block_returns(computing: Client, block: str, expected: object) -> None:
    assert computing.value(block) == expected


def test_the_column_of_a_block_is_called_so(db: Client) -> None:
    assert [column.name for column in db.result("BEGIN RETURN 1; END").columns] == ["anonymous block"]


def test_variables_are_bound_by_colon_in_statements(t: Client) -> None:
    block = "BEGIN LET x := 9; LET y := 'nine'; INSERT INTO t VALUES (:x, :y); DELETE FROM t WHERE a < :x; END"
    t.run(block)
    assert t.rows("SELECT a, b FROM t") == [(9, "nine")]


def test_a_path_into_a_variant_is_no_variable(t: Client) -> None:
    t.run("CREATE TABLE j (v VARIANT)", "INSERT INTO j SELECT PARSE_JSON('{\"a\": 1}')")
    assert t.value("BEGIN LET a := 5; LET r INT := (SELECT v:a::INT + :a FROM j); RETURN r; END") == 6


def test_a_bare_name_in_a_subquery_is_a_column(t: Client) -> None:
    assert t.value("BEGIN LET a := 100; RETURN (SELECT MAX(a) FROM t); END") == 3


def test_select_into_fills_variables(t: Client) -> None:
    block = "DECLARE n INT; m VARCHAR; BEGIN SELECT COUNT(*), MAX(b) INTO :n, m FROM t; RETURN n || m; END"
    assert t.value(block) == "3two"


def test_select_into_without_a_row_gives_null(t: Client) -> None:
    assert t.value("DECLARE n INT := 1; BEGIN SELECT a INTO :n FROM t WHERE a > 99; RETURN n; END") is None


def test_select_into_of_several_rows_fails(t: Client) -> None:
    error = t.error("DECLARE n INT; BEGIN SELECT a INTO :n FROM t; RETURN n; END")
    assert error.message == (
        "Uncaught exception of type 'STATEMENT_ERROR' on line 1 at position 21 : "
        "A SELECT INTO statement expects exactly 1 returned row, but got 3."
    )


def test_rows_counted_by_the_last_dml(t: Client) -> None:
    block = (
        "BEGIN UPDATE t SET b = 'x' WHERE a > 1; LET n := SQLROWCOUNT; LET f := SQLFOUND; DELETE FROM t WHERE a > 99; "
        "RETURN n || ' ' || f || ' ' || SQLNOTFOUND; END"
    )
    assert t.value(block) == "2 true true"


class TestCursors:
    def test_a_loop_over_a_cursor(self, t: Client) -> None:
        block = (
            "DECLARE s VARCHAR := ''; c CURSOR FOR SELECT a, b FROM t ORDER BY a; "
            "BEGIN FOR r IN c DO s := s || r.a || r.b; END FOR; RETURN s; END"
        )
        assert t.value(block) == "1one2two3three"

    def test_open_fetch_close_with_binds(self, t: Client) -> None:
        block = (
            "DECLARE c CURSOR FOR SELECT a FROM t WHERE a > ? ORDER BY a; x INT; BEGIN OPEN c USING (1); "
            "FETCH c INTO x; LET y := x; FETCH c INTO :x; LET z := x; FETCH c INTO x; CLOSE c; "
            "RETURN y || ',' || z || ',' || COALESCE(x::VARCHAR, 'none'); END"
        )
        assert t.value(block) == "2,3,none"

    def test_a_closed_cursor_gives_nothing(self, t: Client) -> None:
        error = t.error("DECLARE c CURSOR FOR SELECT a FROM t; x INT; BEGIN FETCH c INTO x; END")
        assert "Cursor 'C' is not open." in error.message

    def test_a_result_set_is_returned_read_and_looped_over(self, t: Client) -> None:
        assert t.rows(
            "DECLARE rs RESULTSET; BEGIN rs := (SELECT a FROM t ORDER BY a LIMIT 2); RETURN TABLE(rs); END"
        ) == [(1,), (2,)]
        assert (
            t.value(
                "BEGIN LET rs RESULTSET := (SELECT a FROM t); LET n INT := 0; FOR r IN rs DO n := n + r.a; END FOR; "
                "RETURN n; END"
            )
            == 6
        )
        assert (
            t.value(
                "BEGIN LET rs RESULTSET := (SELECT a FROM t); LET n INT; SELECT SUM(a) INTO n FROM TABLE(rs); "
                "RETURN n; END"
            )
            == 6
        )

    def test_return_table_of_a_query(self, t: Client) -> None:
        assert t.rows("BEGIN RETURN TABLE(SELECT b FROM t WHERE a = 1); END") == [("one",)]


class TestErrors:
    def test_an_uncaught_statement_error_keeps_number_and_state(self, computing: Client) -> None:
        error = computing.error("BEGIN\n  LET x := 1;\n  INSERT INTO nope VALUES (1);\nEND")
        assert (error.errno, error.sqlstate) == (2003, "42S02")
        assert error.message == (
            "Uncaught exception of type 'STATEMENT_ERROR' on line 3 at position 2 : SQL compilation error:\n"
            "Object 'NOPE' does not exist or not authorized."
        )

    def test_an_expression_error_is_told_at_the_expression(self, computing: Client) -> None:
        error = computing.error("BEGIN\n  RETURN 1 / 0;\nEND")
        assert error.errno == 100051
        assert error.message.startswith("Uncaught exception of type 'EXPRESSION_ERROR' on line 2 at position 9 : ")

    def test_a_declared_exception(self, computing: Client) -> None:
        error = computing.error("DECLARE e EXCEPTION (-20005, 'boom'); BEGIN RAISE e; END")
        assert (error.errno, error.sqlstate) == (-20005, "P0001")
        assert error.message == "Uncaught exception of type 'E' on line 1 at position 44 : boom"

    @pytest.mark.parametrize(
        ("handler", "expected"),
        [
            ("WHEN STATEMENT_ERROR THEN RETURN 'statement ' || SQLCODE || ' ' || SQLSTATE", "statement 2003 42S02"),
            ("WHEN EXPRESSION_ERROR THEN RETURN 'no'; WHEN OTHER THEN RETURN 'other'", "other"),
            ("WHEN EXPRESSION_ERROR OR STATEMENT_ERROR THEN RETURN SQLERRM LIKE '%NOPE%'", True),
        ],
    )
    def test_handlers(self, computing: Client, handler: str, expected: object) -> None:
        assert computing.value(f"BEGIN DELETE FROM nope; EXCEPTION {handler}; END") == expected

    def test_a_handler_may_raise_again_to_the_block_around(self, computing: Client) -> None:
        block = (
            "DECLARE e EXCEPTION (-20002, 'inner'); BEGIN BEGIN RAISE e; EXCEPTION WHEN OTHER THEN RAISE; END; "
            "EXCEPTION WHEN e THEN RETURN SQLERRM; END"
        )
        assert computing.value(block) == "inner"

    def test_statements_before_the_error_stay(self, t: Client) -> None:
        t.error("BEGIN DELETE FROM t WHERE a = 1; DELETE FROM nope; END")
        assert t.rows("SELECT a FROM t ORDER BY a") == [(2,), (3,)]

    def test_an_unknown_variable(self, t: Client) -> None:
        error = t.error("BEGIN DELETE FROM t WHERE a = :q; END")
        assert "Bind variable :q not set." in error.message

    @pytest.mark.parametrize(
        ("block", "what"),
        [
            ("BEGIN AWAIT ALL; END", "AWAIT"),
            ("BEGIN LET rs RESULTSET := ASYNC (SELECT 1); END", "ASYNC"),
            ("BEGIN SELECT 1; EXCEPTION WHEN OTHER CONTINUE THEN NULL; END", "CONTINUE"),
        ],
    )
    def test_what_is_refused_by_name(self, computing: Client, block: str, what: str) -> None:
        error = computing.error(block)
        assert error.errno == 391900
        assert what in error.message

    @pytest.mark.parametrize(
        "block", ["BEGIN IF (TRUE) RETURN 1; END IF; END", "BEGIN LET x; END", "BEGIN SELECT 1 END"]
    )
    def test_what_is_no_script_is_a_syntax_error(self, computing: Client, block: str) -> None:
        with pytest.raises(SnowflakeError) as caught:
            computing.result(block)
        assert caught.value.errno in (1003, 1104)


class TestTransactions:
    def test_each_statement_commits_by_itself(self, t: Client) -> None:
        t.run("CREATE STREAM s ON TABLE t", "INSERT INTO t VALUES (4, 'four')", "CREATE TABLE u (a INT)")
        t.run("BEGIN INSERT INTO u SELECT a FROM s; INSERT INTO u SELECT a FROM s; END")
        assert t.rows("SELECT a FROM u") == [(4,)]

    def test_within_a_transaction_a_stream_reads_the_same_twice(self, t: Client) -> None:
        t.run("CREATE STREAM s ON TABLE t", "INSERT INTO t VALUES (4, 'four')", "CREATE TABLE u (a INT)")
        t.run(
            "BEGIN BEGIN TRANSACTION; INSERT INTO u SELECT a FROM s; INSERT INTO u SELECT a FROM s; COMMIT; END",
        )
        assert t.rows("SELECT a FROM u") == [(4,), (4,)]
        assert t.value("SELECT COUNT(*) FROM s") == 0

    def test_rollback_within_a_block(self, t: Client) -> None:
        t.run("BEGIN BEGIN TRANSACTION; DELETE FROM t; ROLLBACK; END")
        assert t.value("SELECT COUNT(*) FROM t") == 3

    def test_a_transaction_left_open_is_rolled_back(self, t: Client) -> None:
        error = t.error("BEGIN BEGIN TRANSACTION; DELETE FROM t; RETURN 1; END")
        assert "Scoped transaction started in stored procedure is incomplete and it was rolled back." in error.message
        assert t.value("SELECT COUNT(*) FROM t") == 3

    def test_an_error_within_rolls_back_the_transaction_of_the_block(self, t: Client) -> None:
        error = t.error("BEGIN BEGIN TRANSACTION; DELETE FROM t; DELETE FROM nope; COMMIT; END")
        assert error.errno == 2003
        assert t.value("SELECT COUNT(*) FROM t") == 3

    @pytest.mark.parametrize("statement", ["COMMIT", "ROLLBACK", "CREATE TABLE x (a INT)", "DROP TABLE t"])
    def test_the_callers_transaction_is_not_ended(self, t: Client, statement: str) -> None:
        t.run("BEGIN TRANSACTION", "INSERT INTO t VALUES (5, 'five')")
        error = t.error(f"BEGIN {statement}; END")
        assert "Modifying a transaction that has started at a different scope is not allowed." in error.message
        t.run("BEGIN INSERT INTO t VALUES (6, 'six'); END", "ROLLBACK")
        assert t.value("SELECT COUNT(*) FROM t") == 3


class TestExecuteImmediate:
    def test_a_literal_and_a_session_variable(self, t: Client) -> None:
        assert t.value("EXECUTE IMMEDIATE 'SELECT COUNT(*) FROM t'") == 3
        t.run("SET q = 'SELECT MAX(a) FROM t'")
        assert t.value("EXECUTE IMMEDIATE $q") == 3
        assert t.value("EXECUTE IMMEDIATE $$BEGIN RETURN 'x'; END$$") == "x"

    def test_binds_in_a_block(self, t: Client) -> None:
        block = (
            "BEGIN LET q := 'SELECT COUNT(*) FROM t WHERE a >= ? AND b <> ?'; LET lo := 2; LET no := 'two'; "
            "LET rs RESULTSET := (EXECUTE IMMEDIATE :q USING (lo, no)); RETURN TABLE(rs); END"
        )
        assert t.rows(block) == [(1,)]

    def test_two_statements_are_refused(self, db: Client) -> None:
        error = db.error("BEGIN EXECUTE IMMEDIATE 'SELECT 1; SELECT 2'; END")
        assert error.message == (
            "Uncaught exception of type 'STATEMENT_ERROR' on line 1 at position 6 : "
            "Actual statement count 2 did not match the desired statement count 1."
        )

    def test_the_scripts_variables_are_not_seen(self, db: Client) -> None:
        assert (
            "Bind variable"
            in db.error("BEGIN LET x := 1; EXECUTE IMMEDIATE 'BEGIN DELETE FROM t WHERE a = :x; END'; END").message
        )


class TestEnds:
    """A script ends when it is told to, whatever it does, and no handler stops that."""

    @pytest.mark.parametrize(
        "body",
        [
            "LOOP NULL; END LOOP",
            "WHILE (TRUE) DO END WHILE",
            "BEGIN CALL SYSTEM$WAIT(60); EXCEPTION WHEN OTHER THEN CALL SYSTEM$WAIT(60); END",
        ],
    )
    def test_aborted(self, db: Client, body: str) -> None:
        session = db.session
        caught: list[SnowflakeError] = []
        thread = threading.Thread(target=lambda: caught.append(db.error(f"BEGIN {body}; END")))
        thread.start()
        while session.running is None:
            time.sleep(0.005)
        outermost = session.running
        while outermost.outer is not None:
            outermost = outermost.outer
        assert session.abort(outermost.query_id)
        thread.join(10)
        assert [error.errno for error in caught] == [604]

    def test_timed_out(self, db: Client) -> None:
        db.run("ALTER SESSION SET STATEMENT_TIMEOUT_IN_SECONDS = 1")
        assert db.error("BEGIN LOOP NULL; END LOOP; EXCEPTION WHEN OTHER THEN NULL; END").errno == 630

    def test_a_procedure_that_calls_itself_without_end(self, db: Client) -> None:
        db.run("CREATE PROCEDURE r() RETURNS INT LANGUAGE SQL AS 'BEGIN CALL r(); END'")
        error = db.error("CALL r()")
        assert error.errno == 391904
        assert "levels deep" in error.message
