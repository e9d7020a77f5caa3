"""SYSTEM$ functions about tasks. Source: the functions' pages under docs.snowflake.com/en/sql-reference/functions."""

from collections.abc import Callable, Sequence

from pipeline.errors import SyntaxProblem
from pipeline.local.errors import SnowflakeError, compilation, does_not_exist, unsupported
from pipeline.local.objects import Kind
from pipeline.local.scheduler import local_advance
from pipeline.local.session import Session
from pipeline.local.tasks.context import graph_config, predecessor_return_value, runtime_info, set_return_value
from pipeline.local.tasks.graph import Task, is_root
from pipeline.local.tasks.statements import resume_all
from pipeline.sql.names import QualifiedName

SystemFunction = Callable[[Session, Sequence[object]], object]
"""Raises SnowflakeError."""


def find_task(session: Session, written: object) -> Task:
    """The task that a string argument names, as SQL text."""
    try:
        name = QualifiedName.parse(str(written))
    except SyntaxProblem:
        raise does_not_exist("Task", str(written)) from None
    return session.require(Kind.TASK, name)


def _dependents_enable(session: Session, arguments: Sequence[object]) -> object:
    with session.defining() as change:
        resume_all(session, change, find_task(session, arguments[0]))
    return "Statement executed successfully."


def _cancel(session: Session, arguments: Sequence[object]) -> object:
    task = find_task(session, arguments[0])
    if not is_root(task.spec):
        raise unsupported("SYSTEM$USER_TASK_CANCEL_ONGOING_EXECUTIONS of a child task")
    session.account.tasks.cancel(task.id)
    return f"Cancelled all ongoing executions of task {task.full_name}."


def _set_return_value(session: Session, arguments: Sequence[object]) -> object:
    return set_return_value(session, arguments[0])


def _predecessor_return_value(session: Session, arguments: Sequence[object]) -> object:
    return predecessor_return_value(session, str(arguments[0]) if arguments else None)


def _graph_config(session: Session, arguments: Sequence[object]) -> object:
    return graph_config(session, str(arguments[0]) if arguments else None)


def _runtime_info(session: Session, arguments: Sequence[object]) -> object:
    return runtime_info(session, str(arguments[0]))


def _current_task(session: Session, arguments: Sequence[object]) -> object:
    del arguments
    task = session.context.task
    return task.full_name if task is not None else None


def _advance(session: Session, arguments: Sequence[object]) -> object:
    if session.transaction is not None and session.transaction.writes:
        raise SnowflakeError("SYSTEM$LOCAL_ADVANCE cannot run within a transaction that has written.", 391903, "25001")
    if session.context.task is not None:
        raise SnowflakeError("SYSTEM$LOCAL_ADVANCE cannot run within a task.", 391903, "25001")
    return local_advance(session.account, str(arguments[0]))


def _taking(name: str, least: int, most: int, function: SystemFunction) -> SystemFunction:
    """The function, with its number of arguments checked first."""

    def checked(session: Session, arguments: Sequence[object]) -> object:
        if len(arguments) < least:
            raise compilation(f"not enough arguments for function [{name}], expected {least}", 938, "22023")
        if len(arguments) > most:
            raise compilation(
                f"too many arguments for function [{name}] expected {most}, got {len(arguments)}", 939, "22023"
            )
        return function(session, arguments)

    return checked


_ALL: tuple[tuple[str, int, int, SystemFunction], ...] = (
    ("SYSTEM$TASK_DEPENDENTS_ENABLE", 1, 1, _dependents_enable),
    ("SYSTEM$USER_TASK_CANCEL_ONGOING_EXECUTIONS", 1, 1, _cancel),
    ("SYSTEM$SET_RETURN_VALUE", 1, 1, _set_return_value),
    ("SYSTEM$GET_PREDECESSOR_RETURN_VALUE", 0, 1, _predecessor_return_value),
    ("SYSTEM$GET_TASK_GRAPH_CONFIG", 0, 1, _graph_config),
    ("SYSTEM$TASK_RUNTIME_INFO", 1, 1, _runtime_info),
    ("SYSTEM$CURRENT_USER_TASK_NAME", 0, 0, _current_task),
    ("SYSTEM$LOCAL_ADVANCE", 1, 1, _advance),
)
SYSTEM_FUNCTIONS: dict[str, SystemFunction] = {
    name: _taking(name, least, most, function) for name, least, most, function in _ALL
}
"""By name; called before the statement that holds the call, with the values of the arguments."""
