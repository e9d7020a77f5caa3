"""What a statement's handler gives back, and the shapes that recur."""

from collections.abc import Mapping, Sequence
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


INSERTED, UPDATED, DELETED = "number of rows inserted", "number of rows updated", "number of rows deleted"
MULTI_JOINED = "number of multi-joined rows updated"


def counts(type_: StatementType, numbers: Mapping[str, int]) -> Answer:
    """Rows changed, by the column's name: clients sum those that begin with `number of rows`."""
    columns = tuple(Column(name, INTEGER, False) for name in numbers)
    return Answer(columns, (tuple(numbers.values()),), type_)


def table(columns: Sequence[tuple[str, DataType]], rows: Sequence[tuple[object, ...]], type_: StatementType) -> Answer:
    return Answer(tuple(Column(name, kind) for name, kind in columns), rows, type_)
