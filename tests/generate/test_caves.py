import json
from collections import Counter
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from pipeline.errors import UsageError
from pipeline.generate import CavesConfig, Disorder, broken_caves, caves
from truths.caves import caves_truth

DATA = Path(__file__).parents[2] / "examples" / "caves_albert" / "data"
SAMPLE = CavesConfig(seed=1, count=3879, rate=0.0005, disorder=Disorder(broken=0.005))
PLAIN = Disorder(late=0, duplicate=0, out_of_order=0, broken=0)


def as_file(lines: list[str]) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode()


def test_the_committed_sample_is_made_by_the_generator_byte_for_byte() -> None:
    assert (DATA / "sales_events.jsonl").read_bytes() == as_file(list(caves(SAMPLE)))


def test_the_committed_broken_lines_are_made_by_the_generator_byte_for_byte() -> None:
    assert (DATA / "sales_events_bad.jsonl").read_bytes() == as_file(list(broken_caves(seed=2)))


def test_the_sample_covers_ninety_days_and_every_kind_of_trouble() -> None:
    truth = caves_truth([("sample", list(caves(SAMPLE)))])
    days = {row.time.date() for row in truth.orders.values()}
    assert (min(days), max(days)) == (date(2026, 1, 1), date(2026, 3, 31))
    assert truth.staged_orders > len(truth.orders), "no repeats"
    assert truth.staged_adjustments > len(truth.history), "no repeats"
    assert len({fault.fault for fault in truth.rejected}) >= 4
    assert truth.unreadable
    assert {row.status for row in truth.stock.values()} == {"RUPTURE", "CRITIQUE", "BAS", "OK"}


def test_events_are_mixed_and_priced_as_they_should_be() -> None:
    events = [json.loads(line) for line in caves(CavesConfig(seed=4, count=20_000, disorder=PLAIN))]
    orders = [event for event in events if event["event_type"] == "ORDER_CREATED"]
    adjustments = [event for event in events if event["event_type"] == "INVENTORY_ADJUSTED"]
    kinds = Counter(event["adjustment_type"] for event in adjustments)
    assert len(orders) / len(events) == pytest.approx(0.7, rel=0.03)
    assert kinds["REPLENISHMENT"] / len(adjustments) == pytest.approx(0.6, rel=0.05)
    assert kinds["CORRECTION"] / len(adjustments) == pytest.approx(0.3, rel=0.06)
    assert {event["product_id"] for event in events} == set(range(1000, 1050))
    assert {event["customer_id"] for event in orders} <= set(range(1, 151))
    assert {event["quantity"] for event in orders} == {1, 2, 3, 6}
    assert len({(event["product_id"], event["unit_price"]) for event in orders}) == 50
    for event in orders:
        price, discount, total = (Decimal(str(event[key])) for key in ("unit_price", "discount", "total_price"))
        assert total == event["quantity"] * price - discount
        assert 0 <= discount <= 10
        assert total > 0


def test_prices_follow_the_base_price_of_the_category() -> None:
    bases = {"Rouge": 18, "Blanc": 15, "Rosé": 12, "Effervescent": 30, "Spiritueux": 45}
    for line in caves(CavesConfig(seed=4, count=2000, disorder=PLAIN)):
        event = json.loads(line)
        if "unit_price" in event:
            base = bases[event["category"].split(" ")[1]]
            assert 0.7 * base <= event["unit_price"] <= 2.0 * base


def test_a_revised_order_is_a_later_version_of_an_earlier_one() -> None:
    config = CavesConfig(seed=6, count=5000, disorder=PLAIN, revised=0.1)
    versions: dict[str, list[str]] = {}
    for line in caves(config):
        event = json.loads(line)
        if "order_line_id" in event:
            versions.setdefault(event["order_line_id"], []).append(line)
    revised = [lines for lines in versions.values() if len(lines) > 1]
    assert len(revised) / sum(map(len, versions.values())) == pytest.approx(0.1, rel=0.15)
    assert all(len(set(lines)) == 2 for lines in revised)
    truth = caves_truth([("f", [line for lines in revised for line in lines])])
    assert len(truth.orders) == len(revised)


def test_days_and_hours_differ_but_the_rate_is_kept() -> None:
    config = CavesConfig(seed=2, count=40_000, rate=0.05, disorder=PLAIN)
    times = [row.time for row in caves_truth([("f", list(caves(config)))]).orders.values()]
    hours = Counter(time.hour for time in times)
    seconds = (max(times) - datetime(2026, 1, 1)).total_seconds()
    assert 40_000 / seconds == pytest.approx(0.05, rel=0.05)
    assert hours[19] > 8 * hours[3]


def test_the_broken_lines_are_rejected_and_the_valid_ones_are_not() -> None:
    truth = caves_truth([("bad", list(broken_caves(seed=2)))])
    faults = Counter(fault.fault for fault in truth.rejected)
    assert faults == {
        "order_line_id": 2,
        "event_id": 2,
        "event_type": 4,
        "product_id": 2,
        "quantity": 2,
        "quantity_change": 2,
        "event_ts": 2,
    }
    assert len(truth.unreadable) == 2
    assert (len(truth.orders), len(truth.history)) == (1, 1)


def test_two_seeds_share_products_but_no_ids() -> None:
    one, two = (
        caves_truth([("f", list(caves(CavesConfig(seed=seed, count=3000, disorder=PLAIN))))]) for seed in (1, 2)
    )
    assert one.orders.keys().isdisjoint(two.orders)
    names = [{row.product_id: row.product_name for row in truth.orders.values()} for truth in (one, two)]
    assert names[0] == names[1]


def test_what_cannot_be_made_is_refused() -> None:
    with pytest.raises(UsageError, match="makes no events"):
        CavesConfig(rate=-1)
    with pytest.raises(UsageError, match="zone"):
        CavesConfig(start=datetime(2026, 1, 1))
    with pytest.raises(UsageError, match="revised"):
        CavesConfig(revised=1.5)
