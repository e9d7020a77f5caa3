"""Run the command line: whatever happens ends as an exit code, and as an error that a user can read."""

import os
import sys
from itertools import pairwise
from types import TracebackType

from pipeline.cli.screen import Screen
from pipeline.errors import ExitCode, Interrupted, PipelineError, UsageError

ISSUES = "This is a fault of pipeline itself, not yours."


def run(arguments: list[str]) -> int:
    """Run `pipeline` with these arguments; the exit code."""
    screen = screen_of(arguments)
    sys.excepthook = _excepthook(screen)
    try:
        code = _dispatch(arguments)
        sys.stdout.flush()
    except PipelineError as error:
        return _report(error, screen)
    except KeyboardInterrupt:
        return _report(Interrupted("Interrupted."), screen)
    except BrokenPipeError:
        # The reader went away (`pipeline query … | head`): that is no failure of ours. Python would complain on exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return ExitCode.OK
    except OSError as error:
        # A folder that may not be written, a disk that is full: the machine's fault, and the user's to mend.
        place = f"{error.filename}: " if error.filename else ""
        return _report(PipelineError(f"{place}{error.strerror or error}.", hint="`--debug` shows more."), screen)
    return code


def screen_of(arguments: list[str]) -> Screen:
    """How to speak before the arguments are understood: an error about them must keep to `--format json` too."""
    words = arguments[: arguments.index("--")] if "--" in arguments else arguments
    pairs = pairwise(words)
    return Screen(
        json="--format=json" in words or ("--format", "json") in pairs,
        verbose="-v" in words or "--verbose" in words,
        quiet="--quiet" in words,
        debug="--debug" in words,
    )


def _dispatch(arguments: list[str]) -> int:
    import typer

    from pipeline.cli.app import app

    # Typer hides its parser's classes; BadParameter is public, and a usage error, and that is a ClickException.
    usage_errors: tuple[type[Exception], ...] = tuple(
        kind for kind in typer.BadParameter.__mro__[1:2] if issubclass(kind, Exception)
    )
    try:
        result = app(args=arguments, prog_name="pipeline", standalone_mode=False)
    except usage_errors as error:
        # An option's enum is checked by pydantic, whose way to begin a message tells a user nothing.
        message = getattr(error, "format_message", error.__str__)().replace(": Value error, ", ": ")
        if not message:  # no command was given: the help is printed
            return ExitCode.USAGE
        raise UsageError(message, hint=_help_hint(error)) from error
    except typer.Abort as error:
        raise Interrupted("Interrupted.") from error
    if result == ExitCode.INTERRUPTED:  # Typer's word for Ctrl-C outside of a command: it says nothing to the user
        raise Interrupted("Interrupted.")
    return result if isinstance(result, int) else ExitCode.OK


def _help_hint(error: Exception) -> str:
    path = getattr(getattr(error, "ctx", None), "command_path", "pipeline")
    return f"`{path} --help` lists what it takes."


def _report(error: PipelineError, screen: Screen) -> int:
    from pipeline.cli.views.error import document, text, without_secrets

    if screen.debug:
        sys.stderr.write(_traceback(error))
    shown = without_secrets(error)
    if screen.json:
        screen.write_json(document(shown))
    sys.stderr.write(text(shown))
    sys.stderr.flush()
    return error.exit_code


def _traceback(error: BaseException) -> str:
    import traceback

    from pipeline.commands.secrets import known

    return known.hide("".join(traceback.format_exception(error)))


def _excepthook(screen: Screen):  # type: ignore[no-untyped-def]
    """For faults of our own: one line instead of a traceback, which `--debug` shows."""

    def show(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if screen.debug:
            sys.stderr.write(_traceback(error.with_traceback(trace)))
            return
        fault = PipelineError(f"{kind.__name__}: {error}", hint=f"{ISSUES} `--debug` shows the traceback.")
        fault.name = "internal"
        _report(fault, screen)

    return show
