"""The views of INFORMATION_SCHEMA: what a database holds, read from the catalog.

Source: docs.snowflake.com/en/sql-reference/info-schema, the page of each view.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from pipeline.local import ddl_text
from pipeline.local.catalog import Object
from pipeline.local.copying import loads
from pipeline.local.information import columns
from pipeline.local.information.columns import Columns
from pipeline.local.information.datatypes import octets, schema_type
from pipeline.local.information.format_options import complete, property_text
from pipeline.local.information.keys import keys
from pipeline.local.information.measures import last_writes, measure
from pipeline.local.information.rows import Record
from pipeline.local.objects import ColumnSpec, Kind, RoutineSpec, TableSpec
from pipeline.local.session import Session
from pipeline.local.timetravel import retention_days
from pipeline.sql.types import DataType, parse_type
from pipeline.sql.types import Kind as TypeKind

INFORMATION_SCHEMA = "INFORMATION_SCHEMA"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class SchemaView:
    """A view: its columns and its rows for one database."""

    columns: Columns
    records: Callable[[Session, str], list[Record]]


def _all(session: Session, kind: Kind, database: str) -> list[Object]:
    return session.catalog.all(kind, database=database, session=session.id)


def _dates(item: Object) -> Record:
    return {"CREATED": item.created_on, "LAST_ALTERED": item.last_ddl, "COMMENT": item.comment}


def yes_no(condition: bool) -> str:
    return "YES" if condition else "NO"


# --- tables, views, columns ---------------------------------------------------------------------------------------


def _relation(item: Object) -> Record:
    return {
        **_dates(item),
        "TABLE_CATALOG": item.database,
        "TABLE_SCHEMA": item.schema,
        "TABLE_NAME": item.name,
        "TABLE_OWNER": item.owner,
        "LAST_DDL": item.last_ddl,
        "LAST_DDL_BY": None,
        "IS_TEMPORARY": "NO",
        "IS_ICEBERG": "NO",
        "IS_DYNAMIC": "NO",
        "IS_IMMUTABLE": "NO",
        "IS_HYBRID": "NO",
        "IS_INSERTABLE_INTO": "YES",
        "IS_TYPED": "YES",
    }


def _tables(session: Session, database: str) -> list[Record]:
    found = _all(session, Kind.TABLE, database)
    measures = measure(session, found)
    writes = last_writes(session, found)
    records = [_table(session, item) for item in found]
    for item, record in zip(found, records, strict=True):
        record["LAST_ALTERED"] = max(item.last_ddl, writes.get(item.id, item.last_ddl))
        record |= {"ROW_COUNT": measures[item.id].rows, "BYTES": measures[item.id].size}
    records += [_relation(item) | {"TABLE_TYPE": "VIEW"} for item in _all(session, Kind.VIEW, database)]
    return records + [{**_own(database, name), "TABLE_TYPE": "VIEW"} for name in VIEWS]


def _table(session: Session, item: Object) -> Record:
    spec: TableSpec = item.spec
    return _relation(item) | {
        "TABLE_TYPE": "TEMPORARY TABLE" if spec.temporary else "BASE TABLE",
        "IS_TRANSIENT": yes_no(spec.transient),
        "CLUSTERING_KEY": spec.cluster_by,
        "RETENTION_TIME": retention_days(session, item),
        "AUTO_CLUSTERING_ON": yes_no(spec.cluster_by is not None),
        "IS_TEMPORARY": yes_no(spec.temporary),
    }


def _own(database: str, name: str) -> Record:
    """A view of INFORMATION_SCHEMA itself."""
    return {"TABLE_CATALOG": database, "TABLE_SCHEMA": INFORMATION_SCHEMA, "TABLE_NAME": name}


def _views(session: Session, database: str) -> list[Record]:
    records = [
        _relation(item)
        | {
            "VIEW_DEFINITION": ddl_text.view_text(item),
            "CHECK_OPTION": "NONE",
            "IS_UPDATABLE": "NO",
            "INSERTABLE_INTO": "NO",
            "IS_SECURE": yes_no(item.spec.secure),
        }
        for item in _all(session, Kind.VIEW, database)
    ]
    return records + [{**_own(database, name), "IS_SECURE": "NO"} for name in VIEWS]


def _columns(session: Session, database: str) -> list[Record]:
    found = [item for kind in (Kind.TABLE, Kind.VIEW) for item in _all(session, kind, database)]
    records = [
        {
            "TABLE_CATALOG": item.database,
            "TABLE_SCHEMA": item.schema,
            "TABLE_NAME": item.name,
            **_column(column),
            "ORDINAL_POSITION": place,
        }
        for item in found
        for place, column in enumerate(item.spec.columns, 1)
    ]
    own = [
        {**_own(database, view), **_column(ColumnSpec(name, kind)), "ORDINAL_POSITION": place}
        for view, known in VIEWS.items()
        for place, (name, kind) in enumerate(known.columns, 1)
    ]
    return records + own


def _column(column: ColumnSpec) -> Record:
    record: Record = {
        "COLUMN_NAME": column.name,
        "COLUMN_DEFAULT": column.default,
        "IS_NULLABLE": yes_no(column.nullable),
        "COLLATION_NAME": column.collation,
        "DTD_IDENTIFIER": None,
        "IS_SELF_REFERENCING": "NO",
        "IS_IDENTITY": yes_no(column.autoincrement is not None),
        "COMMENT": column.comment,
        **type_columns(column.type),
    }
    if column.autoincrement is not None:
        start, step = column.autoincrement
        record |= {
            "IDENTITY_GENERATION": "BY DEFAULT",
            "IDENTITY_START": str(start),
            "IDENTITY_INCREMENT": str(step),
            "IDENTITY_CYCLE": "NO",
            "IDENTITY_ORDERED": "NO",
        }
    return record


def type_columns(kind: DataType) -> Record:
    """DATA_TYPE and the lengths and precisions beside it."""
    number = kind.kind is TypeKind.NUMBER
    return {
        "DATA_TYPE": schema_type(kind),
        "CHARACTER_MAXIMUM_LENGTH": kind.length if kind.kind is TypeKind.VARCHAR else None,
        "CHARACTER_OCTET_LENGTH": octets(kind),
        "NUMERIC_PRECISION": kind.precision if number else None,
        "NUMERIC_PRECISION_RADIX": 10 if number else None,
        "NUMERIC_SCALE": kind.scale if number else None,
        "DATETIME_PRECISION": None if number else kind.precision,
    }


def _constraints(session: Session, database: str) -> list[Record]:
    return [
        {
            "CONSTRAINT_CATALOG": table.database,
            "CONSTRAINT_SCHEMA": table.schema,
            "CONSTRAINT_NAME": key.name,
            "TABLE_CATALOG": table.database,
            "TABLE_SCHEMA": table.schema,
            "TABLE_NAME": table.name,
            "CONSTRAINT_TYPE": key.kind,
            "IS_DEFERRABLE": "NO",
            "INITIALLY_DEFERRED": "YES",
            "ENFORCED": "NO",
            "CREATED": table.created_on,
            "LAST_ALTERED": table.last_ddl,
            "RELY": "NO",
        }
        for table in _all(session, Kind.TABLE, database)
        for key in keys(table)
    ]


# --- containers ---------------------------------------------------------------------------------------------------


def _schemata(session: Session, database: str) -> list[Record]:
    records = [
        {
            **_dates(item),
            "CATALOG_NAME": item.database,
            "SCHEMA_NAME": item.name,
            "SCHEMA_OWNER": item.owner,
            "IS_TRANSIENT": yes_no(item.spec.transient),
            "IS_MANAGED_ACCESS": "NO",
            "RETENTION_TIME": item.spec.retention_days,
        }
        for item in session.catalog.all(Kind.SCHEMA, database=database)
    ]
    own: Record = {
        "CATALOG_NAME": database,
        "SCHEMA_NAME": INFORMATION_SCHEMA,
        "IS_TRANSIENT": "NO",
        "IS_MANAGED_ACCESS": "NO",
        "RETENTION_TIME": 1,
        "COMMENT": "Views describing the contents of schemas in this database",
    }
    return [*records, own]


def _databases(session: Session, database: str) -> list[Record]:
    del database
    return [
        {
            **_dates(item),
            "DATABASE_NAME": item.name,
            "DATABASE_OWNER": item.owner,
            "IS_TRANSIENT": yes_no(item.spec.transient),
            "RETENTION_TIME": item.spec.retention_days,
            "TYPE": "APPLICATION" if item.name == "SNOWFLAKE" else "STANDARD",
            "OWNER_ROLE_TYPE": "ROLE",
        }
        for item in session.catalog.all(Kind.DATABASE)
    ]


def _catalog_name(session: Session, database: str) -> list[Record]:
    del session
    return [{"CATALOG_NAME": database}]


def _applicable_roles(session: Session, database: str) -> list[Record]:
    """The one user may take every role."""
    del database
    return [
        {"GRANTEE": session.context.user, "ROLE_NAME": item.name, "ROLE_OWNER": item.owner, "IS_GRANTABLE": "YES"}
        for item in session.catalog.all(Kind.ROLE)
    ]


def _enabled_roles(session: Session, database: str) -> list[Record]:
    del database
    return [{"ROLE_NAME": item.name, "ROLE_OWNER": item.owner} for item in session.catalog.all(Kind.ROLE)]


# --- stages, file formats, sequences, routines --------------------------------------------------------------------


def _placed(item: Object, word: str) -> Record:
    return {
        **_dates(item),
        f"{word}_CATALOG": item.database,
        f"{word}_SCHEMA": item.schema,
        f"{word}_NAME": item.name,
        f"{word}_OWNER": item.owner,
    }


def _stages(session: Session, database: str) -> list[Record]:
    return [
        _placed(item, "STAGE")
        | {
            "STAGE_URL": item.spec.url,
            "STAGE_TYPE": "External Named" if item.spec.url is not None else "Internal Named",
        }
        for item in _all(session, Kind.STAGE, database)
    ]


def _file_formats(session: Session, database: str) -> list[Record]:
    return [
        _placed(item, "FILE_FORMAT") | {"FILE_FORMAT_TYPE": item.spec.type} | _format_columns(item)
        for item in _all(session, Kind.FILE_FORMAT, database)
    ]


def _format_columns(item: Object) -> Record:
    options = complete(item.spec.type, item.spec.options)
    shown = {name for name, _ in columns.FILE_FORMATS} & options.keys()
    return {name: options[name] if name == "SKIP_HEADER" else property_text(options[name]) for name in shown}


def _sequences(session: Session, database: str) -> list[Record]:
    return [
        _placed(item, "SEQUENCE")
        | {
            "DATA_TYPE": "NUMBER",
            "NUMERIC_PRECISION": 38,
            "NUMERIC_PRECISION_RADIX": 10,
            "NUMERIC_SCALE": 0,
            "START_VALUE": str(item.spec.start),
            "INCREMENT": str(item.spec.increment),
            "CYCLE_OPTION": "NO",
            "ORDERED": yes_no(item.spec.ordered),
        }
        for item in _all(session, Kind.SEQUENCE, database)
    ]


def _procedures(session: Session, database: str) -> list[Record]:
    return [_routine(item, "PROCEDURE") for item in _all(session, Kind.PROCEDURE, database)]


def _functions(session: Session, database: str) -> list[Record]:
    more: Record = {"IS_NULL_CALL": "YES", "IS_SECURE": "NO"}
    return [_routine(item, "FUNCTION") | more for item in _all(session, Kind.FUNCTION, database)]


def _routine(item: Object, word: str) -> Record:
    spec: RoutineSpec = item.spec
    returned: Record = {"DATA_TYPE": spec.returns}
    if not spec.returns.upper().startswith("TABLE"):
        returned = type_columns(parse_type(spec.returns.upper().removesuffix(" NOT NULL")))
    return {
        **_placed(item, word),
        **returned,
        "ARGUMENT_SIGNATURE": "(" + ", ".join(f"{name} {kind}" for name, kind in spec.arguments) + ")",
        f"{word}_LANGUAGE": spec.language,
        f"{word}_DEFINITION": spec.body,
    }


def _load_history(session: Session, database: str) -> list[Record]:
    """Loads of the last 14 days."""
    other = {
        "FIRST_ERROR_CHARACTER_POS": "FIRST_ERROR_CHARACTER_POSITION",
        "FIRST_ERROR_COLUMN_NAME": "FIRST_ERROR_COL_NAME",
        "TABLE_SCHEMA_NAME": "SCHEMA_NAME",
    }
    names = [other.get(name, name) for name, _ in loads.COPY_HISTORY_COLUMNS]
    records = [
        dict(zip(names, row, strict=True))
        for table in _all(session, Kind.TABLE, database)
        for row in loads.copy_history(session, table, _EPOCH)
    ]
    return [record | {"STATUS": str(record["STATUS"]).upper()} for record in records]


def _none(session: Session, database: str) -> list[Record]:
    """Of kinds that cannot exist here."""
    del session, database
    return []


VIEWS: dict[str, SchemaView] = {
    "APPLICABLE_ROLES": SchemaView(columns.APPLICABLE_ROLES, _applicable_roles),
    "COLUMNS": SchemaView(columns.COLUMNS, _columns),
    "DATABASES": SchemaView(columns.DATABASES, _databases),
    "ENABLED_ROLES": SchemaView(columns.ENABLED_ROLES, _enabled_roles),
    "FILE_FORMATS": SchemaView(columns.FILE_FORMATS, _file_formats),
    "FUNCTIONS": SchemaView(columns.FUNCTIONS, _functions),
    "INFORMATION_SCHEMA_CATALOG_NAME": SchemaView(columns.CATALOG_NAME, _catalog_name),
    "LOAD_HISTORY": SchemaView(columns.LOAD_HISTORY, _load_history),
    "PIPES": SchemaView(columns.PIPES, _none),
    "PROCEDURES": SchemaView(columns.PROCEDURES, _procedures),
    "SCHEMATA": SchemaView(columns.SCHEMATA, _schemata),
    "SEQUENCES": SchemaView(columns.SEQUENCES, _sequences),
    "STAGES": SchemaView(columns.STAGES, _stages),
    "TABLES": SchemaView(columns.TABLES, _tables),
    "TABLE_CONSTRAINTS": SchemaView(columns.TABLE_CONSTRAINTS, _constraints),
    "VIEWS": SchemaView(columns.VIEWS, _views),
}
"""The views that the local account has."""

_OTHERS = """
BACKUP_POLICIES BACKUP_SETS CLASSES CLASS_INSTANCES CLASS_INSTANCE_FUNCTIONS CLASS_INSTANCE_PROCEDURES
CORTEX_SEARCH_SERVICES CORTEX_SEARCH_SERVICE_SCORING_PROFILES CURRENT_PACKAGES_POLICY ELEMENT_TYPES EVENT_TABLES
EXTERNAL_TABLES FIELDS
GIT_REPOSITORIES HYBRID_TABLES INDEXES INDEX_COLUMNS MODEL_VERSIONS NOTEBOOKS OBJECT_PRIVILEGES PACKAGES
REFERENTIAL_CONSTRAINTS REPLICATION_DATABASES REPLICATION_GROUPS SEMANTIC_DIMENSIONS SEMANTIC_FACTS SEMANTIC_METRICS
SEMANTIC_RELATIONSHIPS SEMANTIC_TABLES SEMANTIC_VIEWS SERVICES SHARES STREAMLITS TABLE_PRIVILEGES TABLE_STORAGE_METRICS
TYPES USAGE_PRIVILEGES
"""


OTHERS = frozenset(_OTHERS.split())
"""Snowflake's further views, which are refused by name."""
