"""Ending what a session's statement does in DuckDB, from another thread."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import duckdb

from pipeline.local.storage import Store

_AGAIN_SECONDS = 0.05


class Interruption:
    """The DuckDB connections that a session's statement uses.

    DuckDB forgets an interrupt that falls between two of its statements, so one is sent again and again until the
    session's statement has ended. None is sent while a transaction is `settling`: what ends it is done whole.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connections = [connection]
        self._lock = threading.RLock()

    def settling(self) -> AbstractContextManager[bool]:
        """Nothing is interrupted during the body."""
        return self._lock

    @contextmanager
    def cursor(self, store: Store) -> Iterator[duckdb.DuckDBPyConnection]:
        """A connection beside the session's own, for the body."""
        cursor = store.cursor()
        with self._lock:
            self._connections.append(cursor)
        try:
            yield cursor
        finally:
            with self._lock:
                self._connections.remove(cursor)
            cursor.close()

    def pursue(self, runs: Callable[[], bool]) -> None:
        """Interrupt as long as `runs` says that the statement has not ended; from a thread after the first time."""
        if self._strike(runs):
            threading.Thread(target=self._repeat, args=(runs,), name="interruption", daemon=True).start()

    def _repeat(self, runs: Callable[[], bool]) -> None:
        while self._strike(runs):
            time.sleep(_AGAIN_SECONDS)

    def _strike(self, runs: Callable[[], bool]) -> bool:
        with self._lock:
            if not runs():
                return False
            for connection in self._connections:
                connection.interrupt()
            return True
