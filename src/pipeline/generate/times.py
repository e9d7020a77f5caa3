"""Event times as text, fast: at many events a minute only the seconds are written anew."""

from datetime import UTC, datetime

MINUTE = 60_000
"""Milliseconds."""


def milliseconds(moment: datetime) -> int:
    """Milliseconds since 1970 of an aware time; exact, without floating point."""
    delta = moment.astimezone(UTC) - datetime(1970, 1, 1, tzinfo=UTC)
    return (delta.days * 86_400 + delta.seconds) * 1000 + delta.microseconds // 1000


class Clockface:
    """Writes milliseconds since 1970 as ISO-8601 `YYYY-MM-DDTHH:MM:SS.mmm`, in UTC plus a fixed offset."""

    __slots__ = ("_minute", "_offset", "_prefix", "_suffix")

    def __init__(self, suffix: str, offset_minutes: int = 0) -> None:
        self._suffix = suffix
        self._offset = offset_minutes * MINUTE
        self._minute = -1
        self._prefix = ""

    def text(self, moment: int) -> str:
        minute, rest = divmod(moment + self._offset, MINUTE)
        if minute != self._minute:
            self._minute = minute
            self._prefix = datetime.fromtimestamp(minute * 60, UTC).strftime("%Y-%m-%dT%H:%M:")
        return f"{self._prefix}{rest // 1000:02d}.{rest % 1000:03d}{self._suffix}"
