"""ALTER TABLE and CREATE OR ALTER TABLE.

Source: docs.snowflake.com/en/sql-reference/sql/alter-table, …/alter-table-column, …/create-or-alter.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import duckdb

from pipeline.local import recorded
from pipeline.local.answers import Answer, done, status
from pipeline.local.catalog import Change, Object
from pipeline.local.days import days
from pipeline.local.dialect.parse import parse_expression
from pipeline.local.dialect.translate import translate_expression
from pipeline.local.dialect.typed import physical as physical_type
from pipeline.local.errors import already_exists, compilation, does_not_exist, invalid_identifier, unsupported
from pipeline.local.objects import ColumnSpec, Kind, TableSpec
from pipeline.local.protocol import StatementType
from pipeline.local.resolver import SessionResolver
from pipeline.local.session import Session
from pipeline.local.tables import create
from pipeline.local.tables import physical as physical_tables
from pipeline.local.versions import data, history
from pipeline.sql.grammar.model import RecordedAction, RenameTo, SetOptions, SwapWith, UnsetOptions
from pipeline.sql.grammar.tables import (
    AddColumns,
    AddConstraint,
    AlterColumns,
    AlterTable,
    ClusterBy,
    ColumnChange,
    CreateTable,
    DropColumns,
    DropConstraint,
    DropDefault,
    DropNotNull,
    RenameColumn,
    RenameConstraint,
    SetColumnComment,
    SetDataType,
    SetDefault,
    SetNotNull,
)
from pipeline.sql.names import quote
from pipeline.sql.types import DataType, TypeChange, widening


def alter_table(session: Session, statement: AlterTable) -> Answer:
    """Raises SnowflakeError for a missing table and what cannot be changed."""
    if statement.if_exists and session.find(Kind.TABLE, statement.name) is None:
        return done(StatementType.DDL)
    table = session.require(Kind.TABLE, statement.name)
    with session.defining() as change:
        _ACTIONS[type(statement.action)](session, change, table, statement.action)
    return done(StatementType.DDL)


def create_or_alter(session: Session, table: Object, statement: CreateTable, wanted: tuple[ColumnSpec, ...]) -> Answer:
    """Bring a table to the columns and properties that are written, keeping its rows.

    Columns may be added at the end, dropped, widened, made nullable or not; order and incompatible types may not
    change. Properties that are not written are unset, save CHANGE_TRACKING.
    """
    if statement.query is not None or statement.like is not None or statement.clone is not None:
        raise compilation("CREATE OR ALTER TABLE does not take AS, LIKE or CLONE.", 1003, "42000")
    old: TableSpec = table.spec
    if (statement.lifetime.value == "TRANSIENT") != old.transient:
        raise compilation("CREATE OR ALTER cannot change between permanent and transient table.", 391903, "0A000")
    _check_order(old.columns, wanted)
    with session.defining() as change:
        kept = {column.name for column in wanted}
        for column in old.columns:
            if column.name not in kept:
                _drop_column(change, table, column.name)
        for column in wanted:
            _bring_column(session, change, table, column)
        present: TableSpec = change.current(table).spec
        spec = create.table_spec(statement, present.columns, old.first_version)
        since = spec.change_tracking_since and (old.change_tracking_since or change.version)
        since = since or old.change_tracking_since
        spec = replace(spec, change_tracking_since=since, history_since=old.history_since)
        change.put(replace(change.current(table), spec=spec, comment=statement.options.text("COMMENT")))
    return status(f"Table {statement.name.name} successfully created or altered.")


def _check_order(old: Sequence[ColumnSpec], wanted: Sequence[ColumnSpec]) -> None:
    names = [column.name for column in old]
    new = [column.name for column in wanted]
    repeated = next((name for name in new if new.count(name) > 1), None)
    if repeated is not None:
        raise compilation(f"duplicate column name '{repeated}'", 2025, "42S21")
    kept = [name for name in new if name in names]
    if kept != [name for name in names if name in new]:
        raise compilation("CREATE OR ALTER TABLE cannot change the order of columns.", 391903, "0A000")
    if any(name in names for name in new[len(kept) :]):
        raise compilation("CREATE OR ALTER TABLE adds columns at the end only.", 391903, "0A000")


def _bring_column(session: Session, change: Change, table: Object, wanted: ColumnSpec) -> None:
    found = next((column for column in change.current(table).spec.columns if column.name == wanted.name), None)
    if found is None:
        _add_column(session, change, table, wanted)
        return
    if found.type != wanted.type:
        _set_type(change, table, found, wanted.type)
    if found.nullable != wanted.nullable:
        _set_nullable(change, table, found.name, wanted.nullable)
    _put_column(
        change,
        table,
        found.name,
        lambda column: replace(column, default=wanted.default, comment=wanted.comment, collation=wanted.collation),
    )


# --- actions -------------------------------------------------------------------------------------------------


def _add_columns(session: Session, change: Change, table: Object, action: AddColumns) -> None:
    for column in create.column_specs(session, action.columns):
        taken = {present.name for present in change.current(table).spec.columns}
        if column.name in taken:
            if action.if_not_exists:
                continue
            raise compilation(f"column '{column.name}' already exists", 1430, "42S21")
        if column.name.upper() in {name.upper() for name in taken}:
            raise unsupported(f"Columns that differ only in case ({column.name})")
        _add_column(session, change, table, column)


def _add_column(session: Session, change: Change, table: Object, column: ColumnSpec) -> None:
    kind = physical_type(column.type)
    default = ""
    if column.default is not None:
        resolver = SessionResolver(session, {})
        value = translate_expression(parse_expression(column.default), resolver, (), column.type)
        default = _literal(change.cursor, session, value.sql, value.markers)
    for physical in (data(table.id), history(table.id)):
        # The rows that are there get the default once, as a value: later rows get it from INSERT.
        change.cursor.execute(f"ALTER TABLE {physical} ADD COLUMN {quote(column.name)} {kind}")
        if default:
            change.cursor.execute(f"UPDATE {physical} SET {quote(column.name)} = {default}")
    (numbered,) = physical_tables.number_columns(change.cursor, table.id, [column])
    if numbered.sequence is not None:
        change.cursor.execute(f"UPDATE {data(table.id)} SET {quote(column.name)} = nextval('{numbered.sequence}')")
    if not column.nullable:
        _refuse_nulls(change.cursor, table, column.name)
        _forbid_nulls(change.cursor, table, column.name, kind)
    spec: TableSpec = change.current(table).spec
    change.respec(table, replace(spec, columns=(*spec.columns, numbered)))


def _literal(cursor: duckdb.DuckDBPyConnection, session: Session, sql: str, markers: frozenset[str]) -> str:
    """A default's value as text to be put into an UPDATE, which takes no parameters here."""
    row = cursor.execute(
        f"SELECT CAST(v AS VARCHAR), typeof(v) FROM (SELECT {session.fill(sql)} AS v)", session.values(markers, {})
    ).fetchone()
    assert row is not None
    value, kind = row
    return "" if value is None else f"CAST('{str(value).replace(chr(39), chr(39) * 2)}' AS {kind})"


def _drop_columns(session: Session, change: Change, table: Object, action: DropColumns) -> None:
    del session
    for name in action.names:
        present = [column.name for column in change.current(table).spec.columns]
        if name not in present:
            if action.if_exists:
                continue
            raise compilation(f"column '{name}' does not exist", 1430, "42S22")
        if len(present) == 1:
            raise compilation("Cannot drop the only column of a table.", 2026, "42601")
        _drop_column(change, table, name)


def _drop_column(change: Change, table: Object, name: str) -> None:
    spec: TableSpec = change.current(table).spec
    if spec.cluster_by is not None and name in spec.cluster_by.upper().replace("(", " ").replace(")", " ").split():
        raise compilation(f"Cannot drop column '{name}' which is part of the clustering key.", 2270, "42601")
    for physical in (data(table.id), history(table.id)):
        change.cursor.execute(f"ALTER TABLE {physical} DROP COLUMN {quote(name)}")
    change.respec(table, replace(spec, columns=tuple(column for column in spec.columns if column.name != name)))


def _rename_column(session: Session, change: Change, table: Object, action: RenameColumn) -> None:
    del session
    names = [column.name for column in table.spec.columns]
    if action.old not in names:
        raise invalid_identifier(action.old)
    if action.new in names:
        raise compilation(f"column '{action.new}' already exists", 1430, "42S21")
    for physical in (data(table.id), history(table.id)):
        change.cursor.execute(f"ALTER TABLE {physical} RENAME COLUMN {quote(action.old)} TO {quote(action.new)}")
    _put_column(change, table, action.old, lambda column: replace(column, name=action.new))


def _alter_columns(session: Session, change: Change, table: Object, action: AlterColumns) -> None:
    del session
    for one in action.changes:
        _alter_column(change, table, one)


def _alter_column(change: Change, table: Object, one: ColumnChange) -> None:
    column = next((item for item in change.current(table).spec.columns if item.name == one.column), None)
    if column is None:
        raise invalid_identifier(one.column)
    match one.change:
        case SetNotNull():
            _set_nullable(change, table, one.column, False)
        case DropNotNull():
            _set_nullable(change, table, one.column, True)
        case SetDataType(kind):
            _set_type(change, table, column, kind)
        case SetDefault(expression):
            if column.default is None or "NEXTVAL" not in expression.text.upper():
                raise compilation(
                    f"Unsupported feature 'Alter Column Set Default' for column '{one.column}'.", 2, "0A000"
                )
            _put_column(change, table, one.column, lambda item: replace(item, default=expression.text))
        case DropDefault():
            _put_column(change, table, one.column, lambda item: replace(item, default=None))
        case SetColumnComment(text):
            _put_column(change, table, one.column, lambda item: replace(item, comment=text))
        case RecordedAction():
            recorded.check_action(one.change, "ALTER TABLE … ALTER COLUMN")


def _set_nullable(change: Change, table: Object, name: str, nullable: bool) -> None:
    if nullable:
        change.cursor.execute(f"ALTER TABLE {data(table.id)} ALTER {quote(name)} DROP NOT NULL")
    else:
        _refuse_nulls(change.cursor, table, name)
        column = next(one for one in change.current(table).spec.columns if one.name == name)
        _forbid_nulls(change.cursor, table, name, physical_type(column.type))
    _put_column(change, table, name, lambda column: replace(column, nullable=nullable))


def _forbid_nulls(cursor: duckdb.DuckDBPyConnection, table: Object, name: str, kind: str) -> None:
    """SET NOT NULL on a new copy of the column: DuckDB refuses it on one with updates that others may still read."""
    column = f"ALTER TABLE {data(table.id)} ALTER {quote(name)}"
    cursor.execute(f"{column} TYPE {kind} USING {quote(name)}")
    cursor.execute(f"{column} SET NOT NULL")


def _refuse_nulls(cursor: duckdb.DuckDBPyConnection, table: Object, name: str) -> None:
    found = cursor.execute(f"SELECT 1 FROM {data(table.id)} WHERE {quote(name)} IS NULL LIMIT 1").fetchone()
    if found is not None:
        raise compilation(f"NULL result in a non-nullable column '{name}'", 100072, "22000")


def _set_type(change: Change, table: Object, column: ColumnSpec, kind: DataType) -> None:
    possible = widening(column.type, kind)
    if possible is TypeChange.REFUSED or (
        possible is TypeChange.IF_VALUES_FIT and not _fits(change, table, column, kind)
    ):
        raise compilation(
            f"cannot change column {column.name} from type {column.type} to {kind} because they are not compatible"
            if possible is TypeChange.REFUSED
            else f"cannot change column {column.name} from type {column.type} to {kind} because values do not fit",
            2108,
            "22000",
        )
    if physical_type(kind) != physical_type(column.type):
        for physical in (data(table.id), history(table.id)):
            change.cursor.execute(f"ALTER TABLE {physical} ALTER {quote(column.name)} TYPE {physical_type(kind)}")
    _put_column(change, table, column.name, lambda item: replace(item, type=kind))


def _fits(change: Change, table: Object, column: ColumnSpec, kind: DataType) -> bool:
    name = quote(column.name)
    row = change.cursor.execute(
        f"SELECT count(*) FROM {data(table.id)}"
        f" WHERE {name} IS NOT NULL AND TRY_CAST({name} AS {physical_type(kind)}) IS NULL"
    ).fetchone()
    return row is not None and row[0] == 0


def _put_column(change: Change, table: Object, name: str, new: Callable[[ColumnSpec], ColumnSpec]) -> None:
    spec: TableSpec = change.current(table).spec
    columns = tuple(new(column) if column.name == name else column for column in spec.columns)
    change.respec(table, replace(spec, columns=columns))


def _rename(session: Session, change: Change, table: Object, action: RenameTo) -> None:
    full = session.full_name(action.name.within(table.database, table.schema))
    session.require_schema(full)
    if session.catalog.occupant(Kind.TABLE, full, table.session) is not None:
        raise already_exists(str(action.name))
    change.put(replace(table, database=full[0], schema=full[1], name=full[2]))


def _swap(session: Session, change: Change, table: Object, action: SwapWith) -> None:
    other = session.require(Kind.TABLE, action.name.within(table.database, table.schema))
    change.put(replace(table, database=other.database, schema=other.schema, name=other.name))
    change.put(replace(other, database=table.database, schema=table.schema, name=table.name))


def _cluster(session: Session, change: Change, table: Object, action: ClusterBy) -> None:
    del session
    text = f"LINEAR({', '.join(part.text for part in action.expressions)})" if action.expressions else None
    change.respec(table, replace(table.spec, cluster_by=text))


def _set_options(session: Session, change: Change, table: Object, action: SetOptions) -> None:
    del session
    recorded.check_table_options(action.options.names)
    spec, comment = table.spec, table.comment
    for option in action.options:
        text = option.value.text
        match option.name:
            case "COMMENT":
                comment = text
            case "DATA_RETENTION_TIME_IN_DAYS":
                passing = spec.transient or spec.temporary
                spec = replace(spec, retention_days=days(option.name, text, transient=passing))
            case "MAX_DATA_EXTENSION_TIME_IN_DAYS":
                spec = replace(spec, extension_days=days(option.name, text))
            case "CHANGE_TRACKING":
                on = text.upper() == "TRUE"
                since = spec.change_tracking_since if spec.change_tracking_since is not None else change.version
                spec = replace(spec, change_tracking_since=since if on else None)
            case "ENABLE_SCHEMA_EVOLUTION":
                spec = replace(spec, schema_evolution=text.upper() == "TRUE")
            case _:
                spec = replace(spec, properties={**spec.properties, option.name: text})
    change.put(replace(table, spec=spec, comment=comment))


def _unset_options(session: Session, change: Change, table: Object, action: UnsetOptions) -> None:
    del session
    spec, comment = table.spec, table.comment
    for name in action.names:
        match name:
            case "COMMENT":
                comment = None
            case "DATA_RETENTION_TIME_IN_DAYS":
                spec = replace(spec, retention_days=None)
            case "MAX_DATA_EXTENSION_TIME_IN_DAYS":
                spec = replace(spec, extension_days=14)
            case "CHANGE_TRACKING":
                spec = replace(spec, change_tracking_since=None)
            case _:
                spec = replace(spec, properties={key: text for key, text in spec.properties.items() if key != name})
    change.put(replace(table, spec=spec, comment=comment))


def _add_constraint(session: Session, change: Change, table: Object, action: AddConstraint) -> None:
    del session
    for name in action.constraint.columns:
        if name not in {column.name for column in table.spec.columns}:
            raise invalid_identifier(name)
    text = create.constraint_text(action.constraint)
    change.respec(table, replace(table.spec, constraints=(*table.spec.constraints, text)))


def _drop_constraint(session: Session, change: Change, table: Object, action: DropConstraint) -> None:
    del session
    wanted = f"constraint {action.name} " if action.name else (action.kind.value.lower() if action.kind else "")
    kept = tuple(text for text in table.spec.constraints if wanted not in text)
    if len(kept) == len(table.spec.constraints):
        raise does_not_exist("Constraint", action.name or wanted)
    change.respec(table, replace(table.spec, constraints=kept))


def _rename_constraint(session: Session, change: Change, table: Object, action: RenameConstraint) -> None:
    del session
    old, new = f"constraint {action.old} ", f"constraint {action.new} "
    if not any(old in text for text in table.spec.constraints):
        raise does_not_exist("Constraint", action.old)
    change.respec(
        table, replace(table.spec, constraints=tuple(text.replace(old, new) for text in table.spec.constraints))
    )


def _record(session: Session, change: Change, table: Object, action: RecordedAction) -> None:
    del session, change, table
    recorded.check_action(action, "ALTER TABLE")


_ACTIONS: dict[type, Callable[[Session, Change, Object, Any], None]] = {
    AddColumns: _add_columns,
    DropColumns: _drop_columns,
    RenameColumn: _rename_column,
    AlterColumns: _alter_columns,
    RenameTo: _rename,
    SwapWith: _swap,
    ClusterBy: _cluster,
    SetOptions: _set_options,
    UnsetOptions: _unset_options,
    AddConstraint: _add_constraint,
    DropConstraint: _drop_constraint,
    RenameConstraint: _rename_constraint,
    RecordedAction: _record,
}
