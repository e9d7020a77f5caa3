"""INFORMATION_SCHEMA and SNOWFLAKE.ACCOUNT_USAGE: views and table functions."""

from sqlglot import exp

from pipeline.local.dialect.relations import Relation
from pipeline.local.errors import compilation, does_not_exist, no_current, unsupported
from pipeline.local.information import account_usage, histories, schema_views
from pipeline.local.information.arguments import Arguments
from pipeline.local.information.rows import ordered, relation
from pipeline.local.objects import Kind
from pipeline.local.resolver import SessionResolver
from pipeline.local.session import Session
from pipeline.sql.names import QualifiedName

SYSTEM_DATABASE = "SNOWFLAKE"
ACCOUNT_USAGE = "ACCOUNT_USAGE"
REFUSED_FUNCTIONS = (
    "ALERT_HISTORY",
    "AUTOMATIC_CLUSTERING_HISTORY",
    "AUTO_REFRESH_REGISTRATION_HISTORY",
    "DATABASE_STORAGE_USAGE_HISTORY",
    "DATA_TRANSFER_HISTORY",
    "DYNAMIC_TABLES",
    "DYNAMIC_TABLE_GRAPH_HISTORY",
    "DYNAMIC_TABLE_REFRESH_HISTORY",
    "EXTERNAL_TABLE_FILES",
    "EXTERNAL_TABLE_FILE_REGISTRATION_HISTORY",
    "INFER_SCHEMA",
    "LOGIN_HISTORY",
    "LOGIN_HISTORY_BY_USER",
    "MATERIALIZED_VIEW_REFRESH_HISTORY",
    "METERING_HISTORY",
    "NOTIFICATION_HISTORY",
    "PIPE_USAGE_HISTORY",
    "POLICY_REFERENCES",
    "QUERY_ACCELERATION_HISTORY",
    "REPLICATION_USAGE_HISTORY",
    "SEARCH_OPTIMIZATION_HISTORY",
    "SERVERLESS_ALERT_HISTORY",
    "SERVERLESS_TASK_HISTORY",
    "STAGE_DIRECTORY_FILE_REGISTRATION_HISTORY",
    "STAGE_STORAGE_USAGE_HISTORY",
    "TAG_REFERENCES",
    "VALIDATE",
    "VALIDATE_PIPE_LOAD",
    "WAREHOUSE_LOAD_HISTORY",
    "WAREHOUSE_METERING_HISTORY",
)
"""Snowflake's further table functions, which are refused by name."""


def view(session: Session, name: QualifiedName) -> Relation:
    """The rows of a view; `name` has what is current filled in.

    Raises:
        SnowflakeError: 002003, no such view or database; a view that the local account does not have.
    """
    if name.database is None:
        raise no_current("database")
    if session.catalog.find(Kind.DATABASE, (None, None, name.database)) is None:
        raise does_not_exist("Database", name.database)
    if name.schema == schema_views.INFORMATION_SCHEMA:
        return _schema_view(session, name)
    if name.schema == ACCOUNT_USAGE:
        found = account_usage.VIEWS.get(name.name)
        if found is None:
            raise unsupported(f"{name}")
        return found(session)
    raise does_not_exist("Object", str(name))


def _schema_view(session: Session, name: QualifiedName) -> Relation:
    found = schema_views.VIEWS.get(name.name)
    if found is None and name.name in schema_views.OTHERS:
        raise unsupported(f"INFORMATION_SCHEMA.{name.name}")
    if found is None:
        raise does_not_exist("Object", str(name))
    return relation(found.columns, ordered(found.columns, found.records(session, str(name.database))))


def table_function(
    session: Session, parts: tuple[str, ...], node: exp.Expression, resolver: SessionResolver
) -> Relation:
    """The rows of TABLE(name(arguments)): RESULT_SCAN, or a function of INFORMATION_SCHEMA.

    Raises:
        SnowflakeError: no such function, or one that the local account does not have; wrong arguments.
    """
    name = parts[-1]
    function = histories.RESULT_SCAN if parts == ("RESULT_SCAN",) else _function(session, parts)
    return function.rows(session, Arguments.read(session, name, function.arguments, node, resolver))


def _function(session: Session, parts: tuple[str, ...]) -> histories.TableFunction:
    name = parts[-1]
    schema = parts[-2] if len(parts) > 1 else session.schema
    if name in REFUSED_FUNCTIONS:
        raise unsupported(f"The table function {name}")
    found = histories.FUNCTIONS.get(name) if schema == schema_views.INFORMATION_SCHEMA else None
    if found is None:
        raise compilation(f"Unknown table function {'.'.join(parts)}", 2141, "42601")
    if len(parts) == 3 and session.catalog.find(Kind.DATABASE, (None, None, parts[0])) is None:
        raise does_not_exist("Database", parts[0])
    if len(parts) < 3 and session.database is None:
        raise no_current("database")
    return found
