"""A session of the account: current names, parameters, variables, and its transaction."""

import threading
import time
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
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
from pipeline.local.transaction import Transaction, Write
from pipeline.local.work import Work
from pipeline.sql.names import QualifiedName

if TYPE_CHECKING:
    from pipeline.local.engine import Account

FullName = tuple[str, str, str]

_KEPT_RESULTS = 64


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
        self.work = Work(self)
        self.results: OrderedDict[str, Result] = OrderedDict()
        self.query_ids: list[str] = []
        self.running: Running | None = None
        self.last_active = account.clock.now()
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

    @property
    def transaction(self) -> Transaction | None:
        """The open transaction."""
        return self.work.open

    def begin(self, name: str | None = None) -> Transaction:
        """See `Work.begin`."""
        return self.work.begin(name)

    def commit(self) -> None:
        """See `Work.commit`."""
        self.work.commit()

    def rollback(self) -> None:
        """See `Work.rollback`."""
        self.work.rollback()

    def rollback_if_idle(self, seconds: float) -> None:
        """Roll back what has been open for so long without a statement. Called by the session that waits.

        The session is told at its next statement: it must not take for committed what is gone.
        """
        if self.running is None and (self.account.clock.now() - self.last_active).total_seconds() > seconds:
            with self._turn:
                self.work.take_away()

    def writing(self) -> AbstractContextManager[Write]:
        """See `Work.writing`."""
        return self.work.writing()

    def defining(self) -> AbstractContextManager[Change]:
        """See `Work.defining`."""
        return self.work.defining()

    def consume(self, streams: set[int]) -> None:
        """See `Work.consume`."""
        self.work.consume(streams)

    def fill(self, sql: str) -> str:
        """Put this execution's values into translated SQL."""
        return marks.fill(sql, self._mark)

    def read(self, sql: str, values: Mapping[str, object]) -> duckdb.DuckDBPyConnection:
        """Run translated SQL that changes nothing; the connection, to fetch from.

        In a transaction that has written, a statement that fails is undone alone, which keeps the transaction.
        """
        self.work.check_whole()
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
        transaction = self.work.current()
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

    def check_aborted(self) -> None:
        """Raises SnowflakeError 000604 if the running statement was told to stop."""
        running = self.running
        while running is not None and not (running.timed_out or running.aborted):
            running = running.outer
        if running is not None and running.timed_out:
            raise SnowflakeError("Statement reached its statement or warehouse timeout and was canceled.", 630, "57014")
        if running is not None and running.aborted:
            raise SnowflakeError("SQL execution canceled", 604, "57014")

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
            self.work.forget_passing()

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
