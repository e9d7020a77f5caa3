"""The entry of the `pipeline` command."""

import sys

from pipeline import __version__


def main() -> None:
    """Run the command line and exit with its code."""
    arguments = sys.argv[1:]
    if arguments in (["--version"], ["-V"]):
        # Before Typer is imported: it is asked by scripts, often, and answers in the time Python takes to start.
        sys.stdout.write(f"pipeline {__version__}\n")
        return
    from pipeline.cli.run import run

    sys.exit(run(arguments))
