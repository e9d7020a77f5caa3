"""CSV files read exactly: enclosures, escapes, blank lines, nulls, and where each field stands.

Source: docs.snowflake.com/en/sql-reference/sql/copy-into-table (TYPE = CSV).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

from pipeline.local.copying.errors import LONGEST_SHOWN, Category, ColumnNames, RowError, too_large
from pipeline.local.copying.text import FileText
from pipeline.local.errors import SnowflakeError
from pipeline.local.file_formats import CsvFormat
from pipeline.sql.types import MAX_VARCHAR_LENGTH

_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "0": "\0"}


@dataclass(frozen=True, slots=True)
class CsvRecord:
    """A record's fields; `row` and `line` count from 1, `start` and `end` are offsets of its text."""

    row: int
    line: int
    start: int
    end: int
    fields: list[str | None]


class _Fault(Exception):
    """A field cannot be read."""

    def __init__(self, message: str, errno: int, offset: int, index: int) -> None:
        super().__init__(message)
        self.message = message
        self.errno = errno
        self.offset = offset
        self.index = index


class Reader:
    """Reads records of a format; `names` are the columns that the fields are meant for.

    `expected` is the number of fields that a record must have, None where any number will do: with a column list, a
    transformation, MATCH_BY_COLUMN_NAME, or ERROR_ON_COLUMN_COUNT_MISMATCH = FALSE.
    """

    def __init__(self, file: FileText, form: CsvFormat, names: ColumnNames, expected: int | None) -> None:
        self._file = file
        self._text = file.text
        self._form = form
        self._names = names
        self._expected = expected
        self._nulls = frozenset(form.null_if)

    @cached_property
    def _record_end(self) -> re.Pattern[str]:
        delimiter = self._form.record_delimiter
        if delimiter is None:
            return re.compile(r"(?!)")
        # A new line is any of the three kinds, as the documentation of RECORD_DELIMITER says.
        return re.compile(r"\r\n|\n|\r" if delimiter == "\n" else re.escape(delimiter))

    @cached_property
    def _stop(self) -> re.Pattern[str]:
        """Where an unenclosed field may end, or an escape stands."""
        stops = [self._record_end.pattern]
        if self._form.field_delimiter is not None:
            stops.append(f"(?P<field>{re.escape(self._form.field_delimiter)})")
        if self._form.escape_unenclosed_field is not None:
            stops.append(f"(?P<escape>{re.escape(self._form.escape_unenclosed_field)})")
        return re.compile("|".join(stops))

    @cached_property
    def _enclosed(self) -> re.Pattern[str]:
        quote = re.escape(self._form.enclosed_by or "")
        escape = re.escape(self._form.escape) if self._form.escape else quote
        special = f"{quote}{quote}" if escape == quote else f"{quote}{quote}|{escape}."
        plain = f"[^{quote}{escape}]*"
        return re.compile(f"{quote}({plain}(?:(?:{special}){plain})*){quote}", re.DOTALL)

    def header(self) -> tuple[list[str], int]:
        """The names in the first record, for PARSE_HEADER, and where the records after it begin."""
        if not self._text:
            return [], 0
        fields, _, end, after = self._fields(0)
        return [field or "" for field in fields], after if end < len(self._text) else end

    def first(self) -> int:
        """Where the records begin after SKIP_HEADER lines."""
        position = 0
        for _ in range(self._form.skip_header):
            match = self._record_end.search(self._text, position)
            if match is None:
                return len(self._text)
            position = match.end()
        return position

    def records(self) -> Iterator[CsvRecord | RowError | None]:
        """The records in order; None for a blank line that is skipped, yet counts as parsed."""
        position = self.header()[1] if self._form.parse_header else self.first()
        row = 0
        while position < len(self._text):
            row += 1
            start = position
            plain = self._plain(start)
            if plain is not None:
                fields, end, position = plain
                yield CsvRecord(row, self._file.line(start), start, end, fields)
                continue
            try:
                fields, starts, end, position = self._fields(start)
            except _Fault as fault:
                position = self._after_record(max(fault.offset, start))
                yield self._error(row, start, position, fault.offset, fault.index, (fault.message, fault.errno))
                continue
            if start == end and self._form.skip_blank_lines:
                yield None
                continue
            yield self._checked(CsvRecord(row, self._file.line(start), start, end, fields), starts, position)

    def starts(self, record: CsvRecord) -> list[int]:
        """The offsets at which the record's fields begin."""
        return self._fields(record.start)[1]

    def conversion_error(self, record: CsvRecord, field: int, column: str, failure: SnowflakeError) -> RowError:
        """A field (from 0) whose value its column does not take."""
        starts = self.starts(record)
        at = starts[field] if field < len(starts) else record.end
        message = (failure.message, failure.errno)
        error = self._error(record.row, record.start, self._after_record(record.end), at, 0, message, failure.sqlstate)
        return replace(error, column=column, category=Category.CONVERSION)

    def _plain(self, start: int) -> tuple[list[str | None], int, int] | None:
        """A record without enclosures and escapes that is as it should be: fields, its end, the next one's start."""
        match = self._record_end.search(self._text, start)
        end = match.start() if match else len(self._text)
        line = self._text[start:end]
        if not line or self._special.search(line) or len(line) > MAX_VARCHAR_LENGTH // 4 or self._file.broken:
            return None
        texts = line.split(self._form.field_delimiter) if self._form.field_delimiter is not None else [line]
        if self._expected is not None and len(texts) != self._expected:
            return None
        nulls = self._plain_nulls
        return [None if text in nulls else text for text in texts], end, match.end() if match else end

    @cached_property
    def _special(self) -> re.Pattern[str]:
        """Characters that ask for a closer look."""
        found = [self._form.enclosed_by, self._form.escape_unenclosed_field, " " if self._form.trim_space else None]
        found.append("\t" if self._form.trim_space else None)
        return re.compile("|".join(re.escape(one) for one in found if one) or "(?!)")

    @cached_property
    def _plain_nulls(self) -> frozenset[str]:
        return self._nulls | {""} if self._form.empty_field_as_null else self._nulls

    # --- one record --------------------------------------------------------------------------------------------

    def _fields(self, start: int) -> tuple[list[str | None], list[int], int, int]:
        """Fields, their offsets, the end of the record, and the start of the next one."""
        fields: list[str | None] = []
        starts: list[int] = []
        position = start
        while True:
            value, begun, stop, after, more = self._field(position, len(fields))
            fields.append(value)
            starts.append(begun)
            if not more:
                return fields, starts, stop, after
            position = after

    def _field(self, position: int, index: int) -> tuple[str | None, int, int, int, bool]:
        """Value, its offset, where it ends, where the next begins, and whether that is in the same record."""
        begun = self._past_space(position)
        if self._form.enclosed_by is not None and self._text.startswith(self._form.enclosed_by, begun):
            return self._enclosed_field(begun, index)
        pieces: list[str] = []
        raw_from = at = position
        escaped = False
        while True:
            match = self._stop.search(self._text, at)
            if match is None or not self._is_escape(match):
                break
            escaped = True
            pieces.append(self._text[at : match.start()])
            following = self._text[match.end() : match.end() + 1]
            pieces.append(_ESCAPES.get(following, following))
            at = match.end() + 1
        end = match.start() if match else len(self._text)
        raw = self._text[raw_from:end]
        value = "".join((*pieces, self._text[at:end])) if escaped else raw
        if self._form.trim_space:
            value, raw = value.strip(" \t"), raw.strip(" \t")
        more = match is not None and match.lastgroup == "field"
        return self._null(value, raw, enclosed=False), begun, end, match.end() if match else end, more

    @staticmethod
    def _is_escape(match: re.Match[str]) -> bool:
        return match.lastgroup == "escape"

    def _enclosed_field(self, begun: int, index: int) -> tuple[str | None, int, int, int, bool]:
        match = self._enclosed.match(self._text, begun)
        if match is None or (not self._form.multi_line and self._record_end.search(match[1])):
            raise _Fault(
                f"Found unterminated enclosed field for the field optionally enclosed by {self._form.enclosed_by}",
                100065,
                begun,
                index,
            )
        end = self._past_space(match.end())
        stop = self._stop.match(self._text, end)
        if end < len(self._text) and (stop is None or self._is_escape(stop)):
            delimiter = self._form.field_delimiter
            message = f"Found character '{self._text[end]}' instead of field delimiter '{delimiter}'"
            raise _Fault(message, 100016, end, index)
        value = self._unquoted(match[1])
        more = stop is not None and stop.lastgroup == "field"
        return self._null(value, value, enclosed=True), begun, end, stop.end() if stop else end, more

    def _unquoted(self, text: str) -> str:
        quote = self._form.enclosed_by or ""
        escape = self._form.escape
        if escape is None or escape == quote:
            return text.replace(quote + quote, quote)
        pattern = re.compile(f"{re.escape(quote)}{re.escape(quote)}|{re.escape(escape)}(.)", re.DOTALL)
        return pattern.sub(lambda match: quote if match[1] is None else _ESCAPES.get(match[1], match[1]), text)

    def _past_space(self, position: int) -> int:
        if not self._form.trim_space:
            return position
        while self._text[position : position + 1] in (" ", "\t") and position < len(self._text):
            position += 1
        return position

    def _null(self, value: str, raw: str, *, enclosed: bool) -> str | None:
        if value in self._nulls or raw in self._nulls:
            return None
        if not value and self._form.empty_field_as_null and not enclosed:
            return None
        return value

    # --- what is wrong with it ---------------------------------------------------------------------------------

    def _after_record(self, position: int) -> int:
        match = self._record_end.search(self._text, position)
        return match.end() if match else len(self._text)

    def _checked(self, record: CsvRecord, starts: list[int], after: int) -> CsvRecord | RowError:
        if self._file.undecoded(record.start, record.end):
            shown = self._text[record.start : record.end].encode(errors="surrogateescape").decode(errors="replace")
            message = (f"Invalid UTF8 detected in string '{shown[:200]}'", 100144)
            return self._error(record.row, record.start, after, record.start, 0, message)
        if record.end - record.start > MAX_VARCHAR_LENGTH // 4:
            for index, field in enumerate(record.fields):
                size = len(field.encode()) if field else 0
                if size > MAX_VARCHAR_LENGTH:
                    text, errno, _ = too_large(size)
                    return self._error(record.row, record.start, after, starts[index], index, (text, errno))
        if self._expected is None or len(record.fields) == self._expected:
            return record
        return self._wrong_count(record, starts, after, self._expected)

    def _wrong_count(self, record: CsvRecord, starts: list[int], after: int, expected: int) -> RowError:
        """The first record tells of the whole file, a later one of the place where it goes wrong."""
        found = len(record.fields)
        if record.row == 1:
            message = (
                f"Number of columns in file ({found}) does not match that of the corresponding table ({expected}), use "
                "file format option error_on_column_count_mismatch=false to ignore this error"
            )
            at = after if after < len(self._text) else record.end
            return self._error(1, record.start, after, at, found - 1, (message, 100080))
        if found > expected:
            delimiter = self._form.field_delimiter or ""
            end = (self._form.record_delimiter or "").encode("unicode_escape").decode()
            message = f"Field delimiter '{delimiter}' found while expecting record delimiter '{end}'"
            at = starts[expected] - len(delimiter)
            return self._error(record.row, record.start, after, at, expected - 1, (message, 100066))
        column = self._names.at(found)
        message = f"End of record reached while expected to parse column '{column}'"
        return self._error(record.row, record.start, after, record.end, found, (message, 100068))

    def _error(
        self,
        row: int,
        start: int,
        after: int,
        at: int,
        index: int,
        message: tuple[str, int],
        sqlstate: str = "22000",
    ) -> RowError:
        record = self._text[start:after] if after < len(self._text) else self._text[start:].rstrip("\r\n")
        return RowError(
            *message,
            sqlstate,
            Category.PARSING,
            row,
            self._file.line(at),
            self._file.character(at),
            self._names.at(index),
            self._file.line(start),
            self._file.bytes_before(at),
            record[:LONGEST_SHOWN].encode(errors="surrogateescape").decode(errors="replace"),
        )
