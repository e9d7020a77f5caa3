"""A project on an account whose clock is moved by hand: days pass in a moment."""

import atexit
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory, mkdtemp

from local.accounts import Client
from pipeline.local.clock import ManualClock
from pipeline.local.engine import Account
from pipeline.project.folder import Project, read_project
from pipeline.project.model import StepKind
from pipeline.project.queries import Query, bind, find_query, project_queries
from pipeline.project.render import ProjectRenderer
from pipeline.sql.splitter import split
from truths.json_lines import load

START = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Deployed:
    """A project that was deployed once; `account` is the folder of its closed account, to be copied."""

    account: Path
    statements: list[str]
    queries: tuple[Query, ...]


@cache
def _deployed(folder: Path) -> Deployed:
    project = read_project(folder, "local", {}, {})
    place = Path(mkdtemp())
    atexit.register(shutil.rmtree, place)
    statements = _statements(project)
    account = Account(place, clock=ManualClock(START))
    # nothing is current, so every name must be complete
    Client(account.open_session(user="TESTER")).run(*statements)
    account.close()
    return Deployed(place, statements, project_queries(project, ProjectRenderer(project)))


class LiveProject:
    """The project deployed, its tasks resumed. `home` is DATABASE.SCHEMA of its tasks, `graphs` their roots."""

    def __init__(self, folder: Path, home: str, graphs: tuple[str, ...]) -> None:
        deployed = _deployed(folder)
        self._place = TemporaryDirectory()
        shutil.copytree(deployed.account, self._place.name, dirs_exist_ok=True)
        self.clock = ManualClock(START)
        self.account = Account(Path(self._place.name), clock=self.clock)
        self.client = Client(self.account.open_session(user="TESTER"))
        self.home = home
        self.graphs = graphs
        self.statements = deployed.statements
        self._queries = deployed.queries
        self.client.run(f"USE SCHEMA {home}")
        self.resume()
        self.lines: list[str] = []
        """Every event so far, as a file would hold them."""

    def close(self) -> None:
        self.account.close()
        self._place.cleanup()

    def resume(self) -> None:
        for root in self.graphs:
            self.client.value(f"SELECT SYSTEM$TASK_DEPENDENTS_ENABLE('{self.home}.{root}')")

    def pass_time(self, **duration: float) -> None:
        self.account.scheduler.advance(timedelta(**duration))

    def sleep(self, **duration: float) -> None:
        """Let time pass with all tasks suspended: a look a minute at each would take its time."""
        self.client.run(*(f"ALTER TASK {self.home}.{root} SUSPEND" for root in self.graphs))
        self.pass_time(**duration)
        self.resume()

    def query_names(self) -> list[str]:
        return [query.name for query in self._queries]

    def query(self, name: str) -> list[tuple[object, ...]]:
        """Rows of a named query with its defaults."""
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
    """Whether a load would take the line."""
    try:
        load(line)
    except ValueError:
        return False
    return True


def _statements(project: Project) -> list[str]:
    renderer = ProjectRenderer(project)
    scripts = [script for step in project.steps if step.kind is StepKind.DEPLOY for script in step.scripts]
    return [piece.text for script in scripts for piece in split(renderer.script(script).text)]
