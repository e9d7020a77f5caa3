"""Calls of the connector that Ctrl-C can end.

Connector 5 works in native code, which calls back into Python to log: a KeyboardInterrupt raised there is swallowed,
and the statement goes on to its end as if nothing had been pressed. So in the main thread, where Python raises it, a
call is made by a thread of its own, and the main thread does nothing but wait.
"""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

T = TypeVar("T")

PATIENCE = 5.0
"""Seconds in which a cancelled call must have come back."""


class CallAbandoned(KeyboardInterrupt):
    """Ctrl-C was pressed during a call. `ended` is whether the call came back afterwards; its result is lost."""

    def __init__(self, text: str, *, ended: bool) -> None:
        super().__init__(text)
        self.ended = ended


def interruptible(call: Callable[[], T], cancel: Callable[[], object]) -> T:
    """The value of `call`; on Ctrl-C `cancel` is called, which should make `call` end early.

    Raises CallAbandoned after Ctrl-C, and whatever `call` raises.
    """
    if threading.current_thread() is not threading.main_thread():
        return call()
    future = _in_thread(call)
    try:
        return future.result()
    except KeyboardInterrupt:
        cancelled = _settled(_in_thread(cancel))
        ended = _settled(future)
        raise CallAbandoned(_told(cancelled=cancelled, ended=ended), ended=ended) from None


def _in_thread(call: Callable[[], T]) -> Future[T]:
    future: Future[T] = Future()

    def work() -> None:
        try:
            future.set_result(call())
        except BaseException as error:  # noqa: BLE001 - handed to the thread that waits, whatever it is
            future.set_exception(error)

    # A daemon: a statement that cannot be cancelled must not keep the process from ending.
    threading.Thread(target=work, name="call", daemon=True).start()
    return future


def _settled(future: Future[T]) -> bool:
    """Whether the call has come back, with a value or an error, within `PATIENCE`."""
    try:
        future.exception(PATIENCE)
    except TimeoutError:
        return False
    return True


def _told(*, cancelled: bool, ended: bool) -> str:
    if ended:
        return "What the account was running was cancelled."
    asked = "was asked to cancel" if cancelled else "could not be told to cancel"
    return f"The account {asked} the statement under way, and may still run it."
