"""Databases, schemas, warehouses, comments, and what is recorded only.

Texts of answers: the pages of each statement under docs.snowflake.com/en/sql-reference/sql.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from pipeline.local import recorded
from pipeline.local.answers import Answer, done, status
from pipeline.local.catalog import Change, Object, kind_word
from pipeline.local.days import days
from pipeline.local.errors import already_exists, does_not_exist, no_current, unsupported
from pipeline.local.furnish import create_database
from pipeline.local.objects import DatabaseSpec, Kind, RecordedSpec, SchemaSpec, WarehouseSpec
from pipeline.local.protocol import StatementType
from pipeline.local.session import Session
from pipeline.sql.grammar.containers import (
    AlterContainer,
    AlterRecorded,
    AlterWarehouse,
    CreateDatabase,
    CreateRecorded,
    CreateSchema,
    CreateWarehouse,
    Grant,
)
from pipeline.sql.grammar.model import (
    CreateMode,
    ObjectKind,
    Options,
    RecordedAction,
    RenameTo,
    Resume,
    SetOptions,
    Suspend,
    UnsetOptions,
)
from pipeline.sql.grammar.session import Comment
from pipeline.sql.names import QualifiedName

KINDS: dict[ObjectKind, Kind] = {
    ObjectKind.DATABASE: Kind.DATABASE,
    ObjectKind.SCHEMA: Kind.SCHEMA,
    ObjectKind.WAREHOUSE: Kind.WAREHOUSE,
    ObjectKind.ROLE: Kind.ROLE,
    ObjectKind.TABLE: Kind.TABLE,
    ObjectKind.VIEW: Kind.VIEW,
    ObjectKind.STREAM: Kind.STREAM,
    ObjectKind.TASK: Kind.TASK,
    ObjectKind.STAGE: Kind.STAGE,
    ObjectKind.FILE_FORMAT: Kind.FILE_FORMAT,
    ObjectKind.SEQUENCE: Kind.SEQUENCE,
    ObjectKind.PROCEDURE: Kind.PROCEDURE,
    ObjectKind.FUNCTION: Kind.FUNCTION,
}
_ACCOUNT_LEVEL = {Kind.DATABASE, Kind.WAREHOUSE, Kind.ROLE}
RECORDED_ONLY = {
    ObjectKind.ROLE,
    ObjectKind.DATABASE_ROLE,
    ObjectKind.USER,
    ObjectKind.TAG,
    ObjectKind.RESOURCE_MONITOR,
    ObjectKind.NETWORK_POLICY,
    ObjectKind.NETWORK_RULE,
    ObjectKind.STORAGE_INTEGRATION,
    ObjectKind.NOTIFICATION_INTEGRATION,
    ObjectKind.API_INTEGRATION,
    ObjectKind.SECURITY_INTEGRATION,
    ObjectKind.PASSWORD_POLICY,
    ObjectKind.SESSION_POLICY,
    ObjectKind.AUTHENTICATION_POLICY,
}
"""Kinds that change no rows on one machine."""


def location(session: Session, kind: Kind, name: QualifiedName) -> tuple[str | None, str | None, str]:
    """Where an object of that kind and name lies in the catalog."""
    if kind in _ACCOUNT_LEVEL:
        return None, None, name.name
    if kind is Kind.SCHEMA:
        database = name.schema or session.database
        if database is None:
            raise no_current("database", "CREATE")
        return database, None, name.name
    return session.full_name(name, "CREATE")


def _number(options: Options, name: str, default: int) -> int:
    text = options.text(name)
    return days(name, text) if text is not None else default


def _create_database(session: Session, statement: CreateDatabase) -> Answer:
    name = statement.name.name
    if statement.clone is not None:
        raise unsupported("CREATE DATABASE … CLONE")
    recorded.check_container_options(statement.options.names, "CREATE DATABASE")
    existing = session.catalog.find(Kind.DATABASE, (None, None, name))
    spec = DatabaseSpec(statement.transient, _number(statement.options, "DATA_RETENTION_TIME_IN_DAYS", 1))
    if existing is not None:
        if statement.mode is CreateMode.IF_NOT_EXISTS:
            session.context.database, session.context.schema = name, "PUBLIC"
            return status(f"{name} already exists, statement succeeded.")
        if statement.mode is CreateMode.NEW:
            raise already_exists(name)
    with session.defining() as change:
        if existing is not None and statement.mode is CreateMode.OR_ALTER:
            change.put(replace(existing, spec=spec, comment=statement.options.text("COMMENT")))
        else:
            if existing is not None:
                drop_container(change, existing)
            create_database(change, name, spec, statement.options.text("COMMENT"))
    session.context.database, session.context.schema = name, "PUBLIC"
    return status(f"Database {name} successfully created.")


def _create_schema(session: Session, statement: CreateSchema) -> Answer:
    if statement.clone is not None:
        raise unsupported("CREATE SCHEMA … CLONE")
    recorded.check_container_options(statement.options.names, "CREATE SCHEMA")
    database, _, name = location(session, Kind.SCHEMA, statement.name)
    if session.catalog.find(Kind.DATABASE, (None, None, str(database))) is None:
        raise does_not_exist("Database", str(database))
    existing = session.catalog.find(Kind.SCHEMA, (database, None, name))
    spec = SchemaSpec(statement.transient, _number(statement.options, "DATA_RETENTION_TIME_IN_DAYS", 1))
    if existing is not None:
        if statement.mode is CreateMode.IF_NOT_EXISTS:
            session.context.database, session.context.schema = database, name
            return status(f"{name} already exists, statement succeeded.")
        if statement.mode is CreateMode.NEW:
            raise already_exists(str(statement.name))
    with session.defining() as change:
        comment = statement.options.text("COMMENT")
        if existing is not None and statement.mode is CreateMode.OR_ALTER:
            change.put(replace(existing, spec=spec, comment=comment))
        else:
            if existing is not None:
                drop_container(change, existing)
            change.create(Kind.SCHEMA, (database, None, name), spec, comment=comment)
    session.context.database, session.context.schema = database, name
    return status(f"Schema {name} successfully created.")


def _create_warehouse(session: Session, statement: CreateWarehouse) -> Answer:
    name = statement.name.name
    existing = session.catalog.find(Kind.WAREHOUSE, (None, None, name))
    if existing is not None:
        if statement.mode is CreateMode.IF_NOT_EXISTS:
            session.context.warehouse = name
            return status(f"{name} already exists, statement succeeded.")
        if statement.mode is CreateMode.NEW:
            raise already_exists(name)
    with session.defining() as change:
        spec = _warehouse(WarehouseSpec(), statement.options)
        if existing is not None and statement.mode is CreateMode.OR_ALTER:
            change.put(replace(existing, spec=spec, comment=statement.options.text("COMMENT")))
        else:
            if existing is not None:
                change.drop(existing)
            change.create(Kind.WAREHOUSE, (None, None, name), spec, comment=statement.options.text("COMMENT"))
    session.context.warehouse = name
    return status(f"Warehouse {name} successfully created.")


def _warehouse(spec: WarehouseSpec, options: Options) -> WarehouseSpec:
    sizes = {"XSMALL": "X-Small", "XLARGE": "X-Large", "XXLARGE": "2X-Large", "X2LARGE": "2X-Large"}
    size = options.text("WAREHOUSE_SIZE")
    suspend = options.text("AUTO_SUSPEND")
    resume = options.text("AUTO_RESUME")
    plain = (size or "").upper().replace("-", "")
    rest = {option.name: option.value.text for option in options if option.name not in _WAREHOUSE_FIELDS}
    return WarehouseSpec(
        sizes.get(plain, plain.capitalize()) if size else spec.size,
        (None if suspend.upper() == "NULL" else int(suspend)) if suspend else spec.auto_suspend,
        resume.upper() == "TRUE" if resume else spec.auto_resume,
        {**spec.properties, **rest},
    )


_WAREHOUSE_FIELDS = ("WAREHOUSE_SIZE", "AUTO_SUSPEND", "AUTO_RESUME", "COMMENT")


def _alter_warehouse(session: Session, statement: AlterWarehouse) -> Answer:
    name = statement.name.name if statement.name is not None else session.warehouse
    found = session.catalog.find(Kind.WAREHOUSE, (None, None, name or ""))
    if found is None:
        if statement.if_exists:
            return done(StatementType.DDL)
        raise does_not_exist("Warehouse", name or "")
    with session.defining() as change:
        match statement.action:
            case SetOptions(options):
                comment = options.text("COMMENT") if "COMMENT" in options else found.comment
                change.put(replace(found, spec=_warehouse(found.spec, options), comment=comment))
            case RenameTo(new):
                change.put(replace(found, name=new.name))
            case UnsetOptions() | Suspend() | Resume() | RecordedAction() | _:
                # Warehouses only stand for themselves here: there is nothing to start or stop.
                pass
    return done(StatementType.DDL)


def _alter_container(session: Session, statement: AlterContainer) -> Answer:
    kind = KINDS[statement.kind]
    place = location(session, kind, statement.name)
    found = session.catalog.find(kind, place)
    if found is None:
        if statement.if_exists:
            return done(StatementType.DDL)
        raise does_not_exist(kind_word(kind), str(statement.name))
    with session.defining() as change:
        match statement.action:
            case SetOptions(options):
                recorded.check_container_options(options.names, f"ALTER {statement.kind.value}")
                comment = options.text("COMMENT") if "COMMENT" in options else found.comment
                days = _number(options, "DATA_RETENTION_TIME_IN_DAYS", found.spec.retention_days)
                change.put(replace(found, spec=replace(found.spec, retention_days=days), comment=comment))
            case UnsetOptions(names):
                recorded.check_container_options(names, f"ALTER {statement.kind.value}")
                days = 1 if "DATA_RETENTION_TIME_IN_DAYS" in names else found.spec.retention_days
                comment = None if "COMMENT" in names else found.comment
                change.put(replace(found, spec=replace(found.spec, retention_days=days), comment=comment))
            case RenameTo(new):
                _rename_container(session, change, found, new.name)
            case RecordedAction():
                recorded.check_action(statement.action, f"ALTER {statement.kind.value}")
            case _:
                raise unsupported(f"This form of ALTER {statement.kind.value}")
    return done(StatementType.DDL)


def _rename_container(session: Session, change: Change, found: Object, name: str) -> None:
    if session.catalog.find(found.kind, (found.database, None, name)) is not None:
        raise already_exists(name)
    for item in members(change.catalog, found):
        moved = replace(item, database=name) if found.kind is Kind.DATABASE else replace(item, schema=name)
        change.put(moved)
    change.put(replace(found, name=name))


def members(catalog: Any, container: Object) -> list[Object]:
    """The live objects in a database or schema."""
    if container.kind is Kind.DATABASE:
        return [item for kind in Kind for item in catalog.all(kind, database=container.name)]
    return [item for kind in Kind for item in catalog.all(kind, database=container.database, schema=container.name)]


def drop_container(change: Change, container: Object) -> None:
    """A database or schema with all that is in it; UNDROP finds what was dropped at the same moment."""
    for item in members(change.catalog, container):
        change.drop(item)
    change.drop(container)


def _record(session: Session, statement: CreateRecorded) -> Answer:
    if statement.kind not in RECORDED_ONLY:
        raise unsupported(f"CREATE {statement.kind.value}")
    kind = KINDS.get(statement.kind, Kind.RECORDED)
    word, name = statement.kind.value.capitalize(), statement.name.name
    place = (None, None, name if kind is Kind.ROLE else f"{statement.kind.value}:{name}")
    existing = session.catalog.find(kind, place)
    if existing is not None and statement.mode is CreateMode.IF_NOT_EXISTS:
        return status(f"{name} already exists, statement succeeded.")
    if existing is not None and statement.mode is CreateMode.NEW:
        raise already_exists(name)
    with session.defining() as change:
        if existing is not None:
            change.drop(existing)
        change.create(kind, place, RecordedSpec(statement.kind.value, statement.text))
    return status(f"{word} {name} successfully created.")


def _alter_recorded(session: Session, statement: AlterRecorded) -> Answer:
    del session
    if statement.kind not in RECORDED_ONLY and statement.kind is not ObjectKind.ACCOUNT:
        raise unsupported(f"ALTER {statement.kind.value}")
    return done(StatementType.DDL)


def _grant(session: Session, statement: Grant) -> Answer:
    """One user owns the account: grants change nothing here."""
    del session, statement
    return done(StatementType.DDL)


def _comment(session: Session, statement: Comment) -> Answer:
    kind = KINDS.get(statement.kind) if statement.column is None else Kind.TABLE
    if kind is None:
        raise unsupported(f"COMMENT ON {statement.kind.value}")
    found = session.catalog.find(kind, location(session, kind, statement.name), session.id)
    if found is None:
        if statement.if_exists:
            return done(StatementType.DDL)
        raise does_not_exist(kind_word(kind), str(statement.name))
    with session.defining() as change:
        if statement.column is None:
            change.put(replace(found, comment=statement.text))
        else:
            columns = tuple(
                replace(column, comment=statement.text) if column.name == statement.column else column
                for column in found.spec.columns
            )
            change.respec(found, replace(found.spec, columns=columns))
    return done(StatementType.DDL)


HANDLERS: dict[type, Callable[[Session, Any], Answer]] = {
    CreateDatabase: _create_database,
    CreateSchema: _create_schema,
    CreateWarehouse: _create_warehouse,
    AlterWarehouse: _alter_warehouse,
    AlterContainer: _alter_container,
    CreateRecorded: _record,
    AlterRecorded: _alter_recorded,
    Grant: _grant,
    Comment: _comment,
}
