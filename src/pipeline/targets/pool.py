"""Sessions for work that goes on side by side: opened as they are needed, closed all at once."""

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass

from pipeline.errors import CannotConnect, CommunicationError, StatementFailed
from pipeline.targets.session import Session

PATIENCE = 5.0
"""Seconds in which a session that is being opened must be there when the pool is closed; later, it ends by itself."""


@dataclass(eq=False, slots=True)
class Seat:
    """A session of the pool and the session statements that were run in it, in their order."""

    session: Session
    made: tuple[str, ...] = ()
    own: bool = True
    """Whether the pool opened it and closes it."""


class Pool:
    """At most `size` sessions beside each other, the first one being `session`, which is not the pool's to close."""

    def __init__(self, session: Session, size: int) -> None:
        self._first = session
        self._size = size
        self._changed = threading.Condition()
        self._idle: list[Seat] = [Seat(session, own=False)]
        self._taken: list[Seat] = []
        self._open = 1
        self._coming: list[threading.Thread] = []

    def warm(self, count: int) -> None:
        """Begin to open sessions until there are `count`, beside each other and beside whatever the caller does.

        One that cannot be opened is left to whoever needs it, and hears why.
        """
        with self._changed:
            for _ in range(min(count, self._size) - self._open):
                self._open += 1
                self._coming.append(threading.Thread(target=self._open_ahead, name="warm", daemon=True))
            for thread in self._coming:
                thread.start()

    def _open_ahead(self) -> None:
        seat = None
        with suppress(CannotConnect, CommunicationError):  # as said above
            seat = Seat(self._first.another())
        with self._changed:
            self._coming.remove(threading.current_thread())
            if seat is None:
                self._open -= 1
            else:
                self._idle.append(seat)
            self._changed.notify_all()

    def take(self, needs: Sequence[str]) -> Seat:
        """A session in which `needs` can be run and nothing else was; the caller runs what it lacks of them.

        Raises CannotConnect.
        """
        with self._changed:
            seat = self._fitting(needs)
            while seat is None and self._coming:
                self._changed.wait()
                seat = self._fitting(needs)
            if seat is not None:
                self._idle.remove(seat)
                self._taken.append(seat)
                return seat
            spare = next((each for each in self._idle if each.own), None) if self._open >= self._size else None
            if spare is not None:
                self._idle.remove(spare)
            else:
                self._open += 1
        if spare is not None:
            spare.session.close()
        seat = Seat(self._first.another())
        with self._changed:
            self._taken.append(seat)
        return seat

    def _fitting(self, needs: Sequence[str]) -> Seat | None:
        fitting = [seat for seat in self._idle if _fits(seat.made, needs)]
        return max(fitting, key=lambda each: len(each.made), default=None)

    def give_back(self, seat: Seat) -> None:
        """The session is free again."""
        with self._changed:
            self._taken.remove(seat)
            self._idle.append(seat)
            self._changed.notify_all()

    def discard(self, seat: Seat) -> None:
        """The session is of no use any more."""
        with self._changed:
            self._taken.remove(seat)
            self._open -= 1
        if seat.own:
            _close(seat)

    def cancel(self) -> None:
        """Make the account end what runs in the sessions that are taken, as far as it can be told to."""
        with self._changed:
            taken = tuple(self._taken)
        if taken:
            with ThreadPoolExecutor(max_workers=len(taken)) as threads:
                list(threads.map(_cancel, taken))

    def close(self, *, with_first: bool = False) -> None:
        """Close what the pool opened, all at the same time; if wished, with the first session of an account elsewhere.

        The embedded account ends with its first session, so that is left to the caller in any case.
        """
        for thread in tuple(self._coming):
            thread.join(PATIENCE)
        with self._changed:
            seats = [seat for seat in self._idle if seat.own]
            self._idle = [seat for seat in self._idle if not seat.own]
        if with_first and not self._first.embedded:
            seats.append(Seat(self._first, own=False))
        if seats:
            with ThreadPoolExecutor(max_workers=len(seats)) as threads:
                list(threads.map(_close, seats))


def _close(seat: Seat) -> None:
    try:
        seat.session.close()
    except (CommunicationError, StatementFailed):
        return  # it ends by itself, and everything that ran in it was answered


def _cancel(seat: Seat) -> None:
    try:
        seat.session.cancel()
    except (CannotConnect, CommunicationError, StatementFailed):
        return  # then it comes to its end by itself, and is waited for


def _fits(made: tuple[str, ...], needs: Sequence[str]) -> bool:
    """Whether the session is as a new one would be after some first part of `needs`.

    What is current does not matter: a statement that depends on it names it among its needs.
    """
    settled = tuple(text for text in made if not text.startswith("USE SCHEMA "))
    wanted = tuple(text for text in needs if not text.startswith("USE SCHEMA "))
    return settled == wanted[: len(settled)]


def missing(made: tuple[str, ...], needs: Sequence[str]) -> tuple[str, ...]:
    """What is still to be run of `needs`; what is current is always said again, unless it was said last."""
    if tuple(needs) == made:
        return ()
    return tuple(text for text in needs if text.startswith("USE SCHEMA ") or text not in made)
