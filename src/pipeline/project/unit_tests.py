"""Tests of a pipeline as its users write them in YAML: given events, when tasks run, expect rows.

docs/testing.md explains each key.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TypeAlias

from pipeline.errors import ConfigError, Location
from pipeline.project.declared import Declaration, Fields, declaration_files, read_declarations
from pipeline.project.folder import Project
from pipeline.project.json_text import json_text
from pipeline.project.nodes import Value
from pipeline.project.render import ProjectRenderer
from pipeline.project.suggest import nearest

START = datetime(2026, 1, 1, tzinfo=UTC)
"""When a test that says nothing of it begins."""

ALL = "all"
"""In place of a task's name: every graph once."""


@dataclass(frozen=True, slots=True)
class Events:
    """Lines that are loaded as one file."""

    lines: tuple[str, ...]
    at: Location


@dataclass(frozen=True, slots=True)
class EventFile:
    """A file that is loaded."""

    path: Path
    at: Location


@dataclass(frozen=True, slots=True)
class TableRows:
    """Rows that are inserted straight into a table."""

    table: str
    rows: tuple[Mapping[str, Value], ...]
    at: Location


@dataclass(frozen=True, slots=True)
class RunTasks:
    """Task graphs that are run to their end, by their roots' names; none: all of them."""

    names: tuple[str, ...]
    fails: str | None
    at: Location


@dataclass(frozen=True, slots=True)
class Advance:
    """Time that passes, with everything that falls due in it."""

    by: timedelta
    fails: str | None
    at: Location


@dataclass(frozen=True, slots=True)
class RunSql:
    """Statements that are run."""

    sql: str
    fails: str | None
    at: Location


@dataclass(frozen=True, slots=True)
class TableSource:
    """The rows of a table, view or stream that meet a condition."""

    table: str
    where: str | None


@dataclass(frozen=True, slots=True)
class QuerySource:
    """The rows of a named query."""

    name: str
    params: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class SqlSource:
    """The rows of a statement."""

    sql: str


@dataclass(frozen=True, slots=True)
class Expectation:
    """What a table or query must give: these rows, in the columns that they name, or so many rows."""

    source: TableSource | QuerySource | SqlSource
    rows: tuple[Mapping[str, Value], ...] | None
    count: int | None
    ordered: bool
    tolerance: Decimal
    at: Location


Given: TypeAlias = Events | EventFile | TableRows
When: TypeAlias = RunTasks | Advance | RunSql


@dataclass(frozen=True, slots=True)
class Step:
    """What comes in, what happens then, what must be so afterwards."""

    given: tuple[Given, ...]
    when: tuple[When, ...]
    expect: tuple[Expectation, ...]


@dataclass(frozen=True, slots=True)
class UnitTest:
    """One test, on an account of its own whose clock stands at `now`."""

    name: str
    at: Location
    now: datetime
    steps: tuple[Step, ...]


_PARTS = ("given", "when", "expect")


def read_unit_tests(project: Project, renderer: ProjectRenderer) -> tuple[UnitTest, ...]:
    """The tests of all files in the tests' folder. Raises ConfigError or RenderError with file:line."""
    tests: dict[str, UnitTest] = {}
    reader = _Reader(project)
    for file in read_declarations(declaration_files(project.tests), renderer):
        fields = file.fields("now", "tests")
        start = fields.get("now")
        now = START if start is None else start.moment()
        for item in fields.required("tests").items():
            test = reader.test(item, now)
            if test.name in tests:
                first = tests[test.name].at
                raise ConfigError(f"a second test is named '{test.name}'; first in {first}", at=test.at)
            tests[test.name] = test
    return tuple(tests.values())


class _Reader:
    def __init__(self, project: Project) -> None:
        self._root = project.root

    def test(self, declaration: Declaration, now: datetime) -> UnitTest:
        declaration.what = "a test"
        fields = declaration.fields("name", "now", "steps", *_PARTS)
        name, start, steps = fields.required("name").text(), fields.get("now"), fields.get("steps")
        if steps is None:
            found: tuple[Step, ...] = (self._step(fields),)
        else:
            for part in _PARTS:
                if (stray := fields.get(part)) is not None:
                    raise stray.error(f"'{part}' stands beside 'steps'", "move it into a step")
            found = tuple(self._step(_named(item, "a step").fields(*_PARTS)) for item in steps.items())
        if not any(step.expect for step in found):
            raise declaration.error(f"test '{name}' expects nothing", "a test needs 'expect'")
        return UnitTest(name, declaration.at, now if start is None else start.moment(), found)

    def _step(self, fields: Fields) -> Step:
        given, when, expect = (fields.get(part) for part in _PARTS)
        return Step(
            given=() if given is None else tuple(self._given(item) for item in given.items()),
            when=() if when is None else tuple(_when(item) for item in when.items()),
            expect=() if expect is None else tuple(_expectation(item) for item in expect.items()),
        )

    def _given(self, declaration: Declaration) -> Given:
        declaration.what = "an entry of 'given'"
        fields = declaration.fields("events", "file", "table", "rows")
        kind, value = fields.one_of(("events", "file", "table"))
        rows = fields.get("rows")
        if kind == "table":
            return TableRows(value.text(), _rows(fields.required("rows")), declaration.at)
        if rows is not None:
            raise rows.error("'rows' goes with 'table'")
        if kind == "events":
            return Events(tuple(_line(item) for item in value.items()), declaration.at)
        return EventFile(self._file(value), declaration.at)

    def _file(self, declaration: Declaration) -> Path:
        written = Path(declaration.text())
        path = self._root / written
        if not path.is_file():
            beside = (file.relative_to(self._root).as_posix() for file in path.parent.glob("*") if file.is_file())
            near = nearest(str(written), beside)
            hint = "name it by its path from the project's root" if near is None else f"did you mean '{near}'?"
            raise declaration.error(f"file '{written}' does not exist", hint)
        return path


def _named(declaration: Declaration, what: str) -> Declaration:
    declaration.what = what
    return declaration


def _line(declaration: Declaration) -> str:
    """An event: a mapping is written as JSON, text is the line as it stands, for broken ones."""
    value = declaration.value()
    if isinstance(value, dict):
        return json_text(value)
    if not isinstance(value, str):
        raise declaration.error("an event must be a mapping, or text: a line as it stands in a file")
    return value


def _rows(declaration: Declaration, if_empty: str | None = None) -> tuple[Mapping[str, Value], ...]:
    rows = []
    for item in declaration.items(if_empty):
        value = item.value()
        if not isinstance(value, dict) or not value:
            raise item.error("a row must be a mapping of columns to values")
        rows.append(value)
    return tuple(rows)


def _when(declaration: Declaration) -> When:
    declaration.what = "an entry of 'when'"
    fields = declaration.fields("run", "advance", "sql", "fails")
    kind, value = fields.one_of(("run", "advance", "sql"))
    fails = fields.text("fails")
    if kind == "advance":
        return Advance(value.duration(), fails, declaration.at)
    if kind == "sql":
        return RunSql(value.text(), fails, declaration.at)
    names = value.texts()
    if ALL in names and len(names) > 1:
        raise value.error(f"'{ALL}' stands alone")
    return RunTasks(() if names == (ALL,) else names, fails, declaration.at)


def _expectation(declaration: Declaration) -> Expectation:
    declaration.what = "an entry of 'expect'"
    fields = declaration.fields(
        "table", "where", "query", "params", "sql", "rows", "count", "empty", "ordered", "tolerance"
    )
    source = _source(fields)
    kind, value = fields.one_of(("rows", "count", "empty"))
    rows, count = None, None
    if kind == "rows":
        rows = _rows(value, "'empty: true' expects none")
    elif kind == "count":
        count = value.count()
    elif value.flag():
        count = 0
    else:
        raise value.error("'empty' can only be true", "'count' says how many rows there are")
    ordered, tolerance = fields.get("ordered"), fields.get("tolerance")
    for option in (ordered, tolerance):
        if option is not None and rows is None:
            raise option.error(f"{option.what} goes with 'rows'")
    return Expectation(
        source,
        rows,
        count,
        ordered is not None and ordered.flag(),
        Decimal(0) if tolerance is None else tolerance.number(),
        declaration.at,
    )


def _source(fields: Fields) -> TableSource | QuerySource | SqlSource:
    kind, value = fields.one_of(("table", "query", "sql"))
    where, params = fields.get("where"), fields.get("params")
    if where is not None and kind != "table":
        raise where.error("'where' goes with 'table'")
    if params is not None and kind != "query":
        raise params.error("'params' goes with 'query'")
    if kind == "table":
        return TableSource(value.text(), fields.text("where"))
    if kind == "query":
        return QuerySource(value.text(), {} if params is None else _params(params))
    return SqlSource(value.text())


def _params(declaration: Declaration) -> dict[str, str]:
    value = declaration.value()
    if not isinstance(value, dict) or any(isinstance(item, dict | list) or item is None for item in value.values()):
        raise declaration.error("'params' must be a mapping of names to values")
    return {name: str(item).lower() if isinstance(item, bool) else str(item) for name, item in value.items()}
