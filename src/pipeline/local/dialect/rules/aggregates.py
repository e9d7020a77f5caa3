"""Aggregate functions (docs.snowflake.com/en/sql-reference/functions-aggregation)."""

from decimal import Decimal

from sqlglot import exp

from pipeline.local.dialect.casts import coerce, json_of, text, whole
from pipeline.local.dialect.operators import numeric, quotient
from pipeline.local.dialect.registry import Call, Role, function
from pipeline.local.dialect.typed import (
    ARRAY,
    BOOLEAN,
    COUNT,
    FLOAT,
    OBJECT,
    VARCHAR,
    Typed,
    number,
)
from pipeline.local.errors import compilation, unsupported
from pipeline.sql.types import DataType, Kind

_AGGREGATE = Role.AGGREGATE


@function("COUNT", args=(1, -1), role=_AGGREGATE)
def count(call: Call) -> Typed:
    """COUNT(a, b): rows in which no argument is NULL"""
    if len(call.nodes) == 1 and isinstance(call.nodes[0], exp.Star):
        return Typed(f"count(*){call.suffix}", COUNT)
    if any(isinstance(each.this, exp.Star) for each in call.nodes if isinstance(each, exp.Column)):
        raise unsupported("COUNT(table.*)")
    values = call.args()
    if len(values) == 1:
        return call.aggregate("count", _key(values[0]), COUNT)
    tests = " OR ".join(f"{value.sql} IS NULL" for value in values)
    row = ", ".join(_key(value) for value in values)
    return call.aggregate("count", f"CASE WHEN {tests} THEN NULL ELSE ROW({row}) END", COUNT)


def _key(value: Typed) -> str:
    """What tells values apart: the instant of a TIMESTAMP_TZ."""
    return f"({value.sql}).utc" if value.kind is Kind.TIMESTAMP_TZ else value.sql


@function("COUNT_IF", args=1, role=_AGGREGATE)
def count_if(call: Call) -> Typed:
    """COUNT_IF(a) → count(CASE WHEN a THEN 1 END), which is 0 of no rows"""
    return call.aggregate("count", f"CASE WHEN {coerce(call.arg(0), BOOLEAN).sql} THEN 1 END", COUNT)


@function("SUM", args=1, role=_AGGREGATE)
def total(call: Call) -> Typed:
    """SUM(NUMBER(p,s)) is NUMBER(38,s)"""
    value = numeric(call.arg(0), "SUM")
    return call.aggregate("sum", value.sql, _sum_type(value))


def _sum_type(value: Typed) -> DataType:
    return FLOAT if value.kind is Kind.FLOAT else number(38, value.scale)


@function("AVG", args=1, role=_AGGREGATE)
def average(call: Call) -> Typed:
    """AVG(NUMBER) is exact: the sum divided by the count, with the scale of a division"""
    value = numeric(call.arg(0), "AVG")
    if value.kind is Kind.FLOAT:
        return call.aggregate("avg", value.sql, FLOAT)
    summed = call.aggregate("sum", value.sql, number(38, value.scale))
    counted = call.aggregate("count", value.sql, COUNT)
    return quotient(summed, Typed(f"nullif({counted.sql}, 0)", COUNT))


@function("MIN", "MAX", args=1, role=_AGGREGATE)
def extreme(call: Call) -> Typed:
    """MAX(a) → max(a)"""
    value = call.arg(0)
    if value.is_json:
        raise unsupported(f"{call.name} of {value.type}; a cast of it")
    return call.aggregate(call.name.lower(), value.sql, value.type)


@function("ANY_VALUE", args=1, role=_AGGREGATE)
def any_value(call: Call) -> Typed:
    """ANY_VALUE(a) → any_value(a)"""
    value = call.arg(0)
    return call.aggregate("any_value", value.sql, value.type)


@function("MAX_BY", "MIN_BY", args=(2, 3), role=_AGGREGATE)
def extreme_by(call: Call) -> Typed:
    """MAX_BY(a, b) → the a of the row with the greatest b; rows without b do not count"""
    if call.has(2):
        raise unsupported(f"{call.name} with a number of rows")
    value, key = call.arg(0), call.arg(1)
    if key.is_json:
        raise unsupported(f"{call.name} by {key.type}; a cast of it")
    name = "arg_max_null" if call.name == "MAX_BY" else "arg_min_null"
    return call.aggregate(name, f"{value.sql}, {_key(key)}", value.type)


@function("MEDIAN", args=1, role=_AGGREGATE)
def median(call: Call) -> Typed:
    """MEDIAN(a): the middle, or the mean of the two in the middle, with three more decimals"""
    return _middle(call, numeric(call.arg(0), "MEDIAN"), Decimal("0.5"))


def _middle(call: Call, value: Typed, fraction: Decimal) -> Typed:
    if value.kind is Kind.FLOAT:
        return Typed(f"quantile_cont({value.sql}, {fraction}){call.suffix}", FLOAT)
    scale = min(value.scale + 3, 37)
    widened = f"CAST({value.sql} AS DECIMAL(38,{scale}))"
    return Typed(f"quantile_cont({widened}, {fraction}){call.suffix}", number(38, scale))


@function("PERCENTILE_CONT", "PERCENTILE_DISC", args=1, role=_AGGREGATE)
def percentile(call: Call) -> Typed:
    """PERCENTILE_CONT(0.5) WITHIN GROUP (ORDER BY a) → quantile_cont(a, 0.5)"""
    fraction = call.arg(0).constant
    if not isinstance(fraction, Decimal) or not 0 <= fraction <= 1 or len(call.order_values) != 1:
        raise compilation(f"Invalid argument for {call.name}: a constant between 0 and 1 and one order.", 1007, "22023")
    value = call.order_values[0]
    if call.descending:
        fraction = 1 - fraction
    call.order = ""
    if call.name == "PERCENTILE_DISC":
        if call.descending:
            raise unsupported("PERCENTILE_DISC with DESC")
        return Typed(f"quantile_disc({value.sql}, {fraction}){call.suffix}", value.type)
    return _middle(call, numeric(value, call.name), fraction)


_STATISTICS = {
    "STDDEV": "stddev_samp",
    "STDDEV_SAMP": "stddev_samp",
    "STDDEV_POP": "stddev_pop",
    "VARIANCE": "var_samp",
    "VAR_SAMP": "var_samp",
    "VARIANCE_SAMP": "var_samp",
    "VAR_POP": "var_pop",
    "VARIANCE_POP": "var_pop",
}


@function(*_STATISTICS, args=1, role=_AGGREGATE)
def statistics(call: Call) -> Typed:
    """STDDEV(a) → stddev_samp(a)"""
    value = coerce(numeric(call.arg(0), call.name), FLOAT)
    return call.aggregate(_STATISTICS[call.name], value.sql, FLOAT)


_PAIRS = {
    "CORR": "corr",
    "COVAR_POP": "covar_pop",
    "COVAR_SAMP": "covar_samp",
    "REGR_SLOPE": "regr_slope",
    "REGR_INTERCEPT": "regr_intercept",
    "REGR_R2": "regr_r2",
}


@function(*_PAIRS, args=2, role=_AGGREGATE)
def pair_statistics(call: Call) -> Typed:
    """CORR(a, b) → corr(a, b)"""
    left, right = (coerce(numeric(each, call.name), FLOAT).sql for each in call.args())
    return call.aggregate(_PAIRS[call.name], f"{left}, {right}", FLOAT)


@function("BOOLAND_AGG", "BOOLOR_AGG", args=1, role=_AGGREGATE)
def boolean_aggregate(call: Call) -> Typed:
    """BOOLOR_AGG(a) → bool_or(a)"""
    name = "bool_and" if call.name == "BOOLAND_AGG" else "bool_or"
    return call.aggregate(name, coerce(call.arg(0), BOOLEAN).sql, BOOLEAN)


@function("BOOLXOR_AGG", args=1, role=_AGGREGATE)
def boolean_xor(call: Call) -> Typed:
    """BOOLXOR_AGG(a): exactly one is true"""
    counted = call.aggregate("count_if", coerce(call.arg(0), BOOLEAN).sql, COUNT)
    return Typed(f"({counted.sql} = 1)", BOOLEAN)


@function("APPROX_COUNT_DISTINCT", "HLL", args=(1, -1), role=_AGGREGATE)
def approximate_count(call: Call) -> Typed:
    """APPROX_COUNT_DISTINCT(a) is counted exactly, which is within its promised error"""
    if len(call.nodes) != 1:
        raise unsupported(f"{call.name} of several columns")
    return Typed(f"count(DISTINCT {_key(call.arg(0))}){call.suffix}", COUNT)


@function("LISTAGG", args=(1, 2), role=_AGGREGATE)
def listagg(call: Call) -> Typed:
    """LISTAGG(a, ',') WITHIN GROUP (ORDER BY b) → string_agg(a, ',' ORDER BY b); '' for no rows"""
    separator = text(call.arg(1)) if call.has(1) else "''"
    joined = call.aggregate("string_agg", f"{text(call.arg(0))}, {separator}", VARCHAR)
    return Typed(f"coalesce({joined.sql}, '')", VARCHAR)


@function("ARRAY_AGG", "ARRAYAGG", args=1, role=_AGGREGATE)
def array_agg(call: Call) -> Typed:
    """ARRAY_AGG(a) → a JSON array without the NULLs; [] for no rows"""
    value = json_of(call.arg(0))
    distinct = "DISTINCT " if call.distinct else ""
    inner = f"list({distinct}{value}{call.order}) FILTER (({value}) IS NOT NULL){call.suffix}"
    return Typed(f"coalesce(to_json({inner}), CAST('[]' AS JSON))", ARRAY)


@function("ARRAY_UNIQUE_AGG", args=1, role=_AGGREGATE)
def array_unique_agg(call: Call) -> Typed:
    """ARRAY_UNIQUE_AGG(a) is ARRAY_AGG(DISTINCT a)"""
    call.distinct = True
    return array_agg(call)


@function("OBJECT_AGG", args=2, role=_AGGREGATE)
def object_agg(call: Call) -> Typed:
    """OBJECT_AGG(k, v) → a JSON object, keys sorted, without pairs that have a NULL; a key twice is an error"""
    key, value = text(call.arg(0)), json_of(call.arg(1))
    pairs = f"list(struct_pack(k := {key}, v := {value})) FILTER (({key}) IS NOT NULL AND ({value}) IS NOT NULL)"
    return Typed(f"sf_object_of({pairs}{call.suffix})", OBJECT)


@function("APPROX_PERCENTILE", args=2, role=_AGGREGATE)
def approximate_percentile(call: Call) -> Typed:
    """APPROX_PERCENTILE(a, 0.5) is computed exactly"""
    value = coerce(numeric(call.arg(0), call.name), FLOAT)
    fraction = call.arg(1).constant
    if not isinstance(fraction, Decimal):
        raise unsupported("APPROX_PERCENTILE with a fraction that is not a constant")
    if not 0 <= fraction <= 1:
        raise compilation(f"Invalid argument for {call.name}: a constant between 0 and 1.", 1007, "22023")
    return Typed(f"quantile_cont({value.sql}, {fraction}){call.suffix}", FLOAT)


@function("BITAND_AGG", "BITOR_AGG", "BITXOR_AGG", args=1, role=_AGGREGATE)
def bit_aggregate(call: Call) -> Typed:
    """BITAND_AGG(a) → bit_and(a)"""
    name = {"BITAND_AGG": "bit_and", "BITOR_AGG": "bit_or", "BITXOR_AGG": "bit_xor"}[call.name]
    return call.aggregate(name, whole(call.arg(0)), number(38, 0))


@function("MODE", args=1, role=_AGGREGATE)
def mode(call: Call) -> Typed:
    """MODE(a) → mode(a)"""
    value = call.arg(0)
    return call.aggregate("mode", value.sql, value.type)


@function("GROUPING", "GROUPING_ID", args=(1, -1), role=_AGGREGATE)
def grouping(call: Call) -> Typed:
    """GROUPING(a) → grouping(a)"""
    return Typed(f"grouping({', '.join(each.sql for each in call.args())})", COUNT)
