"""The README's table names every command, and no other; its exit codes are the code's."""

import re
from pathlib import Path

import typer

from pipeline.cli.app import app
from pipeline.errors import ExitCode

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")


def commands(group: typer.Typer, above: str = "pipeline") -> set[str]:
    """Every command below a group, in full."""
    found = set()
    for command in group.registered_commands:
        assert command.callback is not None
        found.add(f"{above} {command.name or command.callback.__name__}")
    for sub in group.registered_groups:
        assert sub.typer_instance is not None
        found |= commands(sub.typer_instance, f"{above} {sub.name}")
    return found


def written() -> set[str]:
    """The commands of the table's first column; after a group's first command the others stand alone."""
    found = set()
    for cell in re.findall(r"^\| (`pipeline .*?) \|", README, re.MULTILINE):
        first, *others = re.findall(r"`([^`]+)`", cell)
        words = [word for word in first.split() if word.islower()]
        found.add(" ".join(words))
        found |= {" ".join([*words[:-1], other]) for other in others}
    return found - {"pipeline generate caves", "pipeline generate orders"} | {"pipeline generate"}


def test_the_table_of_commands() -> None:
    assert written() == commands(app)


def test_the_exit_codes() -> None:
    sentence = README[README.index("Exit codes:") :].split("\n\n")[0]
    named = {int(number) for number in re.findall(r"\b(\d+) ", sentence)}
    later = {ExitCode.CHANGES_PENDING, ExitCode.DRIFT}  # commands that do not exist yet
    assert named == set(ExitCode) - later
