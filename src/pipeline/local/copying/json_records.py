"""JSON files read exactly: documents one after another, or the elements of an outer array; faults with their place.

Source: docs.snowflake.com/en/sql-reference/sql/copy-into-table (TYPE = JSON, ON_ERROR).
"""

import json
import re
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from pipeline.local.copying.errors import LONGEST_SHOWN, Category, ColumnNames, RowError, too_large
from pipeline.local.copying.text import FileText
from pipeline.local.errors import unsupported
from pipeline.local.file_formats import JsonFormat
from pipeline.sql.types import MAX_VARCHAR_LENGTH

_SPACE = re.compile(r"[ \t\r\n]*")
_LINE_END = re.compile(r"\r\n|\n|\r")
_WORD = re.compile(r"[A-Za-z_][\w$]*")


@dataclass(frozen=True, slots=True)
class JsonRecord:
    """A document's text; `row` and `line` count from 1."""

    row: int
    line: int
    text: str


class Fault(Exception):
    """A document is wrong at `offset`."""

    def __init__(self, words: str, offset: int) -> None:
        super().__init__(words)
        self.words = words
        self.offset = offset


class _Duplicate(Exception):
    """An object has this key twice."""


class _Constant(Exception):
    """NaN or an infinity, which Python's parser would take."""


class _Number(str):
    """A number's own digits."""

    __slots__ = ()


def records(file: FileText, form: JsonFormat, names: ColumnNames) -> Iterator[JsonRecord | RowError]:
    """The records of a file in order.

    A fault ends what can be read: where it stands tells nothing of where the next document begins. With
    MULTI_LINE = FALSE a document is a line, so the next line is read as if nothing had happened.
    """
    row = 0
    parser = Parser(form)
    for base, text in _pieces(file, form):
        position = _after_space(text, 0)
        while position < len(text):
            begun = position
            try:
                parts, position = parser.document(text, position)
                _check_gap(text, position)
            except Fault as fault:
                row += 1
                yield _rejected(file, names, row, base + begun, base + len(text), base + fault.offset, fault.words)
                break
            for part_start, part_end in parts:
                row += 1
                yield _record(file, parser, names, row, base + part_start, base + part_end)
            position = _after_space(text, position)


def line_errors(
    file: FileText, form: JsonFormat, names: ColumnNames, rows: AbstractSet[int], total: int
) -> list[RowError] | None:
    """What is wrong with some lines, given by their number among the `total` ones that are not blank.

    None if one of them can be read after all, or if that is not the number of lines.
    """
    parser = Parser(form)
    errors: list[RowError] = []
    row = start = 0
    for line in file.text.split("\n"):
        begun = start + len(line) - len(line.lstrip(" \t\r"))
        end = start + len(line.rstrip(" \t\r"))
        start += len(line) + 1
        if begun >= end:
            continue
        row += 1
        if row not in rows:
            continue
        error = _line_error(file, parser, names, row, begun, end)
        if error is None:
            return None
        errors.append(error)
    return errors if row == total else None


def _line_error(
    file: FileText, parser: "Parser", names: ColumnNames, row: int, start: int, end: int
) -> RowError | None:
    text = file.text[start:end]
    try:
        _, stop = parser.document(text, 0)
        _check_gap(text, stop)
    except Fault as fault:
        return _rejected(file, names, row, start, end, start + fault.offset, fault.words)
    found = _record(file, parser, names, row, start, start + stop) if stop == len(text) else None
    return found if isinstance(found, RowError) else None


def _pieces(file: FileText, form: JsonFormat) -> Iterator[tuple[int, str]]:
    """What documents may not reach beyond, with its offset: the file, or each line."""
    if form.multi_line:
        yield 0, file.text
        return
    start = 0
    for match in _LINE_END.finditer(file.text):
        yield start, file.text[start : match.start()]
        start = match.end()
    yield start, file.text[start:]


def _check_gap(text: str, position: int) -> None:
    """Documents may touch only where a bracket shows that one ends: 01 is no two numbers."""
    following = text[position : position + 1]
    if following and following not in " \t\r\n{[" and text[position - 1] not in "}]":
        raise Fault(f"misplaced {following}", position)


def _after_space(text: str, position: int) -> int:
    match = _SPACE.match(text, position)
    assert match is not None
    return match.end()


def _record(
    file: FileText, parser: "Parser", names: ColumnNames, row: int, start: int, end: int
) -> JsonRecord | RowError:
    text = file.text[start:end]
    if file.undecoded(start, end):
        shown = text.encode(errors="surrogateescape").decode(errors="replace")
        fault = (f"Invalid UTF8 detected in string '{shown[:200]}'", 100144, "22000")
        return _error(file, names, row, start, start, end, fault)
    size = len(text) if len(text) * 4 <= MAX_VARCHAR_LENGTH else len(text.encode())
    if size > MAX_VARCHAR_LENGTH:
        return _error(file, names, row, start, start, end, too_large(size))
    return JsonRecord(row, file.line(start), parser.rewritten(text))


def _rejected(file: FileText, names: ColumnNames, row: int, start: int, end: int, at: int, words: str) -> RowError:
    line_end = _LINE_END.search(file.text, at)
    shown_end = min(end, line_end.start() if line_end else end)
    return _error(file, names, row, start, at, shown_end, (f"Error parsing JSON: {words}", 100069, "22P02"))


def _error(
    file: FileText, names: ColumnNames, row: int, start: int, at: int, end: int, message: tuple[str, int, str]
) -> RowError:
    text, errno, sqlstate = message
    return RowError(
        text,
        errno,
        sqlstate,
        Category.PARSING,
        row,
        file.line(at),
        file.character(at),
        names.at(0),
        file.line(start),
        file.bytes_before(at),
        file.text[start : min(end, start + LONGEST_SHOWN)].encode(errors="surrogateescape").decode(errors="replace"),
    )


class Parser:
    """Reads documents and says where they end."""

    def __init__(self, form: JsonFormat) -> None:
        self._form = form
        self._decoder = json.JSONDecoder(
            object_pairs_hook=None if form.allow_duplicate else self._check_keys,
            parse_float=float,
            parse_int=float,  # digits alone matter here, and int() refuses very long ones
            parse_constant=_constant,
        )
        self._faithful = json.JSONDecoder(object_pairs_hook=dict, parse_float=_Number, parse_int=_Number)

    def document(self, text: str, start: int) -> tuple[list[tuple[int, int]], int]:
        """The records of the document at `start`, as spans of the text, and where the document ends.

        Raises:
            Fault: it is no JSON.
        """
        if self._form.strip_outer_array and text[start] == "[":
            return self._elements(text, start)
        stop = self._value(text, start)
        return [(start, stop)], stop

    def rewritten(self, text: str) -> str:
        """The text as it is stored: without nulls, or without the earlier of two equal keys, if so asked."""
        if not (self._form.strip_null_values or self._form.allow_duplicate):
            return text
        return _dump(self._faithful.decode(text), strip_nulls=self._form.strip_null_values)

    def _elements(self, text: str, start: int) -> tuple[list[tuple[int, int]], int]:
        spans: list[tuple[int, int]] = []
        position = _after_space(text, start + 1)
        if text.startswith("]", position):
            return spans, position + 1
        while True:
            stop = self._value(text, position)
            spans.append((position, stop))
            position = _after_space(text, stop)
            mark = text[position : position + 1]
            if mark == "]":
                return spans, position + 1
            if mark != ",":
                raise Fault("missing comma" if mark else "incomplete array value", position)
            position = _after_space(text, position + 1)

    def _value(self, text: str, start: int) -> int:
        try:
            return self._decoder.raw_decode(text, start)[1]
        except json.JSONDecodeError as error:
            raise Fault(_words(error, text, start), error.pos) from error
        except _Constant as error:
            raise Fault(f'unknown keyword "{error}"', start) from error
        except _Duplicate as error:
            raise Fault(f'duplicate object attribute "{error}"', start) from error
        except RecursionError as error:
            raise Fault("document is nested too deeply", start) from error

    def _check_keys(self, pairs: list[tuple[str, object]]) -> None:
        if len(pairs) < 2 or len({key for key, _ in pairs}) == len(pairs):
            return
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                raise _Duplicate(key)
            seen.add(key)


def _constant(name: str) -> object:
    raise _Constant(name)


def _words(error: json.JSONDecodeError, text: str, start: int) -> str:
    """Snowflake's words for what Python's parser says."""
    if error.msg.startswith(("Unterminated string", "Invalid control")):
        return "unterminated string"
    if error.msg.startswith("Invalid"):
        return "invalid escape sequence"
    if not text[error.pos : error.pos + 1].strip() and not text[error.pos :].strip():
        kind = {"{": "object ", "[": "array "}.get(text[start : start + 1], "")
        return f"incomplete {kind}value"
    if "':'" in error.msg:
        return "missing colon"
    if "','" in error.msg:
        return "missing comma"
    word = _WORD.match(text, error.pos)
    return f'unknown keyword "{word[0]}"' if word else f"misplaced {text[error.pos]}"


def _dump(value: object, *, strip_nulls: bool) -> str:
    if isinstance(value, dict):
        kept = ((key, item) for key, item in value.items() if not (strip_nulls and item is None))
        return "{" + ",".join(f"{_text(key)}:{_dump(item, strip_nulls=strip_nulls)}" for key, item in kept) + "}"
    if isinstance(value, list):
        if strip_nulls and any(item is None for item in value):
            raise unsupported("STRIP_NULL_VALUES of an array that holds null, whose place would become undefined,")
        return "[" + ",".join(_dump(item, strip_nulls=strip_nulls) for item in value) + "]"
    if isinstance(value, _Number):
        return str(value)
    return _text(value)


def _text(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def is_strict(text: str, form: JsonFormat) -> bool:
    """Whether a document that DuckDB takes for valid is so for Snowflake, too: no key twice in any object."""
    try:
        Parser(form).document(text, 0)
    except Fault:
        return False
    return True
