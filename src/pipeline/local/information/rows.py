"""Python's values as rows that a query can read."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from pipeline.local.answers import Answer
from pipeline.local.dialect.relations import Relation, RelationColumn
from pipeline.local.dialect.typed import physical, quoted
from pipeline.sql.types import DataType, Kind

Columns = Sequence[tuple[str, DataType]]
Record = dict[str, object]
"""A row by column name; a column that is left out is NULL."""


def of_answer(answer: Answer) -> Relation:
    """The rows of an answer, under its columns."""
    return relation([(column.name, column.type) for column in answer.columns], answer.rows)


def ordered(columns: Columns, records: Sequence[Record]) -> list[tuple[object, ...]]:
    """Records as rows of these columns; what else a record has is left out."""
    return [tuple(record.get(name) for name, _ in columns) for record in records]


def relation(columns: Columns, rows: Sequence[Sequence[object]]) -> Relation:
    """Rows as a DuckDB SELECT: one JSON literal of texts, each cast to its column's type.

    Values are those of `protocol.Result`. Raises SnowflakeError for a type that the account does not keep.
    """
    texts = [[_text(value, kind) for value, (_, kind) in zip(row, columns, strict=True)] for row in rows]
    literal = json.dumps(texts, separators=(",", ":")).replace("'", "''")
    listed = ", ".join(f"{_value(index, kind)} AS {quoted(f'c{index}')}" for index, (_, kind) in enumerate(columns, 1))
    names = ", ".join(quoted(name) for name, _ in columns)
    body = f"SELECT unnest(from_json('{literal}', '[[\"VARCHAR\"]]')) AS r"
    sql = f"SELECT * FROM (SELECT {listed} FROM ({body})) AS __rows({names})"
    return Relation(sql, tuple(RelationColumn(name, kind) for name, kind in columns))


def _text(value: object, kind: DataType) -> str | None:
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, datetime):
        return _moment(value, kind)
    return str(value)


def _moment(value: datetime, kind: DataType) -> str:
    if kind.kind is Kind.TIMESTAMP_NTZ:
        return value.replace(tzinfo=None).isoformat(sep=" ")
    text = value.astimezone(UTC).replace(tzinfo=None).isoformat(sep=" ")
    if kind.kind is Kind.TIMESTAMP_TZ:
        offset = (value.utcoffset() or timedelta()) // timedelta(minutes=1)
        return f"{offset}|{text}"
    return f"{text}+00"


def _value(index: int, kind: DataType) -> str:
    text = f"r[{index}]"
    match kind.kind:
        case Kind.BINARY:
            return f"unhex({text})"
        case Kind.TIMESTAMP_TZ:
            moment = f"CAST(split_part({text}, '|', 2) AS TIMESTAMP)"
            offset = f"CAST(split_part({text}, '|', 1) AS SMALLINT)"
            return f"CASE WHEN {text} IS NOT NULL THEN {{'utc': {moment}, 'offset': {offset}}} END"
        case _:
            return f"CAST({text} AS {physical(kind)})"
