"""DESCRIBE: an object's columns or properties.

Source: docs.snowflake.com/en/sql-reference/sql/desc-table and its sisters.
"""

from collections.abc import Callable, Sequence

from pipeline.local import ddl_text, queries
from pipeline.local.answers import INSTANT, TEXT, Answer, table
from pipeline.local.catalog import Object
from pipeline.local.errors import SnowflakeError, does_not_exist, unsupported
from pipeline.local.information.datatypes import identity
from pipeline.local.information.format_options import DEFAULTS, complete, property_text, property_type
from pipeline.local.information.keys import columns_in
from pipeline.local.information.rows import Record, ordered
from pipeline.local.objects import ColumnSpec, Kind, RoutineSpec, StageSpec
from pipeline.local.protocol import Result, StatementType
from pipeline.local.session import Session
from pipeline.local.show import columns as listed
from pipeline.local.show import loading, pipelines
from pipeline.local.show.columns import Columns
from pipeline.local.show.model import yes
from pipeline.sql.grammar.model import ObjectKind
from pipeline.sql.grammar.session import Describe, DescribeResult
from pipeline.sql.types import DataType

_RESULT: Columns = tuple(
    (name, TEXT)
    for name in (
        "name",
        "type",
        "kind",
        "null?",
        "default",
        "primary key",
        "unique key",
        "check",
        "expression",
        "comment",
    )
)
_COLUMNS: Columns = (*_RESULT, ("policy name", TEXT), ("privacy domain", TEXT))
_CONTENTS: Columns = (("created_on", INSTANT), ("name", TEXT), ("kind", TEXT))
_PROPERTIES: Columns = tuple(
    (name, TEXT) for name in ("property", "property_type", "property_value", "property_default")
)
_STAGE: Columns = (("parent_property", TEXT), *_PROPERTIES)
_ROUTINE: Columns = (("property", TEXT), ("value", TEXT))


def describe(session: Session, statement: Describe) -> Answer:
    """Raises SnowflakeError: 002003, no such object; a kind that is not supported."""
    describer = DESCRIBERS.get(statement.kind)
    if describer is None:
        raise unsupported(f"DESCRIBE {statement.kind.value}")
    if statement.type == "STAGE":
        raise unsupported(f"DESCRIBE {statement.kind.value} … TYPE = STAGE")
    return describer(session, statement)


def _answer(columns: Columns, records: Sequence[Record]) -> Answer:
    return table(columns, ordered(columns, records), StatementType.DESCRIBE)


# --- columns ------------------------------------------------------------------------------------------------------


def _table(session: Session, statement: Describe) -> Answer:
    return _columns_of(session.require((Kind.TABLE, Kind.VIEW), statement.name))


def _view(session: Session, statement: Describe) -> Answer:
    return _columns_of(session.require(Kind.VIEW, statement.name))


def _columns_of(item: Object) -> Answer:
    primary = columns_in(item, "PRIMARY KEY") if item.kind is Kind.TABLE else set()
    unique = columns_in(item, "UNIQUE") if item.kind is Kind.TABLE else set()
    records = [
        _column(column.name, column.type, column.nullable)
        | {
            "default": _default(column),
            "primary key": yes(column.name in primary),
            "unique key": yes(column.name in unique),
            "comment": column.comment,
        }
        for column in item.spec.columns
    ]
    return _answer(_COLUMNS, records)


def _default(column: ColumnSpec) -> str | None:
    return identity(column) or column.default


def _column(name: str, kind: DataType, nullable: bool) -> Record:
    return {
        "name": name,
        "type": str(kind),
        "kind": "COLUMN",
        "null?": yes(nullable),
        "primary key": "N",
        "unique key": "N",
    }


def describe_result(session: Session, statement: DescribeResult) -> Answer:
    """DESCRIBE RESULT of a statement of this session.

    Raises:
        SnowflakeError: 000709, its result is not kept.
    """
    value, _ = queries.evaluate(session, statement.query_id.text)
    found = kept_result(session, value)
    records = [_column(column.name, column.type, column.nullable) for column in found.columns]
    return _answer(_RESULT, records)


def kept_result(session: Session, query_id: object) -> Result:
    """The result of an earlier statement of this session.

    Raises:
        SnowflakeError: 000709, it is not kept.
    """
    found = session.results.get(str(query_id))
    if found is None:
        raise SnowflakeError(f"Statement {query_id} not found", 709, "02000")
    return found


# --- contents -----------------------------------------------------------------------------------------------------


def _schema(session: Session, statement: Describe) -> Answer:
    home = statement.name.schema or session.database
    name = statement.name.name
    if session.catalog.find(Kind.SCHEMA, (home, None, name)) is None:
        raise does_not_exist("Schema", str(statement.name))
    kinds = (Kind.TABLE, Kind.VIEW)
    found = [
        item for kind in kinds for item in session.catalog.all(kind, database=home, schema=name, session=session.id)
    ]
    return _contents(sorted(found, key=lambda item: item.name))


def _database(session: Session, statement: Describe) -> Answer:
    name = statement.name.name
    if session.catalog.find(Kind.DATABASE, (None, None, name)) is None:
        raise does_not_exist("Database", name)
    return _contents(session.catalog.all(Kind.SCHEMA, database=name))


def _warehouse(session: Session, statement: Describe) -> Answer:
    found = session.catalog.find(Kind.WAREHOUSE, (None, None, statement.name.name))
    if found is None:
        raise does_not_exist("Warehouse", statement.name.name)
    return _contents([found])


def _contents(items: Sequence[Object]) -> Answer:
    records: list[Record] = [
        {"created_on": item.created_on, "name": item.name, "kind": item.kind.value} for item in items
    ]
    return _answer(_CONTENTS, records)


# --- rows of SHOW -------------------------------------------------------------------------------------------------


def _stream(session: Session, statement: Describe) -> Answer:
    return _answer(listed.STREAMS, [pipelines.stream(session, session.require(Kind.STREAM, statement.name))])


def _task(session: Session, statement: Describe) -> Answer:
    return _answer(listed.TASKS, [pipelines.task(session, session.require(Kind.TASK, statement.name))])


def _sequence(session: Session, statement: Describe) -> Answer:
    return _answer(listed.SEQUENCES, [loading.sequence(session.require(Kind.SEQUENCE, statement.name))])


# --- properties ---------------------------------------------------------------------------------------------------


def _file_format(session: Session, statement: Describe) -> Answer:
    spec = session.require(Kind.FILE_FORMAT, statement.name).spec
    return _answer(_PROPERTIES, _format_properties(spec.type, spec.options))


def _format_properties(type_: str, stored: dict[str, object]) -> list[Record]:
    defaults = complete(type_, {})
    return [_property(name, value, defaults[name]) for name, value in complete(type_, stored).items()]


def _property(name: str, value: object, default: object) -> Record:
    return {
        "property": name,
        "property_type": property_type(default if value == "NONE" else value),
        "property_value": property_text(value),
        "property_default": property_text("CSV" if name == "TYPE" else default),
    }


_COPY_DEFAULTS: dict[str, object] = {
    "ON_ERROR": "ABORT_STATEMENT",
    "SIZE_LIMIT": None,
    "PURGE": False,
    "RETURN_FAILED_ONLY": False,
    "ENFORCE_LENGTH": True,
    "TRUNCATECOLUMNS": False,
    "FORCE": False,
}


def _stage(session: Session, statement: Describe) -> Answer:
    spec: StageSpec = session.require(Kind.STAGE, statement.name).spec
    records = [_under("STAGE_FILE_FORMAT", record) for record in _stage_format(spec)]
    records += [
        _under("STAGE_COPY_OPTIONS", _property(name, spec.copy_options.get(name, default), default))
        for name, default in _COPY_DEFAULTS.items()
    ]
    records.append(_under("STAGE_LOCATION", _property("URL", spec.url, None)))
    records.append(_under("DIRECTORY", _property("ENABLE", spec.directory, False)))
    records.append(_under("DIRECTORY", _property("AUTO_REFRESH", False, False)))
    return _answer(_STAGE, records)


def _under(parent: str, record: Record) -> Record:
    return {"parent_property": parent, **record}


def _stage_format(spec: StageSpec) -> list[Record]:
    named = spec.file_format.get("FORMAT_NAME")
    if named is not None:
        return [_property("FORMAT_NAME", named, None)]
    type_ = str(spec.file_format.get("TYPE", "CSV"))
    assert type_ in DEFAULTS
    return _format_properties(type_, spec.file_format)


def _routine(session: Session, statement: Describe) -> Answer:
    types = ", ".join(str(kind) for kind in statement.arguments or ())
    kind = Kind.PROCEDURE if statement.kind is ObjectKind.PROCEDURE else Kind.FUNCTION
    item = ddl_text.find_routine(session, kind, f"{statement.name}({types})")
    spec: RoutineSpec = item.spec
    properties = {
        "signature": "(" + ", ".join(f"{name} {text}" for name, text in spec.arguments) + ")",
        "returns": spec.returns,
        "language": spec.language,
        "null handling": "CALLED ON NULL INPUT",
        "volatility": "VOLATILE",
        "execute as": ddl_text.execute_as(spec),
        "body": spec.body,
    }
    return _answer(_ROUTINE, [{"property": name, "value": value} for name, value in properties.items()])


DESCRIBERS: dict[ObjectKind, Callable[[Session, Describe], Answer]] = {
    ObjectKind.TABLE: _table,
    ObjectKind.VIEW: _view,
    ObjectKind.STREAM: _stream,
    ObjectKind.TASK: _task,
    ObjectKind.STAGE: _stage,
    ObjectKind.FILE_FORMAT: _file_format,
    ObjectKind.SEQUENCE: _sequence,
    ObjectKind.SCHEMA: _schema,
    ObjectKind.DATABASE: _database,
    ObjectKind.WAREHOUSE: _warehouse,
    ObjectKind.PROCEDURE: _routine,
    ObjectKind.FUNCTION: _routine,
}
"""Kinds that are missing here are refused by name."""
