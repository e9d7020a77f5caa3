"""Function calls: plain, qualified, over windows, with their special syntax."""

from sqlglot import exp

from pipeline.local.dialect import library
from pipeline.local.dialect.compiler import Compiler, identifier
from pipeline.local.dialect.ordering import order_keys, partition_key
from pipeline.local.dialect.registry import Call, Function, Role, check_count, find, unknown_function
from pipeline.local.dialect.relations import Scalar
from pipeline.local.dialect.scope import Scope
from pipeline.local.dialect.typed import Typed
from pipeline.local.errors import SnowflakeError, compilation, unsupported

assert library.LOADED  # the registry fills as the themes are imported


def call(compiler: Compiler, node: exp.Expression, scope: Scope) -> Typed:
    """`f(x, y)`."""
    return _answer(_call(compiler, node, scope))


def _name(node: exp.Expression) -> str:
    inner = node.this
    return identifier(inner) if isinstance(inner, exp.Identifier) else str(inner).upper()


def _call(compiler: Compiler, node: exp.Expression, scope: Scope) -> Call:
    """The call without what stands around it; DISTINCT and ORDER BY inside the parentheses are taken off."""
    made = Call(compiler, scope, _name(node), list(node.expressions))
    if len(made.nodes) == 1 and isinstance(made.nodes[0], exp.Distinct):
        made.distinct = True
        made.nodes = list(made.nodes[0].expressions)
    if made.nodes and isinstance(made.nodes[0], (exp.IgnoreNulls, exp.RespectNulls)):
        made.ignore_nulls = isinstance(made.nodes[0], exp.IgnoreNulls)
        made.nodes = [made.nodes[0].this, *made.nodes[1:]]
    if any(isinstance(each, exp.Order) for each in made.nodes):
        raise unsupported(f"ORDER BY inside {made.name}(…)")
    return made


def _answer(made: Call) -> Typed:
    if made.name.startswith("SYSTEM$"):
        return _account_scalar(made, (made.name,))
    try:
        entry = find(made.name)
    except SnowflakeError:
        answer = _asked(made, (made.name,))
        if answer is None:
            raise
        return answer
    return _apply(entry, made)


def _apply(entry: Function, made: Call) -> Typed:
    check_count(entry, made.nodes)
    if entry.role is Role.WINDOW and not made.window:
        raise compilation(f"Window function {made.name} requires an OVER clause.", 2303, "42601")
    if entry.role is Role.SCALAR and (made.window or made.distinct or made.suffix or made.order):
        raise compilation(f"{made.name} is no aggregate function.", 2304, "42601")
    return entry.rule(made)


def _asked(made: Call, parts: tuple[str, ...]) -> Typed | None:
    """The account's own answer: system functions and what users created."""
    arguments = tuple(Scalar(each.sql, each.type) for each in made.args())
    node = exp.Anonymous(this=made.name, expressions=made.nodes)
    answer = made.compiler.resolver.scalar(parts, node, arguments)
    return None if answer is None else Typed(answer.sql, answer.type)


def _account_scalar(made: Call, parts: tuple[str, ...]) -> Typed:
    answer = _asked(made, parts)
    if answer is None:
        raise unknown_function(".".join(parts))
    return answer


def qualified_call(compiler: Compiler, node: exp.Expression, scope: Scope) -> Typed:
    """`database.schema.f(x)`."""
    parts: list[str] = []
    inner = node.this
    while isinstance(inner, exp.Dot):
        parts.insert(0, identifier(inner.expression))
        inner = inner.this
    parts.insert(0, identifier(inner))
    made = _call(compiler, node.expression, scope)
    return _account_scalar(made, (*parts, made.name))


def window(compiler: Compiler, node: exp.Expression, scope: Scope) -> Typed:
    """`f(x) OVER (…)`."""
    if node.args.get("alias") or str(node.args.get("over")).upper() != "OVER":
        raise unsupported("A named window")
    made = _prepared(compiler, node.this, scope)
    if made.name in _NEEDS_ORDER and node.args.get("order") is None:
        raise compilation(
            f"Window function type [{made.name}] requires ORDER BY in window specification.", 2303, "42601"
        )
    made.window = True
    made.framed = node.args.get("spec") is not None
    made.suffix += f" OVER ({_over(compiler, node, scope, made)})"
    return _answer(made)


def _prepared(compiler: Compiler, node: exp.Expression, scope: Scope) -> Call:
    """The call inside IGNORE NULLS, WITHIN GROUP and FILTER."""
    match node:
        case exp.IgnoreNulls() | exp.RespectNulls():
            made = _prepared(compiler, node.this, scope)
            made.ignore_nulls = isinstance(node, exp.IgnoreNulls)
            return made
        case exp.WithinGroup():
            made = _prepared(compiler, node.this, scope)
            _ordered(compiler, made, node.expression, scope)
            return made
        case exp.Filter():
            raise unsupported("FILTER (WHERE …)")
        case exp.GroupConcat():
            return _listagg_call(compiler, node, scope)
        case exp.Anonymous():
            return _call(compiler, node, scope)
        case _:
            raise unsupported(f"{type(node).__name__.upper()} with OVER")


def _ordered(compiler: Compiler, made: Call, clause: exp.Expression, scope: Scope) -> None:
    values = [compiler.expression(each.this, scope) for each in clause.expressions]
    keys = [key for value, each in zip(values, clause.expressions, strict=True) for key in order_keys(value, each)]
    made.order = f" ORDER BY {', '.join(keys)}"
    made.order_values = tuple(values)
    made.descending = bool(clause.expressions[0].args.get("desc"))


def _is_sequence(node: exp.Expression) -> bool:
    return isinstance(node, exp.Anonymous) and str(node.this).upper() in ("SEQ1", "SEQ2", "SEQ4", "SEQ8")


def _over(compiler: Compiler, node: exp.Expression, scope: Scope, made: Call) -> str:
    parts = []
    partition = compiler.expressions(node.args.get("partition_by") or [], scope)
    if partition:
        parts.append(f"PARTITION BY {', '.join(partition_key(value) for value in partition)}")
    order = node.args.get("order")
    if order is not None:
        # Rows have no order that SEQ4() could tell: to sort by it is to sort by nothing.
        terms = [each for each in order.expressions if not _is_sequence(each.this)]
        keys = [key for each in terms for key in order_keys(compiler.expression(each.this, scope), each)]
        parts.append(f"ORDER BY {', '.join(keys) or '0'}")
    spec = node.args.get("spec")
    if spec is not None:
        parts.append(_frame(compiler, spec, scope))
    elif made.name in _WHOLE_WINDOW and order is not None:
        parts.append("ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING")
    return " ".join(parts)


_NEEDS_ORDER = frozenset(
    {
        *("ROW_NUMBER", "RANK", "DENSE_RANK", "PERCENT_RANK", "CUME_DIST", "NTILE"),
        *("LAG", "LEAD", "FIRST_VALUE", "LAST_VALUE", "NTH_VALUE"),
    }
)
"""Functions that mean nothing without an order (docs.snowflake.com/en/sql-reference/functions-window-syntax)."""
_WHOLE_WINDOW = frozenset({"FIRST_VALUE", "LAST_VALUE", "NTH_VALUE"})
"""Without a frame these see the whole window (docs.snowflake.com/en/sql-reference/functions/first_value)."""


def _frame(compiler: Compiler, spec: exp.Expression, scope: Scope) -> str:
    if spec.args.get("exclude"):
        raise unsupported("EXCLUDE in a window frame")
    kind = str(spec.args.get("kind")).upper()
    start = _bound(compiler, spec.args.get("start"), spec.args.get("start_side"), scope)
    end = _bound(compiler, spec.args.get("end"), spec.args.get("end_side"), scope)
    return f"{kind} BETWEEN {start} AND {end or 'CURRENT ROW'}"


def _bound(compiler: Compiler, value: object, side: object, scope: Scope) -> str:
    if value is None:
        return ""
    words = str(side).upper() if side else ""
    if isinstance(value, exp.Interval):
        raise unsupported("RANGE BETWEEN INTERVAL")
    shown = compiler.expression(value, scope).sql if isinstance(value, exp.Expression) else str(value).upper()
    return f"{shown} {words}".strip()


def within_group(compiler: Compiler, node: exp.Expression, scope: Scope) -> Typed:
    return _answer(_prepared(compiler, node, scope))


def null_treatment(compiler: Compiler, node: exp.Expression, scope: Scope) -> Typed:
    return _answer(_prepared(compiler, node, scope))


def filtered(_compiler: Compiler, _node: exp.Expression, _scope: Scope) -> Typed:
    raise unsupported("FILTER (WHERE …)")


def listagg(compiler: Compiler, node: exp.Expression, scope: Scope) -> Typed:
    return _answer(_listagg_call(compiler, node, scope))


def _listagg_call(compiler: Compiler, node: exp.Expression, scope: Scope) -> Call:
    """sqlglot reads LISTAGG with its DISTINCT and WITHIN GROUP into one nest."""
    inner = node.this
    order = inner if isinstance(inner, exp.Order) else None
    inner = inner.this if order is not None else inner
    distinct = isinstance(inner, exp.Distinct)
    nodes = list(inner.expressions) if distinct else [inner]
    separator = node.args.get("separator")
    made = Call(compiler, scope, "LISTAGG", nodes + ([separator] if separator is not None else []), distinct=distinct)
    if order is not None:
        _ordered(compiler, made, order, scope)
    return made


def extract(compiler: Compiler, node: exp.Expression, scope: Scope) -> Typed:
    """`EXTRACT(part FROM x)` is DATE_PART."""
    part = exp.Literal.string(node.this.name)
    return _answer(Call(compiler, scope, "DATE_PART", [part, node.expression]))


def position(compiler: Compiler, node: exp.Expression, scope: Scope) -> Typed:
    """`POSITION(a IN b)`, `POSITION(a, b, start)`."""
    start = node.args.get("position")
    nodes = [node.args["substr"], node.this] + ([start] if start is not None else [])
    return _answer(Call(compiler, scope, "POSITION", nodes))


_BARE: dict[type[exp.Expression], str] = {
    exp.CurrentTimestamp: "CURRENT_TIMESTAMP",
    exp.CurrentDate: "CURRENT_DATE",
    exp.CurrentTime: "CURRENT_TIME",
    exp.CurrentUser: "CURRENT_USER",
    exp.CurrentRole: "CURRENT_ROLE",
    exp.Localtime: "LOCALTIME",
    exp.Localtimestamp: "LOCALTIMESTAMP",
}


def bare(compiler: Compiler, node: exp.Expression, scope: Scope) -> Typed:
    """Functions that may be written without parentheses."""
    return _answer(Call(compiler, scope, _BARE[type(node)], []))
