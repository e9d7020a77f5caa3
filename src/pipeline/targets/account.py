"""What a plan wants to know of the account, read at once: the record, the objects, the tasks, the streams."""

from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace

from pipeline.plan.changes import Live
from pipeline.plan.graphs import Graphs
from pipeline.plan.guards import Column, Facts, StreamFact
from pipeline.sql.grammar.model import ObjectKind
from pipeline.sql.names import QualifiedName, quote_literal, render
from pipeline.targets.history import SCHEMA, Place, Recorded, read_recorded
from pipeline.targets.session import Session
from pipeline.targets.tasks import StreamInfo, TaskInfo, read_streams, read_tasks

_VIEWS = {
    ObjectKind.STAGE: ("STAGES", "STAGE_SCHEMA", "STAGE_NAME"),
    ObjectKind.FILE_FORMAT: ("FILE_FORMATS", "FILE_FORMAT_SCHEMA", "FILE_FORMAT_NAME"),
    ObjectKind.SEQUENCE: ("SEQUENCES", "SEQUENCE_SCHEMA", "SEQUENCE_NAME"),
    ObjectKind.PIPE: ("PIPES", "PIPE_SCHEMA", "PIPE_NAME"),
    ObjectKind.PROCEDURE: ("PROCEDURES", "PROCEDURE_SCHEMA", "PROCEDURE_NAME"),
    ObjectKind.FUNCTION: ("FUNCTIONS", "FUNCTION_SCHEMA", "FUNCTION_NAME"),
}


@dataclass(frozen=True, slots=True)
class AccountState:
    """One look at the account."""

    recorded: Recorded
    live: Live
    """What is there in the databases that were read: the project's own, and others that it works in."""
    rows: dict[QualifiedName, int]
    """Rows of each base table."""
    tasks: tuple[TaskInfo, ...]
    streams: tuple[StreamInfo, ...]


def read_account(session: Session, place: Place) -> AccountState:
    """Read everything in one round trip's time: reads of one session may go side by side."""
    with ThreadPoolExecutor(max_workers=4) as threads:
        recorded = threads.submit(read_recorded, session, place)
        contents = _submit_contents(threads, session, place.database)
        return _with_contents(AccountState(recorded.result(), Live({}, frozenset()), {}, (), ()), contents)


def with_databases(session: Session, account: AccountState, databases: Iterable[str]) -> AccountState:
    """The same with what is in further databases."""
    with ThreadPoolExecutor(max_workers=4) as threads:
        for contents in [_submit_contents(threads, session, database) for database in sorted(databases)]:
            account = _with_contents(account, contents)
    return account


def with_all_streams(session: Session, account: AccountState) -> AccountState:
    """The same with the streams of every database, for these may read tables of the project too."""
    streams = read_streams(session)
    return replace(account, streams=streams, live=replace(account.live, streamed=_streamed(streams)))


@dataclass(frozen=True, slots=True)
class _Contents:
    """What is in one database, being read."""

    database: str
    inventory: Future[tuple[dict[ObjectKind, set[QualifiedName]], dict[QualifiedName, int]]]
    tasks: Future[tuple[TaskInfo, ...]]
    streams: Future[tuple[StreamInfo, ...]]


def _submit_contents(threads: ThreadPoolExecutor, session: Session, database: str) -> _Contents:
    return _Contents(
        database,
        threads.submit(_read_inventory, session, database),
        threads.submit(read_tasks, session, database),
        threads.submit(read_streams, session, database),
    )


def _with_contents(account: AccountState, contents: _Contents) -> AccountState:
    objects, rows = contents.inventory.result()
    tasks, streams = contents.tasks.result(), (*account.streams, *contents.streams.result())
    objects[ObjectKind.TASK] = {task.name for task in tasks}
    objects[ObjectKind.STREAM] = {stream.name for stream in streams}
    known = account.live.objects
    live = Live(
        {kind: known.get(kind, frozenset()) | names for kind, names in objects.items()},
        account.live.databases | {contents.database},
        _streamed(streams),
    )
    return AccountState(account.recorded, live, account.rows | rows, (*account.tasks, *tasks), streams)


def _streamed(streams: Iterable[StreamInfo]) -> frozenset[QualifiedName]:
    return frozenset(name for stream in streams if not stream.stale for name in stream.sources)


def _read_inventory(
    session: Session, database: str
) -> tuple[dict[ObjectKind, set[QualifiedName]], dict[QualifiedName, int]]:
    outcome = session.run_if_exists(_inventory_query(database))
    found: dict[ObjectKind, set[QualifiedName]] = {
        kind: set() for kind in (ObjectKind.DATABASE, ObjectKind.SCHEMA, ObjectKind.TABLE, ObjectKind.VIEW, *_VIEWS)
    }
    rows: dict[QualifiedName, int] = {}
    if outcome is None:
        return found, rows
    found[ObjectKind.DATABASE].add(QualifiedName.of(database))
    for kind, schema, name, count in outcome.rows:
        if kind == ObjectKind.SCHEMA.value:
            found[ObjectKind.SCHEMA].add(QualifiedName(None, database, str(name)))
            continue
        qualified = QualifiedName.of(database, str(schema), str(name))
        found[ObjectKind(str(kind))].add(qualified)
        if count is not None:
            rows[qualified] = int(str(count))
    return found, rows


def _inventory_query(database: str) -> str:
    views = f"{render(database)}.INFORMATION_SCHEMA"
    parts = [
        "SELECT IFF(TABLE_TYPE LIKE '%VIEW%', 'VIEW', 'TABLE') AS KIND, TABLE_SCHEMA AS OBJECT_SCHEMA,"
        " TABLE_NAME AS OBJECT_NAME, IFF(TABLE_TYPE LIKE '%VIEW%', NULL, ROW_COUNT) AS ROW_COUNT"
        f" FROM {views}.TABLES WHERE TABLE_SCHEMA NOT IN ('INFORMATION_SCHEMA', {quote_literal(SCHEMA)})",
        f"SELECT 'SCHEMA', SCHEMA_NAME, SCHEMA_NAME, NULL FROM {views}.SCHEMATA",
    ]
    parts += [
        f"SELECT {quote_literal(kind.value)}, {schema}, {name}, NULL FROM {views}.{view}"
        for kind, (view, schema, name) in _VIEWS.items()
    ]
    return " UNION ALL ".join(parts)


def read_facts(
    session: Session,
    account: AccountState,
    *,
    streams: Iterable[QualifiedName],
    tables: Iterable[QualifiedName],
    running: bool,
) -> Facts:
    """The facts that guards ask for: rows of streams, columns of tables, and, if asked, graphs that run now."""
    known = {stream.name: stream for stream in account.streams}
    wanted = [known[name] for name in sorted(streams, key=str) if name in known]
    return Facts(
        rows=account.rows,
        streams=tuple(_stream_fact(session, stream) for stream in wanted),
        columns={name: _columns(session, name) for name in tables if name in account.rows},
        running=_running(session, account) if running else frozenset(),
    )


def _stream_fact(session: Session, stream: StreamInfo) -> StreamFact:
    unread = None if stream.stale else int(str(session.run(f"SELECT COUNT(*) FROM {stream.name}").value()))
    return StreamFact(stream.name, stream.sources, unread)


def _columns(session: Session, table: QualifiedName) -> tuple[Column, ...]:
    outcome = session.run(f"DESCRIBE TABLE {table}")
    return tuple(Column(str(record["name"]), str(record["type"])) for record in outcome.records())


def _running(session: Session, account: AccountState) -> frozenset[QualifiedName]:
    """All tasks of the graphs of which a task executes."""
    databases = {task.name.database for task in account.tasks}
    graphs = Graphs(task.live for task in account.tasks)
    executing = {name for database in databases if database is not None for name in running_tasks(session, database)}
    roots = {root for name in executing for root in graphs.roots_of(name)}
    return frozenset(executing | {task.name for root in roots for task in graphs.members(root)})


def running_tasks(session: Session, database: str) -> frozenset[QualifiedName]:
    """Tasks that execute at this moment (docs: sql-reference/functions/task_history)."""
    outcome = session.run(
        "SELECT DATABASE_NAME, SCHEMA_NAME, NAME FROM TABLE("
        f"{render(database)}.INFORMATION_SCHEMA.TASK_HISTORY(RESULT_LIMIT => 1000)) WHERE STATE = 'EXECUTING'"
    )
    return frozenset(QualifiedName.of(*map(str, row)) for row in outcome.rows)
