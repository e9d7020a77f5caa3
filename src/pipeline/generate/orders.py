"""Order events: the life of each order, line by line, as a shop's systems would send it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice
from random import Random

from pipeline.errors import UsageError
from pipeline.generate.disorder import NO_DISORDER, Disorder, Event, disturb
from pipeline.generate.times import Clockface, milliseconds

LIVES = (
    ("CREATED", "PAID", "SHIPPED", "DELIVERED"),
    ("CREATED", "PAID", "SHIPPED", "DELIVERED"),
    ("CREATED", "PAID", "SHIPPED", "DELIVERED"),
    ("CREATED", "PAID", "SHIPPED", "DELIVERED"),
    ("CREATED", "PAID", "SHIPPED", "DELIVERED"),
    ("CREATED", "PAID", "SHIPPED"),
    ("CREATED", "PAID", "SHIPPED", "DELIVERED", "REFUNDED"),
    ("CREATED", "PAID", "CANCELLED"),
    ("CREATED", "CANCELLED"),
    ("CREATED",),
)
NOTES = (
    "à déposer chez la gardienne",
    "Geschenk für Zoë, bitte einpacken",
    "配達は午後にお願いします",
    "merci 🎁",
    'ring twice, says \\"Bob\\"',
)
BURST = 50
"""Events of a burst: after about so many comes a long pause, so that even a small sample has busy hours and nights."""


@dataclass(frozen=True, slots=True)
class OrdersConfig:
    """What to make. The same values give the same bytes.

    `seed` is part of each event_id and order_id, so that files of different seeds never collide.
    Raises UsageError for a rate that is not positive or a start without zone.
    """

    seed: int = 1
    count: int | None = None
    """Lines in all, broken ones and repeats included; None goes on for ever."""
    start: datetime = datetime(2026, 3, 2, 7, 30, tzinfo=UTC)
    rate: float = 5.0
    """Events per second of event time, on average."""
    disorder: Disorder = field(default_factory=Disorder)
    customers: int = 60
    open_orders: int = 40
    """Orders that are under way at a time."""

    def __post_init__(self) -> None:
        if self.rate <= 0:
            raise UsageError(f"A rate of {self.rate} events per second makes no events.")
        if self.start.tzinfo is None:
            raise UsageError("The start of the events needs a time zone.")


def orders(config: OrdersConfig) -> Iterator[str]:
    """Lines of JSON without their newline, in order of arrival."""
    random = Random(config.seed)
    lines = disturb(_events(config, random), config.disorder, random, _broken)
    return islice(lines, config.count)


class _Order:
    """One order under way."""

    __slots__ = ("cents", "customer", "life", "number", "step")

    def __init__(self, number: int, config: OrdersConfig, random: Random) -> None:
        draw = random.random
        self.number = number
        # The square makes some customers buy far more often than others.
        lot = draw()
        self.customer = 1 + int(lot * lot * config.customers)
        self.life = LIVES[int(draw() * len(LIVES))]
        self.step = 0
        lot = draw()
        self.cents = 500 + int(lot * lot * lot * 50_000)


def _events(config: OrdersConfig, random: Random) -> Iterator[Event]:
    draw = random.random
    seed = config.seed
    utc, bare, paris = Clockface("Z").text, Clockface("").text, Clockface("+02:00", 120).text
    faces = (utc, utc, utc, utc, utc, utc, utc, bare, bare, paris)
    short_gap, long_gap = _gaps(config.rate)
    slots: list[_Order | None] = [None] * config.open_orders
    time = milliseconds(config.start)
    number = order_number = 0
    while True:
        number += 1
        chance = draw() * BURST
        time += int(chance % 1 * (short_gap if chance >= 1 else long_gap))
        slot = int(draw() * config.open_orders)
        order = slots[slot]
        if order is None:
            order_number += 1
            order = slots[slot] = _Order(order_number, config, random)
        kind = draw()
        status = order.life[order.step]
        if kind < 0.2 and status == "PAID":
            order.cents += 100 + int(kind * 10_000) - order.cents // 10
        order.step += 1
        if order.step == len(order.life):
            slots[slot] = None
        cents = order.cents
        note = f',"note":"{NOTES[int(kind * 1e6) % len(NOTES)]}"' if kind > 0.93 else ""
        yield (
            time,
            f'{{"event_id":"EVT_{seed}_{number:06d}","order_id":"ORD_{seed}_{order.number:05d}",'
            f'"customer_id":"CUST_{order.customer:02d}","status":"{status}",'
            f'"amount":{cents // 100}.{cents % 100:02d},"currency":"EUR",'
            f'"updated_at":"{faces[int(kind * 1000) % 10](time)}"{note}}}',
        )


def _gaps(rate: float) -> tuple[float, float]:
    """Widths, in milliseconds, from which the gaps inside and between bursts are drawn evenly; their mean is 1/rate."""
    mean = 1000 / rate
    inside = mean / 20
    between = BURST * mean - (BURST - 1) * inside
    return 2 * inside, 2 * between


def _broken(line: str, chance: float) -> str:
    broken = tuple(_breakages(line).values())
    return broken[int(chance * len(broken))]


def _breakages(line: str) -> dict[str, str]:
    """Every way in which we break a valid line, by name."""
    head, separator, rest = line.partition(',"order_id"')
    event_id = head.removeprefix('{"event_id":')
    amount = line[line.index('"amount":') :].partition(",")[0]
    time = line[line.index('"updated_at":') :].partition(",")[0].rstrip("}")
    # A broken copy must not steal the id of the event that it was made of.
    other = line.replace(event_id, f'{event_id[:-1]}_X"', 1)
    return {
        "no event_id": f'{{"order_id"{rest}',
        "event_id is null": f'{{"event_id":null{separator}{rest}',
        "event_id is a number": f'{{"event_id":17{separator}{rest}',
        "amount is text": other.replace(amount, '"amount":"twelve"', 1),
        "amount is too large": other.replace(amount, '"amount":123456789012.5', 1),
        "unknown status": other.replace('"status":"', '"status":"UN', 1),
        "impossible time": other.replace(time, '"updated_at":"2026-02-30T25:61:00Z"', 1),
        "time is a number": other.replace(time, '"updated_at":1772438400', 1),
        "an array": f"[{other},{other}]",
        "a number": "42",
        "cut": other[: len(other) * 2 // 3],
        "not JSON": f"INFO sent {event_id}",
        "empty": "",
    }


def broken_orders(seed: int) -> Iterator[str]:
    """Each kind of broken line once, between two valid events: the lines of `data/orders_events_bad.jsonl`."""
    first, template, last = orders(OrdersConfig(seed=seed, count=3, disorder=NO_DISORDER))
    yield first
    yield from _breakages(template).values()
    yield last
