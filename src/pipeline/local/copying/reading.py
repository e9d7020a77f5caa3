"""A staged file made ready for DuckDB: read in place where DuckDB reads it as Snowflake does, else rewritten first.

What DuckDB reads by itself is JSON of one document a line, which it validates. Every other file, and one that DuckDB
reads differently (see `strictness`), is read by our own parser instead.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import duckdb

from pipeline.local.copying import compression, csv_records, json_records
from pipeline.local.copying.csv_records import CsvRecord
from pipeline.local.copying.errors import ColumnNames, RowError
from pipeline.local.copying.json_records import JsonRecord
from pipeline.local.copying.strictness import Counts, counted_if_strict
from pipeline.local.copying.text import FileText, decode
from pipeline.local.file_formats import Compression, CsvFormat, Format, JsonFormat
from pipeline.local.stages import StagedFile
from pipeline.sql.names import quote
from pipeline.sql.types import MAX_VARCHAR_LENGTH

ROW = "__row"
"""The column of a prepared file that numbers its records from 1, rejected ones included."""

_DUCKDB_READS = {Compression.NONE: "none", Compression.GZIP: "gzip", Compression.ZSTD: "zstd"}
_USUAL_OBJECT = 16 << 20
_LARGEST_OBJECT = MAX_VARCHAR_LENGTH + (1 << 20)
_MOST_UNREAD = 100_000
_CHECKED_RECORDS = 1_000

CheckAborted = Callable[[], None]
"""Raises if the statement was told to stop."""

_Record = TypeVar("_Record")
_LARGEST_REWRITTEN = 6 * MAX_VARCHAR_LENGTH + (1 << 20)
"""A rewritten record is a string in a JSON array, where a character may take six bytes."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A file that DuckDB reads without a fault.

    `sql` selects `$1`… (JSON of a JSON file, VARCHAR of a CSV file) and `__row`. `rows` counts all records, also the
    rejected, which are in `errors`, and blank lines.
    """

    sql: str
    rows: int
    errors: tuple[RowError, ...] = ()
    header: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Wanted:
    """How a statement wants a file's records: for which columns, how many fields of each.

    `width` fields of a CSV record are given (0: as many as its header has); `expected` must be there (None: any
    number).
    """

    names: ColumnNames
    width: int = 1
    expected: int | None = None


def prepare(
    cursor: duckdb.DuckDBPyConnection,
    file: StagedFile,
    form: Format,
    wanted: Wanted,
    scratch: Path,
    check_aborted: CheckAborted,
) -> Prepared:
    """Make a file ready. `cursor` is no connection with a transaction open: faults of the file would end that.

    Raises:
        SnowflakeError: the file is not compressed as its format says.
    """
    packed = compression.detect(file.path, form.compression)
    if isinstance(form, JsonFormat):
        in_place = _in_place(cursor, file, form, packed, wanted)
        return in_place or _rewritten_json(file, form, packed, wanted, scratch, check_aborted)
    return _rewritten_csv(file, form, packed, wanted, scratch, check_aborted)


def checked(records: Iterable[_Record], check_aborted: CheckAborted) -> Iterator[_Record]:
    """The records, with a look every now and then whether the statement was told to stop."""
    for number, record in enumerate(records):
        if number % _CHECKED_RECORDS == 0:
            check_aborted()
        yield record


def parsed_csv(file: StagedFile, form: CsvFormat, wanted: Wanted) -> csv_records.Reader:
    """The reader of a CSV file, for the place of an error."""
    packed = compression.detect(file.path, form.compression)
    return csv_records.Reader(_decoded(file, form, packed), form, wanted.names, wanted.expected)


def parsed_json(file: StagedFile, form: JsonFormat, wanted: Wanted) -> Iterable[JsonRecord | RowError]:
    packed = compression.detect(file.path, form.compression)
    return json_records.records(_decoded(file, form, packed), form, wanted.names)


def path_literal(path: Path) -> str:
    """A path as a SQL literal that DuckDB's globbing takes for itself alone."""
    return "'" + re.sub(r"[*?\[]", lambda match: f"[{match[0]}]", str(path)).replace("'", "''") + "'"


# --- in place ----------------------------------------------------------------------------------------------------


def _in_place(
    cursor: duckdb.DuckDBPyConnection, file: StagedFile, form: JsonFormat, packed: Compression, wanted: Wanted
) -> Prepared | None:
    """The file as DuckDB reads it, or None if that differs from what Snowflake reads."""
    if packed not in _DUCKDB_READS or form.strip_null_values or form.replace_invalid_characters or not file.size:
        return None
    by_line = "" if form.multi_line else ", ignore_errors=true"
    for largest in (_USUAL_OBJECT, _LARGEST_OBJECT):
        source = (
            f"read_json_objects({path_literal(file.path)}, format='newline_delimited',"
            f" compression='{_DUCKDB_READS[packed]}', maximum_object_size={largest}{by_line})"
        )
        try:
            counts = counted_if_strict(cursor, source, form)
        except duckdb.InterruptException:
            raise
        except duckdb.Error as error:
            if largest == _USUAL_OBJECT and "maximum_object_size" in str(error):
                continue
            return None
        return None if counts is None else _placed(cursor, source, counts, file, form, wanted)
    return None


def _placed(
    cursor: duckdb.DuckDBPyConnection,
    source: str,
    counts: Counts,
    file: StagedFile,
    form: JsonFormat,
    wanted: Wanted,
) -> Prepared | None:
    """The file's SELECT; our own parser says what is wrong with the lines that DuckDB could not read."""
    sql = f'SELECT json AS "$1", row_number() OVER () AS {ROW} FROM {source}'
    if counts.unread == 0:
        return Prepared(sql, counts.records)
    if counts.unread > _MOST_UNREAD:
        return None
    rows = cursor.execute(f'SELECT {ROW} FROM ({sql}) WHERE "$1" IS NULL').fetchall()
    text = _decoded(file, form, compression.detect(file.path, form.compression))
    errors = json_records.line_errors(text, form, wanted.names, {row for (row,) in rows}, counts.records)
    if errors is None:
        return None
    return Prepared(f'FROM ({sql}) WHERE "$1" IS NOT NULL', counts.records, tuple(errors))


# --- rewritten ---------------------------------------------------------------------------------------------------


def _decoded(file: StagedFile, form: Format, packed: Compression) -> FileText:
    data = compression.read(file.path, packed)
    return decode(data, replace=form.replace_invalid_characters, skip_bom=form.skip_byte_order_mark)


def _rewritten_json(
    file: StagedFile,
    form: JsonFormat,
    packed: Compression,
    wanted: Wanted,
    scratch: Path,
    check_aborted: CheckAborted,
) -> Prepared:
    found = checked(json_records.records(_decoded(file, form, packed), form, wanted.names), check_aborted)
    good, errors, rows = _write(scratch / f"{file.content_key}.ndjson", found)
    return Prepared(f'SELECT f[1]::JSON AS "$1", r AS {ROW} FROM {good}', rows, errors)


def _rewritten_csv(
    file: StagedFile,
    form: CsvFormat,
    packed: Compression,
    wanted: Wanted,
    scratch: Path,
    check_aborted: CheckAborted,
) -> Prepared:
    reader = csv_records.Reader(_decoded(file, form, packed), form, wanted.names, wanted.expected)
    header = tuple(reader.header()[0]) if form.parse_header else ()
    good, errors, rows = _write(scratch / f"{file.content_key}.ndjson", checked(reader.records(), check_aborted))
    width = wanted.width or len(header)
    columns = ", ".join(f"f[{index}] AS {quote(f'${index}')}" for index in range(1, width + 1))
    return Prepared(f"SELECT {columns}, r AS {ROW} FROM {good}", rows, errors, header)


def _write(
    path: Path, found: Iterable[JsonRecord | CsvRecord | RowError | None]
) -> tuple[str, tuple[RowError, ...], int]:
    """Write the good records where DuckDB reads them; its table function, the errors, and the number of records."""
    errors: list[RowError] = []
    rows = 0
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for record in found:
            rows += 1
            if isinstance(record, RowError):
                errors.append(record)
            elif record is not None:
                fields = record.fields if isinstance(record, CsvRecord) else [record.text]
                file.write(json.dumps({"r": record.row, "f": fields}, ensure_ascii=False))
                file.write("\n")
    source = (
        f"read_json({path_literal(path)}, format='newline_delimited', columns={{'r': 'BIGINT', 'f': 'VARCHAR[]'}},"
        f" maximum_object_size={_USUAL_OBJECT if path.stat().st_size < _USUAL_OBJECT else _LARGEST_REWRITTEN})"
    )
    return source, tuple(errors), rows
