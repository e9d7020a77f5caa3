"""Les Caves d'Albert while events flow, while nothing arrives, and while a task fails, under a clock moved by hand."""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

import pytest

from examples.live_caves import START, LiveCaves
from pipeline.generate import CavesConfig, Disorder, caves
from truths.caves import caves_truth

WITHIN = timedelta(minutes=3)


@pytest.fixture
def live() -> Iterator[LiveCaves]:
    made = LiveCaves()
    yield made
    made.account.close()


def events(count: int, *, seed: int = 5) -> list[str]:
    disorder = Disorder(late=0.05, duplicate=0.05, out_of_order=0.1)
    return list(caves(CavesConfig(seed=seed, count=count, start=START, rate=0.5, disorder=disorder, revised=0.05)))


def check(live: LiveCaves) -> None:
    truth = caves_truth([("topic", live.lines)])
    orders = live.rows("SELECT order_id, order_timestamp, total_amount FROM production.orders ORDER BY order_id")
    assert orders == [(key, row.time, row.total_amount) for key, row in sorted(truth.orders.items())]
    levels = live.rows("SELECT adjustment_id, new_stock_level FROM production.inventory_history ORDER BY adjustment_id")
    assert levels == [(key, level) for key, (_, level) in sorted(truth.history.items())]
    stock = live.rows("SELECT product_id, current_stock_level FROM production.inventory_current ORDER BY product_id")
    assert stock == [(key, row.level) for key, row in sorted(truth.stock.items())]


def test_every_event_is_in_production_within_three_minutes(live: LiveCaves) -> None:
    lines = events(240)
    for start in range(0, len(lines), 12):
        live.send(lines[start : start + 12])
        live.pass_time(seconds=25)
    live.pass_time(minutes=3)
    check(live)
    waits = live.rows(
        "SELECT o.order_id, DATEDIFF('second', MIN(s.ingestion_timestamp), o.created_at)"
        " FROM staging.stg_orders AS s INNER JOIN production.orders AS o ON s.order_id = o.order_id"
        " GROUP BY o.order_id, o.created_at"
    )
    assert waits
    assert all(0 <= int(str(seconds)) <= WITHIN.total_seconds() for _, seconds in waits)
    waits = live.rows(
        "SELECT h.adjustment_id, DATEDIFF('second', MIN(s.ingestion_timestamp), h.created_at)"
        " FROM staging.stg_inventory_adjustments AS s"
        " INNER JOIN production.inventory_history AS h ON s.adjustment_id = h.adjustment_id"
        " GROUP BY h.adjustment_id, h.created_at"
    )
    assert waits
    assert all(0 <= int(str(seconds)) <= WITHIN.total_seconds() for _, seconds in waits)


def test_nothing_runs_while_nothing_arrives(live: LiveCaves) -> None:
    live.pass_time(hours=2)
    assert live.runs() == []


def test_the_retention_wakes_no_task(live: LiveCaves) -> None:
    live.send(events(60))
    live.pass_time(minutes=3)
    before = Counter(live.runs())
    # 33 days pass, until half an hour before a night's retention finds everything old enough; most of the time the
    # tasks sleep, and they wake often enough to keep their streams from going stale
    for _ in range(3):
        live.suspend()
        live.pass_time(days=11)
        live.resume()
        live.pass_time(minutes=2)
    live.suspend()
    live.pass_time(hours=12, minutes=54)
    live.resume()
    live.pass_time(hours=1)
    assert Counter(live.runs()) - before == Counter({("TASK_RETENTION", "SUCCEEDED"): 1})
    for table in ("raw_data.raw_events_stream", "staging.stg_orders", "staging.stg_inventory_adjustments"):
        assert live.rows(f"SELECT COUNT(*) FROM {table}") == [(0,)]
    check(live)


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
    live.send(events(60))
    live.pass_time(minutes=2)
    assert (task, "FAILED") in live.runs()
    live.client.run(f"ALTER TABLE {schema}.{name}_away RENAME TO {table}")
    live.pass_time(minutes=2)
    check(live)
    live.pass_time(minutes=2)
    done = Counter(live.runs())
    live.pass_time(minutes=30)
    assert Counter(live.runs()) == done


def test_the_finalizers_record_each_run(live: LiveCaves) -> None:
    live.send(events(60))
    live.pass_time(minutes=2)
    live.client.run("ALTER TABLE production.orders RENAME TO production.orders_away")
    live.send(events(60, seed=6))
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
