"""deploy, plan, history, unlock: what concerns deploys."""

import re
from typing import Annotated

import typer

from pipeline.cli.options import Common, with_common
from pipeline.errors import ExitCode, UsageError

_UNITS = {"": 1.0, "s": 1.0, "m": 60.0, "h": 3600.0}

Allow = Annotated[
    list[str] | None,
    typer.Option("--allow", metavar="RISK[:OBJECT]", help="Take a risk that `pipeline plan` names."),
]
Prune = Annotated[bool, typer.Option("--prune", help="Drop what the project made before and has no more.")]


def seconds_of(option: str, text: str | None) -> float | None:
    """A time like 90, 90s, 10m or 1h in seconds. Raises UsageError."""
    if text is None:
        return None
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([smh]?)", text.strip())
    if match is None:
        raise UsageError(f"{option} wants a time like 90s, 10m or 1h, not '{text}'.")
    return float(match[1]) * _UNITS[match[2]]


@with_common
def deploy(
    common: Common,
    allow: Allow = None,
    prune: Prune = False,
    parallel: Annotated[
        int | None,
        typer.Option("--parallel", metavar="N", min=1, max=200, help="Sessions at a time, by default 20; 1 is serial."),
    ] = None,
    keep_going: Annotated[
        bool, typer.Option("--keep-going", help="After a failure, go on with what does not depend on it.")
    ] = False,
    lock_timeout: Annotated[
        str, typer.Option("--lock-timeout", metavar="TIME", help="How long to wait for another deploy, like 10m.")
    ] = "0",
    wait_tasks: Annotated[
        str | None,
        typer.Option("--wait-tasks", metavar="TIME", help="Wait for runs of the graphs that change, like 10m."),
    ] = None,
) -> int:
    """Bring the account to what the project says; what was done before and is unchanged is skipped."""
    from pipeline.cli.interrupt import stop_on_interrupt
    from pipeline.cli.progress import deploy_progress
    from pipeline.cli.request import request_of
    from pipeline.cli.views.deploy import document, view
    from pipeline.commands.deploy import deploy as run
    from pipeline.commands.prepare import Wishes
    from pipeline.plan.guards import read_allowances

    wishes = Wishes(
        allow=read_allowances(allow or ()),
        prune=prune,
        parallel=parallel,
        keep_going=keep_going,
        lock_timeout=seconds_of("--lock-timeout", lock_timeout) or 0.0,
        wait_tasks=seconds_of("--wait-tasks", wait_tasks),
    )
    with deploy_progress(common.screen) as listen, stop_on_interrupt() as stop:
        report = run(request_of(common), listen=listen, stop=stop, wishes=wishes)
    common.screen.show(report, view, document)
    return ExitCode.OK


@with_common
def plan(
    common: Common,
    allow: Allow = None,
    prune: Prune = False,
    exit_code: Annotated[
        bool, typer.Option("--exit-code", help="Exit with 6 when a deploy would do anything.")
    ] = False,
) -> int:
    """Say what a deploy would do and lose, statement by statement, and change nothing."""
    from pipeline.cli.request import request_of
    from pipeline.cli.views.plan import document, view
    from pipeline.commands.plan import plan as run
    from pipeline.commands.prepare import Wishes
    from pipeline.plan.guards import read_allowances

    preview = run(request_of(common), Wishes(allow=read_allowances(allow or ()), prune=prune), common.screen.note)
    common.screen.show(preview, view, document)
    return ExitCode.CHANGES_PENDING if exit_code and preview.pending else ExitCode.OK


@with_common
def history(
    common: Common,
    deploy_id: Annotated[
        str | None, typer.Argument(metavar="DEPLOY", help="One deploy, by its id or how that begins.")
    ] = None,
    limit: Annotated[int, typer.Option("--limit", "-n", metavar="N", min=1, help="How many deploys to list.")] = 20,
) -> int:
    """List past deploys, or tell what one of them did."""
    from pipeline.cli.request import request_of
    from pipeline.cli.views.history import deploys_document, deploys_view, past_document, past_view
    from pipeline.commands.history import list_deploys, show_deploy

    if deploy_id is None:
        common.screen.show(list_deploys(request_of(common), limit, common.screen.note), deploys_view, deploys_document)
    else:
        common.screen.show(show_deploy(request_of(common), deploy_id, common.screen.note), past_view, past_document)
    return ExitCode.OK


@with_common
def unlock(common: Common) -> int:
    """Take the lock away from a deploy that is dead."""
    from pipeline.cli.request import request_of
    from pipeline.cli.views.unlock import document, view
    from pipeline.commands.unlock import unlock as run

    common.screen.show(run(request_of(common), common.screen.note), view, document)
    return ExitCode.OK
