"""COPY INTO <table>, compiled: which columns get what, from which files, as one INSERT that is the same for each file.

Source: docs.snowflake.com/en/sql-reference/sql/copy-into-table.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import duckdb
from sqlglot import exp

from pipeline.local import stages
from pipeline.local.catalog import Object
from pipeline.local.copying import formats, options, transformation
from pipeline.local.copying.errors import ColumnNames
from pipeline.local.copying.matching import matched
from pipeline.local.copying.options import CopyOptions, Match
from pipeline.local.copying.reading import ROW, Prepared, Wanted
from pipeline.local.copying.sources import METADATA, field_columns, relation, source_sql
from pipeline.local.dialect.parse import parse_query
from pipeline.local.dialect.relations import Relation, RelationColumn
from pipeline.local.dialect.translate import translate_query
from pipeline.local.dml.insert import wrong_count
from pipeline.local.dml.target import Target, default_sql, insert_head
from pipeline.local.errors import SnowflakeError, compilation, unsupported
from pipeline.local.file_formats import CsvFormat, Format, JsonFormat
from pipeline.local.objects import ColumnSpec, Kind
from pipeline.local.resolver import SessionResolver
from pipeline.local.session import Session
from pipeline.local.stages import Place, StagedFile
from pipeline.sql.grammar.copy import CopyIntoTable
from pipeline.sql.names import quote, quote_literal
from pipeline.sql.types import TIMESTAMPS
from pipeline.sql.types import Kind as TypeKind

_SOURCE = "__copied_file__"
"""Stands in the compiled INSERT where a file's SELECT goes."""
_FIELD = re.compile(r"\$(\d+)")
_NOT_NULL = "error('SF|100072|22000|NULL result in a non-nullable column')"


@dataclass(frozen=True, slots=True)
class Projection:
    """What one column is loaded with: an expression of Snowflake's over `$1`…; `field` (from 0) is where it looks."""

    column: ColumnSpec
    text: str
    field: int


@dataclass(frozen=True, slots=True)
class Job:
    """A compiled COPY INTO <table>."""

    table: Object
    place: Place
    form: Format
    options: CopyOptions
    projections: tuple[Projection, ...]
    wanted: Wanted
    matched_names: tuple[str, ...]
    """The columns that MATCH_BY_COLUMN_NAME fills; empty without it."""
    fields: tuple[RelationColumn, ...]
    head: str
    values: str
    """A DuckDB SELECT of the projections as `c0`…, over the file that stands for `_SOURCE`."""
    defaults: tuple[str, ...]
    markers: frozenset[str]
    content_key: bool

    def source(self, cursor: duckdb.DuckDBPyConnection, file: StagedFile, prepared: Prepared, now: datetime) -> str:
        """The SELECT of a file's fields and metadata."""
        if self.matched_names:
            prepared = matched(cursor, prepared, self.form, self.matched_names, self.options.match)
        return source_sql(self.place, file, prepared, self.fields, now, content_key=self.content_key)

    def select(self, source: str, condition: str = "") -> str:
        """The rows to load from a source, or from those of its records that meet a condition on `__row`."""
        return self.values.replace(_SOURCE, f"(SELECT * FROM ({source}){condition})" if condition else f"({source})")

    def insert(self, select: str, version: int) -> str:
        """The INSERT of such rows."""
        values = ", ".join(("__s.*", *self.defaults, "nextval('_m.rid')", str(version), str(version)))
        return f"{self.head} SELECT {values} FROM ({select}) AS __s"


class _FileResolver(SessionResolver):
    """Gives the one stage of a transformation as the file being loaded."""

    copied: Relation

    def stage(self, node: exp.Table) -> Relation:
        del node
        return self.copied


def plan(session: Session, statement: CopyIntoTable) -> Job:
    """Compile a COPY INTO <table>.

    Raises:
        SnowflakeError: what does not compile, and by name what the local account does not support.
    """
    if statement.stage is None:
        raise unsupported(f"COPY from the external location '{statement.url}'")
    table = session.require(Kind.TABLE, statement.table)
    place = stages.locate(session, statement.stage)
    spec = stages.spec(place)
    chosen = options.read(statement.options, spec.copy_options if spec is not None else {})
    written = statement.options.get("FILE_FORMAT")
    if statement.transformation is not None:
        inner = statement.transformation.stage_options
        written = written or inner.get("FILE_FORMAT")
        chosen = options.with_pattern(chosen, inner.text("PATTERN"))
    form = formats.chosen(session, place, written)
    target = Target(table, str(statement.table), table.name)
    _check(statement, chosen, form, target)
    projections = _projections(statement, chosen, form, target)
    return _compile(session, statement, target, place, form, chosen, projections)


def _check(statement: CopyIntoTable, chosen: CopyOptions, form: Format, target: Target) -> None:
    if statement.transformation is not None:
        transformation.check(statement.transformation)
        if chosen.match is not Match.NONE:
            raise _plain_refusal("match_by_column_name is not supported with copy transform.")
        if chosen.validation is not None:
            raise compilation("VALIDATION_MODE does not support COPY with transform.", 2303, "0A000")
    if chosen.metadata and chosen.match is Match.NONE:
        raise _plain_refusal("include_metadata is only supported with match_by_column_name.")
    if chosen.match is Match.NONE:
        return
    if isinstance(form, CsvFormat) and not form.parse_header:
        raise _plain_refusal(
            "match_by_column_name option is not supported for file format CSV without PARSE_HEADER = TRUE"
        )
    if chosen.validation is not None:
        raise compilation("VALIDATION_MODE does not support COPY with MATCH_BY_COLUMN_NAME.", 2303, "0A000")
    if target.table.spec.schema_evolution:
        raise unsupported("COPY with MATCH_BY_COLUMN_NAME into a table with ENABLE_SCHEMA_EVOLUTION = TRUE")


def _plain_refusal(text: str) -> SnowflakeError:
    return SnowflakeError(f"SQL compilation error: {text}", 2303, "0A000")


# --- which column gets what ------------------------------------------------------------------------------------------


def _projections(statement: CopyIntoTable, chosen: CopyOptions, form: Format, target: Target) -> tuple[Projection, ...]:
    columns = tuple(target.named(name) for name in statement.columns) or target.columns
    if chosen.match is not Match.NONE:
        return _matched_projections(columns, chosen, form)
    if statement.transformation is not None:
        items = [item.text for item in statement.transformation.items]
        if len(items) != len(columns):
            raise wrong_count(len(columns), len(items))
        if isinstance(form, CsvFormat) and any(_moment_format(column, form) for column in columns):
            raise unsupported("DATE_FORMAT, TIME_FORMAT or TIMESTAMP_FORMAT in COPY with a transformation")
        texts = [(item, _first_field(item)) for item in items]
    else:
        _check_one_column(form, columns)
        texts = [(f"${index}", index - 1) for index in range(1, len(columns) + 1)]
        texts = [(_plain(text, column, form), field) for (text, field), column in zip(texts, columns, strict=True)]
    return tuple(
        Projection(column, _shortened(text, column, chosen), field)
        for column, (text, field) in zip(columns, texts, strict=True)
    )


def _first_field(item: str) -> int:
    match = _FIELD.search(item)
    return int(match[1]) - 1 if match else 0


def _check_one_column(form: Format, columns: Sequence[ColumnSpec]) -> None:
    if isinstance(form, JsonFormat) and not (len(columns) == 1 and columns[0].type.is_semi_structured):
        raise compilation(
            "JSON file format can produce one and only one column of type variant, object, or array. Load data into "
            "separate columns using the MATCH_BY_COLUMN_NAME copy option or copy with transformation.",
            2019,
            "0A000",
        )


def _plain(text: str, column: ColumnSpec, form: Format) -> str:
    """A field as it is; CSV's text is read as JSON where the column is semi-structured, moments by the format's way."""
    if not isinstance(form, CsvFormat):
        return text
    written = _moment_format(column, form)
    if written is not None:
        return f"TO_{column.type.kind.value}({text}, {quote_literal(written)})"
    if column.type.is_semi_structured:
        parsed = f"PARSE_JSON({text})"
        return parsed if column.type.kind is TypeKind.VARIANT else f"{parsed}::{column.type.kind.value}"
    return text


def _moment_format(column: ColumnSpec, form: CsvFormat) -> str | None:
    match column.type.kind:
        case TypeKind.DATE:
            return form.date_format
        case TypeKind.TIME:
            return form.time_format
        case kind if kind in TIMESTAMPS:
            return form.timestamp_format
        case _:
            return None


def _shortened(text: str, column: ColumnSpec, chosen: CopyOptions) -> str:
    if chosen.truncate and column.type.kind is TypeKind.VARCHAR:
        return f"LEFT(({text})::VARCHAR, {column.type.length})"
    return text


def _matched_projections(columns: Sequence[ColumnSpec], chosen: CopyOptions, form: Format) -> tuple[Projection, ...]:
    metadata = dict(chosen.metadata)
    known = {column.name for column in METADATA}
    for name, value in metadata.items():
        if value not in known:
            raise compilation(f"invalid value [{value}] for parameter 'INCLUDE_METADATA'", 1008, "22023")
        if name not in {column.name for column in columns}:
            raise compilation(f"invalid identifier '{name}'", 904, "42000")
    found: list[Projection] = []
    field = 0
    for column in columns:
        if column.name in metadata:
            found.append(Projection(column, metadata[column.name], 0))
            continue
        field += 1
        text = _shortened(_plain(f"${field}", column, form), column, chosen)
        found.append(Projection(column, text, field - 1))
    return tuple(found)


# --- compilation -----------------------------------------------------------------------------------------------------


def _compile(
    session: Session,
    statement: CopyIntoTable,
    target: Target,
    place: Place,
    form: Format,
    chosen: CopyOptions,
    projections: tuple[Projection, ...],
) -> Job:
    matched_names = _matched_names(projections, chosen)
    width = len(matched_names) or _width(projections)
    fields = field_columns(json=isinstance(form, JsonFormat), width=width, shown=width)
    if isinstance(form, JsonFormat) and not matched_names:
        fields = field_columns(json=True, width=1, shown=1)
    resolver = _FileResolver(session, {})
    resolver.copied = relation(_SOURCE, fields)
    alias = statement.transformation.alias if statement.transformation is not None else None
    text = f"SELECT {', '.join(one.text for one in projections)} FROM @file{f' AS {quote(alias)}' if alias else ''}"
    translated = translate_query(parse_query(text), resolver, [one.column.type for one in projections])
    named = {one.column.name for one in projections}
    others = [column for column in target.columns if column.name not in named]
    defaults = tuple(default_sql(column, resolver) for column in others)
    return Job(
        target.table,
        place,
        form,
        chosen,
        projections,
        _wanted(statement, target, form, chosen, projections),
        matched_names,
        fields,
        insert_head(target, [one.column.name for one in projections] + [column.name for column in others]),
        _checked(translated.sql, projections),
        defaults,
        translated.markers | frozenset(resolver.reads.markers),
        "METADATA$FILE_CONTENT_KEY" in text.upper(),
    )


def _matched_names(projections: Sequence[Projection], chosen: CopyOptions) -> tuple[str, ...]:
    if chosen.match is Match.NONE:
        return ()
    metadata = dict(chosen.metadata)
    return tuple(one.column.name for one in projections if one.column.name not in metadata)


def _width(projections: Sequence[Projection]) -> int:
    return max((int(number) for one in projections for number in _FIELD.findall(one.text)), default=1)


def _wanted(
    statement: CopyIntoTable, target: Target, form: Format, chosen: CopyOptions, projections: Sequence[Projection]
) -> Wanted:
    names = ColumnNames(target.table.name, tuple(one.column.name for one in projections))
    if not isinstance(form, CsvFormat):
        return Wanted(names)
    if chosen.match is not Match.NONE:
        return Wanted(names, 0)
    free = statement.transformation is not None or statement.columns or not form.error_on_column_count_mismatch
    return Wanted(names, _width(projections), None if free else len(target.columns))


def _checked(sql: str, projections: Sequence[Projection]) -> str:
    names = [f"c{index}" for index in range(len(projections))]
    checked = [
        name if one.column.nullable else f"CASE WHEN {name} IS NULL THEN {_NOT_NULL} ELSE {name} END AS {name}"
        for name, one in zip(names, projections, strict=True)
    ]
    return f"SELECT {', '.join(checked)} FROM ({sql}) AS __q({', '.join(names)})"


def suspects(session: Session, job: Job, source: str) -> str | None:
    """A DuckDB SELECT of the numbers of the records that will fail, for columns that take a field as it is.

    What TRY_CAST makes NULL, a cast fails on. None where a column is given anything but a field of a CSV file.
    """
    plain = (_FIELD.fullmatch(one.text) and one.column.type.kind in _TRIED for one in job.projections)
    if not isinstance(job.form, CsvFormat) or not all(plain):
        return None
    resolver = _FileResolver(session, {})
    resolver.copied = relation(_SOURCE, job.fields)
    conditions = " OR ".join(_suspicion(one) for one in job.projections)
    text = f"SELECT METADATA$FILE_ROW_NUMBER FROM @file WHERE {conditions} ORDER BY 1"
    translated = translate_query(parse_query(text), resolver)
    return None if translated.markers else translated.sql.replace(_SOURCE, f"({source})")


_TRIED = TIMESTAMPS - {TypeKind.TIMESTAMP_TZ} | {
    TypeKind.VARCHAR,
    TypeKind.NUMBER,
    TypeKind.FLOAT,
    TypeKind.BOOLEAN,
    TypeKind.DATE,
    TypeKind.TIME,
}
"""Types whose TRY_CAST and cast agree on what a value is."""


def _suspicion(one: Projection) -> str:
    found = "FALSE" if one.column.nullable else f"{one.text} IS NULL"
    if one.column.type.kind is TypeKind.VARCHAR:
        return f"{found} OR LENGTH({one.text}) > {one.column.type.length}"
    return f"{found} OR ({one.text} IS NOT NULL AND TRY_CAST({one.text} AS {one.column.type}) IS NULL)"


def row_condition(first: str, last: str) -> str:
    """The records from `first` to `last`, both SQL text, as `Job.select` takes it."""
    return f" WHERE {ROW} BETWEEN {first} AND {last}"


def without_rows(rows: Sequence[int]) -> str:
    """The records less some."""
    return f" WHERE {ROW} NOT IN ({', '.join(str(row) for row in rows)})" if rows else ""
