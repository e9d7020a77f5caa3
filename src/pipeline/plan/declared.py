"""What the project's statements say about tasks and streams, every name completed by the USE statements before it."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import Enum

from pipeline.plan.model import Statement
from pipeline.sql.names import QualifiedName


class Act(Enum):
    """What a statement does to a task."""

    CREATE = "create"
    """Without OR REPLACE or IF NOT EXISTS: the task must not exist."""
    CREATE_IF_NOT_EXISTS = "create if not exists"
    REPLACE = "replace"
    ALTER = "alter"
    """ALTER TASK and CREATE OR ALTER TASK: the state is kept."""
    SUSPEND = "suspend"
    RESUME = "resume"
    DROP = "drop"


@dataclass(frozen=True, slots=True)
class TaskChange:
    """One statement's doing to one task; `creates` says whether the task exists afterwards because of it.

    Of an ALTER, `predecessors` and `finalizes` are links that it adds, `unlinked` those that it cuts.
    """

    statement: Statement
    task: QualifiedName
    act: Act
    creates: bool = False
    predecessors: tuple[QualifiedName, ...] = ()
    finalizes: QualifiedName | None = None
    unlinked: tuple[QualifiedName, ...] = ()
    finalizes_no_more: bool = False


@dataclass(frozen=True, slots=True)
class Declarations:
    """The tasks and streams that the statements create or change, in their order."""

    task_changes: tuple[TaskChange, ...]
    streams: tuple[QualifiedName, ...]

    @property
    def tasks(self) -> tuple[QualifiedName, ...]:
        """The tasks that exist because of the statements, each once."""
        return tuple(dict.fromkeys(change.task for change in self.task_changes if change.creates))


def declarations(
    statements: Iterable[Statement], database: str | None = None, *, only: Collection[int] | None = None
) -> Declarations:
    """Read the statements in order; `database` is current before the first USE.

    With `only`, tasks and streams are read at these positions only: that takes time where there are many. What is wrong
    is a SyntaxProblem at the template's line.
    """
    if only is not None and not only:
        return Declarations((), ())
    # The grammar takes longer to import than a plan with nothing to do needs for all the rest
    from pipeline.plan.declaring import read_declarations

    return read_declarations(statements, database, only)
