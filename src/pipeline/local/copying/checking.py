"""Which records of a file cannot be loaded, found where a failure costs no transaction, and what is wrong with each.

DuckDB stops at the first value that cannot be converted. So ranges of records are tried, and halved where they fail.
"""

from collections.abc import Generator, Iterator
from contextlib import ExitStack
from dataclasses import dataclass

import duckdb

from pipeline.local import faults
from pipeline.local.copying import reading
from pipeline.local.copying.csv_records import CsvRecord
from pipeline.local.copying.errors import Category, RowError
from pipeline.local.copying.json_records import JsonRecord
from pipeline.local.copying.planning import Job, row_condition, suspects
from pipeline.local.copying.reading import ROW
from pipeline.local.errors import SnowflakeError
from pipeline.local.file_formats import CsvFormat
from pipeline.local.session import Session
from pipeline.local.stages import StagedFile
from pipeline.sql.types import Kind as TypeKind

VALUE_ERRORS = (
    duckdb.ConversionException,
    duckdb.InvalidInputException,
    duckdb.OutOfRangeException,
    duckdb.ConstraintException,
    duckdb.TypeMismatchException,
)
"""What DuckDB raises for a value, as against a fault of the statement or the machine."""

_TABLE = "__copied_records"
_PROBE = "__copied_range"
_SUSPECTS = "__copied_suspects"
_TRIED_SUSPECTS = 100
_TOO_LONG = ("String '", "' is too long and would be truncated")


@dataclass(frozen=True, slots=True)
class _Failure:
    """The first column (by index) of a record that fails, and how."""

    column: int
    error: SnowflakeError


class Checker:
    """Tries the records of one file, whose SELECT (see `Job.source`) is read once into a table of its own."""

    def __init__(self, session: Session, job: Job, file: StagedFile, source: str) -> None:
        self._session = session
        self._job = job
        self._file = file
        with ExitStack() as opening:
            self._cursor = opening.enter_context(session.interruption.cursor(session.account.store))
            self._prepare(source)
            self._stack = opening.pop_all()

    def _prepare(self, source: str) -> None:
        session, job = self._session, self._job
        self._cursor.execute(f"SET TimeZone='{session.parameters.text('TIMEZONE')}'")
        self._values = session.values(job.markers, {})
        self._cursor.execute(f"CREATE OR REPLACE TEMP TABLE {_TABLE} AS {source}")
        if not self._values:  # which are named parameters, while a prepared statement has numbered ones
            self._cursor.execute(f"PREPARE {_PROBE} AS {self._probe('$1', '$2')}")

    def close(self) -> None:
        self._stack.close()

    def bad_rows(self) -> Iterator[int]:
        """The numbers of the records that fail, rising."""
        suspected = self._suspected()
        if suspected is not None:
            yield from suspected
            return
        row = self._cursor.execute(f"SELECT min({ROW}), max({ROW}) FROM {_TABLE}").fetchone()
        if row is None or row[0] is None:
            return
        yield from self._bad_within(int(row[0]), int(row[1]), known=False)

    def _suspected(self) -> list[int] | None:
        """The failing records by what TRY_CAST says of them, if it is borne out: the others pass, and these fail."""
        sql = suspects(self._session, self._job, f"FROM {_TABLE}")
        if sql is None:
            return None
        self._cursor.execute(f"CREATE OR REPLACE TEMP TABLE {_SUSPECTS} AS {self._session.fill(sql)}")
        rows = [int(row) for (row,) in self._cursor.execute(f"FROM {_SUSPECTS}").fetchall()]
        select = self._job.select(f"FROM {_TABLE}", f" WHERE {ROW} NOT IN (FROM {_SUSPECTS})")
        try:
            self._cursor.execute(self._computed(select), self._values or None).fetchall()
        except VALUE_ERRORS:
            return None
        borne_out = all(self._fails(row, row) is not None for row in rows[:_TRIED_SUSPECTS])
        return rows if borne_out else None

    def _bad_within(self, first: int, last: int, *, known: bool) -> Generator[int, None, bool]:
        """The records of a range that fail; returns whether there are any, which `known` says before."""
        self._session.check_aborted()
        if not known and self._fails(first, last) is None:
            return False
        if first == last:
            yield first
            return True
        middle = (first + last) // 2
        left_fails = yield from self._bad_within(first, middle, known=False)
        yield from self._bad_within(middle + 1, last, known=not left_fails)
        return True

    def errors(self, rows: list[int]) -> list[RowError]:
        """What is wrong with these records, in their order."""
        failures = {row: self._failure(row) for row in rows}
        return list(self._located(failures))

    def _fails(self, first: int, last: int, columns: str | None = None) -> duckdb.Error | None:
        try:
            if columns is None and not self._values:
                self._cursor.execute(f"EXECUTE {_PROBE}({first}, {last})").fetchall()
            else:
                self._cursor.execute(self._probe(str(first), str(last), columns), self._values or None).fetchall()
        except VALUE_ERRORS as error:
            return error
        return None

    def _probe(self, first: str, last: str, columns: str | None = None) -> str:
        """A query that computes the columns of a range of records."""
        return self._computed(self._job.select(f"FROM {_TABLE}", row_condition(first, last)), columns)

    def _computed(self, select: str, columns: str | None = None) -> str:
        listed = columns or ", ".join(f"c{index}" for index in range(len(self._job.projections)))
        return self._session.fill(f"SELECT bit_xor(hash({listed})) FROM ({select})")

    def _failure(self, row: int) -> _Failure:
        for index in range(len(self._job.projections)):
            error = self._fails(row, row, f"c{index}")
            if error is not None:
                return _Failure(index, self._in_words_of_copy(faults.from_duckdb(error), index))
        raise AssertionError(f"record {row} failed as a whole, but in no column")

    def _in_words_of_copy(self, error: SnowflakeError, index: int) -> SnowflakeError:
        """COPY words a text that is too long in its own way."""
        before, after = _TOO_LONG
        column = self._job.projections[index].column
        if error.errno == 100078 and column.type.kind is TypeKind.VARCHAR and error.message.endswith(after):
            value = error.message.removeprefix(before).removesuffix(after)
            text = f"User character length limit ({column.type.length}) exceeded by string '{value}'"
            return SnowflakeError(text, 100074, "54000")
        return error

    def _located(self, failures: dict[int, _Failure]) -> Iterator[RowError]:
        if isinstance(self._job.form, CsvFormat):
            reader = reading.parsed_csv(self._file, self._job.form, self._job.wanted)
            for record in reading.checked(reader.records(), self._session.check_aborted):
                if isinstance(record, CsvRecord) and record.row in failures:
                    failure = failures[record.row]
                    field = self._job.projections[failure.column].field
                    yield reader.conversion_error(record, field, self._name(failure), failure.error)
            return
        documents = reading.parsed_json(self._file, self._job.form, self._job.wanted)
        for document in reading.checked(documents, self._session.check_aborted):
            if isinstance(document, JsonRecord) and document.row in failures:
                yield self._in_document(document, failures[document.row])

    def _in_document(self, document: JsonRecord, failure: _Failure) -> RowError:
        """A document's fields have no place of their own: its first character stands for them."""
        error = failure.error
        return RowError(
            error.message,
            error.errno,
            error.sqlstate,
            Category.CONVERSION,
            document.row,
            document.line,
            1,
            self._name(failure),
            document.line,
            record=document.text,
        )

    def _name(self, failure: _Failure) -> str:
        return self._job.wanted.names.at(failure.column)


def in_order(errors: list[RowError]) -> list[RowError]:
    """Errors by the record they belong to."""
    return sorted(errors, key=lambda error: error.row)
