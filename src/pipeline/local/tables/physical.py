"""The DuckDB tables behind a table: `d.t<id>` for its rows, `d.h<id>` for the versions that were replaced."""

from collections.abc import Sequence
from dataclasses import replace

import duckdb

from pipeline.local.dialect.typed import physical
from pipeline.local.objects import ColumnSpec
from pipeline.local.versions import HIDDEN, column_list, data, history
from pipeline.sql.names import quote

_VERSIONS = "__rid BIGINT, __born BIGINT, __ver BIGINT"


def make(cursor: duckdb.DuckDBPyConnection, table: int, columns: Sequence[ColumnSpec]) -> None:
    """Create both tables."""
    listed = ", ".join(_declaration(column) for column in columns)
    plain = ", ".join(f"{quote(column.name)} {physical(column.type)}" for column in columns)
    cursor.execute(f"CREATE TABLE {data(table)} ({listed}, {_VERSIONS})")
    cursor.execute(f"CREATE TABLE {history(table)} ({plain}, {_VERSIONS}, __at BIGINT)")


def _declaration(column: ColumnSpec) -> str:
    return f"{quote(column.name)} {physical(column.type)}{'' if column.nullable else ' NOT NULL'}"


def remove(cursor: duckdb.DuckDBPyConnection, table: int) -> None:
    cursor.execute(f"DROP TABLE IF EXISTS {data(table)}")
    cursor.execute(f"DROP TABLE IF EXISTS {history(table)}")


def number_columns(
    cursor: duckdb.DuckDBPyConnection, table: int, columns: Sequence[ColumnSpec]
) -> tuple[ColumnSpec, ...]:
    """Make the sequences of AUTOINCREMENT columns; the columns that know them."""
    return tuple(_numbered(cursor, table, index, column) for index, column in enumerate(columns))


def _numbered(cursor: duckdb.DuckDBPyConnection, table: int, index: int, column: ColumnSpec) -> ColumnSpec:
    if column.autoincrement is None or column.sequence is not None:
        return column
    name = f"d.s{table}_{index}_{cursor.execute('SELECT count(*) FROM duckdb_sequences()').fetchall()[0][0]}"
    start, step = column.autoincrement
    bounds = "MINVALUE -9223372036854775808" if step < 0 else f"MINVALUE {min(start, 1)}"
    top = f" MAXVALUE {max(start, -1)}" if step < 0 else ""
    cursor.execute(f"CREATE SEQUENCE {name} START {start} INCREMENT {step} {bounds}{top}")
    return replace(column, sequence=name)


def copy_rows(cursor: duckdb.DuckDBPyConnection, target: int, names: Sequence[str], rows: str, version: int) -> None:
    """Fill a clone: `rows` gives columns and hidden ones. Row ids stay: streams on clone and source agree on them."""
    columns = column_list((*names, *HIDDEN))
    cursor.execute(
        f"INSERT INTO {data(target)} ({columns}) SELECT {column_list(names)}, __rid, {version}, {version} FROM ({rows})"
    )
