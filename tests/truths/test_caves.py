"""The reference itself, against results worked out by hand."""

import json
from datetime import datetime
from decimal import Decimal

import pytest

from truths.caves import Rejected, caves_truth, read_event
from truths.json_lines import load


def order(order_id: str, time: str, quantity: object = 2, price: object = 12.35, **more: object) -> dict[str, object]:
    return {
        "event_type": "ORDER_CREATED",
        "order_line_id": order_id,
        "customer_id": 7,
        "product_id": 1000,
        "product_name": "Merlot 2019 – Fruité",
        "category": "🍷 Rouge",
        "quantity": quantity,
        "unit_price": price,
        "discount": 0,
        "total_price": 24.7,
        "event_ts": time,
    } | more


def adjustment(
    adjustment_id: str, time: str, change: object, product: object = 1000, **more: object
) -> dict[str, object]:
    return {
        "event_type": "INVENTORY_ADJUSTED",
        "event_id": adjustment_id,
        "product_id": product,
        "adjustment_type": "CORRECTION",
        "quantity_change": change,
        "warehouse_location": f"W{adjustment_id}",
        "event_ts": time,
    } | more


def lines(*events: dict[str, object]) -> list[str]:
    return [json.dumps(event) for event in events]


def test_an_order_is_its_latest_version_whatever_came_last() -> None:
    truth = caves_truth(
        [
            ("a", lines(order("A", "2026-01-01T10:00:00Z", 2), order("B", "2026-01-01T10:00:00Z", 1))),
            ("b", lines(order("A", "2026-01-01T12:00:00+01:00", 3), order("A", "2026-01-01T09:59:59", 6))),
            ("c", lines(order("B", "2026-01-01T10:00:00", 9))),
        ]
    )
    assert {key: (row.quantity, row.time) for key, row in truth.orders.items()} == {
        "A": (3, datetime(2026, 1, 1, 11)),
        "B": (1, datetime(2026, 1, 1, 10)),
    }
    assert (truth.loaded, truth.staged_orders) == (5, 5)


def test_of_versions_of_one_time_in_one_file_the_greatest_counts() -> None:
    time = "2026-01-01T10:00:00Z"
    versions = [order("A", time, 2), order("A", time, 3), order("A", time, 1, total_price=30.0)]
    for arrived in (versions, versions[::-1]):
        truth = caves_truth([("a", lines(*arrived)), ("b", lines(order("A", time, 6, total_price=99.0)))])
        assert truth.orders["A"].total_amount == Decimal("30.0")
    truth = caves_truth([("a", lines(versions[0], versions[1]))])
    assert truth.orders["A"].quantity == 3


def test_prices_keep_their_cents() -> None:
    row = caves_truth([("a", lines(order("A", "2026-01-01T10:00:00Z", price=12.35)))]).orders["A"]
    assert (row.unit_price, row.discount, row.total_amount) == (Decimal("12.35"), Decimal("0.00"), Decimal("24.70"))


def test_levels_are_running_sums_in_order_of_time_then_id() -> None:
    truth = caves_truth(
        [
            (
                "a",
                lines(
                    adjustment("c", "2026-01-03T00:00:00Z", -30),
                    adjustment("b", "2026-01-02T00:00:00Z", 5),
                    adjustment("a", "2026-01-02T01:00:00+01:00", 100),
                    adjustment("x", "2026-01-01T00:00:00Z", 7, product=1001),
                ),
            ),
            ("b", lines(adjustment("c", "2026-01-01T00:00:00Z", 999))),
        ]
    )
    assert {key: level for key, (_, level) in truth.history.items()} == {"a": 100, "b": 105, "c": 75, "x": 7}
    assert {key: (row.level, row.status, row.warehouse_location) for key, row in truth.stock.items()} == {
        1000: (75, "OK", "Wc"),
        1001: (7, "CRITIQUE", "Wx"),
    }
    assert truth.staged_adjustments == 5


def test_of_adjustments_of_one_id_in_one_file_the_earliest_and_then_the_least_counts() -> None:
    versions = [
        adjustment("a", "2026-01-03T00:00:00Z", -30),
        adjustment("a", "2026-01-02T00:00:00Z", 5),
        adjustment("a", "2026-01-02T00:00:00Z", 4),
    ]
    for arrived in (versions, versions[::-1]):
        later = adjustment("a", "2026-01-01T00:00:00Z", 1)
        truth = caves_truth([("a", lines(*arrived)), ("b", lines(later))])
        assert truth.stock[1000].level == 4


@pytest.mark.parametrize(
    ("level", "status"),
    [(-1, "RUPTURE"), (0, "RUPTURE"), (1, "CRITIQUE"), (19, "CRITIQUE"), (20, "BAS"), (49, "BAS"), (50, "OK")],
)
def test_the_status_of_a_stock(level: int, status: str) -> None:
    truth = caves_truth([("a", lines(adjustment("a", "2026-01-01T00:00:00Z", level)))])
    assert truth.stock[1000].status == status


@pytest.mark.parametrize(
    ("event", "fault"),
    [
        (order("", "2026-01-01T10:00:00Z"), "order_line_id"),
        (order("A", "2026-01-01"), "event_ts"),
        (order("A", "2026-01-01T10:00:00Z", 0), "quantity"),
        (order("A", "2026-01-01T10:00:00Z", "2"), "quantity"),
        (order("A", "2026-01-01T10:00:00Z", customer_id=None), "customer_id"),
        (order("A", "2026-01-01T10:00:00Z", product_id="1000"), "product_id"),
        (order("A", "2026-01-01T10:00:00Z", price="12.35"), "unit_price"),
        (order("A", "2026-01-01T10:00:00Z", discount=None), "discount"),
        (order("A", "2026-01-01T10:00:00Z", total_price=10**8), "total_price"),
        (adjustment("", "2026-01-01T10:00:00Z", 1), "event_id"),
        (adjustment("A", "2026-01-01T10:00:00Z", True), "quantity_change"),
        (adjustment("A", "2026-01-01T10:00:00Z", 1, adjustment_type=""), "adjustment_type"),
        (adjustment("A", "", 1), "event_ts"),
        ({"event_type": 3}, "event_type"),
        ([1], "event_type"),
        (None, "event_type"),
        ({"event_type": "PRICE_CHANGED"}, None),
    ],
)
def test_what_is_wrong_with_an_event(event: object, fault: str | None) -> None:
    assert read_event(load(json.dumps(event))) == fault


def test_every_line_is_counted_once() -> None:
    good = lines(order("A", "2026-01-01T10:00:00Z"), adjustment("B", "2026-01-01T10:00:00Z", 1))
    truth = caves_truth([("a", [*good, "", '{"event_type":', "[]", '{"event_type":"OTHER"}'])])
    assert truth.rejected == (Rejected("a", 5, "event_type"),)
    assert truth.unreadable == (("a", 4),)
    assert (truth.loaded, truth.staged_orders, truth.staged_adjustments, truth.other_types) == (4, 1, 1, 1)
