"""One test of a user's pipeline, played in a session with an account of its own."""

import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.commands.load import load_files
from pipeline.commands.project_tasks import ProjectTasks
from pipeline.commands.row_diff import RowDiff, Sign, UnknownColumn, diff_rows, rows_found
from pipeline.commands.runs import run_failed, run_graph
from pipeline.commands.tasks import root_named
from pipeline.commands.workspace import Workspace
from pipeline.errors import Location, PipelineError
from pipeline.project.json_text import json_text
from pipeline.project.nodes import Value
from pipeline.project.queries import bind, find_query
from pipeline.project.suggest import did_you_mean
from pipeline.project.unit_tests import (
    Advance,
    EventFile,
    Events,
    Expectation,
    Given,
    QuerySource,
    RunSql,
    RunTasks,
    SqlSource,
    Step,
    TableRows,
    TableSource,
    UnitTest,
    When,
)
from pipeline.sql.names import quote_literal, render
from pipeline.sql.splitter import split
from pipeline.targets.runs import account_time, read_runs
from pipeline.targets.session import Outcome

if TYPE_CHECKING:
    from pipeline.targets.trial import Trial

RUN_SECONDS = 60.0
"""How long a graph may run."""


class Verdict(StrEnum):
    """How a test came out."""

    PASSED = "passed"
    FAILED = "failed"
    """Something is not as it was expected."""
    ERROR = "error"
    """The test could not be played to its end."""


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong, and the line of the test that says so."""

    at: Location
    message: str
    hint: str | None = None
    diff: RowDiff | None = None


@dataclass(frozen=True, slots=True)
class TrialResult:
    """What became of a test."""

    name: str
    at: Location
    verdict: Verdict
    problems: tuple[Problem, ...]
    seconds: float


class _Broken(Exception):
    """A step that could not be played."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


def play(workspace: Workspace, trial: "Trial", test: UnitTest) -> TrialResult:
    """Play the steps in order; the test ends with the first step that is not as expected."""
    began = time.perf_counter()
    verdict, problems = _Player(workspace, trial).verdict(test)
    return TrialResult(test.name, test.at, verdict, problems, time.perf_counter() - began)


class _Player:
    def __init__(self, workspace: Workspace, trial: "Trial") -> None:
        self._workspace = workspace
        self._session = trial.session
        self._settle = trial.settle
        self._batches = 0

    def verdict(self, test: UnitTest) -> tuple[Verdict, tuple[Problem, ...]]:
        try:
            # what a test says of times without a zone is meant in UTC
            self._session.run("ALTER SESSION SET TIMEZONE = 'UTC'")
            self._session.run_if_exists(f"USE DATABASE {render(self._workspace.database)}")
            for step in test.steps:
                problems = tuple(self._step(step))
                if problems:
                    return Verdict.FAILED, problems
        except _Broken as error:
            return Verdict.ERROR, (error.problem,)
        return Verdict.PASSED, ()

    def _step(self, step: Step) -> Iterator[Problem]:
        for given in step.given:
            with _broken_at(given.at):
                self._give(given)
        for when in step.when:
            self._do(when)
        for expectation in step.expect:
            with _broken_at(expectation.at):
                problem = self._check(expectation)
            if problem is not None:
                yield problem

    # --- given -------------------------------------------------------------------------------------------------------

    def _give(self, given: Given) -> None:
        match given:
            case Events(lines=lines):
                with tempfile.TemporaryDirectory(prefix="pipeline-") as folder:
                    # a name of its own for each batch: the same lines sent again are another file
                    self._batches += 1
                    path = Path(folder) / f"batch_{self._batches}.jsonl"
                    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
                    self._load(path)
            case EventFile(path=path):
                self._load(path)
            case TableRows(table=table, rows=rows):
                for columns, group in groupby(rows, key=_columns):
                    self._session.run(_insert(table, columns, group))

    def _load(self, path: Path) -> None:
        load_files(self._workspace, self._session, [path], listen=lambda _event: None)

    # --- when --------------------------------------------------------------------------------------------------------

    def _do(self, when: When) -> None:
        """Do it; with `fails` it must fail, and with that text."""
        try:
            self._perform(when)
        except PipelineError as error:
            if when.fails is None:
                raise _Broken(_problem(when.at, error)) from error
            if when.fails not in error.message:
                message = f"failed otherwise than with '{when.fails}': {error.message}"
                raise _Broken(Problem(when.at, message)) from error
            return
        if when.fails is not None:
            raise _Broken(Problem(when.at, f"did not fail with '{when.fails}'"))

    def _perform(self, when: When) -> None:
        match when:
            case RunTasks(names=names):
                self._run(names)
            case Advance(by=by):
                since = account_time(self._session)
                self._session.run(f"SELECT SYSTEM$LOCAL_ADVANCE('{int(by.total_seconds())}s')")
                runs = read_runs(self._session, self._workspace.database, since=since)
                failed = [run for run in runs if run.state.bad]
                if failed:
                    raise run_failed(failed)
            case RunSql(sql=sql):
                for piece in split(sql):
                    self._session.run(piece.text)

    def _run(self, names: tuple[str, ...]) -> None:
        project = ProjectTasks(self._workspace, self._session)
        project.require()
        roots = [root_named(project, name) for name in names] if names else project.roots(None)
        for root in roots:
            run = run_graph(
                project,
                root,
                wait=True,
                timeout=RUN_SECONDS,
                listen=lambda _event: None,
                begun=lambda: self._settle(RUN_SECONDS),
            )
            if run.failed:
                raise run_failed(run.failed)

    # --- expect ------------------------------------------------------------------------------------------------------

    def _check(self, wanted: Expectation) -> Problem | None:
        what, outcome = self._rows(wanted.source)
        if wanted.rows is None:
            return _count_problem(wanted, what, outcome)
        try:
            diff = diff_rows(
                wanted.rows, outcome.columns, outcome.rows, ordered=wanted.ordered, tolerance=wanted.tolerance
            )
        except UnknownColumn as error:
            hint = did_you_mean(error.name, (column.lower() for column in error.known), "columns")
            return Problem(wanted.at, f"{what} has no column '{error.name}'", hint)
        if diff is None:
            return None
        missing, surplus = diff.count(Sign.MISSING), diff.count(Sign.SURPLUS)
        return Problem(wanted.at, f"{what}: {missing} expected not found, {surplus} found not expected", None, diff)

    def _rows(self, source: TableSource | QuerySource | SqlSource) -> tuple[str, Outcome]:
        match source:
            case TableSource(table=table, where=where):
                condition = "" if where is None else f" WHERE {where}"
                return table, self._session.run(f"SELECT * FROM {table}{condition}")
            case QuerySource(name=name, params=params):
                return f"query {name}", self._session.run(bind(find_query(self._workspace.queries, name), params))
            case SqlSource(sql=sql):
                return "the statement", self._session.run(sql.removesuffix(";"))


@contextmanager
def _broken_at(at: Location) -> Iterator[None]:
    """An error inside is one of the test at this line."""
    try:
        yield
    except PipelineError as error:
        raise _Broken(_problem(at, error)) from error


def _problem(at: Location, error: PipelineError) -> Problem:
    place = "" if error.at is None else f" ({error.at.path.name}:{error.at.line})"
    return Problem(at, " ".join(error.message.splitlines()) + place, error.hint)


def _count_problem(wanted: Expectation, what: str, outcome: Outcome) -> Problem | None:
    found = len(outcome.rows)
    if found == wanted.count:
        return None
    number = "no row" if wanted.count == 0 else f"{wanted.count} {'row' if wanted.count == 1 else 'rows'}"
    message = f"{what}: {number} expected, {found} found"
    return Problem(wanted.at, message, None, rows_found(outcome.columns, outcome.rows) if found else None)


def _columns(row: Mapping[str, Value]) -> tuple[str, ...]:
    return tuple(row)


def _insert(table: str, columns: tuple[str, ...], rows: Iterable[Mapping[str, Value]]) -> str:
    """As a SELECT, because VALUES takes no function and so no VARIANT."""
    selects = (f"SELECT {', '.join(_literal(value) for value in row.values())}" for row in rows)
    return f"INSERT INTO {table} ({', '.join(columns)})\n" + "\nUNION ALL\n".join(selects)


def _literal(value: Value) -> str:
    match value:
        case None:
            return "NULL"
        case bool():
            return str(value).upper()
        case str():
            return quote_literal(value)
        case dict() | list():
            return f"PARSE_JSON({quote_literal(json_text(value))})"
        case _:
            return str(value)
