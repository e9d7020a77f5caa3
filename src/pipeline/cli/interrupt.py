"""Ctrl-C asks a deploy to stop between two statements; a second one cancels the statements that run."""

import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

SLOW = 1.0
"""Seconds after which one wants to know why the command has not ended."""


def interrupt(number: int, frame: FrameType | None) -> None:
    """The handler of SIGINT: KeyboardInterrupt as usual, and a word if the end is not there soon.

    An embedded account waits for the tasks that run in it: nobody else would run them to their end.
    """
    _leave_line()
    word = threading.Timer(SLOW, sys.stderr.write, ["Waiting for what runs to end. Ctrl-C again stops at once.\n"])
    word.daemon = True
    word.start()
    signal.default_int_handler(number, frame)


def _leave_line() -> None:
    """A terminal has written ^C where the cursor stood."""
    if sys.stderr.isatty():
        sys.stderr.write("\n")


@contextmanager
def stop_on_interrupt() -> Iterator[Callable[[], bool]]:
    """Inside, the first SIGINT makes the yielded function true; the second raises KeyboardInterrupt as usual."""
    asked = threading.Event()

    def ask(_signal: int, _frame: FrameType | None) -> None:
        asked.set()
        signal.signal(signal.SIGINT, before)
        _leave_line()
        sys.stderr.write("Stopping after the statements that run. Ctrl-C again cancels them.\n")

    before = signal.signal(signal.SIGINT, ask)
    try:
        yield asked.is_set
    finally:
        signal.signal(signal.SIGINT, before)
