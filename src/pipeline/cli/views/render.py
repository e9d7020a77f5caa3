"""Rendered scripts."""

import sys

from rich.console import Console

from pipeline.commands.render import RenderedScript


def view(scripts: tuple[RenderedScript, ...], console: Console) -> None:
    """The SQL as it is: it may be read by another program, so nothing is wrapped or coloured."""
    del console
    for script in scripts:
        head = f"-- {script.script}\n" if len(scripts) > 1 else ""
        sys.stdout.write(head + script.sql.rstrip("\n") + "\n" + ("\n" if len(scripts) > 1 else ""))


def document(scripts: tuple[RenderedScript, ...]) -> list[dict[str, object]]:
    return [{"script": script.script, "sql": script.sql} for script in scripts]
