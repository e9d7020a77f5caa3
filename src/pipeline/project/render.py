"""Scripts as the SQL that runs: Jinja templates over the project's variables, undefined ones being errors.

Templates see the variables, `env` (the environment's name) and `project` (its name); they include and import from
sql/macros. Jinja is imported only for a text that holds one of its markers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.project.folder import Project, Script, Template
from pipeline.project.nodes import Value
from pipeline.project.rendered import Rendered
from pipeline.sql.names import quote_literal

if TYPE_CHECKING:
    from pipeline.project.templates import Renderer

_MARKERS = ("{{", "{%", "{#")


@dataclass(frozen=True, slots=True)
class LoadTarget:
    """Where a load goes, rendered."""

    stage: str
    table: str
    file_format: str | None


class ProjectRenderer:
    """Renders the texts of one project; templates that they share are compiled once."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._templates: Renderer | None = None

    def script(self, script: Script, extra: Mapping[str, Value] | None = None) -> Rendered:
        """The script's SQL. RenderError, at the template's line, for what is wrong in it."""
        text = script.read()
        if not any(marker in text for marker in _MARKERS):
            return Rendered(text, script.path)
        return self._renderer().render(text, script.path, extra or {})

    def template(self, template: Template) -> str:
        """A text of the configuration. RenderError, at its line, for what is wrong in it."""
        if not any(marker in template.text for marker in _MARKERS):
            return template.text
        return self._renderer().render_value(template.text, template.at)

    def load_target(self) -> LoadTarget | None:
        """The stage, table and file format of `load:`; None for a project that has no such key."""
        load = self._project.load
        if load is None:
            return None
        file_format = None if load.file_format is None else self.template(load.file_format)
        return LoadTarget(self.template(load.stage), self.template(load.table), file_format)

    def copy_statement(self, files: tuple[str, ...], on_error: str) -> Rendered | None:
        """The COPY INTO of `load:` for these files, named as the stage lists them; None without `load:`."""
        load, target = self._project.load, self.load_target()
        if load is None or target is None:
            return None
        extra: dict[str, Value] = {"stage": target.stage, "table": target.table, "on_error": on_error}
        extra["files"] = ", ".join(quote_literal(file) for file in files)
        if target.file_format is not None:
            extra["file_format"] = target.file_format
        return self.script(load.copy, extra)

    def _renderer(self) -> Renderer:
        if self._templates is None:
            from pipeline.project.templates import Renderer  # Jinja costs a tenth of the start-up of a small command

            self._templates = Renderer(self._project)
        return self._templates


def render(project: Project, script: Script, extra: Mapping[str, Value] | None = None) -> Rendered:
    """The SQL of one script, as ProjectRenderer.script."""
    return ProjectRenderer(project).script(script, extra)
