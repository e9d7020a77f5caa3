"""The account: its file, catalog, clock, writer lock and sessions."""

import itertools
import threading
from collections.abc import Mapping
from pathlib import Path

import duckdb

from pipeline.local import faults, stages
from pipeline.local.catalog import Catalog
from pipeline.local.clock import Clock, SystemClock
from pipeline.local.copying import loads
from pipeline.local.dialect import functions
from pipeline.local.expiry import expire
from pipeline.local.furnish import furnish
from pipeline.local.objects import Kind
from pipeline.local.parameters import Parameters
from pipeline.local.prepared import PreparedCache
from pipeline.local.querylog import QueryLog
from pipeline.local.scheduler import Scheduler, saved_ahead
from pipeline.local.session import Context, Session
from pipeline.local.storage import Store
from pipeline.local.streams import reads
from pipeline.local.streams.offsets import Offsets
from pipeline.local.tasks import runs
from pipeline.local.tasks.service import TaskService
from pipeline.local.writer import WriterLock


class Account:
    """An open account. One process opens one account's file at a time."""

    def __init__(self, folder: Path | None, *, clock: Clock | None = None, kept: bool = True) -> None:
        """Open the account in `folder` (made if need be); None keeps it in memory, without stages.

        One that is not `kept` will be deleted when it has closed: nothing is done for its next life.

        Raises:
            SnowflakeError: the file cannot be read by this program.
        """
        self.clock: Clock = clock or SystemClock()
        self.folder = folder
        self._kept = kept
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
            stages.clear_scratch(folder)
        self.store = open_store(folder / "account.duckdb" if folder else None, (runs.TABLE, loads.TABLE), kept=kept)
        if clock is None:
            self.clock.advance(saved_ahead(self.store))
        cursor = self.store.cursor()
        functions.install(cursor)
        self.catalog = Catalog(cursor)
        self.streams = Offsets(cursor)
        self.queries = QueryLog(cursor, self.clock.now())
        self.writer = WriterLock()
        self.prepared = PreparedCache()
        self._sessions: dict[int, Session] = {}
        self._lock = threading.Lock()
        self._session_ids = itertools.count(int(self.clock.now().timestamp() * 1000))
        self._transaction_ids = itertools.count(int(self.clock.now().timestamp() * 1_000_000))
        if not self.catalog.all(Kind.ROLE):
            self._furnish()
        self._drop_temporary()
        self._expire()
        self.tasks = TaskService(self)
        self.scheduler = Scheduler(self)

    def open_session(
        self,
        *,
        user: str,
        database: str | None = None,
        schema: str | None = None,
        warehouse: str | None = None,
        role: str | None = None,
        parameters: Mapping[str, object] | None = None,
        application: str = "",
    ) -> Session:
        """See `protocol.Engine.open_session`. Names that do not exist are left out, as Snowflake does at login."""
        chosen = Parameters()
        for name, value in (parameters or {}).items():
            chosen.adopt(name, value)
        context = Context(user.upper(), role=(role or "ACCOUNTADMIN").upper(), application=application)
        session = self.new_session(context, chosen)
        context.database = self._existing(Kind.DATABASE, None, database)
        if context.database is not None:
            context.schema = self._existing(Kind.SCHEMA, context.database, schema or "PUBLIC")
        context.warehouse = self._existing(Kind.WAREHOUSE, None, warehouse)
        return session

    def new_session(self, context: Context, parameters: Parameters | None = None) -> Session:
        """A session of the account's own making."""
        with self._lock:
            session = Session(self, next(self._session_ids), context, parameters or Parameters())
            self._sessions[session.id] = session
        return session

    def session(self, session_id: int | None) -> Session | None:
        return self._sessions.get(session_id) if session_id is not None else None

    def sessions(self) -> list[Session]:
        with self._lock:
            return list(self._sessions.values())

    def forget(self, session: Session) -> None:
        """A session ends: its temporary objects end with it."""
        with self._lock:
            self._sessions.pop(session.id, None)
        self._drop_temporary(session)

    def check_fresh(self, session: Session, stream: int) -> None:
        """Raises SnowflakeError if the stream has gone stale since its reading was translated."""
        reads.base_of(session, self.catalog.get(stream))

    def new_transaction_id(self) -> int:
        return next(self._transaction_ids)

    def start(self, *, serving: bool) -> None:
        """See `protocol.Engine.start`: while serving, a thread looks at the clock."""
        if serving:
            self.scheduler.start()
        else:
            self.scheduler.catch_up_once()

    def drain(self) -> None:
        """Wait until the graphs of tasks that run now have ended."""
        self.tasks.drain()

    def close(self) -> None:
        self.scheduler.stop()
        self.tasks.close()
        for session in self.sessions():
            session.close()
        self._write_queries()
        self.store.close()

    def _write_queries(self) -> None:
        """Keep the history of queries that changed nothing, too: an empty transaction writes it."""
        if self._kept and self.queries.has_pending:
            session = self.new_session(Context("SNOWFLAKE"))
            with session.defining():
                pass
            session.close()

    def _existing(self, kind: Kind, database: str | None, written: str | None) -> str | None:
        if not written:
            return None
        name = written[1:-1] if written.startswith('"') else written.upper()
        return name if self.catalog.find(kind, (database, None, name)) else None

    def _furnish(self) -> None:
        """What a new account has."""
        with self.new_session(Context("SNOWFLAKE")).defining() as change:
            furnish(change)
        for session in self.sessions():
            session.close()

    def _expire(self) -> None:
        session = self.new_session(Context("SNOWFLAKE"))
        expire(session)
        session.close()

    def _drop_temporary(self, session: Session | None = None) -> None:
        """Temporary objects of `session`, or of sessions of an earlier life of the account."""
        gone = self.catalog.temporary(session.id if session else None)
        if not gone:
            return
        janitor = Session(self, next(self._session_ids), Context("SNOWFLAKE"), Parameters())
        with janitor.defining() as change:
            for item in gone:
                if item.kind is Kind.TABLE:
                    change.cursor.execute(f"DROP TABLE IF EXISTS d.t{item.id}")
                    change.cursor.execute(f"DROP TABLE IF EXISTS d.h{item.id}")
                change.purge(item)
        janitor.connection.close()


def open_store(path: Path | None, tables: tuple[str, ...], *, kept: bool = True) -> Store:
    """Open the account's file. Raises SnowflakeError for one that cannot be opened."""
    try:
        return Store(path, tables, kept=kept)
    except duckdb.Error as error:
        raise faults.from_duckdb(error) from error
