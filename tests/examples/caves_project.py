"""Les Caves d'Albert in a folder of its own, driven by the use cases that the command line calls."""

import json
import shutil
from collections.abc import Sequence
from pathlib import Path

from pipeline.commands.deploy import deploy
from pipeline.commands.load import LoadReport, load
from pipeline.commands.query import run_query, run_text
from pipeline.commands.tasks import run
from pipeline.commands.workspace import Request
from pipeline.plan.model import Report
from truths.caves import CavesTruth

ROOT = Path(__file__).parents[2] / "examples" / "caves_albert"
DATA = sorted((ROOT / "data").glob("*.jsonl"))


class CavesProject:
    """A copy of the example, with a local account of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        shutil.copy(ROOT / "config.example.yaml", folder / "config.yaml")
        shutil.copytree(ROOT / "sql", folder / "sql")
        self.request = Request(project=folder)
        self.notices: list[object] = []

    def deploy(self) -> Report:
        return deploy(self.request, listen=self.notices.append, stop=lambda: False)

    def load(self, *files: Path) -> LoadReport:
        """Load the files and wait until no stream has rows."""
        names = [str(file) for file in files]
        return load(self.request, names, strict=False, wait=True, timeout=120, listen=self.notices.append)

    def load_lines(self, name: str, lines: Sequence[str]) -> tuple[str, Sequence[str]]:
        """Load a file of these lines and give back what the truth wants of it."""
        path = self.folder / name
        path.write_text("".join(line + "\n" for line in lines), encoding="utf-8")
        self.load(path)
        return name, lines

    def load_events(self, name: str, *events: dict[str, object]) -> tuple[str, Sequence[str]]:
        """As load_lines, of events."""
        return self.load_lines(name, [json.dumps(event, ensure_ascii=False) for event in events])

    def run_task(self, name: str) -> None:
        run(self.request, name, wait=True, timeout=120, listen=self.notices.append)

    def rows(self, sql: str) -> list[tuple[object, ...]]:
        return list(run_text(self.request, sql, self.notices.append).outcome.rows)

    def query(self, name: str, **parameters: str) -> list[tuple[object, ...]]:
        return list(run_query(self.request, name, parameters, self.notices.append).outcome.rows)


def check_tables(project: CavesProject, truth: CavesTruth) -> None:
    """Every table of STAGING and PRODUCTION against the truth, value by value."""
    orders = project.rows(
        "SELECT order_id, order_timestamp, customer_id, product_id, product_name, product_category, quantity,"
        " unit_price, discount, total_amount, payment_method, sales_channel, shipping_address, order_date"
        " FROM production.orders ORDER BY order_id"
    )
    assert orders == [
        (
            row.order_id,
            row.time,
            row.customer_id,
            row.product_id,
            row.product_name,
            row.product_category,
            row.quantity,
            row.unit_price,
            row.discount,
            row.total_amount,
            row.payment_method,
            row.sales_channel,
            row.shipping_address,
            row.time.date(),
        )
        for _, row in sorted(truth.orders.items())
    ]
    check_stock(project, truth)
    assert project.query("layers-in-balance") == [
        (truth.loaded, truth.staged_orders, truth.staged_adjustments, len(truth.rejected), truth.other_types, 0)
    ]


def check_stock(project: CavesProject, truth: CavesTruth) -> None:
    """INVENTORY_HISTORY with its archive, and INVENTORY_CURRENT, against the truth."""
    history = project.rows(
        "SELECT adjustment_id, adjustment_timestamp, product_id, adjustment_type, quantity_change, new_stock_level,"
        " reason, warehouse_location FROM production.inventory_history ORDER BY adjustment_id"
    )
    archived = {row[0] for row in project.rows("SELECT adjustment_id FROM production.inventory_history_archive")}
    assert history == [
        (
            row.adjustment_id,
            row.time,
            row.product_id,
            row.adjustment_type,
            row.quantity_change,
            level,
            row.reason,
            row.warehouse_location,
        )
        for _, (row, level) in sorted(truth.history.items())
        if row.adjustment_id not in archived
    ]
    assert len(history) + len(archived) == len(truth.history)
    stock = project.rows(
        "SELECT product_id, product_name, product_category, current_stock_level, last_adjustment_timestamp,"
        " warehouse_location FROM production.inventory_current ORDER BY product_id"
    )
    assert stock == [
        (row.product_id, row.product_name, row.product_category, row.level, row.last_adjustment, row.warehouse_location)
        for _, row in sorted(truth.stock.items())
    ]
