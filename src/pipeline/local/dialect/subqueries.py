"""Subqueries inside expressions."""

from sqlglot import exp

from pipeline.local.dialect.compiler import Compiler, Query
from pipeline.local.dialect.predicates import comparable
from pipeline.local.dialect.scope import Scope
from pipeline.local.dialect.typed import BOOLEAN, Typed, quoted
from pipeline.local.errors import compilation


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
    inner = _query(compiler, node.args["query"], scope)
    subjects = node.this.expressions if isinstance(node.this, exp.Tuple) else [node.this]
    if len(subjects) != len(inner.columns):
        raise compilation(
            f"Invalid argument types for function 'IN': {len(subjects)} values, {len(inner.columns)} columns", 1044, "42P13"
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
    return Typed(f"({one} IN (SELECT {many} FROM ({inner.sql}) AS {quoted(alias)}))", BOOLEAN)
