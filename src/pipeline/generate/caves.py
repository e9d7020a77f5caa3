"""Events of Les Caves d'Albert: orders (70 %) and adjustments of the stock (30 %), mixed as its services send them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice
from random import Random

from pipeline.errors import UsageError
from pipeline.generate import cellar
from pipeline.generate.disorder import NO_DISORDER, Disorder, Event, disturb
from pipeline.generate.times import Clockface, milliseconds

HOUR = 3_600_000
DAY = 24 * HOUR
_BUSY_HOURS = (1, 1, 1, 1, 1, 1, 2, 3, 5, 7, 9, 10, 12, 10, 8, 8, 9, 11, 14, 16, 15, 11, 6, 2)
_BUSY_DAYS = (8, 8, 9, 10, 14, 16, 12)
"""From Monday."""
_REASONS = {
    "REPLENISHMENT": ("Livraison fournisseur", "Réassort saisonnier"),
    "CORRECTION": ("Écart d'inventaire", "Transfert vers une boutique"),
    "SPOILAGE": ("Casse", "Bouchon défectueux"),
}


@dataclass(frozen=True, slots=True)
class CavesConfig:
    """What to make. The same values give the same bytes. Raises UsageError for what cannot be made."""

    seed: int = 1
    count: int | None = None
    """Lines in all, broken ones and repeats included; None goes on for ever."""
    start: datetime = datetime(2026, 1, 1, tzinfo=UTC)
    rate: float = 5.0
    """Events per second of event time, on average over the hours of the day and the days of the week."""
    disorder: Disorder = field(default_factory=Disorder)
    revised: float = 0.02
    """Share of the orders that are a later version of one of the 20 before."""

    def __post_init__(self) -> None:
        if self.rate <= 0:
            raise UsageError(f"A rate of {self.rate} events per second makes no events.")
        if self.start.tzinfo is None:
            raise UsageError("The start of the events needs a time zone.")
        if not 0 <= self.revised <= 1:
            raise UsageError(f"A share of {self.revised} revised orders does not fit in 0…1.")


def caves(config: CavesConfig) -> Iterator[str]:
    """Lines of JSON without their newline, in order of arrival."""
    random = Random(config.seed)
    lines = disturb(_events(config, random), config.disorder, random, _broken)
    return islice(lines, config.count)


@dataclass(slots=True)
class _Order:
    """What a later version of an order keeps or changes."""

    order_id: str
    customer: int
    product: cellar.Product
    quantity: int
    discount: int
    bottle: str
    channel: str
    payment: str
    address: str

    def line(self, time: str) -> str:
        product = self.product
        total = self.quantity * product.price - self.discount
        return (
            f'{{"event_type":"ORDER_CREATED","order_line_id":"{self.order_id}","customer_id":{self.customer},'
            f'"product_id":{product.product_id},"product_name":"{product.name}","category":"{product.category}",'
            f'"quantity":{self.quantity},"unit_price":{_euros(product.price)},"discount":{_euros(self.discount)},'
            f'"total_price":{_euros(total)},"bottle_size_l":{self.bottle},"sales_channel":"{self.channel}",'
            f'"payment_method":"{self.payment}","shipping_address":"{self.address}","event_ts":"{time}",'
            f'"source_service":"online_shop"}}'
        )


def _events(config: CavesConfig, random: Random) -> Iterator[Event]:
    draw = random.random
    products = cellar.catalogue()
    utc, bare, paris = Clockface("Z").text, Clockface("").text, Clockface("+01:00", 60).text
    faces = (utc, utc, utc, utc, utc, utc, utc, utc, bare, paris)
    time = milliseconds(config.start)
    mean = 1000 / config.rate
    recent: list[_Order] = []
    while True:
        time += int(2 * draw() * mean / _busy(time))
        face = faces[int(draw() * len(faces))]
        kind = draw()
        if kind >= 0.7:
            yield time, _adjustment(draw, products, face(time))
        elif recent and kind < 0.7 * config.revised:
            order = recent.pop(int(draw() * len(recent)))
            order.quantity = order.quantity % 3 + 1
            order.discount = min(order.discount, order.product.price // 2)
            yield time, order.line(face(time))
        else:
            order = _order(draw, products)
            recent.append(order)
            if len(recent) > 20:
                del recent[0]
            yield time, order.line(face(time))


def _busy(time: int) -> float:
    """How busy this hour is, 1 on average over a week."""
    days, rest = divmod(time, DAY)
    hour = _BUSY_HOURS[rest // HOUR] * 24 / sum(_BUSY_HOURS)
    return hour * _BUSY_DAYS[(days + 3) % 7] * 7 / sum(_BUSY_DAYS)  # 1970 began on a Thursday


def _order(draw: Callable[[], float], products: tuple[cellar.Product, ...]) -> _Order:
    lot = draw()
    product = products[int(lot * lot * len(products))]
    buyer = draw()
    size = draw()
    quantity = 1 if size < 0.6 else 2 if size < 0.85 else 3 if size < 0.95 else 6
    reduced = draw()
    return _Order(
        order_id=_uuid(draw),
        customer=1 + int(buyer * buyer * cellar.CUSTOMER_COUNT),
        product=product,
        quantity=quantity,
        discount=min(int(reduced * 4000), product.price // 2) if reduced < 0.25 else 0,
        bottle=_one(draw, cellar.BOTTLES),
        channel=_one(draw, cellar.CHANNELS),
        payment=_one(draw, cellar.PAYMENTS),
        address=f"{1 + int(draw() * 120)} {_one(draw, cellar.STREETS)}, {_one(draw, cellar.TOWNS)}",
    )


def _adjustment(draw: Callable[[], float], products: tuple[cellar.Product, ...], time: str) -> str:
    product = products[int(draw() * len(products))]
    kind, size = draw(), draw()
    if kind < 0.6:
        name, change = "REPLENISHMENT", 20 + int(size * 131)
    elif kind < 0.9:
        name, change = "CORRECTION", -220 + int(size * 241)
    else:
        name, change = "SPOILAGE", -15 + int(size * 15)
    return (
        f'{{"event_type":"INVENTORY_ADJUSTED","event_id":"{_uuid(draw)}","product_id":{product.product_id},'
        f'"product_name":"{product.name}","category":"{product.category}","adjustment_type":"{name}",'
        f'"quantity_change":{change},"reason":"{_one(draw, _REASONS[name])}",'
        f'"warehouse_location":"{_one(draw, cellar.WAREHOUSES)}","event_ts":"{time}",'
        f'"source_service":"warehouse_management"}}'
    )


def _one(draw: Callable[[], float], choices: tuple[str, ...]) -> str:
    return choices[int(draw() * len(choices))]


def _uuid(draw: Callable[[], float]) -> str:
    """A random UUID, version 4."""
    a, b, c, d = (int(draw() * 2**32) for _ in range(4))
    return f"{a:08x}-{b >> 16:04x}-4{b & 0xFFF:03x}-{8 + (c >> 30):x}{c >> 16 & 0xFFF:03x}-{c & 0xFFFF:04x}{d:08x}"


def _euros(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02d}"


def _broken(line: str, chance: float) -> str:
    broken = tuple(breakages(line).values())
    return broken[int(chance * len(broken))]


def breakages(line: str) -> dict[str, str]:
    """Every way in which we break a valid line, by name."""
    key = '"order_line_id":' if "order_line_id" in line else '"event_id":'
    amount = '"quantity":' if "order_line_id" in line else '"quantity_change":'
    identity = _pair(line, key)
    # A broken copy must not steal the id of the event that it was made of.
    other = line.replace(identity, f'{identity[:-5]}dead"', 1)
    return {
        "no id": line.replace(f"{identity},", "", 1),
        "id is a number": line.replace(identity, f"{key}17", 1),
        "no event type": other.replace(_pair(line, '"event_type":'), '"event_type":null', 1),
        "product is text": other.replace(_pair(line, '"product_id":'), '"product_id":"douze"', 1),
        "quantity is text": other.replace(_pair(line, amount), f'{amount}"deux"', 1),
        "quantity is not whole": other.replace(_pair(line, amount), f"{amount}1.5", 1),
        "impossible time": other.replace(_pair(line, '"event_ts":'), '"event_ts":"2026-02-30T25:61:00Z"', 1),
        "an array": f"[{other}]",
        "cut": other[: len(other) * 2 // 3],
        "empty": "",
    }


def _pair(line: str, key: str) -> str:
    return line[line.index(key) :].partition(",")[0]


def broken_caves(seed: int) -> Iterator[str]:
    """Each kind of broken line once for both kinds of events, between valid ones."""
    order = adjustment = ""
    for line in caves(CavesConfig(seed=seed, disorder=NO_DISORDER, revised=0)):
        order, adjustment = (line, adjustment) if "order_line_id" in line else (order, line)
        if order and adjustment:
            break
    yield order
    yield from breakages(order).values()
    yield from breakages(adjustment).values()
    yield adjustment
