"""A session of the account: current names, parameters, variables, and its transaction."""

import threading
import time
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

import duckdb

from pipeline.local import marks
from pipeline.local.catalog import Catalog, Change, Object
from pipeline.local.errors import SnowflakeError, compilation, no_current
from pipeline.local.interruption import Interruption
from pipeline.local.markers import marker_value
from pipeline.local.objects import Kind
from pipeline.local.parameters import Parameters
from pipeline.local.protocol import Binding, Outcome, Result
from pipeline.local.transaction import Transaction, Write, spoiled
from pipeline.sql.names import QualifiedName

if TYPE_CHECKING:
    from pipeline.local.engine import Account

FullName = tuple[str, str, str]

_KEPT_RESULTS = 64
_IDLE_HOLDER_SECONDS = 300
"""An idle transaction that keeps others waiting is rolled back after this long, as Snowflake does."""


@dataclass(frozen=True, slots=True)
class Variable:
    """A session variable: its value as a literal of Snowflake's, and the text that SHOW VARIABLES prints."""

    literal: str
    text: str
    type: str


@dataclass
class Running:
    """The statement that a session runs now."""

    query_id: str
    text: str
    started_at: datetime
    version: int = 0
    """The version that its own transaction wrote, once it did."""
    aborted: bool = False
    timed_out: bool = False
    outer: "Running | None" = None
    """The statement that this one is part of: a CALL or a block."""


@dataclass
class Context:
    """What unqualified names mean and who asks."""

    user: str
    role: str | None = "ACCOUNTADMIN"
    database: str | None = None
    schema: str | None = None
    warehouse: str | None = None
    application: str = ""
    secondary_roles: str = "ALL"
    task: Object | None = None
    """The task that this session runs, for a session made by the scheduler."""
    extra: dict[str, str] = field(default_factory=dict)
    """What a task's run hands to its functions: return values of predecessors, config."""


class Session:
    """One statement at a time; `abort` may come from another thread."""

    def __init__(self, account: "Account", session_id: int, context: Context, parameters: Parameters) -> None:
        self.account = account
        self.id: int = session_id
        self.context: Context = context
        self.parameters: Parameters = parameters
        self.variables: dict[str, Variable] = {}
        self.connection = account.store.cursor()
        self.interruption = Interruption(self.connection)
        self.transaction: Transaction | None = None
        self.results: OrderedDict[str, Result] = OrderedDict()
        self.query_ids: list[str] = []
        self.running: Running | None = None
        self.last_active = account.clock.now()
        self._spoiled: SnowflakeError | None = None
        self._passing: Transaction | None = None
        """The transaction of the running statement, outside an explicit one."""
        self._turn = threading.RLock()
        self._zone = ""
        self.apply_zone()

    # --- who and where ---------------------------------------------------------------------------------------

    @property
    def database(self) -> str | None:
        return self.context.database

    @property
    def schema(self) -> str | None:
        return self.context.schema

    @property
    def warehouse(self) -> str | None:
        return self.context.warehouse

    @property
    def role(self) -> str | None:
        return self.context.role

    @property
    def catalog(self) -> Catalog:
        return self.account.catalog

    def now(self) -> datetime:
        """The start of the running statement, the same throughout it."""
        return self.running.started_at if self.running else self.account.clock.now()

    def full_name(self, name: QualifiedName, action: str = "SELECT") -> FullName:
        """Fill in the current database and schema.

        Raises:
            SnowflakeError: 090105 or 090106, there is no current one to fill in.
        """
        database = name.database or self.context.database
        if database is None:
            raise no_current("database", action)
        schema = name.schema or (self.context.schema if name.database is None else "PUBLIC")
        if schema is None:
            raise no_current("schema", action)
        return database, schema, name.name

    def find(self, kinds: Kind | tuple[Kind, ...], name: QualifiedName) -> Object | None:
        return self.catalog.find(kinds, self.full_name(name), self.id)

    def require(self, kinds: Kind | tuple[Kind, ...], name: QualifiedName) -> Object:
        """The object of that name.

        Raises:
            SnowflakeError: 002003, there is none; 090105 or 090106, the name is not complete.
        """
        return self.catalog.require(kinds, self.full_name(name), self.id, str(name))

    def require_schema(self, full: FullName) -> Object:
        """The schema that an object of this full name lies in, or 002003."""
        database, schema, _ = full
        if self.catalog.find(Kind.DATABASE, (None, None, database)) is None:
            raise compilation(f"Database '{database}' does not exist or not authorized.", 2003, "02000")
        found = self.catalog.find(Kind.SCHEMA, (database, None, schema))
        if found is None:
            raise compilation(f"Schema '{database}.{schema}' does not exist or not authorized.", 2003, "02000")
        return found

    def apply_zone(self) -> None:
        """Give DuckDB the session's TIMEZONE."""
        zone = self.parameters.text("TIMEZONE")
        if zone != self._zone:
            self.connection.execute(f"SET TimeZone='{zone}'")
            self._zone = zone

    # --- transactions ----------------------------------------------------------------------------------------

    def begin(self, name: str | None = None) -> Transaction:
        """BEGIN; within a transaction it changes nothing."""
        if self.transaction is None:
            self.transaction = self._start(explicit=True, name=name)
        return self.transaction

    def commit(self) -> None:
        """COMMIT; without a transaction it changes nothing.

        Raises:
            SnowflakeError: the transaction was spoiled by a statement that could not be undone alone.
        """
        if self._spoiled is not None:
            raise spoiled(self._spoiled)
        if self.transaction is not None:
            transaction, self.transaction = self.transaction, None
            self._commit(transaction)

    def rollback(self) -> None:
        """ROLLBACK; without a transaction it changes nothing."""
        self._spoiled = None
        if self.transaction is not None:
            transaction, self.transaction = self.transaction, None
            self._abandon(transaction)

    @contextmanager
    def writing(self) -> Iterator[Write]:
        """The body changes rows: in the open transaction, or in one of its own that ends with it.

        When the body raises, what it did is undone, and only that.
        """
        if self._spoiled is not None:
            raise spoiled(self._spoiled)
        transaction = self.transaction
        if transaction is None:
            transaction = self._start(explicit=not self.parameters.flag("AUTOCOMMIT"))
            if transaction.explicit:
                self.transaction = transaction
        self._take_writer(transaction)
        write = Write(transaction, self.connection, self.now(), self.interruption)
        consumed = set(transaction.consumed)
        try:
            yield write
            self.check_aborted()
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
        change = Change(self.catalog, self.connection, self.now(), self.id, transaction.version)
        transaction.after_commit.append(change.publish)
        try:
            yield change
            self.check_aborted()
        except BaseException:
            self._abandon(transaction)
            raise
        self._commit(transaction)

    def consume(self, streams: set[int]) -> None:
        """The running DML reads these streams: the commit moves them. Called within `writing`, before reading."""
        transaction = self._current()
        for stream in streams:
            transaction.offsets[stream] = self.account.streams.offset(stream).version
        transaction.consumed |= streams

    def fill(self, sql: str) -> str:
        """Put this execution's values into translated SQL."""
        return marks.fill(sql, self._mark)

    def read(self, sql: str, values: Mapping[str, object]) -> duckdb.DuckDBPyConnection:
        """Run translated SQL that changes nothing; the connection, to fetch from.

        In a transaction that has written, a statement that fails is undone alone, which keeps the transaction.
        """
        if self._spoiled is not None:
            raise spoiled(self._spoiled)
        text = self.fill(sql)
        if self.transaction is not None and self.transaction.writes:
            with self.writing() as write:
                return write.run(text, values, keep=False)
        return self.connection.execute(text, values) if values else self.connection.execute(text)

    def values(self, markers: Iterable[str], bindings: Mapping[str, Binding]) -> dict[str, object]:
        """What the markers of a translation stand for in this execution."""
        return {marker: marker_value(self, marker, bindings) for marker in markers}

    def _mark(self, name: str) -> str:
        if name == "now":
            return f"TIMESTAMPTZ '{self.now().isoformat(sep=' ')}'"
        transaction = self._current()
        if name == "version":
            return str(transaction.version)
        if name == "bound":
            return str(transaction.bound)
        stream = int(name.removeprefix("offset_"))
        if stream not in transaction.offsets:
            self.account.check_fresh(self, stream)
            transaction.offsets[stream] = self.account.streams.offset(stream).version
        return str(transaction.offsets[stream])

    def wait(self, seconds: float) -> None:
        """Let time pass within a statement, which can be aborted meanwhile."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            self.check_aborted()
            time.sleep(min(left, 0.05))

    def _current(self) -> Transaction:
        """The transaction, or one that lasts for this read."""
        if self.transaction is not None:
            return self.transaction
        if self._passing is None:
            self._passing = self._start(explicit=False)
        return self._passing

    def _start(self, *, explicit: bool, name: str | None = None) -> Transaction:
        return Transaction(
            self.account.new_transaction_id(), self.now(), self.account.store.last_version, explicit, name
        )

    def _take_writer(self, transaction: Transaction) -> None:
        if not transaction.explicit:
            self._passing = transaction
        if transaction.version is not None:
            if self.running is not None:
                self.running.version = transaction.version
            return
        self.account.writer.acquire(self.id, self.parameters.integer("LOCK_TIMEOUT"), self._while_waiting)
        try:
            with self.interruption.settling():
                self.connection.execute("BEGIN")
        except BaseException:
            self.account.writer.release(self.id)
            raise
        transaction.version = self.account.store.last_version + 1
        if self.running is not None:
            self.running.version = transaction.version

    def _while_waiting(self) -> None:
        self.check_aborted()
        holder = self.account.session(self.account.writer.holder)
        if holder is None or holder.running is not None:
            return
        idle = (self.account.clock.now() - holder.last_active).total_seconds()
        if idle > _IDLE_HOLDER_SECONDS:
            with holder._turn:
                holder.rollback()

    def check_aborted(self) -> None:
        """Raises SnowflakeError 000604 if the running statement was told to stop."""
        running = self.running
        while running is not None and not (running.timed_out or running.aborted):
            running = running.outer
        if running is not None and running.timed_out:
            raise SnowflakeError("Statement reached its statement or warehouse timeout and was canceled.", 630, "57014")
        if running is not None and running.aborted:
            raise SnowflakeError("SQL execution canceled", 604, "57014")

    def _commit(self, transaction: Transaction) -> None:
        self._passing = None
        if transaction.version is None:
            return
        with self.interruption.settling():
            self._write_commit(transaction, transaction.version)
        try:
            for publish in transaction.after_commit:
                publish()
        finally:
            self.account.writer.release(self.id)

    def _write_commit(self, transaction: Transaction, version: int) -> None:
        account = self.account
        try:
            at = account.store.commit_time(account.clock.now())
            queries = account.queries.take(self.running.query_id if self.running else None, version)
            self.connection.execute(
                "INSERT INTO _m.versions VALUES (?, ?, ?)", [version, at.replace(tzinfo=None), queries]
            )
            offsets = account.streams.advance(transaction, self.connection, at)
            self.connection.execute("COMMIT")
        except BaseException:
            account.queries.not_written(self.running.query_id if self.running else None)
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
            with self.interruption.settling():
                self.connection.execute("ROLLBACK")
        except duckdb.TransactionException:
            # DuckDB has ended it already: a failed COMMIT does that.
            pass
        finally:
            self.account.writer.release(self.id)

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

    # --- statements ------------------------------------------------------------------------------------------

    def execute(
        self,
        sql: str,
        *,
        bindings: Mapping[str, Binding],
        query_id: str,
        describe_only: bool,
        parameters: Mapping[str, object],
    ) -> Outcome:
        """See `protocol.EngineSession.execute`."""
        from pipeline.local.execute import run_request  # the statements' handlers import this module

        with self._turn:
            self.last_active = self.account.clock.now()
            try:
                return run_request(self, sql, bindings, query_id, describe_only, parameters)
            finally:
                self.last_active = self.account.clock.now()

    @contextmanager
    def statement(self, query_id: str, text: str = "") -> Iterator[Running]:
        """One statement runs: its start is `now()`, and `abort` and STATEMENT_TIMEOUT_IN_SECONDS can end it."""
        outer = self.running
        running = Running(query_id, text, self.account.clock.now(), outer=outer)
        self.running = running
        limit = self.parameters.integer("STATEMENT_TIMEOUT_IN_SECONDS")
        timer = None
        if self.parameters.is_set("STATEMENT_TIMEOUT_IN_SECONDS") and limit:
            timer = threading.Timer(limit, self._time_out, [running])
            timer.daemon = True
            timer.start()
        try:
            yield running
        finally:
            if timer is not None:
                timer.cancel()
            with self.interruption.settling():
                self.running = outer
            self._passing = None

    def _time_out(self, running: Running) -> None:
        running.timed_out = True
        self.interruption.pursue(lambda: self._has_not_ended(running))

    def abort(self, query_id: str) -> bool:
        running = self.running
        while running is not None and running.query_id != query_id:
            running = running.outer
        if running is None:
            return False
        running.aborted = True
        self.interruption.pursue(lambda: self._has_not_ended(running))
        return True

    def _has_not_ended(self, statement: Running) -> bool:
        running = self.running
        while running is not None and running is not statement:
            running = running.outer
        return running is not None

    def keep(self, result: Result) -> None:
        """Remember a result for RESULT_SCAN and LAST_QUERY_ID."""
        self.query_ids.append(result.query_id)
        self.results[result.query_id] = result
        if len(self.results) > _KEPT_RESULTS:
            self.results.popitem(last=False)

    def close(self) -> None:
        with self._turn:
            self.rollback()
            self.account.forget(self)
            self.connection.close()
