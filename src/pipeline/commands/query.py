"""Named queries of the project, and any text of SQL."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from pipeline.commands.workspace import Request, Workspace, open_workspace
from pipeline.errors import Location, StatementFailed, UsageError
from pipeline.project.queries import Query, bind, find_query
from pipeline.sql.names import render
from pipeline.sql.splitter import split
from pipeline.targets.session import MISSING, Outcome, Session


@dataclass(frozen=True, slots=True)
class QueryResult:
    """The rows of a query; `name` is None for a text."""

    name: str | None
    title: str | None
    outcome: Outcome


def list_queries(request: Request) -> tuple[Query, ...]:
    """The named queries, in the order of the scripts. Needs no account."""
    return open_workspace(request).queries


def run_query(request: Request, name: str, parameters: Mapping[str, str], say: Callable[[str], None]) -> QueryResult:
    """Run a named query with its parameters. Raises UsageError for an unknown name or parameter."""
    workspace = open_workspace(request)
    query = find_query(workspace.queries, name)
    text = bind(query, parameters)
    with _session(workspace, request, say) as session:
        session.tag(f"pipeline query {name}")
        try:
            outcome = session.run(text)
        except StatementFailed as error:
            raise _located(error, query.at) from error
    return QueryResult(query.name, query.title, outcome)


def run_text(request: Request, sql: str, say: Callable[[str], None]) -> QueryResult:
    """Run the statements of a text one after the other; the result of the last."""
    pieces = split(sql)
    if not pieces:
        raise UsageError("There is no statement in the text.")
    workspace = open_workspace(request)
    with _session(workspace, request, say) as session:
        session.tag("pipeline query")
        for piece in pieces[:-1]:
            session.run(piece.text)
        return QueryResult(None, None, session.run(pieces[-1].text))


def _session(workspace: Workspace, request: Request, say: Callable[[str], None]) -> Session:
    """A session in which the project's database is current, if it is there."""
    session = workspace.connect(request, say)
    try:
        session.run_if_exists(f"USE DATABASE {render(workspace.database)}")
    except BaseException:
        session.close()
        raise
    return session


def _located(error: StatementFailed, at: Location) -> StatementFailed:
    hint = "`pipeline deploy` creates what the query reads." if error.errno in MISSING else error.hint
    return StatementFailed(
        error.message, at=at, hint=hint, query_id=error.query_id, errno=error.errno, sqlstate=error.sqlstate
    )
