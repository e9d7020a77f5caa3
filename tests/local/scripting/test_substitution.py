"""Where a name is a variable, and that no value can break out of its literal."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.local.answers import INTEGER, TEXT
from pipeline.local.errors import SnowflakeError
from pipeline.local.protocol import Column
from pipeline.local.scripting.scope import NOTHING, Row, Scope, Value, VariableCell
from pipeline.local.scripting.substitution import bind_positions, cut_into, in_expression, in_sql
from pipeline.sql.lexer import TokenKind, literal_value, tokens
from pipeline.sql.types import number


def scope() -> Scope:
    """x = 5, n = -2, s = it's, "q r" = 7, r = a row with a = 9."""
    found = Scope()
    found.declare("X", VariableCell(None, Value(5, INTEGER)))
    found.declare("N", VariableCell(None, Value(Decimal("-2.5"), number(3, 1))))
    found.declare("S", VariableCell(None, Value("it's", TEXT)))
    found.declare("q r", VariableCell(None, Value(7, INTEGER)))
    found.declare("R", Row((Column("A", INTEGER),), (9,)))
    return found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("SELECT :x, :S", "SELECT 5, 'it''s'"),
        ("SELECT a - :n", "SELECT a - (-2.5)"),
        ("SELECT x FROM t", "SELECT x FROM t"),
        ("SELECT v:x, v:x:s, $1:x, f(a):x, a[0]:x", "SELECT v:x, v:x:s, $1:x, f(a):x, a[0]:x"),
        ('SELECT "V":x', 'SELECT "V":x'),
        ("SELECT a::int, :x::varchar", "SELECT a::int, 5::varchar"),
        ("SELECT {'x': :x, 's' : 1}", "SELECT {'x': 5, 's' : 1}"),
        ("SELECT ':x', $$:x$$ -- :x\n, :x", "SELECT ':x', $$:x$$ -- :x\n, 5"),
        ("INSERT INTO t VALUES (:r.a, :r.a)", "INSERT INTO t VALUES (9, 9)"),
        ("SELECT * FROM t LIMIT :x", "SELECT * FROM t LIMIT 5"),
        ("CREATE TASK k AS BEGIN DELETE FROM t WHERE a = :x; END", None),
    ],
)
def test_in_a_statement_a_variable_has_a_colon(text: str, expected: str | None) -> None:
    assert in_sql(text, scope()) == (text if expected is None else expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x + :x", "5 + 5"),
        ("f(x, s)", "f(5, 'it''s')"),
        ('"q r" + "x"', '7 + "x"'),
        ("r.a + t.x", "9 + t.x"),
        ("x(1)", "x(1)"),
        ("f(x => x)", "f(x => 5)"),
        ("(SELECT x FROM t WHERE a = :x)", "(SELECT x FROM t WHERE a = 5)"),
        ("x + (SELECT MAX(x) FROM (SELECT x FROM t))", "5 + (SELECT MAX(x) FROM (SELECT x FROM t))"),
        ("CASE WHEN x > 1 THEN s END", "CASE WHEN 5 > 1 THEN 'it''s' END"),
        ("v::x", "v::x"),
    ],
)
def test_in_an_expression_a_name_alone_will_do(text: str, expected: str) -> None:
    assert in_expression(text, scope()) == expected


@pytest.mark.parametrize("text", ["SELECT :nope", "SELECT :r.b", "SELECT :r"])
def test_what_is_no_variable_is_refused(text: str) -> None:
    with pytest.raises(SnowflakeError):
        in_sql(text, scope())


@given(st.text())
def test_no_text_breaks_out_of_its_literal(value: str) -> None:
    found = Scope()
    found.declare("V", VariableCell(None, Value(value, TEXT)))
    first, second, end = tokens(in_sql(":v /* :v */ x", found))
    assert first.kind is TokenKind.STRING
    assert literal_value(first.text) == value
    assert (second.text, end.kind) == ("x", TokenKind.END)


@given(
    st.lists(st.sampled_from(["SELECT", "a", "'it''s'", '"q"', "$$:x$$", "1.5", "(", ")", ",", "::", "--c\n", "$v"]))
)
def test_a_text_without_variables_stays_as_it_is(parts: list[str]) -> None:
    text = " ".join(parts)
    assert in_sql(text, Scope()) == text
    assert in_expression(text, Scope()) == text


def test_positions() -> None:
    values = [Value(1, INTEGER), Value("a", TEXT)]
    assert bind_positions("SELECT ?, '?', ?", values) == "SELECT 1, '?', 'a'"
    assert bind_positions("SELECT :2, :1, :1", values) == "SELECT 'a', 1, 1"
    with pytest.raises(SnowflakeError):
        bind_positions("SELECT ?, ?, ?", values)


@pytest.mark.parametrize(
    ("text", "rest", "names"),
    [
        ("SELECT a, b INTO :x, y FROM t", "SELECT a, b  FROM t", ("X", "Y")),
        ("SELECT 1 INTO :x", "SELECT 1 ", ("X",)),
        ("SELECT (SELECT 1) FROM t", "SELECT (SELECT 1) FROM t", ()),
        ("CALL p(1) INTO :x", "CALL p(1) ", ("X",)),
    ],
)
def test_into_is_cut_out(text: str, rest: str, names: tuple[str, ...]) -> None:
    assert cut_into(text) == (rest, names)


def test_status_variables_are_null_before_any_statement() -> None:
    assert Scope().value("SQLROWCOUNT") == Value(None, INTEGER)
    assert Scope().value("SQLCODE") is None
    assert NOTHING.value is None
