"""What a statement's handler gives back, and the shapes that recur."""

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.local.protocol import Column, StatementType
from pipeline.sql.types import DEFAULT_VARCHAR_LENGTH, MAX_PRECISION, DataType, Kind

TEXT = DataType(Kind.VARCHAR, length=DEFAULT_VARCHAR_LENGTH)
INTEGER = DataType(Kind.NUMBER, MAX_PRECISION, 0)
REAL = DataType(Kind.FLOAT)
BOOLEAN = DataType(Kind.BOOLEAN)
INSTANT = DataType(Kind.TIMESTAMP_LTZ, precision=3)
VARIANT = DataType(Kind.VARIANT)


@dataclass(frozen=True, slots=True)
class Answer:
    """Columns and rows, with Python's own values as `protocol.Result` has them."""

    columns: tuple[Column, ...]
    rows: Sequence[tuple[object, ...]]
    type: StatementType


def status(text: str, type_: StatementType = StatementType.DDL) -> Answer:
    """One row, one column `status`, as DDL answers."""
    return Answer((Column("status", TEXT, False),), ((text,),), type_)


def done(type_: StatementType = StatementType.SCL) -> Answer:
    return status("Statement executed successfully.", type_)


def counts(type_: StatementType, **numbers: int) -> Answer:
    """Rows changed: `counts(MERGE, inserted=1, updated=2)` has columns `number of rows inserted` and so on."""
    columns = tuple(Column(f"number of rows {what.replace('_', ' ')}", INTEGER, False) for what in numbers)
    return Answer(columns, (tuple(numbers.values()),), type_)


def table(columns: Sequence[tuple[str, DataType]], rows: Sequence[tuple[object, ...]], type_: StatementType) -> Answer:
    return Answer(tuple(Column(name, kind) for name, kind in columns), rows, type_)
