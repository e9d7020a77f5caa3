"""Conditional functions (docs.snowflake.com/en/sql-reference/expressions-conditional)."""

from pipeline.local.dialect.casts import coerce
from pipeline.local.dialect.conditional import choose
from pipeline.local.dialect.operators import numeric, quotient
from pipeline.local.dialect.predicates import comparable, compare, not_distinct
from pipeline.local.dialect.registry import Call, function
from pipeline.local.dialect.typed import BOOLEAN, NULL, Typed, common_type, number
from pipeline.sql.types import Kind

ZERO = Typed("0", number(1, 0))


def _condition(call: Call, index: int) -> str:
    return coerce(call.arg(index), BOOLEAN).sql


@function("IFF", args=3)
def iff(call: Call) -> Typed:
    """IFF(a, 1, 2) → CASE WHEN a THEN 1 ELSE 2 END"""
    return choose([(_condition(call, 0), call.arg(1))], call.arg(2))


@function("NVL", "IFNULL", args=2)
@function("COALESCE", args=(2, -1))
def coalesce(call: Call) -> Typed:
    """NVL(a, 0) → coalesce(a, 0)"""
    values = call.args()
    result = common_type(values)
    return Typed(f"coalesce({', '.join(coerce(value, result).sql for value in values)})", result)


@function("NVL2", args=3)
def nvl2(call: Call) -> Typed:
    """NVL2(a, 1, 2) → CASE WHEN a IS NOT NULL THEN 1 ELSE 2 END"""
    return choose([(f"({call.arg(0).sql} IS NOT NULL)", call.arg(1))], call.arg(2))


@function("NULLIF", args=2)
def nullif(call: Call) -> Typed:
    """NULLIF(a, 0) → CASE WHEN a = 0 THEN NULL ELSE a END"""
    left, right = call.args()
    return Typed(f"CASE WHEN {compare(left, '=', right).sql} THEN NULL ELSE {left.sql} END", left.type)


@function("ZEROIFNULL", args=1)
def zero_if_null(call: Call) -> Typed:
    """ZEROIFNULL(a) → coalesce(a, 0)"""
    value = numeric(call.arg(0), "ZEROIFNULL")
    return Typed(f"coalesce({value.sql}, 0)", value.type)


@function("NULLIFZERO", args=1)
def null_if_zero(call: Call) -> Typed:
    """NULLIFZERO(a) → nullif(a, 0)"""
    value = numeric(call.arg(0), "NULLIFZERO")
    return Typed(f"nullif({value.sql}, 0)", value.type)


@function("DECODE", args=(3, -1))
def decode(call: Call) -> Typed:
    """DECODE(a, 1, 'x', 'y') → CASE WHEN a IS NOT DISTINCT FROM 1 THEN 'x' ELSE 'y' END: NULL equals NULL."""
    subject, *rest = call.args()
    default = rest.pop() if len(rest) % 2 else NULL
    branches = [(not_distinct(subject, value).sql, result) for value, result in zip(rest[::2], rest[1::2], strict=True)]
    return choose(branches, default)


@function("EQUAL_NULL", args=2)
def equal_null(call: Call) -> Typed:
    """EQUAL_NULL(a, b) → a IS NOT DISTINCT FROM b"""
    return not_distinct(call.arg(0), call.arg(1))


def _extreme(name: str, call: Call, *, ignore_nulls: bool) -> Typed:
    values = call.args()
    result = common_type(values)
    if result.kind is Kind.TIMESTAMP_TZ or result.kind in (Kind.VARIANT, Kind.OBJECT, Kind.ARRAY):
        from pipeline.local.errors import unsupported

        raise unsupported(f"{call.name} of {result}")
    texts = [coerce(value, result).sql for value in values]
    inner = f"{name}({', '.join(texts)})"
    if ignore_nulls:
        return Typed(inner, result)
    tests = " OR ".join(f"{each} IS NULL" for each in texts)
    return Typed(f"CASE WHEN {tests} THEN NULL ELSE {inner} END", result)


@function("GREATEST", args=(1, -1))
def greatest(call: Call) -> Typed:
    """GREATEST(a, b): NULL if any is NULL."""
    return _extreme("greatest", call, ignore_nulls=False)


@function("LEAST", args=(1, -1))
def least(call: Call) -> Typed:
    """LEAST(a, b): NULL if any is NULL."""
    return _extreme("least", call, ignore_nulls=False)


@function("GREATEST_IGNORE_NULLS", args=(1, -1))
def greatest_ignore_nulls(call: Call) -> Typed:
    """GREATEST_IGNORE_NULLS(a, b) → greatest(a, b), which in DuckDB leaves NULLs out."""
    return _extreme("greatest", call, ignore_nulls=True)


@function("LEAST_IGNORE_NULLS", args=(1, -1))
def least_ignore_nulls(call: Call) -> Typed:
    """LEAST_IGNORE_NULLS(a, b) → least(a, b)"""
    return _extreme("least", call, ignore_nulls=True)


def _safe_quotient(call: Call, *, null_is_zero: bool) -> Typed:
    left, right = (numeric(each, call.name) for each in call.args())
    left, right = comparable(left, right)
    never_zero = right.of(right.type)
    divided = quotient(left, Typed(f"nullif({never_zero.sql}, 0)", right.type))
    test = f"{right.sql} = 0" + (f" OR {right.sql} IS NULL" if null_is_zero else "")
    null_dividend = f"WHEN {left.sql} IS NULL THEN NULL "
    zero = coerce(ZERO, divided.type).sql
    return Typed(f"CASE {null_dividend}WHEN {test} THEN {zero} ELSE {divided.sql} END", divided.type)


@function("DIV0", args=2)
def div0(call: Call) -> Typed:
    """DIV0(a, b): 0 where b is 0, NULL where either is NULL."""
    return _safe_quotient(call, null_is_zero=False)


@function("DIV0NULL", args=2)
def div0null(call: Call) -> Typed:
    """DIV0NULL(a, b): 0 where b is 0 or NULL."""
    return _safe_quotient(call, null_is_zero=True)


@function("BOOLAND", "BOOLOR", "BOOLXOR", args=2)
def boolean_pair(call: Call) -> Typed:
    """BOOLAND(a, b) → (a AND b)"""
    left, right = (_condition(call, place) for place in (0, 1))
    sign = {"BOOLAND": "AND", "BOOLOR": "OR", "BOOLXOR": "<>"}[call.name]
    return Typed(f"({left} {sign} {right})", BOOLEAN)


@function("BOOLNOT", args=1)
def boolean_not(call: Call) -> Typed:
    """BOOLNOT(a) → (NOT a)"""
    return Typed(f"(NOT {_condition(call, 0)})", BOOLEAN)
