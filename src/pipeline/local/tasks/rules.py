"""What a graph of tasks may be, refused in the account's words.

Source: docs.snowflake.com/en/user-guide/tasks-graphs and …/sql-reference/sql/create-task; texts as recorded from live
accounts. The limits' texts are this account's own.
"""

from pipeline.local.errors import SnowflakeError
from pipeline.local.objects import CatalogObject, TaskSpec
from pipeline.local.schedule import refused
from pipeline.local.tasks.graph import Graph, Task, is_root, predecessor_names
from pipeline.sql.names import QualifiedName

MOST_PREDECESSORS = 100
MOST_CHILDREN = 100
MOST_TASKS = 1000


def check_suspended(graph: Graph, *names: str) -> None:
    """The roots of these tasks are suspended.

    Raises:
        SnowflakeError: 091421, one of them is started.
    """
    for name in names:
        for root in graph.roots(name):
            if graph.tasks[root].spec.started:
                raise SnowflakeError(
                    f"Unable to update graph with root task {graph.tasks[root].full_name} "
                    "since that root task is not suspended.",
                    91421,
                    "22000",
                )


def check_predecessors(name: str, found: list[tuple[QualifiedName, Task | None]], graph: Graph, home: Task) -> None:
    """The tasks named in AFTER may precede `home`, the task as it will be; `name` is its own, within its schema."""
    for written, task in found:
        if task is None:
            raise refused(f"Invalid predecessor {written} was specified.")
    for _, task in found:
        assert task is not None
        if (task.database, task.schema) != (home.database, home.schema):
            raise refused(f"Cannot have predecessor {task.name} from a different schema.")
        if task.name == name:
            raise refused(f"Task {name} cannot use itself as its predecessor.")
        if task.spec.finalizes is not None:
            raise refused(f"Task {task.full_name} cannot have children as a finalizer task.")
        if task.name in graph.descendants(name):
            raise refused(f"Predecessor {task.name} of task {name} would make the graph a circle.")


def check_finalized(task: Task, written: QualifiedName, target: Task | None) -> None:
    """The task named in FINALIZE may be finalized by `task`."""
    if target is None:
        raise refused(f"Invalid finalized root task {written} was specified.")
    if (target.database, target.schema) != (task.database, task.schema):
        raise refused(f"Cannot finalize graph {written} in a different schema.")
    if not (is_root(target.spec) or target.name == task.name) or target.spec.predecessors:
        raise refused(f"Task {task.full_name} cannot finalize a non-root task {target.full_name}.")
    if target.name == task.name:
        raise refused(f"Task {task.name} cannot finalize itself.")


def check_place(task: Task, graph: Graph) -> None:
    """The task, as it will be, fits where it stands; `graph` does not hold it, or holds what it replaces."""
    spec = task.spec
    if spec.finalizes is not None:
        _check_finalizer(task, graph)
    elif spec.predecessors and spec.schedule is not None:
        raise refused(f"Task {task.name} cannot have both a schedule and a predecessor.")
    if not is_root(spec):
        _check_no_root_settings(task)
    if spec.finalizes is not None:
        holder = graph.finalizer(spec.finalizes[2])
        if holder not in (None, task.name):
            raise refused(f"Finalize target {spec.finalizes[2]} already have finalizer.")
    _check_limits(task, graph)


def _check_finalizer(task: Task, graph: Graph) -> None:
    if task.spec.schedule is not None:
        raise refused(f"Task {task.name} cannot have a schedule and be a finalizer task.")
    if task.spec.predecessors:
        raise refused(f"Task {task.full_name} cannot have predecessors as a finalizer task.")
    if graph.children(task.name):
        raise refused(f"Task {task.full_name} cannot have children as a finalizer task.")


def _check_no_root_settings(task: Task) -> None:
    if task.spec.config is not None:
        raise refused(f"Task {task.full_name} cannot both be a non-root task and have a config.")
    if task.spec.overlap_policy != "NO_OVERLAP":
        raise refused(f"Cannot set allow_overlapping_execution on non-root task {task.full_name}.")
    if "TASK_AUTO_RETRY_ATTEMPTS" in task.spec.parameters:
        raise refused(
            f"Cannot set parameter TASK_AUTO_RETRY_ATTEMPTS on non-root task {task.name}. Non-root tasks use the "
            "parameter setting from their root task. Please set this on the root task for this task instead."
        )


def _check_limits(task: Task, graph: Graph) -> None:
    after = graph.with_task(task)
    if len(task.spec.predecessors) > MOST_PREDECESSORS:
        raise refused(f"Task {task.name} cannot have more than {MOST_PREDECESSORS} predecessors.")
    for name in predecessor_names(task.spec):
        if len(after.children(name)) > MOST_CHILDREN:
            raise refused(f"Task {name} cannot have more than {MOST_CHILDREN} children.")
    if task.spec.predecessors:
        for root in after.roots(task.name):
            if len(after.members(root)) > MOST_TASKS:
                raise refused(f"The graph with root task {root} cannot have more than {MOST_TASKS} tasks.")


def check_replaced(old: Task, new: CatalogObject[TaskSpec], graph: Graph) -> None:
    """OR REPLACE may put `new` in the place of `old`."""
    if not is_root(new.spec) and graph.finalizer(old.name) is not None:
        raise refused(
            f"Cannot replace task {old.full_name} with a non-root task because it has a finalizer task. "
            "Please remove the finalizer task first."
        )
