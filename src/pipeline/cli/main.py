"""The entry of the `pipeline` command."""

import gc
import signal
import sys

from pipeline import __version__


def main() -> None:
    """Run the command line and exit with its code."""
    arguments = sys.argv[1:]
    if arguments in (["--version"], ["-V"]):
        # Before Typer is imported: it is asked by scripts, often, and answers in the time Python takes to start.
        sys.stdout.write(f"pipeline {__version__}\n")
        return
    # Imports make many objects and no garbage: looking for it all the while takes 7 % of a short command's time.
    gc.set_threshold(100_000, 50, 50)
    # Until `run` can report it, Ctrl-C ends the process without a word, as it ends any program.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    from pipeline.cli.interrupt import interrupt
    from pipeline.cli.run import run

    signal.signal(signal.SIGINT, interrupt)
    # CI and container engines end a job with SIGTERM: a deploy has the same to tidy up then.
    signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))
    code = run(arguments)
    # All is said; what Python still does on its way out must not end in a traceback.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    sys.exit(code)
