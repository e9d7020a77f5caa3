"""FROM: relations of every kind as derived tables, and their joins."""

from dataclasses import dataclass, field

from sqlglot import exp

from pipeline.local.dialect import tablefunctions
from pipeline.local.dialect.casts import coerce
from pipeline.local.dialect.compiler import Compiler, identifier
from pipeline.local.dialect.predicates import compare
from pipeline.local.dialect.relations import Relation
from pipeline.local.dialect.scope import Item, Scope, ScopeColumn, scope_columns
from pipeline.local.dialect.typed import Typed, common_type, quoted
from pipeline.local.errors import compilation, invalid_identifier, unsupported
from pipeline.sql.names import split_name

_REFUSED_TABLE_PARTS = {"pivots": "PIVOT", "sample": "SAMPLE", "hints": "Table hints", "partition": "PARTITION"}


@dataclass(slots=True)
class Joined:
    """The relations of a FROM in order, each with the words before it and the condition after it."""

    parts: list[tuple[str, Item, str]] = field(default_factory=list)

    def render(self) -> str:
        text = ""
        for words, item, condition in self.parts:
            text += f"{words}{item.render()}{condition}"
        return text

    def conditions(self) -> str:
        """What else reads the relations: join conditions, and lateral relations."""
        return "".join(f"{condition}{item.body or ''}" for _, item, condition in self.parts)

    def settle_sequences(self, outside: str, scope: Scope) -> None:
        """Number the rows that a FLATTEN reads, if somebody reads its SEQ."""
        for _, item, _ in self.parts:
            tablefunctions.settle_sequence(item, outside + self.conditions(), scope)


def from_clause(compiler: Compiler, node: exp.Select, scope: Scope) -> Joined:
    """Bring every relation of FROM and JOIN into scope; empty without FROM."""
    joined = Joined()
    clause = node.args.get("from_")
    if clause is None:
        return joined
    first = source_item(compiler, clause.this, scope)
    scope.add(first)
    joined.parts.append((" FROM ", first, ""))
    for join in [*(clause.this.args.get("joins") or []), *(node.args.get("joins") or [])]:
        _join(compiler, join, scope, joined)
    return joined


def source_item(compiler: Compiler, node: exp.Expression, scope: Scope) -> Item:
    """One relation of FROM. Its columns may be renamed by `alias(a, b)`."""
    item = _item(compiler, node, scope)
    alias = node.args.get("alias")
    if isinstance(alias, exp.TableAlias):
        if alias.this is not None:
            item.alias = item.physical = identifier(alias.this)
            item.qualifier = ()
        names = [identifier(each) for each in alias.args.get("columns") or []]
        if names:
            _rename(item, names)
    return item


def _rename(item: Item, names: list[str]) -> None:
    columns = [column for column in item.columns if not column.hidden]
    if len(names) != len(columns):
        raise compilation(
            f"Column count mismatch: '{item.alias}' has {len(columns)} columns, not {len(names)}.", 2057, "42601"
        )
    for column, name in zip(columns, names, strict=True):
        column.name = name


def _item(compiler: Compiler, node: exp.Expression, scope: Scope) -> Item:
    for key, name in _REFUSED_TABLE_PARTS.items():
        if node.args.get(key):
            raise unsupported(name)
    match node:
        case exp.Table():
            return _table(compiler, node, scope)
        case exp.Subquery():
            return _subquery(compiler, node, scope)
        case exp.Values():
            return tablefunctions.values(compiler, node, scope)
        case exp.Lateral():
            return _lateral(compiler, node, scope)
        case _:
            raise unsupported(f"{type(node).__name__.upper()} in FROM")


def _table(compiler: Compiler, node: exp.Table, scope: Scope) -> Item:
    inner = node.this
    if isinstance(inner, (exp.Anonymous, exp.Dot)):
        return _table_call(compiler, inner, node, scope)
    if not isinstance(inner, exp.Identifier):
        if inner.name.startswith("@") or isinstance(inner, (exp.Literal, exp.RawString)):
            return _stage(compiler, node)
        raise unsupported(f"{inner.sql()} in FROM")
    if inner.name.startswith("@"):
        return _stage(compiler, node)
    parts = (*tuple(identifier(node.args[key]) for key in ("catalog", "db") if node.args.get(key)), identifier(inner))
    return named(compiler, parts, node)


def _stage(compiler: Compiler, node: exp.Table) -> Item:
    return _relation_item(compiler.resolver.stage(node), compiler.fresh("stage"), ())


def named(compiler: Compiler, parts: tuple[str, ...], node: exp.Table) -> Item:
    """A relation by its name: a WITH query first, else the account's."""
    cte = compiler.environment.ctes.get(parts[0]) if len(parts) == 1 else None
    if cte is None:
        return _relation_item(compiler.resolver.table(parts, node), parts[-1], parts[:-1])
    columns = [ScopeColumn(column.name, column.physical, column.value.type) for column in cte.columns]
    return Item(parts[0], parts[0], columns, f"SELECT * FROM {quoted(cte.physical)}")


def _relation_item(relation: Relation, alias: str, qualifier: tuple[str, ...]) -> Item:
    return Item(alias, alias, scope_columns(relation.columns), relation.sql, qualifier=qualifier)


def _table_call(compiler: Compiler, call: exp.Expression, node: exp.Table, scope: Scope) -> Item:
    """TABLE(…), IDENTIFIER(…), or a table function written bare."""
    if isinstance(call, exp.Anonymous) and _name_of(call) in ("TABLE", "IDENTIFIER"):
        if len(call.expressions) != 1:
            raise compilation(f"{_name_of(call)} takes one argument.", 938, "22023")
        inner = call.expressions[0]
        if isinstance(inner, (exp.Anonymous, exp.Dot)) and _name_of(call) == "TABLE":
            return _function(compiler, inner, scope)
        constant = compiler.expression(inner, scope).constant
        if not isinstance(constant, str):
            raise unsupported(f"{_name_of(call)}(…) of something that is not a constant text")
        return named(compiler, split_name(constant), node)
    return _function(compiler, call, scope)


def _name_of(call: exp.Anonymous) -> str:
    return str(call.name).upper()


def _function(compiler: Compiler, call: exp.Expression, scope: Scope) -> Item:
    """A table function: ours by its name, the account's otherwise."""
    parts: list[str] = []
    inner = call
    while isinstance(inner, exp.Dot):
        parts += _dotted(inner.this)
        inner = inner.expression
    if not isinstance(inner, exp.Anonymous):
        raise unsupported(f"{call.sql()} in FROM")
    name = _name_of(inner)
    if not parts:
        own = tablefunctions.find(name)
        if own is not None:
            return own(compiler, inner, scope)
    return _relation_item(compiler.resolver.function((*parts, name), inner), name, ())


def _dotted(node: exp.Expression) -> list[str]:
    if isinstance(node, exp.Dot):
        return [*_dotted(node.this), identifier(node.expression)]
    return [identifier(node)]


def _subquery(compiler: Compiler, node: exp.Subquery, scope: Scope, *, lateral: bool = False) -> Item:
    from pipeline.local.dialect.queries import query

    if isinstance(node.this, (exp.Table, exp.Values)):
        if node.this.args.get("joins") or node.args.get("joins"):
            raise unsupported("A join in parentheses")
        return source_item(compiler, node.this, scope)
    inner = query(compiler, node, scope if lateral else scope.parent)
    columns = [ScopeColumn(column.name, column.physical, column.value.type) for column in inner.columns]
    alias = compiler.fresh("query")
    return Item(alias, alias, columns, inner.sql, lateral=lateral)


def _lateral(compiler: Compiler, node: exp.Lateral, scope: Scope) -> Item:
    inner = node.this
    if isinstance(inner, exp.Subquery):
        return _subquery(compiler, inner, scope, lateral=True)
    if isinstance(inner, exp.Anonymous) and _name_of(inner) == "TABLE" and len(inner.expressions) == 1:
        inner = inner.expressions[0]
    return _function(compiler, inner, scope)


def _join(compiler: Compiler, join: exp.Join, scope: Scope, joined: Joined) -> None:
    method, side, kind = (str(join.args.get(key) or "").upper() for key in ("method", "side", "kind"))
    if method not in ("", "NATURAL") or kind not in ("", "INNER", "OUTER", "CROSS"):
        raise unsupported(f"{method or kind} JOIN")
    if join.args.get("match_condition") or join.args.get("global_") or join.args.get("hint"):
        raise unsupported("MATCH_CONDITION")
    nested = join.this.args.get("joins") or []
    before = list(scope.items)
    item = source_item(compiler, join.this, scope)
    scope.add(item)
    names = [identifier(each) for each in join.args.get("using") or []]
    if method == "NATURAL":
        names = [c.name for c in item.columns if not c.hidden and any(other.column(c.name) for other in before)]
    condition = _using(names, item, before, side, scope) if names else _on(compiler, join, scope)
    if not condition and side:
        raise compilation(f"{side} JOIN without a condition.", 1003, "42000")
    words = f" {side} JOIN " if side else (" JOIN " if condition else " CROSS JOIN ")
    joined.parts.append((words, item, f" ON {condition}" if condition else ""))
    for each in nested:
        _join(compiler, each, scope, joined)


def _on(compiler: Compiler, join: exp.Join, scope: Scope) -> str:
    condition = join.args.get("on")
    return "" if condition is None else compiler.condition(condition, scope)


def _using(names: list[str], item: Item, before: list[Item], side: str, scope: Scope) -> str:
    """USING and NATURAL: equality of the columns, which become one."""
    tests = []
    for name in names:
        left = scope.merged.get(name) or _one(name, before)
        column = item.column(name)
        if column is None:
            raise invalid_identifier(name)
        right = item.reference(column)
        tests.append(compare(left, "=", right).sql)
        scope.merged[name] = _merged(left, right, side)
        for each in [item, *before]:
            owned = each.column(name)
            if owned is not None:
                owned.merged = True
    return " AND ".join(tests)


def _one(name: str, items: list[Item]) -> Typed:
    found = [(item, column) for item in items if (column := item.column(name)) is not None]
    if not found:
        raise invalid_identifier(name)
    if len(found) > 1:
        raise compilation(f"ambiguous column name '{name}'", 2028, "42601")
    return found[0][0].reference(found[0][1])


def _merged(left: Typed, right: Typed, side: str) -> Typed:
    if side == "RIGHT":
        return right
    if side == "FULL":
        kind = common_type([left, right])
        return Typed(f"coalesce({coerce(left, kind).sql}, {coerce(right, kind).sql})", kind)
    return left
