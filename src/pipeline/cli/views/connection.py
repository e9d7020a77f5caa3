"""What a session with the target is."""

from rich.console import Console

from pipeline.cli.views.table import draw
from pipeline.cli.words import duration
from pipeline.commands.connection import ConnectionInfo


def view(info: ConnectionInfo, console: Console) -> None:
    rows = (
        ("environment", info.environment),
        ("target", f"{info.kind} account"),
        ("connection", info.source),
        ("account", info.account),
        ("user", info.user),
        ("role", info.role),
        ("warehouse", info.warehouse),
        ("database", info.database),
        ("version", info.version),
        ("login", duration(info.login_seconds)),
        ("a query", duration(info.query_seconds)),
    )
    draw(console, ("what", "found"), ((name, value or "–") for name, value in rows))


def document(info: ConnectionInfo) -> object:
    return info
