"""The faults of the two published pipelines that these were modelled on: each has its test here, or

- the order of suspending (root first) and resuming (root last) in tests/plan/test_planner.py:
  test_a_started_graph_is_suspended_once_and_brought_back_root_last, and in tests/plan/test_graphs.py;
- columns that do not exist: test_names_need_no_current_schema runs every query;
- retention that wakes tasks: test_the_retention_wakes_no_task in test_caves_live.py;
- the rollback over two connections is a fault of the consumer, which comes later.
"""

import json
import re
from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal

import pytest

from examples.live_caves import LiveCaves
from examples.live_orders import LiveOrders
from examples.live_project import LiveProject


@pytest.fixture(scope="module")
def caves() -> Iterator[LiveCaves]:
    """With two versions of an order and an adjustment sent in one batch, all of them twice."""
    live = LiveCaves()
    events = [
        {**ORDER, "event_ts": "2026-03-31T08:00:00Z"},
        {**ORDER, "quantity": 3, "total_price": 37.05, "event_ts": "2026-03-31T09:00:00Z"},
        {**ADJUSTMENT, "event_id": "one", "quantity_change": 30, "event_ts": "2026-03-30T08:00:00Z"},
        {**ADJUSTMENT, "event_id": "two", "quantity_change": -12, "event_ts": "2026-03-30T09:00:00Z"},
    ]
    live.send(*(json.dumps(event) for event in events * 2))
    live.pass_time(minutes=2)
    yield live
    live.close()


@pytest.fixture(scope="module")
def orders() -> Iterator[LiveOrders]:
    live = LiveOrders()
    live.send(json.dumps(EVENT), json.dumps({**EVENT, "event_id": "EVT_002", "order_id": "ORD_002", "amount": 0.2}))
    live.pass_time(minutes=2)
    yield live
    live.close()


ORDER = {
    "event_type": "ORDER_CREATED",
    "order_line_id": "A",
    "customer_id": 7,
    "product_id": 1000,
    "quantity": 2,
    "unit_price": 12.35,
    "discount": 0,
    "total_price": 24.7,
}
ADJUSTMENT = {"event_type": "INVENTORY_ADJUSTED", "product_id": 1000, "adjustment_type": "CORRECTION"}
EVENT = {
    "event_id": "EVT_001",
    "order_id": "ORD_001",
    "customer_id": "CUST_01",
    "status": "PAID",
    "amount": 0.1,
    "currency": "EUR",
    "updated_at": "2026-03-01T10:00:00Z",
}


def readers(live: LiveProject) -> Counter[str]:
    """How many tasks read each stream, in a body and not only in a condition."""
    bodies = [re.split(r"\nAS\n", text, maxsplit=1)[1] for text in live.statements if " TASK " in text.split("\n")[0]]
    streams = [
        match[1].split(".")[-1].lower()
        for text in live.statements
        if (match := re.match(r"CREATE STREAM IF NOT EXISTS (\S+)", text))
    ]
    return Counter({stream: sum(bool(re.search(rf"\b{stream}\b", body)) for body in bodies) for stream in streams})


# The order events


def test_orders_every_typed_column_is_filled(orders: LiveOrders) -> None:
    rows = orders.rows(
        "SELECT event_id, order_id, customer_id, event_type, amount, currency, event_time FROM orders_events"
    )
    assert sorted(map(str, rows)) == sorted(
        str((event, order, "CUST_01", "PAID", amount, "EUR", datetime(2026, 3, 1, 10)))
        for event, order, amount in (("EVT_001", "ORD_001", Decimal("0.10")), ("EVT_002", "ORD_002", Decimal("0.20")))
    )


def test_orders_money_is_never_a_float(orders: LiveOrders) -> None:
    assert orders.rows("SELECT day, currency, revenue FROM daily_revenue") == [
        (date(2026, 3, 1), "EUR", Decimal("0.30"))
    ]
    types = {row[0] for row in orders.rows("SELECT data_type FROM order_events.information_schema.columns")}
    assert "FLOAT" not in types


def test_orders_an_event_that_is_sent_twice_counts_once(orders: LiveOrders) -> None:
    orders.send(json.dumps(EVENT), json.dumps(EVENT))
    orders.pass_time(minutes=2)
    assert orders.rows("SELECT event_count, amount FROM orders_current WHERE order_id = 'ORD_001'") == [
        (1, Decimal("0.10"))
    ]
    assert orders.rows("SELECT COUNT(*) FROM orders_events") == [(len(orders.truth().events),)]


@pytest.mark.parametrize("kind", [LiveOrders, LiveCaves])
def test_a_second_run_of_the_scripts_loses_nothing(kind: type[LiveOrders | LiveCaves]) -> None:
    live = kind()
    live.send(json.dumps(EVENT if kind is LiveOrders else {**ORDER, "event_ts": "2026-03-31T08:00:00Z"}))
    before = live.query("backlog")
    live.client.run(*(f"ALTER TASK {root} SUSPEND" for root in live.graphs))
    live.client.run(*live.statements)
    live.client.run(f"USE SCHEMA {live.home}")
    assert live.query("backlog") == before
    assert sum(int(str(row[1])) for row in before) > 0
    live.resume()
    live.pass_time(minutes=2)
    assert sum(int(str(row[1])) for row in live.query("backlog")) == 0
    live.close()


@pytest.mark.parametrize("name", ["caves", "orders"])
def test_names_need_no_current_schema(name: str, request: pytest.FixtureRequest) -> None:
    live: LiveProject = request.getfixturevalue(name)
    live.client.run("CREATE DATABASE IF NOT EXISTS elsewhere", "USE SCHEMA elsewhere.public")
    try:
        for query in live.query_names():
            live.query(query)
    finally:
        live.client.run(f"USE SCHEMA {live.home}")


# Les Caves d'Albert


@pytest.mark.parametrize("name", ["caves", "orders"])
def test_each_stream_has_exactly_one_reader(name: str, request: pytest.FixtureRequest) -> None:
    live: LiveProject = request.getfixturevalue(name)
    counts = readers(live)
    assert set(counts.values()) == {1}
    assert len(counts) == {"caves": 6, "orders": 3}[name]


def test_caves_prices_keep_their_cents(caves: LiveCaves) -> None:
    rows = caves.rows("SELECT unit_price, total_amount FROM production.orders")
    assert rows == [(Decimal("12.35"), Decimal("37.05"))]


def test_caves_one_row_per_key_reaches_the_merge(caves: LiveCaves) -> None:
    assert caves.rows("SELECT order_id, quantity FROM production.orders") == [("A", 3)]
    assert caves.rows("SELECT COUNT(*), COUNT(DISTINCT adjustment_id) FROM production.inventory_history") == [(2, 2)]


def test_caves_levels_are_known_and_alerts_follow_them(caves: LiveCaves) -> None:
    levels = caves.rows("SELECT adjustment_id, new_stock_level FROM production.inventory_history ORDER BY 1")
    assert levels == [("one", 30), ("two", 18)]
    assert caves.rows("SELECT product_id, current_stock_level FROM production.inventory_current") == [(1000, 18)]
    assert [row[3] for row in caves.query("inventory-alerts")] == ["CRITIQUE"]


def test_caves_growth_without_a_yesterday_is_unknown_and_no_division_by_zero(caves: LiveCaves) -> None:
    assert caves.query("today-vs-yesterday") == [(1, 0, None, Decimal("37.05"), Decimal("0.00"), None)]


def test_caves_turnover_without_a_stock_is_unknown() -> None:
    live = LiveCaves()
    live.send(
        json.dumps({**ORDER, "event_ts": "2026-03-31T08:00:00Z"}),
        json.dumps({**ADJUSTMENT, "event_id": "a", "quantity_change": 0, "event_ts": "2026-03-30T08:00:00Z"}),
    )
    live.pass_time(minutes=2)
    assert live.query("stock-turnover") == [(1000, None, 2, 0, None)]
    live.close()


def test_caves_an_alert_is_one_row_however_many_customers_it_is_about(caves: LiveCaves) -> None:
    alerts = [row[0] for row in caves.query("alerts")]
    assert len(alerts) == len(set(alerts)) == 4


@pytest.mark.parametrize("name", ["caves", "orders"])
def test_a_task_s_comment_stands_before_after_and_when(name: str, request: pytest.FixtureRequest) -> None:
    live: LiveProject = request.getfixturevalue(name)
    tasks = [text for text in live.statements if re.match(r"CREATE OR ALTER TASK", text)]
    for text in tasks:
        head = re.split(r"\nAS\n", text, maxsplit=1)[0]
        clauses = re.findall(r"^ +(COMMENT|FINALIZE|AFTER|WHEN)\b", head, re.MULTILINE)
        assert clauses == sorted(clauses, key=["COMMENT", "FINALIZE", "AFTER", "WHEN"].index)
        assert clauses[0] == "COMMENT"
