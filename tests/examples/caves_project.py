"""Les Caves d'Albert in a folder of its own, driven by the use cases that the command line calls."""

import shutil
from pathlib import Path

from pipeline.commands.deploy import deploy
from pipeline.commands.load import LoadReport, load
from pipeline.commands.query import QueryResult, run_query, run_text
from pipeline.commands.workspace import Request
from pipeline.plan.model import Report

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

    def rows(self, sql: str) -> list[tuple[object, ...]]:
        return list(run_text(self.request, sql, self.notices.append).outcome.rows)

    def query(self, name: str, **parameters: str) -> list[tuple[object, ...]]:
        return list(run_query(self.request, name, parameters, self.notices.append).outcome.rows)

    def result(self, name: str, *, chart: bool) -> QueryResult:
        return run_query(self.request, name, {}, self.notices.append, chart=chart)
