"""The Jinja side of rendering: the sandbox, its filters, the macros' folder, and errors with the template's line."""

import re
import traceback
from collections.abc import Mapping, MutableMapping
from decimal import Decimal
from pathlib import Path
from typing import Any, NoReturn

from jinja2 import (
    BaseLoader,
    Environment,
    StrictUndefined,
    Template,
    TemplateError,
    TemplateNotFound,
    TemplateSyntaxError,
    UndefinedError,
)
from jinja2.loaders import split_template_path

from pipeline.errors import ConfigError, Location, RenderError
from pipeline.project.folder import MACROS, Project
from pipeline.project.nodes import Value, read_source
from pipeline.project.rendered import Origin, Rendered
from pipeline.project.suggest import did_you_mean
from pipeline.project.trace import Traced, TracingEnvironment, line_origins, traced_tree
from pipeline.sql.names import RESERVED, is_plain, quote, quote_literal

_UNDEFINED = re.compile(r"'(\w+)' is undefined")
_NO_FILTER = re.compile(r"No filter named '(\w+)'")
_EXPRESSION_ERRORS = (ArithmeticError, AttributeError, LookupError, MemoryError, RecursionError, TypeError, ValueError)
"""What an expression of a template can raise besides Jinja's own errors."""


def ident(value: object) -> str:
    """The value as one identifier: as it is where it needs no quotes, so that it folds like one written plainly."""
    text = _text(value, "ident")
    if is_plain(text):
        return quote(text.upper()) if text.upper() in RESERVED else text
    return quote(text)


def literal(value: object) -> str:
    """The value as a literal: text in quotes, numbers and booleans bare, none as NULL, a list joined by commas."""
    if isinstance(value, list | tuple):
        return ", ".join(literal(item) for item in value)
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, int | Decimal):
        return str(value)
    return quote_literal(_text(value, "literal"))


def _text(value: object, filter_name: str) -> str:
    text = str(value)
    if not isinstance(value, str | int | StrictUndefined):
        raise TypeError(f"{filter_name} wants text, not {type(value).__name__}")
    if filter_name == "ident" and not text:
        raise ValueError("an identifier cannot be empty")
    return text


class _MacroLoader(BaseLoader):
    """Reads below sql/macros; what was read is kept in `sources` for the errors."""

    def __init__(self, folder: Path, sources: dict[str, str]) -> None:
        self._folder = folder
        self._sources = sources

    def load(self, environment: Environment, name: str, globals: MutableMapping[str, Any] | None = None) -> Template:
        path = self._folder.joinpath(*split_template_path(name))
        if not path.is_file():
            raise TemplateNotFound(name)
        return compile_template(environment, read_source(path).text, path, self._sources, globals)

    def list_templates(self) -> list[str]:
        return sorted(path.relative_to(self._folder).as_posix() for path in self._folder.rglob("*") if path.is_file())


def compile_template(
    environment: Environment,
    text: str,
    path: Path,
    sources: dict[str, str],
    global_values: MutableMapping[str, Any] | None = None,
) -> Template:
    """A template that renders to traced text. Raises Jinja's errors."""
    name = str(path)
    sources[name] = text
    tree = traced_tree(environment.parse(text, name, name), name)
    code = environment.compile(tree, name, name)
    values = environment.make_globals(global_values)
    return environment.template_class.from_code(environment, code, values)


class Renderer:
    """Renders templates for one project."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._sources: dict[str, str] = {}
        self._compiled: dict[tuple[str, Path], Template] = {}
        self._loader = _MacroLoader(project.root / MACROS, self._sources)
        self._environment = _environment(project, self._loader)

    def render(self, text: str, path: Path, extra: Mapping[str, Value]) -> Rendered:
        """The script's SQL with its origins. Raises RenderError at the template's line."""
        rendered = self._run(text, path, extra)
        origins = line_origins(rendered, Origin(str(path), 1))
        return Rendered("".join(rendered), path, origins, self._sources)

    def render_value(self, text: str, at: Location) -> str:
        """A text of the configuration. Raises RenderError at its line there."""
        try:
            return "".join(self._run(text, at.path, {}))
        except RenderError as error:
            raise RenderError(error.message, at=at, hint=error.hint) from error

    def _run(self, text: str, path: Path, extra: Mapping[str, Value]) -> Traced:
        try:
            rendered = self._template(text, path).render(extra)
        except (TemplateError, *_EXPRESSION_ERRORS) as error:
            self._fail(error, path, extra)
        except ConfigError as error:
            raise RenderError(error.message, at=error.at or self._place(error, path), hint=error.hint) from error
        assert isinstance(rendered, Traced), "the environment joins what it outputs with trace.concat"
        return rendered

    def _template(self, text: str, path: Path) -> Template:
        """Compiled once, though each load renders the same texts again."""
        key = text, path
        if key not in self._compiled:
            self._compiled[key] = compile_template(self._environment, text, path, self._sources)
        self._sources[str(path)] = text
        return self._compiled[key]

    def _fail(self, error: Exception, path: Path, extra: Mapping[str, Value]) -> NoReturn:
        at = self._place(error, path)
        if isinstance(error, TemplateNotFound):
            hint = did_you_mean(str(error.name), self._loader.list_templates(), "files")
            raise RenderError(f"there is no template '{error.name}' in {MACROS}", at=at, hint=hint) from error
        message = str(error.message if isinstance(error, TemplateError) and error.message else error)
        raise RenderError(message, at=at, hint=self._hint(error, message, extra)) from error

    def _hint(self, error: Exception, message: str, extra: Mapping[str, Value]) -> str | None:
        if isinstance(error, UndefinedError) and (match := _UNDEFINED.fullmatch(message)):
            name = match[1]
            if name in self._project.variables:
                return f"'{name}' has no value in 'vars': give it one for the environment, or --var {name}=…"
            return did_you_mean(name, {*self._project.variables, *extra, "env", "project"}, "variables")
        if match := _NO_FILTER.match(message):
            return did_you_mean(match[1], self._environment.filters, "filters")
        return None

    def _place(self, error: Exception, path: Path) -> Location:
        """The innermost line of a template in the error's traceback, which Jinja writes in the templates' lines."""
        if isinstance(error, TemplateSyntaxError):
            return self._location(error.filename or str(path), error.lineno)
        frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename in self._sources]
        return self._location(frames[-1].filename, frames[-1].lineno or 1) if frames else Location(path, 1)

    def _location(self, template: str, line: int) -> Location:
        lines = self._sources.get(template, "").split("\n")
        return Location(Path(template), line, None, lines[line - 1] if line <= len(lines) else None)


def _environment(project: Project, loader: BaseLoader) -> TracingEnvironment:
    environment = TracingEnvironment(
        undefined=StrictUndefined, loader=loader, keep_trailing_newline=True, auto_reload=False, autoescape=False
    )
    environment.filters.update({"ident": ident, "literal": literal})
    for name in ("random", "lipsum"):  # a script must render alike each time
        environment.filters.pop(name, None)
        environment.globals.pop(name, None)
    environment.globals.update({name: value for name, value in project.variables.items() if value is not None})
    environment.globals.update({"env": project.environment.name, "project": project.name})
    return environment
