"""A column's type in the words of SHOW COLUMNS and INFORMATION_SCHEMA.COLUMNS."""

import json

from pipeline.local.objects import ColumnSpec
from pipeline.sql.types import DataType, Kind

BYTES_PER_CHARACTER = 4
"""The most that a character takes in UTF-8."""
MOST_BYTES = 16_777_216
_JSON_NAMES = {Kind.NUMBER: "FIXED", Kind.VARCHAR: "TEXT", Kind.FLOAT: "REAL"}
_SCHEMA_NAMES = {Kind.VARCHAR: "TEXT"}


def json_type(column: ColumnSpec) -> str:
    """`data_type` of SHOW COLUMNS. Source: docs.snowflake.com/en/sql-reference/sql/show-columns."""
    kind = column.type
    described: dict[str, object] = {"type": _JSON_NAMES.get(kind.kind, kind.kind.value)}
    if kind.kind is Kind.NUMBER:
        described |= {"precision": kind.precision, "scale": kind.scale}
    elif kind.length is not None:
        described |= {"length": kind.length, "byteLength": octets(kind)}
    elif kind.precision is not None:
        described |= {"precision": 0, "scale": kind.precision}
    described["nullable"] = column.nullable
    if kind.length is not None:
        described["fixed"] = kind.kind is Kind.BINARY
    return json.dumps(described, separators=(",", ":"))


def schema_type(kind: DataType) -> str:
    """`DATA_TYPE` of INFORMATION_SCHEMA.COLUMNS: VARCHAR is TEXT there."""
    return _SCHEMA_NAMES.get(kind.kind, kind.kind.value)


def octets(kind: DataType) -> int | None:
    """The most bytes that a text or binary of this type takes."""
    if kind.length is None or kind.kind is Kind.BINARY:
        return kind.length
    return max(kind.length, min(kind.length * BYTES_PER_CHARACTER, MOST_BYTES))


def identity(column: ColumnSpec) -> str:
    """AUTOINCREMENT as SHOW COLUMNS has it; empty for other columns."""
    if column.autoincrement is None:
        return ""
    start, step = column.autoincrement
    return f"IDENTITY START {start} INCREMENT {step} NOORDER"
