"""Unit tests of the user's pipeline: which failed, where, and the rows that differ."""

import xml.etree.ElementTree as ElementTree
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from pipeline.cli.views.error import shown_path
from pipeline.cli.words import counted, duration
from pipeline.commands.row_diff import DiffLine, RowDiff, Sign
from pipeline.commands.trials import Problem, TrialResult, Verdict
from pipeline.commands.unit_tests import TestReport
from pipeline.errors import Location

MOST_LINES = 40
"""Lines of a diff that are shown; a table that is wrong everywhere says so in fewer."""

_MARKS = {Verdict.PASSED: "✓", Verdict.FAILED: "✗", Verdict.ERROR: "!"}
_STYLES = {Sign.MISSING: "red", Sign.SURPLUS: "green"}


def line_of(result: TrialResult) -> str:
    """One line as a test ends."""
    return f"{_MARKS[result.verdict]} {place(result.at)}  {result.name}  {duration(result.seconds)}"


def view(report: TestReport, console: Console) -> None:
    """The tests that did not pass, each with its problems, and the count."""
    for result in report.results:
        if result.verdict is not Verdict.PASSED:
            _write_result(result, console)
    console.print(_summary(report), soft_wrap=True)


def document(report: TestReport) -> dict[str, object]:
    """Every test as JSON."""
    return {
        "project": report.project,
        "passed": report.count(Verdict.PASSED),
        "failed": report.count(Verdict.FAILED),
        "errors": report.count(Verdict.ERROR),
        "seconds": report.seconds,
        "tests": [
            {
                "name": result.name,
                "at": place(result.at),
                "verdict": result.verdict,
                "seconds": result.seconds,
                "problems": [_problem_document(problem) for problem in result.problems],
            }
            for result in report.results
        ],
    }


def junit(report: TestReport) -> str:
    """The report as JUnit XML, a suite for each file, as CI servers read it."""
    root = ElementTree.Element("testsuites", _counts(report.results), name=report.project)
    for path in dict.fromkeys(result.at.path for result in report.results):
        results = tuple(result for result in report.results if result.at.path == path)
        suite = ElementTree.SubElement(root, "testsuite", _counts(results), name=str(shown_path(path)))
        for result in results:
            _add_case(suite, result)
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def write_junit(report: TestReport, path: Path) -> None:
    """Write the XML to a file, making its folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(junit(report), encoding="utf-8")


def place(at: Location) -> str:
    """`tests/orders.yaml:12`, as it would be written here."""
    return f"{shown_path(at.path)}:{at.line}"


def _summary(report: TestReport) -> str:
    counts = [counted(len(report.results), "test")]
    counts += [f"{report.count(verdict)} {verdict}" for verdict in Verdict if report.count(verdict)]
    return f"{', '.join(counts)} in {duration(report.seconds)}"


def _write_result(result: TrialResult, console: Console) -> None:
    console.print(f"{_MARKS[result.verdict]} {result.name}", style="bold", soft_wrap=True)
    for problem in result.problems:
        console.print(f"  {place(problem.at)}  {problem.message}", soft_wrap=True)
        if problem.diff is not None:
            _write_diff(problem.diff, console)
        if problem.hint:
            console.print(f"  hint: {problem.hint}", soft_wrap=True)
    console.print()


def _write_diff(diff: RowDiff, console: Console) -> None:
    table = Table(box=None, pad_edge=False, show_edge=False, header_style="bold")
    for column in ("   ", *diff.columns):
        table.add_column(column, overflow="fold")
    for line in diff.lines[:MOST_LINES]:
        table.add_row(Text(f"  {line.sign}", _STYLES[line.sign]), *_cells(line))
    console.print(table)
    if len(diff.lines) > MOST_LINES:
        console.print(f"  … and {counted(len(diff.lines) - MOST_LINES, 'line')} more", soft_wrap=True)


def _cells(line: DiffLine) -> list[Text]:
    """What differs from the row beside is in colour; of a row without one, everything."""
    return [
        Text(cell, _STYLES[line.sign] if not line.differing or position in line.differing else "")
        for position, cell in enumerate(line.cells)
    ]


def _problem_document(problem: Problem) -> dict[str, object]:
    described: dict[str, object] = {"at": place(problem.at), "message": problem.message, "hint": problem.hint}
    if problem.diff is not None:
        described["columns"] = problem.diff.columns
        described["rows"] = [{"sign": line.sign, "cells": line.cells} for line in problem.diff.lines]
    return described


def _counts(results: tuple[TrialResult, ...]) -> dict[str, str]:
    failures = sum(result.verdict is Verdict.FAILED for result in results)
    errors = sum(result.verdict is Verdict.ERROR for result in results)
    seconds = sum(result.seconds for result in results)
    return {"tests": str(len(results)), "failures": str(failures), "errors": str(errors), "time": f"{seconds:.3f}"}


_ELEMENTS = {Verdict.FAILED: "failure", Verdict.ERROR: "error"}


def _add_case(suite: ElementTree.Element, result: TrialResult) -> None:
    path = str(shown_path(result.at.path))
    case = ElementTree.SubElement(
        suite,
        "testcase",
        name=result.name,
        classname=path,
        file=path,
        line=str(result.at.line),
        time=f"{result.seconds:.3f}",
    )
    if result.problems:
        element = ElementTree.SubElement(case, _ELEMENTS[result.verdict], message=_xml_text(result.problems[0].message))
        element.text = _xml_text("\n\n".join(_plain_problem(problem) for problem in result.problems))


def _plain_problem(problem: Problem) -> str:
    lines = [f"{place(problem.at)}  {problem.message}"]
    if problem.diff is not None:
        lines.append("  " + " | ".join(problem.diff.columns))
        lines += [f"{line.sign} " + " | ".join(line.cells) for line in problem.diff.lines]
    if problem.hint:
        lines.append(f"hint: {problem.hint}")
    return "\n".join(lines)


def _xml_text(text: str) -> str:
    """Without the control characters that XML 1.0 cannot hold."""
    return "".join(character for character in text if character >= " " or character in "\t\n")
