"""Comparisons and what else is true, false or NULL."""

import json

from sqlglot import exp

from pipeline.local.dialect.casts import as_variant, cast, coerce, instant, text, variant_text
from pipeline.local.dialect.compiler import Compiler, what
from pipeline.local.dialect.regexps import full_match
from pipeline.local.dialect.scope import Scope
from pipeline.local.dialect.typed import BOOLEAN, LTZ, Typed, common_type, number, text_literal
from pipeline.local.errors import compilation, unsupported
from pipeline.sql.types import TIMESTAMPS, Kind

_SIGNS: dict[type[exp.Expression], str] = {
    exp.EQ: "=",
    exp.NEQ: "<>",
    exp.GT: ">",
    exp.GTE: ">=",
    exp.LT: "<",
    exp.LTE: "<=",
}


def both(compiler: Compiler, node: exp.Expression, scope: Scope) -> Typed:
    parts = _flat(node, exp.And)
    return Typed(f"({' AND '.join(compiler.condition(part, scope) for part in parts)})", BOOLEAN)


def either(compiler: Compiler, node: exp.Expression, scope: Scope) -> Typed:
    parts = _flat(node, exp.Or)
    return Typed(f"({' OR '.join(compiler.condition(part, scope) for part in parts)})", BOOLEAN)


def _flat(node: exp.Expression, kind: type[exp.Expression]) -> list[exp.Expression]:
    """A long chain as a list: sqlglot nests to the left, and thousands of terms would nest too deep."""
    parts: list[exp.Expression] = []
    while isinstance(node, kind):
        parts.append(node.expression)
        node = node.this
    parts.append(node)
    return parts[::-1]


def negation(compiler: Compiler, node: exp.Expression, scope: Scope) -> Typed:
    return Typed(f"(NOT {compiler.condition(node.this, scope)})", BOOLEAN)


def comparison(compiler: Compiler, node: exp.Expression, scope: Scope) -> Typed:
    sign = _SIGNS[type(node)]
    left = node.this
    right = node.expression
    if isinstance(right, (exp.Any, exp.All)):
        from pipeline.local.dialect import subqueries

        return subqueries.quantified(compiler, left, sign, right, scope)
    if isinstance(left, exp.Tuple) and isinstance(right, exp.Tuple):
        return _rows(compiler, left, right, sign, scope)
    return compare(compiler.expression(left, scope), sign, compiler.expression(right, scope))


def _rows(compiler: Compiler, left: exp.Tuple, right: exp.Tuple, sign: str, scope: Scope) -> Typed:
    if sign not in ("=", "<>") or len(left.expressions) != len(right.expressions):
        raise unsupported(f"A comparison of rows with {sign}")
    pairs = zip(left.expressions, right.expressions, strict=True)
    equal = " AND ".join(
        compare(compiler.expression(a, scope), "=", compiler.expression(b, scope)).sql for a, b in pairs
    )
    return Typed(f"({equal})" if sign == "=" else f"(NOT ({equal}))", BOOLEAN)


def compare(left: Typed, sign: str, right: Typed) -> Typed:
    """Compare two values after bringing them to one type."""
    if left.kind is Kind.VARIANT or right.kind is Kind.VARIANT:
        return _compare_variant(left, sign, right)
    left, right = comparable(left, right)
    return Typed(f"({left.sql} {sign} {right.sql})", BOOLEAN)


def comparable(left: Typed, right: Typed) -> tuple[Typed, Typed]:
    """Both values in one type whose DuckDB order is Snowflake's."""
    if left.null or right.null:
        return left, right
    if left.kind is right.kind:
        if left.kind is Kind.TIMESTAMP_TZ:
            return instant(left), instant(right)
        if left.is_json:
            return _normalised(left), _normalised(right)
        return left, right
    if {left.kind, right.kind} == {Kind.VARCHAR, Kind.NUMBER}:
        return _as_wide_number(left), _as_wide_number(right)
    kind = common_type([left, right])
    if kind.kind is Kind.TIMESTAMP_TZ:
        kind = LTZ
    return coerce(left, kind), coerce(right, kind)


def _as_wide_number(value: Typed) -> Typed:
    return cast(value, number(38, 10)) if value.kind is Kind.VARCHAR else value


def _normalised(value: Typed) -> Typed:
    return Typed(f"CAST(json({value.sql}) AS VARCHAR)", value.type)


def _compare_variant(left: Typed, sign: str, right: Typed) -> Typed:
    """A VARIANT beside another type: a number compares with JSON numbers only, a text with JSON texts only."""
    if left.null or right.null:
        return Typed(f"({left.sql} {sign} {right.sql})", BOOLEAN)
    if left.kind is not Kind.VARIANT:
        mirrored = {"<": ">", ">": "<", "<=": ">=", ">=": "<="}.get(sign, sign)
        return _compare_variant(right, mirrored, left)
    match right.kind:
        case Kind.VARCHAR if _no_json(right) and sign == "=":
            return Typed(f"({variant_text(left)} = {right.sql})", BOOLEAN)
        case Kind.VARCHAR:
            return Typed(f"(sf_variant_as_text({left.sql}) {sign} {right.sql})", BOOLEAN)
        case Kind.NUMBER | Kind.FLOAT:
            return Typed(f"(sf_variant_as_number({left.sql}) {sign} {right.sql})", BOOLEAN)
        case Kind.VARIANT if sign in ("=", "<>"):
            return Typed(f"(sf_variant_key({left.sql}) {sign} sf_variant_key({right.sql}))", BOOLEAN)
        case Kind.BOOLEAN | Kind.DATE | Kind.TIME | Kind.TIMESTAMP_NTZ | Kind.TIMESTAMP_LTZ | Kind.TIMESTAMP_TZ:
            return compare(cast(left, right.type), sign, right)
        case _:
            raise unsupported(f"The comparison {left.type} {sign} {right.type}; a cast of the VARIANT")


def _no_json(value: Typed) -> bool:
    """Whether a literal text could not also be the text of a JSON number, boolean, array or object."""
    if not isinstance(value.constant, str):
        return False
    try:
        json.loads(value.constant)
    except ValueError:
        return True
    return False


def null_safe(compiler: Compiler, node: exp.Expression, scope: Scope) -> Typed:
    sign = "IS NOT DISTINCT FROM" if isinstance(node, exp.NullSafeEQ) else "IS DISTINCT FROM"
    return not_distinct(compiler.expression(node.this, scope), compiler.expression(node.expression, scope), sign)


def not_distinct(left: Typed, right: Typed, sign: str = "IS NOT DISTINCT FROM") -> Typed:
    if Kind.VARIANT in (left.kind, right.kind):
        keys = (f"sf_variant_key({as_variant(each).sql})" for each in (left, right))
        return Typed(f"({f' {sign} '.join(keys)})", BOOLEAN)
    left, right = comparable(left, right)
    return Typed(f"({left.sql} {sign} {right.sql})", BOOLEAN)


def is_(compiler: Compiler, node: exp.Expression, scope: Scope) -> Typed:
    value = compiler.expression(node.this, scope)
    if isinstance(node.expression, exp.Null):
        return Typed(f"({value.sql} IS NULL)", BOOLEAN)
    if isinstance(node.expression, exp.Boolean):
        return Typed(f"({coerce(value, BOOLEAN).sql} IS {'TRUE' if node.expression.this else 'FALSE'})", BOOLEAN)
    raise unsupported("IS with something else than NULL, TRUE or FALSE")


def between(compiler: Compiler, node: exp.Expression, scope: Scope) -> Typed:
    if node.args.get("symmetric"):
        raise compilation("BETWEEN SYMMETRIC is not Snowflake SQL.", 1003, "42000")
    value = compiler.expression(node.this, scope)
    low, high = (compiler.expression(node.args[key], scope) for key in ("low", "high"))
    return Typed(f"({compare(value, '>=', low).sql} AND {compare(value, '<=', high).sql})", BOOLEAN)


def in_(compiler: Compiler, node: exp.Expression, scope: Scope) -> Typed:
    from pipeline.local.dialect import subqueries

    if node.args.get("query"):
        return subqueries.in_query(compiler, node, scope)
    if not node.expressions:
        raise unsupported("IN without a list")
    if isinstance(node.this, exp.Tuple):
        rows = [_rows(compiler, node.this, each, "=", scope).sql for each in node.expressions]
        return Typed(f"({' OR '.join(rows)})", BOOLEAN)
    value = compiler.expression(node.this, scope)
    members = compiler.expressions(node.expressions, scope)
    if all(member.kind is value.kind for member in members) and value.kind in _DIRECT:
        return Typed(f"({value.sql} IN ({', '.join(member.sql for member in members)}))", BOOLEAN)
    return Typed(f"({' OR '.join(compare(value, '=', member).sql for member in members)})", BOOLEAN)


_DIRECT = (
    Kind.NUMBER,
    Kind.FLOAT,
    Kind.VARCHAR,
    Kind.BOOLEAN,
    Kind.DATE,
    Kind.TIME,
    *(TIMESTAMPS - {Kind.TIMESTAMP_TZ}),
)


def like(compiler: Compiler, node: exp.Expression, scope: Scope) -> Typed:
    """LIKE and ILIKE, also with ANY and ALL: no escape character unless one is named."""
    return _like(compiler, node, scope, "")


def escape(compiler: Compiler, node: exp.Expression, scope: Scope) -> Typed:
    character = compiler.expression(node.expression, scope)
    if not isinstance(character.constant, str) or len(character.constant) != 1:
        raise compilation("Invalid escape: it must be one character.", 1007, "22023")
    return _like(compiler, node.this, scope, f" ESCAPE {text_literal(character.constant)}")


def _like(compiler: Compiler, node: exp.Expression, scope: Scope, escaping: str) -> Typed:
    word = "ILIKE" if isinstance(node, exp.ILike) else "LIKE"
    subject = text(compiler.expression(node.this, scope))
    patterns = node.expression
    joiner = " OR "
    if isinstance(patterns, (exp.Any, exp.All)):
        joiner = " OR " if isinstance(patterns, exp.Any) else " AND "
        inner = patterns.this
        if isinstance(inner, (exp.Subquery, exp.Query)):
            raise unsupported(f"{word} ANY or ALL of a subquery")
        members = inner.expressions if isinstance(inner, exp.Tuple) else [inner]
    else:
        members = [patterns]
    tests = [f"({subject} {word} {text(compiler.expression(each, scope))}{escaping})" for each in members]
    return Typed(tests[0] if len(tests) == 1 else f"({joiner.join(tests)})", BOOLEAN)


def regexp_like(compiler: Compiler, node: exp.Expression, scope: Scope) -> Typed:
    """`a RLIKE b`, `a REGEXP b`: the whole text must match."""
    if node.args.get("flag"):
        raise unsupported(what(node))
    return full_match(compiler.expression(node.this, scope), compiler.expression(node.expression, scope), "")
