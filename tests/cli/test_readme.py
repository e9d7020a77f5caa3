"""What the README says is so: its table of commands, its exit codes, and what its commands print."""

import re
import shlex
import shutil
import sys
from pathlib import Path

import pytest
import typer

from cli.mini import masked
from pipeline.cli.app import app
from pipeline.cli.run import run
from pipeline.errors import ExitCode

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


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
    later = {ExitCode.DRIFT}  # its command does not exist yet
    assert named == set(ExitCode) - later


def shown() -> list[tuple[str, str]]:
    """Each command of the README's session with the output below it."""
    session = README[README.index("```console\n") :].removeprefix("```console\n").split("```")[0]
    parts = re.split(r"^\$ pipeline (.*)\n", session, flags=re.MULTILINE)[1:]
    return list(zip(parts[::2], parts[1::2], strict=True))


def test_the_session_is_what_make_demo_runs() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    recipe = makefile[makefile.index("\ndemo:") :].split("\n\n")[0]
    assert re.findall(r"\$\(BIN\)/pipeline (.*)", recipe) == [command for command, _ in shown()]


def test_the_session(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.copy(ROOT / "config.example.yaml", tmp_path)
    for folder in ("sql", "data", "quality"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.excepthook", sys.excepthook)
    for command, output in shown():
        assert run(shlex.split(command)) == ExitCode.OK
        assert masked(capsys.readouterr().out) == masked(output), command
