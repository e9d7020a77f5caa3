"""Les Caves d'Albert on an account in memory whose clock is moved by hand: days pass in a moment."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from local.accounts import Client, open_account
from pipeline.local.clock import ManualClock
from pipeline.project.folder import Project, read_project
from pipeline.project.model import StepKind
from pipeline.project.queries import bind, find_query, project_queries
from pipeline.project.render import ProjectRenderer
from pipeline.sql.names import quote_literal
from pipeline.sql.splitter import split
from truths.caves import CavesTruth, caves_truth
from truths.json_lines import load

ROOT = Path(__file__).parents[2] / "examples" / "caves_albert"
START = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
GRAPHS = ("task_raw_to_staging_orders", "task_raw_to_staging_inventory", "task_raw_to_rejected", "task_retention")


class LiveCaves:
    """The project deployed, its tasks resumed."""

    def __init__(self) -> None:
        self.clock = ManualClock(START)
        self.account = open_account(self.clock)
        self.client = Client(self.account.open_session(user="TESTER"))
        project = read_project(ROOT, "local", {}, {})
        self._queries = project_queries(project, ProjectRenderer(project))
        self.client.run(*_statements(project), "USE SCHEMA caves_albert_db.staging")
        self.resume()
        self.lines: list[str] = []
        """Every event so far, as a file would hold them."""

    def resume(self) -> None:
        for root in GRAPHS:
            self.client.value(f"SELECT SYSTEM$TASK_DEPENDENTS_ENABLE('caves_albert_db.staging.{root}')")

    def send(self, *lines: str) -> None:
        """Events arrive in the raw layer, as the consumer would write them; what is no JSON never gets there."""
        first = len(self.lines)
        values = ", ".join(
            f"({quote_literal(line)}, {first + index})" for index, line in enumerate(lines) if is_json(line)
        )
        self.client.run(
            "INSERT INTO raw_data.raw_events_stream (event_id, event_type, event_metadata, event_content,"
            " ingestion_timestamp)"
            " SELECT NVL(event:order_line_id, event:event_id)::VARCHAR, event:event_type::VARCHAR,"
            " OBJECT_CONSTRUCT('topic', 'sales_events', 'partition', 0, 'offset', place), event, CURRENT_TIMESTAMP()"
            f" FROM (SELECT PARSE_JSON(column1) AS event, column2 AS place FROM VALUES {values})"
        )
        self.lines += lines

    def pass_time(self, **duration: float) -> None:
        self.account.scheduler.advance(timedelta(**duration))

    def sleep(self, **duration: float) -> None:
        """Let time pass with all tasks suspended: a look a minute at each would take its time."""
        self.client.run(*(f"ALTER TASK {root} SUSPEND" for root in GRAPHS))
        self.pass_time(**duration)
        self.resume()

    def truth(self) -> CavesTruth:
        """What the tables must hold after all that was sent."""
        return caves_truth([("topic", self.lines)])

    def query_names(self) -> list[str]:
        return [query.name for query in self._queries]

    def query(self, name: str) -> list[tuple[object, ...]]:
        return self.rows(bind(find_query(self._queries, name), {}))

    def rows(self, sql: str) -> list[tuple[object, ...]]:
        return self.client.rows(sql)

    def runs(self) -> list[tuple[str, str]]:
        """Name and state of every run that was not skipped."""
        rows = self.rows(
            "SELECT name, state FROM TABLE(INFORMATION_SCHEMA.TASK_HISTORY(RESULT_LIMIT => 10000))"
            " WHERE state NOT IN ('SKIPPED', 'SCHEDULED') ORDER BY completed_time"
        )
        return [(str(name), str(state)) for name, state in rows]


def is_json(line: str) -> bool:
    try:
        load(line)
    except ValueError:
        return False
    return True


def _statements(project: Project) -> list[str]:
    renderer = ProjectRenderer(project)
    scripts = [script for step in project.steps if step.kind is StepKind.DEPLOY for script in step.scripts]
    return [piece.text for script in scripts for piece in split(renderer.script(script).text)]
