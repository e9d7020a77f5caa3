"""How many rows a table has and how much room they take."""

from collections.abc import Iterable
from dataclasses import dataclass

from pipeline.local.catalog import Object
from pipeline.local.session import Session
from pipeline.local.versions import data

BLOCK_BYTES = 262_144
"""The size of DuckDB's blocks."""


@dataclass(frozen=True, slots=True)
class Measure:
    """`size` is in bytes, of the blocks that hold the rows: at least one where there is a row."""

    rows: int
    size: int


def measure(session: Session, tables: Iterable[Object]) -> dict[int, Measure]:
    """The measures of tables, by id."""
    found = list(tables)
    if not found:
        return {}
    counts = " UNION ALL ".join(f"SELECT {table.id} AS id, count(*) AS n FROM {data(table.id)}" for table in found)
    rows = dict(session.read(counts, {}).fetchall())
    return {table.id: Measure(rows[table.id], _size(session, table, rows[table.id])) for table in found}


def _size(session: Session, table: Object, rows: int) -> int:
    if not rows:
        return 0
    sql = f"SELECT count(DISTINCT block_id) FROM pragma_storage_info('{data(table.id)}') WHERE block_id >= 0"
    (blocks,) = session.read(sql, {}).fetchall()[0]
    return max(int(blocks), 1) * BLOCK_BYTES
