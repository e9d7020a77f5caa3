from pathlib import Path

import pytest

from pipeline.commands.hints import hint_for
from pipeline.errors import Location, StatementFailed
from pipeline.plan.model import Statement


def statement(position: int, text: str) -> Statement:
    return Statement(position, "sql/a.sql", text, Location(Path("sql/a.sql"), position * 10))


STATEMENTS = (
    statement(1, "CREATE VIEW db.s.v AS SELECT * FROM db.s.orders"),
    statement(2, "CREATE OR REPLACE TRANSIENT TABLE db.s.Orders (a INT)"),
)


def test_what_is_created_too_late_is_named() -> None:
    error = StatementFailed("Object 'DB.S.ORDERS' does not exist or not authorized.", errno=2003)
    assert hint_for(error, STATEMENTS[0], STATEMENTS) == (
        "db.s.Orders is created in sql/a.sql:20, which runs later. Move it before."
    )


def test_nothing_is_guessed() -> None:
    error = StatementFailed("Object 'DB.S.OTHER' does not exist or not authorized.", errno=2003)
    assert hint_for(error, STATEMENTS[0], STATEMENTS) is None
    assert hint_for(StatementFailed("Something else", errno=4711), STATEMENTS[0], STATEMENTS) is None


@pytest.mark.parametrize("errno", [91421, 3001, 606, 90105, 90106])
def test_what_the_number_tells(errno: int) -> None:
    assert hint_for(StatementFailed("…", errno=errno), STATEMENTS[0], STATEMENTS)
