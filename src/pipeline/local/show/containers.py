"""SHOW DATABASES, SCHEMAS, WAREHOUSES, ROLES, USERS.

Source: docs.snowflake.com/en/sql-reference/sql/show-databases and its sisters.
"""

import uuid
from datetime import timedelta

from pipeline.local.catalog import Object
from pipeline.local.information.rows import Record
from pipeline.local.objects import Kind, WarehouseSpec
from pipeline.local.session import Session
from pipeline.local.show import selection
from pipeline.local.show.model import base, yes
from pipeline.sql.grammar.session import Show

SYSTEM_DATABASE = "SNOWFLAKE"


def databases(session: Session, statement: Show) -> list[Record]:
    found = session.catalog.all(Kind.DATABASE, dropped=statement.history)
    return [_database(session, item) for item in found if _shown(session, item)]


def _shown(session: Session, item: Object) -> bool:
    """Whether it is there, or UNDROP could bring it back."""
    kept = timedelta(days=item.spec.retention_days)
    return item.dropped_on is None or item.dropped_on >= session.now() - kept


def _database(session: Session, item: Object) -> Record:
    return base(item) | {
        "kind": "APPLICATION" if item.name == SYSTEM_DATABASE else "STANDARD",
        "is_default": "N",
        "is_current": yes(item.name == session.database),
        "origin": "SNOWFLAKE.ACCOUNT_USAGE" if item.name == SYSTEM_DATABASE else "",
        "options": "TRANSIENT" if item.spec.transient else "",
        "retention_time": str(item.spec.retention_days),
        "dropped_on": item.dropped_on,
        "database_name": None,
    }


def schemas(session: Session, statement: Show) -> list[Record]:
    where = selection.in_databases(session, statement.scope)
    found = session.catalog.all(Kind.SCHEMA, database=where.database, dropped=statement.history)
    records = [_schema(session, item) for item in found if _shown(session, item)]
    live = [item for item in session.catalog.all(Kind.DATABASE) if where.database in (None, item.name)]
    records += [_information_schema(session, item) for item in live]
    return sorted(records, key=lambda record: (str(record["database_name"]), str(record["name"])))


def _schema(session: Session, item: Object) -> Record:
    return base(item) | {
        "kind": None,
        "is_default": "N",
        "is_current": yes((item.database, item.name) == (session.database, session.schema)),
        "options": "TRANSIENT" if item.spec.transient else "",
        "retention_time": str(item.spec.retention_days),
        "dropped_on": item.dropped_on,
    }


def _information_schema(session: Session, database: Object) -> Record:
    return {
        "created_on": database.created_on,
        "name": "INFORMATION_SCHEMA",
        "is_default": "N",
        "is_current": yes((database.name, "INFORMATION_SCHEMA") == (session.database, session.schema)),
        "database_name": database.name,
        "owner": "",
        "comment": "Views describing the contents of schemas in this database",
        "options": "",
        "retention_time": "1",
        "owner_role_type": "",
    }


def warehouses(session: Session, statement: Show) -> list[Record]:
    del statement
    return [warehouse(session, item) for item in session.catalog.all(Kind.WAREHOUSE)]


def warehouse(session: Session, item: Object) -> Record:
    """Nothing runs in a warehouse here: the counters are 0."""
    spec: WarehouseSpec = item.spec
    counters = dict.fromkeys(("running", "queued", "actives", "pendings", "failed", "suspended"), 0)
    return {
        **counters,
        "name": item.name,
        "state": "STARTED",
        "type": spec.properties.get("WAREHOUSE_TYPE", "STANDARD").upper(),
        "size": spec.size,
        "min_cluster_count": int(spec.properties.get("MIN_CLUSTER_COUNT", "1")),
        "max_cluster_count": int(spec.properties.get("MAX_CLUSTER_COUNT", "1")),
        "started_clusters": 1,
        "is_default": "N",
        "is_current": yes(item.name == session.warehouse),
        "auto_suspend": spec.auto_suspend,
        "auto_resume": str(spec.auto_resume).lower(),
        "available": "100",
        "provisioning": "0",
        "quiescing": "0",
        "other": "0",
        "created_on": item.created_on,
        "resumed_on": item.created_on,
        "updated_on": item.last_ddl,
        "owner": item.owner,
        "comment": item.comment or "",
        "enable_query_acceleration": spec.properties.get("ENABLE_QUERY_ACCELERATION", "false").lower(),
        "query_acceleration_max_scale_factor": int(spec.properties.get("QUERY_ACCELERATION_MAX_SCALE_FACTOR", "8")),
        "resource_monitor": spec.properties.get("RESOURCE_MONITOR", "null"),
        "uuid": str(uuid.uuid5(uuid.NAMESPACE_OID, str(item.id))),
        "scaling_policy": spec.properties.get("SCALING_POLICY", "STANDARD").upper(),
        "owner_role_type": "ROLE",
    }


def roles(session: Session, statement: Show) -> list[Record]:
    del statement
    return [
        {
            "created_on": item.created_on,
            "name": item.name,
            "is_default": "N",
            "is_current": yes(item.name == session.role),
            "is_inherited": "N",
            "owner": item.owner,
            "comment": item.comment or "",
        }
        for item in session.catalog.all(Kind.ROLE)
    ]


def users(session: Session, statement: Show) -> list[Record]:
    """The users that have a session now: whoever knows the account's secret may log in under any name."""
    del statement
    names = sorted({each.context.user for each in session.account.sessions()})
    return [
        {
            "name": name,
            "login_name": name,
            "display_name": name,
            "disabled": "false",
            "must_change_password": "false",
            "snowflake_lock": "false",
            "default_role": "ACCOUNTADMIN",
            "default_secondary_roles": '["ALL"]',
            "owner": "ACCOUNTADMIN",
            "has_password": "true",
            "has_rsa_public_key": "false",
            "comment": "",
        }
        for name in names
    ]
