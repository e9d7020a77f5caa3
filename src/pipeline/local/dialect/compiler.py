"""The heart of the dialect: one walk over a tree, from the leaves up, that writes DuckDB SQL with its types.

What has no rule here or in the registry of functions is refused by name; nothing reaches DuckDB unread.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from sqlglot import exp

from pipeline.local.dialect.relations import Resolver
from pipeline.local.dialect.scope import Paths, Scope
from pipeline.local.dialect.typed import BOOLEAN, Typed
from pipeline.local.errors import SnowflakeError, compilation, invalid_identifier, unsupported

Handler = Callable[["Compiler", exp.Expression, Scope], Typed]

MAX_DEPTH = 800


@dataclass(slots=True)
class Environment:
    """The common table expressions that a query may name, innermost first."""

    ctes: dict[str, "Cte"] = field(default_factory=dict)

    def child(self) -> "Environment":
        return Environment(dict(self.ctes))


@dataclass(slots=True)
class Cte:
    """A WITH query: its DuckDB name and its columns (name, physical, type) once they are known."""

    physical: str
    columns: list["OutputColumn"]


@dataclass(slots=True)
class OutputColumn:
    """A column that a query gives: the name that Snowflake shows, and the unique one in DuckDB."""

    name: str
    physical: str
    value: Typed


@dataclass(slots=True)
class Query:
    """A translated query and its columns."""

    sql: str
    columns: list[OutputColumn]


class Compiler:
    """One translation: the account's resolver, the markers met so far, the paths to gather."""

    def __init__(self, resolver: Resolver) -> None:
        self.resolver = resolver
        self.settings = resolver.settings
        self.markers: set[str] = set()
        self.paths = Paths()
        self.environment = Environment()
        self._names = 0
        self._depth = 0

    def expression(self, node: exp.Expression, scope: Scope) -> Typed:
        """Translate one expression."""
        from pipeline.local.dialect.expressions import HANDLERS

        handler = HANDLERS.get(type(node))
        if handler is None:
            raise unsupported(f"The expression {what(node)}")
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise compilation("Expression is nested too deeply.", 2140, "42601")
        try:
            return handler(self, node, scope)
        finally:
            self._depth -= 1

    def expressions(self, nodes: Sequence[exp.Expression], scope: Scope) -> list[Typed]:
        return [self.expression(node, scope) for node in nodes]

    def condition(self, node: exp.Expression, scope: Scope) -> str:
        """A boolean: what stands in WHERE, ON, HAVING, QUALIFY, WHEN."""
        from pipeline.local.dialect.casts import coerce

        return coerce(self.expression(node, scope), BOOLEAN).sql

    def marker(self, name: str, duckdb_type: str) -> str:
        """A value that is bound when the query runs."""
        self.markers.add(name)
        return f"CAST(${name} AS {duckdb_type})"

    def fresh(self, stem: str) -> str:
        """A name that nothing else has."""
        self._names += 1
        return f"__{stem}_{self._names}"


def what(node: exp.Expression) -> str:
    """How a construct is called in a refusal: the source text where sqlglot kept it, else its kind."""
    kind = type(node).__name__
    return f"{kind.upper()}"


def identifier(node: exp.Expression | None) -> str:
    """The stored name of an identifier: folded unless quoted."""
    if not isinstance(node, exp.Identifier):
        raise compilation("An identifier is missing.", 1003, "42000")
    text: str = node.this
    return text if node.args.get("quoted") else text.upper()


def unknown_column(node: exp.Expr, name: str) -> SnowflakeError:
    """Error 904 with the place where the name begins, its qualifiers included, as far as the parser kept it."""
    parts = [node] if isinstance(node, exp.Identifier) else [*node.find_all(exp.Identifier), node]
    places = [part.meta for part in parts if part._meta and "col" in part.meta]
    if not places:
        return invalid_identifier(name)
    first = min(places, key=lambda place: int(place["start"]))
    length = int(first["end"]) - int(first["start"]) + 1
    return invalid_identifier(name, int(first["line"]), max(int(first["col"]) - length, 0))


def decimal_of(text: str) -> Decimal:
    return Decimal(text)
