"""Time in the account: an argument everywhere, so that days of schedule pass in milliseconds."""

import threading
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """What the account takes for the present."""

    def now(self) -> datetime:
        """The present, with zone UTC."""

    def advance(self, by: timedelta) -> None:
        """Let `by` pass at once."""


class SystemClock:
    """The machine's clock, shifted forward by what was advanced."""

    def __init__(self, ahead: timedelta = timedelta()) -> None:
        self.ahead = ahead

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    def advance(self, by: timedelta) -> None:
        self.ahead += by


class ManualClock:
    """Stands still until it is advanced, save one microsecond a reading: no two events share a time."""

    def __init__(self, start: datetime) -> None:
        self._now = start
        self._lock = threading.Lock()

    def now(self) -> datetime:
        with self._lock:
            self._now += timedelta(microseconds=1)
            return self._now

    def advance(self, by: timedelta) -> None:
        with self._lock:
            self._now += by
