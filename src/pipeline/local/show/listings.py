"""Every kind of SHOW that the local account answers, with its columns and where its rows come from."""

from pipeline.local.information.rows import Record
from pipeline.local.session import Session
from pipeline.local.show import columns, containers, loading, pipelines, relations, routines, selection, sessions
from pipeline.local.show.model import Listing
from pipeline.sql.grammar.session import Show, ShowKind


def _none(session: Session, statement: Show) -> list[Record]:
    """Of kinds that cannot exist here; a scope that is not there is still an error."""
    selection.in_schemas(session, statement.scope)
    return []


def _no_grants(session: Session, statement: Show) -> list[Record]:
    """GRANT changes nothing in the local account, whose one user owns all."""
    del session, statement
    return []


LISTINGS: dict[ShowKind, Listing] = {
    ShowKind.TABLES: Listing(columns.TABLES, relations.tables),
    ShowKind.VIEWS: Listing(columns.VIEWS, relations.views),
    ShowKind.OBJECTS: Listing(columns.OBJECTS, relations.objects),
    ShowKind.COLUMNS: Listing(columns.COLUMNS, relations.columns, name="column_name", terse=None),
    ShowKind.PRIMARY_KEYS: Listing(columns.KEYS, relations.primary_keys, name="constraint_name", terse=columns.KEYS),
    ShowKind.UNIQUE_KEYS: Listing(columns.KEYS, relations.unique_keys, name="constraint_name", terse=columns.KEYS),
    ShowKind.IMPORTED_KEYS: Listing(columns.IMPORTED_KEYS, relations.imported_keys, name="fk_name", terse=None),
    ShowKind.DATABASES: Listing(columns.DATABASES, containers.databases),
    ShowKind.SCHEMAS: Listing(columns.SCHEMAS, containers.schemas),
    ShowKind.WAREHOUSES: Listing(columns.WAREHOUSES, containers.warehouses, terse=None),
    ShowKind.ROLES: Listing(columns.ROLES, containers.roles, terse=None),
    ShowKind.USERS: Listing(columns.USERS, containers.users, terse=None),
    ShowKind.STAGES: Listing(columns.STAGES, loading.stages, terse=None),
    ShowKind.FILE_FORMATS: Listing(columns.FILE_FORMATS, loading.file_formats, terse=None),
    ShowKind.SEQUENCES: Listing(columns.SEQUENCES, loading.sequences, terse=None),
    ShowKind.STREAMS: Listing(columns.STREAMS, pipelines.streams, terse=columns.STREAMS_TERSE),
    ShowKind.TASKS: Listing(columns.TASKS, pipelines.tasks, terse=columns.TASKS_TERSE),
    ShowKind.PROCEDURES: Listing(columns.PROCEDURES, routines.procedures, terse=None),
    ShowKind.USER_PROCEDURES: Listing(columns.PROCEDURES, routines.procedures, terse=None),
    ShowKind.USER_FUNCTIONS: Listing(columns.FUNCTIONS, routines.functions, terse=None),
    ShowKind.PARAMETERS: Listing(columns.PARAMETERS, sessions.parameters, name="key", terse=None),
    ShowKind.VARIABLES: Listing(columns.VARIABLES, sessions.variables, terse=None),
    ShowKind.TRANSACTIONS: Listing(columns.TRANSACTIONS, sessions.transactions, terse=None),
    ShowKind.LOCKS: Listing(columns.LOCKS, sessions.locks, name="resource", terse=None),
    ShowKind.GRANTS: Listing(columns.GRANTS, _no_grants, terse=None),
    ShowKind.PIPES: Listing(columns.PIPES, _none, terse=None),
    ShowKind.ALERTS: Listing(columns.ALERTS, _none, terse=None),
    ShowKind.DYNAMIC_TABLES: Listing(columns.DYNAMIC_TABLES, _none, terse=columns.TERSE),
    ShowKind.EXTERNAL_TABLES: Listing(columns.EXTERNAL_TABLES, _none, terse=columns.TERSE),
    ShowKind.EXTERNAL_FUNCTIONS: Listing(columns.FUNCTIONS, _none, terse=None),
    ShowKind.MATERIALIZED_VIEWS: Listing(columns.VIEWS, _none, terse=columns.TERSE),
    ShowKind.MASKING_POLICIES: Listing(columns.POLICIES, _none, terse=None),
    ShowKind.ROW_ACCESS_POLICIES: Listing(columns.POLICIES, _none, terse=None),
}
"""Kinds that are missing here are refused by name."""
