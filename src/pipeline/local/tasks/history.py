"""TASK_HISTORY, TASK_DEPENDENTS, CURRENT_TASK_GRAPHS and COMPLETE_TASK_GRAPHS of INFORMATION_SCHEMA.

Source: the functions' pages under docs.snowflake.com/en/sql-reference/functions. Arguments come by name in upper case;
those passed by position are named "1", "2"….
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from pipeline.local.answers import INSTANT, INTEGER, TEXT, Answer, table
from pipeline.local.errors import SnowflakeError, compilation
from pipeline.local.objects import Kind
from pipeline.local.protocol import StatementType
from pipeline.local.schedule import parse_schedule
from pipeline.local.session import Session
from pipeline.local.tasks.graph import Graph, Task, is_root
from pipeline.local.tasks.runs import FAILURES, GraphRun, RunState, TaskRun
from pipeline.sql.names import QualifiedName
from pipeline.sql.types import DataType

Arguments = Mapping[str, object]

PAST = timedelta(days=7)
AHEAD = timedelta(days=8)
COMPLETE_WITHIN = timedelta(minutes=60)
MOST_ROWS = 10_000

_TASK_HISTORY: tuple[tuple[str, DataType], ...] = (
    ("QUERY_ID", TEXT),
    ("NAME", TEXT),
    ("DATABASE_NAME", TEXT),
    ("SCHEMA_NAME", TEXT),
    ("QUERY_TEXT", TEXT),
    ("CONDITION_TEXT", TEXT),
    ("STATE", TEXT),
    ("ERROR_CODE", TEXT),
    ("ERROR_MESSAGE", TEXT),
    ("SCHEDULED_TIME", INSTANT),
    ("QUERY_START_TIME", INSTANT),
    ("NEXT_SCHEDULED_TIME", INSTANT),
    ("COMPLETED_TIME", INSTANT),
    ("ROOT_TASK_ID", TEXT),
    ("GRAPH_VERSION", INTEGER),
    ("RUN_ID", INTEGER),
    ("RETURN_VALUE", TEXT),
    ("SCHEDULED_FROM", TEXT),
    ("ATTEMPT_NUMBER", INTEGER),
    ("CONFIG", TEXT),
    ("QUERY_HASH", TEXT),
    ("QUERY_HASH_VERSION", INTEGER),
    ("QUERY_PARAMETERIZED_HASH", TEXT),
    ("QUERY_PARAMETERIZED_HASH_VERSION", INTEGER),
    ("GRAPH_RUN_GROUP_ID", TEXT),
    ("BACKFILL_INFO", TEXT),
    ("SPCS_JOB_ID", TEXT),
)
_GRAPHS: tuple[tuple[str, DataType], ...] = (
    ("ROOT_TASK_NAME", TEXT),
    ("DATABASE_NAME", TEXT),
    ("SCHEMA_NAME", TEXT),
    ("STATE", TEXT),
    ("FIRST_ERROR_TASK_NAME", TEXT),
    ("FIRST_ERROR_CODE", TEXT),
    ("FIRST_ERROR_MESSAGE", TEXT),
    ("SCHEDULED_TIME", INSTANT),
    ("QUERY_START_TIME", INSTANT),
    ("NEXT_SCHEDULED_TIME", INSTANT),
    ("COMPLETED_TIME", INSTANT),
    ("ROOT_TASK_ID", TEXT),
    ("GRAPH_VERSION", INTEGER),
    ("RUN_ID", INTEGER),
    ("ATTEMPT_NUMBER", INTEGER),
    ("SCHEDULED_FROM", TEXT),
    ("CONFIG", TEXT),
    ("GRAPH_RUN_GROUP_ID", TEXT),
    ("BACKFILL_INFO", TEXT),
    ("SCHEDULED_BY_USER", TEXT),
)
_DEPENDENTS: tuple[tuple[str, DataType], ...] = (
    ("CREATED_ON", INSTANT),
    ("NAME", TEXT),
    ("DATABASE_NAME", TEXT),
    ("SCHEMA_NAME", TEXT),
    ("OWNER", TEXT),
    ("COMMENT", TEXT),
    ("WAREHOUSE", TEXT),
    ("SCHEDULE", TEXT),
    ("PREDECESSORS", TEXT),
    ("STATE", TEXT),
    ("DEFINITION", TEXT),
    ("CONDITION", TEXT),
    ("ALLOW_OVERLAPPING_EXECUTION", TEXT),
)

Row = tuple[object, ...]


# --- TASK_HISTORY -----------------------------------------------------------------------------------------------


def task_history(session: Session, arguments: Arguments) -> Answer:
    """Runs of the last 7 days and what is scheduled, the latest first; the limit comes before any WHERE.

    Raises:
        SnowflakeError: the range reaches too far back, or the limit is not 1 to 10,000.
    """
    now = session.now()
    start = _moment(session, arguments.get("SCHEDULED_TIME_RANGE_START"))
    end = _moment(session, arguments.get("SCHEDULED_TIME_RANGE_END")) or now + AHEAD
    if start is not None and start < now - PAST - timedelta(minutes=1):
        raise SnowflakeError("Cannot retrieve data from more than 7 days ago.", 1008, "22023")
    limit = _limit(arguments, 100, least=1)
    rows = [
        (run.scheduled_time, _run_row(session, run))
        for run in session.account.tasks.log.runs()
        if _asked(run, arguments)
    ]
    if not _flag(arguments, "ERROR_ONLY"):
        rows += _scheduled_rows(session, arguments)
    first = start or now - PAST
    shown = [(at, row) for at, row in rows if first <= at <= end]
    shown.sort(key=lambda item: (item[0], str(item[1][10])), reverse=True)
    return table(_TASK_HISTORY, [row for _, row in shown[:limit]], StatementType.SELECT)


def account_task_history(session: Session) -> Answer:
    """All runs that are kept, as the ACCOUNT_USAGE view of the same name has them."""
    rows = [_run_row(session, run) for run in session.account.tasks.log.runs()]
    return table(_TASK_HISTORY, rows, StatementType.SELECT)


def _asked(run: TaskRun, arguments: Arguments) -> bool:
    if _flag(arguments, "ERROR_ONLY") and run.state not in (*FAILURES, RunState.CANCELLED):
        return False
    return _named(run.name, run.database, run.schema, arguments)


def _named(name: str, database: str, schema: str, arguments: Arguments) -> bool:
    """Names are compared without regard to case, and not qualified."""
    wanted = (("TASK_NAME", name), ("DATABASE_NAME", database), ("SCHEMA_NAME", schema))
    return all(_same(arguments.get(argument), value) for argument, value in wanted)


def _same(wanted: object, value: str) -> bool:
    return wanted is None or str(wanted).strip('"').upper() == value.upper()


def _run_row(session: Session, run: TaskRun) -> Row:
    graph = session.account.tasks.log.graph(run)
    root = session.catalog.peek(graph.root_id)
    is_root_run = run.task_id == graph.root_id
    return (
        run.query_id,
        run.name,
        run.database,
        run.schema,
        run.query_text,
        run.condition_text,
        run.state.value,
        run.error_code,
        run.error_message,
        run.scheduled_time,
        run.start,
        _following(root, run.scheduled_time) if is_root_run else None,
        run.finish,
        str(graph.root_id),
        graph.version,
        graph.run_id,
        run.return_value,
        graph.origin.value,
        run.attempt,
        graph.config,
        None,
        None,
        None,
        None,
        run.group_id,
        None,
        None,
    )


def _following(root: Task | None, moment: datetime) -> datetime | None:
    """The point of the root's schedule after a moment, while it is started."""
    if root is None or not root.spec.started or root.spec.schedule is None or root.spec.resumed_on is None:
        return None
    return parse_schedule(root.spec.schedule).next_after(moment, root.spec.resumed_on)


def _scheduled_rows(session: Session, arguments: Arguments) -> list[tuple[datetime, Row]]:
    """The next run of each started root that has a schedule."""
    found = []
    for root in session.account.tasks.roots():
        point = _following(root, session.now())
        assert root.database is not None
        assert root.schema is not None
        if point is not None and _named(root.name, root.database, root.schema, arguments):
            found.append((point, _scheduled_row(root, point)))
    return found


def _scheduled_row(root: Task, point: datetime) -> Row:
    known = {
        "NAME": root.name,
        "DATABASE_NAME": root.database,
        "SCHEMA_NAME": root.schema,
        "QUERY_TEXT": root.spec.definition,
        "CONDITION_TEXT": root.spec.condition,
        "STATE": RunState.SCHEDULED.value,
        "SCHEDULED_TIME": point,
        "NEXT_SCHEDULED_TIME": _following(root, point),
        "ROOT_TASK_ID": str(root.id),
        "GRAPH_VERSION": root.spec.graph_version,
        "RUN_ID": int(point.timestamp() * 1000),
        "SCHEDULED_FROM": "SCHEDULE",
        "ATTEMPT_NUMBER": 1,
        "CONFIG": root.spec.config,
    }
    return tuple(known.get(name) for name, _ in _TASK_HISTORY)


# --- graphs -----------------------------------------------------------------------------------------------------


def complete_task_graphs(session: Session, arguments: Arguments) -> Answer:
    """Graph runs that ended within the last 60 minutes, the latest first; none for a skipped root."""
    since = session.now() - COMPLETE_WITHIN

    def wanted(run: GraphRun) -> bool:
        ended = run.finish is not None and run.finish >= since and run.state is not RunState.SKIPPED
        failed = run.state is not RunState.SUCCEEDED
        return (
            ended
            and (failed or not _flag(arguments, "ERROR_ONLY"))
            and _same(arguments.get("ROOT_TASK_NAME"), run.name)
        )

    runs = sorted(session.account.tasks.log.graphs(wanted), key=lambda run: str(run.finish), reverse=True)
    rows = [_graph_row(session, run) for run in runs[: _limit(arguments, 1000)]]
    return table(_GRAPHS, rows, StatementType.SELECT)


def current_task_graphs(session: Session, arguments: Arguments) -> Answer:
    """Graph runs that execute or are scheduled within the next 8 days."""
    limit = _limit(arguments, 1000)
    name = arguments.get("ROOT_TASK_NAME")
    running = session.account.tasks.log.graphs(lambda run: run.state is RunState.EXECUTING and _same(name, run.name))
    rows = [_graph_row(session, run) for run in running]
    for root in session.account.tasks.roots():
        point = _following(root, session.now())
        if point is not None and point <= session.now() + AHEAD and _same(name, root.name):
            rows.append(_scheduled_graph_row(root, point))
    return table(_GRAPHS, rows[:limit], StatementType.SELECT)


def _graph_row(session: Session, run: GraphRun) -> Row:
    return (
        run.name,
        run.database,
        run.schema,
        run.state.value,
        run.error_task,
        run.error_code,
        run.error_message,
        run.scheduled_time,
        run.start,
        _following(session.catalog.peek(run.root_id), run.scheduled_time),
        run.finish,
        str(run.root_id),
        run.version,
        run.run_id,
        run.attempt,
        run.origin.value,
        run.config,
        run.group_id,
        None,
        None,
    )


def _scheduled_graph_row(root: Task, point: datetime) -> Row:
    known = {
        "ROOT_TASK_NAME": root.name,
        "DATABASE_NAME": root.database,
        "SCHEMA_NAME": root.schema,
        "STATE": RunState.SCHEDULED.value,
        "SCHEDULED_TIME": point,
        "NEXT_SCHEDULED_TIME": _following(root, point),
        "ROOT_TASK_ID": str(root.id),
        "GRAPH_VERSION": root.spec.graph_version,
        "RUN_ID": int(point.timestamp() * 1000),
        "ATTEMPT_NUMBER": 1,
        "SCHEDULED_FROM": "SCHEDULE",
        "CONFIG": root.spec.config,
    }
    return tuple(known.get(name) for name, _ in _GRAPHS)


# --- TASK_DEPENDENTS --------------------------------------------------------------------------------------------


def task_dependents(session: Session, arguments: Arguments) -> Answer:
    """A task, and what follows it: its children and finalizer, with RECURSIVE (the default) all that follows them.

    Raises:
        SnowflakeError: no such task.
    """
    written = str(arguments.get("TASK_NAME", arguments.get("1", "")))
    recursive = str(arguments.get("RECURSIVE", arguments.get("2", True))).upper() != "FALSE"
    task = session.find(Kind.TASK, QualifiedName.parse(written)) if written else None
    if task is None:
        raise compilation(
            f"Invalid value [{written}] for function 'TASK_DEPENDENTS_SCAN', parameter 1: must be a valid task name",
            2211,
            "22023",
        )
    graph = Graph.read(session.catalog, task.database or "", task.schema or "")
    finalizer = graph.finalizer(task.name)
    followers = graph.descendants(task.name) if recursive else graph.children(task.name)
    names = (task.name, *followers, *((finalizer,) if finalizer else ()))
    return table(_DEPENDENTS, [_dependent_row(graph.tasks[name]) for name in names], StatementType.SELECT)


def _dependent_row(task: Task) -> Row:
    spec = task.spec
    return (
        task.created_on,
        task.name,
        task.database,
        task.schema,
        task.owner,
        task.comment,
        spec.warehouse,
        spec.schedule,
        predecessors_text(task),
        "started" if spec.started else "suspended",
        spec.definition,
        spec.condition,
        overlapping_text(task),
    )


# --- what SHOW TASKS prints -------------------------------------------------------------------------------------


def predecessors_text(task: Task) -> str:
    """The column `predecessors`: a JSON array of full names."""
    names = [_full_name(task, name) for _, _, name in task.spec.predecessors]
    return json.dumps(names, indent=2) if names else "[]"


def _full_name(task: Task, name: str) -> str:
    """The full name of another task of the same schema, as one would write it."""
    return str(QualifiedName(task.database, task.schema, name))


def relations_text(task: Task, graph: Graph) -> str:
    """The column `task_relations`, with the keys in the account's order."""
    relations: dict[str, object] = {}
    if task.spec.finalizes is not None:
        relations["FinalizedRootTask"] = _full_name(task, task.spec.finalizes[2])
    relations["Predecessors"] = [_full_name(task, name) for _, _, name in task.spec.predecessors]
    finalizer = graph.finalizer(task.name)
    if finalizer is not None:
        relations["FinalizerTask"] = _full_name(task, finalizer)
    return json.dumps(relations, separators=(",", ":"))


def overlapping_text(task: Task) -> str:
    """The column `allow_overlapping_execution`: true, false, or null where the task is no root."""
    if not is_root(task.spec):
        return "null"
    return "true" if task.spec.overlap_policy == "ALLOW_CHILD_OVERLAP" else "false"


def overlap_policy_text(task: Task) -> str | None:
    """The column `overlap_policy`."""
    return task.spec.overlap_policy if is_root(task.spec) else None


# --- arguments --------------------------------------------------------------------------------------------------


def _limit(arguments: Arguments, default: int, *, least: int = 0) -> int:
    limit = int(str(arguments.get("RESULT_LIMIT", default)))
    if limit > MOST_ROWS:
        raise SnowflakeError(
            "Value for parameter RESULT_LIMIT exceeds maximum allowable value (10,000).", 1008, "22023"
        )
    if limit < least:
        raise SnowflakeError(f"Value for parameter RESULT_LIMIT is less than {least}.", 1008, "22023")
    return limit


def _flag(arguments: Arguments, name: str) -> bool:
    return str(arguments.get(name, False)).upper() == "TRUE"


def _moment(session: Session, value: object) -> datetime | None:
    """A timestamp argument; without a zone it is in the session's."""
    if value is None:
        return None
    moment = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=ZoneInfo(session.parameters.text("TIMEZONE")))
    return moment.astimezone(UTC)
