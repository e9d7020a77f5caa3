"""Checks of the data on a real account: what holds, what does not, and in how few statements it is known."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from commands.small_shop import small_shop
from pipeline.commands.deploy import deploy
from pipeline.commands.quality import (
    CheckResult,
    Finding,
    QualityReport,
    State,
    check_quality,
    quality_findings,
    quality_report,
)
from pipeline.commands.quality_sql import probes, statement
from pipeline.commands.workspace import open_workspace
from pipeline.errors import UsageError
from pipeline.project.quality import Severity, read_quality
from pipeline.targets.session import Session

CHECKS = """\
tables:
  - table: s.sales
    key: id
    checks:
      - {name: filled, not_null: day}
      - {name: once, unique: id}
      - {name: pair once, unique: [id, day]}
      - {name: known, accepted_values: {column: amount, values: [1.00, 2.00]}}
      - {name: between, range: {column: amount, min: 0, max: 5}}
      - {name: after, range: {column: day, min: 2026-01-01}}
      - {name: has a day, relationships: {column: day, table: s.days}}
      - {name: condition, condition: amount <> 3, severity: warn}
      - {name: fresh, freshness: {column: day, within: 3650d}}
  - table: s.sales
    where: id > 1
    checks:
      - {name: chosen rows, not_null: amount}
  - table: s.raw
    checks:
      - {name: loaded, freshness: {column: loaded_at, within: 1h}}
balances:
  - name: sums
    rows: {label: sales, table: s.sales}
    equal:
      - {label: with a day, table: s.sales, where: day IS NOT NULL}
      - {label: of nothing, sql: SELECT 0}
  - name: read
    rows: {table: s.raw}
    equal: {table: s.sales}
    while_empty: s.new_raw
sql:
  - name: own
    query: SELECT id, amount FROM s.sales WHERE amount > 2 ORDER BY id -- with a comment
"""

NAMES = [
    "filled",
    "once",
    "pair once",
    "known",
    "between",
    "after",
    "has a day",
    "condition",
    "fresh",
    "chosen rows",
    "loaded",
    "sums",
    "read",
    "own",
]


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    request = small_shop(tmp_path, {"quality/a.yaml": CHECKS})
    deploy(request, listen=lambda _event: None, stop=lambda: False)
    workspace = open_workspace(request)
    with workspace.connect(request, lambda _text: None) as opened:
        opened.run("USE DATABASE shop")
        yield opened


def report_of(folder: Path, session: Session, text: str = CHECKS, limit: int = 5) -> QualityReport:
    (folder / "quality" / "a.yaml").write_text(text, encoding="utf-8")
    workspace = open_workspace(small_shop(folder, {}))
    return quality_report(workspace, session, limit=limit)


def by_name(report: QualityReport) -> dict[str, CheckResult]:
    return {result.name: result for result in report.results}


def test_everything_holds_in_one_statement(tmp_path: Path, session: Session) -> None:
    session.run("INSERT INTO s.days SELECT '2026-01-01', 1")
    session.run("INSERT INTO s.sales (id, amount, day) SELECT 1, 1, '2026-01-01' UNION ALL SELECT 2, 2, '2026-01-01'")
    session.run("INSERT INTO s.raw SELECT PARSE_JSON('{}'), CURRENT_TIMESTAMP()")
    report = report_of(tmp_path, session)
    assert [result.name for result in report.results] == NAMES
    assert [(result.name, result.state) for result in report.results if result.state is not State.PASSED] == [
        ("read", State.SKIPPED)
    ]
    assert by_name(report)["read"].detail == "rows wait in s.new_raw"
    assert by_name(report)["sums"].detail == "2 sales = 2 with a day + 0 of nothing"
    assert report.statements == 1


def test_on_empty_tables_nothing_fails_but_freshness(tmp_path: Path, session: Session) -> None:
    report = report_of(tmp_path, session)
    assert [(result.name, result.detail) for result in report.results if result.state is State.FAILED] == [
        ("fresh", "there is no row"),
        ("loaded", "there is no row"),
    ]
    assert report.statements == 1


def fill_with_faults(session: Session) -> None:
    session.run(
        "INSERT INTO s.sales (id, amount, day) SELECT 1, 1, NULL UNION ALL SELECT 1, 3, '2025-12-31'"
        " UNION ALL SELECT 1, 3, '2025-12-31' UNION ALL SELECT 2, 9, '2025-12-31' UNION ALL SELECT NULL, NULL, NULL"
    )
    session.run("INSERT INTO s.raw SELECT PARSE_JSON('{}'), DATEADD('hour', -2, CURRENT_TIMESTAMP())")


def test_what_does_not_hold_shows_its_rows(tmp_path: Path, session: Session) -> None:
    fill_with_faults(session)
    report = report_of(tmp_path, session)
    found = by_name(report)
    assert {name: result.failures for name, result in found.items() if result.state is State.FAILED} == {
        "filled": 2,
        "once": 2,
        "pair once": 1,
        "known": 3,
        "between": 1,
        "after": 3,
        "has a day": 3,
        "condition": 2,
        "loaded": 0,
        "sums": 2,
        "own": 3,
    }
    assert found["fresh"].state is State.PASSED
    assert found["loaded"].detail.startswith("the newest is 2:00:0")
    assert found["sums"].detail == "5 sales ≠ 3 with a day + 0 of nothing"
    assert [name for name, result in found.items() if result.warns] == ["condition"]
    assert found["filled"].at.line == 5

    samples = {name: result.sample for name, result in found.items() if result.sample is not None}
    assert samples["between"].columns == ("ID", "AMOUNT")
    assert [str(value) for value in samples["between"].rows[0]] == ["2", "9.00"]
    assert [row[0] for row in samples["once"].rows] == [1, 1, 1]
    assert samples["condition"].columns == ("ID", "AMOUNT", "RATE", "DAY", "TAGS")
    assert len(samples["own"].rows) == 3
    assert report.statements == 1 + len(samples)


def test_a_limit_of_zero_asks_for_no_rows(tmp_path: Path, session: Session) -> None:
    fill_with_faults(session)
    report = report_of(tmp_path, session, limit=0)
    assert report.statements == 1
    assert all(result.sample is None for result in report.results)


def test_a_check_that_cannot_run_is_told_from_the_others(tmp_path: Path, session: Session) -> None:
    broken = CHECKS.replace("not_null: amount", "not_null: ammount")
    report = report_of(tmp_path, session, broken)
    errors = [result for result in report.results if result.state is State.ERROR]
    assert [(result.name, result.at.line, result.bad) for result in errors] == [("chosen rows", 17, True)]
    assert "AMMOUNT" in errors[0].detail
    assert by_name(report)["sums"].state is State.PASSED


def test_one_check_of_a_table_that_cannot_run_leaves_the_others(tmp_path: Path, session: Session) -> None:
    broken = CHECKS.replace("condition: amount <> 3", "condition: amount <> 3 and")
    errors = [result.name for result in report_of(tmp_path, session, broken).results if result.state is State.ERROR]
    assert errors == ["condition"]


COMMENTS = """\
tables:
  - table: s.sales
    where: id > 0 -- all of them
    checks:
      - {name: condition, condition: amount > 5 -- or more}
      - {name: once, unique: id}
balances:
  - name: sums
    rows: {label: a, table: s.sales, where: id > 0 -- all}
    equal: {label: b, sql: SELECT COUNT(*) FROM s.sales WHERE id > 0 -- all}
"""


def test_comments_end_where_they_are_written(tmp_path: Path, session: Session) -> None:
    fill_with_faults(session)
    states = {result.name: result.state for result in report_of(tmp_path, session, COMMENTS).results}
    assert states == {"condition": State.FAILED, "once": State.FAILED, "sums": State.PASSED}


@pytest.mark.parametrize(
    ("sql", "state", "detail"),
    [
        ("SELECT 3.00", State.PASSED, "3 three = 3 other"),
        ("SELECT 3::FLOAT", State.PASSED, "3 three = 3 other"),
        ("SELECT NULL", State.ERROR, "'other' is NULL, not a number of rows"),
        ("SELECT 2.5", State.ERROR, "'other' is 2.5, not a number of rows"),
        ("SELECT 'many'", State.ERROR, "'other' is many, not a number of rows"),
    ],
)
def test_a_side_of_a_balance_is_a_number_of_rows(
    tmp_path: Path, session: Session, sql: str, state: State, detail: str
) -> None:
    text = CHECKS.partition("balances:")[0] + "balances:\n  - name: sums\n    rows: {label: three, sql: SELECT 3}\n"
    report = report_of(tmp_path, session, f'{text}    equal: {{label: other, sql: "{sql}"}}\n')
    result = by_name(report)["sums"]
    assert (result.state, result.detail) == (state, detail)


def test_times_without_zone_are_utc_whatever_the_session_says(tmp_path: Path, session: Session) -> None:
    session.run("ALTER SESSION SET TIMEZONE = 'Asia/Tokyo'")
    session.run("CREATE TABLE s.moments AS SELECT SYSDATE() AS at")
    text = "tables: {table: s.moments, checks: {name: fresh, freshness: {column: at, within: 5m}}}\n"
    (result,) = report_of(tmp_path, session, text).results
    assert result.state is State.PASSED


def test_findings_for_health(tmp_path: Path, session: Session) -> None:
    fill_with_faults(session)
    text = CHECKS.partition("      - {name: once")[0] + "      - {name: warns, condition: amount < 9, severity: warn}\n"
    (tmp_path / "quality" / "a.yaml").write_text(text, encoding="utf-8")
    workspace = open_workspace(small_shop(tmp_path, {}))
    hint = "`pipeline test --quality` shows the rows."
    assert quality_findings(workspace, session) == (
        Finding(Severity.ERROR, "filled: 2 rows", hint),
        Finding(Severity.WARN, "warns: 1 row", hint),
        Finding(None, "0 of 2 checks hold"),
    )
    (tmp_path / "quality" / "a.yaml").unlink()
    assert quality_findings(workspace, session) == ()


def test_no_checks_at_all(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="The project has no checks in"):
        check_quality(small_shop(tmp_path, {}), lambda _text: None)


def test_the_statement(tmp_path: Path) -> None:
    text = CHECKS.partition("      - {name: known")[0]
    text += "sql: {name: own, query: SELECT 1}\n"
    workspace = open_workspace(small_shop(tmp_path, {"quality/a.yaml": text}))
    assert statement(probes(read_quality(workspace.project, workspace.renderer))) == (
        "SELECT 0 AS n0, COUNT(*) AS n1, COALESCE(COUNT_IF(day IS NULL), 0) AS n2,"
        " COALESCE(COUNT_IF(id IS NOT NULL), 0) - COUNT(DISTINCT id) AS n3,"
        " COALESCE(COUNT_IF(id IS NOT NULL AND day IS NOT NULL), 0) - COUNT(DISTINCT id, day) AS n4"
        " FROM s.sales AS checked\n"
        "UNION ALL\n"
        "SELECT 1 AS n0, COUNT(*) AS n1, NULL AS n2, NULL AS n3, NULL AS n4 FROM (SELECT 1\n)"
    )
