"""SNOWFLAKE.ACCOUNT_USAGE: the account's history, here without latency.

Source: docs.snowflake.com/en/sql-reference/account-usage, the page of each view.
"""

from collections.abc import Callable
from datetime import timedelta

from pipeline.local.catalog import Object
from pipeline.local.copying import loads
from pipeline.local.dialect.relations import Relation
from pipeline.local.information import columns, schema_views
from pipeline.local.information.histories import query
from pipeline.local.information.rows import Record, of_answer, ordered, relation
from pipeline.local.objects import Kind
from pipeline.local.session import Session
from pipeline.local.tasks import history

_STATUS = {"SUCCESS": "SUCCESS", "FAILED_WITH_ERROR": "FAIL", "FAILED_WITH_INCIDENT": "INCIDENT"}


def _query_history(session: Session) -> Relation:
    """Queries that have ended."""
    records = [
        query(record) | {"EXECUTION_STATUS": _STATUS[record.status], "ROLE_TYPE": "ROLE"}
        for record in session.account.queries.records()
        if record.status in _STATUS
    ]
    return relation(columns.USAGE_QUERIES, ordered(columns.USAGE_QUERIES, records))


def _task_history(session: Session) -> Relation:
    return of_answer(history.account_task_history(session))


def _copy_history(session: Session) -> Relation:
    since = session.now() - timedelta(days=365)
    rows = [
        row
        for table in session.catalog.all(Kind.TABLE, session=session.id, dropped=True)
        for row in loads.copy_history(session, table, since)
    ]
    return relation(loads.COPY_HISTORY_COLUMNS, rows)


def _tables(session: Session) -> Relation:
    """Tables and views, the dropped ones too."""
    live = {
        (record["TABLE_CATALOG"], record["TABLE_SCHEMA"], record["TABLE_NAME"]): record
        for database in session.catalog.all(Kind.DATABASE)
        for record in schema_views.VIEWS["TABLES"].records(session, database.name)
    }
    found = [item for kind in (Kind.TABLE, Kind.VIEW) for item in session.catalog.all(kind, dropped=True)]
    records = [_table(session, item, live) for item in found]
    return relation(columns.USAGE_TABLES, ordered(columns.USAGE_TABLES, records))


def _table(session: Session, item: Object, live: dict[tuple[object, object, object], Record]) -> Record:
    known = live.get((item.database, item.schema, item.name), {}) if item.dropped_on is None else {}
    database = session.catalog.find(Kind.DATABASE, (None, None, str(item.database)))
    schema = session.catalog.find(Kind.SCHEMA, (item.database, None, str(item.schema)))
    return known | {
        "TABLE_ID": item.id,
        "TABLE_NAME": item.name,
        "TABLE_SCHEMA_ID": schema.id if schema else None,
        "TABLE_SCHEMA": item.schema,
        "TABLE_CATALOG_ID": database.id if database else None,
        "TABLE_CATALOG": item.database,
        "TABLE_OWNER": item.owner,
        "TABLE_TYPE": "BASE TABLE" if item.kind is Kind.TABLE else "VIEW",
        "CREATED": item.created_on,
        "LAST_ALTERED": known.get("LAST_ALTERED", item.last_ddl),
        "DELETED": item.dropped_on,
        "COMMENT": item.comment,
        "OWNER_ROLE_TYPE": "ROLE",
    }


VIEWS: dict[str, Callable[[Session], Relation]] = {
    "QUERY_HISTORY": _query_history,
    "TASK_HISTORY": _task_history,
    "COPY_HISTORY": _copy_history,
    "TABLES": _tables,
}
"""The views that the local account has; the others are refused by name."""
