"""Effects of what holds code that runs later: tasks, pipes, alerts, procedures and functions."""

from dataclasses import replace

from pipeline.sql.effects.loads import copy_into_table
from pipeline.sql.effects.model import Effects, StatementKind, Target, targets, union
from pipeline.sql.effects.objects import altered
from pipeline.sql.effects.queries import query_effects
from pipeline.sql.effects.registry import DDL, Reading, Rule, created, option_target, reading
from pipeline.sql.grammar.model import ObjectKind, SetOptions, Statement
from pipeline.sql.grammar.pipes import (
    AlterAlert,
    AlterPipe,
    CreateAlert,
    CreatePipe,
    ExecuteAlert,
    ModifyAction,
    ModifyCondition,
)
from pipeline.sql.grammar.reader import Reader
from pipeline.sql.grammar.routines import AlterRoutine, CreateRoutine, Language
from pipeline.sql.grammar.tasks import (
    AddAfter,
    AlterTask,
    CloneTask,
    CreateTask,
    ExecuteTask,
    ModifyAs,
    ModifyWhen,
    RemoveAfter,
)


def _condition(text: str) -> Effects:
    """The streams that a WHEN asks about."""
    return query_effects(f"SELECT {text}").as_body()


def _task(statement: CreateTask, at: Reading) -> Effects:
    parts = [
        created(ObjectKind.TASK, statement.name, statement.mode),
        option_target(statement.options, "WAREHOUSE", ObjectKind.WAREHOUSE),
        option_target(statement.options, "FINALIZE", ObjectKind.TASK),
        Effects(DDL, reads=targets(ObjectKind.TASK, *statement.after)),
        at.code(statement.body.text).as_body(),
    ]
    if statement.when is not None:
        parts.append(_condition(statement.when.text))
    return union(parts, DDL)


def _clone_task(statement: CloneTask, _: Reading) -> Effects:
    made = created(ObjectKind.TASK, statement.name, statement.mode)
    return made.joined(reading(Target(ObjectKind.TASK, statement.source)))


def _alter_task(statement: AlterTask, at: Reading) -> Effects:
    found = altered(ObjectKind.TASK, statement)
    match statement.action:
        case AddAfter(predecessors) | RemoveAfter(predecessors):
            return found.joined(Effects(DDL, reads=targets(ObjectKind.TASK, *predecessors)))
        case ModifyAs(body):
            return found.joined(at.code(body.text).as_body())
        case ModifyWhen(condition):
            return found.joined(_condition(condition.text))
        case SetOptions(options):
            finalized = option_target(options, "FINALIZE", ObjectKind.TASK)
            return found.joined(finalized).joined(option_target(options, "WAREHOUSE", ObjectKind.WAREHOUSE))
        case _:
            return found


def _execute_task(statement: ExecuteTask, _: Reading) -> Effects:
    return Effects(StatementKind.CALL, reads=targets(ObjectKind.TASK, statement.name), unknown=True)


def _pipe(statement: CreatePipe, at: Reading) -> Effects:
    """A pipe binds its stage and table when it is made, and loads at once."""
    made = created(ObjectKind.PIPE, statement.name, statement.mode)
    copied = copy_into_table(statement.copy, at)
    return union([made, reading(*copied.reads, *copied.writes), copied.as_body()], DDL)


def _alter_pipe(statement: AlterPipe, _: Reading) -> Effects:
    return altered(ObjectKind.PIPE, statement)


def _alert(statement: CreateAlert, at: Reading) -> Effects:
    return union(
        [
            created(ObjectKind.ALERT, statement.name, statement.mode),
            option_target(statement.options, "WAREHOUSE", ObjectKind.WAREHOUSE),
            at.code(statement.condition.text).as_body(),
            at.code(statement.action.text).as_body(),
        ],
        DDL,
    )


def _alter_alert(statement: AlterAlert, at: Reading) -> Effects:
    found = altered(ObjectKind.ALERT, statement)
    match statement.action:
        case ModifyCondition(text) | ModifyAction(text):
            return found.joined(at.code(text.text).as_body())
        case _:
            return found


def _execute_alert(statement: ExecuteAlert, _: Reading) -> Effects:
    return Effects(StatementKind.CALL, reads=targets(ObjectKind.ALERT, statement.name), unknown=True)


def _routine(statement: CreateRoutine, at: Reading) -> Effects:
    made = replace(created(statement.kind, statement.name, statement.mode), signature=_signature(statement))
    if statement.language is not Language.SQL or statement.body is None:
        return made.joined(Effects(DDL, runs_unknown=True))
    text = statement.body.text
    if statement.kind is ObjectKind.FUNCTION and Reader(text).word not in ("BEGIN", "DECLARE"):
        query = text if Reader(text).word in ("SELECT", "WITH") else f"SELECT ({text})"
        return made.joined(query_effects(query))  # a function's body is compiled when it is made
    return made.joined(at.code(text).as_body())


def _signature(statement: CreateRoutine) -> str:
    """Routines of one name are told apart by their arguments' types, without lengths and digits.

    docs.snowflake.com/en/developer-guide/udf-stored-procedure-naming-conventions
    """
    types = ("TABLE" if each.type is None else each.type.kind.value for each in statement.arguments)
    return f"({', '.join(types)})"


def _alter_routine(statement: AlterRoutine, _: Reading) -> Effects:
    return altered(statement.kind, statement)


RULES: dict[type[Statement], Rule] = {
    CreateTask: _task,
    CloneTask: _clone_task,
    AlterTask: _alter_task,
    ExecuteTask: _execute_task,
    CreatePipe: _pipe,
    AlterPipe: _alter_pipe,
    CreateAlert: _alert,
    AlterAlert: _alter_alert,
    ExecuteAlert: _execute_alert,
    CreateRoutine: _routine,
    AlterRoutine: _alter_routine,
}
