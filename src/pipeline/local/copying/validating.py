"""VALIDATION_MODE: a COPY INTO <table> that loads nothing, but shows rows or errors.

Source: docs.snowflake.com/en/sql-reference/sql/copy-into-table (VALIDATION_MODE).
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from pipeline.local import faults, stages
from pipeline.local.answers import INTEGER, TEXT, Answer
from pipeline.local.copying import reading
from pipeline.local.copying.checking import VALUE_ERRORS, Checker, in_order
from pipeline.local.copying.errors import RowError
from pipeline.local.copying.options import Validation
from pipeline.local.copying.planning import Job
from pipeline.local.protocol import Column, StatementType
from pipeline.local.session import Session
from pipeline.local.stages import StagedFile

ERROR_COLUMNS = (
    Column("ERROR", TEXT),
    Column("FILE", TEXT),
    Column("LINE", INTEGER),
    Column("CHARACTER", INTEGER),
    Column("BYTE_OFFSET", INTEGER),
    Column("CATEGORY", TEXT),
    Column("CODE", INTEGER),
    Column("SQL_STATE", TEXT),
    Column("COLUMN_NAME", TEXT),
    Column("ROW_NUMBER", INTEGER),
    Column("ROW_START_LINE", INTEGER),
    Column("REJECTED_RECORD", TEXT),
)


def validate(session: Session, job: Job, files: Sequence[StagedFile]) -> Answer:
    """Read the files as a load would.

    Raises:
        SnowflakeError: RETURN_n_ROWS meets a record that cannot be loaded.
    """
    if job.options.validation is Validation.RETURN_ROWS:
        return _rows(session, job, files)
    rows = [_error_row(job.place.filename(file.name), error) for file in files for error in _errors(session, job, file)]
    return Answer(ERROR_COLUMNS, rows, StatementType.COPY)


def _rows(session: Session, job: Job, files: Sequence[StagedFile]) -> Answer:
    found: list[tuple[object, ...]] = []
    for file in files:
        wanted = job.options.validation_rows - len(found)
        if wanted <= 0:
            break
        for error in _errors(session, job, file):
            if error.row <= wanted:
                raise error.as_failure(job.place.filename(file.name))
        found += _read(session, job, file, wanted)
    columns = tuple(Column(one.column.name, one.column.type) for one in job.projections)
    return Answer(columns, found, StatementType.COPY)


def _read(session: Session, job: Job, file: StagedFile, wanted: int) -> list[tuple[object, ...]]:
    with _source(session, job, file) as (_, source):
        sql = session.fill(f"{job.select(source)} LIMIT {wanted}")
        try:
            return session.read(sql, session.values(job.markers, {})).fetchall()
        except VALUE_ERRORS as error:
            raise faults.from_duckdb(error) from error


def _errors(session: Session, job: Job, file: StagedFile) -> list[RowError]:
    with _source(session, job, file) as (errors, source):
        checker = Checker(session, job, file, source)
        try:
            return in_order([*errors, *checker.errors(list(checker.bad_rows()))])
        finally:
            checker.close()


@contextmanager
def _source(session: Session, job: Job, file: StagedFile) -> Iterator[tuple[tuple[RowError, ...], str]]:
    """A file made ready for as long as it is looked at: the errors of reading it, and its SELECT."""
    beside = session.interruption.cursor(session.account.store)
    with stages.scratch_for_block(session) as scratch, beside as cursor:
        prepared = reading.prepare(cursor, file, job.form, job.wanted, scratch, session.check_aborted)
        yield prepared.errors, job.source(cursor, file, prepared, session.now())


def _error_row(file: str, error: RowError) -> tuple[object, ...]:
    return (
        error.message,
        file,
        error.line,
        error.character,
        error.byte_offset,
        error.category.value,
        error.errno,
        error.sqlstate,
        error.column,
        error.row,
        error.row_line,
        error.record,
    )
