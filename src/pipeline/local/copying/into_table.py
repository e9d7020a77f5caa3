"""COPY INTO <table>: files chosen, loaded one by one in one transaction, remembered, reported.

Source: docs.snowflake.com/en/sql-reference/sql/copy-into-table.
"""

import os
import threading
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

import duckdb

from pipeline.local import stages
from pipeline.local.answers import INTEGER, TEXT, Answer, status, table
from pipeline.local.copying import loads, reading, validating
from pipeline.local.copying.checking import VALUE_ERRORS, Checker, in_order
from pipeline.local.copying.errors import RowError
from pipeline.local.copying.loads import LOAD_FAILED, LOAD_SKIPPED, LOADED, PARTIALLY_LOADED, FileLoad, Known
from pipeline.local.copying.options import OnError
from pipeline.local.copying.planning import Job, plan, without_rows
from pipeline.local.copying.reading import Prepared
from pipeline.local.errors import SnowflakeError
from pipeline.local.file_formats import JsonFormat
from pipeline.local.protocol import StatementType
from pipeline.local.session import Session
from pipeline.local.stages import Place, StagedFile
from pipeline.local.transaction import Write
from pipeline.sql.grammar.copy import CopyIntoTable

COLUMNS = (
    ("file", TEXT),
    ("status", TEXT),
    ("rows_parsed", INTEGER),
    ("rows_loaded", INTEGER),
    ("error_limit", INTEGER),
    ("errors_seen", INTEGER),
    ("first_error", TEXT),
    ("first_error_line", INTEGER),
    ("first_error_character", INTEGER),
    ("first_error_column_name", TEXT),
)
NOTHING = "Copy executed with 0 files processed."


def copy_into_table(session: Session, statement: CopyIntoTable) -> Answer:
    """Run a COPY INTO <table>.

    Raises:
        SnowflakeError: it does not compile; a named file is missing (091016); a record is rejected and ON_ERROR is
            ABORT_STATEMENT.
    """
    job = plan(session, statement)
    if job.options.validation is not None:
        return validating.validate(session, job, [file for file, _ in _chosen(job, None, session)])
    with session.writing() as write:
        results = _Load(session, job, write).run()
    if not results:
        return status(NOTHING, StatementType.COPY)
    shown = [one for one in results if not job.options.return_failed_only or one.status != LOADED]
    return table(COLUMNS, [one.row for one in shown], StatementType.COPY)


def _chosen(job: Job, known: Known | None, session: Session) -> Iterator[tuple[StagedFile, str | None]]:
    """The files that the statement means, each with the reason for passing it over, if there is one."""
    total = 0
    for file in candidates(job):
        reason = None
        if known is not None and not job.options.force:
            if known.loaded(file):
                reason = "File was loaded before."
            elif not job.options.load_uncertain_files and known.uncertain(file, session.now()):
                reason = "The load status of the file is unknown: use LOAD_UNCERTAIN_FILES or FORCE to load it."
        if reason is None:
            if job.options.size_limit is not None and total > job.options.size_limit:
                return
            total += file.size
        yield file, reason


def candidates(job: Job) -> list[StagedFile]:
    """The files under the statement's path, or those that FILES names.

    Raises:
        SnowflakeError: 091016, a named file is not there.
    """
    place, names = job.place, job.options.files
    if names is None:
        return stages.files(place, job.options.pattern)
    found: list[StagedFile] = []
    for name in names:
        path = full_path(place, name)
        file = stages.file_at(place, path)
        if file is None:
            raise missing(place, name)
        found.append(file)
    if job.options.pattern is None:
        return found
    matching = {file.name for file in stages.files(place, job.options.pattern)}
    return [file for file in found if file.name in matching]


def full_path(place: Place, name: str) -> str:
    """An entry of FILES goes on where the path after the stage stopped."""
    return f"{place.ref.path}{name}" if place.ref.path else name.removeprefix("/")


def missing(place: Place, name: str) -> SnowflakeError:
    path = full_path(place, name)
    return SnowflakeError(
        f"Remote file '{place.location}/{path}' was not found. If you are running a copy command, please make sure "
        "files are not deleted when they are being loaded or files are not being loaded into two different tables "
        "concurrently with auto purge option.",
        91016,
        "22000",
    )


@dataclass(frozen=True, slots=True)
class _Ready:
    """A file whose records DuckDB can read: its SELECT, and what reading it told."""

    prepared: Prepared
    source: str


class _Load:
    """The files of one statement, loaded in its transaction."""

    def __init__(self, session: Session, job: Job, write: Write) -> None:
        self._session = session
        self._job = job
        self._write = write
        self._values = session.values(job.markers, {})
        self._inserted: list[str] = []
        self._wary = False
        """A record has failed, which costs the transaction so far: files are checked first from then on."""
        self._scratch: Path | None = None

    def run(self) -> list[FileLoad]:
        """Load what is to be loaded; a row for each file that was loaded, failed, or was named and passed over."""
        with self._session.interruption.cursor(self._session.account.store) as probe:
            return self._run(probe)

    def _run(self, probe: duckdb.DuckDBPyConnection) -> list[FileLoad]:
        job = self._job
        known = loads.known(self._write.connection, job.table, job.place, self._session.now())
        results: list[FileLoad] = []
        done: list[tuple[StagedFile, FileLoad]] = []
        for file, reason in list(_chosen(job, known, self._session)):
            self._session.check_aborted()
            if reason is None:
                load = self._load(file, probe)
                done.append((file, load))
                results.append(load)
            elif job.options.files is not None:
                results.append(FileLoad(self._shown(file), LOAD_SKIPPED, 0, 0, None, 1, reason))
        self._remember(done)
        return results

    def _remember(self, done: Sequence[tuple[StagedFile, FileLoad]]) -> None:
        job = self._job
        for file, load in done:
            loads.remember(self._write, job.table, job.place, file, load)
        if job.options.purge:
            gone = [file for file, load in done if load.status == LOADED]
            self._write.transaction.after_commit.append(lambda: _purge(gone, job.place))

    def _shown(self, file: StagedFile) -> str:
        return f"{self._job.place.prefix}{file.name}"

    def _load(self, file: StagedFile, probe: duckdb.DuckDBPyConnection) -> FileLoad:
        hashing = threading.Thread(target=lambda: file.content_key)
        hashing.start()
        try:
            ready = self._ready(file, probe)
            errors = list(ready.prepared.errors)
            aborts = errors and self._job.options.on_error.kind is OnError.ABORT_STATEMENT
            if not aborts and not self._wary and not self._budget_drops(errors, ready.prepared.rows):
                loaded = self._insert(ready.source)
                if loaded is not None:
                    return self._result(file, ready.prepared.rows, loaded, errors)
            return self._load_checked(file, ready, errors)
        finally:
            hashing.join()

    def _ready(self, file: StagedFile, probe: duckdb.DuckDBPyConnection) -> _Ready:
        if self._scratch is None:
            self._scratch = stages.scratch(self._session, self._write.transaction)
        if self._write.transaction.explicit:
            file = _kept(file, self._scratch)
        job, check = self._job, self._session.check_aborted
        prepared = reading.prepare(probe, file, job.form, job.wanted, self._scratch, check)
        return _Ready(prepared, job.source(probe, file, prepared, self._session.now()))

    def _budget_drops(self, errors: Sequence[RowError], rows: int) -> bool:
        """Whether ON_ERROR leaves the whole file out.

        Of a JSON file that cannot be read on after a fault, what stands before it is loaded (see `json_records`).
        """
        budget = self._job.options.on_error
        form = self._job.form
        counted = budget.kind in (OnError.SKIP_FILE_NUMBER, OnError.SKIP_FILE_PERCENT)
        if errors and counted and isinstance(form, JsonFormat) and form.multi_line:
            return False
        if budget.kind is OnError.ABORT_STATEMENT:
            return False
        return budget.drops(len(errors), rows)

    def _insert(self, source: str, condition: str = "") -> int | None:
        """Insert a source's records; None, and the transaction as it was, if one of them fails."""
        sql = self._session.fill(self._job.insert(self._job.select(source, condition), self._write.version))
        try:
            number = self._write.count(sql, self._values)
        except VALUE_ERRORS:
            self._wary = True
            self._write.undo()
            for earlier in self._inserted:
                self._write.run(earlier, self._values)
            return None
        self._inserted.append(sql)
        return number

    def _load_checked(self, file: StagedFile, ready: _Ready, errors: list[RowError]) -> FileLoad:
        """Load the records that can be loaded, as far as ON_ERROR allows."""
        checker = Checker(self._session, self._job, file, ready.source)
        try:
            bad = self._bad_rows(file, checker, errors)
            first = checker.errors(bad[:1])
        finally:
            checker.close()
        rows = ready.prepared.rows
        count = len(errors) + len(bad)
        described = in_order([*errors, *first])
        if self._budget_drops_count(errors, count, rows):
            return self._failed(file, rows, count, described)
        loaded = self._insert(ready.source, without_rows(bad))
        assert loaded is not None, "a record failed that had passed the check"
        return self._result(file, rows, loaded, described, count)

    def _bad_rows(self, file: StagedFile, checker: Checker, errors: Sequence[RowError]) -> list[int]:
        """The records that fail. With ABORT_STATEMENT the first error of all ends the statement.

        JSON's values are checked as ABORT_STATEMENT does whatever ON_ERROR says, save plain SKIP_FILE (documentation
        of ON_ERROR).
        """
        kind = self._job.options.on_error.kind
        forgiving = kind is OnError.SKIP_FILE or not isinstance(self._job.form, JsonFormat)
        if kind is not OnError.ABORT_STATEMENT and forgiving:
            return list(checker.bad_rows())
        first = checker.errors(list(islice(checker.bad_rows(), 1)))
        fatal = first if kind is not OnError.ABORT_STATEMENT else in_order([*errors, *first])
        if fatal:
            raise fatal[0].as_failure(self._job.place.filename(file.name))
        return []

    def _budget_drops_count(self, errors: Sequence[RowError], count: int, rows: int) -> bool:
        if count > len(errors):
            return self._job.options.on_error.drops(count, rows)
        return self._budget_drops(errors, rows)

    def _failed(self, file: StagedFile, rows: int, count: int, described: Sequence[RowError]) -> FileLoad:
        return self._row(file, LOAD_FAILED, rows, 0, count, described)

    def _result(
        self, file: StagedFile, rows: int, loaded: int, described: Sequence[RowError], count: int | None = None
    ) -> FileLoad:
        seen = len(described) if count is None else count
        word = LOADED if seen == 0 else LOAD_FAILED if loaded == 0 else PARTIALLY_LOADED
        return self._row(file, word, rows, loaded, seen, described)

    def _row(
        self, file: StagedFile, word: str, rows: int, loaded: int, count: int, described: Sequence[RowError]
    ) -> FileLoad:
        limit = self._job.options.on_error.limit(rows)
        if not described:
            return FileLoad(self._shown(file), word, rows, loaded, limit, count)
        first = described[0]
        return FileLoad(
            self._shown(file),
            word,
            rows,
            loaded,
            limit,
            count,
            first.message,
            first.line,
            first.character,
            first.column,
        )


def _kept(file: StagedFile, scratch: Path) -> StagedFile:
    """The file under a second name: a transaction that does its work again must find it, even if it was removed."""
    path = scratch / f"{uuid.uuid4().hex}-{file.path.name}"
    os.link(file.path, path)
    return replace(file, path=path)


def _purge(files: Sequence[StagedFile], place: Place) -> None:
    """PURGE does what it can: the rows are committed, whatever becomes of their files."""
    for file in files:
        try:
            stages.remove(file, place)
        except OSError:
            continue
