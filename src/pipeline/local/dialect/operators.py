"""Arithmetic and concatenation, with the result types of docs.snowflake.com/en/sql-reference/operators-arithmetic."""

from sqlglot import exp

from pipeline.local.dialect.casts import cast, coerce, text
from pipeline.local.dialect.compiler import Compiler
from pipeline.local.dialect.intervals import moved_by_interval
from pipeline.local.dialect.scope import Scope
from pipeline.local.dialect.typed import COUNT, DATE, FLOAT, VARCHAR, Typed, number
from pipeline.local.errors import SnowflakeError, compilation, unsupported
from pipeline.sql.types import MAX_PRECISION, DataType, Kind

IMPLIED_NUMBER = number(18, 5)
"""What text becomes beside an arithmetic operator."""

_NUMERIC = (Kind.NUMBER, Kind.FLOAT)


def add(compiler: Compiler, node: exp.Expression, scope: Scope) -> Typed:
    if isinstance(node.expression, exp.Interval):
        return moved_by_interval(compiler.expression(node.this, scope), node.expression, 1)
    left, right = _both(compiler, node, scope)
    if left.kind is Kind.DATE and right.kind in _NUMERIC:
        return _days(left, right, "+")
    if right.kind is Kind.DATE and left.kind in _NUMERIC:
        return _days(right, left, "+")
    return _plus("+", *_numbers(left, right, "+"))


def subtract(compiler: Compiler, node: exp.Expression, scope: Scope) -> Typed:
    if isinstance(node.expression, exp.Interval):
        return moved_by_interval(compiler.expression(node.this, scope), node.expression, -1)
    left, right = _both(compiler, node, scope)
    if left.kind is Kind.DATE and right.kind is Kind.DATE:
        return Typed(f"date_diff('day', {right.sql}, {left.sql})", COUNT)
    if left.kind is Kind.DATE and right.kind in _NUMERIC:
        return _days(left, right, "-")
    return _plus("-", *_numbers(left, right, "-"))


def multiply(compiler: Compiler, node: exp.Expression, scope: Scope) -> Typed:
    return product(*_numbers(*_both(compiler, node, scope), "*"))


def divide(compiler: Compiler, node: exp.Expression, scope: Scope) -> Typed:
    return quotient(*_numbers(*_both(compiler, node, scope), "/"))


def modulo(compiler: Compiler, node: exp.Expression, scope: Scope) -> Typed:
    return remainder(*_numbers(*_both(compiler, node, scope), "%"))


def negate(compiler: Compiler, node: exp.Expression, scope: Scope) -> Typed:
    value = numeric(compiler.expression(node.this, scope), "-")
    constant = -value.constant if value.constant is not None and not isinstance(value.constant, (str, bool)) else None
    return Typed(f"(-{value.sql})", value.type, constant=constant)


def concatenate(compiler: Compiler, node: exp.Expression, scope: Scope) -> Typed:
    """`||`: NULL with anything is NULL."""
    left, right = compiler.expression(node.this, scope), compiler.expression(node.expression, scope)
    both = isinstance(left.constant, str) and isinstance(right.constant, str)
    constant = f"{left.constant}{right.constant}" if both else None
    return Typed(f"({text(left)} || {text(right)})", VARCHAR, constant=constant)


def concatenate_all(compiler: Compiler, node: exp.Expression, scope: Scope) -> Typed:
    """Adjacent literals: one text."""
    values = compiler.expressions(node.expressions, scope)
    return Typed(f"({' || '.join(text(value) for value in values)})", VARCHAR)


def numeric(value: Typed, operator: str) -> Typed:
    """An operand as NUMBER or FLOAT: text is read as a number, a VARIANT as a FLOAT."""
    if value.null:
        return Typed("CAST(NULL AS DECIMAL(1,0))", number(1, 0), null=True)
    match value.kind:
        case Kind.NUMBER | Kind.FLOAT:
            return value
        case Kind.VARCHAR:
            return cast(value, IMPLIED_NUMBER)
        case Kind.VARIANT:
            return cast(value, FLOAT)
        case _:
            raise invalid_arguments(operator, value.type)


def invalid_arguments(function: str, *types: DataType) -> SnowflakeError:
    """Error 001044: the function or operator has no form for these types."""
    shown = ", ".join(str(each) for each in types)
    return compilation(f"Invalid argument types for function '{function}': ({shown})", 1044, "42P13")


def _both(compiler: Compiler, node: exp.Expression, scope: Scope) -> tuple[Typed, Typed]:
    return compiler.expression(node.this, scope), compiler.expression(node.expression, scope)


def _numbers(left: Typed, right: Typed, operator: str) -> tuple[Typed, Typed]:
    left, right = numeric(left, operator), numeric(right, operator)
    if left.kind is not right.kind:
        left, right = coerce(left, FLOAT), coerce(right, FLOAT)
    return _exact(left), _exact(right)


def _exact(value: Typed) -> Typed:
    """An integer as a DECIMAL of its own width: DuckDB computes its literals in 32 bits."""
    if value.kind is Kind.NUMBER and value.scale == 0:
        return Typed(f"CAST({value.sql} AS DECIMAL({value.precision},0))", value.type, constant=value.constant)
    return value


_NARROW = 18
"""Up to so many digits DuckDB computes in 64 bits, and does not widen by itself."""


def _roomy(left: Typed, right: Typed, digits: int) -> str:
    """The left operand, widened where the result may need more than 64 bits."""
    if left.kind is Kind.FLOAT or digits <= _NARROW or max(left.precision, right.precision) > _NARROW:
        return left.sql
    return f"CAST({left.sql} AS DECIMAL({_NARROW + 1},{left.scale}))"


def _days(date: Typed, days: Typed, sign: str) -> Typed:
    return Typed(f"({date.sql} {sign} CAST({coerce(days, number(38, 0)).sql} AS INTEGER))", DATE)


def _plus(sign: str, left: Typed, right: Typed) -> Typed:
    scale = max(left.scale, right.scale)
    digits = max(left.precision - left.scale, right.precision - right.scale) + scale + 1
    sql = f"({_roomy(left, right, digits)} {sign} {right.sql})"
    return Typed(sql, FLOAT if left.kind is Kind.FLOAT else number(digits, scale))


def product(left: Typed, right: Typed) -> Typed:
    """Scale: the sum of both, but no more than 12 unless one has more."""
    sql = f"({_roomy(left, right, left.precision + right.precision)} * {right.sql})"
    if left.kind is Kind.FLOAT:
        return Typed(sql, FLOAT)
    if left.scale + right.scale > MAX_PRECISION:
        raise unsupported(f"The product of {left.type} and {right.type}")
    scale = min(left.scale + right.scale, max(left.scale, right.scale, 12))
    whole = left.precision - left.scale + right.precision - right.scale
    result = number(whole + scale, scale)
    if scale < left.scale + right.scale:
        sql = f"CAST({sql} AS DECIMAL(38,{scale}))"
    return Typed(sql, result)


def quotient(left: Typed, right: Typed) -> Typed:
    """Scale: the dividend's plus 6, no more than 12 unless the dividend has more; rounded half away from zero."""
    if left.kind is Kind.FLOAT:
        return Typed(f"({left.sql} / sf_nonzero({right.sql}))", FLOAT)
    scale = max(left.scale, min(left.scale + 6, 12))
    whole = left.precision - left.scale + right.scale
    shift = scale + right.scale - left.scale
    dividend = _unscaled(left.sql, left.scale, max(shift, 0))
    divisor = _unscaled(right.sql, right.scale, max(-shift, 0))
    sql = f"(CAST(sf_quotient({dividend}, {divisor}) AS DECIMAL(38,0)) * {_unit(scale)})"
    return Typed(sql, number(whole + scale, scale))


def _unscaled(sql: str, scale: int, shift: int) -> str:
    """The digits of a decimal as HUGEINT, with `shift` zeros more."""
    power = scale + shift
    widened = f"CAST({sql} AS DECIMAL(38,{scale}))"
    return (
        f"CAST({widened} * CAST(1{'0' * power} AS DECIMAL({power + 1},0)) AS HUGEINT)"
        if power
        else f"CAST({sql} AS HUGEINT)"
    )


def _unit(scale: int) -> str:
    return f"0.{'0' * (scale - 1)}1" if scale else "1"


def remainder(left: Typed, right: Typed) -> Typed:
    sql = f"({left.sql} % sf_nonzero({right.sql}))"
    if left.kind is Kind.FLOAT:
        return Typed(sql, FLOAT)
    scale = max(left.scale, right.scale)
    whole = min(left.precision - left.scale, right.precision - right.scale)
    return Typed(sql, number(max(whole, 1) + scale, scale))
