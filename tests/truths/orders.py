"""The rules of the order-events pipeline in plain Python: what its tables must hold after some files were loaded.

It shares nothing with the SQL but the rules, so that each checks the other.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from truths.json_lines import decimal, load, utc

STATUSES = ("CREATED", "PAID", "SHIPPED", "DELIVERED", "CANCELLED", "REFUNDED")
LOST = ("CANCELLED", "REFUNDED")
LATE = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class OrderEvent:
    """A valid event; `time` is UTC without zone, as the tables have it."""

    event_id: str
    order_id: str
    customer_id: str
    status: str
    amount: Decimal
    currency: str
    time: datetime
    file: str
    line: int


@dataclass(frozen=True, slots=True)
class Rejected:
    """A line that is JSON but no valid event, with the first field that is at fault."""

    file: str
    line: int
    fault: str


@dataclass(frozen=True, slots=True)
class CurrentOrder:
    """A row of ORDERS_CURRENT."""

    order_id: str
    customer_id: str
    status: str
    amount: Decimal
    currency: str
    first_event_time: datetime
    last_event_time: datetime
    event_count: int


@dataclass(frozen=True, slots=True)
class CustomerValue:
    """What a customer bought in one currency."""

    orders: int
    lost_orders: int
    revenue: Decimal


@dataclass(frozen=True, slots=True)
class OrdersTruth:
    """What the tables and views must hold."""

    events: Mapping[str, OrderEvent]
    """By event_id, the first arrival of each."""
    current: Mapping[str, CurrentOrder]
    """By order_id."""
    daily_revenue: Mapping[tuple[date, str], tuple[int, Decimal]]
    """Orders and revenue by UTC day and currency."""
    customers: Mapping[tuple[str, str], CustomerValue]
    """By customer and currency."""
    late_by_order: frozenset[str]
    """event_ids."""
    rejected: tuple[Rejected, ...]
    unreadable: tuple[tuple[str, int], ...]
    """File and line of what is no JSON: the load itself refuses it, so no table has it."""
    loaded: int
    """Rows of the raw table."""


def orders_truth(files: Iterable[tuple[str, Sequence[str]]]) -> OrdersTruth:
    """The truth after these files arrived in this order."""
    events: dict[str, OrderEvent] = {}
    late: set[str] = set()
    rejected: list[Rejected] = []
    unreadable: list[tuple[str, int]] = []
    loaded = 0
    for file, lines in files:
        latest: datetime | None = None
        for number, text in enumerate(lines, 1):
            if not text.strip():
                continue
            try:
                content = load(text)
            except ValueError:
                unreadable.append((file, number))
                continue
            loaded += 1
            event = read_event(content, file, number)
            if isinstance(event, Rejected):
                rejected.append(event)
                continue
            if event.event_id not in events:
                events[event.event_id] = event
                if latest is not None and event.time < latest - LATE:
                    late.add(event.event_id)
            latest = event.time if latest is None else max(latest, event.time)
    current = _current(events.values())
    return OrdersTruth(
        events=events,
        current=current,
        daily_revenue=_daily_revenue(current.values()),
        customers=_customers(current.values()),
        late_by_order=frozenset(late),
        rejected=tuple(rejected),
        unreadable=tuple(unreadable),
        loaded=loaded,
    )


def read_event(content: object, file: str, line: int) -> OrderEvent | Rejected:
    """A parsed line as an event, or the first thing that is wrong with it."""
    if not isinstance(content, dict):
        return Rejected(file, line, "the line")
    texts: dict[str, str] = {}
    for field in ("event_id", "order_id", "customer_id", "status"):
        value = content.get(field)
        if not isinstance(value, str) or not value:
            return Rejected(file, line, field)
        texts[field] = value
    if texts["status"] not in STATUSES:
        return Rejected(file, line, "status")
    amount = decimal(content.get("amount"), 12, 2)
    if amount is None:
        return Rejected(file, line, "amount")
    currency = content.get("currency")
    if not isinstance(currency, str) or not currency:
        return Rejected(file, line, "currency")
    time = utc(content.get("updated_at"))
    if time is None:
        return Rejected(file, line, "updated_at")
    return OrderEvent(**texts, amount=amount, currency=currency, time=time, file=file, line=line)


def _current(events: Iterable[OrderEvent]) -> dict[str, CurrentOrder]:
    by_order: defaultdict[str, list[OrderEvent]] = defaultdict(list)
    for event in events:
        by_order[event.order_id].append(event)
    current = {}
    for order_id, own in by_order.items():
        own.sort(key=lambda event: (event.time, event.event_id))
        latest = own[-1]
        current[order_id] = CurrentOrder(
            order_id,
            latest.customer_id,
            latest.status,
            latest.amount,
            latest.currency,
            first_event_time=own[0].time,
            last_event_time=latest.time,
            event_count=len(own),
        )
    return current


def _daily_revenue(orders: Iterable[CurrentOrder]) -> dict[tuple[date, str], tuple[int, Decimal]]:
    days: dict[tuple[date, str], tuple[int, Decimal]] = {}
    for order in orders:
        if order.status in LOST:
            continue
        key = order.first_event_time.date(), order.currency
        count, revenue = days.get(key, (0, Decimal(0)))
        days[key] = count + 1, revenue + order.amount
    return days


def _customers(orders: Iterable[CurrentOrder]) -> dict[tuple[str, str], CustomerValue]:
    by_customer: defaultdict[tuple[str, str], list[CurrentOrder]] = defaultdict(list)
    for order in orders:
        by_customer[order.customer_id, order.currency].append(order)
    values = {}
    for key, own in by_customer.items():
        kept = [order.amount for order in own if order.status not in LOST]
        values[key] = CustomerValue(len(kept), len(own) - len(kept), sum(kept, Decimal(0)))
    return values
