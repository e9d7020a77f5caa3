"""How many rows a table has, how much room they take, and when they last changed."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from pipeline.local.catalog import Object
from pipeline.local.session import Session
from pipeline.local.versions import data, history

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


def last_writes(session: Session, tables: Iterable[Object]) -> dict[int, datetime]:
    """When DML last changed tables, by id, for LAST_ALTERED (docs: sql-reference/info-schema/tables).

    A table is not there that was never written, or whose last write is older than the account remembers.
    """
    latest = " UNION ALL ".join(
        f"SELECT {table.id} AS id, greatest((SELECT max(__ver) FROM {data(table.id)}),"
        f" (SELECT max(__at) FROM {history(table.id)})) AS v"
        for table in tables
    )
    if not latest:
        return {}
    rows = session.read(f"SELECT id, moment FROM ({latest}) JOIN _m.versions USING (v)", {}).fetchall()
    return {table: moment.replace(tzinfo=UTC) for table, moment in rows}
