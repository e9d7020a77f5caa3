"""Pipes and alerts."""

from collections.abc import Callable

from pipeline.sql.grammar.model import Fragment, ObjectKind, Resume, Statement, Suspend
from pipeline.sql.grammar.options import OptionList, options
from pipeline.sql.grammar.parsing.common import (
    AlterHead,
    AlterParser,
    CreateHead,
    CreateParser,
    recorded,
    take_recorded,
    take_settings,
)
from pipeline.sql.grammar.parsing.copy import copy_into_table
from pipeline.sql.grammar.pipes import (
    AlertAction,
    AlterAlert,
    AlterPipe,
    CreateAlert,
    CreatePipe,
    ExecuteAlert,
    ModifyAction,
    ModifyCondition,
    RefreshPipe,
)
from pipeline.sql.grammar.reader import Reader

PIPE_PROPERTIES = frozenset({"AUTO_INGEST", "ERROR_INTEGRATION", "AWS_SNS_TOPIC", "INTEGRATION", "COMMENT"})
ALERT_PROPERTIES = frozenset(
    {"WAREHOUSE", "SCHEDULE", "COMMENT", "CONFIG", "RUNBOOK", "SUSPEND_ALERT_AFTER_NUM_FAILURES"}
)


def create_pipe(reader: Reader, head: CreateHead) -> CreatePipe:
    name = reader.name()
    found = OptionList("PIPE", PIPE_PROPERTIES)
    while found.take(reader) or take_recorded(reader) is not None:
        pass
    reader.expect("AS")
    start = reader.peek().start
    copy = copy_into_table(reader)
    reader.expect_end()
    return CreatePipe(name, head.mode, found.options, Fragment(reader.since(start), start), copy)


def alter_pipe(reader: Reader, head: AlterHead) -> AlterPipe:
    if reader.take("REFRESH"):
        found = options(reader, "PIPE", {"PREFIX", "MODIFIED_AFTER"})
        return AlterPipe(head.name, head.if_exists, RefreshPipe(found.text("PREFIX"), found.text("MODIFIED_AFTER")))
    return AlterPipe(head.name, head.if_exists, take_settings(reader) or recorded(reader))


def create_alert(reader: Reader, head: CreateHead) -> CreateAlert:
    name = reader.name()
    found, clauses = OptionList("ALERT", ALERT_PROPERTIES), list[str]()
    while not reader.take("IF"):
        if not found.take(reader):
            clause = take_recorded(reader)
            if clause is None:
                reader.fail()
            clauses.append(clause)
    reader.expect("(", "EXISTS")
    condition = reader.parenthesised()
    reader.expect(")", "THEN")
    return CreateAlert(name, head.mode, found.options, condition, reader.body(), tuple(clauses))


def alter_alert(reader: Reader, head: AlterHead) -> AlterAlert:
    return AlterAlert(head.name, head.if_exists, _alert_action(reader))


def _alert_action(reader: Reader) -> AlertAction:
    if reader.take("RESUME"):
        return Resume()
    if reader.take("SUSPEND"):
        return Suspend()
    if reader.take("MODIFY", "CONDITION", "EXISTS"):
        return ModifyCondition(reader.parenthesised())
    if reader.take("MODIFY", "ACTION"):
        return ModifyAction(reader.body())
    return take_settings(reader) or recorded(reader)


def execute_alert(reader: Reader) -> ExecuteAlert:
    reader.expect("EXECUTE", "ALERT")
    return ExecuteAlert(reader.name())


STATEMENTS: dict[tuple[str, ...], Callable[[Reader], Statement]] = {("EXECUTE", "ALERT"): execute_alert}
CREATES: dict[ObjectKind, CreateParser] = {ObjectKind.PIPE: create_pipe, ObjectKind.ALERT: create_alert}
ALTERS: dict[ObjectKind, AlterParser] = {ObjectKind.PIPE: alter_pipe, ObjectKind.ALERT: alter_alert}
