"""Files to the stage, COPY INTO the raw table, and what became of each."""

import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TypeAlias

from pipeline.commands.files import Staged, find_files, stage_file
from pipeline.commands.places import faulty_line
from pipeline.commands.waiting import wait_for_streams
from pipeline.commands.workspace import Request, Workspace, open_workspace, split_rendered
from pipeline.errors import ConfigError, Location, PipelineError, StatementFailed
from pipeline.project.render import LoadTarget
from pipeline.sql.names import quote_literal
from pipeline.targets.session import Outcome, Session

MOST_FILES = 1000
"""Names that FILES of one COPY may hold (docs.snowflake.com/en/sql-reference/sql/copy-into-table)."""


CREATED_BY_DEPLOY = "`pipeline deploy` creates what a load needs."


class FileStatus(StrEnum):
    LOADED = "loaded"
    PARTLY = "partly loaded"
    FAILED = "load failed"
    SKIPPED = "skipped"
    """Loaded before with the same content."""


@dataclass(frozen=True, slots=True)
class FileResult:
    """What became of one file; `first_error_line` counts from 1."""

    file: Path
    staged: str
    status: FileStatus
    rows_parsed: int
    rows_loaded: int
    errors: int
    first_error: str | None = None
    first_error_line: int | None = None


@dataclass(frozen=True, slots=True)
class LoadReport:
    """What a load did."""

    table: str
    stage: str
    files: tuple[FileResult, ...]
    seconds: float
    waited_seconds: float | None = None

    @property
    def rows_loaded(self) -> int:
        return sum(file.rows_loaded for file in self.files)

    @property
    def errors(self) -> int:
        return sum(file.errors for file in self.files)


@dataclass(frozen=True, slots=True)
class FileUploaded:
    """Event: a file is on the stage, `new` unless it was there already."""

    file: Path
    new: bool


@dataclass(frozen=True, slots=True)
class LoadNotice:
    """Event: a word to the user."""

    text: str


LoadEvent: TypeAlias = FileUploaded | LoadNotice


def load(
    request: Request,
    files: Sequence[str],
    *,
    strict: bool = False,
    wait: bool = False,
    timeout: float = 600.0,
    listen: Callable[[LoadEvent], None],
) -> LoadReport:
    """Load `files`; with `strict` a broken line loads nothing and raises, with `wait` all streams are empty at the end.

    `timeout` in seconds bounds the waiting. Raises UsageError for the files before anything is uploaded.
    """
    found = find_files(files)
    workspace = open_workspace(request)
    target = load_target(workspace)
    started = time.perf_counter()
    with workspace.connect(request, lambda text: listen(LoadNotice(text))) as session:
        session.tag("pipeline load")
        results = load_files(workspace, session, found, strict=strict, listen=listen)
        seconds = time.perf_counter() - started
        waited = None
        if wait:
            waited = wait_for_streams(workspace, session, timeout, lambda text: listen(LoadNotice(text)))
    return LoadReport(target.table, target.stage, results, seconds, waited)


def load_target(workspace: Workspace) -> LoadTarget:
    """Where the project's loads go. Raises ConfigError when it has none."""
    target = workspace.renderer.load_target()
    if target is None:
        raise ConfigError(
            "The configuration has no key 'load'.",
            at=Location(workspace.project.config, 1),
            hint="`load:` names the stage, the table and the COPY INTO: see docs/configuration.md.",
        )
    return target


def load_files(
    workspace: Workspace,
    session: Session,
    files: Sequence[Path],
    *,
    strict: bool = False,
    listen: Callable[[LoadEvent], None],
) -> tuple[FileResult, ...]:
    """Upload and copy files in a session that is open. Raises ConfigError for a project without `load`."""
    target = load_target(workspace)
    with tempfile.TemporaryDirectory(prefix="pipeline-") as folder:
        staged = _upload(session, target.stage, files, Path(folder), listen)
    return _copy(workspace, session, staged, strict=strict)


def _upload(
    session: Session, stage: str, files: Sequence[Path], folder: Path, listen: Callable[[LoadEvent], None]
) -> tuple[Staged, ...]:
    """Compress and PUT each file. Two files of one name and content are one."""
    uploaded: dict[str, Staged] = {}
    for source in files:
        staged = stage_file(source, folder)
        if staged.name in uploaded:
            continue
        address = quote_literal(f"file://{staged.path.as_posix()}")
        try:
            outcome = session.run(f"PUT {address} @{stage} AUTO_COMPRESS = FALSE OVERWRITE = FALSE")
        except StatementFailed as error:
            error.hint = error.hint or CREATED_BY_DEPLOY
            raise
        staged.path.unlink()
        uploaded[staged.name] = staged
        listen(FileUploaded(source, new=_upload_is_new(outcome, source)))
    return tuple(uploaded.values())


def _upload_is_new(outcome: Outcome, source: Path) -> bool:
    record = outcome.records()[0]
    status = str(record["status"]).upper()
    if status not in {"UPLOADED", "SKIPPED"}:
        raise PipelineError(f"{source} was not uploaded: {record.get('message') or status}.")
    return status == "UPLOADED"


def _copy(workspace: Workspace, session: Session, staged: Sequence[Staged], *, strict: bool) -> tuple[FileResult, ...]:
    """COPY INTO for all files; several statements are one transaction when nothing may be half loaded."""
    on_error = "ABORT_STATEMENT" if strict else "CONTINUE"
    several = strict and len(staged) > MOST_FILES
    results: list[FileResult] = []
    if several:
        session.run("BEGIN TRANSACTION")
    try:
        for first in range(0, len(staged), MOST_FILES):
            batch = staged[first : first + MOST_FILES]
            results.extend(_copy_batch(workspace, session, batch, on_error))
    except StatementFailed:
        if several:
            session.run("ROLLBACK")
        raise
    if several:
        session.run("COMMIT")
    return tuple(results)


def _copy_batch(
    workspace: Workspace, session: Session, staged: Sequence[Staged], on_error: str
) -> tuple[FileResult, ...]:
    rendered = workspace.renderer.copy_statement(tuple(file.name for file in staged), on_error)
    assert rendered is not None, "the load target was read before"
    pieces = split_rendered(rendered)
    if len(pieces) != 1:
        raise ConfigError(f"The file holds {len(pieces)} statements, not one COPY INTO.", at=Location(rendered.path, 1))
    try:
        outcome = session.run(pieces[0].text)
    except StatementFailed as error:
        if on_error == "ABORT_STATEMENT" and error.errno not in NO_DATA_FAULT:
            raise StrictLoadFailed(error) from error
        error.at = error.at or rendered.location(pieces[0].line + faulty_line(error.message, pieces[0].text) - 1)
        error.hint = error.hint or CREATED_BY_DEPLOY
        raise
    return tuple(_file_result(file, outcome) for file in staged)


NO_DATA_FAULT = frozenset({904, 1003, 2003, 2043, 3001, 606, 90105, 90106})
"""Errors of a COPY that have nothing to do with the lines of the files."""


class StrictLoadFailed(PipelineError):
    """A strict load met a line that cannot be loaded; nothing was loaded."""

    name = "load-failed"

    def __init__(self, error: StatementFailed) -> None:
        super().__init__(
            error.message,
            hint="Nothing was loaded. Mend the line, or load without --strict: broken lines are then left out.",
            notes=(f"query id: {error.query_id}",) if error.query_id else (),
        )


def _file_result(staged: Staged, outcome: Outcome) -> FileResult:
    """The file's row of COPY's result. A file that was loaded before has none, or one that says LOAD_SKIPPED.

    When nothing was to be loaded there may be one row with one column
    (docs.snowflake.com/en/sql-reference/sql/copy-into-table, "Output").
    """
    records = outcome.records() if "file" in outcome.columns else []
    record = next((record for record in records if _names(record["file"], staged.name)), None)
    if record is None or record["status"] == "LOAD_SKIPPED":
        return FileResult(staged.source, staged.name, FileStatus.SKIPPED, 0, 0, 0)
    return FileResult(
        file=staged.source,
        staged=staged.name,
        status=_STATUSES[str(record["status"])],
        rows_parsed=_count(record["rows_parsed"]),
        rows_loaded=_count(record["rows_loaded"]),
        errors=_count(record["errors_seen"]),
        first_error=None if record["first_error"] is None else str(record["first_error"]),
        first_error_line=None if record["first_error_line"] is None else _count(record["first_error_line"]),
    )


_STATUSES = {
    "LOADED": FileStatus.LOADED,
    "PARTIALLY_LOADED": FileStatus.PARTLY,
    "LOAD_FAILED": FileStatus.FAILED,
}


def _names(file: object, name: str) -> bool:
    """Whether COPY's `file`, a path that begins with the stage's name on some accounts, is the file `name`."""
    return str(file) == name or str(file).endswith("/" + name)


def _count(value: object) -> int:
    return int(str(value))
