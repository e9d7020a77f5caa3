"""Which handler each statement about tasks has."""

from collections.abc import Callable
from typing import Any

from pipeline.local.answers import Answer
from pipeline.local.session import Session
from pipeline.local.tasks.execute import execute_task
from pipeline.local.tasks.statements import alter_task, clone_task, create_task
from pipeline.sql.grammar.model import Statement
from pipeline.sql.grammar.tasks import AlterTask, CloneTask, CreateTask, ExecuteTask

HANDLERS: dict[type[Statement], Callable[[Session, Any], Answer]] = {
    CreateTask: create_task,
    CloneTask: clone_task,
    AlterTask: alter_task,
    ExecuteTask: execute_task,
}
