"""What a SELECT shows: stars, names as Snowflake gives them."""

import re
from dataclasses import dataclass

from sqlglot import exp

from pipeline.local.dialect.compiler import Compiler, identifier
from pipeline.local.dialect.parse import SOURCE_TEXT
from pipeline.local.dialect.scope import Scope, ScopeColumn, unique
from pipeline.local.dialect.typed import Typed
from pipeline.local.errors import compilation, invalid_identifier, unsupported


@dataclass(slots=True)
class Projection:
    """One output column: the name that is shown, the unique one in DuckDB, the value, and its tree if it has one."""

    name: str
    physical: str
    value: Typed
    node: exp.Expression | None


def projections(compiler: Compiler, nodes: list[exp.Expression], scope: Scope) -> list[Projection]:
    """Translate the select list, stars spread out."""
    shown: list[Projection] = []
    taken: set[str] = set()
    for node in nodes:
        star = _star(node)
        if star is not None:
            for name, value in _spread(compiler, star, node, scope):
                shown.append(Projection(name, unique(name, taken), value, None))
            continue
        name = _name(node)
        shown.append(Projection(name, unique(name, taken), compiler.expression(node, scope), node))
    return shown


def _star(node: exp.Expression) -> exp.Star | None:
    if isinstance(node, exp.Star):
        return node
    if isinstance(node, exp.Column) and isinstance(node.this, exp.Star):
        return node.this
    return None


def _name(node: exp.Expression) -> str:
    """An alias, a column's own name, or the expression's text in upper case."""
    if isinstance(node, exp.Alias):
        return identifier(node.args["alias"])
    if isinstance(node, exp.Column) and isinstance(node.this, exp.Identifier):
        return identifier(node.this)
    if isinstance(node, exp.Column):
        return f"${node.this.name}"
    text = node.meta.get(SOURCE_TEXT) if node._meta else None
    return str(text if text is not None else node.sql(dialect="snowflake")).upper()


def visible(scope: Scope, node: exp.Expression) -> list[tuple[str, Typed]]:
    """The columns that `*` or `t.*` stands for: USING columns once and first, hidden ones not at all."""
    if isinstance(node, exp.Column):
        item = scope.item(identifier(node.args["table"]))
        if item is None:
            raise invalid_identifier(identifier(node.args["table"]))
        return [(column.name, item.reference(column)) for column in item.columns if not column.hidden]
    if not scope.items:
        raise compilation("SELECT with no columns: '*' needs a FROM.", 2128, "42601")
    found = list(scope.merged.items())
    for item in scope.items:
        found += [(column.name, item.reference(column)) for column in item.columns if _shown(column)]
    return found


def _shown(column: ScopeColumn) -> bool:
    return not column.hidden and not column.merged


def _spread(compiler: Compiler, star: exp.Star, node: exp.Expression, scope: Scope) -> list[tuple[str, Typed]]:
    """The star with its ILIKE, EXCLUDE, REPLACE and RENAME, in the order in which Snowflake applies them."""
    columns = visible(scope, node)
    pattern = star.args.get("ilike")
    if pattern is not None:
        matcher = _ilike(pattern.name)
        columns = [column for column in columns if matcher.fullmatch(column[0])]
    excluded = [_plain(each) for each in star.args.get("except_") or []]
    _known(excluded, columns)
    columns = [column for column in columns if column[0] not in excluded]
    replaced = {identifier(each.args["alias"]): each.this for each in star.args.get("replace") or []}
    _known(list(replaced), columns)
    renamed = {_plain(each.this): identifier(each.args["alias"]) for each in star.args.get("rename") or []}
    _known(list(renamed), columns)
    result = []
    for name, value in columns:
        shown = compiler.expression(replaced[name], scope) if name in replaced else value
        result.append((renamed.get(name, name), shown))
    if not result:
        raise compilation("SELECT with no columns", 2128, "42601")
    return result


def _plain(node: exp.Expression) -> str:
    inner = node.this if isinstance(node, exp.Column) else node
    return identifier(inner)


def _known(names: list[str], columns: list[tuple[str, Typed]]) -> None:
    present = {name for name, _ in columns}
    for name in names:
        if name not in present:
            raise invalid_identifier(name)


def _ilike(pattern: str) -> re.Pattern[str]:
    if "\\" in pattern:
        raise unsupported("An escape in SELECT * ILIKE")
    text = "".join({"%": ".*", "_": "."}.get(letter, re.escape(letter)) for letter in pattern)
    return re.compile(text, re.IGNORECASE | re.DOTALL)
