"""What happens to events on their way: they come late, twice, out of order or broken."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from heapq import heappop, heappush
from random import Random
from typing import TypeAlias

from pipeline.errors import UsageError
from pipeline.generate.times import MINUTE

Event: TypeAlias = tuple[int, str]
"""When it happened (milliseconds since 1970) and its line of JSON."""


@dataclass(frozen=True, slots=True)
class Disorder:
    """Shares of the lines, each from 0 to 1 and at most 1 together.

    Raises UsageError when they are not.
    """

    late: float = 0.03
    """Held back for 6 minutes to 3 hours of event time."""
    duplicate: float = 0.03
    """Sent a second time, up to 2 hours later."""
    out_of_order: float = 0.05
    """Held back for at most 2 minutes, so that a few others overtake it."""
    broken: float = 0.0
    """Followed by a line that is no valid event."""

    def __post_init__(self) -> None:
        shares = [getattr(self, field.name) for field in fields(self)]
        if min(shares) < 0 or sum(shares) > 1:
            raise UsageError(
                f"The shares {shares} of late, duplicate, out-of-order and broken lines do not fit in 0…1."
            )


NO_DISORDER = Disorder(late=0, duplicate=0, out_of_order=0, broken=0)


def disturb(
    events: Iterator[Event], disorder: Disorder, random: Random, breakage: Callable[[str, float], str]
) -> Iterator[str]:
    """Lines in order of arrival. `events` rises in time; memory is bounded by what three hours of events hold back."""
    draw = random.random
    late = disorder.late
    out_of_order = late + disorder.out_of_order
    duplicate = out_of_order + disorder.duplicate
    broken = duplicate + disorder.broken
    held: list[tuple[int, int, str]] = []
    number = 0
    for time, line in events:
        while held and held[0][0] <= time:
            yield heappop(held)[2]
        chance = draw()
        if chance >= broken:
            yield line
            continue
        number += 1
        if chance < late:
            heappush(held, (time + 6 * MINUTE + int(draw() * 174 * MINUTE), number, line))
        elif chance < out_of_order:
            heappush(held, (time + int(draw() * 2 * MINUTE), number, line))
        else:
            yield line
            if chance < duplicate:
                heappush(held, (time + int(draw() * 120 * MINUTE), number, line))
            else:
                yield breakage(line, draw())
    while held:
        yield heappop(held)[2]
