"""Does the pipeline move? One verdict from what the account says of tasks, streams, loads and rows."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from pipeline.commands.prepare import place_of
from pipeline.commands.project_tasks import ProjectTasks
from pipeline.commands.quality import quality_findings
from pipeline.commands.workspace import Request, Workspace, open_workspace
from pipeline.project.quality import Severity
from pipeline.sql.names import QualifiedName
from pipeline.targets.history import read_recorded
from pipeline.targets.runs import RunState, TaskRun, account_time, read_runs
from pipeline.targets.session import Session
from pipeline.targets.state import LastLoad, TableRows, read_last_load, read_table_rows
from pipeline.targets.tasks import StreamInfo, has_data, read_streams

NEARLY_STALE = timedelta(hours=12)
"""How long before a stream goes stale one wants to know."""


class Level(StrEnum):
    OK = "ok"
    WARNING = "warning"
    FAILURE = "failure"


@dataclass(frozen=True, slots=True)
class Check:
    """One finding: what was looked at, how it is, and what to do about it."""

    what: str
    level: Level
    detail: str
    hint: str | None = None


@dataclass(frozen=True, slots=True)
class Health:
    """All findings. `latency_seconds` is the time from the last load until the tasks had done with it."""

    environment: str
    checks: tuple[Check, ...]
    tables: tuple[TableRows, ...]
    last_load: LastLoad | None
    latency_seconds: float | None

    @property
    def level(self) -> Level:
        """The verdict: the worst of the findings."""
        levels = {check.level for check in self.checks}
        return next((level for level in (Level.FAILURE, Level.WARNING) if level in levels), Level.OK)


def health(request: Request, say: Callable[[str], None]) -> Health:
    """Look at everything once. Raises only when the account does not answer."""
    workspace = open_workspace(request)
    with workspace.connect(request, say) as session:
        session.tag("pipeline health")
        return _Examination(workspace, session).health()


_QUALITY = {None: Level.OK, Severity.WARN: Level.WARNING, Severity.ERROR: Level.FAILURE}


class _Examination:
    """The account's answers, read once for all checks."""

    def __init__(self, workspace: Workspace, session: Session) -> None:
        self._workspace = workspace
        self._session = session
        self._now = account_time(session)
        self._tables = read_table_rows(session, workspace.database)
        self._project = ProjectTasks(workspace, session)
        self._runs = () if self._tables is None else read_runs(session, workspace.database)
        self._streams = {stream.name: stream for stream in read_streams(session, workspace.database)}
        self._backlog = frozenset(name for name in self._readable() if has_data(session, name))
        self._last_load = self._read_last_load()
        self._recorded = read_recorded(session, place_of(workspace))

    def health(self) -> Health:
        latency = self._latency()
        return Health(
            environment=self._workspace.environment,
            checks=tuple(self._checks(latency)),
            tables=self._tables or (),
            last_load=self._last_load,
            latency_seconds=latency,
        )

    def _checks(self, latency: float | None) -> Iterator[Check]:
        yield Check("connection", Level.OK, f"{self._session.kind} account answers")
        if self._tables is None:
            yield Check(
                "database",
                Level.FAILURE,
                f"{self._workspace.database} does not exist",
                "`pipeline deploy` creates it.",
            )
            return
        yield from self._deploy_checks()
        yield from self._task_checks()
        yield from self._run_checks()
        yield from self._stream_checks()
        yield from self._load_checks(latency)
        yield self._row_check()
        yield from self._quality_checks()

    def _quality_checks(self) -> Iterator[Check]:
        """The declared checks of the data, asked in one statement."""
        for finding in quality_findings(self._workspace, self._session):
            yield Check("quality", _QUALITY[finding.severity], finding.detail, finding.hint)

    def _deploy_checks(self) -> Iterator[Check]:
        """A deploy that did not come to its end may have left graphs suspended."""
        for deploy in self._recorded.unfinished:
            if deploy.deploy_id == self._recorded.owner:
                yield Check("deploys", Level.WARNING, f"{deploy.deploy_id} of {deploy.user} goes on, or was broken off")
                continue
            yield Check(
                "deploys",
                Level.FAILURE,
                f"{deploy.deploy_id} of {deploy.user} on {deploy.host} did not come to its end",
                "`pipeline deploy` finishes it, its tasks included.",
            )

    def _task_checks(self) -> Iterator[Check]:
        for name in self._project.missing:
            yield Check("tasks", Level.FAILURE, f"{name} does not exist", "`pipeline deploy` creates it.")
        stopped = [task.name for task in self._project.tasks if not task.live.started]
        waiting = Level.FAILURE if self._backlog else Level.WARNING
        for name in stopped:
            rows = " and rows wait" if self._backlog else ""
            yield Check("tasks", waiting, f"{name} is suspended{rows}", "`pipeline tasks resume` starts it.")
        started = len(self._project.tasks) - len(stopped)
        if started:
            yield Check("tasks", Level.OK, f"{started} of {len(self._project.tasks)} started")

    def _run_checks(self) -> Iterator[Check]:
        last: dict[QualifiedName, TaskRun] = {}
        for run in self._runs:
            if run.task in self._project.infos and run.state.over and run.state is not RunState.SKIPPED:
                last.setdefault(run.task, run)
        bad = [run for run in last.values() if run.state.bad]
        for run in bad:
            yield Check(
                "last runs",
                Level.FAILURE,
                f"{run.task} ended as {run.state}: {self._workspace.secrets.hide(str(run.error))}",
                "`pipeline tasks history` tells more.",
            )
        if last and not bad:
            latest = max(run.completed or run.scheduled for run in last.values())
            yield Check(
                "last runs", Level.OK, f"{_counted(len(last), 'task')} succeeded, the last one {self._ago(latest)}"
            )
        elif not last and self._project.tasks:
            yield Check("last runs", Level.WARNING, "no task has run in the last 7 days", "`pipeline tasks run` does.")

    def _readable(self) -> Iterator[QualifiedName]:
        for name in self._workspace.declared.streams:
            stream = self._streams.get(name)
            if stream is not None and not stream.stale:
                yield name

    def _stream_checks(self) -> Iterator[Check]:
        found = 0
        for name in self._workspace.declared.streams:
            stream = self._streams.get(name)
            if stream is None:
                yield Check("streams", Level.FAILURE, f"{name} does not exist", "`pipeline deploy` creates it.")
            elif stream.stale:
                yield Check(
                    "streams",
                    Level.FAILURE,
                    f"{name} is stale: its unread rows are lost",
                    "Create it again, and load or copy what it missed.",
                )
            else:
                found += 1
                yield from self._staleness(stream)
        if found:
            backlog = f"{len(self._backlog)} with rows to read" if self._backlog else "all read"
            yield Check("streams", Level.OK, f"{_counted(found, 'stream')}, {backlog}")

    def _staleness(self, stream: StreamInfo) -> Iterator[Check]:
        if stream.stale_after is None or stream.name not in self._backlog:
            return
        left = stream.stale_after - self._now
        if left < NEARLY_STALE:
            yield Check(
                "streams",
                Level.WARNING,
                f"{stream.name} goes stale in {_duration(left)}, with rows to read",
                "`pipeline tasks run` reads it.",
            )

    def _load_checks(self, latency: float | None) -> Iterator[Check]:
        load = self._last_load
        if load is None:
            if self._workspace.project.load is not None:
                yield Check("last load", Level.WARNING, "nothing was loaded in the last 14 days", "`pipeline load`.")
            return
        detail = f"{load.file}, {load.rows} rows, {self._ago(load.at)}"
        if load.errors:
            yield Check(
                "last load", Level.WARNING, f"{detail}; rejected lines: {load.errors}, first: {load.first_error}"
            )
        else:
            yield Check("last load", Level.OK, detail)
        if latency is not None:
            yield Check("latency", Level.OK, f"{latency:.1f} s from load to table")

    def _row_check(self) -> Check:
        tables = self._tables or ()
        schemas = dict.fromkeys(table.table.schema for table in tables)
        layers = (
            f"{schema} {sum(table.rows for table in tables if table.table.schema == schema)}" for schema in schemas
        )
        return Check("rows", Level.OK, ", ".join(layers) or "no tables")

    def _read_last_load(self) -> LastLoad | None:
        target = self._workspace.renderer.load_target()
        if target is None or self._tables is None:
            return None
        table = QualifiedName.parse(target.table).within(self._workspace.database, "PUBLIC")
        known = {found.table for found in self._tables}
        return read_last_load(self._session, table) if table in known else None

    def _latency(self) -> float | None:
        """From the last load to the end of the last task that worked on it; None while rows wait, or without tasks."""
        if self._last_load is None or self._backlog:
            return None
        loaded = self._last_load.at
        ends = [
            run.completed
            for run in self._runs
            if run.task in self._project.infos
            and run.state is RunState.SUCCEEDED
            and run.completed is not None
            and run.completed >= loaded
        ]
        return self._first_graph_after(loaded, ends)

    def _first_graph_after(self, loaded: datetime, ends: list[datetime]) -> float | None:
        groups: dict[str, datetime] = {}
        for run in self._runs:
            if run.completed in ends and run.group is not None and run.completed is not None:
                groups[run.group] = max(groups.get(run.group, run.completed), run.completed)
        return (min(groups.values()) - loaded).total_seconds() if groups else None

    def _ago(self, moment: datetime) -> str:
        return f"{_duration(self._now - moment)} ago"


def _counted(number: int, thing: str) -> str:
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


def _duration(span: timedelta) -> str:
    """A time span in its greatest unit."""
    seconds = max(int(span.total_seconds()), 0)
    for unit, length in (("days", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= 2 * length:
            return f"{seconds // length} {unit}"
    return f"{seconds} s"
