"""`pipeline test`: the user's unit tests, or the quality of the data."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from pipeline.cli.options import Common, with_common
from pipeline.errors import ExitCode, UsageError


@with_common
def run_tests(
    common: Common,
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[NAMES...]", help="Tests or their files; by default all.")
    ] = None,
    keyword: Annotated[
        str | None, typer.Option("-k", metavar="TEXT", help="Only tests that have this in their name.")
    ] = None,
    junit: Annotated[
        Path | None, typer.Option("--junit", metavar="FILE", help="Write the results as JUnit XML too.")
    ] = None,
    jobs: Annotated[
        int | None, typer.Option("--jobs", "-j", metavar="N", min=1, help="Processes; by default one a processor.")
    ] = None,
    quality: Annotated[bool, typer.Option("--quality", help="Check the data of the environment instead.")] = False,
    limit: Annotated[
        int, typer.Option("--limit", metavar="N", min=0, help="Offending rows that --quality shows for a check.")
    ] = 5,
    strict: Annotated[bool, typer.Option("--strict", help="With --quality, fail on warnings too.")] = False,
) -> int:
    """Run the project's unit tests, each on a fresh local account; with --quality, check its data."""
    if quality:
        if names or keyword or junit or jobs:
            raise UsageError("NAMES, -k, --junit and --jobs are for unit tests, not for --quality.")
        return _quality(common, limit, strict)
    if common.connection is not None:
        raise UsageError("Unit tests run on local accounts of their own.", hint="--quality takes --connection.")
    if strict:
        raise UsageError("--strict goes with --quality.")
    return _unit_tests(common, tuple(names or ()), keyword, junit, jobs)


def _quality(common: Common, limit: int, strict: bool) -> int:
    from pipeline.cli.request import request_of
    from pipeline.cli.views.quality import document, view
    from pipeline.commands.quality import check_quality

    report = check_quality(request_of(common), common.screen.note, limit=limit)
    common.screen.show(report, view, document)
    failed = any(result.bad or (strict and result.warns) for result in report.results)
    return ExitCode.TESTS_FAILED if failed else ExitCode.OK


def _unit_tests(
    common: Common, names: tuple[str, ...], keyword: str | None, junit: Path | None, jobs: int | None
) -> int:
    from pipeline.cli.request import request_of
    from pipeline.cli.views.tests import document, line_of, view, write_junit
    from pipeline.commands.unit_tests import TestEvent, TrialFinished, run_unit_tests

    def listen(event: TestEvent) -> None:
        if not isinstance(event, TrialFinished):
            common.screen.note(event.text)
        elif not common.screen.quiet:
            sys.stderr.write(line_of(event.result) + "\n")
            sys.stderr.flush()

    report = run_unit_tests(request_of(common), names=names, keyword=keyword, jobs=jobs, listen=listen)
    if junit is not None:
        write_junit(report, junit)
    common.screen.show(report, view, document)
    return ExitCode.OK if report.passed else ExitCode.TESTS_FAILED
