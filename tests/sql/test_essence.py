"""Two ways to write the same statement, and two statements that only look alike."""

import pytest

from pipeline.sql.essence import essence


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("SELECT a FROM t", "select A\n  -- why\n  from T /* here */"),
        ("CREATE TABLE s.t(a INT)", "create table S.T ( a int ) // ints"),
        ("SELECT v:Key.Sub[0]::INT AS a", "select V:Key.Sub[0] :: int as A"),
        ("BEGIN RETURN 1; END", "begin\n  return 1;\nend"),
    ],
)
def test_the_same(one: str, other: str) -> None:
    assert essence(one) == essence(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("SELECT 'a'", "SELECT 'A'"),
        ("SELECT 'a b'", "SELECT 'a  b'"),
        ('SELECT "a"', 'SELECT "A"'),
        ("SELECT v:key", "SELECT v:Key"),
        ("SELECT v:key.sub", "SELECT v:key.Sub"),
        ("SELECT v : key.sub", "SELECT v : Key.sub"),
        ("SELECT v[0].sub", "SELECT v[0].Sub"),
        ("LIST @s/a.csv", "LIST @s/A.csv"),
        ("PUT file:///a//b @s", "PUT file:///a//c @s"),
        ("SELECT $$ -- a $$", "SELECT $$ -- b $$"),
        ("SELECT a b", "SELECT ab"),
        ("SELECT 1, 2", "SELECT 1.2"),
    ],
)
def test_not_the_same(one: str, other: str) -> None:
    assert essence(one) != essence(other)
