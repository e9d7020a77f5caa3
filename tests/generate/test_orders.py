from collections import Counter
from datetime import UTC, datetime
from itertools import islice, pairwise
from pathlib import Path

import pytest

from pipeline.errors import UsageError
from pipeline.generate import Disorder, OrdersConfig, broken_orders, orders
from truths.orders import orders_truth

DATA = Path(__file__).parents[2] / "data"
SAMPLE = OrdersConfig(seed=1, count=400, rate=0.001)


def committed(name: str) -> bytes:
    return (DATA / name).read_bytes()


def as_file(lines: list[str]) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode()


def test_the_committed_sample_is_made_by_the_generator_byte_for_byte() -> None:
    assert committed("orders_events.jsonl") == as_file(list(orders(SAMPLE)))


def test_the_committed_broken_lines_are_made_by_the_generator_byte_for_byte() -> None:
    assert committed("orders_events_bad.jsonl") == as_file(list(broken_orders(seed=2)))


def test_the_sample_holds_what_real_feeds_hold() -> None:
    lines = list(orders(SAMPLE))
    truth = orders_truth([("sample", lines)])
    events = list(truth.events.values())
    times = [event.time for event in events]
    amounts = Counter(order for order, _ in {(event.order_id, event.amount) for event in events})
    assert truth.loaded == 400
    assert not truth.rejected
    assert len(events) < 400, "no repeats"
    assert len(truth.late_by_order) >= 5
    assert sum(1 for before, after in pairwise(times) if after < before) >= 15
    assert max(amounts.values()) >= 2, "no amount changes within an order"
    assert len({time.date() for time in times}) >= 4
    assert any(not line.isascii() for line in lines)
    assert {event.status for event in events} == {"CREATED", "PAID", "SHIPPED", "DELIVERED", "CANCELLED", "REFUNDED"}
    endings = Counter("Z" if "." in line and 'Z"' in line else "+" if '+02:00"' in line else "bare" for line in lines)
    assert min(endings["Z"], endings["+"], endings["bare"]) >= 20


def test_the_broken_lines_are_rejected_and_the_valid_ones_around_them_are_not() -> None:
    truth = orders_truth([("bad", list(broken_orders(seed=2)))])
    assert list(truth.events) == ["EVT_2_000001", "EVT_2_000003"]
    assert [fault.fault for fault in truth.rejected] == [
        *["event_id"] * 3,
        *["amount"] * 2,
        "status",
        *["updated_at"] * 2,
        *["the line"] * 2,
    ]
    assert len(truth.unreadable) == 2


@pytest.mark.parametrize("seed", [1, 7, 123456789])
def test_one_seed_gives_one_text_and_another_seed_another(seed: int) -> None:
    config = OrdersConfig(seed=seed, count=300)
    assert list(orders(config)) == list(orders(config))
    assert set(orders(config)).isdisjoint(orders(OrdersConfig(seed=seed + 1, count=300)))


def test_shares_are_kept() -> None:
    disorder = Disorder(late=0.1, duplicate=0.2, out_of_order=0.1, broken=0.05)
    lines = list(orders(OrdersConfig(seed=3, count=20_000, rate=0.1, disorder=disorder)))
    truth = orders_truth([("f", lines)])
    assert len(lines) == 20_000
    broken = len(truth.rejected) + len(truth.unreadable) + lines.count("")
    # of 100 events come 125 lines
    assert broken / len(lines) == pytest.approx(0.05 / 1.25, rel=0.1)
    assert len(truth.late_by_order) / len(truth.events) == pytest.approx(0.1, rel=0.15)
    assert (truth.loaded - len(truth.rejected) - len(truth.events)) / len(lines) == pytest.approx(0.2 / 1.25, rel=0.1)


def test_without_disorder_every_line_is_an_event_in_order_of_time() -> None:
    config = OrdersConfig(seed=3, count=2000, disorder=Disorder(late=0, duplicate=0, out_of_order=0, broken=0))
    truth = orders_truth([("f", list(orders(config)))])
    times = [event.time for event in truth.events.values()]
    assert len(times) == 2000
    assert times == sorted(times)


def test_the_rate_is_events_per_second_of_event_time() -> None:
    start = datetime(2026, 5, 1, tzinfo=UTC)
    config = OrdersConfig(seed=5, count=50_000, rate=20, start=start)
    truth = orders_truth([("f", list(orders(config)))])
    seconds = (max(event.time for event in truth.events.values()) - start.replace(tzinfo=None)).total_seconds()
    assert len(truth.events) / seconds == pytest.approx(20, rel=0.1)


def test_events_without_end_come_one_by_one() -> None:
    assert len(list(islice(orders(OrdersConfig(count=None)), 5000))) == 5000


@pytest.mark.parametrize("shares", [{"late": -0.1}, {"late": 0.6, "duplicate": 0.6}])
def test_shares_that_are_none_are_refused(shares: dict[str, float]) -> None:
    with pytest.raises(UsageError, match="do not fit"):
        Disorder(**shares)


def test_a_rate_of_nothing_and_a_start_without_zone_are_refused() -> None:
    with pytest.raises(UsageError, match="makes no events"):
        OrdersConfig(rate=0)
    with pytest.raises(UsageError, match="zone"):
        OrdersConfig(start=datetime(2026, 1, 1))
