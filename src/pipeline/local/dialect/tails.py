"""What comes last in a query: ORDER BY, LIMIT, OFFSET, FETCH."""

from sqlglot import exp

from pipeline.local.dialect.casts import whole
from pipeline.local.dialect.compiler import Compiler, identifier
from pipeline.local.dialect.ordering import order_keys
from pipeline.local.dialect.projections import Projection
from pipeline.local.dialect.scope import Scope
from pipeline.local.dialect.typed import Typed
from pipeline.local.errors import SnowflakeError, compilation, unsupported
from pipeline.sql.types import Kind


def order_clause(compiler: Compiler, clause: exp.Expression | None, scope: Scope, shown: list[Projection]) -> str:
    """ORDER BY: an output's name or number first, else an expression over what the query reads."""
    if clause is None:
        return ""
    if isinstance(clause.expressions[0].this, exp.Column) and _is_all(clause.expressions[0].this):
        keys = [key for each in shown for key in order_keys(each.value, clause.expressions[0])]
        return f" ORDER BY {', '.join(keys)}"
    keys = []
    for each in clause.expressions:
        if each.args.get("with_fill"):
            raise unsupported("ORDER BY … WITH FILL")
        keys.extend(order_keys(_sort_value(compiler, each.this, scope, shown), each))
    return f" ORDER BY {', '.join(keys)}"


def _is_all(column: exp.Column) -> bool:
    return column.name.upper() == "ALL" and not column.this.args.get("quoted") and not column.args.get("table")


def _sort_value(compiler: Compiler, node: exp.Expression, scope: Scope, shown: list[Projection]) -> Typed:
    if isinstance(node, exp.Literal) and not node.args.get("is_string"):
        return _by_place(ordinal(node, shown), shown)
    if isinstance(node, exp.Column) and not node.args.get("table") and isinstance(node.this, exp.Identifier):
        name = identifier(node.this)
        for each in shown:
            if each.name == name:
                return _by_place(each, shown)
    return compiler.expression(node, scope)


def _by_place(projection: Projection, shown: list[Projection]) -> Typed:
    """An output column by its number, which DuckDB understands in every query."""
    if projection.value.kind in (Kind.VARIANT, Kind.TIMESTAMP_TZ):
        return projection.value
    return Typed(str(next(i for i, each in enumerate(shown, 1) if each is projection)), projection.value.type)


def limit_clause(compiler: Compiler, node: exp.Expression, scope: Scope) -> str:
    text = ""
    limit, offset = node.args.get("limit"), node.args.get("offset")
    if isinstance(limit, exp.Fetch):
        options = limit.args.get("limit_options")
        if options is not None and (options.args.get("percent") or options.args.get("with_ties")):
            raise unsupported("FETCH with PERCENT or TIES")
        count: exp.Expression | None = limit.args.get("count")
    else:
        count = limit.expression if limit is not None else None
    if count is not None and not isinstance(count, exp.Null):
        text += f" LIMIT {_row_count(compiler, count, scope)}"
    if offset is not None and not isinstance(offset.expression, exp.Null):
        text += f" OFFSET {_row_count(compiler, offset.expression, scope)}"
    return text


def _row_count(compiler: Compiler, node: exp.Expression, scope: Scope) -> str:
    if not isinstance(node, (exp.Literal, exp.Placeholder, exp.Parameter)):
        raise _bad_row_count()
    value = compiler.expression(node, scope)
    if isinstance(value.constant, str):
        if not value.constant.isdigit():
            raise _bad_row_count()
        return value.constant
    return whole(value)


def _bad_row_count() -> SnowflakeError:
    return compilation("Invalid row count in limit clause: it takes a number.", 1003, "42000")


def ordinal(node: exp.Expression, shown: list[Projection]) -> Projection:
    place = int(node.name) if node.name.isdigit() else 0
    if not 1 <= place <= len(shown):
        raise compilation(
            f"{node.name} in the select list is out of range: it has {len(shown)} columns.", 1021, "42601"
        )
    return shown[place - 1]
