"""GET_DDL: an object as the statement that makes it again.

Source: docs.snowflake.com/en/sql-reference/functions/get_ddl, and the forms that accounts print. Stages have no DDL
text in Snowflake either.
"""

import re
from collections.abc import Callable, Iterator, Mapping

from pipeline.local.catalog import Object
from pipeline.local.errors import SnowflakeError, compilation, does_not_exist, unsupported
from pipeline.local.information.keys import Key, keys
from pipeline.local.objects import (
    ColumnSpec,
    FileFormatSpec,
    Kind,
    RoutineSpec,
    SequenceSpec,
    StreamMode,
    TableSpec,
    TaskSpec,
    ViewSpec,
    WarehouseSpec,
)
from pipeline.local.session import Session
from pipeline.sql.names import QualifiedName, quote, quote_literal, render
from pipeline.sql.types import parse_type

_DEFAULT_EXTENSION_DAYS = 14
_PLAIN_VALUE = re.compile(r"[A-Za-z0-9_]+")


def get_ddl(session: Session, kind: str, name: str, qualified: bool) -> str:
    """The text for one object, or for a schema or database with all that is in it.

    `qualified`: names with database and schema.

    Raises:
        SnowflakeError: 002003, no such object; the kind has no DDL text.
    """
    word = kind.upper().replace("_", " ")
    if word == "DATABASE":
        return _database(session, _container(session, Kind.DATABASE, name), qualified)
    if word == "SCHEMA":
        return _schema(session, _container(session, Kind.SCHEMA, name), qualified)
    if word == "WAREHOUSE":
        return _warehouse(_container(session, Kind.WAREHOUSE, name))
    if word in ("PROCEDURE", "FUNCTION"):
        return _routine(find_routine(session, Kind(word), name), qualified)
    found = _KINDS.get(word)
    if found is None:
        raise unsupported(f"GET_DDL of a {word.lower()}")
    item = session.require(found, QualifiedName.parse(name))
    return _text(session, item, qualified)


def _text(session: Session, item: Object, qualified: bool) -> str:
    match item.kind:
        case Kind.TABLE:
            return _table(item, qualified)
        case Kind.VIEW:
            return view_text(item, qualified)
        case Kind.STREAM:
            return _stream(session, item, qualified)
        case Kind.TASK:
            return _task(item, qualified)
        case Kind.FILE_FORMAT:
            return _file_format(item, qualified)
        case Kind.SEQUENCE:
            return _sequence(item, qualified)
        case _:
            return _routine(item, qualified)


_KINDS = {kind.value: kind for kind in (Kind.TABLE, Kind.VIEW, Kind.STREAM, Kind.TASK, Kind.FILE_FORMAT, Kind.SEQUENCE)}


def _container(session: Session, kind: Kind, name: str) -> Object:
    parsed = QualifiedName.parse(name)
    home = (parsed.schema or session.database) if kind is Kind.SCHEMA else None
    found = session.catalog.find(kind, (home, None, parsed.name))
    if found is None:
        raise does_not_exist(kind.value.capitalize(), name)
    return found


def _name(item: Object, qualified: bool) -> str:
    parts = (item.database, item.schema, item.name) if qualified else (item.name,)
    return ".".join(render(part) for part in parts if part is not None)


def _comment(item: Object) -> str:
    return "" if item.comment is None else f" COMMENT={quote_literal(item.comment)}"


# --- tables and views ---------------------------------------------------------------------------------------------


def _table(item: Object, qualified: bool) -> str:
    spec: TableSpec = item.spec
    life = "TEMPORARY " if spec.temporary else "TRANSIENT " if spec.transient else ""
    lines = [f"\t{_column(column)}" for column in spec.columns]
    lines += [f"\t{_key(key)}" for key in keys(item)]
    cluster = f" cluster by {spec.cluster_by}" if spec.cluster_by else ""
    body = ",\n".join(lines)
    tail = "".join(f"{option}\n" for option in _table_options(item, spec))
    return f"create or replace {life}TABLE {_name(item, qualified)}{cluster} (\n{body}\n){tail};"


def _table_options(item: Object, spec: TableSpec) -> Iterator[str]:
    if spec.retention_days is not None:
        yield f" DATA_RETENTION_TIME_IN_DAYS={spec.retention_days}"
    if spec.extension_days != _DEFAULT_EXTENSION_DAYS:
        yield f" MAX_DATA_EXTENSION_TIME_IN_DAYS={spec.extension_days}"
    if spec.change_tracking_since is not None:
        yield " CHANGE_TRACKING=TRUE"
    if spec.schema_evolution:
        yield " ENABLE_SCHEMA_EVOLUTION=TRUE"
    for name, value in spec.properties.items():
        yield f" {name}={value if _PLAIN_VALUE.fullmatch(value) else quote_literal(value)}"
    if item.comment is not None:
        yield f"COMMENT={quote_literal(item.comment)}"


def _column(column: ColumnSpec) -> str:
    parts = [render(column.name), str(column.type)]
    if column.collation is not None:
        parts.append(f"COLLATE {quote_literal(column.collation)}")
    if not column.nullable:
        parts.append("NOT NULL")
    if column.autoincrement is not None:
        start, step = column.autoincrement
        parts.append(f"autoincrement start {start} increment {step} noorder")
    elif column.default is not None:
        parts.append(f"DEFAULT {column.default}")
    if column.comment is not None:
        parts.append(f"COMMENT {quote_literal(column.comment)}")
    return " ".join(parts)


def _key(key: Key) -> str:
    name = f"constraint {render(key.name)} " if key.named else ""
    text = f"{name}{key.kind.lower()} ({_listed(key.columns)})"
    if key.references is not None:
        text += f" references {key.references}"
        text += f"({_listed(key.reference_columns)})" if key.reference_columns else ""
    return text


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(render(name) for name in names)


def view_text(item: Object, qualified: bool = False) -> str:
    """The statement that makes a view, as SHOW VIEWS and INFORMATION_SCHEMA.VIEWS have it too."""
    spec: ViewSpec = item.spec
    columns = ",\n".join(
        f"\t{render(column.name)}" + (f" COMMENT {quote_literal(column.comment)}" if column.comment else "")
        for column in spec.columns
    )
    modifiers = "secure " * spec.secure + "temporary " * spec.temporary
    tracked = " CHANGE_TRACKING=TRUE" if spec.change_tracking_since is not None else ""
    head = f"create or replace {modifiers}view {_name(item, qualified)}(\n{columns}\n)"
    return f"{head}{tracked}{_comment(item)} as {spec.text};"


# --- streams and tasks --------------------------------------------------------------------------------------------


def _stream(session: Session, item: Object, qualified: bool) -> str:
    source = session.catalog.peek(item.spec.base)
    if source is None or source.dropped_on is not None:
        raise SnowflakeError(
            f"SQL compilation error:\nBase table of stream '{item.name}' does not exist or not authorized.",
            2003,
            "02000",
        )
    mode = " append_only=true" if item.spec.mode is StreamMode.APPEND_ONLY else ""
    on = f"{item.spec.base_kind.value.lower()} {_name(source, True)}"
    return f"create or replace stream {_name(item, qualified)} on {on}{mode}{_comment(item)};"


def _task(item: Object, qualified: bool) -> str:
    spec: TaskSpec = item.spec
    lines = [f"create or replace task {_name(item, qualified)}", *_task_properties(item, spec)]
    if spec.predecessors:
        lines.append("after " + ", ".join(_full(name) for name in spec.predecessors))
    if spec.execute_as is not None:
        lines.append(f"execute as user {render(spec.execute_as)}")
    if spec.condition is not None:
        lines.append(f"when {spec.condition}")
    lines.append(f"as {spec.definition};")
    return "\n\t".join(lines)


def _task_properties(item: Object, spec: TaskSpec) -> Iterator[str]:
    if spec.warehouse is not None:
        yield f"warehouse={render(spec.warehouse)}"
    if spec.schedule is not None:
        yield f"schedule={quote_literal(spec.schedule)}"
    if spec.config is not None:
        yield f"config={quote_literal(spec.config)}"
    if spec.overlap_policy != "NO_OVERLAP":
        yield f"overlap_policy={spec.overlap_policy}"
    for name, value in spec.parameters.items():
        yield f"{name}={value}"
    if item.comment is not None:
        yield f"COMMENT={quote_literal(item.comment)}"
    if spec.finalizes is not None:
        yield f"finalize={_full(spec.finalizes)}"


def _full(name: tuple[str, str, str]) -> str:
    return str(QualifiedName.of(*name))


# --- the rest of a schema -----------------------------------------------------------------------------------------


def _sequence(item: Object, qualified: bool) -> str:
    spec: SequenceSpec = item.spec
    order = "order" if spec.ordered else "noorder"
    numbers = f"start with {spec.start} increment by {spec.increment}"
    return f"create or replace sequence {_name(item, qualified)} {numbers} {order}{_comment(item)};"


def _file_format(item: Object, qualified: bool) -> str:
    spec: FileFormatSpec = item.spec
    lines = [f"CREATE OR REPLACE FILE FORMAT {_name(item, qualified)}", f"TYPE = {spec.type}", *_options(spec.options)]
    if item.comment is not None:
        lines.append(f"COMMENT = {quote_literal(item.comment)}")
    return "\n\t".join(lines) + "\n;"


def _options(options: Mapping[str, object]) -> Iterator[str]:
    for name, value in options.items():
        yield f"{name} = {_value(value)}"


def _value(value: object) -> str:
    if value is None:
        return "NONE"
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, list | tuple):
        return f"({', '.join(_value(each) for each in value)})"
    return str(value) if isinstance(value, int) else quote_literal(str(value))


def find_routine(session: Session, kind: Kind, written: str) -> Object:
    """The procedure or function that `name(types)` names.

    Raises:
        SnowflakeError: 002003, there is none with these types.
    """
    name, _, types = written.partition("(")
    found = session.find(kind, QualifiedName.parse(name))
    listed = re.split(r",(?![^(]*\))", types.rpartition(")")[0])
    wanted = [parse_type(text).kind for text in listed if text.strip()]
    if found is None or [parse_type(text).kind for _, text in found.spec.arguments] != wanted:
        raise does_not_exist(kind.value.capitalize(), written)
    return found


def execute_as(spec: RoutineSpec) -> str:
    """Whose rights a procedure has: OWNER or CALLER."""
    return spec.properties.get("EXECUTE_AS", "OWNER")


def argument_defaults(spec: RoutineSpec) -> dict[str, str]:
    """The defaults of arguments that have one, by name."""
    prefix = "DEFAULT "
    return {name.removeprefix(prefix): text for name, text in spec.properties.items() if name.startswith(prefix)}


def _routine(item: Object, qualified: bool) -> str:
    spec: RoutineSpec = item.spec
    home = f"{render(str(item.database))}.{render(str(item.schema))}." if qualified else ""
    defaults = argument_defaults(spec)
    arguments = ", ".join(
        f"{quote(name)} {kind}" + (f" DEFAULT {defaults[name]}" if name in defaults else "")
        for name, kind in spec.arguments
    )
    lines = [
        f"CREATE OR REPLACE {item.kind.value} {home}{quote(item.name)}({arguments})",
        f"RETURNS {spec.returns}",
        f"LANGUAGE {spec.language}",
    ]
    if item.comment is not None:
        lines.append(f"COMMENT={quote_literal(item.comment)}")
    if item.kind is Kind.PROCEDURE:
        lines.append(f"EXECUTE AS {execute_as(spec)}")
    return "\n".join([*lines, f"AS {quote_literal(spec.body)};"])


def _warehouse(item: Object) -> str:
    spec: WarehouseSpec = item.spec
    lines = [
        f"create or replace warehouse {render(item.name)}",
        "with",
        f"warehouse_size={quote_literal(spec.size)}",
        f"auto_suspend={'NULL' if spec.auto_suspend is None else spec.auto_suspend}",
        f"auto_resume={str(spec.auto_resume).upper()}",
        *(f"{name}={quote_literal(value)}" for name, value in spec.properties.items()),
    ]
    if item.comment is not None:
        lines.append(f"COMMENT={quote_literal(item.comment)}")
    return "\n\t".join(lines) + "\n;"


# --- containers ---------------------------------------------------------------------------------------------------


def _database(session: Session, item: Object, qualified: bool) -> str:
    life = "TRANSIENT " if item.spec.transient else ""
    parts = [f"create or replace {life}database {render(item.name)}{_retention(item)}{_comment(item)};"]
    parts += [_schema(session, schema, qualified) for schema in session.catalog.all(Kind.SCHEMA, database=item.name)]
    return "\n\n".join(parts)


def _schema(session: Session, item: Object, qualified: bool) -> str:
    life = "TRANSIENT " if item.spec.transient else ""
    name = f"{render(str(item.database))}.{render(item.name)}" if qualified else render(item.name)
    parts = [f"create or replace {life}schema {name}{_retention(item)}{_comment(item)};"]
    for kind, order in _ORDER.items():
        found = session.catalog.all(kind, database=item.database, schema=item.name, session=session.id)
        parts += [_text(session, member, qualified) for member in order(session, found)]
    return "\n\n".join(parts)


def _retention(item: Object) -> str:
    days = item.spec.retention_days
    return "" if days == 1 else f" DATA_RETENTION_TIME_IN_DAYS={days}"


def _by_name(session: Session, items: list[Object]) -> list[Object]:
    del session
    return items


def _views_in_order(session: Session, views: list[Object]) -> list[Object]:
    """Each view after those that it reads: what a view reads includes what they read, so it reads more of them."""
    from pipeline.local.resolver import SessionResolver

    def depth(view: Object) -> int:
        resolver = SessionResolver(session, {}, dry=True)
        try:
            resolver.view(view)
        except SnowflakeError:
            # A view that no longer compiles could not be made again in any place.
            return len(views)
        return sum(1 for each in views if each.id in resolver.reads.objects)

    return sorted(views, key=depth)


def _tasks_in_order(session: Session, tasks: list[Object]) -> list[Object]:
    """Each task after its predecessors, finalizers last."""
    del session
    placed: dict[str, Object] = {}
    waiting = {task.name: task for task in tasks}
    while waiting:
        ready = [task for task in waiting.values() if not _awaited(task.spec) & waiting.keys()]
        if not ready:
            raise compilation("Tasks of the schema follow each other in a circle.", 2013, "42601")
        for task in ready:
            placed[task.name] = waiting.pop(task.name)
    return list(placed.values())


def _awaited(spec: TaskSpec) -> set[str]:
    names = {name for _, _, name in spec.predecessors}
    return names | ({spec.finalizes[2]} if spec.finalizes is not None else set())


_ORDER: dict[Kind, Callable[[Session, list[Object]], list[Object]]] = {
    Kind.FILE_FORMAT: _by_name,
    Kind.SEQUENCE: _by_name,
    Kind.TABLE: _by_name,
    Kind.FUNCTION: _by_name,
    Kind.VIEW: _views_in_order,
    Kind.STREAM: _by_name,
    Kind.PROCEDURE: _by_name,
    Kind.TASK: _tasks_in_order,
}
"""Kinds in the order in which a script can make them; what refers to others comes after them."""
