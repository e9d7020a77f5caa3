"""Whole queries: SELECT with all its clauses, set operations, WITH."""

from dataclasses import dataclass, field

from sqlglot import exp

from pipeline.local.dialect.casts import coerce
from pipeline.local.dialect.compiler import Compiler, Cte, OutputColumn, Query, identifier
from pipeline.local.dialect.projections import Projection, projections
from pipeline.local.dialect.scope import Item, Scope, ScopeColumn, unique
from pipeline.local.dialect.sources import Joined, from_clause, source_item
from pipeline.local.dialect.tails import limit_clause, order_clause, ordinal
from pipeline.local.dialect.typed import Typed, common_type, number, physical, quoted
from pipeline.local.errors import compilation, unsupported
from pipeline.sql.types import DataType, Kind

_REFUSED_CLAUSES = {
    "laterals": "LATERAL VIEW",
    "connect": "CONNECT BY",
    "match": "MATCH_RECOGNIZE",
    "windows": "WINDOW",
    "distribute": "DISTRIBUTE BY",
    "sort": "SORT BY",
    "cluster": "CLUSTER BY",
    "sample": "SAMPLE",
    "settings": "SETTINGS",
    "format": "FORMAT",
    "locks": "FOR UPDATE",
    "into": "SELECT INTO",
    "pivots": "PIVOT",
    "prewhere": "PREWHERE",
    "kind": "SELECT AS",
    "operation_modifiers": "SELECT modifiers",
}


def query(compiler: Compiler, node: exp.Expression, parent: Scope | None) -> Query:
    """Translate a query of any form."""
    outer = compiler.environment
    compiler.environment = outer.child()
    try:
        prefix = _with(compiler, node, parent)
        body = _body(compiler, node, parent)
        return Query(prefix + body.sql, body.columns)
    finally:
        compiler.environment = outer


def _body(compiler: Compiler, node: exp.Expression, parent: Scope | None) -> Query:
    match node:
        case exp.Select():
            return _select(compiler, node, parent)
        case exp.SetOperation():
            return _set_operation(compiler, node, parent)
        case exp.Subquery() | exp.Paren():
            inner = query(compiler, node.this, parent)
            return _modified(compiler, inner, node, parent)
        case exp.Values():
            item = source_item(compiler, node, Scope(parent))
            columns = [OutputColumn(each.name, each.physical, Typed("", each.type)) for each in item.columns]
            return _modified(compiler, Query(str(item.body), columns), node, parent)
        case exp.Table():
            star = exp.Select(expressions=[exp.Star()], from_=exp.From(this=node))
            return _select(compiler, star, parent)
        case _:
            raise unsupported(f"{type(node).__name__.upper()} as a query")


def _with(compiler: Compiler, node: exp.Expression, parent: Scope | None) -> str:
    """The WITH clause; each query in it is known to those after it."""
    clause = node.args.get("with_")
    if clause is None:
        return ""
    parts = [_cte(compiler, each, parent) for each in clause.expressions]
    recursive = any(is_recursive for _, is_recursive in parts)
    return f"WITH {'RECURSIVE ' if recursive else ''}{', '.join(text for text, _ in parts)} "


def _cte(compiler: Compiler, node: exp.CTE, parent: Scope | None) -> tuple[str, bool]:
    alias = node.args["alias"]
    name = identifier(alias.this)
    names = [identifier(each) for each in alias.args.get("columns") or []]
    physical = compiler.fresh("cte")
    recursive = isinstance(node.this, exp.SetOperation) and _mentions(node.this.expression, name)
    if recursive:
        inner = _recursive(compiler, node.this, name, names, physical, parent)
    else:
        inner = query(compiler, node.this, parent)
        _rename(inner, names, name)
    compiler.environment.ctes[name] = Cte(physical, inner.columns)
    columns = ", ".join(quoted(column.physical) for column in inner.columns)
    return f"{quoted(physical)}({columns}) AS ({inner.sql})", recursive


def _mentions(node: exp.Expression, name: str) -> bool:
    return any(
        isinstance(table.this, exp.Identifier) and not table.args.get("db") and identifier(table.this) == name
        for table in node.find_all(exp.Table)
    )


def _recursive(
    compiler: Compiler, node: exp.SetOperation, name: str, names: list[str], physical: str, parent: Scope | None
) -> Query:
    """The anchor gives the columns and their types; the recursive part is brought to them."""
    if not isinstance(node, exp.Union) or node.args.get("distinct"):
        raise unsupported("A recursive WITH that is not UNION ALL")
    anchor = query(compiler, node.this, parent)
    _rename(anchor, names, name)
    types = [_roomy(column.value.type) for column in anchor.columns]
    columns = [OutputColumn(c.name, c.physical, Typed("", t)) for c, t in zip(anchor.columns, types, strict=True)]
    compiler.environment.ctes[name] = Cte(physical, columns)
    step = query(compiler, node.expression, parent)
    _same_width(anchor, step)
    for given, wanted in zip(step.columns, types, strict=True):
        if given.value.kind is Kind.NUMBER and given.value.scale > (wanted.scale or 0):
            raise unsupported("A recursive WITH whose later rows have more decimals than its first ones")
    sql = f"{_stored(anchor, types)} UNION ALL {_retyped(compiler, step, types)}"
    return Query(sql, columns)


def _roomy(data_type: DataType) -> DataType:
    return number(38, data_type.scale or 0) if data_type.kind is Kind.NUMBER else data_type


def _rename(inner: Query, names: list[str], what: str) -> None:
    """Give the columns the names in `alias(a, b)`, and DuckDB names that are unique."""
    if names and len(names) != len(inner.columns):
        raise compilation(
            f"Column count mismatch: '{what}' has {len(inner.columns)} columns, not {len(names)}.", 2057, "42601"
        )
    taken: set[str] = set()
    for place, column in enumerate(inner.columns):
        column.name = names[place] if names else column.name
        column.physical = unique(column.name, taken)


def _same_width(left: Query, right: Query) -> None:
    if len(left.columns) != len(right.columns):
        raise compilation(
            f"invalid number of result columns for set operator input branches, expected {len(left.columns)}, "
            f"got {len(right.columns)} in branch {{2}}",
            1789,
            "42601",
        )


def _set_operation(compiler: Compiler, node: exp.SetOperation, parent: Scope | None) -> Query:
    """UNION, EXCEPT, INTERSECT: the names of the first branch, column types common to all."""
    if node.args.get("by_name") or node.args.get("side") or node.args.get("on"):
        raise unsupported("UNION BY NAME")
    word = {exp.Union: "UNION", exp.Except: "EXCEPT", exp.Intersect: "INTERSECT"}[type(node)]
    branches = [query(compiler, each, parent) for each in _branches(node)]
    for branch in branches[1:]:
        _same_width(branches[0], branch)
    types = [
        common_type([branch.columns[place].value for branch in branches]) for place in range(len(branches[0].columns))
    ]
    if word != "UNION" or node.args.get("distinct"):
        for each in types:
            _groupable(Typed("", each), word)
    operator = f" {word}{'' if node.args.get('distinct') else ' ALL'} "
    sql = operator.join(_retyped(compiler, branch, types) for branch in branches)
    columns = [
        OutputColumn(column.name, column.physical, Typed("", kind))
        for column, kind in zip(branches[0].columns, types, strict=True)
    ]
    return _modified(compiler, Query(sql, columns), node, parent)


def _branches(node: exp.SetOperation) -> list[exp.Expression]:
    """A chain of one operator as a list, so that a thousand branches do not nest."""
    kind, distinct = type(node), bool(node.args.get("distinct"))
    branches: list[exp.Expression] = []
    at: exp.Expression = node
    while type(at) is kind and bool(at.args.get("distinct")) == distinct and (at is node or not _has_modifiers(at)):
        branches.append(at.args["expression"])
        at = at.this
        if kind is not exp.Union and branches:
            break
    branches.append(at)
    return branches[::-1]


def _has_modifiers(node: exp.Expression) -> bool:
    return any(node.args.get(key) for key in ("order", "limit", "offset", "with_"))


def _retyped(compiler: Compiler, branch: Query, types: list[DataType]) -> str:
    """A branch whose columns have the types wanted, in parentheses."""
    if all(_fits(column.value, wanted) for column, wanted in zip(branch.columns, types, strict=True)):
        return f"({branch.sql})"
    alias = compiler.fresh("branch")
    taken: set[str] = set()
    shown = []
    for column, wanted in zip(branch.columns, types, strict=True):
        value = Typed(f"{quoted(alias)}.{quoted(column.physical)}", column.value.type, null=column.value.null)
        shown.append(f"{coerce(value, wanted).sql} AS {quoted(unique(column.name, taken))}")
    return f"(SELECT {', '.join(shown)} FROM ({branch.sql}) AS {quoted(alias)})"


def _stored(branch: Query, types: list[DataType]) -> str:
    """The anchor in its columns' full types: DuckDB's recursion takes its types from there."""
    shown = (
        f"CAST({quoted(column.physical)} AS {physical(wanted)}) AS {quoted(column.physical)}"
        for column, wanted in zip(branch.columns, types, strict=True)
    )
    names = ", ".join(quoted(column.physical) for column in branch.columns)
    return f"(SELECT {', '.join(shown)} FROM ({branch.sql}) AS __anchor({names}))"


def _fits(value: Typed, wanted: DataType) -> bool:
    return (
        not value.null
        and value.kind is wanted.kind
        and (value.kind is not Kind.NUMBER or value.scale == (wanted.scale or 0))
    )


def _modified(compiler: Compiler, inner: Query, node: exp.Expression, parent: Scope | None) -> Query:
    """ORDER BY and LIMIT behind a set operation or a query in parentheses."""
    if not any(node.args.get(key) for key in ("order", "limit", "offset")):
        return inner
    alias = compiler.fresh("rows")
    item = Item(alias, alias, [ScopeColumn(c.name, c.physical, c.value.type) for c in inner.columns], inner.sql)
    scope = Scope(parent, [item])
    outputs = [
        Projection(c.name, c.physical, item.reference(s), None)
        for c, s in zip(inner.columns, item.columns, strict=True)
    ]
    tail = order_clause(compiler, node.args.get("order"), scope, outputs) + limit_clause(compiler, node, scope)
    return Query(f"SELECT * FROM ({inner.sql}) AS {quoted(alias)}{tail}", inner.columns)


@dataclass(slots=True)
class _Clauses:
    """The clauses of one SELECT as DuckDB text, still with tokens for its paths."""

    distinct: str
    shown: list[Projection]
    joined: Joined
    rest: str = ""
    order: str = ""
    limit: str = ""
    parts: list[str] = field(default_factory=list)


def _select(compiler: Compiler, node: exp.Select, parent: Scope | None) -> Query:
    for key, name in _REFUSED_CLAUSES.items():
        if node.args.get(key):
            raise unsupported(name)
    scope = Scope(parent)
    joined = from_clause(compiler, node, scope)
    scope.aliases = {
        identifier(each.args["alias"]): each.this for each in node.expressions if isinstance(each, exp.Alias)
    }
    shown = projections(compiler, node.expressions, scope)
    clauses = _Clauses(_distinct(node, shown), shown, joined)
    clauses.rest = (
        _where(compiler, node, scope) + _group(compiler, node, scope, shown) + _filters(compiler, node, scope)
    )
    clauses.order = order_clause(compiler, node.args.get("order"), scope, shown)
    clauses.limit = limit_clause(compiler, node, scope)
    return Query(_assemble(compiler, clauses, scope), [OutputColumn(p.name, p.physical, p.value) for p in shown])


def _assemble(compiler: Compiler, clauses: _Clauses, scope: Scope) -> str:
    """Put the clauses together once it is known which paths and sequences they read."""
    columns = ", ".join(f"{each.value.sql} AS {quoted(each.physical)}" for each in clauses.shown)
    outside = f"{columns}{clauses.rest}{clauses.order}"
    clauses.joined.settle_sequences(outside, scope)
    compiler.paths.gather(scope, outside + clauses.joined.conditions() + clauses.limit)
    source = clauses.joined.render()
    return compiler.paths.settle(
        f"SELECT {clauses.distinct}{columns}{source}{clauses.rest}{clauses.order}{clauses.limit}"
    )


def _distinct(node: exp.Select, shown: list[Projection]) -> str:
    clause = node.args.get("distinct")
    if clause is None:
        return ""
    if clause.args.get("on"):
        raise unsupported("DISTINCT ON")
    for each in shown:
        _groupable(each.value, "DISTINCT")
    return "DISTINCT "


def _groupable(value: Typed, clause: str) -> Typed:
    """Equal instants with different offsets are one value to Snowflake and two to DuckDB."""
    if value.kind is Kind.TIMESTAMP_TZ:
        raise unsupported(f"{clause} of TIMESTAMP_TZ (a cast to TIMESTAMP_LTZ or TIMESTAMP_NTZ)")
    return value


def _where(compiler: Compiler, node: exp.Select, scope: Scope) -> str:
    clause = node.args.get("where")
    return "" if clause is None else f" WHERE {compiler.condition(clause.this, scope)}"


def _filters(compiler: Compiler, node: exp.Select, scope: Scope) -> str:
    text = ""
    for key in ("having", "qualify"):
        clause = node.args.get(key)
        if clause is not None:
            text += f" {key.upper()} {compiler.condition(clause.this, scope)}"
    return text


def _group(compiler: Compiler, node: exp.Select, scope: Scope, shown: list[Projection]) -> str:
    clause = node.args.get("group")
    if clause is None:
        return ""
    if clause.args.get("all"):
        return " GROUP BY ALL"
    if clause.args.get("totals"):
        raise unsupported("GROUP BY … WITH TOTALS")
    keys = [_group_key(compiler, each, scope, shown) for each in clause.expressions]
    for name, word in (("grouping_sets", "GROUPING SETS"), ("rollup", "ROLLUP"), ("cube", "CUBE")):
        for each in clause.args.get(name) or []:
            keys.append(f"{word} ({_group_list(compiler, each, scope, shown)})")
    return f" GROUP BY {', '.join(keys)}"


def _group_key(compiler: Compiler, node: exp.Expression, scope: Scope, shown: list[Projection]) -> str:
    match node:
        case exp.Literal() if not node.args.get("is_string"):
            return _groupable(ordinal(node, shown).value, "GROUP BY").sql
        case exp.GroupingSets():
            return f"GROUPING SETS ({_group_list(compiler, node, scope, shown)})"
        case exp.Rollup():
            return f"ROLLUP ({_group_list(compiler, node, scope, shown)})"
        case exp.Cube():
            return f"CUBE ({_group_list(compiler, node, scope, shown)})"
        case exp.Tuple():
            return f"({', '.join(_group_key(compiler, each, scope, shown) for each in node.expressions)})"
        case _:
            return _groupable(compiler.expression(node, scope), "GROUP BY").sql


def _group_list(compiler: Compiler, node: exp.Expression, scope: Scope, shown: list[Projection]) -> str:
    return ", ".join(_group_key(compiler, each, scope, shown) for each in node.expressions)
