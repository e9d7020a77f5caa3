"""The SQL that a deploy would run, as text."""

from collections.abc import Callable
from dataclasses import dataclass

from pipeline.commands.workspace import Request, open_workspace
from pipeline.errors import UsageError
from pipeline.project.suggest import did_you_mean


@dataclass(frozen=True, slots=True)
class RenderedScript:
    """One script's SQL."""

    script: str
    sql: str


def render_scripts(request: Request, script: str | None, say: Callable[[str], None]) -> tuple[RenderedScript, ...]:
    """All scripts, or the one whose path from the project's root, or file name, is given.

    `say` is told of the project's notices.
    """
    workspace = open_workspace(request)
    for notice in workspace.notices:
        say(notice)
    scripts = workspace.project.scripts
    wanted = [found for found in scripts if script is None or script in (found.name, found.path.name)]
    if not wanted:
        assert script is not None, "a project has at least one script"
        names = [found.name for found in scripts]
        raise UsageError(f"The project has no script '{script}'.", hint=did_you_mean(script, names, "scripts"))
    return tuple(RenderedScript(found.name, workspace.renderer.script(found).text) for found in wanted)
