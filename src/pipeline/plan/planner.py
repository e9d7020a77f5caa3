"""From statements and the account's tasks to a plan. Pure: it reads nothing and changes nothing.

Task graphs: a started graph refuses every change with 091421 until its root is suspended
(docs.snowflake.com/en/sql-reference/sql/alter-task). So the root is suspended before the first statement that touches
its graph, and after the last one all is brought back: children and finalizer first, the root last, because resuming a
child below a started root is refused too (docs.snowflake.com/en/user-guide/tasks-graphs).
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from pipeline.plan.declared import Act, Declarations, TaskChange, declarations
from pipeline.plan.graphs import Graphs, LiveTask
from pipeline.plan.model import (
    AfterDeploy,
    CompileQuery,
    Plan,
    ResumeTask,
    RunStatement,
    Standing,
    Statement,
    Step,
    SuspendTask,
)
from pipeline.sql.names import QualifiedName


def make_plan(
    statements: Sequence[Statement],
    live: Iterable[LiveTask],
    after_deploy: AfterDeploy,
    database: str | None = None,
    *,
    pending: Collection[int] | None = None,
    standing: Iterable[QualifiedName] = (),
    unfinished: Mapping[QualifiedName, Standing] | None = None,
) -> Plan:
    """The statements in order, with the suspending and resuming of the task graphs that they touch in between.

    `live` are the account's tasks before the deploy, `database` is current before the first USE, `pending` are the
    positions of the statements that run (None: all), `standing` are tasks whose statements do not run because they are
    as the account has them. `unfinished` are tasks that a deploy which was broken off would
    have resumed at its end: this one does it.
    """
    unfinished = unfinished or {}
    before = Graphs(_as_before(live, unfinished))
    declared = declarations(statements, database, only=pending)
    statements = [each for each in statements if pending is None or each.position in pending]
    changes = [change for change in declared.task_changes if not _is_no_op(change, before)]
    of_project = tuple(dict.fromkeys([*standing, *declared.tasks]))
    suspensions = _suspensions(changes, before)
    after = _graphs_after(declared, before)
    resumed = _resumed(changes, before, after, after_deploy, unfinished)
    last_change = max((change.statement.position for change in changes), default=None)
    kept_down = _kept_down(of_project, before, suspensions.values(), after_deploy)

    steps: list[Step] = []
    for statement in statements:
        steps.extend(SuspendTask(root) for root in _sorted(suspensions.get(statement.position, ())))
        steps.append(_step(statement, declared))
        if statement.position == last_change:
            steps.extend(_final(kept_down, resumed))
    if last_change is None:
        steps.extend(_final(kept_down, resumed))
    return Plan(tuple(steps), _notices(of_project, before, after, after_deploy))


def _as_before(live: Iterable[LiveTask], unfinished: Mapping[QualifiedName, Standing]) -> tuple[LiveTask, ...]:
    """The tasks as they were before a deploy was broken off."""
    return tuple(
        replace(task, started=True) if unfinished.get(task.name) is Standing.RESTORED else task for task in live
    )


def _final(kept_down: Iterable[QualifiedName], resumed: Iterable[ResumeTask]) -> tuple[Step, ...]:
    """The last steps: what is to stay suspended, then what is resumed, roots last."""
    return (*(SuspendTask(root, final=True) for root in kept_down), *resumed)


def restoration(plan: Plan, performed: Sequence[Step], failed: Step | None) -> tuple[ResumeTask, ...]:
    """The steps that bring back the graphs that a stopped deploy had suspended.

    `performed` are the steps that were done, `failed` the one that was not, if any. Tasks go back to the state before
    the deploy, except the one whose own definition failed; new tasks are left suspended.
    """
    done = set(performed)
    if not any(isinstance(step, SuspendTask) and not step.final for step in done):
        return ()
    spoilt = failed.defines if isinstance(failed, RunStatement) else None
    return tuple(
        step
        for step in plan.steps
        if isinstance(step, ResumeTask)
        and step.standing is Standing.RESTORED
        and step not in done
        and step.task != spoilt
    )


def _step(statement: Statement, declared: Declarations) -> Step:
    if statement.compile_only:
        return CompileQuery(statement)
    tasks = (change.task for change in declared.task_changes if change.statement is statement)
    return RunStatement(statement, next(tasks, None))


def _is_no_op(change: TaskChange, before: Graphs) -> bool:
    """CREATE … IF NOT EXISTS of an existing task changes nothing and is allowed on a started graph."""
    return change.act is Act.CREATE_IF_NOT_EXISTS and change.task in before.tasks


def _suspensions(changes: Iterable[TaskChange], before: Graphs) -> dict[int, set[QualifiedName]]:
    """Started roots, by the position of the first statement that touches their graph."""
    found: dict[int, set[QualifiedName]] = {}
    seen: set[QualifiedName] = set()
    for change in changes:
        if change.act is Act.RESUME and change.task in before.roots_of(change.task):
            continue
        for name in (change.task, *_parents(change)):
            for root in before.roots_of(name) - seen:
                if before.tasks[root].started:
                    found.setdefault(change.statement.position, set()).add(root)
                    seen.add(root)
    return found


def _parents(change: TaskChange) -> tuple[QualifiedName, ...]:
    return change.predecessors if change.finalizes is None else (*change.predecessors, change.finalizes)


def _graphs_after(declared: Declarations, before: Graphs) -> Graphs:
    """The graphs as they will be: the live tasks with what the statements say of them."""
    tasks = dict(before.tasks)
    for change in declared.task_changes:
        if change.act is Act.DROP:
            tasks.pop(change.task, None)
        elif change.creates and not _is_no_op(change, before):
            known = before.tasks.get(change.task)
            tasks[change.task] = LiveTask(
                change.task,
                started=known is not None and known.started,
                predecessors=change.predecessors,
                finalizes=change.finalizes,
                ever_ran=known is not None and known.ever_ran,
            )
        elif change.act is Act.ALTER and not change.creates and change.task in tasks:
            tasks[change.task] = _relinked(tasks[change.task], change)
    return Graphs(tasks.values())


def _relinked(task: LiveTask, change: TaskChange) -> LiveTask:
    """A task after ALTER TASK … ADD AFTER, REMOVE AFTER, SET or UNSET FINALIZE."""
    kept = [parent for parent in task.predecessors if parent not in change.unlinked]
    finalizes = None if change.finalizes_no_more else change.finalizes or task.finalizes
    return replace(task, predecessors=tuple(dict.fromkeys([*kept, *change.predecessors])), finalizes=finalizes)


def _resumed(
    changes: Sequence[TaskChange],
    before: Graphs,
    after: Graphs,
    after_deploy: AfterDeploy,
    unfinished: Mapping[QualifiedName, Standing],
) -> tuple[ResumeTask, ...]:
    """The tasks to resume after the last change, in the order that Snowflake wants."""
    if after_deploy is AfterDeploy.SUSPEND:
        return ()
    wanted = {name: standing for name, standing in unfinished.items() if name in after.tasks}
    for root in _touched_roots(changes, before):
        for task in before.members(root):
            if task.started and task.name in after.tasks:
                wanted[task.name] = Standing.RESTORED
    if after_deploy is AfterDeploy.RESUME:
        for change in changes:
            if change.creates and change.task in after.tasks and _is_new(change.task, before):
                wanted[change.task] = Standing.NEW
    for name in _suspended_by_script(changes):
        wanted.pop(name, None)
    return tuple(ResumeTask(name, wanted[name]) for name in after.resume_order(wanted))


def _touched_roots(changes: Iterable[TaskChange], before: Graphs) -> frozenset[QualifiedName]:
    names = {name for change in changes for name in (change.task, *_parents(change))}
    return frozenset(root for name in names for root in before.roots_of(name))


def _is_new(name: QualifiedName, before: Graphs) -> bool:
    """Whether the task is not there yet, or a deploy that was broken off left it in a graph that never ran."""
    known = before.tasks.get(name)
    if known is None:
        return True
    roots = [before.tasks[root] for root in before.roots_of(name)]
    return not known.started and not any(root.started or root.ever_ran for root in roots)


def _suspended_by_script(changes: Iterable[TaskChange]) -> frozenset[QualifiedName]:
    """Tasks whose last word in the scripts is ALTER TASK … SUSPEND, after their definition: that is what is wanted."""
    last: dict[QualifiedName, Act] = {}
    for change in changes:
        last[change.task] = change.act
    return frozenset(name for name, act in last.items() if act is Act.SUSPEND)


def _kept_down(
    of_project: Iterable[QualifiedName],
    before: Graphs,
    suspended: Iterable[set[QualifiedName]],
    after_deploy: AfterDeploy,
) -> tuple[QualifiedName, ...]:
    """With `after_deploy: suspend`, the started roots of the project that no statement made us suspend already."""
    if after_deploy is not AfterDeploy.SUSPEND:
        return ()
    already = {root for roots in suspended for root in roots}
    roots = {root for name in of_project for root in before.roots_of(name)}
    return _sorted(root for root in roots - already if before.tasks[root].started)


def _notices(
    of_project: Iterable[QualifiedName], before: Graphs, after: Graphs, after_deploy: AfterDeploy
) -> tuple[str, ...]:
    """Words about tasks that nobody would expect to be suspended: new ones below a started root."""
    if after_deploy is not AfterDeploy.KEEP:
        return ()
    lonely = [
        name
        for name in of_project
        if _is_new(name, before)
        and any(root in before.tasks and before.tasks[root].started for root in after.roots_of(name))
    ]
    return tuple(
        f"The new task {name} stays suspended in a graph that runs (tasks.after_deploy is keep). "
        f"`pipeline tasks resume {name}` starts it."
        for name in lonely
    )


def _sorted(names: Iterable[QualifiedName]) -> tuple[QualifiedName, ...]:
    return tuple(sorted(names, key=str))
