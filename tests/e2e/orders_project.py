"""The order-events project in a folder of its own, driven by the use cases that the command line calls."""

import shutil
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path

from pipeline.commands.deploy import deploy
from pipeline.commands.health import Health, health
from pipeline.commands.load import LoadReport, load
from pipeline.commands.query import run_query, run_text
from pipeline.commands.runs import GraphRun
from pipeline.commands.tasks import list_tasks, run
from pipeline.commands.workspace import Request
from pipeline.plan.model import Report
from truths.json_lines import read_files
from truths.orders import OrdersTruth, orders_truth

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "data" / "orders_events.jsonl"
BROKEN = ROOT / "data" / "orders_events_bad.jsonl"


class OrdersProject:
    """A copy of the repository's project, with a local account of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        shutil.copy(ROOT / "config.example.yaml", folder / "config.yaml")
        shutil.copytree(ROOT / "sql", folder / "sql")
        # Rarely enough that no run falls due while a test goes on, however slow the machine.
        self.request = Request(project=folder, variables={"task_schedule": "60 MINUTE"})
        self.notices: list[object] = []

    def deploy(self) -> Report:
        return deploy(self.request, listen=self.notices.append, stop=lambda: False)

    def load(self, *files: Path, strict: bool = False, wait: bool = False) -> LoadReport:
        names = [str(file) for file in files]
        return load(self.request, names, strict=strict, wait=wait, timeout=60, listen=self.notices.append)

    def run_tasks(self) -> tuple[GraphRun, ...]:
        return run(self.request, None, wait=True, timeout=60, listen=self.notices.append)

    def health(self) -> Health:
        return health(self.request, self.notices.append)

    def rows(self, sql: str) -> list[tuple[object, ...]]:
        return list(run_text(self.request, sql, self.notices.append).outcome.rows)

    def query(self, name: str, **parameters: str) -> list[dict[str, object]]:
        return run_query(self.request, name, parameters, self.notices.append).outcome.records()

    def task_states(self) -> dict[str, bool]:
        return {row.task.name.name: row.task.live.started for row in list_tasks(self.request, self.notices.append)}

    def write(self, name: str, lines: Sequence[str]) -> Path:
        """A file of JSON Lines in the project's folder."""
        path = self.folder / name
        path.write_text("".join(line + "\n" for line in lines), encoding="utf-8")
        return path


def truth_of(*files: Path) -> OrdersTruth:
    """What must hold after these files arrived in this order."""
    return orders_truth(read_files(files))


def sample_lines() -> list[str]:
    return SAMPLE.read_text(encoding="utf-8").splitlines()


def check_tables(project: OrdersProject, truth: OrdersTruth) -> None:
    """Every table and view against the truth, value by value."""
    events = project.rows(
        "SELECT event_id, order_id, customer_id, event_type, amount, currency, event_time FROM analytics.orders_events"
    )
    assert sorted(events) == sorted(
        (event.event_id, event.order_id, event.customer_id, event.status, event.amount, event.currency, event.time)
        for event in truth.events.values()
    )
    current = project.rows(
        "SELECT order_id, customer_id, status, amount, currency, first_event_time, last_event_time, event_count"
        " FROM analytics.orders_current"
    )
    assert sorted(current) == sorted(
        (
            order.order_id,
            order.customer_id,
            order.status,
            order.amount,
            order.currency,
            order.first_event_time,
            order.last_event_time,
            order.event_count,
        )
        for order in truth.current.values()
    )
    assert daily_revenue(project) == truth.daily_revenue
    customers = project.rows("SELECT customer_id, currency, orders, lost_orders, revenue FROM analytics.customer_value")
    assert {(row[0], row[1]): row[2:] for row in customers} == {
        key: (value.orders, value.lost_orders, value.revenue) for key, value in truth.customers.items()
    }
    rejected = project.rows("SELECT source_row FROM analytics.orders_events_rejected")
    assert sorted(row[0] for row in rejected) == sorted(line.line for line in truth.rejected)  # type: ignore[type-var]


def late_events(project: OrdersProject) -> set[object]:
    return {row[0] for row in project.rows("SELECT event_id FROM analytics.late_by_order")}


def daily_revenue(project: OrdersProject) -> dict[tuple[date, str], tuple[int, Decimal]]:
    rows = project.rows("SELECT day, currency, orders, revenue FROM analytics.daily_revenue")
    return {(row[0], row[1]): (row[2], row[3]) for row in rows}  # type: ignore[misc]
