"""Rows of a query, and the list of the named ones."""

import csv
import sys
from datetime import datetime
from decimal import Decimal

from rich.console import Console

from pipeline.cli.screen import plain
from pipeline.cli.views.chart import Point, chart
from pipeline.cli.views.table import draw
from pipeline.cli.words import counted
from pipeline.commands.query import QueryResult
from pipeline.errors import UsageError
from pipeline.project.charts import Chart
from pipeline.project.params import Param
from pipeline.project.queries import Query

_CHART_WIDTH = 100
"""Columns of a chart that is written to a file or a pipe."""


def _rows_view(result: QueryResult, console: Console) -> None:
    outcome = result.outcome
    if result.title:
        console.print(result.title, style="bold", soft_wrap=True)
    numbers = frozenset(
        position
        for position in range(len(outcome.columns))
        if outcome.rows and all(_is_number(row[position]) for row in outcome.rows)
    )
    draw(console, outcome.columns, ([_text(value) for value in row] for row in outcome.rows), right=numbers)
    console.print(f"({counted(len(outcome.rows), 'row')})", soft_wrap=True)


def _chart_view(result: QueryResult, console: Console) -> None:
    assert result.chart is not None
    if result.title:
        console.print(result.title, style="bold", soft_wrap=True)
    width = console.width if console.is_terminal else _CHART_WIDTH
    for line in chart(result.chart.kind, _points(result, result.chart), width):
        console.print(line, soft_wrap=True)


def _points(result: QueryResult, drawn: Chart) -> list[Point]:
    names = [column.upper() for column in result.outcome.columns]
    label, value = names.index(drawn.label.upper()), names.index(drawn.value.upper())
    return [Point(_text(row[label]), _height(row[value], drawn), _text(row[value])) for row in result.outcome.rows]


def _height(value: object, drawn: Chart) -> float | None:
    match value:
        case None:
            return None
        case bool():
            pass
        case int() | float() | Decimal():
            return float(value)
    raise UsageError(f"the column '{drawn.value}' cannot be drawn: '{value}' is no number")


def _rows_document(result: QueryResult) -> list[dict[str, object]]:
    return [{name: plain(value) for name, value in record.items()} for record in result.outcome.records()]


def rows_as_csv(result: QueryResult) -> None:
    """The rows on standard output, with a head line; NULL is an empty field."""
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(result.outcome.columns)
    for row in result.outcome.rows:
        writer.writerow(["" if value is None else _text(value) for value in row])


def _list_view(queries: tuple[Query, ...], console: Console) -> None:
    if not queries:
        console.print("The project has no named queries.")
        return
    for section in dict.fromkeys(query.section for query in queries):
        if section:
            console.print(section, style="bold")
        draw(
            console,
            ("name", "parameters", "description"),
            ((query.name, _parameters(query), query.description) for query in queries if query.section == section),
        )
        console.print()


def _list_document(queries: tuple[Query, ...]) -> list[dict[str, object]]:
    return [
        {
            "name": query.name,
            "title": query.title,
            "description": query.description,
            "section": query.section,
            "chart": query.chart.kind if query.chart else None,
            "parameters": [
                {"name": param.name, "type": param.type, "default": param.default} for param in query.params
            ],
        }
        for query in queries
    ]


def _parameters(query: Query) -> str:
    return " ".join(_parameter(param) for param in query.params)


def _parameter(param: Param) -> str:
    if param.default is None:
        return param.name
    return f"{param.name}={param.default}" if param.default else f"{param.name}=''"


def _is_number(value: object) -> bool:
    return value is None or (not isinstance(value, bool) and isinstance(plain(value), int | float))


def _text(value: object) -> str:
    match value:
        case None:
            return "NULL"
        case bool():
            return "true" if value else "false"
        case datetime():
            return value.isoformat(sep=" ")
        case bytes() | bytearray():
            return value.hex()
        case _:
            return str(value)


rows = (_rows_view, _rows_document)
drawn = (_chart_view, _rows_document)
query_list = (_list_view, _list_document)
