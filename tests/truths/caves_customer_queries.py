"""Truths of the caves' queries about customers, money and products: sections 4, 6 and 7 of the named queries."""

from collections import Counter
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from statistics import median

from truths.caves import Order
from truths.sales import (
    Row,
    Sales,
    average,
    buyers,
    category,
    day,
    grouped,
    growth,
    month,
    product,
    query,
    ratio,
    revenue,
    share,
    twelve_months,
    units,
)

# 4. Customers


def _fifths(values: list[tuple[int, Decimal | int]]) -> dict[int, int]:
    """NTILE(5) of customers, ordered by value, then id: the first fifths are larger by one where it does not divide."""
    ordered = [customer for customer, _ in sorted(values, key=lambda pair: (pair[1], pair[0]))]
    size, larger = divmod(len(ordered), 5)
    fifths, position = {}, 0
    for fifth in range(1, 6):
        width = size + (fifth <= larger)
        fifths.update(dict.fromkeys(ordered[position : position + width], fifth))
        position += width
    return fifths


def _segment(recency: int, frequency: int, monetary: int) -> str:
    if recency >= 4:
        if frequency >= 4 and monetary >= 4:
            return "Champions"
        return "Loyal" if frequency >= 3 else "New or promising"
    if frequency >= 4:
        return "At risk"
    return "Lost" if recency <= 2 and frequency <= 2 else "To be won"


def _scored(sales: Sales) -> list[tuple[int, int, int, Decimal, int, int, int, str]]:
    customers = grouped(sales.orders, lambda order: order.customer_id)
    age = {key: (sales.today - max(map(day, own))).days for key, own in customers.items()}
    recency = _fifths([(key, -days) for key, days in age.items()])
    frequency = _fifths([(key, len(own)) for key, own in customers.items()])
    monetary = _fifths([(key, revenue(own)) for key, own in customers.items()])
    return [
        (
            key,
            age[key],
            len(own),
            revenue(own),
            recency[key],
            frequency[key],
            monetary[key],
            _segment(recency[key], frequency[key], monetary[key]),
        )
        for key, own in customers.items()
    ]


@query
def rfm(sales: Sales) -> list[Row]:
    return [*sorted(_scored(sales), key=lambda row: (-(row[4] + row[5] + row[6]), row[0]))[:50]]


@query
def rfm_segments(sales: Sales) -> list[Row]:
    segments = grouped(_scored(sales), lambda row: row[7])
    rows = []
    for name, members in segments.items():
        total = sum((row[3] for row in members), Decimal(0))
        rows.append((name, len(members), total, ratio(total, len(members), 2)))
    return [*sorted(rows, key=lambda row: (-row[2], row[0]))]


@query
def loyal_customers(sales: Sales) -> list[Row]:
    customers = grouped(sales.last(90), lambda order: order.customer_id)
    rows = [(key, len(own), revenue(own), max(map(day, own))) for key, own in customers.items() if len(own) >= 5]
    return [*sorted(rows, key=lambda row: (-row[1], -row[2], row[0]))]


@query
def inactive_customers(sales: Sales) -> list[Row]:
    rows = []
    for key, own in grouped(sales.orders, lambda order: order.customer_id).items():
        last = max(map(day, own))
        if (sales.today - last).days >= 30:
            rows.append((key, last, (sales.today - last).days, len(own), revenue(own)))
    return [*sorted(rows, key=lambda row: (-row[4], row[0]))]


def _first_months(orders: list[Order]) -> dict[int, date]:
    customers = grouped(orders, lambda order: order.customer_id)
    return {key: month(min(map(day, own))) for key, own in customers.items()}


@query
def new_vs_returning(sales: Sales) -> list[Row]:
    first = _first_months(list(sales.truth.orders.values()))
    rows: list[Row] = []
    for key, orders in twelve_months(sales):
        customers = {order.customer_id for order in orders}
        new = sum(first[customer] == key for customer in customers)
        rows.append((key, new, len(customers) - new))
    return rows


@query
def cohorts(sales: Sales) -> list[Row]:
    first = _first_months(sales.orders)

    def place(order: Order) -> tuple[date, int]:
        start, now = first[order.customer_id], day(order)
        return start, (now.year - start.year) * 12 + now.month - start.month

    groups = grouped(sales.orders, place)
    return [(*key, buyers(orders), revenue(orders)) for key, orders in sorted(groups.items())]


@query
def vip_customers(sales: Sales) -> list[Row]:
    customers = grouped(sales.orders, lambda order: order.customer_id)
    rows = [
        (key, len(own), revenue(own), average(own), max(map(day, own)))
        for key, own in customers.items()
        if revenue(own) > 1000
    ]
    return [*sorted(rows, key=lambda row: (-row[2], row[0]))]


@query
def customer_orders(sales: Sales) -> list[Row]:
    own = sorted((o for o in sales.truth.orders.values() if o.customer_id == 1), key=lambda order: order.order_id)
    own.sort(key=lambda order: order.time, reverse=True)
    return [
        (o.time, o.order_id, o.product_name, o.quantity, o.total_amount, o.payment_method, o.sales_channel) for o in own
    ]


# 6. Finance


@query
def revenue_by_payment(sales: Sales) -> list[Row]:
    chosen = sales.last(90)
    rows = [
        (key, len(orders), revenue(orders), share(revenue(orders), revenue(chosen)))
        for key, orders in grouped(chosen, lambda order: str(order.payment_method)).items()
    ]
    return [*sorted(rows, key=lambda row: (-row[2], row[0]))]


@query
def basket_by_category(sales: Sales) -> list[Row]:
    rows = []
    for key, orders in grouped(sales.last(90), category).items():
        amounts = [order.total_amount for order in orders]
        middle = ratio(Fraction(median(amounts)), 1, 2)
        rows.append((key, len(orders), average(orders) or Decimal(0), middle, max(amounts)))
    return [*sorted(rows, key=lambda row: (-row[2], row[0]))]


@query
def month_over_month(sales: Sales) -> list[Row]:
    rows: list[Row] = []
    before: Decimal | None = None
    for key, orders in sorted(grouped(sales.orders, lambda order: month(day(order))).items()):
        now = revenue(orders)
        rows.append((key, now, before, None if before is None else growth(now, before)))
        before = now
    return rows


@query
def discounts(sales: Sales) -> list[Row]:
    rows: list[Row] = []
    for key, orders in twelve_months(sales):
        given = sum((order.discount for order in orders), Decimal(0))
        full = sum((order.quantity * order.unit_price for order in orders), Decimal(0))
        rows.append((key, len(orders), sum(o.discount > 0 for o in orders), given, ratio(100 * given, full, 2)))
    return rows


@query
def channel_mix(sales: Sales) -> list[Row]:
    chosen = sales.last(90)
    rows = [
        (key, len(orders), buyers(orders), revenue(orders), share(revenue(orders), revenue(chosen)))
        for key, orders in grouped(chosen, lambda order: str(order.sales_channel)).items()
    ]
    return [*sorted(rows, key=lambda row: (-row[3], row[0]))]


# 7. Products


@query
def most_profitable(sales: Sales) -> list[Row]:
    rows = []
    for key, orders in grouped(sales.last(90), lambda order: order.product_id).items():
        given = sum((order.discount for order in orders), Decimal(0))
        bottle = ratio(revenue(orders), units(orders), 2) or Decimal(0)
        rows.append((key, product(orders), revenue(orders), given, bottle))
    return [*sorted(rows, key=lambda row: (-row[4], row[0]))[:10]]


@query
def abc_analysis(sales: Sales) -> list[Row]:
    products = grouped(sales.last(90), lambda order: order.product_id)
    ranked = sorted(products.items(), key=lambda item: (-revenue(item[1]), item[0]))
    total, before = revenue(sales.last(90)), Decimal(0)
    rows: list[Row] = []
    for key, orders in ranked:
        letter = "A" if 100 * before < 80 * total else "B" if 100 * before < 95 * total else "C"
        rows.append((key, product(orders), revenue(orders), ratio(100 * before, total, 1), letter))
        before += revenue(orders)
    return rows


@query
def declining_products(sales: Sales) -> list[Row]:
    products = grouped(sales.last(60), lambda order: order.product_id)
    rows = []
    for key, orders in products.items():
        now = units(order for order in orders if day(order) > sales.today - timedelta(30))
        before = units(orders) - now
        if 100 * (before - now) > 20 * before:
            rows.append((key, product(orders), now, before, growth(now, before) or Decimal(0)))
    return [*sorted(rows, key=lambda row: (row[4], row[0]))]


@query
def bought_together(sales: Sales) -> list[Row]:
    names = {order.product_id: order.product_name for order in sales.orders}
    pairs: Counter[tuple[int, int]] = Counter()
    for orders in grouped(sales.last(90), lambda order: (order.customer_id, day(order))).values():
        products = sorted({order.product_id for order in orders})
        pairs.update((a, b) for a in products for b in products if a < b)
    best = sorted(pairs.items(), key=lambda item: (-item[1], item[0]))[:10]
    return [(a, b, names[a], names[b], times) for (a, b), times in best]


@query
def price_bands(sales: Sales) -> list[Row]:
    def band(order: Order) -> str:
        limits = ((15, "1 below 15 €"), (30, "2 15 to 30 €"), (60, "3 30 to 60 €"))
        return next((name for limit, name in limits if order.unit_price < limit), "4 60 € and more")

    bands = grouped(sales.last(90), band)
    return [(key, len(orders), units(orders), revenue(orders)) for key, orders in sorted(bands.items())]
