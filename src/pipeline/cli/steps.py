"""The steps of a plan in words."""

from typing import assert_never

from pipeline.cli.views.error import shown_path
from pipeline.plan.model import CompileQuery, ResumeTask, RunStatement, Standing, Step, SuspendTask

HEADLINE = 60
"""Characters of a statement that a line shows."""


def place_of(step: Step) -> str:
    """Where the step comes from: the template's line, or the task graphs."""
    match step:
        case RunStatement(statement=statement) | CompileQuery(statement=statement):
            return f"{shown_path(statement.at.path)}:{statement.at.line}"
        case SuspendTask() | ResumeTask():
            return "tasks"
        case _:
            assert_never(step)


def words_of(step: Step) -> str:
    """What the step does, on one line."""
    match step:
        case RunStatement(statement=statement):
            return _shortened(statement.headline)
        case CompileQuery(statement=statement):
            return (
                f"compile query {statement.query}" if statement.query else _shortened(f"compile {statement.headline}")
            )
        case SuspendTask(task=task, final=final):
            return f"suspend {task}" + (", to stay so" if final else "")
        case ResumeTask(task=task, standing=Standing.RESTORED):
            return f"resume {task}, as before"
        case ResumeTask(task=task, standing=Standing.NEW):
            return f"resume {task}, which is new"
        case ResumeTask():
            raise AssertionError("every standing has its words")
        case _:
            assert_never(step)


def _shortened(text: str) -> str:
    return text if len(text) <= HEADLINE else text[: HEADLINE - 1].rstrip() + "…"
