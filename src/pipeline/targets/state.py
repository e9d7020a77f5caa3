"""How full the project's tables are, and what was loaded last.

Source: docs.snowflake.com/en/sql-reference/info-schema/tables, sql-reference/functions/copy_history.
"""

from dataclasses import dataclass
from datetime import datetime

from pipeline.sql.names import QualifiedName, quote_literal, render
from pipeline.targets.history import SCHEMA
from pipeline.targets.session import Session

REMEMBERED_DAYS = 14
"""How far COPY_HISTORY looks back."""


@dataclass(frozen=True, slots=True)
class TableRows:
    """A table of the project's database and the number of its rows."""

    table: QualifiedName
    rows: int


@dataclass(frozen=True, slots=True)
class LastLoad:
    """The file that was loaded last into a table."""

    file: str
    at: datetime
    status: str
    rows: int
    errors: int
    first_error: str | None


def read_table_rows(session: Session, database: str) -> tuple[TableRows, ...] | None:
    """Rows of each base table, the tool's own left out; None when the database is not there."""
    outcome = session.run_if_exists(
        f"SELECT TABLE_SCHEMA, TABLE_NAME, ROW_COUNT FROM {render(database)}.INFORMATION_SCHEMA.TABLES"
        f" WHERE TABLE_TYPE = 'BASE TABLE' AND TABLE_SCHEMA <> {quote_literal(SCHEMA)}"
        " ORDER BY TABLE_SCHEMA, TABLE_NAME"
    )
    if outcome is None:
        return None
    return tuple(
        TableRows(QualifiedName.of(database, str(schema), str(name)), int(str(rows or 0)))
        for schema, name, rows in outcome.rows
    )


def read_last_load(session: Session, table: QualifiedName) -> LastLoad | None:
    """The latest file of COPY_HISTORY; None when none was loaded in the last 14 days. The table must exist."""
    assert table.database is not None, "the name was completed"
    outcome = session.run(
        "SELECT FILE_NAME, LAST_LOAD_TIME, STATUS, ROW_COUNT, ERROR_COUNT, FIRST_ERROR_MESSAGE"
        f" FROM TABLE({render(table.database)}.INFORMATION_SCHEMA.COPY_HISTORY("
        f"TABLE_NAME => {quote_literal(str(table))},"
        f" START_TIME => DATEADD('day', -{REMEMBERED_DAYS}, CURRENT_TIMESTAMP())))"
        " ORDER BY LAST_LOAD_TIME DESC LIMIT 1"
    )
    if not outcome.rows:
        return None
    file, at, status, rows, errors, first_error = outcome.rows[0]
    assert isinstance(at, datetime), "LAST_LOAD_TIME is never NULL"
    return LastLoad(
        file=str(file),
        at=at,
        status=str(status),
        rows=int(str(rows or 0)),
        errors=int(str(errors or 0)),
        first_error=None if first_error is None else str(first_error),
    )
