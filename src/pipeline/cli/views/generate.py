"""How many events were written."""

from rich.console import Console

from pipeline.cli.words import counted
from pipeline.commands.generate import Generated


def view(written: Generated, console: Console) -> None:
    console.print(f"{counted(written.lines, 'line')} written to {written.out}.", soft_wrap=True)


def document(written: Generated) -> dict[str, object]:
    return {"lines": written.lines, "out": written.out}
