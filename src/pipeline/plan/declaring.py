"""Read what statements say about tasks and streams."""

import re
from collections.abc import Container, Iterable, Iterator
from dataclasses import replace

from pipeline.errors import SyntaxProblem
from pipeline.plan.declared import Act, Declarations, TaskChange
from pipeline.plan.model import Statement
from pipeline.sql import grammar
from pipeline.sql.grammar.containers import CreateDatabase, CreateSchema, Drop
from pipeline.sql.grammar.model import CreateMode, ObjectKind, Resume, SetOptions, Suspend, UnsetOptions
from pipeline.sql.grammar.model import Statement as Parsed
from pipeline.sql.grammar.session import Use, UseKind
from pipeline.sql.grammar.streams import CloneStream, CreateStream
from pipeline.sql.grammar.tasks import AddAfter, AlterTask, CloneTask, CreateTask, RemoveAfter
from pipeline.sql.names import QualifiedName

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


def read_declarations(
    statements: Iterable[Statement], database: str | None, only: Container[int] | None
) -> Declarations:
    """As `declared.declarations`."""
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
            yield _altered(statement, parsed, scope.complete(parsed.name))
        case Drop(kind=ObjectKind.TASK):
            yield TaskChange(statement, scope.complete(parsed.name), Act.DROP)
        case _:
            return


def _altered(statement: Statement, parsed: AlterTask, name: QualifiedName) -> TaskChange:
    change = TaskChange(statement, name, Act.ALTER)
    match parsed.action:
        case AddAfter(predecessors):
            return replace(change, predecessors=tuple(each.within(name.database, name.schema) for each in predecessors))
        case RemoveAfter(predecessors):
            return replace(change, unlinked=tuple(each.within(name.database, name.schema) for each in predecessors))
        case SetOptions(options):
            finalized = options.get("FINALIZE")
            root = None if finalized is None else finalized.name().within(name.database, name.schema)
            return replace(change, finalizes=root)
        case UnsetOptions(names):
            return replace(change, finalizes_no_more="FINALIZE" in names)
        case _:
            return change
