"""Which rule writes which kind of node: one table, and the rules for names and literals."""

import re
from decimal import Decimal

from sqlglot import exp

from pipeline.local.dialect import calls, conditional, operators, paths, predicates, subqueries
from pipeline.local.dialect.casts import cast, try_cast
from pipeline.local.dialect.compiler import Compiler, Handler, identifier, unknown_column
from pipeline.local.dialect.scope import Scope
from pipeline.local.dialect.typed import BINARY, BOOLEAN, FLOAT, NULL, VARCHAR, Typed, number, physical, text_literal
from pipeline.local.dialect.types import data_type
from pipeline.local.errors import compilation, unsupported
from pipeline.sql.types import Kind

_MOST_DIGITS = 38


def _column(compiler: Compiler, node: exp.Expression, scope: Scope) -> Typed:
    if isinstance(node.this, exp.Parameter):
        name = f"${node.this.name}"
    elif isinstance(node.this, exp.Star):
        raise compilation("'*' is not allowed here.", 1003, "42000")
    else:
        name = identifier(node.this)
    parts = tuple(identifier(node.args[key]) for key in ("catalog", "db", "table") if node.args.get(key))
    found = resolve(compiler, scope, parts, name)
    if found is None:
        raise unknown_column(node, ".".join((*parts, name)))
    return found


def resolve(compiler: Compiler, scope: Scope, parts: tuple[str, ...], name: str) -> Typed | None:
    """A column by its name: this query's relations first, then its aliases, then the queries around it."""
    at: Scope | None = scope
    while at is not None:
        found = _in_scope(compiler, at, parts, name)
        if found is not None:
            return found
        at = at.parent
    return None


def _in_scope(compiler: Compiler, scope: Scope, parts: tuple[str, ...], name: str) -> Typed | None:
    if parts:
        item = scope.item(parts[-1], parts[:-1])
        if item is None:
            return None
        column = item.column(name)
        return item.reference(column) if column else item.numbered(name) if name.startswith("$") else None
    found = scope.find(name)
    if found is not None:
        return found
    if name in scope.aliases and name not in scope.resolving:
        scope.resolving.add(name)
        try:
            value = compiler.expression(scope.aliases[name], scope)
        finally:
            scope.resolving.discard(name)
        return value
    return None


def _identifier(compiler: Compiler, node: exp.Expression, scope: Scope) -> Typed:
    found = resolve(compiler, scope, (), identifier(node))
    if found is None:
        raise unknown_column(exp.Column(this=node), identifier(node))
    return found


def _literal(_compiler: Compiler, node: exp.Expression, _scope: Scope) -> Typed:
    text: str = node.this
    return text_constant(text) if node.args.get("is_string") else number_constant(text)


def text_constant(text: str) -> Typed:
    return Typed(text_literal(text), VARCHAR, constant=text)


def number_constant(text: str) -> Typed:
    """A number literal is fixed-point, also with an exponent, as long as 38 digits hold it."""
    value = Decimal(text)
    _, digits, exponent = value.as_tuple()
    assert isinstance(exponent, int)
    scale = max(-exponent, 0)
    if max(len(digits) + max(exponent, 0), scale) > _MOST_DIGITS:
        return Typed(f"CAST('{text}' AS DOUBLE)", FLOAT)
    precision = max(len(digits) + max(exponent, 0), scale)
    return Typed(f"{value:f}", number(precision, scale), constant=value)


def _raw_string(_compiler: Compiler, node: exp.Expression, _scope: Scope) -> Typed:
    return text_constant(node.this)


def _hex_string(_compiler: Compiler, node: exp.Expression, _scope: Scope) -> Typed:
    return Typed(f"unhex('{node.this}')", BINARY)


def _boolean(_compiler: Compiler, node: exp.Expression, _scope: Scope) -> Typed:
    return Typed("TRUE" if node.this else "FALSE", BOOLEAN, constant=bool(node.this))


def _null(_compiler: Compiler, _node: exp.Expression, _scope: Scope) -> Typed:
    return NULL


def _paren(compiler: Compiler, node: exp.Expression, scope: Scope) -> Typed:
    if isinstance(node.this, exp.Query):
        return subqueries.scalar(compiler, node, scope)
    return compiler.expression(node.this, scope)


def _alias(compiler: Compiler, node: exp.Expression, scope: Scope) -> Typed:
    return compiler.expression(node.this, scope)


def _cast(compiler: Compiler, node: exp.Expression, scope: Scope) -> Typed:
    _refuse_cast_options(node)
    return cast(compiler.expression(node.this, scope), data_type(node.args["to"], compiler.settings))


def _try_cast(compiler: Compiler, node: exp.Expression, scope: Scope) -> Typed:
    _refuse_cast_options(node)
    return try_cast(compiler.expression(node.this, scope), data_type(node.args["to"], compiler.settings))


def _to_boolean(compiler: Compiler, node: exp.Expression, scope: Scope) -> Typed:
    """sqlglot's node for TRY_CAST(x AS BOOLEAN)."""
    convert = try_cast if node.args.get("safe") else cast
    return convert(compiler.expression(node.this, scope), BOOLEAN)


def _refuse_cast_options(node: exp.Expression) -> None:
    for option in ("format", "default", "action"):
        if node.args.get(option):
            raise unsupported(f"CAST with {option.upper()}")


def _parameter(compiler: Compiler, node: exp.Expression, scope: Scope) -> Typed:
    name = node.name
    if re.fullmatch(r"\d+", name):
        found = resolve(compiler, scope, (), f"${name}")
        if found is None:
            raise unknown_column(node, f"${name}")
        return found
    return compiler.expression(compiler.resolver.variable(name.upper()), scope)


def _placeholder(compiler: Compiler, node: exp.Expression, _scope: Scope) -> Typed:
    name = node.name.upper()
    bound = compiler.resolver.binding(name)
    type_text = "DOUBLE" if bound.kind is Kind.FLOAT else physical(bound)
    return Typed(compiler.marker(f"b_{name}", type_text), bound)


def _collate(_compiler: Compiler, _node: exp.Expression, _scope: Scope) -> Typed:
    raise unsupported("COLLATE")


HANDLERS: dict[type[exp.Expression], Handler] = {
    exp.Column: _column,
    exp.Identifier: _identifier,
    exp.Literal: _literal,
    exp.RawString: _raw_string,
    exp.HexString: _hex_string,
    exp.Boolean: _boolean,
    exp.Null: _null,
    exp.Paren: _paren,
    exp.Alias: _alias,
    exp.Cast: _cast,
    exp.TryCast: _try_cast,
    exp.ToBoolean: _to_boolean,
    exp.Parameter: _parameter,
    exp.Placeholder: _placeholder,
    exp.Collate: _collate,
    # arithmetic and text
    exp.Add: operators.add,
    exp.Sub: operators.subtract,
    exp.Mul: operators.multiply,
    exp.Div: operators.divide,
    exp.Mod: operators.modulo,
    exp.Neg: operators.negate,
    exp.DPipe: operators.concatenate,
    exp.Concat: operators.concatenate_all,
    # truth
    exp.And: predicates.both,
    exp.Or: predicates.either,
    exp.Not: predicates.negation,
    exp.EQ: predicates.comparison,
    exp.NEQ: predicates.comparison,
    exp.GT: predicates.comparison,
    exp.GTE: predicates.comparison,
    exp.LT: predicates.comparison,
    exp.LTE: predicates.comparison,
    exp.NullSafeEQ: predicates.null_safe,
    exp.NullSafeNEQ: predicates.null_safe,
    exp.Is: predicates.is_,
    exp.Between: predicates.between,
    exp.In: predicates.in_,
    exp.Like: predicates.like,
    exp.ILike: predicates.like,
    exp.Escape: predicates.escape,
    exp.RegexpLike: predicates.regexp_like,
    exp.Exists: subqueries.exists,
    exp.Subquery: subqueries.scalar,
    exp.Select: subqueries.scalar,
    exp.Case: conditional.case,
    exp.If: conditional.if_,
    # semi-structured
    exp.JSONExtract: paths.extract,
    exp.Bracket: paths.bracket,
    exp.Dot: paths.dot,
    exp.Struct: paths.object_literal,
    exp.Array: paths.array_literal,
    # calls
    exp.Anonymous: calls.call,
    exp.Window: calls.window,
    exp.WithinGroup: calls.within_group,
    exp.IgnoreNulls: calls.null_treatment,
    exp.RespectNulls: calls.null_treatment,
    exp.Filter: calls.filtered,
    exp.GroupConcat: calls.listagg,
    exp.Extract: calls.extract,
    exp.StrPosition: calls.position,
    exp.CurrentTimestamp: calls.bare,
    exp.CurrentDate: calls.bare,
    exp.CurrentTime: calls.bare,
    exp.CurrentUser: calls.bare,
    exp.CurrentRole: calls.bare,
    exp.Localtime: calls.bare,
    exp.Localtimestamp: calls.bare,
}
"""The order does not matter: a node has one kind. A kind that is missing is refused by name."""
