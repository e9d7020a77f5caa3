"""The reference itself, against results worked out by hand."""

import json
from datetime import date, datetime
from decimal import Decimal

import pytest

from truths.json_lines import utc
from truths.orders import CurrentOrder, CustomerValue, Rejected, orders_truth, read_event


def line(number: int, order: str, status: str, amount: object, time: object, **more: object) -> str:
    """One event as JSON."""
    fields: dict[str, object] = {
        "event_id": f"EVT_{number:03d}",
        "order_id": order,
        "customer_id": "CUST_01",
        "status": status,
        "amount": amount,
        "currency": "EUR",
        "updated_at": time,
    }
    return json.dumps(fields | more)


def test_the_first_arrival_of_an_event_is_kept_across_files() -> None:
    truth = orders_truth(
        [
            (
                "a",
                [
                    line(1, "A", "CREATED", 10, "2026-01-01T10:00:00Z"),
                    line(1, "A", "CREATED", 11, "2026-01-01T10:00:00Z"),
                ],
            ),
            (
                "b",
                [line(1, "A", "CREATED", 12, "2026-01-01T10:00:00Z"), line(2, "A", "PAID", 13, "2026-01-01T11:00:00Z")],
            ),
        ]
    )
    assert {key: (event.amount, event.file, event.line) for key, event in truth.events.items()} == {
        "EVT_001": (Decimal("10.00"), "a", 1),
        "EVT_002": (Decimal("13.00"), "b", 2),
    }
    assert truth.loaded == 4


def test_an_order_is_as_its_latest_event_has_it_whatever_came_last() -> None:
    truth = orders_truth(
        [
            (
                "a",
                [
                    line(3, "A", "SHIPPED", 7.5, "2026-01-02T00:10:00"),
                    line(1, "A", "CREATED", 9, "2026-01-01T23:30:00Z", customer_id="CUST_02"),
                    line(2, "A", "PAID", 8, "2026-01-02T02:05:00+02:00"),
                ],
            )
        ]
    )
    assert truth.current == {
        "A": CurrentOrder(
            "A",
            "CUST_01",
            "SHIPPED",
            Decimal("7.50"),
            "EUR",
            datetime(2026, 1, 1, 23, 30),
            datetime(2026, 1, 2, 0, 10),
            3,
        )
    }


def test_at_equal_times_the_greatest_event_id_counts() -> None:
    events = [
        line(2, "A", "PAID", 1, "2026-01-01T10:00:00Z"),
        line(10, "A", "CANCELLED", 2, "2026-01-01T12:00:00+02:00"),
        line(9, "A", "SHIPPED", 3, "2026-01-01T10:00:00"),
    ]
    assert orders_truth([("a", events)]).current["A"].status == "CANCELLED"


def test_revenue_counts_kept_orders_on_the_utc_day_of_their_first_event() -> None:
    truth = orders_truth(
        [
            (
                "a",
                [
                    line(1, "A", "CREATED", 10.10, "2026-01-01T23:59:59Z"),
                    line(2, "A", "PAID", 20.25, "2026-01-02T10:00:00Z"),
                    line(3, "B", "CREATED", 5.05, "2026-01-02T01:30:00+02:00"),
                    line(4, "C", "CREATED", 100, "2026-01-01T12:00:00Z"),
                    line(5, "C", "REFUNDED", 100, "2026-01-03T12:00:00Z"),
                    line(6, "D", "CREATED", 1, "2026-01-02T00:00:00Z", currency="CHF"),
                ],
            )
        ]
    )
    assert truth.daily_revenue == {
        (date(2026, 1, 1), "EUR"): (2, Decimal("25.30")),
        (date(2026, 1, 2), "CHF"): (1, Decimal("1.00")),
    }
    assert truth.customers == {
        ("CUST_01", "EUR"): CustomerValue(2, 1, Decimal("25.30")),
        ("CUST_01", "CHF"): CustomerValue(1, 0, Decimal("1.00")),
    }


def test_late_by_order_is_more_than_five_minutes_behind_an_earlier_line_of_the_same_file() -> None:
    truth = orders_truth(
        [
            (
                "a",
                [
                    line(1, "A", "CREATED", 1, "2026-01-01T10:00:00Z"),
                    line(2, "B", "CREATED", 1, "2026-01-01T09:55:00Z"),
                    line(3, "C", "CREATED", 1, "2026-01-01T09:54:59.999Z"),
                    # a repeat moves the mark like any other line, and so does nothing that is no event
                    line(1, "A", "CREATED", 1, "2026-01-01T10:10:00Z"),
                    line(9, "Z", "CREATED", "1", "2026-01-01T23:00:00Z"),
                    line(4, "D", "CREATED", 1, "2026-01-01T10:04:59Z"),
                    line(5, "E", "CREATED", 1, "2026-01-01T10:05:00Z"),
                ],
            ),
            (
                "b",
                [
                    line(6, "F", "CREATED", 1, "2025-01-01T00:00:00Z"),
                    line(3, "C", "CREATED", 1, "2026-01-01T00:00:00Z"),
                ],
            ),
        ]
    )
    assert truth.late_by_order == {"EVT_003", "EVT_004"}


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"event_id": ...}, "event_id"),
        ({"event_id": None}, "event_id"),
        ({"event_id": ""}, "event_id"),
        ({"event_id": 17}, "event_id"),
        ({"order_id": ["A"]}, "order_id"),
        ({"customer_id": ...}, "customer_id"),
        ({"status": "paid"}, "status"),
        ({"amount": "12.50"}, "amount"),
        ({"amount": True}, "amount"),
        ({"amount": 10**10}, "amount"),
        ({"currency": ...}, "currency"),
        ({"updated_at": "2026-02-30T10:00:00Z"}, "updated_at"),
        ({"updated_at": 1772438400}, "updated_at"),
        ({"updated_at": "2026-02-03"}, "updated_at"),
    ],
)
def test_what_is_wrong_with_a_line(change: dict[str, object], fault: str) -> None:
    valid = json.loads(line(1, "A", "PAID", 1, "2026-01-01T10:00:00Z"))
    content = {key: value for key, value in (valid | change).items() if value is not ...}
    assert read_event(content, "f", 7) == Rejected("f", 7, fault)


def test_lines_that_are_no_json_never_arrive_and_blank_lines_are_nothing() -> None:
    truth = orders_truth([("a", ['{"event_id":"EVT', "", "  ", "[1]", "42", "NaN", '{"amount":1e2}'])])
    assert truth.unreadable == (("a", 1), ("a", 6))
    assert [fault.line for fault in truth.rejected] == [4, 5, 7]
    assert truth.loaded == 3


def test_an_amount_with_an_exponent_is_no_decimal_number() -> None:
    text = line(1, "A", "PAID", 0, "2026-01-01T10:00:00Z").replace('"amount": 0', '"amount": 1.5e1')
    assert [fault.fault for fault in orders_truth([("a", [text])]).rejected] == ["amount"]


def test_amounts_round_half_away_from_zero() -> None:
    text = line(1, "A", "PAID", 0, "2026-01-01T10:00:00Z").replace('"amount": 0', '"amount": -2.345')
    assert orders_truth([("a", [text])]).events["EVT_001"].amount == Decimal("-2.35")


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("2026-01-01T10:00", datetime(2026, 1, 1, 10)),
        ("2026-01-01T10:00:01.5", datetime(2026, 1, 1, 10, 0, 1, 500000)),
        ("2026-01-01T01:00:00+02:00", datetime(2025, 12, 31, 23)),
        ("2026-01-01T10:00:00-05:30", datetime(2026, 1, 1, 15, 30)),
        ("2026-01-01 10:00:00", None),
        ("2026-01-01T10:00:00+0200", None),
        ("yesterday", None),
    ],
)
def test_times(text: str, time: datetime | None) -> None:
    assert utc(text) == time
