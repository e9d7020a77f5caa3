"""What a new account and a new database have."""

from pipeline.local.catalog import Change
from pipeline.local.objects import DatabaseSpec, Kind, RecordedSpec, SchemaSpec, WarehouseSpec

SYSTEM_ROLES = ("ACCOUNTADMIN", "ORGADMIN", "PUBLIC", "SECURITYADMIN", "SYSADMIN", "USERADMIN")


def furnish(change: Change) -> None:
    """Roles, a warehouse and the database SNOWFLAKE."""
    for role in SYSTEM_ROLES:
        change.create(Kind.ROLE, (None, None, role), RecordedSpec("ROLE", ""))
    change.create(Kind.WAREHOUSE, (None, None, "COMPUTE_WH"), WarehouseSpec())
    create_database(change, "SNOWFLAKE", DatabaseSpec())


def create_database(change: Change, name: str, spec: DatabaseSpec, comment: str | None = None) -> None:
    """A database and its schema PUBLIC."""
    change.create(Kind.DATABASE, (None, None, name), spec, comment=comment)
    change.create(Kind.SCHEMA, (name, None, "PUBLIC"), SchemaSpec())
