"""Tasks. Source: docs.snowflake.com/en/sql-reference/sql/create-task, alter-task, execute-task."""

from collections.abc import Callable

from pipeline.sql.grammar.model import ObjectKind, Resume, SetOptions, Statement, Suspend
from pipeline.sql.grammar.options import OptionList, at_option, options
from pipeline.sql.grammar.parameters import SESSION_PARAMETERS
from pipeline.sql.grammar.parsing.common import (
    AlterHead,
    AlterParser,
    CreateHead,
    CreateParser,
    recorded,
    take_recorded,
    take_settings,
)
from pipeline.sql.grammar.reader import Reader
from pipeline.sql.grammar.tasks import (
    AddAfter,
    AlterTask,
    CloneTask,
    CreateTask,
    ExecuteMode,
    ExecuteTask,
    ModifyAs,
    ModifyWhen,
    RemoveAfter,
    RemoveWhen,
    TaskAction,
)

TASK_PROPERTIES = frozenset(
    {
        "ALLOW_OVERLAPPING_EXECUTION",
        "COMMENT",
        "CONFIG",
        "ERROR_INTEGRATION",
        "FINALIZE",
        "LOG_LEVEL",
        "OVERLAP_POLICY",
        "SCHEDULE",
        "SCHEDULING_MODE",
        "SERVERLESS_TASK_MAX_STATEMENT_SIZE",
        "SERVERLESS_TASK_MIN_STATEMENT_SIZE",
        "SUCCESS_INTEGRATION",
        "SUSPEND_TASK_AFTER_NUM_FAILURES",
        "TARGET_COMPLETION_INTERVAL",
        "TASK_AUTO_RETRY_ATTEMPTS",
        "USER_TASK_MANAGED_INITIAL_WAREHOUSE_SIZE",
        "USER_TASK_MINIMUM_TRIGGER_INTERVAL_IN_SECONDS",
        "USER_TASK_TIMEOUT_MS",
        "WAREHOUSE",
    }
)
_KNOWN = TASK_PROPERTIES | SESSION_PARAMETERS


def create_task(reader: Reader, head: CreateHead) -> CreateTask | CloneTask:
    name = reader.name()
    if reader.take("CLONE"):
        source = reader.name()
        reader.take("COPY", "GRANTS")
        return CloneTask(name, head.mode, source)
    found, clauses = OptionList("TASK", _KNOWN), list[str]()
    while found.take(reader) or _take_clause(reader, clauses):
        reader.take(",")
    after = reader.names() if reader.take("AFTER") else ()
    execute_as = reader.identifier() if reader.take("EXECUTE", "AS", "USER") else None
    when = reader.fragment(lambda at: at.at("AS")) if reader.take("WHEN") else None
    reader.expect("AS")
    return CreateTask(name, head.mode, found.options, reader.body(), after, when, execute_as, tuple(clauses))


def _take_clause(reader: Reader, clauses: list[str]) -> bool:
    clause = take_recorded(reader)
    if clause is not None:
        clauses.append(clause)
    return clause is not None


def alter_task(reader: Reader, head: AlterHead) -> AlterTask:
    return AlterTask(head.name, head.if_exists, _action(reader))


def _action(reader: Reader) -> TaskAction:
    if reader.take("RESUME"):
        return Resume()
    if reader.take("SUSPEND"):
        return Suspend()
    if reader.take("ADD", "AFTER"):
        return AddAfter(reader.names())
    if reader.take("REMOVE", "AFTER"):
        return RemoveAfter(reader.names())
    if reader.take("MODIFY", "AS"):
        return ModifyAs(reader.body())
    if reader.take("MODIFY", "WHEN"):
        return ModifyWhen(reader.rest())
    if reader.take("REMOVE", "WHEN"):
        return RemoveWhen()
    if reader.at("SET") and at_option(reader, 1):
        reader.expect("SET")
        return SetOptions(options(reader, "TASK", _KNOWN))
    if reader.at("UNSET", "DCM", "PROJECT"):
        return recorded(reader)
    return take_settings(reader) or reader.fail()


def execute_task(reader: Reader) -> ExecuteTask:
    reader.expect("EXECUTE", "TASK")
    name = reader.name()
    if reader.take("RETRY", "LAST"):
        return ExecuteTask(name, ExecuteMode.RETRY_LAST)
    if reader.take("RETRY", "GRAPH", "RUN", "GROUP"):
        return ExecuteTask(name, ExecuteMode.RETRY_GROUP, group_id=reader.string())
    config = None
    if reader.take("USING", "CONFIG"):
        reader.expect("=")
        config = reader.string()
    return ExecuteTask(name, config=config)


STATEMENTS: dict[tuple[str, ...], Callable[[Reader], Statement]] = {("EXECUTE", "TASK"): execute_task}
CREATES: dict[ObjectKind, CreateParser] = {ObjectKind.TASK: create_task}
ALTERS: dict[ObjectKind, AlterParser] = {ObjectKind.TASK: alter_task}
