"""Subqueries inside expressions."""

from sqlglot import exp

from pipeline.local.dialect.compiler import Compiler, Query
from pipeline.local.dialect.predicates import comparable
from pipeline.local.dialect.scope import Scope
from pipeline.local.dialect.typed import BOOLEAN, Typed, quoted
from pipeline.local.errors import compilation, unsupported


def _query(compiler: Compiler, node: exp.Expression, scope: Scope) -> Query:
    from pipeline.local.dialect.queries import query

    return query(compiler, node, scope)


def scalar(compiler: Compiler, node: exp.Expression, scope: Scope) -> Typed:
    """`(SELECT …)` as one value. More than one column does not compile; more than one row fails when it runs."""
    inner = _query(compiler, node, scope)
    if len(inner.columns) != 1:
        raise compilation(
            f"Invalid argument: a scalar subquery gives {len(inner.columns)} columns, one is expected.", 1065, "22023"
        )
    return Typed(f"({inner.sql})", inner.columns[0].value.type)


def exists(compiler: Compiler, node: exp.Expression, scope: Scope) -> Typed:
    return Typed(f"EXISTS ({_query(compiler, node.this, scope).sql})", BOOLEAN)


def in_query(compiler: Compiler, node: exp.Expression, scope: Scope) -> Typed:
    """`x IN (SELECT …)`, `(x, y) IN (SELECT …)`: both sides come to one type, column by column."""
    one, many = _sides(compiler, node.this, node.args["query"], scope)
    return Typed(f"({one} IN ({many}))", BOOLEAN)


def quantified(compiler: Compiler, left: exp.Expression, sign: str, right: exp.Expression, scope: Scope) -> Typed:
    """`x > ANY (SELECT …)`, `x <> ALL (SELECT …)`; sqlglot reads NOT IN (SELECT …) as the latter."""
    if not isinstance(right.this, (exp.Subquery, exp.Query)):
        raise unsupported("ANY or ALL of something that is not a subquery")
    inner: exp.Expression = right.args["this"]
    one, many = _sides(compiler, left, inner, scope)
    if sign == "<>" and isinstance(right, exp.All):
        return Typed(f"({one} NOT IN ({many}))", BOOLEAN)
    if sign == "=" and isinstance(right, exp.Any):
        return Typed(f"({one} IN ({many}))", BOOLEAN)
    return Typed(f"({one} {sign} {'ALL' if isinstance(right, exp.All) else 'ANY'} ({many}))", BOOLEAN)


def _sides(compiler: Compiler, left_node: exp.Expression, query_node: exp.Expression, scope: Scope) -> tuple[str, str]:
    """The value or row on the left, and the query on the right, in types that compare."""
    inner = _query(compiler, query_node, scope)
    subjects = left_node.expressions if isinstance(left_node, exp.Tuple) else [left_node]
    if len(subjects) != len(inner.columns):
        raise compilation(
            f"Invalid argument types for function 'IN': {len(subjects)} values, {len(inner.columns)} columns",
            1044,
            "42P13",
        )
    alias = compiler.fresh("in")
    left, right = [], []
    for subject, column in zip(subjects, inner.columns, strict=True):
        member = Typed(f"{quoted(alias)}.{quoted(column.physical)}", column.value.type, null=column.value.null)
        a, b = comparable(compiler.expression(subject, scope), member)
        left.append(a.sql)
        right.append(b.sql)
    one = f"({', '.join(left)})" if len(left) > 1 else left[0]
    many = f"({', '.join(right)})" if len(right) > 1 else right[0]
    return one, f"SELECT {many} FROM ({inner.sql}) AS {quoted(alias)}"
