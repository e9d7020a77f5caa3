"""The rules of Les Caves d'Albert in plain Python: what its tables must hold after some files were loaded.

It shares nothing with the SQL but the rules, so that each checks the other.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from truths.json_lines import decimal, load, utc, whole


@dataclass(frozen=True, slots=True)
class Order:
    """A version of an order: a row of STG_ORDERS, and of ORDERS when it is the latest."""

    order_id: str
    time: datetime
    customer_id: int
    product_id: int
    product_name: str | None
    product_category: str | None
    quantity: int
    unit_price: Decimal
    discount: Decimal
    total_amount: Decimal
    payment_method: str | None
    sales_channel: str | None
    shipping_address: str | None


@dataclass(frozen=True, slots=True)
class Adjustment:
    """An adjustment of the stock."""

    adjustment_id: str
    time: datetime
    product_id: int
    product_name: str | None
    product_category: str | None
    adjustment_type: str
    quantity_change: int
    reason: str | None
    warehouse_location: str | None


@dataclass(frozen=True, slots=True)
class Rejected:
    """An event that is not as it must be, with the field that is at fault."""

    file: str
    line: int
    fault: str


@dataclass(frozen=True, slots=True)
class Stock:
    """A row of INVENTORY_CURRENT."""

    product_id: int
    product_name: str | None
    product_category: str | None
    level: int
    last_adjustment: datetime
    warehouse_location: str | None

    @property
    def status(self) -> str:
        """STOCK_STATUS of VW_INVENTORY_ALERTS."""
        if self.level <= 0:
            return "RUPTURE"
        if self.level < 20:
            return "CRITIQUE"
        return "BAS" if self.level < 50 else "OK"


@dataclass(frozen=True, slots=True)
class CavesTruth:
    """What the tables must hold."""

    loaded: int
    """Rows of RAW_EVENTS_STREAM."""
    staged_orders: int
    staged_adjustments: int
    other_types: int
    """Events of types that the pipeline leaves in the raw layer."""
    rejected: tuple[Rejected, ...]
    unreadable: tuple[tuple[str, int], ...]
    """File and line of what is no JSON: the load itself refuses it."""
    orders: Mapping[str, Order]
    """The latest version of each; of versions of the same time the first that arrived (see `_is_later`)."""
    history: Mapping[str, tuple[Adjustment, int]]
    """Each adjustment as it first arrived, with the level after it; by product, in order of time."""
    stock: Mapping[int, Stock]


def caves_truth(files: Iterable[tuple[str, Sequence[str]]]) -> CavesTruth:
    """The truth after these files arrived in this order."""
    counts: Counter[str] = Counter()
    rejected: list[Rejected] = []
    unreadable: list[tuple[str, int]] = []
    orders: dict[str, Order] = {}
    adjustments: dict[str, Adjustment] = {}
    arrived: dict[str, str] = {}
    adjusted: dict[str, str] = {}
    for file, lines in files:
        for number, text in enumerate(lines, 1):
            if not text.strip():
                continue
            try:
                event = read_event(load(text))
            except ValueError:
                unreadable.append((file, number))
                continue
            counts["loaded"] += 1
            match event:
                case Order():
                    counts["orders"] += 1
                    known = orders.get(event.order_id)
                    together = arrived.get(event.order_id) == file
                    if known is None or _is_later(event, known, together=together):
                        orders[event.order_id] = event
                        arrived[event.order_id] = file
                case Adjustment():
                    counts["adjustments"] += 1
                    first = adjustments.get(event.adjustment_id)
                    beside = adjusted.get(event.adjustment_id) == file
                    if first is None or (beside and _place(event) < _place(first)):
                        adjustments[event.adjustment_id] = event
                        adjusted[event.adjustment_id] = file
                case None:
                    counts["others"] += 1
                case str():
                    rejected.append(Rejected(file, number, event))
    history, stock = _levels(adjustments.values())
    return CavesTruth(
        loaded=counts["loaded"],
        staged_orders=counts["orders"],
        staged_adjustments=counts["adjustments"],
        other_types=counts["others"],
        rejected=tuple(rejected),
        unreadable=tuple(unreadable),
        orders=orders,
        history=history,
        stock=stock,
    )


def _is_later(order: Order, known: Order, *, together: bool) -> bool:
    """Of versions of the same time the first that arrived counts, of those of one file the one with the first rank."""
    if order.time != known.time:
        return order.time > known.time
    return together and _rank(order) < _rank(known)


def _rank(order: Order) -> tuple[object, ...]:
    """The greatest first, and then by all that can differ."""
    amounts = (order.total_amount, order.quantity, order.unit_price, order.discount)
    texts = (
        order.product_name,
        order.product_category,
        order.payment_method,
        order.sales_channel,
        order.shipping_address,
    )
    return (*(-amount for amount in amounts), order.customer_id, order.product_id, *map(_missing_last, texts))


def _place(row: Adjustment) -> tuple[object, ...]:
    """The earliest first, and then by all that can differ."""
    texts = (row.adjustment_type, row.reason, row.warehouse_location, row.product_name, row.product_category)
    return (row.time, row.product_id, row.quantity_change, *map(_missing_last, texts))


def _missing_last(text: str | None) -> tuple[bool, str]:
    return text is None, text or ""


def read_event(content: object) -> Order | Adjustment | str | None:
    """An event; None for one of a type that is not ours; the name of the field that is at fault."""
    fields = content if isinstance(content, dict) else {}
    match fields.get("event_type"):
        case "ORDER_CREATED":
            return _order(fields)
        case "INVENTORY_ADJUSTED":
            return _adjustment(fields)
        case str():
            return None
        case _:
            return "event_type"


def _order(fields: dict[str, object]) -> Order | str:
    order_id, time = _text(fields, "order_line_id"), utc(fields.get("event_ts"))
    product_id, customer_id = whole(fields.get("product_id")), whole(fields.get("customer_id"))
    quantity = whole(fields.get("quantity"))
    unit_price, discount, total = (
        decimal(fields.get(name), 10, 2) for name in ("unit_price", "discount", "total_price")
    )
    if product_id is None:
        return "product_id"
    if time is None:
        return "event_ts"
    if not order_id:
        return "order_line_id"
    if customer_id is None:
        return "customer_id"
    if quantity is None or quantity <= 0:
        return "quantity"
    if unit_price is None:
        return "unit_price"
    if discount is None:
        return "discount"
    if total is None:
        return "total_price"
    return Order(
        order_id,
        time,
        customer_id,
        product_id,
        _text(fields, "product_name"),
        _text(fields, "category"),
        quantity,
        unit_price,
        discount,
        total,
        _text(fields, "payment_method"),
        _text(fields, "sales_channel"),
        _text(fields, "shipping_address"),
    )


def _adjustment(fields: dict[str, object]) -> Adjustment | str:
    adjustment_id, time = _text(fields, "event_id"), utc(fields.get("event_ts"))
    product_id, change = whole(fields.get("product_id")), whole(fields.get("quantity_change"))
    kind = _text(fields, "adjustment_type")
    if product_id is None:
        return "product_id"
    if time is None:
        return "event_ts"
    if not adjustment_id:
        return "event_id"
    if not kind:
        return "adjustment_type"
    if change is None:
        return "quantity_change"
    return Adjustment(
        adjustment_id,
        time,
        product_id,
        _text(fields, "product_name"),
        _text(fields, "category"),
        kind,
        change,
        _text(fields, "reason"),
        _text(fields, "warehouse_location"),
    )


def _text(fields: dict[str, object], name: str) -> str | None:
    value = fields.get(name)
    return value if isinstance(value, str) else None


def _levels(adjustments: Iterable[Adjustment]) -> tuple[dict[str, tuple[Adjustment, int]], dict[int, Stock]]:
    levels: defaultdict[int, int] = defaultdict(int)
    history: dict[str, tuple[Adjustment, int]] = {}
    stock: dict[int, Stock] = {}
    for row in sorted(adjustments, key=lambda row: (row.product_id, row.time, row.adjustment_id)):
        levels[row.product_id] += row.quantity_change
        level = levels[row.product_id]
        history[row.adjustment_id] = row, level
        stock[row.product_id] = Stock(
            row.product_id, row.product_name, row.product_category, level, row.time, row.warehouse_location
        )
    return history, stock
