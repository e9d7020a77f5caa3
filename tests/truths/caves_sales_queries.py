"""Truths of the caves' queries about sales: in sections 1 to 3, 9 and 10 of the named queries."""

from datetime import timedelta
from decimal import Decimal

from truths.sales import (
    Row,
    Sales,
    average,
    buyers,
    category,
    day,
    grouped,
    growth,
    product,
    query,
    ratio,
    revenue,
    share,
    twelve_months,
    units,
    week,
)

# 1. Real-time KPI


@query
def today(sales: Sales) -> list[Row]:
    orders = sales.last(1)
    return [(len(orders), buyers(orders), revenue(orders), average(orders) or 0, units(orders))]


@query
def today_vs_yesterday(sales: Sales) -> list[Row]:
    now, before = sales.last(1), sales.last(1, sales.today - timedelta(1))
    return [
        (
            len(now),
            len(before),
            growth(len(now), len(before)),
            revenue(now),
            revenue(before),
            growth(revenue(now), revenue(before)),
        )
    ]


@query
def today_by_hour(sales: Sales) -> list[Row]:
    hours = grouped(sales.last(1), lambda order: order.time.hour)
    return [(hour, len(orders), revenue(orders)) for hour, orders in sorted(hours.items())]


@query
def latest_orders(sales: Sales) -> list[Row]:
    newest = sorted(sales.truth.orders.values(), key=lambda order: order.order_id)
    newest.sort(key=lambda order: order.time, reverse=True)
    return [
        (row.time, row.order_id, row.customer_id, row.product_name, row.quantity, row.total_amount, row.sales_channel)
        for row in newest[:20]
    ]


# 2. Top performers


@query
def top_products_revenue(sales: Sales) -> list[Row]:
    products = grouped(sales.last(90), lambda order: order.product_id)
    rows = [(key, product(orders), revenue(orders), units(orders)) for key, orders in products.items()]
    return [*sorted(rows, key=lambda row: (-row[2], row[0]))[:10]]


@query
def top_products_volume(sales: Sales) -> list[Row]:
    products = grouped(sales.last(90), lambda order: order.product_id)
    rows = [(key, product(orders), units(orders), revenue(orders)) for key, orders in products.items()]
    return [*sorted(rows, key=lambda row: (-row[2], row[0]))[:10]]


@query
def top_categories(sales: Sales) -> list[Row]:
    chosen = sales.last(90)
    rows = [
        (key, len(orders), units(orders), revenue(orders), share(revenue(orders), revenue(chosen)))
        for key, orders in grouped(chosen, category).items()
    ]
    return [*sorted(rows, key=lambda row: (-row[3], row[0]))]


@query
def top_customers(sales: Sales) -> list[Row]:
    rows = [
        (key, len(own), revenue(own), min(map(day, own)), max(map(day, own)), (sales.today - min(map(day, own))).days)
        for key, own in grouped(sales.orders, lambda order: order.customer_id).items()
    ]
    return [*sorted(rows, key=lambda row: (-row[2], row[0]))[:20]]


@query
def top_orders(sales: Sales) -> list[Row]:
    orders = sorted(sales.last(90), key=lambda order: (-order.total_amount, order.order_id))[:10]
    return [
        (row.order_id, day(row), row.customer_id, row.product_name, row.quantity, row.total_amount) for row in orders
    ]


# 3. Trends


@query
def sales_per_day(sales: Sales) -> list[Row]:
    days = grouped(sales.last(30), day)
    return [(key, len(orders), units(orders), revenue(orders)) for key, orders in sorted(days.items())]


@query
def sales_per_week_category(sales: Sales) -> list[Row]:
    groups = grouped(sales.last(90), lambda order: (week(day(order)), category(order)))
    return [(*key, units(orders), revenue(orders)) for key, orders in sorted(groups.items())]


@query
def sales_per_month(sales: Sales) -> list[Row]:
    return [(key, len(orders), buyers(orders), revenue(orders)) for key, orders in twelve_months(sales)]


@query
def weekday_seasonality(sales: Sales) -> list[Row]:
    rows: list[Row] = []
    for number, orders in sorted(grouped(sales.last(90), lambda order: day(order).isoweekday()).items()):
        days = len(set(map(day, orders)))
        name = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")[number - 1]
        rows.append((number, name, days, ratio(len(orders), days, 1), ratio(revenue(orders), days, 2)))
    return rows


@query
def hour_of_day(sales: Sales) -> list[Row]:
    chosen = sales.last(90)
    hours = grouped(chosen, lambda order: order.time.hour)
    return [
        (hour, len(orders), ratio(100 * len(orders), len(chosen), 1), revenue(orders))
        for hour, orders in sorted(hours.items())
    ]


@query
def category_trend(sales: Sales) -> list[Row]:
    now = grouped(sales.last(30), category)
    before = grouped(sales.last(30, sales.today - timedelta(30)), category)
    rows: list[Row] = []
    for key in sorted(now.keys() | before.keys()):
        new, old = revenue(now.get(key, [])), revenue(before.get(key, []))
        rows.append((key, new, old, growth(new, old)))
    return rows


@query
def moving_average(sales: Sales) -> list[Row]:
    days = [(key, revenue(orders)) for key, orders in sorted(grouped(sales.orders, day).items())]
    rows: list[Row] = []
    for index, (key, own) in enumerate(days):
        if key > sales.today - timedelta(30):
            near = [amount for _, amount in days[max(0, index - 6) : index + 1]]
            rows.append((key, own, ratio(sum(near), len(near), 2)))
    return rows


# 10. Examples


@query
def weekly_report(sales: Sales) -> list[Row]:
    weeks = grouped(sales.since(week(sales.today) - timedelta(weeks=7)), lambda order: week(day(order)))
    rows: list[Row] = []
    for key, orders in sorted(weeks.items()):
        given = sum((order.discount for order in orders), Decimal(0))
        rows.append((key, len(orders), buyers(orders), revenue(orders), average(orders), given))
    return rows


@query
def top_wines(sales: Sales) -> list[Row]:
    wines = [order for order in sales.last(7) if "Spiritueux" not in category(order)]
    ranked = sorted(
        grouped(wines, lambda order: order.product_id).items(),
        key=lambda item: (-units(item[1]), -revenue(item[1]), item[0]),
    )
    return [(product(own), category(own[0]), units(own), revenue(own)) for _, own in ranked[:5]]


# 9. The views


@query
def daily_kpi(sales: Sales) -> list[Row]:
    days = sorted(grouped(sales.truth.orders.values(), day).items(), reverse=True)
    return [(key, len(own), buyers(own), revenue(own), average(own), units(own)) for key, own in days[:14]]


@query
def product_performance(sales: Sales) -> list[Row]:
    rows = []
    for key, own in grouped(sales.truth.orders.values(), lambda order: order.product_id).items():
        newest = max(own, key=lambda order: order.time)
        price = ratio(revenue(own), units(own), 2)
        rows.append(
            (
                key,
                newest.product_name,
                newest.product_category,
                len(own),
                units(own),
                revenue(own),
                price,
                newest.time,
            )
        )
    return [*sorted(rows, key=lambda row: (-row[5], row[0]))[:50]]
