"""When a task is due: intervals counted from its RESUME, and cron expressions in a time zone.

Source: docs.snowflake.com/en/sql-reference/sql/create-task (SCHEDULE) and …/user-guide/tasks-intro (daylight saving
time); the exact edges as recorded from live accounts.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cronsim import CronSim, CronSimError

from pipeline.local.errors import SnowflakeError, invalid_value

INVALID = "Invalid schedule was specified. Please refer to the docs on what constitutes a valid schedule."
LONGEST = timedelta(minutes=11_520)
SHORTEST = timedelta(seconds=10)

_INTERVAL = re.compile(r"\+?(\d+)[ \t\r\n](HOURS?|MINUTES?|SECONDS?|[HMS])[ \t\r\n]*", re.IGNORECASE | re.ASCII)
_SECONDS = {"H": 3600, "M": 60, "S": 1}
_MAX_COUNT = 2**63
_CRON = re.compile(r"USING\s+CRON\s+(.*)", re.IGNORECASE | re.DOTALL)
_FOLD_REACH = timedelta(hours=3)
"""Longer than any clock change: that far around one, local times may repeat."""


def refused(text: str) -> SnowflakeError:
    """A property or graph of a task is refused. The number is recorded for a task with schedule and predecessor."""
    return SnowflakeError(text, 91400, "22000")


@dataclass(frozen=True, slots=True)
class Interval:
    """Every `length`, counted from the time of RESUME."""

    length: timedelta

    def next_after(self, moment: datetime, base: datetime) -> datetime:
        """The first point later than `moment`; points are base + length, base + 2 × length…"""
        steps = max((moment - base) // self.length, 0) + 1
        return base + steps * self.length


@dataclass(frozen=True, slots=True)
class Cron:
    """A cron expression over the local times of a zone.

    A local time that a clock change repeats is due twice, one that it leaves out is not due.
    """

    expression: str
    zone: ZoneInfo

    def next_after(self, moment: datetime, base: datetime) -> datetime | None:  # noqa: ARG002 - as Interval has it
        """The first point later than `moment`; None when the expression names no date."""
        reach = moment + _FOLD_REACH
        if self._offset(moment) != self._offset(reach):
            near = self._around_clock_change(moment, reach + _FOLD_REACH)
            if near is not None:
                return near
        for local in self._local_times(self._local(moment)):
            points = [point for point in self._instants(local) if point > moment]
            if points:
                return min(points)
        return None

    def _around_clock_change(self, moment: datetime, until: datetime) -> datetime | None:
        """As next_after, when local times after `moment` may repeat or be left out; None if none before `until`."""
        points = []
        end = self._local(until) + _FOLD_REACH
        for local in self._local_times(self._local(moment) - _FOLD_REACH):
            if local > end:
                break
            points += self._instants(local)
        return min((point for point in points if moment < point <= until), default=None)

    def _local_times(self, after: datetime) -> CronSim | tuple[datetime, ...]:
        """The matching local times, without a zone, strictly after a local time."""
        try:
            return CronSim(self.expression, after)
        except CronSimError:
            return ()  # The syntax was checked: it names days that no month has.

    def _local(self, moment: datetime) -> datetime:
        return moment.astimezone(self.zone).replace(tzinfo=None)

    def _offset(self, moment: datetime) -> timedelta | None:
        return moment.astimezone(self.zone).utcoffset()

    def _instants(self, local: datetime) -> list[datetime]:
        """The instants of a local time: two where a clock change repeats it, none where it leaves it out."""
        both = (local.replace(tzinfo=self.zone, fold=fold).astimezone(UTC) for fold in (0, 1))
        return [instant for instant in both if self._local(instant) == local]


Schedule = Interval | Cron


def parse_schedule(text: str) -> Schedule:
    """Read the text of SCHEDULE.

    Raises:
        SnowflakeError: with Snowflake's text for a malformed, too short or too long one, or an unknown zone.
    """
    cron = _CRON.fullmatch(text)
    if cron is not None:
        return _parse_cron(cron[1])
    length = _interval(text)
    if length is None:
        raise refused(INVALID)
    if length < SHORTEST:
        raise refused("Cannot set schedule less than 10 seconds.")
    if length > LONGEST:
        raise refused("Cannot set schedule greater than 11,520 minutes.")
    return Interval(length)


def parse_completion_interval(text: str) -> timedelta:
    """Read the text of TARGET_COMPLETION_INTERVAL: an interval from ten seconds to a day."""
    length = _interval(text)
    if length is None or not SHORTEST <= length <= timedelta(days=1):
        raise invalid_value(f"invalid value [{text}] for parameter 'TARGET_COMPLETION_INTERVAL'")
    return length


def _interval(text: str) -> timedelta | None:
    """The length that `n UNIT` means, beyond the longest at most by a second; None if it is not one."""
    match = _INTERVAL.fullmatch(text)
    if match is None or not 0 < int(match[1]) < _MAX_COUNT:
        return None
    seconds = int(match[1]) * _SECONDS[match[2][0].upper()]
    return timedelta(seconds=min(seconds, LONGEST.total_seconds() + 1))


# --- cron -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Field:
    low: int
    high: int
    names: tuple[str, ...] = ()

    def number(self, text: str) -> int:
        if text in self.names:
            return self.low + self.names.index(text)
        number = int(text) if text.isascii() and text.isdigit() else -1
        if not self.low <= number <= self.high:
            raise refused(INVALID)
        return number


_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_DAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
_DAY_OF_MONTH = _Field(1, 31)
_DAY_OF_WEEK = _Field(0, 6, _DAYS)
_FIELDS = (_Field(0, 59), _Field(0, 23), _DAY_OF_MONTH, _Field(1, 12, _MONTHS), _DAY_OF_WEEK)
_TERM = re.compile(r"(?:(?P<star>\*)|(?P<first>\w+)(?:-(?P<last>\w+))?)(?:/(?P<step>\d+))?", re.ASCII)


def _parse_cron(text: str) -> Cron:
    *fields, zone = text.split() or [""]
    if len(fields) == len(_FIELDS) - 1:
        _zone(zone)
    if len(fields) != len(_FIELDS):
        raise refused(INVALID)
    written = (_field(field, text) for field, text in zip(_FIELDS, fields, strict=True))
    return Cron(" ".join(written), _zone(zone))


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo("UTC" if name.upper() == "UTC" else name)
    except (ZoneInfoNotFoundError, ValueError, IsADirectoryError):
        raise refused(
            f'Invalid schedule was specified. "{name}" is not a recognized time zone. '
            "Please specify time zones accepted by the TIMEZONE parameter."
        ) from None


def _field(field: _Field, text: str) -> str:
    """A field with names as numbers, and a stepped star as a range: it restricts the day, as Snowflake has it."""
    return ",".join(_term(field, term) for term in text.upper().split(","))


def _term(field: _Field, term: str) -> str:
    if field is _DAY_OF_MONTH and term == "L":
        return term
    if field is _DAY_OF_WEEK and term.endswith("L") and len(term) > 1:
        return f"{field.number(term[:-1])}L"
    match = _TERM.fullmatch(term)
    if match is None or match["step"] == "0":
        raise refused(INVALID)
    step = f"/{match['step']}" if match["step"] else ""
    if match["star"]:
        return f"{field.low}-{field.high}{step}" if step else "*"
    first = field.number(match["first"])
    if match["last"] is None:
        return f"{first}{step}"
    last = field.number(match["last"])
    if last < first:
        raise refused(INVALID)
    return f"{first}-{last}{step}"
