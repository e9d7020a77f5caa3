"""When tasks run by themselves: due points of schedules, streams that trigger, and time moved by hand.

Source: docs.snowflake.com/en/user-guide/tasks-intro and …/tasks-triggered. Time is the account's clock; in a served
account a thread looks at it.
"""

import json
import re
import threading
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from pipeline.local.clock import Clock, SystemClock
from pipeline.local.errors import SnowflakeError
from pipeline.local.internal import internal_fault
from pipeline.local.schedule import parse_schedule
from pipeline.local.session import Context
from pipeline.local.storage import Store
from pipeline.local.tasks.conditions import reads_streams
from pipeline.local.tasks.execution import condition_holds
from pipeline.local.tasks.graph import Task
from pipeline.local.tasks.properties import number
from pipeline.local.tasks.runs import Origin

if TYPE_CHECKING:
    from pipeline.local.engine import Account

AHEAD = "ahead"
"""The key in `_m.meta` of how far the clock was moved forward, in seconds."""
DEFAULT_TRIGGER_GAP_SECONDS = 30
HEALTH_CHECK = timedelta(hours=12)
"""A triggered task asks its streams at least that often, which keeps empty streams from going stale."""
_LOOK_EVERY = 0.5


@dataclass(frozen=True, slots=True)
class Due:
    """A root whose schedule has come to a point."""

    at: datetime
    root: Task


@dataclass(frozen=True, slots=True)
class _Look:
    """A triggered task's condition was false at that time, when the account was at these versions."""

    at: datetime
    version: int
    catalog_version: int


class Scheduler:
    """Runs what is due. One look at a time."""

    def __init__(self, account: "Account") -> None:
        self.account = account
        self._turn = threading.RLock()
        self._considered: dict[int, datetime] = {}
        """Until when the points of a root's schedule were considered, by its id."""
        self._looks: dict[int, _Look] = {}
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    # --- due points ----------------------------------------------------------------------------------------------

    def next_point(self, root: Task) -> datetime | None:
        """The next point of a root's schedule that was not considered yet; it may be in the past."""
        spec = root.spec
        if spec.schedule is None or spec.resumed_on is None:
            return None
        after = max(spec.resumed_on, self._considered.get(root.id, spec.resumed_on))
        return parse_schedule(spec.schedule).next_after(after, spec.resumed_on)

    def due(self, now: datetime) -> list[Due]:
        """The roots with a point up to `now`, each once, in order of time."""
        points = ((self.next_point(root), root) for root in self.account.tasks.roots())
        found = [Due(point, root) for point, root in points if point is not None and point <= now]
        return sorted(found, key=lambda due: (due.at, due.root.full_name))

    def run_due(self, *, wait: bool = False) -> int:
        """Start what is due and what streams trigger; `wait`: run it here, to the end. How many graphs were run.

        A root with several points behind runs once, for the first of them.
        """
        with self._turn:
            now = self.account.clock.now()
            return sum(self._run(due, now, wait=wait) for due in self.due(now)) + self._run_triggered(now, wait=wait)

    def _run(self, due: Due, now: datetime, *, wait: bool) -> bool:
        self._considered[due.root.id] = now
        tasks = self.account.tasks
        request = tasks.request(due.root, Origin.SCHEDULE, due.at)
        if wait:
            tasks.perform(request)
            return True
        return tasks.submit_unless_running(request)

    def catch_up_once(self) -> int:
        """As the account opens: what fell due since it was last open runs now, once per root, to the end."""
        with self._turn:
            self._remember()
            count = self.run_due(wait=True)
            self.account.tasks.log.flush()
            return count

    def _remember(self) -> None:
        """Take from the history until when the points of each schedule were considered."""
        for run in self.account.tasks.log.graphs(lambda run: run.origin is Origin.SCHEDULE):
            self._considered[run.root_id] = max(run.scheduled_time, run.start or run.scheduled_time)

    # --- triggered tasks -----------------------------------------------------------------------------------------

    def _triggered(self) -> list[Task]:
        return [
            root
            for root in self.account.tasks.roots()
            if root.spec.schedule is None and root.spec.condition is not None and reads_streams(root.spec.condition)
        ]

    def _ready_at(self, root: Task) -> datetime:
        """The earliest moment for the next triggered run: a gap after the last one's start."""
        gap = number(root.spec, "USER_TASK_MINIMUM_TRIGGER_INTERVAL_IN_SECONDS", DEFAULT_TRIGGER_GAP_SECONDS)
        runs = [run for run in self.account.tasks.log.of_root(root.id) if run.origin is Origin.TRIGGER]
        since = root.spec.resumed_on or root.created_on
        return max(since, runs[-1].scheduled_time + timedelta(seconds=gap)) if runs else since

    def _still_false(self, root: Task, now: datetime) -> bool:
        """Whether nothing has changed since the condition was last found false, and that was not long ago."""
        look, store = self._looks.get(root.id), self.account.store
        if look is None or look.at + HEALTH_CHECK <= now:
            return False
        return (look.version, look.catalog_version) == (store.last_version, self.account.catalog.version)

    def _run_triggered(self, now: datetime, *, wait: bool) -> int:
        count = 0
        for root in self._triggered():
            if self._ready_at(root) > now or self._still_false(root, now):
                continue
            look = _Look(now, self.account.store.last_version, self.account.catalog.version)
            if not self._holds(root):
                self._looks[root.id] = look
                continue
            request = self.account.tasks.request(root, Origin.TRIGGER, self.account.clock.now())
            if wait:
                self.account.tasks.perform(request)
                count += 1
            else:
                count += self.account.tasks.submit_unless_running(request)
        return count

    def _holds(self, root: Task) -> bool:
        """Whether the condition is met; one that cannot be evaluated starts a run, which then says why it fails."""
        assert root.spec.condition is not None
        context = Context("SYSTEM", role=root.owner, database=root.database, schema=root.schema, task=root)
        session = self.account.new_session(context)
        try:
            return condition_holds(session, root.spec.condition)
        except SnowflakeError:
            return True
        finally:
            session.close()

    def _next_trigger(self, now: datetime) -> datetime | None:
        """The earliest moment at which a triggered task may run that must still wait for its gap."""
        moments = [self._ready_at(root) for root in self._triggered() if not self._still_false(root, now)]
        moments += [look.at + HEALTH_CHECK for look in self._looks.values()]
        return min((moment for moment in moments if moment > now), default=None)

    # --- time moved by hand --------------------------------------------------------------------------------------

    def advance(self, by: timedelta) -> int:
        """Let `by` pass, running all that falls due on the way, in order, in this thread. How many graphs were run."""
        with self._turn:
            self.account.tasks.drain()
            clock = self.account.clock
            end = clock.now() + by
            count = self.run_due(wait=True)
            while (point := self._next_event(clock.now(), end)) is not None:
                _move_to(clock, point)
                count += self.run_due(wait=True)
            _move_to(clock, end)
            self._keep_ahead()
            self.account.tasks.log.flush()
            return count

    def _next_event(self, now: datetime, end: datetime) -> datetime | None:
        points = [self.next_point(root) for root in self.account.tasks.roots()]
        points.append(self._next_trigger(now))
        return min((point for point in points if point is not None and point <= end), default=None)

    def _keep_ahead(self) -> None:
        clock = self.account.clock
        if isinstance(clock, SystemClock):
            cursor = self.account.store.cursor()
            cursor.execute("BEGIN")
            cursor.execute("DELETE FROM _m.meta WHERE key = ?", [AHEAD])
            cursor.execute("INSERT INTO _m.meta VALUES (?, ?)", [AHEAD, str(clock.ahead.total_seconds())])
            cursor.execute("COMMIT")
            cursor.close()

    # --- the thread of a served account --------------------------------------------------------------------------

    def start(self) -> None:
        """Look for what is due, in a thread, until `stop`."""
        with self._turn:
            self._remember()
        self._thread = threading.Thread(target=self._watch, name="scheduler", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        if self._thread is not None:
            self._thread.join()

    def _watch(self) -> None:
        while not self._stop.wait(_LOOK_EVERY):
            try:
                self.run_due()
            except Exception as error:  # noqa: BLE001 - one bad look must not end all schedules; it is in the log
                internal_fault(error)


def _move_to(clock: Clock, moment: datetime) -> None:
    left = moment - clock.now()
    if left > timedelta():
        clock.advance(left)


def saved_ahead(store: Store) -> timedelta:
    """How far the account's clock was moved forward in its earlier lives."""
    cursor = store.cursor()
    row = cursor.execute("SELECT value FROM _m.meta WHERE key = ?", [AHEAD]).fetchone()
    cursor.close()
    return timedelta(seconds=float(row[0])) if row else timedelta()


_PART = re.compile(r"\s*(\d+)\s*([smhd])", re.IGNORECASE)
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}


def parse_duration(text: str) -> timedelta:
    """Read `5m`, `90s`, `1h30m`, `2d`.

    Raises:
        SnowflakeError: it is not a duration.
    """
    position, seconds = 0, 0
    while match := _PART.match(text, position):
        seconds += int(match[1]) * _UNITS[match[2].lower()]
        position = match.end()
    if not position or text[position:].strip():
        raise SnowflakeError(f"'{text}' is not a duration such as 5m, 90s, 1h30m or 2d.", 1008, "22023")
    return timedelta(seconds=seconds)


def local_advance(account: "Account", text: str) -> str:
    """SYSTEM$LOCAL_ADVANCE, which only the local account has: let time pass; what ran and what time it is, as JSON."""
    count = account.scheduler.advance(parse_duration(text))
    return json.dumps({"graph_runs": count, "now": account.clock.now().astimezone(UTC).isoformat()})
