"""Which value of the account is the one that a test names."""

from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal

import pytest

from pipeline.commands.row_values import equal, shown
from pipeline.project.nodes import Value

EXACT = Decimal(0)
NOON = datetime(2026, 3, 1, 12)
PARIS = timezone(timedelta(hours=1))


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (None, None),
        (True, True),
        (1, 1),
        (1, Decimal("1.00")),
        (Decimal("12.50"), Decimal("12.5")),
        (Decimal("0.1"), 0.1),
        ("", ""),
        ("a", "a"),
        ("2026-03-01", date(2026, 3, 1)),
        ("2026-03-01", datetime(2026, 3, 1)),
        ("2026-03-01 12:00:00", NOON),
        ("2026-03-01T12:00:00", NOON),
        ("2026-03-01T13:00:00+01:00", NOON),
        ("2026-03-01T12:00:00Z", NOON.replace(tzinfo=UTC)),
        ("2026-03-01 12:00:00", datetime(2026, 3, 1, 13, tzinfo=PARIS)),
        ("12:30:00", time(12, 30)),
        ("12:30", time(12, 30)),
        ("00FF", b"\x00\xff"),
        ({"a": [1, None, "x"]}, '{"a": [1.0, null, "x"]}'),
        ([True, {"b": Decimal("0.10")}], '[true, {"b": 0.1}]'),
    ],
)
def test_equal(wanted: Value, found: object) -> None:
    assert equal(wanted, found, EXACT)


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (None, ""),
        (None, 0),
        (0, None),
        (1, True),
        (True, 1),
        (True, "true"),
        (1, "1"),
        ("1", 1),
        (Decimal("12.50"), Decimal("12.49")),
        (1, float("nan")),
        (1, float("inf")),
        ("a", "A"),
        ("2026-03-02", date(2026, 3, 1)),
        ("soon", NOON),
        ("2026-03-01T12:00:00+01:00", NOON),
        ("soon", time(12, 30)),
        ("ff", b"\x00"),
        ({"a": 1}, '{"a": 1, "b": 2}'),
        ({"a": 1}, '{"a": true}'),
        ({"a": None}, "{}"),
        ([1], "[1, 2]"),
        ([1], "no JSON"),
        ([1], 1),
        ({}, "[]"),
    ],
)
def test_not_equal(wanted: Value, found: object) -> None:
    assert not equal(wanted, found, EXACT)


def test_tolerance_is_for_numbers_also_within_json() -> None:
    near = Decimal("0.01")
    assert equal(Decimal("1.00"), 1.01, near)
    assert not equal(Decimal("1.00"), 1.011, near)
    assert equal({"a": [2]}, '{"a": [1.995]}', near)


def test_shown() -> None:
    values = (None, True, "a", 1, Decimal("1.50"), NOON, date(2026, 3, 1), b"\x01", {"a": [1]})
    assert [shown(value) for value in values] == [
        "NULL",
        "true",
        "a",
        "1",
        "1.50",
        "2026-03-01 12:00:00",
        "2026-03-01",
        "01",
        '{"a":[1]}',
    ]
    assert shown("1", quoted=True) == '"1"'
    assert shown(1, quoted=True) == "1"
