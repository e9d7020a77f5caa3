"""The writer lock: one transaction of the account writes at a time, so that order of versions is order of commits."""

import threading
import time
from collections.abc import Callable

from pipeline.local.errors import SnowflakeError

_LOOK_AGAIN = 0.05


class WriterLock:
    """Held by a session from its transaction's first write to its end."""

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._holder: int | None = None

    @property
    def holder(self) -> int | None:
        """The id of the session that writes."""
        return self._holder

    def acquire(self, session: int, timeout: float, waiting: Callable[[], None]) -> None:
        """Wait for the lock. `waiting` is called while it is held by another and may raise to give up.

        Raises:
            SnowflakeError: 000625, the lock was not free within `timeout` seconds (LOCK_TIMEOUT).
        """
        until = time.monotonic() + timeout
        with self._condition:
            while self._holder is not None:
                if time.monotonic() >= until:
                    raise SnowflakeError(
                        "Statement was aborted because it waited longer than LOCK_TIMEOUT "
                        f"({timeout:g} seconds) for a transaction of session {self._holder} to end.",
                        625,
                        "57014",
                    )
                self._condition.wait(min(_LOOK_AGAIN, timeout))
                self._condition.release()
                try:
                    waiting()
                finally:
                    self._condition.acquire()
            self._holder = session

    def release(self, session: int) -> None:
        with self._condition:
            if self._holder == session:
                self._holder = None
                self._condition.notify()
