"""MATCH_BY_COLUMN_NAME: which key of a JSON document, or which field of a CSV header, each column takes.

Source: docs.snowflake.com/en/sql-reference/sql/copy-into-table (MATCH_BY_COLUMN_NAME).
"""

from collections.abc import Sequence

import duckdb

from pipeline.local.copying.options import Match
from pipeline.local.copying.reading import ROW, Prepared
from pipeline.local.file_formats import CsvFormat, Format, JsonFormat
from pipeline.sql.names import quote


def matched(
    cursor: duckdb.DuckDBPyConnection, prepared: Prepared, form: Format, names: Sequence[str], match: Match
) -> Prepared:
    """The file with one field for each of `names`: NULL where the file has nothing of that name."""
    if isinstance(form, CsvFormat):
        expressions = _csv_fields(prepared.header, names, match)
    else:
        keys = cursor.execute(
            f'SELECT DISTINCT unnest(json_keys("$1")) AS key FROM ({prepared.sql}) ORDER BY key'
        ).fetchall()
        expressions = [_json_field(form, [key for (key,) in keys if _same(key, name, match)]) for name in names]
    fields = ", ".join(f"{sql} AS {quote(f'${index}')}" for index, sql in enumerate(expressions, 1))
    return Prepared(f"SELECT {fields}, {ROW} FROM ({prepared.sql})", prepared.rows, prepared.errors, prepared.header)


def _same(written: str, name: str, match: Match) -> bool:
    return written == name if match is Match.CASE_SENSITIVE else written.upper() == name.upper()


def _csv_fields(header: Sequence[str], names: Sequence[str], match: Match) -> list[str]:
    places = [
        next((index for index, written in enumerate(header, 1) if _same(written, name, match)), None) for name in names
    ]
    return ["NULL::VARCHAR" if place is None else quote(f"${place}") for place in places]


def _json_field(form: JsonFormat, keys: Sequence[str]) -> str:
    """The value of the first of `keys` that a document has; NULL_IF and TRIM_SPACE act here alone."""
    if not keys:
        return "NULL::JSON"
    found = ", ".join(f'json_extract("$1", {_pointer(key)})' for key in keys)
    value = f"coalesce({found})" if len(keys) > 1 else found
    if form.trim_space:
        value = f"CASE json_type({value}) WHEN 'VARCHAR' THEN to_json(trim({value} ->> '$', ' \t')) ELSE {value} END"
    if form.null_if:
        listed = ", ".join(_literal(text) for text in form.null_if)
        value = f"CASE WHEN ({value} ->> '$') IN ({listed}) THEN NULL ELSE {value} END"
    return value


def _pointer(key: str) -> str:
    return _literal("/" + key.replace("~", "~0").replace("/", "~1"))


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
