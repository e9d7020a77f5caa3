"""`pipeline local …`"""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli.options import Common, with_common
from pipeline.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from pipeline.targets.local import Endpoint

local = typer.Typer(help="The Snowflake account on this machine.", no_args_is_help=True)


@local.command()
@with_common
def start(common: Common) -> int:
    """Keep the account running in the background, its tasks on their schedules."""
    from pipeline.cli.request import request_of
    from pipeline.cli.views.local import document, started_view
    from pipeline.commands.local import start as run

    common.screen.show(run(request_of(common)), started_view, document)
    return ExitCode.OK


@local.command()
@with_common
def stop(common: Common) -> int:
    """End the account in the background; its data stays."""
    from pipeline.cli.request import request_of
    from pipeline.cli.views.local import stopped
    from pipeline.commands.local import stop as run

    common.screen.show(run(request_of(common)), *stopped)
    return ExitCode.OK


@local.command()
@with_common
def status(common: Common) -> int:
    """Say whether the account runs, and where."""
    from pipeline.cli.request import request_of
    from pipeline.cli.views.local import document, status_view
    from pipeline.commands.local import status as run

    common.screen.show(run(request_of(common)), status_view, document)
    return ExitCode.OK


@local.command()
@with_common
def reset(
    common: Common,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> int:
    """Delete the account with all its data."""
    from pipeline.cli.request import request_of
    from pipeline.cli.views.local import was_reset
    from pipeline.commands.local import reset as run

    if not yes and not sys.stdin.isatty():
        raise UsageError("There is nobody to ask whether to delete the local account.", hint="--yes does not ask.")
    if not yes:
        typer.confirm("Delete the local account with all its data?", abort=True, err=True)
    common.screen.show(run(request_of(common)), *was_reset)
    return ExitCode.OK


@local.command()
@with_common
def advance(
    common: Common,
    duration: Annotated[str, typer.Argument(metavar="DURATION", help="Such as 90s, 5m, 1h30m or 2d.")],
) -> int:
    """Let time pass in the account: the tasks that fall due in it run now."""
    from pipeline.cli.request import request_of
    from pipeline.cli.views.local import advanced
    from pipeline.commands.local import advance as run

    common.screen.show(run(request_of(common), duration, common.screen.note), *advanced)
    return ExitCode.OK


@local.command()
@with_common
def serve(
    common: Common,
    host: Annotated[str, typer.Option("--host", help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[
        int, typer.Option("--port", metavar="N", min=0, max=65535, help="The port; 0 takes a free one.")
    ] = 0,
    user: Annotated[str, typer.Option("--user", metavar="U", help="The user to let in.")] = "PIPELINE",
    password: Annotated[
        str | None,
        typer.Option(
            "--password",
            metavar="P",
            envvar="PIPELINE_LOCAL_PASSWORD",
            help="The password to ask for; by default the account's own secret.",
        ),
    ] = None,
    data: Annotated[
        Path | None, typer.Option("--data", metavar="DIR", help="Keep the account in this folder, without a project.")
    ] = None,
    expose: Annotated[bool, typer.Option("--expose", help="Allow a --host that other machines reach.")] = False,
) -> int:
    """Serve the account in the foreground; one line of JSON says where, when it is ready."""
    from pipeline.cli.request import request_of
    from pipeline.commands.local import serve as run
    from pipeline.targets.local import Address

    def ready(endpoint: "Endpoint") -> None:
        typer.echo(endpoint.as_json())

    address = Address(host=host, port=port, user=user, password=password)
    run(request_of(common), address, data=data, expose=expose, ready=ready)
    return ExitCode.OK
