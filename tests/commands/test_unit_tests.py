"""Users' tests, played for real: what passes, what fails and what it then says."""

from pathlib import Path

import pytest

from commands.small_shop import ALL, small_shop
from pipeline.commands.trials import Verdict
from pipeline.commands.unit_tests import TestEvent, TestReport, TrialFinished, run_unit_tests
from pipeline.errors import StatementFailed, UsageError

PASSING = """\
tests:
  - name: from event to day, in two batches
    steps:
      - given:
          events:
            - {id: 1, amount: 1.10, day: 2026-01-01}
            - {id: 2, amount: 2.20, day: 2026-01-01}
        when: {run: read_raw}
        expect:
          - {table: s.sales, rows: [{id: 2, amount: 2.20}, {id: 1, amount: 1.10}]}
          - {table: s.days, rows: [{day: 2026-01-01, amount: 3.30}]}
          - {query: sales-of, params: {id: 2}, rows: [{id: 2}]}
          - {table: s.totals, rows: [{sales: 2}]}
      - given:
          events:
            - {id: 1, amount: 1.10, day: 2026-01-01}
        when: {advance: 1m}
        expect:
          - {table: s.days, count: 2}
          - {table: s.new_sales, empty: true}

  - name: the account is fresh
    expect: {table: s.sales, empty: true}

  - name: rows straight into a table
    given:
      table: s.sales
      rows:
        - {id: 1, amount: 1.5, rate: 0.1, tags: {a: [1, null]}}
        - {id: 2, day: 2026-01-02}
        - {id: 3, day: null}
    expect:
      - table: s.sales
        where: id < 3
        ordered: true
        rows:
          - {id: 1, amount: 1.50, rate: 0.1, tags: {a: [1, null]}}
          - {id: 2, day: 2026-01-02, amount: null}
      - {sql: SELECT AVG(rate) / 3 AS third FROM s.sales, rows: [{third: 0.0333}], tolerance: 0.001}

  - name: the clock stands still at the time given
    now: 2026-05-01T12:00:00Z
    expect:
      sql: SELECT DATE_TRUNC('second', CURRENT_TIMESTAMP()) AS now
      rows: [{now: 2026-05-01T12:00:00Z}]

  - name: what must fail
    given: {events: [{id: 1, amount: many, day: 2026-01-01}]}
    when:
      - {run: read_raw, fails: many}
      - {sql: SELECT * FROM s.nowhere, fails: does not exist}
      - {advance: 5m, fails: many}
    expect: {table: s.sales, empty: true}
"""

FAILING = """\
tests:
  - name: other rows
    given: {table: s.sales, rows: [{id: 1, amount: 2.00}]}
    expect:
      - table: s.sales
        rows: [{id: 1, amount: 2.50}]
      - {table: s.sales, count: 1}
      - {table: s.totals, empty: true}
      - {table: s.sales, rows: [{ammount: 1}]}
  - name: nothing after the first step that fails
    steps:
      - expect: {table: s.sales, count: 1}
      - when: {sql: no SQL}
  - name: a statement that fails
    when:
      sql: SELECT * FROM s.nowhere
    expect: {table: s.sales, empty: true}
  - name: a task that fails by itself
    given: {events: [{id: x}]}
    when: {advance: 1m}
    expect: {table: s.sales, empty: true}
  - name: no failure where one must be
    when: {run: all, fails: boom}
    expect: {table: s.sales, empty: true}
  - name: another failure than the one that must be
    when: {sql: SELECT * FROM s.nowhere, fails: boom}
    expect: {table: s.sales, empty: true}
  - name: a child is no root
    when: {run: add_days}
    expect: {table: s.sales, empty: true}
  - name: no such query
    expect: {query: sales, empty: true}
"""


def run(
    folder: Path, tests: str, *names: str, keyword: str | None = None, listen: list[TestEvent] | None = None
) -> TestReport:
    request = small_shop(folder, {"tests/a.yaml": tests})
    heard = [] if listen is None else listen
    return run_unit_tests(request, names=names, keyword=keyword, listen=heard.append)


def test_what_passes(tmp_path: Path) -> None:
    heard: list[TestEvent] = []
    report = run(tmp_path, PASSING, listen=heard)
    assert [(result.name, result.problems) for result in report.results if result.problems] == []
    assert report.passed
    assert [result.name for result in report.results][:2] == [
        "from event to day, in two batches",
        "the account is fresh",
    ]
    finished = [event for event in heard if isinstance(event, TrialFinished)]
    assert [(event.number, event.total) for event in finished] == [(number, 5) for number in range(1, 6)]
    assert not (tmp_path / ".pipeline" / "local").exists(), "the project's own account is not touched"


@pytest.fixture(scope="module")
def failures(tmp_path_factory: pytest.TempPathFactory) -> TestReport:
    return run(tmp_path_factory.mktemp("failing"), FAILING)


def test_a_failed_expectation_says_which_rows_differ(failures: TestReport) -> None:
    result = failures.results[0]
    assert result.verdict is Verdict.FAILED
    assert [(problem.at.line, problem.message, problem.hint) for problem in result.problems] == [
        (5, "s.sales: 1 expected not found, 1 found not expected", None),
        (8, "s.totals: no row expected, 1 found", None),
        (9, "s.sales has no column 'ammount'", "did you mean 'amount'?"),
    ]
    diff = result.problems[0].diff
    assert diff is not None
    assert [(line.sign, line.cells) for line in diff.lines] == [("-", ("1", "2.50")), ("+", ("1", "2.00"))]


def test_a_test_ends_with_the_first_step_that_fails(failures: TestReport) -> None:
    result = failures.results[1]
    assert result.verdict is Verdict.FAILED
    assert [(problem.at.line, problem.message) for problem in result.problems] == [
        (12, "s.sales: 1 row expected, 0 found")
    ]


@pytest.mark.parametrize(
    ("number", "line", "words"),
    [
        (2, 16, "does not exist"),
        (3, 20, "Task SHOP.S.READ_RAW ended as FAILED"),
        (4, 23, "did not fail with 'boom'"),
        (5, 26, "failed otherwise than with 'boom': "),
        (6, 29, "Task SHOP.S.ADD_DAYS is not the root of its graph."),
        (7, 32, "there is no query 'sales'"),
    ],
)
def test_what_cannot_be_played_is_an_error_at_its_line(
    failures: TestReport, number: int, line: int, words: str
) -> None:
    result = failures.results[number]
    assert result.verdict is Verdict.ERROR
    (problem,) = result.problems
    assert problem.at.line == line
    assert words in problem.message


def test_choosing_tests(tmp_path: Path) -> None:
    request = small_shop(tmp_path, {"tests/a.yaml": PASSING, "tests/b.yaml": FAILING})

    def names(*chosen: str, keyword: str | None = None) -> list[str]:
        report = run_unit_tests(request, names=chosen, keyword=keyword, jobs=1, listen=lambda _event: None)
        return [result.name for result in report.results]

    assert names("the account is fresh", keyword="FRESH") == ["the account is fresh"]
    assert names("b", keyword="no such") == ["no such query"]
    assert names(str(tmp_path / "tests" / "a.yaml"), keyword="straight") == ["rows straight into a table"]
    with pytest.raises(UsageError, match="There is no test 'the account is flesh'") as caught:
        names("the account is flesh")
    assert caught.value.hint == "did you mean 'the account is fresh'?"
    with pytest.raises(UsageError, match="No test has 'xyz' in its name"):
        names(keyword="xyz")


def test_no_tests_at_all(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="There are no tests in"):
        run_unit_tests(small_shop(tmp_path, {}), listen=lambda _event: None)


def test_a_project_that_does_not_deploy(tmp_path: Path) -> None:
    request = small_shop(
        tmp_path, {"tests/a.yaml": PASSING, "sql/all.sql": ALL + "\nCREATE TABLE shop.nowhere.t (a INT);\n"}
    )
    with pytest.raises(StatementFailed) as caught:
        run_unit_tests(request, listen=lambda _event: None)
    assert str(caught.value.at).endswith("sql/all.sql:16")
