"""Python's values as literals of Snowflake's SQL."""

from datetime import date, datetime, time
from decimal import Decimal

from pipeline.sql.names import quote_literal
from pipeline.sql.types import DataType, Kind

_SEMI_STRUCTURED = {Kind.VARIANT: "VARIANT", Kind.OBJECT: "OBJECT", Kind.ARRAY: "ARRAY"}


def literal(value: object, kind: DataType) -> str:
    """An expression that gives `value` with that type again."""
    if value is None:
        return f"NULL::{kind}"
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, bytes):
        return f"TO_BINARY({quote_literal(value.hex())}, 'HEX')"
    if kind.kind in _SEMI_STRUCTURED:
        return f"PARSE_JSON({quote_literal(str(value))})::{_SEMI_STRUCTURED[kind.kind]}"
    if isinstance(value, Decimal | int):
        return format(value, "f") if isinstance(value, Decimal) else str(value)
    if isinstance(value, float):
        return f"{quote_literal(repr(value))}::FLOAT"
    if isinstance(value, datetime):
        return f"{quote_literal(value.isoformat(sep=' '))}::{kind.kind.value}"
    if isinstance(value, date):
        return f"{quote_literal(value.isoformat())}::DATE"
    if isinstance(value, time):
        return f"{quote_literal(value.isoformat())}::TIME"
    return quote_literal(str(value))
