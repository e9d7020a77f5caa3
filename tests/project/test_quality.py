"""Checks as they are read from YAML."""

from datetime import timedelta
from decimal import Decimal
from pathlib import Path

from pipeline.project.quality import (
    AcceptedValues,
    Condition,
    Freshness,
    NotNull,
    Quality,
    Range,
    Relationship,
    Severity,
    Unique,
    read_quality,
)
from pipeline.project.render import ProjectRenderer
from project.folders_of_projects import project

TEXT = """\
tables:
  - table: "{{ database }}.raw.events"
    where: day > '2026-01-01'
    key: id
    severity: warn
    checks:
      - not_null: [id, day]
      - unique: [id, day]
        severity: error
      - accepted_values: {column: kind, values: [A, 1, true]}
      - range: {column: amount, min: 0, max: "{{ days }}"}
      - relationships: {column: id, table: raw.parents}
      - freshness: {column: day, within: 1d12h}
      - name: sums
        condition: a = b
balances:
  - name: in is out
    rows: {table: raw.events, where: kind = 'A'}
    equal:
      - {sql: SELECT 1;, label: one}
    while_empty: raw.stream
sql:
  - name: none
    query: |
      SELECT 1
      WHERE FALSE;
"""


def quality(root: Path, text: str) -> Quality:
    shop = project(root, {"quality/a.yaml": text})
    return read_quality(shop, ProjectRenderer(shop))


def test_every_kind_of_rule(tmp_path: Path) -> None:
    (table,) = quality(tmp_path, TEXT).tables
    assert (table.table, table.where, table.key) == ("SHOP.raw.events", "day > '2026-01-01'", ("id",))
    assert [(check.name, check.at.line, check.severity, check.rule) for check in table.checks] == [
        ("raw.events: id is not null", 7, Severity.WARN, NotNull("id")),
        ("raw.events: day is not null", 7, Severity.WARN, NotNull("day")),
        ("raw.events: id, day are unique", 8, Severity.ERROR, Unique(("id", "day"))),
        ("raw.events: kind is one of A, 1, True", 10, Severity.WARN, AcceptedValues("kind", ("A", 1, True))),
        ("raw.events: amount is between 0 and 30", 11, Severity.WARN, Range("amount", 0, "30")),
        ("raw.events: id is found in raw.parents.id", 12, Severity.WARN, Relationship("id", "raw.parents", "id")),
        (
            "raw.events: day is newer than 1 day, 12:00:00",
            13,
            Severity.WARN,
            Freshness("day", timedelta(days=1, hours=12)),
        ),
        ("sums", 14, Severity.WARN, Condition("a = b")),
    ]


def test_balances_and_queries(tmp_path: Path) -> None:
    found = quality(tmp_path, TEXT)
    (balance,) = found.balances
    assert (balance.name, balance.severity, balance.while_empty) == ("in is out", Severity.ERROR, ("raw.stream",))
    assert (balance.total.label, balance.total.table, balance.total.where) == ("raw.events", "raw.events", "kind = 'A'")
    assert [(part.label, part.sql) for part in balance.parts] == [("one", "SELECT 1")]
    (query,) = found.queries
    assert (query.name, query.sql, query.at.line) == ("none", "SELECT 1\nWHERE FALSE", 23)


def test_files_add_up_and_none_is_nothing(tmp_path: Path) -> None:
    assert quality(tmp_path / "one", "sql: {name: a, query: SELECT 1}\n").queries[0].name == "a"
    shop = project(tmp_path / "two", {"quality/a.yaml": TEXT, "quality/b.yaml": TEXT})
    assert len(read_quality(shop, ProjectRenderer(shop)).tables) == 2
    bare = project(tmp_path / "three", {})
    assert read_quality(bare, ProjectRenderer(bare)) == Quality((), (), ())


def test_bounds_may_be_of_any_kind(tmp_path: Path) -> None:
    text = "tables:\n  - table: t\n    checks:\n"
    text += "      - range: {column: a, min: 0.10}\n      - range: {column: d, max: 2026-01-31}\n"
    rules = [check.rule for check in quality(tmp_path, text).tables[0].checks]
    assert rules == [Range("a", Decimal("0.10"), None), Range("d", None, "2026-01-31")]
