"""The options that every command has, and their values in one object."""

import functools
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Concatenate, ParamSpec, TypeVar

import typer

from pipeline.cli.screen import Format, Screen
from pipeline.errors import Interrupted, UsageError

P = ParamSpec("P")
R = TypeVar("R")

_PANEL = "Common options"


@dataclass(frozen=True, slots=True)
class Common:
    """What every command is told: which project, where to, and how to speak."""

    project: Path | None
    environment: str | None
    connection: str | None
    variables: dict[str, str]
    screen: Screen


def _common(
    project: Annotated[
        Path | None,
        typer.Option(
            "--project",
            metavar="DIR",
            help="The project's folder; by default the nearest one upwards from here.",
            rich_help_panel=_PANEL,
        ),
    ] = None,
    env: Annotated[
        str | None,
        typer.Option(
            "--env", "-e", metavar="NAME", help="The environment of the configuration.", rich_help_panel=_PANEL
        ),
    ] = None,
    connection: Annotated[
        str | None,
        typer.Option(
            "--connection",
            "-c",
            metavar="NAME",
            help="A Snowflake connection of connections.toml, instead of the environment's target.",
            rich_help_panel=_PANEL,
        ),
    ] = None,
    var: Annotated[
        list[str] | None,
        typer.Option(
            "--var", "-D", metavar="NAME=VALUE", help="Set a variable of the project.", rich_help_panel=_PANEL
        ),
    ] = None,
    format: Annotated[
        Format, typer.Option("--format", help="How the result is written.", rich_help_panel=_PANEL)
    ] = Format.TABLE,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Say more.", rich_help_panel=_PANEL)] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="Say only what went wrong.", rich_help_panel=_PANEL)] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks.", rich_help_panel=_PANEL)] = False,
) -> Common:
    return Common(
        project=project,
        environment=env,
        connection=connection,
        variables=dict(assignment("--var", text) for text in var or ()),
        screen=Screen(json=str(format) == "json", verbose=verbose, quiet=quiet, debug=debug),
    )


def with_common(function: Callable[Concatenate[Common, P], R]) -> Callable[..., R]:
    """A command that takes `Common` first, as one that takes the common options after its own.

    An option that the command declares itself (`--format` of `query`) replaces the common one, and gets its value too.
    """
    own = list(inspect.signature(function).parameters.values())[1:]
    own_names = {parameter.name for parameter in own}
    shared = list(inspect.signature(_common).parameters.values())
    added = [parameter for parameter in shared if parameter.name not in own_names]

    @functools.wraps(function)
    def command(**values: Any) -> R:
        common = _common(**{parameter.name: values[parameter.name] for parameter in shared})
        try:
            return function(common, **{name: values[name] for name in own_names})  # type: ignore[call-arg]
        except KeyboardInterrupt as interruption:
            # Typer would end the process without a word; what was under way is in the interruption's text.
            raise Interrupted("Interrupted.", notes=tuple(map(str, interruption.args))) from interruption

    parameters = [parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY) for parameter in (*own, *added)]
    command.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    command.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    return command


def assignment(option: str, text: str) -> tuple[str, str]:
    """The two sides of NAME=VALUE. Raises UsageError when it is not of that shape."""
    key, equals, value = text.partition("=")
    if not equals or not key.strip():
        raise UsageError(f"{option} wants NAME=VALUE, not '{text}'.")
    return key.strip(), value
