"""A session's transactions: the one that BEGIN opened, or the one of the running statement."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import duckdb

from pipeline.local.catalog import Change
from pipeline.local.errors import SnowflakeError
from pipeline.local.transaction import Transaction, Write, spoiled

if TYPE_CHECKING:
    from pipeline.local.session import Session

_IDLE_HOLDER_SECONDS = 300
"""An idle transaction that keeps others waiting is rolled back after this long, as Snowflake does."""


class Work:
    """What a session has begun and not yet ended. One writer an account: whoever writes first keeps it to the end."""

    def __init__(self, session: "Session") -> None:
        self._session = session
        self.open: Transaction | None = None
        """What BEGIN, or a write without AUTOCOMMIT, opened."""
        self._passing: Transaction | None = None
        """The transaction of the running statement, outside an open one."""
        self._spoiled: SnowflakeError | None = None

    def forget_passing(self) -> None:
        """A statement ends: what it read as of its own moment is over."""
        self._passing = None

    def check_whole(self) -> None:
        """Raises SnowflakeError if the transaction was spoiled by a statement that could not be undone alone."""
        if self._spoiled is not None:
            raise spoiled(self._spoiled)

    def begin(self, name: str | None = None) -> Transaction:
        """BEGIN; within a transaction it changes nothing. Raises SnowflakeError as `check_whole` does."""
        self.check_whole()
        if self.open is None:
            self.open = self._start(explicit=True, name=name)
        return self.open

    def commit(self) -> None:
        """COMMIT; without a transaction it changes nothing.

        Raises:
            SnowflakeError: the transaction was spoiled by a statement that could not be undone alone.
        """
        self.check_whole()
        if self.open is not None:
            transaction, self.open = self.open, None
            self._commit(transaction)

    def rollback(self) -> None:
        """ROLLBACK; without a transaction it changes nothing."""
        self._spoiled = None
        if self.open is not None:
            transaction, self.open = self.open, None
            self._abandon(transaction)

    def take_away(self) -> None:
        """Roll back a transaction that has written, without its session's doing, which is refused till ROLLBACK."""
        if self.open is None or self.open.version is None:
            return
        self.rollback()
        self._spoiled = SnowflakeError(
            "It was rolled back, as another session waited for it and it had been idle for five minutes.",
            391902,
            "25000",
        )

    @contextmanager
    def writing(self) -> Iterator[Write]:
        """The body changes rows: in the open transaction, or in one of its own that ends with it.

        When the body raises, what it did is undone, and only that.
        """
        self.check_whole()
        transaction = self.open
        if transaction is None:
            transaction = self._start(explicit=not self._session.parameters.flag("AUTOCOMMIT"))
            if transaction.explicit:
                self.open = transaction
        self._take_writer(transaction)
        write = Write(transaction, self._session.connection, self._session.now(), self._session.interruption)
        consumed = set(transaction.consumed)
        try:
            yield write
            self._session.check_aborted()
        except BaseException:
            transaction.consumed = consumed
            self._undo(transaction, write)
            raise
        if not transaction.explicit:
            self._commit(transaction)

    @contextmanager
    def defining(self) -> Iterator[Change]:
        """The body is a DDL statement: what is open is committed first, and the DDL is a transaction of its own."""
        self.commit()
        transaction = self._start(explicit=False)
        self._take_writer(transaction)
        assert transaction.version is not None
        change = Change(
            self._session.catalog, self._session.connection, self._session.now(), self._session.id, transaction.version
        )
        transaction.after_commit.append(change.publish)
        try:
            yield change
            self._session.check_aborted()
        except BaseException:
            self._abandon(transaction)
            raise
        self._commit(transaction)

    def consume(self, streams: set[int]) -> None:
        """The running DML reads these streams: the commit moves them. Called within `writing`, before reading."""
        transaction = self.current()
        for stream in streams:
            transaction.offsets[stream] = self._session.account.streams.offset(stream).version
        transaction.consumed |= streams

    def current(self) -> Transaction:
        """The transaction, or one that lasts for this read."""
        if self.open is not None:
            return self.open
        if self._passing is None:
            self._passing = self._start(explicit=False)
        return self._passing

    def _start(self, *, explicit: bool, name: str | None = None) -> Transaction:
        return Transaction(
            self._session.account.new_transaction_id(),
            self._session.now(),
            self._session.account.store.last_version,
            explicit,
            name,
        )

    def _take_writer(self, transaction: Transaction) -> None:
        if not transaction.explicit:
            self._passing = transaction
        if transaction.version is not None:
            if self._session.running is not None:
                self._session.running.version = transaction.version
            return
        self._session.account.writer.acquire(
            self._session.id, self._session.parameters.integer("LOCK_TIMEOUT"), self._while_waiting
        )
        try:
            with self._session.interruption.settling():
                self._session.connection.execute("BEGIN")
        except BaseException:
            self._session.account.writer.release(self._session.id)
            raise
        transaction.version = self._session.account.store.last_version + 1
        if self._session.running is not None:
            self._session.running.version = transaction.version

    def _while_waiting(self) -> None:
        self._session.check_aborted()
        holder = self._session.account.session(self._session.account.writer.holder)
        if holder is not None:
            holder.rollback_if_idle(_IDLE_HOLDER_SECONDS)

    def _commit(self, transaction: Transaction) -> None:
        self._passing = None
        if transaction.version is None:
            return
        with self._session.interruption.settling():
            self._write_commit(transaction, transaction.version)
        try:
            for publish in transaction.after_commit:
                publish()
        finally:
            self._session.account.writer.release(self._session.id)

    def _write_commit(self, transaction: Transaction, version: int) -> None:
        account = self._session.account
        try:
            at = account.store.commit_time(account.clock.now())
            queries = account.queries.take(self._session.running.query_id if self._session.running else None, version)
            self._session.connection.execute(
                "INSERT INTO _m.versions VALUES (?, ?, ?)", [version, at.replace(tzinfo=None), queries]
            )
            offsets = account.streams.advance(transaction, self._session.connection, at)
            self._session.connection.execute("COMMIT")
        except BaseException:
            account.queries.not_written(self._session.running.query_id if self._session.running else None)
            self._abandon(transaction)
            raise
        account.queries.written()
        account.store.committed(version, at)
        account.streams.committed(offsets)

    def _abandon(self, transaction: Transaction) -> None:
        self._passing = None
        if transaction.version is None:
            return
        try:
            with self._session.interruption.settling():
                self._session.connection.execute("ROLLBACK")
        except duckdb.TransactionException:
            # DuckDB has ended it already: a failed COMMIT does that.
            pass
        finally:
            self._session.account.writer.release(self._session.id)

    def _undo(self, transaction: Transaction, write: Write) -> None:
        if not transaction.explicit:
            self._abandon(transaction)
            return
        try:
            write.undo()
        except SnowflakeError as error:
            self._spoiled = error
            return
        if not transaction.log and not transaction.consumed:
            # It has changed nothing yet, so it keeps nobody waiting.
            self._abandon(transaction)
            transaction.version = None
