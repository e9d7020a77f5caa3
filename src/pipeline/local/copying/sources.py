"""Staged files as relations that Snowflake SQL selects from: $1, $2… and METADATA$ columns."""

from datetime import UTC, datetime

from pipeline.local.copying.reading import ROW, Prepared
from pipeline.local.dialect.relations import Relation, RelationColumn
from pipeline.local.stages import Place, StagedFile
from pipeline.sql.names import quote
from pipeline.sql.types import DEFAULT_VARCHAR_LENGTH, DataType, Kind

_TEXT = DataType(Kind.VARCHAR, length=DEFAULT_VARCHAR_LENGTH)
METADATA: tuple[RelationColumn, ...] = (
    RelationColumn("METADATA$FILENAME", _TEXT, hidden=True),
    RelationColumn("METADATA$FILE_ROW_NUMBER", DataType(Kind.NUMBER, 38, 0), hidden=True),
    RelationColumn("METADATA$FILE_CONTENT_KEY", _TEXT, hidden=True),
    RelationColumn("METADATA$FILE_LAST_MODIFIED", DataType(Kind.TIMESTAMP_NTZ, precision=3), hidden=True),
    RelationColumn("METADATA$START_SCAN_TIME", DataType(Kind.TIMESTAMP_LTZ, precision=3), hidden=True),
)
"""Only by name, never part of `*` (docs.snowflake.com/en/user-guide/querying-metadata)."""


def field_columns(*, json: bool, width: int, shown: int) -> tuple[RelationColumn, ...]:
    """`$1`…; those after `shown` are there, but not part of `*`."""
    kind = DataType(Kind.VARIANT) if json else _TEXT
    return tuple(RelationColumn(f"${index}", kind, hidden=index > shown) for index in range(1, width + 1))


def relation(sql: str, fields: tuple[RelationColumn, ...]) -> Relation:
    """The relation over a source's SQL (see `source_sql`)."""
    columns = (*fields, *METADATA)
    listed = ", ".join(quote(column.name) for column in columns)
    return Relation(f"SELECT {listed} FROM {sql}", columns)


def source_sql(
    place: Place,
    file: StagedFile,
    prepared: Prepared,
    fields: tuple[RelationColumn, ...],
    now: datetime,
    *,
    content_key: bool,
) -> str:
    """A DuckDB SELECT of one file's fields and metadata, with the record's number as `__row`.

    `content_key` says whether METADATA$FILE_CONTENT_KEY is asked for: it costs reading the file once more.
    """
    listed = ", ".join(quote(column.name) for column in fields)
    key = _literal(file.content_key) if content_key else "NULL"
    modified = file.modified.astimezone(UTC).replace(tzinfo=None).isoformat(" ")
    return (
        f'SELECT {listed}, {_literal(place.filename(file.name))} AS "METADATA$FILENAME",'
        f' {ROW} AS "METADATA$FILE_ROW_NUMBER", {key} AS "METADATA$FILE_CONTENT_KEY",'
        f" TIMESTAMP '{modified}' AS \"METADATA$FILE_LAST_MODIFIED\","
        f" TIMESTAMPTZ '{now.isoformat(' ')}' AS \"METADATA$START_SCAN_TIME\", {ROW} FROM ({prepared.sql})"
    )


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
