"""A project's folder, read once into a value. Whether its SQL is right is not looked at here."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import ConfigError, Location
from pipeline.project.config import Checked, read_config
from pipeline.project.document import Document, KeyPath
from pipeline.project.model import AfterDeploy, Run, StepConfig, StepKind, Target
from pipeline.project.nodes import Value, read_source
from pipeline.project.suggest import did_you_mean
from pipeline.project.variables import resolve_variables

CONFIG = "config.yaml"
EXAMPLE = "config.example.yaml"
MACROS = "sql/macros"
"""Where templates find what they include and import, below the project's root."""

_WHICH_FOLDER = "--project names the folder of a project"


@dataclass(frozen=True, slots=True)
class Script:
    """A file of SQL, perhaps a template; `name` is its path from the project's root, with slashes."""

    name: str
    path: Path
    at: Location
    """Where the configuration names it."""

    def read(self) -> str:
        """The file's text, line ends as newlines. Raises ConfigError when it cannot be read."""
        return read_source(self.path).text


@dataclass(frozen=True, slots=True)
class Step:
    """Scripts that run in order, under one name."""

    name: str
    kind: StepKind
    scripts: tuple[Script, ...]
    run: Run = Run.CHANGED
    """When the statements of a deploy step run."""
    run_queries: bool = False
    """Whether a deploy runs the SELECTs of a queries step; by default it only has them compiled."""


@dataclass(frozen=True, slots=True)
class Environment:
    """The place to deploy to: the local account, or a connection of connections.toml (None: the default one)."""

    name: str
    target: Target
    connection: str | None
    after_deploy: AfterDeploy


@dataclass(frozen=True, slots=True)
class Template:
    """A text of the configuration that is rendered like a script."""

    text: str
    at: Location


@dataclass(frozen=True, slots=True)
class Load:
    """What `pipeline load` fills and how: the names are templates, `copy` holds the COPY INTO."""

    stage: Template
    table: Template
    file_format: Template | None
    copy: Script


@dataclass(frozen=True, slots=True)
class Project:
    """Everything that the folder says, for one environment."""

    name: str
    root: Path
    config: Path
    environment: Environment
    environments: tuple[str, ...]
    variables: Mapping[str, Value]
    steps: tuple[Step, ...]
    load: Load | None
    tests: Path
    """The folder of the unit tests, which need not exist."""
    notices: tuple[str, ...]
    """One-line messages that the user should see."""

    @property
    def scripts(self) -> tuple[Script, ...]:
        """The scripts of all steps, in the order in which they run."""
        return tuple(script for step in self.steps for script in step.scripts)


def find_root(start: Path) -> Path:
    """The nearest folder, from `start` upwards, that holds a configuration; the search ends at the home folder.

    ConfigError when there is none, or no such folder. The path is relative to `start` where that is shorter to read.
    """
    if not start.is_dir():
        what = "is not a folder" if start.exists() else "does not exist"
        raise ConfigError(f"{start} {what}", hint=_WHICH_FOLDER)
    here = start.resolve()
    home = Path.home()
    for folder in (here, *here.parents):
        if (folder / CONFIG).is_file() or (folder / EXAMPLE).is_file():
            return start / os.path.relpath(folder, here) if folder != here else start
        if folder == home:
            break
    raise ConfigError(f"no {CONFIG} in {here} or above it", hint=_WHICH_FOLDER)


def read_project(
    directory: Path, environment: str | None, overrides: Mapping[str, str], environ: Mapping[str, str]
) -> Project:
    """Read the project in `directory` for an environment, by default the configuration's `default_environment`.

    `overrides` are the values of --var. ConfigError with file:line for a fault of the files, UsageError for one of
    the overrides. Without config.yaml the example is read, which a notice says.
    """
    path, notices = _config_file(directory)
    checked = read_config(read_source(path), environment, environ)
    variables = resolve_variables(checked, overrides, environ)
    return Project(
        name=checked.config.project,
        root=directory,
        config=path,
        environment=_environment(checked),
        environments=tuple(checked.config.environments),
        variables=variables.values,
        steps=_steps(directory, checked),
        load=_load(directory, checked),
        tests=directory / _inside(checked.document, ("tests", "folder"), "folder", checked.config.tests.folder),
        notices=notices + variables.notices,
    )


def _config_file(directory: Path) -> tuple[Path, tuple[str, ...]]:
    path, example = directory / CONFIG, directory / EXAMPLE
    if path.exists():
        return path, ()
    if example.exists():
        return example, (f"no {CONFIG}: using {EXAMPLE}",)
    raise ConfigError(f"no {CONFIG} in {directory}", hint=_WHICH_FOLDER)


def _environment(checked: Checked) -> Environment:
    settings = checked.config.environments[checked.environment]
    tasks = settings.tasks or checked.config.tasks
    target = settings.target or Target.SNOWFLAKE
    return Environment(checked.environment, target, settings.connection, tasks.after_deploy)


def _steps(root: Path, checked: Checked) -> tuple[Step, ...]:
    names: set[str] = set()
    steps = []
    places: dict[str, int] = {}
    for index, config in enumerate(checked.config.steps):
        path: KeyPath = ("steps", index)
        if config.name in names:
            at = checked.document.location((*path, "name"))
            raise ConfigError(f"a second step is called '{config.name}'", at=at)
        names.add(config.name)
        scripts = _scripts(root, checked.document, path, config)
        for script in scripts:
            if script.name in places:
                raise ConfigError(f"{script.name} stands in line {places[script.name]} already", at=script.at)
            places[script.name] = script.at.line
        steps.append(_step(config, scripts))
    return tuple(steps)


def _step(config: StepConfig, scripts: tuple[Script, ...]) -> Step:
    run = config.run if isinstance(config.run, Run) else Run.CHANGED
    return Step(config.name, config.kind, scripts, run, run_queries=config.run is True)


def _scripts(root: Path, document: Document, path: KeyPath, config: StepConfig) -> tuple[Script, ...]:
    if config.script is not None:
        return (_script(root, document, (*path, "script"), config.script),)
    return tuple(_script(root, document, (*path, "scripts", index), name) for index, name in enumerate(config.scripts))


def _script(root: Path, document: Document, path: KeyPath, written: str) -> Script:
    at = document.location(path)
    relative = _inside(document, path, "script", written)
    if not (root / relative).is_file():
        what = "is a folder" if (root / relative).is_dir() else "does not exist"
        near = did_you_mean(written, _sql_files(root, relative), "scripts")
        raise ConfigError(f"script '{written}' {what}", at=at, hint=near)
    return Script(relative.as_posix(), root / relative, at)


def _inside(document: Document, path: KeyPath, what: str, written: str) -> Path:
    """The path that is written, which must lie in the project."""
    relative = Path(written)
    if relative.is_absolute() or ".." in relative.parts:
        hint = "name it by its path from the project's root"
        raise ConfigError(f"{what} '{written}' is outside of the project", at=document.location(path), hint=hint)
    return relative


def _sql_files(root: Path, missing: Path) -> list[str]:
    """The scripts beside the missing one, or, where its folder is missing too, one folder deep."""
    folder = root / missing.parent
    found = folder.glob("*.sql") if folder.is_dir() else root.glob("*/*.sql")
    return [file.relative_to(root).as_posix() for file in found]


def _load(root: Path, checked: Checked) -> Load | None:
    config = checked.config.load
    if config is None:
        return None
    document = checked.document

    def template(key: str, text: str) -> Template:
        return Template(text, document.location(("load", key)))

    return Load(
        stage=template("stage", config.stage),
        table=template("table", config.table),
        file_format=None if config.file_format is None else template("file_format", config.file_format),
        copy=_script(root, document, ("load", "copy"), config.copy_script),
    )
