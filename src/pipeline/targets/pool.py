"""Sessions for work that goes on side by side: opened as they are needed, closed all at once."""

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from pipeline.errors import CannotConnect, CommunicationError, StatementFailed
from pipeline.targets.session import Session


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
        self._lock = threading.Lock()
        self._idle: list[Seat] = [Seat(session, own=False)]
        self._taken: list[Seat] = []
        self._open = 1

    def warm(self, count: int) -> None:
        """Open sessions until there are `count`, beside each other, before they are needed. Raises CannotConnect."""
        wanted = min(count, self._size) - self._open
        if wanted <= 0:
            return
        with ThreadPoolExecutor(max_workers=wanted) as threads:
            seats = list(threads.map(lambda _: Seat(self._first.another()), range(wanted)))
        with self._lock:
            self._idle.extend(seats)
            self._open += len(seats)

    def take(self, needs: Sequence[str]) -> Seat:
        """A session in which `needs` can be run and nothing else was; the caller runs what it lacks of them.

        Raises CannotConnect.
        """
        with self._lock:
            fitting = [seat for seat in self._idle if _fits(seat.made, needs)]
            if fitting:
                seat = max(fitting, key=lambda each: len(each.made))
                self._idle.remove(seat)
                self._taken.append(seat)
                return seat
            spare = next((seat for seat in self._idle if seat.own), None) if self._open >= self._size else None
            if spare is not None:
                self._idle.remove(spare)
            else:
                self._open += 1
        if spare is not None:
            spare.session.close()
        seat = Seat(self._first.another())
        with self._lock:
            self._taken.append(seat)
        return seat

    def give_back(self, seat: Seat) -> None:
        """The session is free again."""
        with self._lock:
            self._taken.remove(seat)
            self._idle.append(seat)

    def discard(self, seat: Seat) -> None:
        """The session is of no use any more."""
        with self._lock:
            self._taken.remove(seat)
            self._open -= 1
        if seat.own:
            _close(seat)

    def cancel(self) -> None:
        """Make the account end what runs in the sessions that are taken, as far as it can be told to."""
        with self._lock:
            taken = tuple(self._taken)
        if taken:
            with ThreadPoolExecutor(max_workers=len(taken)) as threads:
                list(threads.map(_cancel, taken))

    def close(self) -> None:
        """Close what the pool opened, all at the same time."""
        with self._lock:
            seats = [seat for seat in self._idle if seat.own]
            self._idle = [seat for seat in self._idle if not seat.own]
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
