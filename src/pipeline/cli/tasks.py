"""`pipeline tasks …`"""

from typing import Annotated

import typer

from pipeline.cli.options import Common, with_common
from pipeline.errors import ExitCode

tasks = typer.Typer(help="The project's task graphs.", no_args_is_help=True)

Name = Annotated[str | None, typer.Argument(help="A task, in full or by its last name; by default all graphs.")]


@tasks.command("list")
@with_common
def list_(common: Common) -> int:
    """Show the graphs, their states and last runs."""
    from pipeline.cli.request import request_of
    from pipeline.cli.views.tasks import task_list
    from pipeline.commands.tasks import list_tasks

    common.screen.show(list_tasks(request_of(common), common.screen.note), *task_list)
    return ExitCode.OK


@tasks.command()
@with_common
def resume(common: Common, name: Name = None) -> int:
    """Start the graphs: children first, the root last."""
    from pipeline.cli.request import request_of
    from pipeline.cli.views.tasks import changes
    from pipeline.commands.tasks import resume as run

    common.screen.show(run(request_of(common), name, common.screen.note), *changes)
    return ExitCode.OK


@tasks.command()
@with_common
def suspend(common: Common, name: Name = None) -> int:
    """Stop the graphs: their roots are suspended, the children keep their states."""
    from pipeline.cli.request import request_of
    from pipeline.cli.views.tasks import changes
    from pipeline.commands.tasks import suspend as run

    common.screen.show(run(request_of(common), name, common.screen.note), *changes)
    return ExitCode.OK


@tasks.command()
@with_common
def run(
    common: Common,
    name: Name = None,
    wait: Annotated[bool, typer.Option("--wait", help="Follow the run to its end; fail if it fails.")] = False,
    timeout: Annotated[
        float, typer.Option("--timeout", metavar="SECONDS", min=0, help="How long --wait waits.")
    ] = 3600.0,
) -> int:
    """Execute the graphs now."""
    from pipeline.cli.progress import run_progress
    from pipeline.cli.request import request_of
    from pipeline.cli.views.tasks import graph_runs
    from pipeline.commands.tasks import run as execute

    with run_progress(common.screen) as listen:
        runs = execute(request_of(common), name, wait=wait, timeout=timeout, listen=listen)
    common.screen.show(runs, *graph_runs)
    return ExitCode.OK


@tasks.command()
@with_common
def history(
    common: Common,
    name: Name = None,
    limit: Annotated[int, typer.Option("--limit", metavar="N", min=1, help="At most so many runs.")] = 50,
) -> int:
    """Show what the tasks did, the latest first."""
    from pipeline.cli.request import request_of
    from pipeline.cli.views.tasks import task_runs
    from pipeline.commands.tasks import history as read

    common.screen.show(read(request_of(common), name, limit=limit, say=common.screen.note), *task_runs)
    return ExitCode.OK
