"""A Snowflake transaction over DuckDB: one version, streams read up to its start, a failed statement undone alone.

Rules: docs.snowflake.com/en/sql-reference/transactions and …/user-guide/streams-intro.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import duckdb

from pipeline.local.errors import SnowflakeError, unsupported
from pipeline.local.interruption import Interruption

Values = Sequence[Any] | Mapping[str, Any]
"""Parameters of a DuckDB statement, by position or name."""


@dataclass
class Transaction:
    """Explicit from BEGIN (or AUTOCOMMIT = FALSE) to COMMIT; otherwise as long as its one statement."""

    id: int
    started_at: datetime
    bound: int
    """The last version committed when it began: streams show nothing later to it."""
    explicit: bool
    name: str | None = None
    version: int | None = None
    """The version that it writes; None until its first write, when it takes the writer lock."""
    offsets: dict[int, int] = field(default_factory=dict)
    """Where each stream stood when this transaction first read it."""
    consumed: set[int] = field(default_factory=set)
    """Streams that a DML of it has read: they move to `bound` at the commit."""
    log: list[tuple[str, Values]] = field(default_factory=list)
    """What it wrote, so that a failed statement can be undone alone: DuckDB has no savepoints."""
    after_commit: list[Callable[[], None]] = field(default_factory=list)

    @property
    def writes(self) -> bool:
        return self.version is not None


_VOLATILE = ("uuid(", "random(", "gen_random_uuid(", "nextval('d.")
"""What a second run draws anew: random values, and those of AUTOINCREMENT columns, whose sequences do not go back."""


class Write:
    """A statement's write within a transaction: its version, and the way to run DuckDB statements in it."""

    def __init__(
        self,
        transaction: Transaction,
        connection: duckdb.DuckDBPyConnection,
        now: datetime,
        interruption: Interruption,
    ) -> None:
        assert transaction.version is not None
        self.transaction = transaction
        self.connection = connection
        self.now = now
        self.version: int = transaction.version
        self._interruption = interruption
        self._from = len(transaction.log)

    def run(self, sql: str, parameters: Values = (), *, keep: bool = True) -> duckdb.DuckDBPyConnection:
        """Run one DuckDB statement and give the connection, to fetch from. `keep` False: it changes nothing."""
        if keep and self.transaction.explicit:
            self.transaction.log.append((sql, parameters))
        return self.connection.execute(sql, parameters) if parameters else self.connection.execute(sql)

    def count(self, sql: str, parameters: Values = ()) -> int:
        """Run a statement that changes rows; the number of rows changed."""
        row = self.run(sql, parameters).fetchone()
        return int(row[0]) if row else 0

    def undo(self) -> None:
        """Bring the transaction back to where it was before this statement, by doing the earlier ones again.

        Nobody else has committed meanwhile (the writer lock is ours), so the outcome is the same.

        Raises:
            SnowflakeError: an earlier statement drew random or AUTOINCREMENT values, which a second run would not draw
                again.
        """
        with self._interruption.settling():
            self._undo()

    def _undo(self) -> None:
        del self.transaction.log[self._from :]
        self.connection.execute("ROLLBACK")
        self.connection.execute("BEGIN")
        earlier = self.transaction.log
        if any(word in sql for sql, _ in earlier for word in _VOLATILE):
            raise unsupported(
                "Going on with a transaction that drew random or AUTOINCREMENT values, after a statement in it failed,"
            )
        for sql, parameters in earlier:
            cursor = self.connection.execute(sql, parameters) if parameters else self.connection.execute(sql)
            cursor.fetchall()


def spoiled(cause: SnowflakeError) -> SnowflakeError:
    """What every statement gets in a transaction that could not be brought back: only ROLLBACK ends it."""
    return SnowflakeError(
        f"The transaction cannot go on: {cause.message} ROLLBACK ends it; nothing of it is committed.", 391902, "25000"
    )
