"""CREATE TABLE in its forms: columns, AS SELECT, LIKE, CLONE.

Source: docs.snowflake.com/en/sql-reference/sql/create-table.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from pipeline.local import recorded, timetravel
from pipeline.local.answers import Answer, status
from pipeline.local.catalog import Change, Object
from pipeline.local.copying import loads
from pipeline.local.days import days
from pipeline.local.dialect.parse import parse_expression, parse_query
from pipeline.local.dialect.translate import Translated, translate_expression, translate_query
from pipeline.local.errors import already_exists, compilation, unsupported
from pipeline.local.objects import ColumnSpec, Kind, TableSpec
from pipeline.local.resolver import SessionResolver
from pipeline.local.session import FullName, Session
from pipeline.local.tables import alter, physical
from pipeline.local.versions import column_list, current_rows, data, rows_at
from pipeline.sql.grammar.model import CreateMode, Options
from pipeline.sql.grammar.tables import Column, Constraint, ConstraintKind, CreateTable, Lifetime

_OWN_OPTIONS = {
    "CHANGE_TRACKING",
    "COMMENT",
    "DATA_RETENTION_TIME_IN_DAYS",
    "ENABLE_SCHEMA_EVOLUTION",
    "MAX_DATA_EXTENSION_TIME_IN_DAYS",
}


@dataclass(frozen=True, slots=True)
class Body:
    """What a new table consists of, and where its first rows come from."""

    columns: tuple[ColumnSpec, ...]
    query: Translated | None = None
    markers: frozenset[str] = frozenset()
    streams: frozenset[int] = frozenset()
    clone: Object | None = None
    clone_rows: str = ""


def create_table(session: Session, statement: CreateTable) -> Answer:
    """Raises SnowflakeError for what exists, does not compile or is not supported."""
    if statement.template is not None:
        raise unsupported("CREATE TABLE … USING TEMPLATE")
    recorded.check_clauses(statement.recorded, "CREATE TABLE")
    recorded.check_table_options(statement.options.names)
    full = session.full_name(statement.name, "CREATE TABLE")
    session.require_schema(full)
    temporary = statement.lifetime is Lifetime.TEMPORARY
    existing = session.catalog.occupant(Kind.TABLE, full, session.id if temporary else None)
    if existing is not None and statement.mode is CreateMode.IF_NOT_EXISTS:
        return status(f"{statement.name.name} already exists, statement succeeded.")
    if existing is not None and (statement.mode is CreateMode.NEW or existing.kind is not Kind.TABLE):
        raise already_exists(str(statement.name))
    if existing is not None and statement.mode is CreateMode.OR_ALTER:
        return alter.create_or_alter(
            session, existing, statement, column_specs(session, statement.columns, statement.constraints)
        )
    body = _body(session, statement)
    _check_names(body.columns)
    with session.defining() as change:
        if existing is not None:
            change.drop(existing)
            loads.clear(change.cursor, existing.id)
        table = _make(change, full, statement, body)
        _fill(session, change, table, body)
    return status(f"Table {statement.name.name} successfully created.")


def _body(session: Session, statement: CreateTable) -> Body:
    if statement.clone is not None:
        return _clone_body(session, statement)
    if statement.like is not None:
        return Body(tuple(session.require(Kind.TABLE, statement.like).spec.columns))
    if statement.query is not None:
        return _query_body(session, statement)
    if not statement.columns:
        raise compilation("Missing column specification", 1073, "42601")
    return Body(column_specs(session, statement.columns, statement.constraints))


def _clone_body(session: Session, statement: CreateTable) -> Body:
    assert statement.clone is not None
    source = session.require(Kind.TABLE, statement.clone.source)
    columns: tuple[ColumnSpec, ...] = source.spec.columns
    names = [column.name for column in columns]
    if statement.clone.at is None:
        rows = current_rows(source.id, names, hidden=True)
    else:
        version = timetravel.point(session, source, statement.clone.at)
        rows = rows_at(source.id, names, str(version), hidden=True)
    return Body(columns, clone=source, clone_rows=rows)


def _query_body(session: Session, statement: CreateTable) -> Body:
    assert statement.query is not None
    tree = parse_query(statement.query.text)
    resolver = SessionResolver(session, {})
    typed = bool(statement.columns) and all(column.type is not None for column in statement.columns)
    targets = [column.type for column in statement.columns if column.type is not None] if typed else None
    translated = translate_query(tree, resolver, targets)
    if statement.columns and len(statement.columns) != len(translated.columns):
        raise compilation("Invalid number of columns in CREATE TABLE … AS SELECT", 2026, "42601")
    given = statement.columns or tuple(Column(column.name, column.type) for column in translated.columns)
    types = [column.type for column in translated.columns]
    columns = tuple(
        replace(column_spec(session, column), type=column.type or kind)
        for column, kind in zip(given, types, strict=True)
    )
    markers = translated.markers | resolver.reads.markers
    return Body(columns, translated, frozenset(markers), frozenset(resolver.reads.streams))


def _make(change: Change, full: FullName, statement: CreateTable, body: Body) -> Object:
    spec = table_spec(statement, body.columns, change.version, body.clone)
    comment = statement.options.text("COMMENT") or (body.clone.comment if body.clone else None)
    temporary = statement.lifetime is Lifetime.TEMPORARY
    table = change.create(Kind.TABLE, full, spec, comment=comment, temporary=temporary)
    columns = [replace(column, sequence=None) for column in body.columns]
    numbered = physical.number_columns(change.cursor, table.id, columns)
    physical.make(change.cursor, table.id, numbered)
    return change.respec(table, replace(spec, columns=numbered))


def _fill(session: Session, change: Change, table: Object, body: Body) -> None:
    names = [column.name for column in body.columns]
    if body.clone is not None:
        physical.copy_rows(change.cursor, table.id, names, body.clone_rows, change.version)
    elif body.query is not None:
        session.consume(set(body.streams))
        values = session.values(body.markers, {})
        sql = session.fill(
            f"INSERT INTO {data(table.id)} ({column_list(names)}, __rid, __born, __ver)"
            f" SELECT q.*, nextval('_m.rid'), {change.version}, {change.version} FROM ({body.query.sql}) AS q"
        )
        change.cursor.execute(sql, values) if values else change.cursor.execute(sql)


def table_spec(
    statement: CreateTable, columns: tuple[ColumnSpec, ...], version: int, clone: Object | None = None
) -> TableSpec:
    """The table's properties as the statement gives them; a clone has those of its source."""
    options = statement.options
    retention = options.text("DATA_RETENTION_TIME_IN_DAYS")
    extension = options.text("MAX_DATA_EXTENSION_TIME_IN_DAYS")
    base: TableSpec = clone.spec if clone is not None else TableSpec(())
    transient = statement.lifetime is Lifetime.TRANSIENT or base.transient
    temporary = statement.lifetime is Lifetime.TEMPORARY
    if retention is not None:
        kept: int | None = days("DATA_RETENTION_TIME_IN_DAYS", retention, transient=transient or temporary)
    else:
        kept = base.retention_days
    return TableSpec(
        columns,
        transient=transient,
        temporary=temporary,
        constraints=tuple(constraint_text(constraint) for constraint in statement.constraints) or base.constraints,
        cluster_by=cluster_text(statement) or base.cluster_by,
        retention_days=kept,
        extension_days=(
            base.extension_days if extension is None else days("MAX_DATA_EXTENSION_TIME_IN_DAYS", extension)
        ),
        change_tracking_since=version if _flag(options, "CHANGE_TRACKING") else None,
        schema_evolution=_flag(options, "ENABLE_SCHEMA_EVOLUTION"),
        first_version=version,
        properties={option.name: option.value.text for option in options if option.name not in _OWN_OPTIONS},
    )


def _flag(options: Options, name: str) -> bool:
    return (options.text(name) or "FALSE").upper() == "TRUE"


def cluster_text(statement: CreateTable) -> str | None:
    if not statement.cluster_by:
        return None
    return f"LINEAR({', '.join(part.text for part in statement.cluster_by)})"


def constraint_text(constraint: Constraint) -> str:
    """A key as GET_DDL writes it."""
    listed = ", ".join(constraint.columns)
    name = f"constraint {constraint.name} " if constraint.name else ""
    text = f"{name}{constraint.kind.value.lower()} ({listed})"
    if constraint.references is not None:
        text += f" references {constraint.references}({', '.join(constraint.reference_columns)})"
    return text


def column_specs(
    session: Session, columns: Sequence[Column], constraints: Sequence[Constraint] = ()
) -> tuple[ColumnSpec, ...]:
    """The columns of a table with these keys; those of its primary key are NOT NULL, as Snowflake makes them.

    Raises:
        SnowflakeError: a column has no type, which only one of CREATE TABLE … AS SELECT may leave out.
    """
    for column in columns:
        if column.type is None and column.virtual is None:
            raise compilation(f"syntax error: the column {column.name} has no data type.", 1003, "42000")
    primary = {name for each in constraints if each.kind is ConstraintKind.PRIMARY_KEY for name in each.columns}
    specs = (column_spec(session, column) for column in columns)
    return tuple(replace(spec, nullable=spec.nullable and spec.name not in primary) for spec in specs)


def column_spec(session: Session, column: Column) -> ColumnSpec:
    """A column as the catalog keeps it; its default is compiled to see that it is one."""
    if column.virtual is not None:
        raise unsupported("A virtual column")
    if column.collation not in (None, "", "utf8"):
        raise unsupported(f"A column with COLLATE '{column.collation}'")
    recorded.check_clauses(column.policies, "A column with")
    kind = column.type or timetravel.METADATA_COLUMNS[0].type
    default = column.default.text if column.default is not None else None
    if default is not None:
        translate_expression(parse_expression(default), SessionResolver(session, {}, dry=True), (), kind)
    identity = column.identity
    return ColumnSpec(
        column.name,
        kind,
        column.nullable,
        default,
        (identity.start, identity.step) if identity is not None else None,
        comment=column.comment,
        collation=column.collation,
    )


def _check_names(columns: Sequence[ColumnSpec]) -> None:
    seen: dict[str, str] = {}
    for column in columns:
        if column.name in seen.values():
            raise compilation(f"duplicate column name '{column.name}'", 2025, "42S21")
        if column.name.upper() in seen:
            raise unsupported(f"Columns that differ only in case ({seen[column.name.upper()]}, {column.name})")
        if column.name.startswith("__") and column.name in ("__rid", "__born", "__ver", "__at"):
            raise unsupported(f"The column name {column.name}")
        seen[column.name.upper()] = column.name
