"""What the project's statements say about tasks and streams, every name completed by the USE statements before it."""

import re
from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass
from enum import Enum

from pipeline.errors import SyntaxProblem
from pipeline.plan.model import Statement
from pipeline.sql import grammar
from pipeline.sql.grammar.containers import CreateDatabase, CreateSchema, Drop
from pipeline.sql.grammar.model import CreateMode, ObjectKind, Resume, Suspend
from pipeline.sql.grammar.model import Statement as Parsed
from pipeline.sql.grammar.session import Use, UseKind
from pipeline.sql.grammar.streams import CloneStream, CreateStream
from pipeline.sql.grammar.tasks import AlterTask, CloneTask, CreateTask
from pipeline.sql.names import QualifiedName


class Act(Enum):
    """What a statement does to a task."""

    CREATE = "create"
    """Without OR REPLACE or IF NOT EXISTS: the task must not exist."""
    CREATE_IF_NOT_EXISTS = "create if not exists"
    REPLACE = "replace"
    ALTER = "alter"
    """ALTER TASK and CREATE OR ALTER TASK: the state is kept."""
    SUSPEND = "suspend"
    RESUME = "resume"
    DROP = "drop"


_ACTS = {
    CreateMode.NEW: Act.CREATE,
    CreateMode.OR_REPLACE: Act.REPLACE,
    CreateMode.OR_ALTER: Act.ALTER,
    CreateMode.IF_NOT_EXISTS: Act.CREATE_IF_NOT_EXISTS,
}


_RELEVANT = re.compile(
    r"(?:\s+|--[^\n]*(?:\n|\Z)|//[^\n]*(?:\n|\Z)|/\*.*?\*/)*"
    r"(?:USE\b|(?:CREATE|ALTER|DROP)\s+(?:OR\s+(?:REPLACE|ALTER)\s+)?(?:TRANSIENT\s+)?(?:TASK|STREAM|DATABASE|SCHEMA)\b)",
    re.IGNORECASE | re.DOTALL,
)


_MOVES = re.compile(r"(?:USE|CREATE\s+(?:OR\s+\w+\s+)?(?:TRANSIENT\s+)?(?:DATABASE|SCHEMA))\b", re.IGNORECASE)
"""What changes the current names for the statements behind it."""


@dataclass(frozen=True, slots=True)
class TaskChange:
    """One statement's doing to one task; `creates` says whether the task exists afterwards because of it."""

    statement: Statement
    task: QualifiedName
    act: Act
    creates: bool = False
    predecessors: tuple[QualifiedName, ...] = ()
    finalizes: QualifiedName | None = None


@dataclass(frozen=True, slots=True)
class Declarations:
    """The tasks and streams that the statements create or change, in their order."""

    task_changes: tuple[TaskChange, ...]
    streams: tuple[QualifiedName, ...]

    @property
    def tasks(self) -> tuple[QualifiedName, ...]:
        """The tasks that exist because of the statements, each once."""
        return tuple(dict.fromkeys(change.task for change in self.task_changes if change.creates))


def declarations(
    statements: Iterable[Statement], database: str | None = None, *, only: Container[int] | None = None
) -> Declarations:
    """Read the statements in order; `database` is current before the first USE.

    With `only`, tasks and streams are read at these positions only: that takes time where there are many.
    """
    scope = _Scope(database, "PUBLIC" if database else None)
    changes: list[TaskChange] = []
    streams: dict[QualifiedName, None] = {}
    for statement in statements:
        if only is not None and statement.position not in only and not _MOVES.match(statement.text):
            continue
        parsed = _parsed(statement)
        if parsed is None:
            continue
        scope.follow(parsed)
        changes.extend(_task_changes(statement, parsed, scope))
        if isinstance(parsed, CreateStream | CloneStream):
            streams[scope.complete(parsed.name)] = None
    return Declarations(tuple(changes), tuple(streams))


def _parsed(statement: Statement) -> Parsed | None:
    """Parse what concerns names, tasks and streams; None for the rest, which the account alone judges.

    What is wrong is said at the template's line.
    """
    if not _RELEVANT.match(statement.text):
        return None
    try:
        return grammar.parse(statement.text)
    except SyntaxProblem as problem:
        raise SyntaxProblem(problem.message, at=problem.at or statement.at, hint=problem.hint) from problem


class _Scope:
    """The current database and schema, as USE and CREATE DATABASE or SCHEMA move them."""

    def __init__(self, database: str | None, schema: str | None) -> None:
        self.database = database
        self.schema = schema

    def follow(self, parsed: Parsed) -> None:
        match parsed:
            case Use(kind=UseKind.DATABASE, name=QualifiedName() as name):
                self.database, self.schema = name.name, "PUBLIC"
            case Use(kind=UseKind.SCHEMA, name=QualifiedName() as name):
                self.database, self.schema = name.schema or self.database, name.name
            case CreateDatabase(name=name):
                # CREATE DATABASE and CREATE SCHEMA make what they create current
                # (docs.snowflake.com/en/sql-reference/sql/create-database, create-schema).
                self.database, self.schema = name.name, "PUBLIC"
            case CreateSchema(name=name):
                self.database, self.schema = name.schema or self.database, name.name
            case _:
                pass

    def complete(self, name: QualifiedName) -> QualifiedName:
        return name.within(self.database, self.schema)


def _task_changes(statement: Statement, parsed: Parsed, scope: _Scope) -> Iterator[TaskChange]:
    match parsed:
        case CreateTask():
            name = scope.complete(parsed.name)
            yield TaskChange(
                statement,
                name,
                _ACTS[parsed.mode],
                creates=True,
                predecessors=tuple(parent.within(name.database, name.schema) for parent in parsed.after),
                finalizes=None if parsed.finalize is None else parsed.finalize.within(name.database, name.schema),
            )
        case CloneTask():
            yield TaskChange(statement, scope.complete(parsed.name), _ACTS[parsed.mode], creates=True)
        case AlterTask(action=Suspend()):
            yield TaskChange(statement, scope.complete(parsed.name), Act.SUSPEND)
        case AlterTask(action=Resume()):
            yield TaskChange(statement, scope.complete(parsed.name), Act.RESUME)
        case AlterTask():
            yield TaskChange(statement, scope.complete(parsed.name), Act.ALTER)
        case Drop(kind=ObjectKind.TASK):
            yield TaskChange(statement, scope.complete(parsed.name), Act.DROP)
        case _:
            return
