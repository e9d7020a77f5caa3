"""Table functions of INFORMATION_SCHEMA about queries, loads, tasks and results.

Source: the functions' pages under docs.snowflake.com/en/sql-reference/functions.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from pipeline.local.answers import Answer
from pipeline.local.copying import loads
from pipeline.local.dialect.relations import Relation
from pipeline.local.errors import SnowflakeError, compilation
from pipeline.local.information import columns
from pipeline.local.information.arguments import MOST_ROWS, Arguments
from pipeline.local.information.rows import Record, of_answer, ordered, relation
from pipeline.local.objects import Kind
from pipeline.local.querylog import QueryRecord
from pipeline.local.session import Session
from pipeline.local.tasks import history
from pipeline.sql.names import QualifiedName

QUERIES_KEPT = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class TableFunction:
    """A table function: its arguments in their order, and what it gives."""

    arguments: tuple[str, ...]
    rows: Callable[[Session, Arguments], Relation]


# --- queries ------------------------------------------------------------------------------------------------------


def _query_history(session: Session, arguments: Arguments) -> Relation:
    return _queries(session, arguments, lambda _: True)


def _by_session(session: Session, arguments: Arguments) -> Relation:
    wanted = arguments.text("SESSION_ID") or str(session.id)
    return _queries(session, arguments, lambda record: str(record.session) == wanted)


def _by_user(session: Session, arguments: Arguments) -> Relation:
    wanted = (arguments.text("USER_NAME") or session.context.user).upper()
    return _queries(session, arguments, lambda record: record.user.upper() == wanted)


def _by_warehouse(session: Session, arguments: Arguments) -> Relation:
    wanted = arguments.text("WAREHOUSE_NAME") or session.warehouse or ""
    return _queries(session, arguments, lambda record: (record.warehouse or "").upper() == wanted.upper())


def _queries(session: Session, arguments: Arguments, wanted: Callable[[QueryRecord], bool]) -> Relation:
    """Queries of the last 7 days, the latest first; the limit comes before any WHERE.

    Raises:
        SnowflakeError: the range reaches too far back, or the limit is not 1 to 10,000.
    """
    now = session.now()
    start, end = arguments.moment("END_TIME_RANGE_START"), arguments.moment("END_TIME_RANGE_END")
    if start is not None and start < now - QUERIES_KEPT - timedelta(minutes=1):
        raise SnowflakeError(
            "Cannot retrieve data from more than 7 days ago."
            " The argument END_TIME_RANGE_START must be within the last 7 days.",
            1008,
            "22023",
        )
    limit = arguments.limit(100)
    found = [
        record
        for record in reversed(session.account.queries.records())
        if wanted(record) and _ended_within(record, start or now - QUERIES_KEPT, end)
    ]
    return relation(columns.QUERY_HISTORY, ordered(columns.QUERY_HISTORY, [query(each) for each in found[:limit]]))


def _ended_within(record: QueryRecord, start: datetime, end: datetime | None) -> bool:
    """A query that still runs ends after every moment."""
    if record.finish is None:
        return end is None
    return start <= record.finish and (end is None or record.finish <= end)


def query(record: QueryRecord) -> Record:
    """A row of QUERY_HISTORY. Times are in milliseconds."""
    elapsed = int((record.finish - record.start).total_seconds() * 1000) if record.finish is not None else None
    nothing = dict.fromkeys(
        ("QUEUED_PROVISIONING_TIME", "QUEUED_REPAIR_TIME", "QUEUED_OVERLOAD_TIME", "LIST_EXTERNAL_FILE_TIME"), 0
    )
    return {
        **nothing,
        "QUERY_ID": record.query_id,
        "QUERY_TEXT": record.text,
        "DATABASE_NAME": record.database,
        "SCHEMA_NAME": record.schema,
        "QUERY_TYPE": record.type,
        "SESSION_ID": record.session,
        "USER_NAME": record.user,
        "ROLE_NAME": record.role,
        "WAREHOUSE_NAME": record.warehouse,
        "QUERY_TAG": record.tag,
        "EXECUTION_STATUS": record.status,
        "ERROR_CODE": None if record.error_code is None else f"{record.error_code:06d}",
        "ERROR_MESSAGE": record.error_message,
        "START_TIME": record.start,
        "END_TIME": record.finish,
        "TOTAL_ELAPSED_TIME": elapsed,
        "EXECUTION_TIME": elapsed,
        "ROWS_PRODUCED": record.rows,
        "IS_CLIENT_GENERATED_STATEMENT": False,
        "TRANSACTION_ID": record.transaction,
    }


# --- loads --------------------------------------------------------------------------------------------------------


def _copy_history(session: Session, arguments: Arguments) -> Relation:
    """Loads of one table within the last 14 days.

    Raises:
        SnowflakeError: an argument is missing, or there is no such table.
    """
    name = QualifiedName.parse(arguments.required("TABLE_NAME"))
    arguments.required("START_TIME")
    start = arguments.moment("START_TIME")
    assert start is not None
    table = session.require(Kind.TABLE, name)
    found = loads.copy_history(session, table, start, arguments.moment("END_TIME"))
    return relation(loads.COPY_HISTORY_COLUMNS, found)


# --- tasks --------------------------------------------------------------------------------------------------------


def _of_tasks(answer: Callable[[Session, history.Arguments], Answer]) -> Callable[[Session, Arguments], Relation]:
    def rows(session: Session, arguments: Arguments) -> Relation:
        return of_answer(answer(session, arguments.values))

    return rows


def _task_history(session: Session, arguments: Arguments) -> Relation:
    """Runs of tasks, or with ROOT_TASK_ID those of one graph."""
    root = arguments.text("ROOT_TASK_ID")
    if root is None:
        return of_answer(history.task_history(session, arguments.values))
    limit = arguments.limit(100)
    found = history.task_history(session, {**arguments.values, "RESULT_LIMIT": MOST_ROWS})
    place = [column.name for column in found.columns].index("ROOT_TASK_ID")
    rows = [row for row in found.rows if row[place] == root]
    return of_answer(replace(found, rows=rows[:limit]))


# --- results ------------------------------------------------------------------------------------------------------


def _result_scan(session: Session, arguments: Arguments) -> Relation:
    """The result of an earlier statement of this session.

    Raises:
        SnowflakeError: 000709, it is not kept; the result has two columns of one name.
    """
    wanted = arguments.text("QUERY_ID")
    found = session.results.get(wanted or "")
    if found is None:
        raise SnowflakeError(f"Statement {wanted} not found", 709, "02000")
    names = [column.name for column in found.columns]
    repeated = next((name for name in names if names.count(name) > 1), None)
    if repeated is not None:
        raise compilation(f"duplicate column name '{repeated}'", 2025, "42S21")
    return relation([(column.name, column.type) for column in found.columns], found.rows)


_RANGE = ("END_TIME_RANGE_START", "END_TIME_RANGE_END", "RESULT_LIMIT", "INCLUDE_CLIENT_GENERATED_STATEMENT")

FUNCTIONS: dict[str, TableFunction] = {
    "QUERY_HISTORY": TableFunction(_RANGE, _query_history),
    "QUERY_HISTORY_BY_SESSION": TableFunction(("SESSION_ID", *_RANGE), _by_session),
    "QUERY_HISTORY_BY_USER": TableFunction(("USER_NAME", *_RANGE), _by_user),
    "QUERY_HISTORY_BY_WAREHOUSE": TableFunction(("WAREHOUSE_NAME", *_RANGE), _by_warehouse),
    "COPY_HISTORY": TableFunction(("TABLE_NAME", "START_TIME", "END_TIME"), _copy_history),
    "TASK_HISTORY": TableFunction(
        (
            "SCHEDULED_TIME_RANGE_START",
            "SCHEDULED_TIME_RANGE_END",
            "RESULT_LIMIT",
            "TASK_NAME",
            "ERROR_ONLY",
            "ROOT_TASK_ID",
            "DATABASE_NAME",
            "SCHEMA_NAME",
        ),
        _task_history,
    ),
    "TASK_DEPENDENTS": TableFunction(("TASK_NAME", "RECURSIVE"), _of_tasks(history.task_dependents)),
    "CURRENT_TASK_GRAPHS": TableFunction(("RESULT_LIMIT", "ROOT_TASK_NAME"), _of_tasks(history.current_task_graphs)),
    "COMPLETE_TASK_GRAPHS": TableFunction(
        ("RESULT_LIMIT", "ROOT_TASK_NAME", "ERROR_ONLY"), _of_tasks(history.complete_task_graphs)
    ),
}
"""The table functions of INFORMATION_SCHEMA that the local account has."""

RESULT_SCAN = TableFunction(("QUERY_ID",), _result_scan)
