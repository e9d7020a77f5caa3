"""What became of the files of a load."""

from collections.abc import Iterator

from rich.console import Console

from pipeline.cli.views.error import shown_path
from pipeline.cli.views.table import draw
from pipeline.cli.words import counted, duration
from pipeline.commands.load import FileResult, FileStatus, LoadReport


def view(report: LoadReport, console: Console) -> None:
    """A line per file and the sum."""
    draw(
        console,
        ("file", "status", "parsed", "loaded", "errors"),
        (
            (
                str(shown_path(file.file)),
                file.status.value,
                str(file.rows_parsed),
                str(file.rows_loaded),
                str(file.errors),
            )
            for file in report.files
        ),
        right=frozenset({2, 3, 4}),
    )
    console.print(_sum(report), soft_wrap=True)


def _sum(report: LoadReport) -> str:
    skipped = sum(file.status is FileStatus.SKIPPED for file in report.files)
    before = f"; {counted(skipped, 'file')} skipped, loaded before" if skipped else ""
    waited = "" if report.waited_seconds is None else f"; all streams empty after {duration(report.waited_seconds)}"
    loaded = f"{counted(report.rows_loaded, 'row')} loaded into {report.table} in {duration(report.seconds)}"
    return f"{loaded}{before}{waited}."


def warnings(report: LoadReport) -> Iterator[str]:
    """One warning per file with broken lines."""
    for file in report.files:
        if file.errors or file.status is FileStatus.FAILED:
            yield _warning(file)


def _warning(file: FileResult) -> str:
    where = f"{shown_path(file.file)}:{file.first_error_line}" if file.first_error_line else str(shown_path(file.file))
    return f"{counted(file.errors, 'line')} not loaded, the first at {where}: {file.first_error}"


def document(report: LoadReport) -> dict[str, object]:
    """The report as JSON."""
    return {
        "table": report.table,
        "stage": report.stage,
        "rows_loaded": report.rows_loaded,
        "errors": report.errors,
        "seconds": round(report.seconds, 3),
        "waited_seconds": None if report.waited_seconds is None else round(report.waited_seconds, 3),
        "files": [
            {
                "file": shown_path(file.file),
                "staged": file.staged,
                "status": file.status,
                "rows_parsed": file.rows_parsed,
                "rows_loaded": file.rows_loaded,
                "errors": file.errors,
                "first_error": file.first_error,
                "first_error_line": file.first_error_line,
            }
            for file in report.files
        ],
    }
