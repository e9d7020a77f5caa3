"""SHOW STREAMS and SHOW TASKS, and what DESCRIBE says of each.

Source: docs.snowflake.com/en/sql-reference/sql/show-streams and …/show-tasks.
"""

from pipeline.local.catalog import Object
from pipeline.local.errors import SnowflakeError
from pipeline.local.information.rows import Record
from pipeline.local.objects import Kind, TaskSpec
from pipeline.local.session import Session
from pipeline.local.show import selection
from pipeline.local.show.model import base
from pipeline.local.streams import reads
from pipeline.local.tasks.graph import Graph, is_root
from pipeline.local.tasks.history import overlap_policy_text, overlapping_text, predecessors_text, relations_text
from pipeline.local.tasks.properties import parameter
from pipeline.sql.grammar.session import Show

_GONE = "No privilege or table dropped"


def streams(session: Session, statement: Show) -> list[Record]:
    where = selection.in_schemas(session, statement.scope)
    found = session.catalog.all(Kind.STREAM, database=where.database, schema=where.schema, session=session.id)
    return [stream(session, item) for item in found]


def stream(session: Session, item: Object) -> Record:
    source = session.catalog.peek(item.spec.base)
    there = source is not None and source.dropped_on is None
    name = source.full_name if there and source is not None else _GONE
    return base(item) | {
        "table_name": name,
        "tableOn": name,
        "source_type": item.spec.base_kind.value.capitalize(),
        "base_tables": ",".join(table.full_name for table in reads.base_tables(session, item)) if there else _GONE,
        "type": "DELTA",
        "stale": str(_stale(session, item)).lower(),
        "mode": item.spec.mode.value,
        "stale_after": reads.stale_after(session, item),
        "invalid_reason": "N/A",
    }


def _stale(session: Session, item: Object) -> bool:
    try:
        reads.base_of(session, item)
    except SnowflakeError:
        # Base dropped or replaced, changes no longer kept: what cannot be read is stale.
        return True
    return False


def tasks(session: Session, statement: Show) -> list[Record]:
    where = selection.in_schemas(session, statement.scope)
    found = session.catalog.all(Kind.TASK, database=where.database, schema=where.schema)
    return [task(session, item) for item in found if is_root(item.spec) or not statement.root_only]


def task(session: Session, item: Object) -> Record:
    spec: TaskSpec = item.spec
    graph = Graph.read(session.catalog, item.database or "", item.schema or "")
    return base(item) | {
        "id": str(item.id),
        "warehouse": spec.warehouse,
        "schedule": spec.schedule,
        "target_completion_interval": parameter(spec, "TARGET_COMPLETION_INTERVAL"),
        "predecessors": predecessors_text(item),
        "state": "started" if spec.started else "suspended",
        "definition": spec.definition,
        "condition": spec.condition,
        "allow_overlapping_execution": overlapping_text(item),
        "error_integration": parameter(spec, "ERROR_INTEGRATION") or "null",
        "success_integration": parameter(spec, "SUCCESS_INTEGRATION") or "null",
        "last_committed_on": session.account.tasks.committed_on(item),
        "last_suspended_on": spec.last_suspended_on,
        "config": spec.config,
        "last_suspended_reason": spec.last_suspended_reason,
        "task_relations": relations_text(item, graph),
        "execute_as_user": spec.execute_as,
        "overlap_policy": overlap_policy_text(item),
    }
