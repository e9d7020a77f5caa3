"""An account in memory and short ways to ask it."""

import uuid
from collections.abc import Sequence
from datetime import UTC, datetime

from pipeline.local.clock import ManualClock
from pipeline.local.engine import Account
from pipeline.local.errors import SnowflakeError
from pipeline.local.protocol import Result
from pipeline.local.session import Session

START = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
"""A Monday."""


class Client:
    """A session and what it answers."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def result(self, sql: str) -> Result:
        """The result of one statement."""
        outcome = self.session.execute(
            sql, bindings={}, query_id=str(uuid.uuid4()), describe_only=False, parameters={"MULTI_STATEMENT_COUNT": 1}
        )
        assert isinstance(outcome, Result)
        return outcome

    def rows(self, sql: str) -> list[tuple[object, ...]]:
        return list(self.result(sql).rows)

    def value(self, sql: str) -> object:
        (row,) = self.rows(sql)
        (value,) = row
        return value

    def run(self, *statements: str) -> None:
        for statement in statements:
            self.result(statement)

    def error(self, sql: str) -> SnowflakeError:
        """The error that a statement raises."""
        try:
            self.result(sql)
        except SnowflakeError as error:
            return error
        raise AssertionError(f"no error: {sql}")

    def records(self, sql: str) -> list[dict[str, object]]:
        result = self.result(sql)
        names = [column.name for column in result.columns]
        return [dict(zip(names, row, strict=True)) for row in result.rows]


def open_account(clock: ManualClock | None = None) -> Account:
    """An account in memory whose clock stands still."""
    return Account(None, clock=clock or ManualClock(START))


def client(account: Account, *, database: str | None = "DB", user: str = "TESTER") -> Client:
    """A session in DB.PUBLIC, which is made if need be."""
    opened = Client(account.open_session(user=user))
    if database is not None:
        opened.run(f"CREATE DATABASE IF NOT EXISTS {database}", f"USE SCHEMA {database}.PUBLIC")
    return opened


def shown(rows: Sequence[tuple[object, ...]]) -> list[str]:
    """Rows as text, one a line, `NULL` for None."""
    return [" | ".join("NULL" if value is None else str(value) for value in row) for row in rows]
