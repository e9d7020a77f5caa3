"""Les Caves d'Albert's own scripts on the local account, and the statements of its five tasks."""

import shutil
from functools import partial
from pathlib import Path

from benchmarks.local.measure import Stopwatch
from benchmarks.local.statements import run, transfer
from pipeline.local.engine import Account
from pipeline.local.protocol import Result
from pipeline.local.session import Session
from pipeline.project.folder import read_project
from pipeline.project.render import ProjectRenderer
from pipeline.sql.grammar import parse
from pipeline.sql.grammar.tasks import CreateTask
from pipeline.sql.splitter import split

CAVES = Path(__file__).parents[2] / "examples" / "caves_albert"
TASKS = {
    "orders to staging": "TASK_RAW_TO_STAGING_ORDERS",
    "orders to production": "TASK_STAGING_TO_PROD_ORDERS",
    "adjustments to staging": "TASK_RAW_TO_STAGING_INVENTORY",
    "adjustments to history": "TASK_STAGING_TO_PROD_INVENTORY_HISTORY",
    "stock now": "TASK_STAGING_TO_PROD_INVENTORY_CURRENT",
}
_TIME = "DATEADD('second', 3 * SEQ8(), '2025-01-01'::TIMESTAMP_NTZ)"
_SOURCE = "FROM TABLE(GENERATOR(ROWCOUNT => {rows}))"
FILL = (
    "INSERT INTO raw_events_stream (event_content, ingestion_timestamp)"
    f" SELECT OBJECT_CONSTRUCT('number', SEQ8()), '2025-01-01'::TIMESTAMP_LTZ {_SOURCE}",
    "INSERT INTO staging.stg_orders (order_id, event_type, event_timestamp, customer_id, product_id, quantity,"
    " unit_price, discount, total_amount)"
    f" SELECT MD5(SEQ8()), 'ORDER_CREATED', {_TIME}, 1, 1000 + MOD(SEQ8(), 50), 1, 10, 0, 10 {_SOURCE}",
    "INSERT INTO staging.stg_inventory_adjustments (adjustment_id, event_type, event_timestamp, product_id,"
    " adjustment_type, quantity_change)"
    f" SELECT MD5(SEQ8()), 'INVENTORY_ADJUSTED', {_TIME}, 1000 + MOD(SEQ8(), 50), 'CORRECTION', 1 {_SOURCE}",
    "INSERT INTO production.orders (order_id, order_date, order_timestamp, customer_id, product_id, quantity,"
    " unit_price, discount, total_amount, created_at, updated_at)"
    f" SELECT MD5(SEQ8()), {_TIME}::DATE, {_TIME}, 1, 1000 + MOD(SEQ8(), 50), 1, 10, 0, 10, {_TIME}, {_TIME}"
    f" {_SOURCE}",
    "INSERT INTO production.inventory_history (adjustment_id, adjustment_date, adjustment_timestamp, product_id,"
    " adjustment_type, quantity_change, new_stock_level, created_at)"
    f" SELECT MD5(SEQ8()), {_TIME}::DATE, {_TIME}, 1000 + MOD(SEQ8(), 50), 'CORRECTION', 1, FLOOR(SEQ8() / 50) + 1,"
    f" {_TIME} {_SOURCE}",
)
"""One adjustment by one of each product in turn, so the level is known."""
DIGESTS = (
    "SELECT COUNT(*), SUM(quantity), SUM(total_amount), MAX(order_timestamp) FROM production.orders",
    "SELECT COUNT(*), SUM(quantity_change), SUM(new_stock_level), MAX(adjustment_timestamp)"
    " FROM production.inventory_history",
    "SELECT COUNT(*), SUM(current_stock_level), SUM(current_stock_level * product_id), MAX(last_adjustment_timestamp)"
    " FROM production.inventory_current",
)


class Caves:
    """The project's tables on a file account; its streams come with `begin`, so that what is there before is old."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.account = Account(folder / "account")
        self.session: Session = self.account.open_session(user="BENCH")
        self.bodies: dict[str, str] = {}
        for script in ("01_setup", "02_raw_layer", "03_staging", "04_production"):
            self._script(script)
        run(self.session, "USE SCHEMA caves_albert_db.raw_data")

    def begin(self) -> None:
        """The streams, and the statements of the tasks."""
        for script in ("05_streams", "06_tasks"):
            self._script(script)

    def fill(self, rows: int) -> None:
        """Rows of last year in every table but the stock; see `by_hand.fill`."""
        for sql in FILL:
            run(self.session, sql.format(rows=rows))

    def load(self, file: Path) -> None:
        """The events of a file in the raw layer; that is no part of what is measured."""
        stage = transfer(self.session, f"PUT file://{file} @events_stage").folder
        stage.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, stage / file.name)
        run(
            self.session,
            "COPY INTO raw_events_stream (event_content, ingestion_timestamp)"
            f" FROM (SELECT $1, METADATA$START_SCAN_TIME FROM @events_stage) FILES = ('{file.name}')",
        )

    def transform(self, watch: Stopwatch) -> None:
        """The five tasks' statements, each timed."""
        for name, task in TASKS.items():
            watch.time(name, partial(run, self.session, self.bodies[task]))

    def digests(self) -> list[str]:
        """What the tables of PRODUCTION hold, to compare."""
        found = []
        for sql in DIGESTS:
            result = run(self.session, sql)
            assert isinstance(result, Result)
            found += [" | ".join(map(str, row)) for row in result.rows]
        return found

    def close(self) -> None:
        self.session.close()
        self.account.close()

    def _script(self, name: str) -> None:
        project = read_project(CAVES, "local", {}, {})
        script = next(script for script in project.scripts if script.name.endswith(f"{name}.sql"))
        for piece in split(ProjectRenderer(project).script(script).text):
            run(self.session, piece.text)
            statement = parse(piece.text)
            if isinstance(statement, CreateTask):
                self.bodies[statement.name.name] = statement.body.text
