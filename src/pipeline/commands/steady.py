"""Work on one session that may be done again: it goes on in a new session when the connection is lost."""

import os
import time
from collections.abc import Callable
from typing import TypeVar

from pipeline.errors import CannotConnect, CommunicationError, UsageError
from pipeline.targets.session import Session

T = TypeVar("T")

VARIABLE = "PIPELINE_RETRY_SECONDS"
"""The environment variable that says how long a lost account is tried again."""
USUAL_SECONDS = 30.0
FIRST_PAUSE = 0.25
"""Seconds before the first retry; each further pause is twice as long."""


def patience() -> float:
    """Seconds after the first loss in which the account is tried again. Raises UsageError for what is no number."""
    text = os.environ.get(VARIABLE)
    if text is None:
        return USUAL_SECONDS
    try:
        return float(text)
    except ValueError as error:
        raise UsageError(f"{VARIABLE} wants a number of seconds, not '{text}'.") from error


def steady(session: Session, work: Callable[[], T]) -> T:
    """The value of `work`, which must bear being done twice. Raises what it raises, and the loss after a while."""
    pause, deadline = FIRST_PAUSE, None
    while True:
        try:
            if deadline is not None:
                session.renew()
            return work()
        except (CommunicationError, CannotConnect):
            deadline = deadline or time.monotonic() + patience()
            if time.monotonic() > deadline:
                raise
            time.sleep(pause)
            pause *= 2
