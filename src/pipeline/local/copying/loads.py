"""What was loaded into which table: kept for 64 days, so that a file is loaded once.

Source: docs.snowflake.com/en/user-guide/data-load-considerations-load and …/sql-reference/functions/copy_history.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import duckdb

from pipeline.local.answers import INSTANT, INTEGER, TEXT
from pipeline.local.catalog import Object
from pipeline.local.session import Session
from pipeline.local.stages import Place, StagedFile
from pipeline.local.transaction import Write
from pipeline.sql.types import DataType

KEPT = timedelta(days=64)
HISTORY = timedelta(days=14)

TABLE = (
    "CREATE TABLE IF NOT EXISTS _m.loads(table_id BIGINT, stage VARCHAR, file VARCHAR, content VARCHAR, size BIGINT,"
    " location VARCHAR, loaded_at TIMESTAMP, status VARCHAR, row_count BIGINT, row_parsed BIGINT, error_count BIGINT,"
    " error_limit BIGINT, first_error VARCHAR, first_line BIGINT, first_character BIGINT, first_column VARCHAR)"
)
"""DuckDB's statement that makes the table of loads."""

COPY_HISTORY_COLUMNS: tuple[tuple[str, DataType], ...] = (
    ("FILE_NAME", TEXT),
    ("STAGE_LOCATION", TEXT),
    ("LAST_LOAD_TIME", INSTANT),
    ("ROW_COUNT", INTEGER),
    ("ROW_PARSED", INTEGER),
    ("FILE_SIZE", INTEGER),
    ("FIRST_ERROR_MESSAGE", TEXT),
    ("FIRST_ERROR_LINE_NUMBER", INTEGER),
    ("FIRST_ERROR_CHARACTER_POS", INTEGER),
    ("FIRST_ERROR_COLUMN_NAME", TEXT),
    ("ERROR_COUNT", INTEGER),
    ("ERROR_LIMIT", INTEGER),
    ("STATUS", TEXT),
    ("TABLE_CATALOG_NAME", TEXT),
    ("TABLE_SCHEMA_NAME", TEXT),
    ("TABLE_NAME", TEXT),
    ("PIPE_CATALOG_NAME", TEXT),
    ("PIPE_SCHEMA_NAME", TEXT),
    ("PIPE_NAME", TEXT),
    ("PIPE_RECEIVED_TIME", INSTANT),
)

LOADED, PARTIALLY_LOADED, LOAD_FAILED, LOAD_SKIPPED = "LOADED", "PARTIALLY_LOADED", "LOAD_FAILED", "LOAD_SKIPPED"
_HISTORY_WORDS = {LOADED: "Loaded", PARTIALLY_LOADED: "Partially loaded", LOAD_FAILED: "Load failed"}


@dataclass(frozen=True, slots=True)
class FileLoad:
    """One row of COPY's result."""

    file: str
    status: str
    rows_parsed: int
    rows_loaded: int
    error_limit: int | None
    errors_seen: int
    first_error: str | None = None
    first_error_line: int | None = None
    first_error_character: int | None = None
    first_error_column_name: str | None = None

    @property
    def row(self) -> tuple[object, ...]:
        return (
            self.file,
            self.status,
            self.rows_parsed,
            self.rows_loaded,
            self.error_limit,
            self.errors_seen,
            self.first_error,
            self.first_error_line,
            self.first_error_character,
            self.first_error_column_name,
        )


@dataclass(frozen=True, slots=True)
class Known:
    """What is remembered of a table's loads: the content of each file loaded in time, and the first load of all."""

    contents: dict[str, str]
    first: datetime | None

    def loaded(self, file: StagedFile) -> bool:
        """Whether this very content was loaded under this name."""
        return self.contents.get(file.name) == file.content_key if file.name in self.contents else False

    def uncertain(self, file: StagedFile, now: datetime) -> bool:
        """Whether the file is so old that it may have been loaded before anything is remembered."""
        return self.first is not None and self.first < now - KEPT and file.modified < now - KEPT


def known(cursor: duckdb.DuckDBPyConnection, table: Object, place: Place, now: datetime) -> Known:
    """What the table's load metadata says of files of a stage."""
    since = _naive(now - KEPT)
    rows = cursor.execute(
        "SELECT file, arg_max(content, loaded_at) FROM _m.loads"
        " WHERE table_id = ? AND stage = ? AND loaded_at >= ? AND status <> ? GROUP BY file",
        [table.id, place.key, since, LOAD_FAILED],
    ).fetchall()
    first = cursor.execute("SELECT min(loaded_at) FROM _m.loads WHERE table_id = ?", [table.id]).fetchone()
    assert first is not None
    return Known(dict(rows), first[0].replace(tzinfo=UTC) if first[0] else None)


def remember(write: Write, table: Object, place: Place, file: StagedFile, load: FileLoad) -> None:
    """Note a load, in the transaction of its rows."""
    write.run(
        "INSERT INTO _m.loads VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
        [
            table.id,
            place.key,
            file.name,
            file.content_key,
            file.size,
            f"{place.location}/",
            _naive(write.now),
            load.status,
            load.rows_loaded,
            load.rows_parsed,
            load.errors_seen,
            load.error_limit,
            load.first_error,
            load.first_error_line,
            load.first_error_character,
            load.first_error_column_name,
        ],
    )


CLEAR = "DELETE FROM _m.loads WHERE table_id = ?"
"""Forgets a table's loads, within a transaction that keeps a log of what it wrote."""


def clear(cursor: duckdb.DuckDBPyConnection, table_id: int) -> None:
    """Forget a table's loads, as TRUNCATE and OR REPLACE do."""
    cursor.execute(CLEAR, [table_id])


def copy_history(
    session: Session, table: Object, start: datetime, end: datetime | None = None
) -> list[tuple[Any, ...]]:
    """Rows of INFORMATION_SCHEMA.COPY_HISTORY for a table, newest last, under `COPY_HISTORY_COLUMNS`.

    The last 14 days are kept; `start` and `end` have zones.
    """
    now = session.now()
    rows = session.connection.execute(
        "SELECT file, location, loaded_at, row_count, row_parsed, size, first_error, first_line, first_character,"
        " first_column, error_count, error_limit, status FROM _m.loads"
        " WHERE table_id = ? AND loaded_at >= ? AND loaded_at <= ? ORDER BY loaded_at, file",
        [table.id, _naive(max(start, now - HISTORY)), _naive(end or now)],
    ).fetchall()
    owner = (table.database, table.schema, table.name)
    return [_history_row(row, owner) for row in rows]


def _history_row(row: Sequence[Any], owner: tuple[str | None, str | None, str]) -> tuple[Any, ...]:
    at = row[2].replace(tzinfo=UTC)
    return (*row[:2], at, *row[3:12], _HISTORY_WORDS[row[12]], *owner, None, None, None, None)


def _naive(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(tzinfo=None)
