"""The project of a command, rendered and split, and the way to its target."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from pipeline.commands.places import faulty_line
from pipeline.commands.secrets import Secrets, known
from pipeline.commands.split_cache import SplitCache
from pipeline.errors import ConfigError, Location, SyntaxProblem
from pipeline.plan.declared import Declarations, declarations
from pipeline.plan.model import RunWhen, Statement
from pipeline.project.folder import Project, Script, Step, find_root, read_project
from pipeline.project.model import StepKind
from pipeline.project.params import ParamType
from pipeline.project.queries import Query, bind, project_queries, read_queries
from pipeline.project.render import ProjectRenderer
from pipeline.project.rendered import Rendered
from pipeline.sql.names import QualifiedName
from pipeline.sql.problems import TextProblem
from pipeline.sql.splitter import Piece, split
from pipeline.targets.connect import connect
from pipeline.targets.session import Session


@dataclass(frozen=True, slots=True)
class Request:
    """What every command is asked for: which project, which environment, with which variables.

    `connection` is a Snowflake connection that takes the place of the environment's target.
    """

    project: Path | None = None
    environment: str | None = None
    connection: str | None = None
    variables: Mapping[str, str] = field(default_factory=dict)


class Workspace:
    """A project as a command uses it. Rendering and splitting happen when they are first wanted."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.renderer = ProjectRenderer(project)
        self._begun: dict[int, tuple[Rendered, int]] = {}
        """Where each statement begins: the script and the line of its SQL."""

    @property
    def root(self) -> Path:
        return self.project.root

    @property
    def environment(self) -> str:
        return self.project.environment.name

    @property
    def notices(self) -> tuple[str, ...]:
        return self.project.notices

    @property
    def after_deploy(self) -> str:
        return self.project.environment.after_deploy.value

    @cached_property
    def database(self) -> str:
        """The stored name of the project's database, the variable `database`. Raises ConfigError without it."""
        written = self.project.variables.get("database")
        if not isinstance(written, str) or not written:
            raise ConfigError(
                "The configuration has no variable 'database'.",
                at=Location(self.project.config, 1),
                hint="`vars: {database: MY_DATABASE}` says where the project lives and its history is kept.",
            )
        return QualifiedName.parse(written).name

    @cached_property
    def secrets(self) -> Secrets:
        """What must not reach a screen or a record."""
        return Secrets(self.project.variables)

    @cached_property
    def statements(self) -> tuple[Statement, ...]:
        """Every statement of every step, rendered, in the order in which a deploy runs them."""
        found: list[Statement] = []
        with SplitCache(self.root) as cache:
            for step in self.project.steps:
                for script in step.scripts:
                    found.extend(self._statements(step, script, len(found) + 1, cache))
        return tuple(found)

    def place(self, statement: Statement, error: str) -> Location:
        """The line of the statement that the account's message speaks of, where it was written."""
        begun = self._begun.get(statement.position)
        if begun is None:
            return statement.at
        rendered, first = begun
        return rendered.location(first + faulty_line(error, statement.text) - 1)

    @cached_property
    def declared(self) -> Declarations:
        """The tasks and streams that the project's statements create."""
        return declarations(self.statements, self.database)

    def connect(self, request: Request, say: Callable[[str], None]) -> Session:
        """A session with the target; `say` is told of the project's notices, and when it has to wait.

        Raises CannotConnect.
        """
        for notice in self.notices:
            say(notice)
        return connect(self.project.environment, root=self.root, connection=request.connection, say=say)

    @cached_property
    def queries(self) -> tuple[Query, ...]:
        """The named queries of the queries steps."""
        return project_queries(self.project, self.renderer)

    def _statements(self, step: Step, script: Script, first: int, cache: SplitCache) -> list[Statement]:
        rendered = self.renderer.script(script)
        whole = rendered.text
        cuts = cache.cuts(whole, lambda: split_rendered(rendered))
        named = {query.line: query for query in read_queries(rendered)} if step.kind is StepKind.QUERIES else {}
        run = RunWhen(step.run.value)
        compiled = step.kind is StepKind.QUERIES and not step.run_queries
        secret = self.secrets.concern(whole)
        found = []
        for position, cut in enumerate(cuts, start=first):
            query = named.get(cut.line)
            text = written = whole[cut.start : cut.end]
            if query is not None:
                text = bind(query, _samples(query))
            self._begun[position] = (rendered, cut.line)
            found.append(
                Statement(
                    position=position,
                    script=script.name,
                    text=text,
                    shown=self.secrets.hide(text) if secret else None,
                    at=rendered.location(cut.line),
                    query=None if query is None else query.name,
                    run=run,
                    allowed=cut.allowed,
                    compile_only=compiled and _is_query(written),
                    hashed=cut.hash if text is written else None,
                )
            )
        return found


_SAMPLES = {
    ParamType.INT: "1",
    ParamType.FLOAT: "1",
    ParamType.DECIMAL: "1",
    ParamType.STR: "",
    ParamType.DATE: "2000-01-01",
    ParamType.TIMESTAMP: "2000-01-01 00:00:00",
    ParamType.BOOL: "true",
}
"""Values with which a query is compiled whose parameters have no defaults."""


def _samples(query: Query) -> dict[str, str]:
    return {param.name: _SAMPLES[param.type] for param in query.params if param.default is None}


def _is_query(text: str) -> bool:
    return text.lstrip("( \t\r\n").partition(" ")[0].partition("\n")[0].upper() in {"SELECT", "WITH", "VALUES"}


def open_workspace(request: Request) -> Workspace:
    """The project that the request names, else the nearest one upwards. Raises ConfigError or UsageError."""
    root = find_root(request.project or Path())
    workspace = Workspace(read_project(root, request.environment, request.variables, os.environ))
    known.add(workspace.secrets)
    return workspace


def split_rendered(rendered: Rendered) -> tuple[Piece, ...]:
    """The statements of a rendered script. SyntaxProblem, at the template's line, for what is never closed."""
    try:
        return split(rendered.text)
    except TextProblem as problem:
        raise SyntaxProblem(problem.message, at=rendered.location(problem.line), hint=problem.hint) from problem
