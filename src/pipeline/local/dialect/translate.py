"""Snowflake's queries and expressions as DuckDB SQL.

Text that comes out has named parameters, the markers, for what changes from one execution to the next: `$now`,
`$current_database`, `$b_1`… So a translation may be kept by its text and the session's settings.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from sqlglot import exp

from pipeline.local.dialect.casts import SESSION, assign
from pipeline.local.dialect.compiler import Compiler, OutputColumn, Query
from pipeline.local.dialect.queries import query
from pipeline.local.dialect.relations import RelationColumn, Resolver
from pipeline.local.dialect.scope import Item, Scope, scope_columns
from pipeline.local.dialect.sources import source_item
from pipeline.local.dialect.tablefunctions import settle_sequence
from pipeline.local.dialect.typed import Typed, quoted
from pipeline.local.errors import compilation
from pipeline.sql.types import DataType


@dataclass(frozen=True, slots=True)
class Translated:
    """A DuckDB query, the columns that a client sees, and the markers to be bound when it runs.

    The physical column names in `sql` may differ from `columns` where names repeat: go by position.
    """

    sql: str
    columns: tuple[RelationColumn, ...]
    markers: frozenset[str]


@dataclass(frozen=True, slots=True)
class TranslatedExpression:
    """A DuckDB expression, its Snowflake type, and the markers to be bound when it runs."""

    sql: str
    type: DataType
    markers: frozenset[str]


@dataclass(frozen=True, slots=True)
class Source:
    """A relation in scope under its alias, for expressions outside a query (SET, WHERE, MERGE … ON).

    The columns are written in DuckDB as `"alias"."column"`.
    """

    alias: str
    columns: tuple[RelationColumn, ...]


@dataclass(frozen=True, slots=True)
class TranslatedSource:
    """What stands after FROM, USING or MERGE … USING: `sql` is a DuckDB derived table with its alias."""

    sql: str
    source: Source
    markers: frozenset[str]


def translate_query(tree: exp.Expression, resolver: Resolver, targets: Sequence[DataType] | None = None) -> Translated:
    """Translate a query; with `targets` each column is assigned to that type, as INSERT does (lengths checked).

    Raises SnowflakeError for what does not compile, and by name for what the local account does not support.
    """
    with _session(resolver) as compiler:
        result = query(compiler, tree, None)
        result.sql = compiler.paths.settle(result.sql)
        if targets is not None:
            result = _assigned(result, targets)
        columns = tuple(RelationColumn(each.name, each.value.type) for each in result.columns)
        return Translated(result.sql, columns, frozenset(compiler.markers))


def translate_expression(
    tree: exp.Expression, resolver: Resolver, sources: Sequence[Source] = (), target: DataType | None = None
) -> TranslatedExpression:
    """Translate an expression over `sources`; with `target` the value is assigned to that type."""
    with _session(resolver) as compiler:
        scope = Scope(items=[Item(each.alias, each.alias, scope_columns(each.columns)) for each in sources])
        value = compiler.expression(tree, scope)
        if target is not None:
            value = assign(value, target)
        return TranslatedExpression(compiler.paths.settle(value.sql), value.type, frozenset(compiler.markers))


def translate_source(tree: exp.Expression, resolver: Resolver) -> TranslatedSource:
    """Translate a table, a subquery or a table function as it stands in FROM, with its alias."""
    with _session(resolver) as compiler:
        item = source_item(compiler, tree, Scope())
        settle_sequence(item, "", Scope())
        seen = [column for column in item.columns if not column.hidden]
        shown = ", ".join(f"{quoted(column.physical)} AS {quoted(column.name)}" for column in seen)
        alias = quoted(item.alias)
        sql = f"(SELECT {shown} FROM ({compiler.paths.settle(str(item.body))}) AS {alias}) AS {alias}"
        columns = tuple(RelationColumn(column.name, column.type) for column in seen)
        return TranslatedSource(sql, Source(item.alias, columns), frozenset(compiler.markers))


@contextmanager
def _session(resolver: Resolver) -> Iterator[Compiler]:
    """A compiler, with casts to text following the session's formats."""
    token = SESSION.set(resolver.settings)
    try:
        yield Compiler(resolver)
    finally:
        SESSION.reset(token)


def _assigned(result: Query, targets: Sequence[DataType]) -> Query:
    """The query with each column stored as its target stores it."""
    if len(targets) != len(result.columns):
        raise compilation(
            f"Insert value list does not match column list expecting {len(targets)} but got {len(result.columns)}",
            2020,
            "21S01",
        )
    columns = []
    for column, target in zip(result.columns, targets, strict=True):
        given = Typed(f'"__q".{quoted(column.physical)}', column.value.type, null=column.value.null)
        columns.append(OutputColumn(column.name, column.physical, assign(given, target)))
    shown = ", ".join(f"{column.value.sql} AS {quoted(column.physical)}" for column in columns)
    return Query(f'SELECT {shown} FROM ({result.sql}) AS "__q"', columns)
