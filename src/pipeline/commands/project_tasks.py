"""The tasks of a project in the account, and the one that a user names."""

from difflib import get_close_matches

from pipeline.commands.workspace import Workspace
from pipeline.errors import PipelineError, UsageError
from pipeline.plan.graphs import Graphs
from pipeline.sql.names import QualifiedName
from pipeline.targets.session import Session
from pipeline.targets.tasks import read_tasks


class ProjectTasks:
    """The project's tasks in the account, as one command sees them."""

    def __init__(self, workspace: Workspace, session: Session) -> None:
        self.session = session
        self.database = workspace.database
        declared = set(workspace.declared.tasks)
        self.tasks = tuple(task for task in read_tasks(session, workspace.database) if task.name in declared)
        self.infos = {task.name: task for task in self.tasks}
        self.graphs = Graphs(task.live for task in self.tasks)
        self.missing = tuple(name for name in workspace.declared.tasks if name not in self.infos)

    def require(self) -> None:
        """Raises PipelineError when the project has no task in the account."""
        if not self.tasks:
            raise PipelineError(
                "The account has no task of this project.",
                hint="`pipeline deploy` creates them." if self.missing else "No script of the project creates a task.",
            )

    def find(self, written: str) -> QualifiedName:
        """The task that `written` names, in full or by its last parts. Raises UsageError with the nearest name."""
        wanted = QualifiedName.parse(written).parts
        found = [name for name in self.infos if name.parts[-len(wanted) :] == wanted]
        if len(found) == 1:
            return found[0]
        if found:
            raise UsageError(
                f"'{written}' names {len(found)} tasks.", hint=f"Write one in full: {', '.join(map(str, found))}."
            )
        near = get_close_matches(wanted[-1], [name.name for name in self.infos], n=1)
        known = ", ".join(str(name) for name in sorted(self.infos, key=str))
        raise UsageError(
            f"The project has no task '{written}' in the account.",
            hint=f"did you mean '{near[0]}'?" if near else f"its tasks are {known}" if known else None,
        )

    def roots(self, written: str | None) -> tuple[QualifiedName, ...]:
        """The roots of all graphs, or of the graph of the task named."""
        if written is None:
            return tuple(task.name for task in self.graphs.roots())
        return tuple(sorted(self.graphs.roots_of(self.find(written)), key=str))

    def is_root(self, name: QualifiedName) -> bool:
        """Whether the task is the root of its graph."""
        return self.graphs.roots_of(name) == {name}
