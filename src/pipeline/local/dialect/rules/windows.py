"""Functions that need a window (docs.snowflake.com/en/sql-reference/functions-window)."""

from pipeline.local.dialect.casts import coerce, whole
from pipeline.local.dialect.operators import numeric, quotient
from pipeline.local.dialect.registry import Call, Role, function
from pipeline.local.dialect.typed import COUNT, FLOAT, Typed, common_type, number
from pipeline.sql.types import Kind


@function("ROW_NUMBER", "RANK", "DENSE_RANK", args=0, role=Role.WINDOW)
def ranking(call: Call) -> Typed:
    """ROW_NUMBER() OVER (…) → row_number() OVER (…)"""
    return Typed(f"{call.name.lower()}(){call.suffix}", COUNT)


@function("PERCENT_RANK", "CUME_DIST", args=0, role=Role.WINDOW)
def share_of_rank(call: Call) -> Typed:
    """PERCENT_RANK() OVER (…) → percent_rank() OVER (…)"""
    return Typed(f"{call.name.lower()}(){call.suffix}", FLOAT)


@function("NTILE", args=1, role=Role.WINDOW)
def ntile(call: Call) -> Typed:
    """NTILE(4) OVER (…) → ntile(4) OVER (…)"""
    return Typed(f"ntile({whole(call.arg(0))}){call.suffix}", COUNT)


@function("LAG", "LEAD", args=(1, 3), role=Role.WINDOW)
def lag_lead(call: Call) -> Typed:
    """LAG(a, 1, 0) OVER (…) → lag(a, 1, 0) OVER (…)"""
    value = call.arg(0)
    arguments = [value.sql]
    result = value.type
    if call.has(1):
        arguments.append(whole(call.arg(1)))
    if call.has(2):
        default = call.arg(2)
        result = common_type([value, default])
        arguments = [coerce(value, result).sql, arguments[1], coerce(default, result).sql]
    nulls = " IGNORE NULLS" if call.ignore_nulls else ""
    return Typed(f"{call.name.lower()}({', '.join(arguments)}{nulls}){call.suffix}", result)


@function("FIRST_VALUE", "LAST_VALUE", args=1, role=Role.WINDOW)
def edge_value(call: Call) -> Typed:
    """FIRST_VALUE(a) OVER (…) → first_value(a) OVER (…); without a frame the whole window"""
    value = call.arg(0)
    nulls = " IGNORE NULLS" if call.ignore_nulls else ""
    return Typed(f"{call.name.lower()}({value.sql}{nulls}){call.suffix}", value.type)


@function("NTH_VALUE", args=2, role=Role.WINDOW)
def nth_value(call: Call) -> Typed:
    """NTH_VALUE(a, 2) OVER (…) → nth_value(a, 2) OVER (…)"""
    value = call.arg(0)
    nulls = " IGNORE NULLS" if call.ignore_nulls else ""
    return Typed(f"nth_value({value.sql}, {whole(call.arg(1))}{nulls}){call.suffix}", value.type)


@function("RATIO_TO_REPORT", args=1, role=Role.WINDOW)
def ratio_to_report(call: Call) -> Typed:
    """RATIO_TO_REPORT(a) OVER (…) → a / sum(a) OVER (…), NULL where the sum is 0"""
    value = numeric(call.arg(0), "RATIO_TO_REPORT")
    total = f"nullif(sum({value.sql}){call.suffix}, 0)"
    if value.kind is Kind.FLOAT:
        return Typed(f"({value.sql} / {total})", FLOAT)
    return quotient(value, Typed(total, number(38, value.scale)))
