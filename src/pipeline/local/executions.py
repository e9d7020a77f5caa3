"""Statements on their way through the wire server: queued, running, done, kept for a while."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from queue import SimpleQueue

from pipeline.local.errors import SnowflakeError
from pipeline.local.internal import internal_fault

MAX_KEPT = 2000
MAX_KEPT_BYTES = 256 << 20
KEPT_SECONDS = 24 * 3600.0
"""Snowflake keeps a result for 24 hours (docs: user-guide/querying-persisted-results)."""

CANCELLED_ERRNO = 604
ABORT_SECONDS = 5.0
"""How long an abort waits for the statement's end, and insists if it has not begun in the engine."""
_LOOK_AGAIN = 0.01


class State(Enum):
    """States of a query as /monitoring/queries names them."""

    QUEUED = "QUEUED"
    RUNNING = "RUNNING"
    SUCCESS = "SUCCESS"
    FAILED = "FAILED_WITH_ERROR"
    ABORTED = "ABORTED"


def cancelled() -> SnowflakeError:
    return SnowflakeError("SQL execution canceled", CANCELLED_ERRNO, "57014")


def _spent(execution: "Execution") -> bytes:
    raise AssertionError(f"{execution.query_id} has run already")


@dataclass(eq=False, slots=True)
class Execution:
    """One statement. `body` is the whole JSON reply once it is done."""

    query_id: str
    session_id: int
    sql_text: str
    request_id: str
    run: Callable[["Execution"], bytes]
    abort_engine: Callable[[str], bool]
    state: State = State.QUEUED
    started: float = field(default_factory=time.time)
    ended: float = 0.0
    body: bytes = b""
    error: SnowflakeError | None = None
    cancel: bool = False
    counted: bool = False
    """Whether its reply is counted among the results that are kept."""
    _done: threading.Event = field(default_factory=threading.Event)
    _beginning: threading.Lock = field(default_factory=threading.Lock)
    """Held while it is decided whether it begins at all."""

    @classmethod
    def finished(cls, query_id: str, session_id: int, sql_text: str, body: bytes) -> "Execution":
        """A statement that ran as part of another request."""
        execution = cls(query_id, session_id, sql_text, "", lambda _: body, lambda _: False)
        execution.finish(body, State.SUCCESS)
        return execution

    def perform(self, failed: Callable[["Execution", SnowflakeError], bytes]) -> None:
        """Run to the end, whatever the end is; `failed` writes the reply of an error."""
        try:
            with self._beginning:
                if self.cancel:
                    raise cancelled()
                self.state = State.RUNNING
            body, state = self.run(self), State.SUCCESS
        except SnowflakeError as error:
            self.error, body = error, failed(self, error)
            state = State.ABORTED if error.errno == CANCELLED_ERRNO else State.FAILED
        except Exception as error:  # noqa: BLE001 - a fault of ours must be a reply: clients repeat a dropped request
            self.error = internal_fault(error)
            body, state = failed(self, self.error), State.FAILED
        self.finish(body, state)

    def finish(self, body: bytes, state: State) -> None:
        self.body, self.state, self.ended = body, state, time.time()
        self.run = _spent  # what it held, such as large bindings, is not kept with the result
        self._done.set()

    def wait(self, seconds: float) -> bool:
        """Whether it is done within that time."""
        return self._done.wait(seconds)

    @property
    def done(self) -> bool:
        return self._done.is_set()

    def abort(self) -> None:
        """Stop it, also when it has not begun; returns when it is done, if that is soon: its state is asked for next.

        One that waits for its turn is done when that comes.
        """
        with self._beginning:
            self.cancel = True
        taken = False
        deadline = time.monotonic() + ABORT_SECONDS
        while self.state is State.RUNNING and time.monotonic() < deadline:
            taken = taken or self.abort_engine(self.query_id)
            self.wait(_LOOK_AGAIN)


class Worker:
    """A session's thread: its statements run one after the other, as a session has one transaction."""

    def __init__(
        self,
        name: str,
        failed: Callable[[Execution, SnowflakeError], bytes],
        done: Callable[[Execution], None],
    ) -> None:
        """`failed` writes the reply of an error; `done` is told of each statement after its client was."""
        self._name = name
        self._failed = failed
        self._done = done
        self._queue: SimpleQueue[Execution | None] = SimpleQueue()
        self._thread: threading.Thread | None = None

    def submit(self, execution: Execution) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name=self._name, daemon=True)
            self._thread.start()
        self._queue.put(execution)

    def stop(self, timeout: float) -> None:
        """End after what is queued; wait for that at most `timeout` seconds."""
        self._queue.put(None)
        if self._thread is not None:
            self._thread.join(timeout)

    def _work(self) -> None:
        while (execution := self._queue.get()) is not None:
            execution.perform(self._failed)
            self._done(execution)


class Executions:
    """The account's statements by query id: those that are not done, and the results kept within bounds."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._by_id: OrderedDict[str, Execution] = OrderedDict()
        self._by_request: dict[tuple[int, str], Execution] = {}
        self._bytes = 0

    def add(self, execution: Execution) -> None:
        with self._lock:
            self._by_id[execution.query_id] = execution
            if execution.request_id:
                self._by_request[execution.session_id, execution.request_id] = execution

    def get(self, query_id: str) -> Execution | None:
        with self._lock:
            return self._by_id.get(query_id)

    def by_request(self, session_id: int, request_id: str) -> Execution | None:
        """The statement of a request: a client that heard nothing sends it again under the same id."""
        with self._lock:
            return self._by_request.get((session_id, request_id))

    def of_session(self, session_id: int) -> tuple[Execution, ...]:
        with self._lock:
            return tuple(e for e in self._by_id.values() if e.session_id == session_id)

    def kept(self, execution: Execution) -> None:
        """Count a result that is done, and drop the oldest ones beyond the bounds."""
        with self._lock:
            if execution.counted:
                return
            execution.counted = True
            self._bytes += len(execution.body)
            for old in tuple(self._by_id.values()) if self._over() else ():
                if old.done and old is not execution and self._over():
                    self._drop(old)

    def _over(self) -> bool:
        """Whether there is more than is kept, or the oldest is too old."""
        oldest = next(iter(self._by_id.values()))
        full = self._bytes > MAX_KEPT_BYTES or len(self._by_id) > MAX_KEPT
        return full or oldest.started < self._clock() - KEPT_SECONDS

    def _drop(self, old: Execution) -> None:
        del self._by_id[old.query_id]
        self._by_request.pop((old.session_id, old.request_id), None)
        if old.counted:
            self._bytes -= len(old.body)
