"""Task graphs: list them, resume and suspend them, run them to their end, read what they did."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from pipeline.commands.project_tasks import ProjectTasks
from pipeline.commands.runs import GraphRun, Listener, TaskNotice, run_failed, run_graph
from pipeline.commands.workspace import Request, open_workspace
from pipeline.errors import UsageError
from pipeline.plan.graphs import Graphs, LiveTask
from pipeline.sql.names import QualifiedName
from pipeline.targets.runs import RunState, TaskRun, read_runs
from pipeline.targets.session import Session
from pipeline.targets.tasks import TaskInfo


@dataclass(frozen=True, slots=True)
class TaskRow:
    """A task of the project. `last` is its latest run, None if it never ran within the account's memory (7 days)."""

    task: TaskInfo
    root: QualifiedName
    depth: int
    last: TaskRun | None


@dataclass(frozen=True, slots=True)
class Changed:
    """A task and the state in which it was left."""

    task: QualifiedName
    started: bool


def list_tasks(request: Request, say: Callable[[str], None]) -> tuple[TaskRow, ...]:
    """The project's tasks, graph by graph, the root first."""
    workspace = open_workspace(request)
    with workspace.connect(request, say) as session:
        project = ProjectTasks(workspace, session)
        last: dict[QualifiedName, TaskRun] = {}
        for run in read_runs(session, project.database) if project.tasks else ():
            if run.state is not RunState.SCHEDULED:
                last.setdefault(run.task, run)
        rows = []
        for root in project.graphs.roots():
            for member in _as_tree(project.graphs, root.name):
                depth = project.graphs.depth(member)
                rows.append(TaskRow(project.infos[member], root.name, depth, last.get(member)))
        return tuple(rows)


def _as_tree(graphs: Graphs, root: QualifiedName) -> Iterator[QualifiedName]:
    """A task, then what hangs on it; the finalizer last. A task of several parents stands below the deepest."""
    members = graphs.members(root)

    def below(name: QualifiedName) -> Iterator[QualifiedName]:
        yield name
        children = [task for task in members if task.name != root and _shown_below(graphs, task) == name]
        for child in sorted(children, key=lambda task: (task.finalizes is not None, str(task.name))):
            yield from below(child.name)

    yield from below(root)


def _shown_below(graphs: Graphs, task: LiveTask) -> QualifiedName:
    return max(
        (parent for parent in task.parents if parent in graphs.tasks),
        key=lambda parent: (graphs.depth(parent), str(parent)),
    )


def resume(request: Request, name: str | None, say: Callable[[str], None]) -> tuple[Changed, ...]:
    """Resume all graphs, or the graph or single child named: children and finalizer first, the root last."""
    workspace = open_workspace(request)
    with workspace.connect(request, say) as session:
        project = ProjectTasks(workspace, session)
        project.require()
        if name is not None and not project.is_root(found := project.find(name)):
            return tuple(_change_child(project, found, started=True))
        changed: list[Changed] = []
        for root in project.roots(name):
            changed.extend(resume_graph(project, root))
        return tuple(changed)


def suspend(request: Request, name: str | None, say: Callable[[str], None]) -> tuple[Changed, ...]:
    """Suspend the roots of all graphs, or the task named."""
    workspace = open_workspace(request)
    with workspace.connect(request, say) as session:
        project = ProjectTasks(workspace, session)
        project.require()
        if name is not None and not project.is_root(found := project.find(name)):
            return tuple(_change_child(project, found, started=False))
        return tuple(_set(session, root, started=False) for root in project.roots(name))


def run(
    request: Request, name: str | None, *, wait: bool, timeout: float = 3600.0, listen: Listener
) -> tuple[GraphRun, ...]:
    """Execute all graphs, or the one of the root named; with `wait` follow each to its end and raise if it failed."""
    workspace = open_workspace(request)
    with workspace.connect(request, lambda text: listen(TaskNotice(text))) as session:
        session.tag("pipeline tasks run")
        project = ProjectTasks(workspace, session)
        project.require()
        roots = project.roots(None) if name is None else (root_named(project, name),)
        runs = tuple(run_graph(project, root, wait=wait, timeout=timeout, listen=listen) for root in roots)
    failed = [failure for graph in runs for failure in graph.failed]
    if failed:
        raise run_failed(failed)
    return runs


def history(request: Request, name: str | None, *, limit: int = 50, say: Callable[[str], None]) -> tuple[TaskRun, ...]:
    """The latest runs of the project's tasks, or of the one named, the latest first."""
    workspace = open_workspace(request)
    with workspace.connect(request, say) as session:
        project = ProjectTasks(workspace, session)
        project.require()
        task = None if name is None else project.find(name)
        runs = read_runs(session, project.database, task=task)
        wanted = set(project.infos) if task is None else {task}
        mine = [run for run in runs if run.task in wanted and run.state is not RunState.SCHEDULED]
        hide = workspace.secrets.hide
        return tuple(replace(run, error=None if run.error is None else hide(run.error)) for run in mine[:limit])


def root_named(project: ProjectTasks, name: str) -> QualifiedName:
    found = project.find(name)
    if project.is_root(found):
        return found
    roots = ", ".join(str(root) for root in sorted(project.graphs.roots_of(found), key=str))
    raise UsageError(
        f"Task {found} is not the root of its graph.",
        hint=f"Only a whole graph can be run: `pipeline tasks run {roots}`.",
    )


def resume_graph(project: ProjectTasks, root: QualifiedName) -> Iterable[Changed]:
    """A child cannot be resumed while its root is started (091421), so the root goes down first if a child needs it."""
    members = project.graphs.members(root)
    below = [task for task in members if task.name != root and not task.started]
    if below and project.infos[root].live.started:
        _set(project.session, root, started=False)
    for task in below:
        yield _set(project.session, task.name, started=True)
    if below or not project.infos[root].live.started:
        yield _set(project.session, root, started=True)


def _change_child(project: ProjectTasks, name: QualifiedName, *, started: bool) -> Iterable[Changed]:
    """Change one child; a started root is suspended for it, and brought back whatever happens."""
    roots = [root for root in project.graphs.roots_of(name) if project.infos[root].live.started]
    for root in roots:
        _set(project.session, root, started=False)
    try:
        yield _set(project.session, name, started=started)
    finally:
        for root in roots:
            _set(project.session, root, started=True)


def _set(session: Session, name: QualifiedName, *, started: bool) -> Changed:
    session.run(f"ALTER TASK {name} {'RESUME' if started else 'SUSPEND'}")
    return Changed(name, started)
