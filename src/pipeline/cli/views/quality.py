"""Checks of the data: how each came out, and rows that break it."""

from rich.console import Console

from pipeline.cli.screen import plain
from pipeline.cli.views.table import draw
from pipeline.cli.views.tests import place
from pipeline.cli.words import counted, duration
from pipeline.commands.quality import CheckResult, QualityReport, State
from pipeline.commands.row_values import shown

_VERDICTS = {State.PASSED: "✓", State.FAILED: "✗", State.SKIPPED: "–", State.ERROR: "!"}


def view(report: QualityReport, console: Console) -> None:
    """A line per check, the offending rows of those that do not hold, and the count."""
    draw(
        console,
        ("", "check", "finding"),
        ((_mark(result), result.name, result.detail) for result in report.results),
    )
    for result in report.results:
        if result.bad or result.warns:
            _write_rows(result, console)
    console.print(f"\n{_summary(report)}", soft_wrap=True)


def document(report: QualityReport) -> dict[str, object]:
    """Every check as JSON."""
    return {
        "environment": report.environment,
        "passed": report.count(State.PASSED),
        "failed": sum(result.bad for result in report.results),
        "warnings": sum(result.warns for result in report.results),
        "skipped": report.count(State.SKIPPED),
        "statements": report.statements,
        "seconds": report.seconds,
        "checks": [
            {
                "name": result.name,
                "at": place(result.at),
                "severity": result.severity,
                "state": result.state,
                "failures": result.failures,
                "detail": result.detail,
                "rows": _records(result),
            }
            for result in report.results
        ],
    }


def _mark(result: CheckResult) -> str:
    return "!" if result.warns else _VERDICTS[result.state]


def _records(result: CheckResult) -> list[dict[str, object]]:
    if result.sample is None:
        return []
    columns = result.sample.columns
    return [{column: plain(value) for column, value in zip(columns, row, strict=True)} for row in result.sample.rows]


def _write_rows(result: CheckResult, console: Console) -> None:
    console.print(f"\n{place(result.at)}  {result.name}", style="bold", soft_wrap=True)
    if result.sample is None:
        console.print(result.detail, soft_wrap=True)
        return
    draw(console, result.sample.columns, ([shown(value) for value in row] for row in result.sample.rows))
    if result.failures > len(result.sample.rows):
        console.print("… and more", soft_wrap=True)


def _summary(report: QualityReport) -> str:
    counts = [f"{counted(len(report.results), 'check')}", f"{report.count(State.PASSED)} passed"]
    failed = sum(result.bad for result in report.results)
    warnings = sum(result.warns for result in report.results)
    skipped = report.count(State.SKIPPED)
    counts += [f"{failed} failed"] if failed else []
    counts += [counted(warnings, "warning")] if warnings else []
    counts += [f"{skipped} skipped"] if skipped else []
    spent = f"{counted(report.statements, 'statement')}, {duration(report.seconds)}"
    return f"{', '.join(counts)} in {report.environment} ({spent})"
