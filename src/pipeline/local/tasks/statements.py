"""CREATE, ALTER and DROP of tasks: docs.snowflake.com/en/sql-reference/sql/create-task, alter-task, drop-task."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import assert_never

from pipeline.local.answers import Answer, done, status
from pipeline.local.catalog import Change
from pipeline.local.errors import already_exists
from pipeline.local.objects import CatalogObject, Kind, TaskSpec
from pipeline.local.protocol import StatementType
from pipeline.local.schedule import refused
from pipeline.local.session import FullName, Session
from pipeline.local.syntax import check_body
from pipeline.local.tasks import properties, rules
from pipeline.local.tasks.conditions import check_condition, reads_streams
from pipeline.local.tasks.graph import Graph, Task, is_root
from pipeline.sql.grammar.model import (
    CreateMode,
    Options,
    RecordedAction,
    Resume,
    SetOptions,
    Suspend,
    UnsetOptions,
    ValueKind,
)
from pipeline.sql.grammar.tasks import (
    AddAfter,
    AlterTask,
    CloneTask,
    CreateTask,
    ModifyAs,
    ModifyWhen,
    RemoveAfter,
    RemoveWhen,
)
from pipeline.sql.names import QualifiedName

USER_SUSPENDED = "USER_SUSPENDED"
SUSPENDED_DUE_TO_ERRORS = "SUSPENDED_DUE_TO_ERRORS"
CHILD_BECAME_ROOT = "CHILD_BECAME_ROOT"


# --- CREATE -----------------------------------------------------------------------------------------------------


def create_task(session: Session, statement: CreateTask) -> Answer:
    """CREATE [OR REPLACE | OR ALTER] TASK [IF NOT EXISTS]."""
    properties.check_statement(statement.options)
    _check_warehouse(session, statement.options)
    check_body(statement.body.text)
    full = session.full_name(statement.name, "CREATE TASK")
    session.require_schema(full)
    with session.defining() as change:
        existing: Task | None = change.catalog.find(Kind.TASK, full)
        if existing is not None and statement.mode is CreateMode.NEW:
            raise already_exists(str(statement.name))
        if existing is not None and statement.mode is CreateMode.IF_NOT_EXISTS:
            return status(f"{full[2]} already exists, statement succeeded.")
        task = CatalogObject(
            existing.id if existing else 0, Kind.TASK, *full, _new_spec(session, statement), change.now
        )
        task = replace(task, comment=statement.options.text("COMMENT"))
        _place(session, change, task, statement, existing)
        if existing is not None and statement.mode is CreateMode.OR_ALTER:
            change.put(replace(existing, spec=_keep_state(task.spec, existing.spec), comment=task.comment))
            return status(f"{full[2]} successfully altered.")
        if existing is not None:
            change.drop(existing)
        change.create(Kind.TASK, full, task.spec, comment=task.comment)
    return status(f"Task {full[2]} successfully created.")


def _new_spec(session: Session, statement: CreateTask) -> TaskSpec:
    spec = TaskSpec(
        statement.body.text,
        condition=statement.when.text if statement.when else None,
        predecessors=_unique(session.full_name(name) for name in statement.after),
        finalizes=session.full_name(statement.finalize) if statement.finalize else None,
        execute_as=statement.execute_as,
    )
    if statement.when is not None:
        check_condition(statement.when.text)
    if statement.after and statement.options.get("OVERLAP_POLICY") is not None:
        name = ".".join(session.full_name(statement.name))
        raise refused(f"Cannot set overlap policy on non-root task {name}.")
    return properties.apply(spec, statement.options)


def _place(session: Session, change: Change, task: Task, statement: CreateTask, existing: Task | None) -> None:
    """Check the task, as it will be, against the graphs of its schema."""
    assert task.database is not None
    assert task.schema is not None
    graph = Graph.read(change.catalog, task.database, task.schema)
    found = [(name, _find(session, name)) for name in statement.after]
    rules.check_predecessors(task.name, found, graph, task)
    if statement.finalize is not None:
        rules.check_finalized(task, statement.finalize, _find(session, statement.finalize))
    rules.check_place(task, graph)
    if existing is not None:
        rules.check_replaced(existing, task, graph)
    _check_triggered(task)
    rules.check_suspended(graph, task.name, *_linked(task.spec))


def _linked(spec: TaskSpec) -> tuple[str, ...]:
    """Names within the schema of the tasks whose graph this one belongs to."""
    finalized = (spec.finalizes[2],) if spec.finalizes else ()
    return (*(name for _, _, name in spec.predecessors), *finalized)


def _keep_state(spec: TaskSpec, old: TaskSpec) -> TaskSpec:
    return replace(
        spec,
        started=old.started,
        resumed_on=old.resumed_on,
        last_committed_on=old.last_committed_on,
        last_suspended_on=old.last_suspended_on,
        last_suspended_reason=old.last_suspended_reason,
        graph_version=old.graph_version,
        graph_fingerprint=old.graph_fingerprint,
    )


def clone_task(session: Session, statement: CloneTask) -> Answer:
    """CREATE TASK … CLONE: the clone is suspended and keeps the links to its predecessors."""
    full = session.full_name(statement.name, "CREATE TASK")
    session.require_schema(full)
    with session.defining() as change:
        source: Task = session.require(Kind.TASK, statement.source)
        existing = change.catalog.find(Kind.TASK, full)
        if existing is not None and statement.mode is CreateMode.NEW:
            raise already_exists(str(statement.name))
        if existing is not None and statement.mode is CreateMode.IF_NOT_EXISTS:
            return status(f"{full[2]} already exists, statement succeeded.")
        blank = TaskSpec("")
        spec = replace(_keep_state(source.spec, blank), finalizes=None)
        task = replace(source, database=full[0], schema=full[1], name=full[2], spec=spec)
        graph = Graph.read(change.catalog, full[0], full[1])
        found = [(QualifiedName.of(*name), change.catalog.find(Kind.TASK, name)) for name in spec.predecessors]
        rules.check_predecessors(task.name, found, graph, task)
        rules.check_place(task, graph)
        rules.check_suspended(graph, task.name, *_linked(spec))
        if existing is not None:
            rules.check_replaced(existing, task, graph)
            change.drop(existing)
        change.create(Kind.TASK, full, spec, comment=source.comment)
    return status(f"Task {full[2]} successfully created.")


def _unique(names: Iterable[FullName]) -> tuple[FullName, ...]:
    """Predecessors are kept in order of name, each once."""
    return tuple(sorted(set(names)))


def _check_warehouse(session: Session, options: Options) -> None:
    value = options.get("WAREHOUSE")
    if value is None:
        return
    name = value.text if value.kind is ValueKind.NUMBER else value.name().name
    if session.catalog.find(Kind.WAREHOUSE, (None, None, name)) is None:
        raise refused(f"Nonexistent warehouse {name} was specified.")


def _check_triggered(task: Task) -> None:
    """A serverless task that streams trigger says how fast it must be done."""
    spec = task.spec
    triggered = is_root(spec) and spec.schedule is None and spec.condition is not None and reads_streams(spec.condition)
    if triggered and spec.warehouse is None and "TARGET_COMPLETION_INTERVAL" not in spec.parameters:
        raise refused(
            f"Task {task.name} is a serverless triggered task and must set TARGET_COMPLETION_INTERVAL, "
            "or have a WAREHOUSE."
        )


def _find(session: Session, name: QualifiedName) -> Task | None:
    return session.find(Kind.TASK, name)


# --- ALTER ------------------------------------------------------------------------------------------------------


def alter_task(session: Session, statement: AlterTask) -> Answer:
    """ALTER TASK [IF EXISTS] name action."""
    action = statement.action
    if isinstance(action, SetOptions):
        properties.check_statement(action.options)
        _check_warehouse(session, action.options)
    elif isinstance(action, UnsetOptions):
        properties.check_names(action.names)
    with session.defining() as change:
        if statement.if_exists and session.find(Kind.TASK, statement.name) is None:
            return done(StatementType.DDL)
        task: Task = session.require(Kind.TASK, statement.name)
        match action:
            case Resume():
                resume(session, change, task)
            case Suspend():
                suspend(change, task, USER_SUSPENDED)
            case RecordedAction():
                pass
            case _:
                _alter_definition(session, change, task, statement)
    return done(StatementType.DDL)


def _alter_definition(session: Session, change: Change, task: Task, statement: AlterTask) -> None:
    assert task.database is not None
    assert task.schema is not None
    graph = Graph.read(change.catalog, task.database, task.schema)
    rules.check_suspended(graph, task.name)
    changed = _altered(session, task, statement, graph)
    rules.check_place(changed, graph)
    _check_triggered(changed)
    rules.check_suspended(graph, *_linked(changed.spec))
    change.put(changed)


def _altered(session: Session, task: Task, statement: AlterTask, graph: Graph) -> Task:
    """The task as the action leaves it."""
    spec = task.spec
    match statement.action:
        case SetOptions(options):
            return _with_options(session, task, options, graph)
        case UnsetOptions(names):
            comment = None if "COMMENT" in names else task.comment
            return replace(task, spec=properties.unset(spec, names), comment=comment)
        case AddAfter(predecessors):
            return replace(task, spec=_add_after(session, task, predecessors, graph))
        case RemoveAfter(predecessors):
            return replace(task, spec=_remove_after(session, task, predecessors))
        case ModifyAs(body):
            check_body(body.text)
            return replace(task, spec=replace(spec, definition=body.text))
        case ModifyWhen(condition):
            check_condition(condition.text)
            return replace(task, spec=replace(spec, condition=condition.text))
        case RemoveWhen():
            return replace(task, spec=replace(spec, condition=None))
        case Resume() | Suspend() | RecordedAction():
            raise AssertionError("changes no definition")
        case action:
            assert_never(action)


def _with_options(session: Session, task: Task, options: Options, graph: Graph) -> Task:
    if not is_root(task.spec) and options.get("OVERLAP_POLICY") is not None:
        raise refused(f"Cannot set overlap policy on non-root task {task.full_name}.")
    spec = properties.apply(task.spec, options)
    target = options.get("FINALIZE")
    if target is not None:
        name = target.name()
        rules.check_finalized(task, name, _find(session, name))
        if graph.finalizer(task.name) is not None:
            raise refused("This task has a finalizer and cannot be made a finalizer task.")
        spec = replace(spec, finalizes=session.full_name(name))
    return replace(task, spec=spec, comment=options.text("COMMENT") or task.comment)


def _add_after(session: Session, task: Task, names: tuple[QualifiedName, ...], graph: Graph) -> TaskSpec:
    if graph.finalizer(task.name) is not None:
        raise refused(
            "This task has a finalizer and cannot be made a child task. "
            "Please remove the finalizer before adding a predecessor."
        )
    rules.check_predecessors(task.name, [(name, _find(session, name)) for name in names], graph, task)
    added = [session.full_name(name) for name in names]
    return replace(task.spec, predecessors=_unique([*task.spec.predecessors, *added]))


def _remove_after(session: Session, task: Task, names: tuple[QualifiedName, ...]) -> TaskSpec:
    kept = set(task.spec.predecessors)
    known = {name: _find(session, name) for name in names}
    for name in names:
        full = session.full_name(name)
        if known[name] is not None and full not in kept:
            raise refused(f"Task {task.name} does not have predecessor {full[2]}.")
    for name in names:
        if known[name] is None:
            raise refused(f"Invalid predecessor {name} was specified.")
        kept.discard(session.full_name(name))
    return replace(task.spec, predecessors=_unique(kept))


# --- states -----------------------------------------------------------------------------------------------------


def resume(session: Session, change: Change, task: Task) -> None:
    """RESUME: of a root it fixes the graph's version and starts its intervals; in that state already, nothing."""
    if task.spec.started:
        return
    assert task.database is not None
    assert task.schema is not None
    graph = Graph.read(change.catalog, task.database, task.schema)
    rules.check_suspended(graph, *(() if is_root(task.spec) else (task.name,)))
    spec = replace(task.spec, started=True, resumed_on=change.now, last_committed_on=change.now)
    if is_root(task.spec):
        version, fingerprint = session.account.tasks.version(task, graph)
        spec = replace(spec, graph_version=version, graph_fingerprint=fingerprint)
    change.put(replace(task, spec=spec))


def resume_all(session: Session, change: Change, task: Task) -> None:
    """SYSTEM$TASK_DEPENDENTS_ENABLE: the task's dependents, however far, and the task itself last."""
    assert task.database is not None
    assert task.schema is not None
    graph = Graph.read(change.catalog, task.database, task.schema)
    names = graph.members(task.name) if is_root(task.spec) else (task.name, *graph.descendants(task.name))
    for name in reversed(names):
        resume(session, change, graph.tasks[name])


def suspend(change: Change, task: Task, reason: str) -> None:
    """SUSPEND: a child only while its roots are suspended; in that state already, nothing."""
    if not task.spec.started:
        return
    assert task.database is not None
    assert task.schema is not None
    if not is_root(task.spec):
        rules.check_suspended(Graph.read(change.catalog, task.database, task.schema), task.name)
    change.put(_suspended(task, change.now, reason))


def _suspended(task: Task, now: datetime, reason: str) -> Task:
    return replace(task, spec=replace(task.spec, started=False, last_suspended_on=now, last_suspended_reason=reason))


# --- DROP -------------------------------------------------------------------------------------------------------


def drop_task(session: Session, change: Change, task: Task) -> None:
    """DROP TASK: its children and its finalizer go on without it, suspended where they become roots.

    Raises:
        SnowflakeError: 091421, the root of its graph is started and it does not stand alone.
    """
    del session
    assert task.database is not None
    assert task.schema is not None
    graph = Graph.read(change.catalog, task.database, task.schema)
    if not graph.is_standalone(task.name):
        rules.check_suspended(graph, task.name)
    finalizer = graph.finalizer(task.name)
    for name in (*graph.children(task.name), *((finalizer,) if finalizer else ())):
        child = graph.tasks[name]
        kept = tuple(full for full in child.spec.predecessors if full[2] != task.name)
        freed = replace(child, spec=replace(child.spec, predecessors=kept, finalizes=None))
        change.put(freed if kept else _suspended(freed, change.now, CHILD_BECAME_ROOT))
    change.drop(task)
