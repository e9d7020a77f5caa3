"""Named queries of the project, and any text of SQL."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from pipeline.commands.places import faulty_line
from pipeline.commands.workspace import Request, Workspace, open_workspace
from pipeline.errors import Location, StatementFailed, SyntaxProblem, UsageError
from pipeline.project.charts import Chart
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
    chart: Chart | None = None


def list_queries(request: Request) -> tuple[Query, ...]:
    """The named queries, in the order of the scripts. Needs no account."""
    return open_workspace(request).queries


def run_query(
    request: Request, name: str, parameters: Mapping[str, str], say: Callable[[str], None], *, chart: bool = False
) -> QueryResult:
    """Run a named query with its parameters; `chart` says that its rows will be drawn.

    Raises:
        UsageError: an unknown name or parameter, or the query has no chart.
        SyntaxProblem: the query's `-- chart:` names a column that it does not have.
    """
    workspace = open_workspace(request)
    query = find_query(workspace.queries, name)
    if chart and query.chart is None:
        raise _no_chart(query, workspace.queries)
    text = bind(query, parameters)
    with _session(workspace, request, say) as session:
        session.tag(f"pipeline query {name}")
        try:
            outcome = session.run(text)
        except StatementFailed as error:
            raise _located(error, query.location(faulty_line(error.message, text))) from error
    if chart and query.chart is not None:
        _check_columns(query, query.chart, outcome)
    return QueryResult(query.name, query.title, outcome, query.chart)


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


def _no_chart(query: Query, queries: tuple[Query, ...]) -> UsageError:
    having = [each.name for each in queries if each.chart is not None]
    hint = f"These have one: {', '.join(having)}." if having else "'-- chart: bars LABEL VALUE' above it gives it one."
    return UsageError(f"query '{query.name}' has no chart", hint=hint)


def _check_columns(query: Query, chart: Chart, outcome: Outcome) -> None:
    known = [column.upper() for column in outcome.columns]
    for name in (chart.label, chart.value):
        if name.upper() not in known:
            raise SyntaxProblem(
                f"the chart's column '{name}' is none of the query's", at=query.at, hint=f"It has {', '.join(known)}."
            )


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
