"""Numeric functions and conversions to numbers (docs.snowflake.com/en/sql-reference/functions-numeric)."""

from decimal import Decimal

from pipeline.local.dialect.casts import cast, coerce, whole
from pipeline.local.dialect.operators import numeric, remainder
from pipeline.local.dialect.registry import Call, function
from pipeline.local.dialect.typed import FLOAT, NUMBER, Typed, number
from pipeline.local.errors import compilation, unsupported
from pipeline.sql.types import DataType, Kind


def _constant_scale(call: Call, index: int) -> int:
    if not call.has(index):
        return 0
    value = call.arg(index)
    if not isinstance(value.constant, Decimal) or value.constant != int(value.constant):
        raise unsupported(f"{call.name} with a scale that is not a constant")
    return int(value.constant)


def _widened(value: Typed, scale: int) -> DataType:
    """One digit more than before the point, as rounding up may need it."""
    return number(value.precision - value.scale + 1 + max(scale, 0), max(scale, 0))


@function("ROUND", args=(1, 3))
def round_(call: Call) -> Typed:
    """ROUND(a, 2): half away from zero; the scale of the result is the one asked for."""
    if call.has(2) and call.arg(2).constant != "HALF_AWAY_FROM_ZERO":
        raise unsupported("ROUND with a rounding mode")
    value, scale = numeric(call.arg(0), "ROUND"), _constant_scale(call, 1)
    if value.kind is Kind.FLOAT:
        return Typed(f"round({value.sql}, {scale})", FLOAT)
    if scale >= value.scale:
        return value.of(value.type)
    result = _widened(value, scale)
    if scale < 0:
        unit = 10**-scale
        rounded = f"CAST({value.sql} / CAST({unit} AS DECIMAL(38,0)) AS DECIMAL(38,0))"
        shifted = f"round(CAST({value.sql} AS DECIMAL(38,{value.scale})), {scale})"
        return Typed(f"CAST({shifted if rounded else ''} AS DECIMAL(38,0))", result)
    return Typed(f"CAST({value.sql} AS DECIMAL({result.precision},{scale}))", result)


@function("TRUNC", "TRUNCATE", args=(1, 2))
def truncate(call: Call) -> Typed:
    """TRUNC(a, 2) cuts towards zero; TRUNC(date, part) is DATE_TRUNC."""
    first = call.arg(0)
    if first.kind in (Kind.DATE, Kind.TIMESTAMP_NTZ, Kind.TIMESTAMP_LTZ, Kind.TIMESTAMP_TZ):
        from pipeline.local.dialect.rules.moments import date_trunc

        call.nodes = call.nodes[::-1]
        return date_trunc(call)
    value, scale = numeric(first, "TRUNC"), _constant_scale(call, 1)
    if value.kind is Kind.FLOAT:
        factor = f"pow(10, {scale})"
        return Typed(f"(trunc({value.sql} * {factor}) / {factor})", FLOAT)
    if scale >= value.scale:
        return value.of(value.type)
    result = number(value.precision - value.scale + max(scale, 0), max(scale, 0))
    unit = f"0.{'0' * (scale - 1)}1" if scale > 0 else f"1{'0' * -scale}"
    step = f"CAST({unit} AS DECIMAL(38,{max(scale, 0)}))"
    return Typed(f"CAST({value.sql} - {value.sql} % {step} AS DECIMAL({result.precision},{result.scale}))", result)


@function("CEIL", "FLOOR", args=(1, 2))
def ceil_floor(call: Call) -> Typed:
    """CEIL(a) → ceil(a)"""
    value, scale = numeric(call.arg(0), call.name), _constant_scale(call, 1)
    name = call.name.lower()
    if value.kind is Kind.FLOAT:
        factor = f"pow(10, {scale})"
        return Typed(f"{name}({value.sql})" if scale == 0 else f"({name}({value.sql} * {factor}) / {factor})", FLOAT)
    if scale != 0:
        raise unsupported(f"{call.name} of a NUMBER with a scale")
    if value.scale == 0:
        return value.of(value.type)
    result = _widened(value, 0)
    return Typed(f"CAST({name}({value.sql}) AS DECIMAL({result.precision},0))", result)


@function("ABS", args=1)
def absolute(call: Call) -> Typed:
    """ABS(a) → abs(a)"""
    value = numeric(call.arg(0), "ABS")
    return Typed(f"abs({value.sql})", value.type)


@function("SIGN", args=1)
def sign(call: Call) -> Typed:
    """SIGN(a) → sign(a): -1, 0 or 1"""
    return Typed(f"sign({numeric(call.arg(0), 'SIGN').sql})", number(1, 0))


@function("MOD", args=2)
def mod(call: Call) -> Typed:
    """MOD(a, b): the sign is the dividend's."""
    left, right = (numeric(each, "MOD") for each in call.args())
    if left.kind is not right.kind:
        left, right = coerce(left, FLOAT), coerce(right, FLOAT)
    return remainder(left, right)


_TO_FLOAT = {
    "SQRT": "sqrt",
    "CBRT": "cbrt",
    "EXP": "exp",
    "LN": "ln",
    "SIN": "sin",
    "COS": "cos",
    "TAN": "tan",
    "COT": "cot",
    "ASIN": "asin",
    "ACOS": "acos",
    "ATAN": "atan",
    "SINH": "sinh",
    "COSH": "cosh",
    "TANH": "tanh",
    "DEGREES": "degrees",
    "RADIANS": "radians",
}


@function(*_TO_FLOAT, args=1)
def to_float(call: Call) -> Typed:
    """SQRT(a) → sqrt(CAST(a AS DOUBLE))"""
    return Typed(f"{_TO_FLOAT[call.name]}({coerce(numeric(call.arg(0), call.name), FLOAT).sql})", FLOAT)


@function("POWER", "POW", "ATAN2", args=2)
def two_floats(call: Call) -> Typed:
    """POWER(a, b) → pow(a, b)"""
    left, right = (coerce(numeric(each, call.name), FLOAT).sql for each in call.args())
    return Typed(f"{'atan2' if call.name == 'ATAN2' else 'pow'}({left}, {right})", FLOAT)


@function("LOG", args=2)
def log(call: Call) -> Typed:
    """LOG(base, a) → ln(a) / ln(base)"""
    base, value = (coerce(numeric(each, "LOG"), FLOAT).sql for each in call.args())
    return Typed(f"(ln({value}) / ln({base}))", FLOAT)


@function("SQUARE", args=1)
def square(call: Call) -> Typed:
    """SQUARE(a) → a * a as a FLOAT"""
    return Typed(f"pow({coerce(numeric(call.arg(0), 'SQUARE'), FLOAT).sql}, 2)", FLOAT)


@function("PI", args=0)
def pi(_call: Call) -> Typed:
    """PI() → pi()"""
    return Typed("pi()", FLOAT)


@function("FACTORIAL", args=1)
def factorial(call: Call) -> Typed:
    """FACTORIAL(a) → factorial(a)"""
    return Typed(f"factorial(CAST({whole(call.arg(0))} AS INTEGER))", NUMBER)


@function("BITAND", "BITOR", "BITXOR", "BITSHIFTLEFT", "BITSHIFTRIGHT", args=2)
def bits(call: Call) -> Typed:
    """BITAND(a, b) → a & b"""
    left, right = (whole(each) for each in call.args())
    if call.name == "BITXOR":
        return Typed(f"xor({left}, {right})", NUMBER)
    sign_of = {"BITAND": "&", "BITOR": "|", "BITSHIFTLEFT": "<<", "BITSHIFTRIGHT": ">>"}
    return Typed(f"({left} {sign_of[call.name]} {right})", NUMBER)


def _target(call: Call) -> DataType:
    """TO_NUMBER(a [, format] [, precision [, scale]])."""
    numbers = []
    for index in range(1, len(call.nodes)):
        value = call.arg(index)
        if isinstance(value.constant, str) or not isinstance(value.constant, Decimal):
            raise unsupported(f"{call.name} with a format")
        numbers.append(int(value.constant))
    precision, scale = [*numbers, *(38, 0)[len(numbers) :]][:2]
    if not 1 <= precision <= 38 or not 0 <= scale <= precision:
        raise compilation(f"Invalid precision or scale for {call.name}: ({precision},{scale})", 1008, "22023")
    return number(precision, scale)


@function("TO_NUMBER", "TO_DECIMAL", "TO_NUMERIC", args=(1, 4))
def to_number(call: Call) -> Typed:
    """TO_NUMBER(a, 10, 2) → CAST(a AS NUMBER(10,2))"""
    return cast(call.arg(0), _target(call))


def tried(call: Call, target: DataType) -> Typed:
    """The TRY_TO_… functions: only text, NULL for what fails."""
    from pipeline.local.dialect.casts import try_cast

    value = call.arg(0)
    if not value.null and value.kind is not Kind.VARCHAR:
        if value.kind is Kind.VARIANT:
            raise compilation(f"Invalid argument types for function '{call.name}': (VARIANT)", 1044, "42P13")
        return cast(value, target)
    return try_cast(value, target)


@function("TRY_TO_NUMBER", "TRY_TO_DECIMAL", "TRY_TO_NUMERIC", args=(1, 4))
def try_to_number(call: Call) -> Typed:
    """TRY_TO_NUMBER(a) → TRY_CAST(a AS NUMBER(38,0))"""
    return tried(call, _target(call))


@function("TO_DOUBLE", args=(1, 2))
def to_double(call: Call) -> Typed:
    """TO_DOUBLE(a) → CAST(a AS FLOAT)"""
    if call.has(1):
        raise unsupported("TO_DOUBLE with a format")
    return cast(call.arg(0), FLOAT)


@function("TRY_TO_DOUBLE", args=(1, 2))
def try_to_double(call: Call) -> Typed:
    """TRY_TO_DOUBLE(a) → TRY_CAST(a AS FLOAT)"""
    if call.has(1):
        raise unsupported("TRY_TO_DOUBLE with a format")
    return tried(call, FLOAT)


@function("SEQ4", "SEQ8", args=(0, 1))
def sequence(call: Call) -> Typed:
    """SEQ4() counts the rows from 0; Snowflake promises no more than rising values."""
    return Typed("(row_number() OVER () - 1)", number(10 if call.name == "SEQ4" else 19, 0))
