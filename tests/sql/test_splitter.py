"""Splitting: what a statement is, and the laws that hold for any text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.sql.problems import Unterminated
from pipeline.sql.splitter import split


def texts(script: str) -> list[str]:
    return [piece.text for piece in split(script)]


BLOCK = "BEGIN INSERT INTO t VALUES (1); DELETE FROM t; END"

WHOLE = {
    "procedure, bare body": f"CREATE PROCEDURE p() RETURNS INT LANGUAGE SQL AS {BLOCK}",
    "procedure, declare": f"CREATE OR REPLACE PROCEDURE p() RETURNS INT LANGUAGE SQL AS DECLARE x INT; {BLOCK}",
    "procedure, execute as": f"CREATE PROCEDURE p() RETURNS INT LANGUAGE SQL EXECUTE AS CALLER AS {BLOCK}",
    "procedure, comment before the block": f"CREATE PROCEDURE p() RETURNS INT AS -- the body;\n /* ; */ {BLOCK}",
    "secure function": "CREATE SECURE FUNCTION f() RETURNS INT LANGUAGE SQL AS BEGIN RETURN 1; END",
    "task": f"CREATE TASK t WAREHOUSE = w SCHEDULE = '1 MINUTE' AS {BLOCK}",
    "task, condition and parents": f"CREATE OR ALTER TASK t AFTER a, b WHEN SYSTEM$STREAM_HAS_DATA('s') AS {BLOCK}",
    "task, declare": f"CREATE TASK t AS DECLARE x INT DEFAULT 1; {BLOCK}",
    "task, modified": f"ALTER TASK t MODIFY AS {BLOCK}",
    "task, run as a user": f"CREATE TASK t EXECUTE AS USER u AS {BLOCK}",
    "task, alias begin": "CREATE TASK t AS SELECT a AS begin, b AS end FROM c",
    "task, alias begin and from": "CREATE TASK t AS INSERT INTO x SELECT a AS begin FROM y",
    "alert": f"CREATE ALERT a SCHEDULE = '1 MINUTE' IF (EXISTS (SELECT 1)) THEN {BLOCK}",
    "alert, changed": f"ALTER ALERT a MODIFY ACTION {BLOCK}",
    "anonymous procedure": f"WITH p AS PROCEDURE () RETURNS INT LANGUAGE SQL AS {BLOCK} CALL p()",
    "anonymous block": BLOCK,
    "declare": f"DECLARE x INT; y STRING DEFAULT 'a;b'; {BLOCK}",
    "declare, cursor": f"DECLARE c CURSOR FOR SELECT a FROM t; r RESULTSET DEFAULT (SELECT 1); {BLOCK}",
    "declare, exception": "DECLARE e EXCEPTION (-20001, 'no;'); BEGIN RAISE e; EXCEPTION WHEN e THEN RETURN 1; END",
    "declare, a variable called end": "DECLARE start INT; end INT; BEGIN start := 1; RETURN start; END",
    "declare, nested procedure": "DECLARE p PROCEDURE () RETURNS INT AS BEGIN RETURN 1; END; BEGIN CALL p(); END",
    "nested, exception": "BEGIN BEGIN a(); EXCEPTION WHEN OTHER THEN LET x := 1; RAISE; END; SELECT 1; END",
    "nested, declare": "BEGIN DECLARE x INT; BEGIN x := 1; END; RETURN 2; END",
    "for and if": "BEGIN FOR r IN c DO IF (r.a = 1) THEN DELETE FROM t; ELSEIF (x) THEN b; END IF; END FOR; END",
    "else with a loop": "BEGIN IF (a) THEN b; ELSE FOR i IN 1 TO 2 DO c; END FOR; END IF; RETURN 1; END",
    "else with a block": "BEGIN CASE WHEN a THEN b; ELSE BEGIN c; d; END; END CASE; RETURN 1; END",
    "for with loop": "BEGIN FOR i IN 1 TO 10 LOOP x := i; END LOOP; END",
    "for with a label": "BEGIN FOR i IN REVERSE 1 TO 10 DO BREAK outer; END FOR outer; RETURN 1; END",
    "while": "BEGIN WHILE (i < 10) DO i := i + 1; END WHILE; RETURN i; END",
    "while with loop": "BEGIN WHILE (i < 10) LOOP i := i + 1; END LOOP; END",
    "loop": "BEGIN LOOP i := i + 1; IF (i > 3) THEN BREAK; END IF; END LOOP; END",
    "repeat": "BEGIN REPEAT i := i - 1; UNTIL (i = 0) END REPEAT; END",
    "repeat as a function": "BEGIN SELECT REPEAT('a', 3); LET x := REPEAT('b', 2); END",
    "case expression": "BEGIN SELECT CASE WHEN a THEN 1 ELSE CASE b WHEN 2 THEN 3 END END FROM t; SELECT 2; END",
    "case expression over end": "BEGIN SELECT CASE WHEN end > 1 AND end < 3 THEN end ELSE t.end END FROM t; END",
    "case expression in parentheses": "BEGIN LET x := (CASE WHEN a THEN (b) END); RETURN x; END",
    "case expression in if": "BEGIN IF (CASE WHEN a THEN 1 END = 1) THEN x; END IF; END",
    "case statement": "BEGIN CASE (x) WHEN 1 THEN a; b; WHEN 2 THEN c; ELSE d; END CASE; RETURN 1; END",
    "case statement, plain end": "BEGIN CASE WHEN x = 1 THEN a; ELSE d; END; RETURN 1; END",
    "case statement with a case expression": "BEGIN CASE WHEN CASE WHEN a THEN b END THEN c; END CASE; END",
    "if exists": "BEGIN DROP TABLE IF EXISTS t; CREATE TABLE IF NOT EXISTS t (a INT); END",
    "transaction within a block": "BEGIN BEGIN TRANSACTION; INSERT INTO t VALUES (1); COMMIT; END",
    "bare begin within a block": "BEGIN BEGIN; INSERT INTO t VALUES (1); COMMIT; END",
    "named transaction within a block": "BEGIN BEGIN NAME t1; DELETE FROM t; ROLLBACK; END",
    "columns begin and end": "BEGIN SELECT begin, end FROM t; SELECT t.begin, t.end, 1 AS end FROM t; END",
    "merge": "BEGIN MERGE INTO t USING s ON a WHEN MATCHED THEN DELETE WHEN NOT MATCHED THEN INSERT VALUES (1); END",
    "task made within a block": f"BEGIN CREATE TASK t AS {BLOCK}; SELECT 1; END",
    "view with an alias begin within a block": "BEGIN CREATE VIEW v AS SELECT a AS begin FROM t; RETURN 1; END",
    "let with a bind": "BEGIN LET x := (SELECT v:end FROM t WHERE a = :end); RETURN x; END",
    "execute immediate": "EXECUTE IMMEDIATE $$ BEGIN a; b; END; $$",
    "dollars": "CREATE PROCEDURE p() RETURNS INT LANGUAGE SQL AS $$ BEGIN a; 'it''s; END; $$",
    "dollars without a space": "CREATE FUNCTION f() RETURNS INT AS$$ a; b $$",
    "doubled quote": "SELECT 'a;''b;'",
    "escaped quote": r"SELECT 'a\';b', '\\'",
    "quoted name": 'SELECT "a;b", "c"";d"',
    "flow": 'SHOW TABLES ->> SELECT "name" FROM $1',
    "put": "PUT file:///a//b/*.json @s/p//q AUTO_COMPRESS = FALSE",
    "put, quoted": "PUT 'file:///a b;c//d' @s",
    "get": "GET @s/a file:///tmp//x",
    "stage path": "COPY INTO t FROM @s/a--b//c/*.json",
    "slashes in a comment": "SELECT 1 // it's; not\n + 2",
    "dashes in a comment": "SELECT 1 -- it's; not\n + 2",
    "block comment": "SELECT 1 /* it's; $$ not */ + 2",
    "end of a case in a view": "CREATE VIEW v AS SELECT CASE WHEN a THEN 1 END AS begin FROM t",
    "task as a table's name": "CREATE TABLE task AS SELECT a AS begin FROM t",
    "with called begin": "WITH begin AS (SELECT 1 AS end) SELECT * FROM begin",
}


@pytest.mark.parametrize("statement", WHOLE.values(), ids=WHOLE.keys())
def test_statement_stays_whole(statement: str) -> None:
    assert texts(f"SELECT 0;\n{statement};\nSELECT 2;") == ["SELECT 0", statement, "SELECT 2"]
    assert texts(statement) == [statement]
    assert texts(statement.lower()) == [statement.lower()]


@pytest.mark.parametrize(
    ("script", "wanted"),
    [
        ("BEGIN; INSERT INTO t VALUES (1); COMMIT;", ["BEGIN", "INSERT INTO t VALUES (1)", "COMMIT"]),
        ("BEGIN TRANSACTION; DELETE FROM t; COMMIT", ["BEGIN TRANSACTION", "DELETE FROM t", "COMMIT"]),
        ("BEGIN WORK; DELETE FROM t; COMMIT WORK;", ["BEGIN WORK", "DELETE FROM t", "COMMIT WORK"]),
        ("BEGIN NAME t; DELETE FROM t; COMMIT;", ["BEGIN NAME t", "DELETE FROM t", "COMMIT"]),
        ("begin transaction name t1; a; commit", ["begin transaction name t1", "a", "commit"]),
        ("BEGIN /* ; */ ; SELECT 1", ["BEGIN", "SELECT 1"]),
        ("SELECT a AS begin FROM t; SELECT 2;", ["SELECT a AS begin FROM t", "SELECT 2"]),
        ("SELECT 1; // a; b's\nSELECT 2;", ["SELECT 1", "SELECT 2"]),
        (";;\n;SELECT 1;;", ["SELECT 1"]),
        ("SELECT 1 -- last;\n;", ["SELECT 1"]),
        ("-- nothing; here\n/* nor; here */\n", []),
        ("", []),
        ("\ufeffSELECT 1;", ["SELECT 1"]),
    ],
)
def test_pieces(script: str, wanted: list[str]) -> None:
    assert texts(script) == wanted


def test_line_and_comments_of_a_piece() -> None:
    script = (
        "-- head\n\n-- name: daily\n/* two\nlines */ SELECT 1; -- pipeline: allow drop\n// next\nSELECT\n2;SELECT 3"
    )
    one, two, three = split(script)
    assert (one.line, one.leading, one.trailing) == (
        5,
        "-- head\n\n-- name: daily\n/* two\nlines */",
        "-- pipeline: allow drop",
    )
    assert (two.line, two.leading, two.trailing) == (7, "// next", "")
    assert (three.line, three.leading) == (8, "")


@pytest.mark.parametrize(
    ("script", "line", "position", "message"),
    [
        ("SELECT 1;\nSELECT 'a", 2, 7, "This string is never closed."),
        ('SELECT "a', 1, 7, "This quoted name is never closed."),
        ("SELECT 1;\n  $$ a", 2, 2, "This $$ has no second $$."),
        ("SELECT 1\n/* a", 2, 0, "This comment is never closed by */."),
        ("SELECT 1;\n/* a", 2, 0, "This comment is never closed by */."),
        ("SELECT 1;\nBEGIN SELECT 1;", 2, 0, "This BEGIN has no END."),
        ("BEGIN\n IF (a) THEN b; END;", 1, 0, "This BEGIN has no END."),
        ("CREATE TASK t AS\nDECLARE x INT;", 2, 0, "This DECLARE has no END."),
        ("BEGIN SELECT 'a; END;", 1, 13, "This string is never closed."),
    ],
)
def test_what_is_never_closed(script: str, line: int, position: int, message: str) -> None:
    with pytest.raises(Unterminated) as caught:
        split(script)
    assert (caught.value.line, caught.value.position, caught.value.message) == (line, position, message)


def test_a_transaction_without_its_semicolon_gets_a_hint() -> None:
    with pytest.raises(Unterminated) as caught:
        split("BEGIN\nINSERT INTO t VALUES (1);\nCOMMIT;")
    assert caught.value.hint == "A transaction is begun by BEGIN TRANSACTION;"


BITS = st.sampled_from(
    [
        *(
            "SELECT 1",
            ";",
            ";\n",
            " ",
            "\n",
            "BEGIN",
            "END",
            "DECLARE x INT",
            "CASE",
            "WHEN",
            "THEN",
            "IF (a)",
            "END IF",
        ),
        *("AS", "CREATE TASK t", "CREATE PROCEDURE p()", "-- c;\n", "// d'\n", "/* e; */", "'it''s;'", '"q;"', "$$;$$"),
        *(
            "FOR",
            "DO",
            "LOOP",
            "END LOOP",
            "(",
            ")",
            "@s/a//b",
            "PUT file:///a//b",
            "x",
            ".",
            ",",
            "TRANSACTION",
            "NAME",
        ),
    ]
)
SCRIPTS = st.lists(BITS, max_size=25).map(" ".join) | st.text(alphabet="ab;'\"$/*-\n \\@()", max_size=30)


def _split_or_none(script: str) -> list[tuple[str, int, int, int]] | None:
    try:
        return [(piece.text, piece.start, piece.end, piece.line) for piece in split(script)]
    except Unterminated:
        return None


@given(SCRIPTS)
def test_pieces_and_gaps_give_back_the_text(script: str) -> None:
    pieces = _split_or_none(script)
    if pieces is None:
        return
    rebuilt, position = "", 0
    for text, start, end, _ in pieces:
        assert position <= start < end
        assert script[position:start] == "" or texts(script[position:start]) == []
        rebuilt += script[position:start] + text
        position = end
    assert texts(script[position:]) == []
    assert rebuilt + script[position:] == script


@given(SCRIPTS)
def test_lines_are_those_of_the_first_tokens(script: str) -> None:
    for _, start, _, line in _split_or_none(script) or []:
        assert line == script[:start].count("\n") + 1


@given(SCRIPTS)
def test_a_piece_is_one_piece(script: str) -> None:
    for text, *_ in _split_or_none(script) or []:
        assert texts(text) == [text]
