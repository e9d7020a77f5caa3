"""SHOW TABLES, VIEWS, OBJECTS, COLUMNS, PRIMARY KEYS, UNIQUE KEYS, IMPORTED KEYS.

Source: docs.snowflake.com/en/sql-reference/sql/show-tables, …/show-views, …/show-objects, …/show-columns,
…/show-primary-keys, …/show-imported-keys.
"""

from datetime import timedelta

from pipeline.local import ddl_text
from pipeline.local.catalog import Object
from pipeline.local.information.datatypes import identity, json_type
from pipeline.local.information.keys import Key, keys
from pipeline.local.information.measures import measure
from pipeline.local.information.rows import Record
from pipeline.local.objects import ColumnSpec, Kind, TableSpec
from pipeline.local.session import Session
from pipeline.local.show import selection
from pipeline.local.show.model import base, on, yes
from pipeline.local.show.selection import Where
from pipeline.local.timetravel import retention_days
from pipeline.sql.grammar.session import Show

_ABSENT = dict.fromkeys(("is_external", "is_event", "is_hybrid", "is_iceberg", "is_dynamic", "is_immutable"), "N")


def _within(session: Session, kind: Kind, where: Where, *, dropped: bool = False) -> list[Object]:
    if where.member is not None:
        return [where.member] if where.member.kind is kind else []
    found = session.catalog.all(kind, database=where.database, schema=where.schema, session=session.id, dropped=dropped)
    return [item for item in found if item.dropped_on is None or _restorable(session, item)]


def _restorable(session: Session, item: Object) -> bool:
    return item.dropped_on is not None and item.dropped_on >= session.now() - timedelta(
        days=retention_days(session, item)
    )


def tables(session: Session, statement: Show) -> list[Record]:
    where = selection.in_schemas(session, statement.scope)
    found = _within(session, Kind.TABLE, where, dropped=statement.history)
    measures = measure(session, [item for item in found if item.dropped_on is None])
    records = []
    for item in found:
        known = measures.get(item.id)
        records.append(
            _table(session, item) | {"rows": known.rows if known else None, "bytes": known.size if known else None}
        )
    return records


def table_kind(spec: TableSpec) -> str:
    return "TEMPORARY" if spec.temporary else "TRANSIENT" if spec.transient else "TABLE"


def _table(session: Session, item: Object) -> Record:
    spec: TableSpec = item.spec
    return {
        **base(item),
        **_ABSENT,
        "kind": table_kind(spec),
        "cluster_by": spec.cluster_by or "",
        "retention_time": str(retention_days(session, item)),
        "dropped_on": item.dropped_on,
        "automatic_clustering": on(spec.cluster_by is not None),
        "change_tracking": on(spec.change_tracking_since is not None),
        "search_optimization": "OFF",
        "enable_schema_evolution": yes(spec.schema_evolution),
    }


def views(session: Session, statement: Show) -> list[Record]:
    where = selection.in_schemas(session, statement.scope)
    return [_view(item) for item in _within(session, Kind.VIEW, where)]


def _view(item: Object) -> Record:
    return base(item) | {
        "reserved": "",
        "text": ddl_text.view_text(item),
        "is_secure": str(item.spec.secure).lower(),
        "is_materialized": "false",
        "change_tracking": on(item.spec.change_tracking_since is not None),
    }


def objects(session: Session, statement: Show) -> list[Record]:
    """Tables and views."""
    where = selection.in_schemas(session, statement.scope)
    found = _within(session, Kind.TABLE, where)
    measures = measure(session, found)
    records = [
        _object(session, item) | {"rows": measures[item.id].rows, "bytes": measures[item.id].size} for item in found
    ]
    records += [
        base(item) | {"cluster_by": "", "retention_time": "1", "is_hybrid": "N", "is_dynamic": "N", "is_iceberg": "N"}
        for item in _within(session, Kind.VIEW, where)
    ]
    return sorted(records, key=lambda record: [str(record[name]) for name in ("database_name", "schema_name", "name")])


def _object(session: Session, item: Object) -> Record:
    """A transient or temporary table is a TABLE here, which SHOW TABLES tells apart: dbt drops by this kind."""
    kept = ("cluster_by", "retention_time", "is_hybrid", "is_dynamic", "is_iceberg")
    table = _table(session, item)
    return base(item) | {name: table[name] for name in kept} | {"kind": "TABLE"}


def columns(session: Session, statement: Show) -> list[Record]:
    where = selection.of_table(session, statement.scope)
    found = [*_within(session, Kind.TABLE, where), *_within(session, Kind.VIEW, where)]
    found.sort(key=lambda item: (item.database or "", item.schema or "", item.name))
    return [_column(item, column) for item in found for column in item.spec.columns]


def _column(item: Object, column: ColumnSpec) -> Record:
    return {
        "table_name": item.name,
        "schema_name": item.schema,
        "column_name": column.name,
        "data_type": json_type(column),
        "null?": "true" if column.nullable else "NOT_NULL",
        "default": column.default or "",
        "kind": "COLUMN",
        "expression": "",
        "comment": column.comment or "",
        "database_name": item.database,
        "autoincrement": identity(column),
    }


def primary_keys(session: Session, statement: Show) -> list[Record]:
    return _keys(session, statement, "PRIMARY KEY")


def unique_keys(session: Session, statement: Show) -> list[Record]:
    return _keys(session, statement, "UNIQUE")


def _keys(session: Session, statement: Show, kind: str) -> list[Record]:
    where = selection.of_table(session, statement.scope)
    return [
        {
            "created_on": table.created_on,
            "database_name": table.database,
            "schema_name": table.schema,
            "table_name": table.name,
            "column_name": column,
            "key_sequence": place,
            "constraint_name": key.name,
            "rely": "false",
        }
        for table in _within(session, Kind.TABLE, where)
        for key in keys(table)
        if key.kind == kind
        for place, column in enumerate(key.columns, 1)
    ]


def imported_keys(session: Session, statement: Show) -> list[Record]:
    where = selection.of_table(session, statement.scope)
    return [
        record
        for table in _within(session, Kind.TABLE, where)
        for key in keys(table)
        if key.references is not None
        for record in _imported(session, table, key)
    ]


def _imported(session: Session, table: Object, key: Key) -> list[Record]:
    assert key.references is not None
    parent = key.references.within(table.database, table.schema)
    target = session.catalog.find(Kind.TABLE, (parent.database, parent.schema, parent.name), session.id)
    primary = next((each for each in keys(target) if each.kind == "PRIMARY KEY"), None) if target else None
    others = key.reference_columns or (primary.columns if primary else ())
    return [
        {
            "created_on": table.created_on,
            "pk_database_name": parent.database,
            "pk_schema_name": parent.schema,
            "pk_table_name": parent.name,
            "pk_column_name": other,
            "fk_database_name": table.database,
            "fk_schema_name": table.schema,
            "fk_table_name": table.name,
            "fk_column_name": column,
            "key_sequence": place,
            "update_rule": "NO ACTION",
            "delete_rule": "NO ACTION",
            "fk_name": key.name,
            "pk_name": primary.name if primary else None,
            "deferrability": "NOT DEFERRABLE",
            "rely": "false",
        }
        for place, (column, other) in enumerate(zip(key.columns, others, strict=False), 1)
    ]
