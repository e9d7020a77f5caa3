"""Bound values meet the `?` in the order of the text, wherever they stand."""

import pytest

from local.accounts import Client
from pipeline.local.protocol import Binding, Result

STATEMENTS = {
    "SELECT ? AS a, b FROM (SELECT ? AS b) WHERE b = ?": ("one", "two", "two"),
    "SELECT ?, x FROM (VALUES (?)) AS v(x) WHERE x <> ? ORDER BY 1": ("one", "two", "three"),
    "WITH q AS (SELECT ? AS a) SELECT a, ? AS b FROM q QUALIFY ROW_NUMBER() OVER (ORDER BY ?) = 1": (
        "one",
        "two",
        "three",
    ),
}


@pytest.mark.parametrize("sql", STATEMENTS)
def test_order_of_question_marks(db: Client, sql: str) -> None:
    bindings = {str(place): Binding("TEXT", value) for place, value in enumerate(STATEMENTS[sql], 1)}
    result = db.session.execute(sql, bindings=bindings, query_id="q", describe_only=False, parameters={})
    assert isinstance(result, Result)
    assert result.rows == [("one", "two")]
