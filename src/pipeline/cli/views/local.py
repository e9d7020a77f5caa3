"""The local account as it is found."""

from rich.console import Console

from pipeline.cli.views.error import shown_path
from pipeline.cli.words import counted, moment, size
from pipeline.commands.local import Advanced, LocalStatus


def started_view(status: LocalStatus, console: Console) -> None:
    verb = "runs already" if status.already else "runs"
    console.print(
        f"The local account {verb} at {status.host}:{status.port} (process {status.pid}). "
        "Its tasks run on their schedules; `pipeline local stop` ends it.",
        soft_wrap=True,
    )


def status_view(status: LocalStatus, console: Console) -> None:
    if status.embedded:
        console.print(f"A command (process {status.pid}) has the local account open.", soft_wrap=True)
    elif status.running:
        console.print(
            f"The local account runs at {status.host}:{status.port} (process {status.pid}, user {status.user}).",
            soft_wrap=True,
        )
    else:
        console.print("The local account does not run; every command opens it for itself.", soft_wrap=True)
    console.print(f"{shown_path(status.folder)}: {size(status.database_bytes)}", soft_wrap=True)


def document(status: LocalStatus) -> object:
    return status


def _stopped_view(stopped: bool, console: Console) -> None:
    console.print("The local account has ended; its data stays." if stopped else "The local account did not run.")


def _stopped_document(stopped: bool) -> dict[str, object]:
    return {"stopped": stopped}


def _reset_view(was_there: bool, console: Console) -> None:
    console.print("The local account is deleted." if was_there else "There was no local account.")


def _reset_document(was_there: bool) -> dict[str, object]:
    return {"reset": was_there}


def _advanced_view(advanced: Advanced, console: Console) -> None:
    console.print(
        f"The account's clock shows {moment(advanced.now)}; {counted(advanced.graph_runs, 'graph run')} fell due.",
        soft_wrap=True,
    )


def _advanced_document(advanced: Advanced) -> object:
    return advanced


stopped = (_stopped_view, _stopped_document)
was_reset = (_reset_view, _reset_document)
advanced = (_advanced_view, _advanced_document)
