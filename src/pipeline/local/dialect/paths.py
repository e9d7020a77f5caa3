"""Reading semi-structured values by path, and writing them as literals.

docs.snowflake.com/en/user-guide/querying-semistructured
"""

from decimal import Decimal

from sqlglot import exp

from pipeline.local.dialect.casts import json_of, text, whole
from pipeline.local.dialect.compiler import Compiler
from pipeline.local.dialect.operators import invalid_arguments
from pipeline.local.dialect.scope import Item, Scope
from pipeline.local.dialect.typed import ARRAY, OBJECT, VARCHAR, VARIANT, Typed, VariantPath, text_literal
from pipeline.local.errors import unsupported
from pipeline.sql.types import Kind


def extract(compiler: Compiler, node: exp.Expression, scope: Scope) -> Typed:
    """`v:a.b[0]`."""
    if not node.args.get("variant_extract") or not isinstance(node.expression, exp.JSONPath):
        raise unsupported("The operator ->")
    value = compiler.expression(node.this, scope)
    for part in node.expression.expressions:
        if isinstance(part, exp.JSONPathKey):
            value = by_key(compiler, value, part.this, scope)
        elif isinstance(part, exp.JSONPathSubscript):
            value = by_index(compiler, value, int(part.this), scope)
        elif not isinstance(part, exp.JSONPathRoot):
            raise unsupported(f"The path {node.expression.sql()}")
    return value


def bracket(compiler: Compiler, node: exp.Expression, scope: Scope) -> Typed:
    """`v['a']`, `v[0]`, `v[i]`."""
    value = compiler.expression(node.this, scope)
    if len(node.expressions) != 1:
        raise unsupported("A subscript with several values")
    return element(compiler, value, compiler.expression(node.expressions[0], scope), scope)


def dot(compiler: Compiler, node: exp.Expression, scope: Scope) -> Typed:
    """`v[0].a`; a dotted name before a call is the call of somebody's own function."""
    if isinstance(node.expression, exp.Anonymous):
        from pipeline.local.dialect.calls import qualified_call

        return qualified_call(compiler, node, scope)
    return by_key(compiler, compiler.expression(node.this, scope), node.expression.name, scope)


def element(compiler: Compiler, value: Typed, place: Typed, scope: Scope) -> Typed:
    """GET: an element by a key or an index that may be computed."""
    if isinstance(place.constant, str):
        return by_key(compiler, value, place.constant, scope)
    if isinstance(place.constant, Decimal) and place.scale == 0:
        return by_index(compiler, value, int(place.constant), scope)
    base = semi_structured(value, "GET")
    if place.kind is Kind.NUMBER:
        return Typed(f"sf_get_index({base.sql}, {whole(place)})", VARIANT)
    return Typed(f"sf_get_key({base.sql}, {text(place)})", VARIANT)


def by_key(compiler: Compiler, value: Typed, key: str, scope: Scope) -> Typed:
    if '"' in key or "\\" in key or "*" in key:
        return Typed(f"sf_get_key({semi_structured(value, 'GET').sql}, {text_literal(key)})", VARIANT)
    return _at(compiler, value, f'."{key}"', scope)


def by_index(compiler: Compiler, value: Typed, index: int, scope: Scope) -> Typed:
    if index < 0:
        return Typed("CAST(NULL AS JSON)", VARIANT)
    return _at(compiler, value, f"[{index}]", scope)


def semi_structured(value: Typed, function: str) -> Typed:
    if value.null:
        return Typed("CAST(NULL AS JSON)", VARIANT)
    if not value.is_json:
        raise invalid_arguments(function, value.type)
    return value


def _at(compiler: Compiler, value: Typed, step: str, scope: Scope) -> Typed:
    """One step further in; the steps of a chain become one path."""
    semi_structured(value, "GET")
    if value.path is not None:
        item, base, path = value.path.item, value.path.base, value.path.path + step
    else:
        item, base, path = _owner(value, scope), value.sql, "$" + step
    owner = item if isinstance(item, Item) else None
    token = compiler.paths.token(owner, base, path, text=False)
    unquoted = compiler.paths.token(owner, base, path, text=True)
    rare = compiler.paths.token(None, base, path, text=False)
    return Typed(token, VARIANT, path=VariantPath(item, base, path, unquoted, rare))


def _owner(value: Typed, scope: Scope) -> Item | None:
    """The relation whose column this is."""
    at: Scope | None = scope
    while at is not None:
        for item in at.items:
            if any(item.reference(column).sql == value.sql for column in item.columns):
                return item
        at = at.parent
    return None


def object_of(pairs: list[tuple[Typed, Typed]], *, keep_null: bool = False) -> Typed:
    """An OBJECT. A NULL key drops its pair, and so does a NULL value unless kept; constant keys are sorted."""
    if all(isinstance(key.constant, str) for key, _ in pairs):
        pairs = sorted(pairs, key=lambda pair: str(pair[0].constant))
    if not pairs:
        return Typed("CAST('{}' AS JSON)", OBJECT)
    members = [_member(key, value, keep_null) for key, value in pairs]
    return Typed(f"CAST('{{' || concat_ws(',', {', '.join(members)}) || '}}' AS JSON)", OBJECT)


def _member(key: Typed, value: Typed, keep_null: bool) -> str:
    encoded = f"CAST({json_of(value)} AS VARCHAR)"
    if keep_null:
        encoded = f"coalesce({encoded}, 'null')"
    return f"CAST(to_json({text(key)}) AS VARCHAR) || ':' || {encoded}"


def array_of(values: list[Typed]) -> Typed:
    return Typed(f"json_array({', '.join(json_of(value) for value in values)})", ARRAY)


def object_literal(compiler: Compiler, node: exp.Expression, scope: Scope) -> Typed:
    """`{'a': 1}`."""
    pairs = []
    for pair in node.expressions:
        if not isinstance(pair, exp.PropertyEQ):
            raise unsupported("An object constant with *")
        key = pair.this.name
        pairs.append((Typed(text_literal(key), VARCHAR, constant=key), compiler.expression(pair.expression, scope)))
    return object_of(pairs)


def array_literal(compiler: Compiler, node: exp.Expression, scope: Scope) -> Typed:
    """`[1, 2]`."""
    return array_of(compiler.expressions(node.expressions, scope))
