"""SELECT … FROM @stage/path (FILE_FORMAT => …, PATTERN => …).

Source: docs.snowflake.com/en/user-guide/querying-stage.
"""

from pathlib import Path

from sqlglot import exp

from pipeline.local import stages
from pipeline.local.copying import formats, reading
from pipeline.local.copying.errors import ColumnNames
from pipeline.local.copying.reading import Prepared, Wanted
from pipeline.local.copying.sources import field_columns, relation, source_sql
from pipeline.local.dialect.relations import Relation
from pipeline.local.errors import SnowflakeError
from pipeline.local.file_formats import CsvFormat, Format
from pipeline.local.session import Session
from pipeline.local.stages import Place, StagedFile
from pipeline.sql.grammar.model import Value, ValueKind
from pipeline.sql.grammar.parsing.stages import parse_stage_ref

_WIDEST = 256
"""A CSV file answers to so many `$n`; those that it does not have are NULL."""


def stage_relation(session: Session, node: exp.Table) -> Relation:
    """The records of the files that a stage reference in FROM means: `$1`… and the hidden METADATA$ columns.

    The files are listed, checked, and where DuckDB cannot read them as they are, rewritten now: a translation that
    holds this relation serves the running statement only.

    Raises:
        SnowflakeError: no such stage or format, or a record that is not what the format says.
    """
    place = stages.locate(session, parse_stage_ref(_written(node)))
    form = formats.chosen(session, place, _format(node))
    pattern = node.args.get("pattern")
    found = stages.files(place, pattern.name if pattern is not None else None)
    owner = session.running if session.running is not None else session
    wanted = Wanted(ColumnNames("STAGE", ()), _WIDEST if isinstance(form, CsvFormat) else 1)
    fields = field_columns(json=not isinstance(form, CsvFormat), width=wanted.width, shown=1)
    parts = [_part(session, place, form, file, wanted, owner) for file in found]
    if not parts:
        return relation(f"({_nothing(place, form, wanted, session)})", fields)
    return relation(f"({' UNION ALL '.join(parts)})", fields)


_NO_FILE = StagedFile("", Path(), 0, 0)


def _written(node: exp.Table) -> str:
    """The reference as written; sqlglot gives the alias apart."""
    return str(node.this.name)


def _format(node: exp.Table) -> Value | None:
    written = node.args.get("format")
    if written is None:
        return None
    return Value(ValueKind.STRING if written.is_string else ValueKind.NAME, written.name, 0)


def _part(session: Session, place: Place, form: Format, file: StagedFile, wanted: Wanted, owner: object) -> str:
    with session.interruption.cursor(session.account.store) as cursor:
        prepared = reading.prepare(cursor, file, form, wanted, stages.scratch(session, owner), session.check_aborted)
    if prepared.errors:
        error = prepared.errors[0]
        where = f"  File '{place.filename(file.name)}', line {error.line}, character {error.character}"
        raise SnowflakeError(f"{error.message}\n{where}\n  Row {error.row}", error.errno, error.sqlstate)
    fields = field_columns(json=not isinstance(form, CsvFormat), width=wanted.width, shown=1)
    return f"({source_sql(place, file, prepared, fields, session.now(), content_key=True)})"


def _nothing(place: Place, form: Format, wanted: Wanted, session: Session) -> str:
    """The same columns without a row."""
    kind = "VARCHAR" if isinstance(form, CsvFormat) else "JSON"
    columns = ", ".join(f'NULL::{kind} AS "${index}"' for index in range(1, wanted.width + 1))
    prepared = Prepared(f"SELECT {columns}, 0 AS __row", 0)
    fields = field_columns(json=not isinstance(form, CsvFormat), width=wanted.width, shown=1)
    return f"{source_sql(place, _NO_FILE, prepared, fields, session.now(), content_key=False)} WHERE FALSE"
