"""Check the data that a project declares checks for: one statement for all, one more for each that fails."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from enum import StrEnum

from pipeline.commands.quality_sql import Probe, apart, offending, probes, statement
from pipeline.commands.workspace import Request, Workspace, open_workspace
from pipeline.errors import Location, StatementFailed, UsageError
from pipeline.project.quality import (
    FOLDER,
    Balance,
    CustomSql,
    Freshness,
    Severity,
    TableCheck,
    TableChecks,
    read_quality,
)
from pipeline.sql.names import render
from pipeline.targets.session import Row, Session

SAMPLE = 5
"""Offending rows that are shown for a check."""


class State(StrEnum):
    """How a check came out."""

    PASSED = "passed"
    FAILED = "failed"
    SKIPPED = "skipped"
    """It says nothing now: rows wait in a stream."""
    ERROR = "error"
    """The account refused its SQL."""


@dataclass(frozen=True, slots=True)
class Sample:
    """Some of the offending rows."""

    columns: tuple[str, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class CheckResult:
    """One check; `failures` counts offending rows, of a balance the rows too many or too few."""

    name: str
    at: Location
    severity: Severity
    state: State
    failures: int = 0
    detail: str = ""
    sample: Sample | None = None

    @property
    def bad(self) -> bool:
        """Whether the check must hold and does not; one that cannot be run always counts."""
        return self.state is State.ERROR or (self.state is State.FAILED and self.severity is Severity.ERROR)

    @property
    def warns(self) -> bool:
        return self.state is State.FAILED and self.severity is Severity.WARN


@dataclass(frozen=True, slots=True)
class QualityReport:
    """All checks, in the order of the files; `statements` were needed for them."""

    environment: str
    results: tuple[CheckResult, ...]
    statements: int
    seconds: float

    def count(self, state: State) -> int:
        return sum(result.state is state for result in self.results)


def check_quality(request: Request, say: Callable[[str], None], *, limit: int = SAMPLE) -> QualityReport:
    """Run all checks of the project on its target. Raises UsageError when it declares none."""
    workspace = open_workspace(request)
    if not probes(read_quality(workspace.project, workspace.renderer)):
        raise UsageError(
            f"The project has no checks in {workspace.root / FOLDER}.", hint="docs/quality.md shows how to write them."
        )
    with workspace.connect(request, say) as session:
        session.tag("pipeline test --quality")
        session.run_if_exists(f"USE DATABASE {render(workspace.database)}")
        return quality_report(workspace, session, limit=limit)


def quality_report(workspace: Workspace, session: Session, *, limit: int = SAMPLE) -> QualityReport:
    """Run all checks in a session whose database is the project's; an empty report when it declares none.

    The session is left with the time zone UTC: that is what a time without zone means in the checks.
    """
    began = time.perf_counter()
    session.run("ALTER SESSION SET TIMEZONE = 'UTC'")
    examination = _Examination(session, limit)
    results = examination.results(probes(read_quality(workspace.project, workspace.renderer)))
    return QualityReport(workspace.environment, results, examination.statements, time.perf_counter() - began)


class _Examination:
    """Probes sent, answers judged, and the statements counted."""

    def __init__(self, session: Session, limit: int) -> None:
        self._session = session
        self._limit = limit
        self.statements = 0

    def results(self, several: tuple[Probe, ...]) -> tuple[CheckResult, ...]:
        return tuple(result for probe, numbers in self._answers(several) for result in self._judged(probe, numbers))

    def _run(self, sql: str) -> tuple[tuple[str, ...], tuple[Row, ...]]:
        self.statements += 1
        outcome = self._session.run(sql)
        return outcome.columns, outcome.rows

    def _answers(self, several: tuple[Probe, ...]) -> list[tuple[Probe, "tuple[object, ...] | StatementFailed"]]:
        """All in one statement; if the account refuses it, one by one, to say which table and which check it means."""
        if not several:
            return []
        try:
            _, rows = self._run(statement(several))
        except StatementFailed as error:
            parts = several if len(several) > 1 else apart(several[0])
            if len(parts) == 1:
                return [(parts[0], error)]
            return [answer for probe in parts for answer in self._answers((probe,))]
        by_number = {int(str(row[0])): row[1:] for row in rows}
        return [(probe, by_number[number]) for number, probe in enumerate(several)]

    def _judged(self, probe: Probe, numbers: "tuple[object, ...] | StatementFailed") -> Iterator[CheckResult]:
        if isinstance(numbers, StatementFailed):
            yield from _refused(probe, numbers)
            return
        match probe.of:
            case TableChecks() as table:
                for check, number in zip(table.checks, numbers[1 : 1 + len(table.checks)], strict=True):
                    yield self._table_result(table, check, number)
            case Balance() as balance:
                yield _balance_result(balance, numbers)
            case CustomSql() as query:
                yield self._custom_result(query, _whole(numbers[0]))

    def _table_result(self, table: TableChecks, check: TableCheck, number: object) -> CheckResult:
        if isinstance(check.rule, Freshness):
            return _freshness_result(check, check.rule, number)
        failures = _whole(number)
        if not failures:
            return CheckResult(check.name, check.at, check.severity, State.PASSED)
        sql = offending(table, check.rule, self._limit)
        assert sql is not None, "only freshness has no rows to show"
        return self._failed(check, failures, sql)

    def _custom_result(self, query: CustomSql, failures: int) -> CheckResult:
        if not failures:
            return CheckResult(query.name, query.at, query.severity, State.PASSED)
        return self._failed(query, failures, f"SELECT * FROM ({query.sql}\n) LIMIT {self._limit}")

    def _failed(self, check: TableCheck | CustomSql, failures: int, sql: str) -> CheckResult:
        sample = Sample(*self._run(sql)) if self._limit else None
        detail = f"{failures} {'row' if failures == 1 else 'rows'}"
        return CheckResult(check.name, check.at, check.severity, State.FAILED, failures, detail, sample)


def _refused(probe: Probe, error: StatementFailed) -> Iterator[CheckResult]:
    """A check that cannot be run holds for nobody: each one of the probe is an error."""
    checks = probe.of.checks if isinstance(probe.of, TableChecks) else (probe.of,)
    detail = " ".join(error.message.splitlines())
    for check in checks:
        yield CheckResult(check.name, check.at, check.severity, State.ERROR, detail=detail)


def _freshness_result(check: TableCheck, rule: Freshness, age: object) -> CheckResult:
    if age is None:
        return CheckResult(check.name, check.at, check.severity, State.FAILED, detail="there is no row")
    old = timedelta(seconds=_whole(age))
    state = State.PASSED if old <= rule.within else State.FAILED
    return CheckResult(check.name, check.at, check.severity, state, detail=f"the newest is {old} old")


def _balance_result(balance: Balance, numbers: tuple[object, ...]) -> CheckResult:
    sides = 1 + len(balance.parts)
    for count, number in zip((balance.total, *balance.parts), numbers, strict=False):
        if not _is_whole(number):
            detail = f"'{count.label}' is {'NULL' if number is None else number}, not a number of rows"
            return CheckResult(balance.name, balance.at, balance.severity, State.ERROR, detail=detail)
    total, *parts = (_whole(number) for number in numbers[:sides])
    streams = zip(balance.while_empty, numbers[sides : sides + len(balance.while_empty)], strict=True)
    waiting = [stream for stream, has_rows in streams if _whole(has_rows)]
    if waiting:
        detail = f"rows wait in {', '.join(waiting)}"
        return CheckResult(balance.name, balance.at, balance.severity, State.SKIPPED, detail=detail)
    counts = " + ".join(f"{number} {count.label}" for count, number in zip(balance.parts, parts, strict=True))
    sign = "=" if total == sum(parts) else "≠"
    state = State.PASSED if total == sum(parts) else State.FAILED
    detail = f"{total} {balance.total.label} {sign} {counts}"
    return CheckResult(balance.name, balance.at, balance.severity, state, abs(total - sum(parts)), detail)


def _is_whole(number: object) -> bool:
    """Whether it is a whole number; `3.00` and `3.0` are: a query that gives one makes the other checks' numbers so."""
    return isinstance(number, int | Decimal | float) and number == number // 1


def _whole(number: object) -> int:
    return int(number) if isinstance(number, Decimal | float) else int(str(number))


@dataclass(frozen=True, slots=True)
class Finding:
    """A line of the pipeline's health: what does not hold and how much that matters; None: everything holds."""

    severity: Severity | None
    detail: str
    hint: str | None = None


def quality_findings(workspace: Workspace, session: Session) -> tuple[Finding, ...]:
    """The quality of the data in a few lines; none when the project declares no check."""
    report = quality_report(workspace, session, limit=0)
    bad = [result for result in report.results if result.bad or result.warns]
    hint = "`pipeline test --quality` shows the rows."
    found = [
        Finding(Severity.ERROR if result.bad else Severity.WARN, f"{result.name}: {result.detail}", hint)
        for result in bad
    ]
    passed = report.count(State.PASSED)
    return (*found, Finding(None, f"{passed} of {len(report.results)} checks hold")) if report.results else ()
