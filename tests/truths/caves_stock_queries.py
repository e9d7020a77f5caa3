"""Truths of the caves' queries about the stock and the pipeline: sections 5 and 8, and those of other sections that
need the stock.
"""

from collections import Counter
from datetime import datetime, timedelta
from decimal import Decimal
from math import sqrt

from truths.caves import Adjustment, Order, Stock
from truths.json_lines import load, utc
from truths.sales import Row, Sales, day, grouped, month, query, ratio, revenue, units, week

LATE = timedelta(minutes=5)


def _stock(sales: Sales) -> list[Stock]:
    return sorted(sales.truth.stock.values(), key=lambda row: row.product_id)


def _sold(sales: Sales, days: int) -> dict[int, int]:
    products = grouped(sales.last(days), lambda order: order.product_id)
    return {key: units(orders) for key, orders in products.items()}


def _adjustments(sales: Sales, days: int) -> list[tuple[Adjustment, int]]:
    first = sales.today - timedelta(days)
    return [(row, level) for row, level in sales.truth.history.values() if first < row.time.date() <= sales.today]


@query
def stock_by_category(sales: Sales) -> list[Row]:
    rows: list[Row] = []
    for key, own in sorted(grouped(_stock(sales), lambda row: str(row.product_category)).items()):
        states = Counter(row.status for row in own)
        stock = sum(row.level for row in own)
        rows.append((key, len(own), stock, states["BAS"] + states["CRITIQUE"], states["RUPTURE"]))
    return rows


@query
def low_stock(sales: Sales) -> list[Row]:
    low = sorted((row for row in _stock(sales) if row.level < 50), key=lambda row: (row.level, row.product_id))
    return [
        (row.product_id, row.product_name, row.product_category, row.level, row.status, row.warehouse_location)
        for row in low
    ]


@query
def stock_out_forecast(sales: Sales) -> list[Row]:
    rows = []
    for key, orders in grouped(sales.last(30), lambda order: order.product_id).items():
        stock = sales.truth.stock.get(key)
        if stock is None:
            continue
        daily = [units(own) for own in grouped(orders, day).values()]
        deviation = sqrt(sum(count * count for count in daily) / 30 - (sum(daily) / 30) ** 2)
        left = ratio(30 * max(0, stock.level), sum(daily), 1) or Decimal(0)
        rows.append((key, stock.product_name, stock.level, ratio(sum(daily), 30, 2), round(deviation, 2), left))
    return [*sorted(rows, key=lambda row: (row[5], row[0]))[:20]]


@query
def recent_adjustments(sales: Sales) -> list[Row]:
    recent = sorted(_adjustments(sales, 7), key=lambda pair: pair[0].adjustment_id)
    recent.sort(key=lambda pair: pair[0].time, reverse=True)
    return [
        (
            row.time,
            row.product_name,
            row.adjustment_type,
            row.quantity_change,
            level,
            row.reason,
            row.warehouse_location,
        )
        for row, level in recent[:100]
    ]


@query
def adjustments_by_type(sales: Sales) -> list[Row]:
    rows = []
    for key, own in grouped(_adjustments(sales, 90), lambda pair: pair[0].adjustment_type).items():
        change = sum(row.quantity_change for row, _ in own)
        rows.append((key, len(own), change, ratio(change, len(own), 1)))
    return [*sorted(rows, key=lambda row: (-row[1], row[0]))]


@query
def stock_turnover(sales: Sales) -> list[Row]:
    sold = _sold(sales, 90)
    rows = []
    for row in _stock(sales):
        count = sold.get(row.product_id, 0)
        rows.append((row.product_id, row.product_name, count, row.level, ratio(count, max(0, row.level), 2)))
    return [*sorted(rows, key=lambda row: (row[4] is None, -(row[4] or 0), row[0]))]


@query
def out_of_stock(sales: Sales) -> list[Row]:
    sold = _sold(sales, 30)
    rows = [
        (
            row.product_id,
            row.product_name,
            row.product_category,
            row.level,
            sold.get(row.product_id, 0),
            row.last_adjustment,
        )
        for row in _stock(sales)
        if row.status == "RUPTURE"
    ]
    return [*sorted(rows, key=lambda row: (-row[4], row[0]))]


@query
def stock_history(sales: Sales) -> list[Row]:
    return [
        (row.time, row.adjustment_type, row.quantity_change, level, row.reason, row.warehouse_location)
        for row, level in sales.truth.history.values()
        if row.product_id == 1000
    ]


@query
def slow_sellers(sales: Sales) -> list[Row]:
    sold = grouped(sales.last(90), lambda order: order.product_id)
    rows = []
    for row in _stock(sales):
        own = sold.get(row.product_id, [])
        if row.level > 0:
            last = max(map(day, own)) if own else None
            rows.append((row.product_id, row.product_name, row.level, units(own), last))
    return [*sorted(rows, key=lambda row: (row[3], row[0]))[:10]]


@query
def alerts(sales: Sales) -> list[Row]:
    states = Counter(row.status for row in _stock(sales))
    customers = grouped(sales.orders, lambda order: order.customer_id).values()
    inactive = sum((sales.today - max(map(day, own))).days >= 30 for own in customers)
    return [
        ("inactive customers", inactive),
        ("products out of stock", states["RUPTURE"]),
        ("products with critical stock", states["CRITIQUE"]),
        ("rejected events", len(sales.truth.rejected)),
    ]


@query
def inventory_alerts(sales: Sales) -> list[Row]:
    sold = _sold(sales, 30)
    rows = [
        (
            row.product_id,
            row.product_name,
            row.level,
            row.status,
            sold.get(row.product_id, 0),
            row.warehouse_location,
        )
        for row in _stock(sales)
        if row.status != "OK"
    ]
    return [*sorted(rows, key=lambda row: (row[2], row[0]))]


@query
def stock_status(sales: Sales) -> list[Row]:
    states = grouped(_stock(sales), lambda row: row.status)
    return [(key, len(own), sum(row.level for row in own)) for key, own in sorted(states.items())]


@query
def managers_dashboard(sales: Sales) -> list[Row]:
    now = sales.last(1)
    states = Counter(row.status for row in _stock(sales))
    return [
        (
            len(now),
            revenue(now),
            revenue(sales.since(week(sales.today))),
            revenue(sales.since(month(sales.today))),
            states["RUPTURE"],
            states["CRITIQUE"] + states["BAS"],
        )
    ]


@query
def orders_to_prepare(sales: Sales) -> list[Row]:
    def row(order: Order) -> Row:
        stock = sales.truth.stock.get(order.product_id)
        place = stock.warehouse_location if stock else None
        enough = (stock.level if stock else 0) >= order.quantity
        return (
            order.time,
            order.order_id,
            order.product_name,
            order.quantity,
            order.shipping_address,
            place,
            enough,
        )

    return [row(order) for order in sorted(sales.last(1), key=lambda order: (order.time, order.order_id))]


# 8. Alerts and monitoring


@query
def late_events(sales: Sales) -> list[Row]:
    """Event, type, seconds behind the greatest time on an earlier line of its file: not where it stood, since a
    staged file has another name than its original.
    """
    rows: list[tuple[object, object, datetime, int]] = []
    for _, lines in sales.files:
        latest: datetime | None = None
        for text in lines:
            content = _object(text)
            time = utc(content.get("event_ts"))
            if time is None:
                continue
            if latest is not None and _seconds(time, latest) > LATE.total_seconds():
                identity = content.get("order_line_id", content.get("event_id"))
                rows.append((identity, content.get("event_type"), time, _seconds(time, latest)))
            latest = time if latest is None else max(latest, time)
    return [*sorted(rows, key=lambda row: -row[3])[:50]]


def _object(text: str) -> dict[str, object]:
    try:
        content = load(text)
    except ValueError:
        return {}
    return content if isinstance(content, dict) else {}


def _seconds(earlier: datetime, later: datetime) -> int:
    """DATEDIFF('second', …): boundaries of seconds between the two."""
    return int((later.replace(microsecond=0) - earlier.replace(microsecond=0)).total_seconds())


@query
def layers_in_balance(sales: Sales) -> list[Row]:
    truth = sales.truth
    return [
        (
            truth.loaded,
            truth.staged_orders,
            truth.staged_adjustments,
            len(truth.rejected),
            truth.other_types,
            0,
        )
    ]


@query
def backlog(_sales: Sales) -> list[Row]:
    streams = (
        "STREAM_RAW_INVENTORY",
        "STREAM_RAW_ORDERS",
        "STREAM_RAW_REJECTED",
        "STREAM_STG_INVENTORY_FOR_CURRENT",
        "STREAM_STG_INVENTORY_FOR_HISTORY",
        "STREAM_STG_ORDERS",
    )
    return [(stream, 0) for stream in streams]
