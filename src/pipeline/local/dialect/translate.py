"""Snowflake's queries and expressions as DuckDB SQL.

Text that comes out has named parameters, the markers, for what changes from one execution to the next: `$now`,
`$current_database`, `$b_1`… So a translation may be kept by its text and the session's settings.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlglot import exp

from pipeline.local.dialect.relations import RelationColumn, Resolver
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
    raise NotImplementedError


def translate_expression(
    tree: exp.Expression, resolver: Resolver, sources: Sequence[Source] = (), target: DataType | None = None
) -> TranslatedExpression:
    """Translate an expression over `sources`; with `target` the value is assigned to that type."""
    raise NotImplementedError


def translate_source(tree: exp.Expression, resolver: Resolver) -> TranslatedSource:
    """Translate a table, a subquery or a table function as it stands in FROM, with its alias."""
    raise NotImplementedError
