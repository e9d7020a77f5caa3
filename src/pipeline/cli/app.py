"""The commands: each parses, calls one use case, shows its value, and exits.

The use cases are imported inside of the functions: `--help` needs none of them, and they bring the connector, Jinja and
pydantic along.
"""

from pathlib import Path
from typing import Annotated

import typer

from pipeline.cli.deploys import deploy, history, plan, unlock
from pipeline.cli.local import local
from pipeline.cli.options import Common, with_common
from pipeline.cli.screen import QueryFormat
from pipeline.cli.tasks import tasks
from pipeline.cli.testing import run_tests
from pipeline.errors import ExitCode, UsageError

app = typer.Typer(
    name="pipeline",
    help="A folder of SQL goes in; a running Snowflake pipeline comes out. The same SQL runs on this machine.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
connection = typer.Typer(help="The connection to the target.", no_args_is_help=True)
app.add_typer(connection, name="connection")
app.add_typer(tasks, name="tasks")
app.add_typer(local, name="local")
app.command("plan")(plan)
app.command("deploy")(deploy)
app.command("history")(history)
app.command("unlock")(unlock)
app.command("test")(run_tests)


@app.callback()
def pipeline(
    version: Annotated[bool, typer.Option("--version", "-V", help="Print the version and exit.")] = False,
) -> None:
    if version:
        from pipeline import __version__

        typer.echo(f"pipeline {__version__}")
        raise typer.Exit


@app.command()
@with_common
def load(
    common: Common,
    files: Annotated[list[str], typer.Argument(metavar="FILES...", help="Files or patterns such as 'data/*.jsonl'.")],
    strict: Annotated[bool, typer.Option("--strict", help="Load nothing if any line is broken.")] = False,
    wait: Annotated[bool, typer.Option("--wait", help="Return when all streams of the project are empty.")] = False,
    timeout: Annotated[
        float, typer.Option("--timeout", metavar="SECONDS", min=0, help="How long --wait waits.")
    ] = 600.0,
) -> int:
    """Put files on the stage and copy them into the raw table."""
    from pipeline.cli.progress import load_progress
    from pipeline.cli.request import request_of
    from pipeline.cli.views.load import document, view, warnings
    from pipeline.commands.load import load as run

    with load_progress(common.screen) as listen:
        report = run(request_of(common), files, strict=strict, wait=wait, timeout=timeout, listen=listen)
    common.screen.show(report, view, document)
    for text in warnings(report):
        common.screen.warn(text)
    return ExitCode.OK


@app.command()
@with_common
def generate(
    common: Common,
    kind: Annotated[str, typer.Argument(metavar="orders|caves", help="Which pipeline's events.")],
    rate: Annotated[float, typer.Option("--rate", metavar="N", help="Events per second of event time.")] = 5.0,
    count: Annotated[int, typer.Option("--count", metavar="N", help="How many lines.")] = 1000,
    seed: Annotated[int, typer.Option("--seed", metavar="S", help="The same seed gives the same bytes.")] = 1,
    late: Annotated[float, typer.Option("--late", metavar="SHARE", help="Share of events that come late.")] = 0.03,
    duplicate: Annotated[float, typer.Option("--duplicate", metavar="SHARE", help="Share that comes twice.")] = 0.03,
    out_of_order: Annotated[
        float, typer.Option("--out-of-order", metavar="SHARE", help="Share that a few others overtake.")
    ] = 0.05,
    broken: Annotated[float, typer.Option("--broken", metavar="SHARE", help="Share followed by a broken line.")] = 0.0,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Where to; by default standard output.")
    ] = None,
) -> int:
    """Write sample events as JSON Lines."""
    from pipeline.cli.views.generate import document, view
    from pipeline.commands.generate import KINDS
    from pipeline.commands.generate import generate as run
    from pipeline.generate.disorder import Disorder

    if kind not in KINDS:
        raise UsageError(f"There are no events '{kind}'.", hint=f"There are {' and '.join(KINDS)}.")
    if common.screen.json and out is None:
        raise UsageError("--format json would mix with the events.", hint="--out FILE writes the events to a file.")
    disorder = Disorder(late=late, duplicate=duplicate, out_of_order=out_of_order, broken=broken)
    written = run(kind, count=count, seed=seed, rate=rate, disorder=disorder, out=out)
    if out is not None:
        common.screen.show(written, view, document)
    return ExitCode.OK


@app.command()
@with_common
def query(
    common: Common,
    name: Annotated[str | None, typer.Argument(help="A named query; without it they are listed.")] = None,
    sql: Annotated[str | None, typer.Option("--sql", "-q", metavar="SQL", help="Run this text instead.")] = None,
    param: Annotated[
        list[str] | None, typer.Option("--param", "-p", metavar="NAME=VALUE", help="A parameter of the query.")
    ] = None,
    chart: Annotated[bool, typer.Option("--chart", help="Draw bars or lines, for a query that has a chart.")] = False,
    format: Annotated[QueryFormat, typer.Option("--format", help="How the rows are written.")] = QueryFormat.TABLE,
) -> int:
    """Run a named query of the project, or any SQL; list the named queries."""
    from pipeline.cli.request import pairs_of, request_of
    from pipeline.cli.views.query import drawn, query_list, rows, rows_as_csv
    from pipeline.commands import query as use_case

    request, parameters = request_of(common), pairs_of("--param", param)
    if name is not None and sql is not None:
        raise UsageError("Either a NAME or --sql, not both.")
    if parameters and name is None:
        raise UsageError("--param goes with the NAME of a query.")
    if chart and (name is None or format is not QueryFormat.TABLE):
        raise UsageError("--chart goes with the NAME of a query, and not with --format.")
    if name is None and sql is None:
        if format is QueryFormat.CSV:
            raise UsageError("The list of queries is written as table or json.")
        common.screen.show(use_case.list_queries(request), *query_list)
        return ExitCode.OK
    if sql is not None:
        result = use_case.run_text(request, sql, common.screen.note)
    else:
        assert name is not None
        result = use_case.run_query(request, name, parameters, common.screen.note, chart=chart)
    if format is QueryFormat.CSV:
        rows_as_csv(result)
    else:
        common.screen.show(result, *(drawn if chart else rows))
    return ExitCode.OK


@app.command()
@with_common
def health(
    common: Common,
    strict: Annotated[bool, typer.Option("--strict", help="Fail on warnings too.")] = False,
) -> int:
    """Say whether the pipeline moves: tasks, streams, loads, rows."""
    from pipeline.cli.request import request_of
    from pipeline.cli.views.health import document, view
    from pipeline.commands.health import Level
    from pipeline.commands.health import health as run

    found = run(request_of(common), common.screen.note)
    common.screen.show(found, view, document)
    failed = found.level is Level.FAILURE or (strict and found.level is Level.WARNING)
    return ExitCode.UNHEALTHY if failed else ExitCode.OK


@app.command()
@with_common
def render(
    common: Common,
    script: Annotated[str | None, typer.Argument(help="One script; by default all of them.")] = None,
) -> int:
    """Print the SQL that a deploy would run, with the values of secret variables in it."""
    from pipeline.cli.request import request_of
    from pipeline.cli.views.render import document, view
    from pipeline.commands.render import render_scripts

    common.screen.show(render_scripts(request_of(common), script, common.screen.note), view, document)
    return ExitCode.OK


@connection.command("test")
@with_common
def connection_test(common: Common) -> int:
    """Log in to the target and say as whom."""
    from pipeline.cli.request import request_of
    from pipeline.cli.views.connection import document, view
    from pipeline.commands.connection import connection_test as run

    common.screen.show(run(request_of(common), common.screen.note), view, document)
    return ExitCode.OK
