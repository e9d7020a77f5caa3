"""Regular expression functions (docs.snowflake.com/en/sql-reference/functions-regexp)."""

from decimal import Decimal

from pipeline.local.dialect.casts import text
from pipeline.local.dialect.regexps import constant_text, full_match, pattern
from pipeline.local.dialect.registry import Call, function
from pipeline.local.dialect.typed import COUNT, VARCHAR, Typed, text_literal
from pipeline.local.errors import unsupported


def _number(call: Call, index: int, default: int) -> int:
    if not call.has(index):
        return default
    value = call.arg(index).constant
    if not isinstance(value, Decimal):
        raise unsupported(f"{call.name} with an argument that is not a constant")
    return int(value)


def _flags(call: Call, index: int) -> str:
    return constant_text(call.arg(index), f"{call.name} with parameters") if call.has(index) else ""


def _from(call: Call, index: int) -> str:
    start = _number(call, index, 1)
    subject = text(call.arg(0))
    return subject if start == 1 else f"substr({subject}, {start})"


@function("REGEXP_LIKE", "RLIKE", "REGEXP", args=(2, 3))
def regexp_like(call: Call) -> Typed:
    """REGEXP_LIKE(a, 'x.*'): the whole text must match"""
    return full_match(call.arg(0), call.arg(1), _flags(call, 2))


@function("REGEXP_SUBSTR", args=(2, 6))
def regexp_substr(call: Call) -> Typed:
    """REGEXP_SUBSTR(a, p, start, occurrence, flags, group): NULL if there is no match"""
    flags = _flags(call, 4)
    group = _number(call, 5, 1 if "e" in flags else 0)
    found = f"regexp_extract_all({_from(call, 2)}, {pattern(call.arg(1), flags)}, {group})"
    return Typed(f"{found}[{_number(call, 3, 1)}]", VARCHAR)


@function("REGEXP_COUNT", args=(2, 4))
def regexp_count(call: Call) -> Typed:
    """REGEXP_COUNT(a, p) → the number of matches that do not overlap"""
    return Typed(f"len(regexp_extract_all({_from(call, 2)}, {pattern(call.arg(1), _flags(call, 3))}))", COUNT)


@function("REGEXP_REPLACE", args=(2, 6))
def regexp_replace(call: Call) -> Typed:
    r"""REGEXP_REPLACE(a, p, r): every match; \1 in r is a group"""
    if _number(call, 3, 1) != 1 or _number(call, 4, 0) != 0:
        raise unsupported("REGEXP_REPLACE with a position or an occurrence")
    new = text(call.arg(2)) if call.has(2) else "''"
    return Typed(
        f"regexp_replace({text(call.arg(0))}, {pattern(call.arg(1), _flags(call, 5))}, {new}, {text_literal('g')})",
        VARCHAR,
    )
