"""What goes on beside a deploy, in a session of its own: the lock's heartbeat, and rows for the record.

The deploy itself never waits for either. A short one ends before the keeper has opened its session.
"""

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

from pipeline.errors import PipelineError
from pipeline.targets.journal import Journal, StatementRecord
from pipeline.targets.lock import TTL_SECONDS, beat
from pipeline.targets.session import Session

WAKES = 0.25
"""Seconds between two looks at what is to do."""
FLUSH_SECONDS = 5.0
"""How long a row waits for others before it is written."""


class Keeper:
    """Keeps the lock of one deploy and writes its record."""

    def __init__(
        self,
        open_session: Callable[[], Session],
        journal: Journal,
        *,
        ttl: float = TTL_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._open_session = open_session
        self._journal = journal
        self._ttl = ttl
        self._clock = clock
        self._lock = threading.Lock()
        self._rows: list[StatementRecord] = []
        self._beaten = clock()
        self._flushed = clock()
        self._ended = threading.Event()
        self._lost = threading.Event()
        self._threads = ThreadPoolExecutor(max_workers=1, thread_name_prefix="keeper")
        self._work: Future[None] | None = None

    def start(self) -> None:
        """Begin, right after the lock was taken."""
        self._beaten = self._flushed = self._clock()
        self._work = self._threads.submit(self._keep)

    @property
    def lost(self) -> bool:
        """Whether the lock is somebody else's, or may be: no heartbeat arrived for its time to live."""
        return self._lost.is_set()

    def add(self, row: StatementRecord) -> None:
        """A row for the record."""
        with self._lock:
            self._rows.append(row)

    def stop(self) -> list[StatementRecord]:
        """End; the rows that are not written yet."""
        self._ended.set()
        if self._work is not None:
            self._work.result()
        self._threads.shutdown()
        return self._take()

    def _keep(self) -> None:
        session: Session | None = None
        while not self._ended.wait(WAKES):
            now = self._clock()
            beats = now - self._beaten > self._ttl / 4
            with self._lock:
                flushes = bool(self._rows) and now - self._flushed > FLUSH_SECONDS
            if not beats and not flushes:
                continue
            try:
                session = session or self._open_session()
                self._once(session, beats=beats)
            except PipelineError:
                session = None
            if self._clock() - self._beaten > self._ttl:
                self._lost.set()
        if session is not None:
            _close(session)

    def _once(self, session: Session, *, beats: bool) -> None:
        if beats:
            if beat(session, self._journal.place, self._journal.deploy_id):
                self._beaten = self._clock()
            else:
                self._lost.set()
        rows = self._take()
        try:
            for statement in self._journal.record(rows):
                session.run(statement)
        except PipelineError:
            # Some may have been written: a row that is there twice says the same twice.
            with self._lock:
                self._rows[:0] = rows
            raise
        self._flushed = self._clock()

    def _take(self) -> list[StatementRecord]:
        with self._lock:
            rows, self._rows = self._rows, []
        return rows


def _close(session: Session) -> None:
    try:
        session.close()
    except PipelineError:
        return  # the account ends it by itself
