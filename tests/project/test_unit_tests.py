"""Unit tests as they are read from YAML."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from pipeline.errors import ConfigError
from pipeline.project.render import ProjectRenderer
from pipeline.project.unit_tests import (
    START,
    Advance,
    EventFile,
    Events,
    QuerySource,
    RunSql,
    RunTasks,
    SqlSource,
    TableRows,
    TableSource,
    UnitTest,
    read_unit_tests,
)
from project.folders_of_projects import project

TEXT = """\
now: 2026-03-01T12:00:00+02:00
tests:
  - name: short
    given:
      events:
        - {id: 1, amount: 12.50, at: 2026-03-01, tags: [a, null]}
        - '{"id": '
    when: {run: all}
    expect:
      table: "{{ database }}.t"
      where: a > 0
      rows: [{a: 1.10, b: null}]
      ordered: true
      tolerance: 0.01
  - name: long
    now: 2026-04-01 00:00:00
    steps:
      - given:
          - file: data/a.jsonl
          - {table: t, rows: [{a: 1}, {b: x}]}
        when:
          - {run: [one, two], fails: boom}
          - advance: 1h30m
          - sql: DELETE FROM t
        expect: {query: q, params: {days: 3, all: true, note: x}, count: 2}
      - expect: {sql: SELECT 1, empty: true}
"""


def reading(root: Path, text: str) -> tuple[UnitTest, ...]:
    shop = project(root, {"tests/a.yaml": text, "data/a.jsonl": "{}\n"})
    return read_unit_tests(shop, ProjectRenderer(shop))


def test_a_test_of_one_step(tmp_path: Path) -> None:
    short, _ = reading(tmp_path, TEXT)
    assert (short.name, short.at.line, short.now) == ("short", 3, datetime(2026, 3, 1, 10, tzinfo=UTC))
    (step,) = short.steps
    (events,) = step.given
    assert isinstance(events, Events)
    assert events.lines == ('{"id":1,"amount":12.50,"at":"2026-03-01","tags":["a",null]}', '{"id": ')
    (run,) = step.when
    assert run == RunTasks((), None, run.at)
    (wanted,) = step.expect
    assert wanted.source == TableSource("SHOP.t", "a > 0")
    assert wanted.rows == ({"a": Decimal("1.10"), "b": None},)
    assert (wanted.count, wanted.ordered, wanted.tolerance) == (None, True, Decimal("0.01"))


def test_a_test_of_several_steps(tmp_path: Path) -> None:
    _, long = reading(tmp_path, TEXT)
    assert long.now == datetime(2026, 4, 1, tzinfo=UTC)
    first, second = long.steps
    file, rows = first.given
    assert isinstance(file, EventFile)
    assert file.path == tmp_path / "data" / "a.jsonl"
    assert isinstance(rows, TableRows)
    assert (rows.table, rows.rows, rows.at.line) == ("t", ({"a": 1}, {"b": "x"}), 20)
    run, advance, sql = first.when
    assert run == RunTasks(("one", "two"), "boom", run.at)
    assert advance == Advance(timedelta(hours=1, minutes=30), None, advance.at)
    assert sql == RunSql("DELETE FROM t", None, sql.at)
    assert first.expect[0].source == QuerySource("q", {"days": "3", "all": "true", "note": "x"})
    assert first.expect[0].count == 2
    assert (second.expect[0].source, second.expect[0].count) == (SqlSource("SELECT 1"), 0)


def test_the_clock_starts_at_a_known_time(tmp_path: Path) -> None:
    (only,) = reading(tmp_path, "tests:\n  - {name: n, expect: {table: t, count: 0}}\n")
    assert only.now == START


@pytest.mark.parametrize(
    ("entry", "message", "hint"),
    [
        ("expect: {table: t, rows: []}", "'rows' is an empty list", "'empty: true' expects none"),
        (
            "given: {file: data/a.jsonll}\n    expect: {table: t, count: 0}",
            "file 'data/a.jsonll' does not exist",
            "did you mean 'data/a.jsonl'?",
        ),
        (
            "given: {file: sales.csv}\n    expect: {table: t, count: 0}",
            "file 'sales.csv' does not exist",
            "name it by its path from the project's root",
        ),
    ],
)
def test_a_fault_tells_the_way_out(tmp_path: Path, entry: str, message: str, hint: str) -> None:
    with pytest.raises(ConfigError) as caught:
        reading(tmp_path, f"tests:\n  - name: a\n    {entry}\n")
    assert (caught.value.message, caught.value.hint) == (message, hint)
