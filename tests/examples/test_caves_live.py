"""Les Caves d'Albert while events flow, while nothing arrives, and while a task fails, under a clock moved by hand."""

import json
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from math import ceil
from random import Random

import pytest

from examples.caves_checks import check_stock, check_tables
from examples.live_caves import LiveCaves
from examples.live_project import START
from pipeline.generate import CavesConfig, Disorder, caves
from truths.caves import CavesTruth

WITHIN = timedelta(minutes=3)
BETWEEN = timedelta(seconds=25)
SENT = 12
STOCK = "SELECT product_id, current_stock_level FROM production.inventory_current ORDER BY product_id"


@pytest.fixture
def live() -> Iterator[LiveCaves]:
    made = LiveCaves()
    yield made
    made.close()


def events(count: int, *, seed: int = 5) -> list[str]:
    disorder = Disorder(late=0.05, duplicate=0.05, out_of_order=0.1)
    return list(caves(CavesConfig(seed=seed, count=count, start=START, rate=0.5, disorder=disorder, revised=0.05)))


def order(order_id: str, time: str, **more: object) -> str:
    event = {
        "event_type": "ORDER_CREATED",
        "order_line_id": order_id,
        "customer_id": 7,
        "product_id": 1000,
        "quantity": 2,
        "unit_price": 12.35,
        "discount": 0.5,
        "total_price": 24.2,
        "event_ts": time,
    }
    return json.dumps(event | more)


def adjustment(adjustment_id: str, time: str, change: int, product: int = 1000, **more: object) -> str:
    event = {
        "event_type": "INVENTORY_ADJUSTED",
        "event_id": adjustment_id,
        "product_id": product,
        "adjustment_type": "CORRECTION",
        "quantity_change": change,
        "event_ts": time,
    }
    return json.dumps(event | more)


def test_every_event_is_in_production_within_three_minutes(live: LiveCaves) -> None:
    lines = events(144)
    stocks: list[list[tuple[object, ...]]] = [[]]
    """What INVENTORY_CURRENT holds when it knows the first batches and no other."""
    for batch in range(ceil(len(lines) / SENT) + ceil(WITHIN / BETWEEN)):
        live.send(*lines[batch * SENT : (batch + 1) * SENT])
        stocks.append(levels(live.truth()))
        live.pass_time(seconds=BETWEEN.total_seconds())
        long_there = max(0, 2 + batch - ceil(WITHIN / BETWEEN))
        assert live.rows(STOCK) in stocks[long_there:]
    truth = live.truth()
    check_tables(live, truth)
    waits = live.rows(
        "SELECT o.order_id, DATEDIFF('second', MIN(s.ingestion_timestamp), o.created_at)"
        " FROM staging.stg_orders AS s INNER JOIN production.orders AS o ON s.order_id = o.order_id"
        " GROUP BY o.order_id, o.created_at"
    )
    check_waits(waits, len(truth.orders))
    waits = live.rows(
        "SELECT h.adjustment_id, DATEDIFF('second', MIN(s.ingestion_timestamp), h.created_at)"
        " FROM staging.stg_inventory_adjustments AS s"
        " INNER JOIN production.inventory_history AS h ON s.adjustment_id = h.adjustment_id"
        " GROUP BY h.adjustment_id, h.created_at"
    )
    check_waits(waits, len(truth.history))


def levels(truth: CavesTruth) -> list[tuple[object, ...]]:
    return [(product, row.level) for product, row in sorted(truth.stock.items())]


def check_waits(waits: list[tuple[object, ...]], number: int) -> None:
    assert len(waits) == number
    assert all(0 <= int(str(seconds)) <= WITHIN.total_seconds() for _, seconds in waits)


def test_nothing_runs_while_nothing_arrives(live: LiveCaves) -> None:
    live.pass_time(minutes=30)
    assert live.runs() == []


def test_the_retention_wakes_no_task(live: LiveCaves) -> None:
    live.send(*events(60))
    live.pass_time(minutes=3)
    before = Counter(live.runs())
    # 33 days pass, until half an hour before a night's retention finds everything old enough; most of the time the
    # tasks sleep, and they wake often enough to keep their streams from going stale
    for _ in range(3):
        live.sleep(days=11)
        live.pass_time(minutes=2)
    live.sleep(hours=12, minutes=54)
    live.pass_time(hours=1)
    assert Counter(live.runs()) - before == Counter({("TASK_RETENTION", "SUCCEEDED"): 1})
    for table in ("raw_data.raw_events_stream", "staging.stg_orders", "staging.stg_inventory_adjustments"):
        assert live.rows(f"SELECT COUNT(*) FROM {table}") == [(0,)]
    check_stock(live, live.truth())


@pytest.mark.parametrize(
    ("table", "task"),
    [
        ("production.orders", "TASK_STAGING_TO_PROD_ORDERS"),
        ("production.inventory_history", "TASK_STAGING_TO_PROD_INVENTORY_HISTORY"),
        ("production.inventory_current", "TASK_STAGING_TO_PROD_INVENTORY_CURRENT"),
        ("staging.stg_orders", "TASK_RAW_TO_STAGING_ORDERS"),
    ],
)
def test_a_task_that_failed_tries_again_without_new_events(live: LiveCaves, table: str, task: str) -> None:
    schema, name = table.split(".")
    live.client.run(f"ALTER TABLE {table} RENAME TO {schema}.{name}_away")
    live.send(*events(60))
    live.pass_time(minutes=2)
    assert (task, "FAILED") in live.runs()
    live.client.run(f"ALTER TABLE {schema}.{name}_away RENAME TO {table}")
    live.pass_time(minutes=2)
    check_tables(live, live.truth())
    live.pass_time(minutes=2)
    done = Counter(live.runs())
    live.pass_time(minutes=5)
    assert Counter(live.runs()) == done


def test_the_finalizers_record_each_run(live: LiveCaves) -> None:
    live.send(*events(60))
    live.pass_time(minutes=2)
    live.client.run("ALTER TABLE production.orders RENAME TO production.orders_away")
    live.send(*events(60, seed=6))
    live.pass_time(seconds=60)
    runs = live.rows(
        "SELECT root_task, outcome, tasks_succeeded, tasks_failed, first_error IS NULL FROM monitoring.graph_runs"
        " ORDER BY recorded_at, root_task"
    )
    assert Counter(
        (root, outcome, int(str(good)), int(str(bad)), clean) for root, outcome, good, bad, clean in runs
    ) == {
        ("TASK_RAW_TO_STAGING_ORDERS", "SUCCEEDED", 2, 0, True): 1,
        ("TASK_RAW_TO_STAGING_ORDERS", "FAILED", 1, 1, False): 1,
        ("TASK_RAW_TO_STAGING_INVENTORY", "SUCCEEDED", 3, 0, True): 2,
    }


def test_batches_repeats_and_replays_in_any_order(live: LiveCaves) -> None:
    disorder = Disorder(late=0.1, duplicate=0.1, out_of_order=0.1, broken=0.02)
    lines = list(caves(CavesConfig(seed=11, count=300, rate=0.01, disorder=disorder, revised=0.1)))
    random = Random(3)
    for batch in [*(random.sample(lines, 120) for _ in range(3)), lines]:
        live.send(*batch)
        live.pass_time(minutes=2)
    check_tables(live, live.truth())


def test_a_late_adjustment_changes_the_levels_after_it(live: LiveCaves) -> None:
    batches = (
        [
            adjustment("a", "2026-03-01T10:00:00Z", 100),
            adjustment("b", "2026-03-03T10:00:00Z", -30),
            adjustment("z", "2026-03-03T10:00:00Z", 5, product=1001),
        ],
        [adjustment("c", "2026-03-02T10:00:00Z", 7)],
        [adjustment("d", "2026-02-28T10:00:00Z", -1), adjustment("a", "2026-03-09T10:00:00Z", 9)],
    )
    for batch in batches:
        live.send(*batch)
        live.pass_time(minutes=2)
    check_tables(live, live.truth())
    levels = live.rows("SELECT adjustment_id, new_stock_level FROM production.inventory_history ORDER BY 1")
    assert levels == [("a", 99), ("b", 76), ("c", 106), ("d", -1), ("z", 5)]


def test_retention_between_loads_keeps_the_levels(live: LiveCaves) -> None:
    def ago(days: int) -> str:
        return (START - timedelta(days)).isoformat()

    live.send(adjustment("old", ago(800), 100), adjustment("older", ago(900), 50), adjustment("new", ago(10), -30))
    live.pass_time(minutes=2)
    live.sleep(hours=14, minutes=20)
    live.pass_time(minutes=15)
    archived = live.rows("SELECT adjustment_id FROM production.inventory_history_archive ORDER BY 1")
    assert archived == [("old",), ("older",)]
    live.send(adjustment("late", ago(20), 1), adjustment("old", ago(1), 999))
    live.pass_time(minutes=2)
    live.send(adjustment("between", ago(850), 7))
    live.pass_time(minutes=2)
    check_stock(live, live.truth())
    assert live.rows("SELECT current_stock_level FROM production.inventory_current") == [(128,)]


def test_stock_status_at_its_limits(live: LiveCaves) -> None:
    levels = {1000: -1, 1001: 0, 1002: 1, 1003: 19, 1004: 20, 1005: 49, 1006: 50}
    live.send(*(adjustment(f"a{key}", "2026-03-01T10:00:00Z", level, product=key) for key, level in levels.items()))
    live.pass_time(minutes=2)
    assert live.rows("SELECT product_id, stock_status FROM production.vw_inventory_alerts ORDER BY 1") == [
        (1000, "RUPTURE"),
        (1001, "RUPTURE"),
        (1002, "CRITIQUE"),
        (1003, "CRITIQUE"),
        (1004, "BAS"),
        (1005, "BAS"),
        (1006, "OK"),
    ]


def test_a_later_version_changes_an_order_and_an_older_one_does_not(live: LiveCaves) -> None:
    live.send(order("A", "2026-03-01T10:00:00Z"))
    live.pass_time(minutes=2)
    (first,) = live.rows("SELECT created_at, updated_at FROM production.orders")
    live.send(order("A", "2026-03-01T11:00:00Z", quantity=3, total_price=36.55))
    live.pass_time(minutes=2)
    (second,) = live.rows("SELECT created_at, updated_at FROM production.orders")
    live.send(order("A", "2026-03-01T10:30:00Z", quantity=6))
    live.pass_time(minutes=2)
    (row,) = live.rows("SELECT quantity, unit_price, total_amount, created_at, updated_at FROM production.orders")
    assert [str(value) for value in row[:3]] == ["3", "12.35", "36.55"]
    assert first[0] == first[1]
    assert str(second[1]) > str(first[1])
    assert row[3:] == (first[0], second[1])


def test_which_of_two_versions_of_one_time_counts_is_no_chance(live: LiveCaves) -> None:
    time = "2026-03-01T10:00:00Z"
    live.send(order("A", time), order("A", time, quantity=3, total_price=36.55), order("A", time, quantity=1))
    live.pass_time(minutes=2)
    live.send(order("A", time, quantity=6, total_price=99.0))
    live.pass_time(minutes=2)
    assert live.rows("SELECT quantity FROM production.orders") == [(3,)]


@pytest.mark.parametrize("seed", range(4))
def test_which_of_several_of_one_id_and_time_counts_is_no_chance(live: LiveCaves, seed: int) -> None:
    time = "2026-03-01T10:00:00Z"
    lines = [
        adjustment("a", time, 5, reason="Casse"),
        adjustment("a", time, 4, reason="casse"),
        adjustment("a", time, 4),
        adjustment("a", time, 4, reason="Casse"),
        adjustment("a", time, -9, product=1001),
        order("A", time),
        order("A", time, payment_method="PAYPAL"),
        order("A", time, payment_method="CARTE_BANCAIRE", customer_id=8),
        order("A", time, unit_price=12.34, customer_id=1),
        order("A", time, discount=0.4, customer_id=1),
    ]
    Random(seed).shuffle(lines)
    live.send(*lines)
    live.pass_time(minutes=2)
    check_tables(live, live.truth())
    assert live.rows("SELECT product_id, quantity_change, reason FROM production.inventory_history") == [
        (1000, 4, "Casse")
    ]
    assert live.rows("SELECT customer_id, payment_method FROM production.orders") == [(7, "PAYPAL")]


def test_no_query_fails_on_an_empty_database(live: LiveCaves) -> None:
    for name in live.query_names():
        live.query(name)
