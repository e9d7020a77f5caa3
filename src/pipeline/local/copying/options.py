"""Options of COPY INTO <table>, checked and typed; what the stage's own COPY_OPTIONS say comes before the defaults.

Source: docs.snowflake.com/en/sql-reference/sql/copy-into-table (copyOptions).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import Enum

from pipeline.local.errors import SnowflakeError, unsupported
from pipeline.local.file_formats import unknown_parameter, wrong_value
from pipeline.sql.grammar.model import Options, Value, ValueKind

_MOST_FILES = 1000
_SKIP = re.compile(r"SKIP_FILE(?:_(\d+)(%)?)?\Z")
_RETURN_ROWS = re.compile(r"RETURN_(\d+)_ROWS?\Z")


class OnError(Enum):
    """What a rejected record does to its file."""

    ABORT_STATEMENT = "ABORT_STATEMENT"
    CONTINUE = "CONTINUE"
    SKIP_FILE = "SKIP_FILE"
    SKIP_FILE_NUMBER = "SKIP_FILE_n"
    SKIP_FILE_PERCENT = "SKIP_FILE_n%"


@dataclass(frozen=True, slots=True)
class ErrorBudget:
    """ON_ERROR; `number` is SKIP_FILE's, in records or percent."""

    kind: OnError = OnError.ABORT_STATEMENT
    number: int = 1

    def limit(self, rows: int) -> int:
        """`error_limit` of a file with that many records: so many errors drop it (CONTINUE: never).

        A percentage is rounded down, to 1 at least, and a file that reaches it is dropped: recorded from live accounts,
        while the documentation of ON_ERROR says that it must be exceeded.
        """
        match self.kind:
            case OnError.ABORT_STATEMENT | OnError.SKIP_FILE:
                return 1
            case OnError.CONTINUE:
                return max(rows, 1)
            case OnError.SKIP_FILE_NUMBER:
                return self.number
            case OnError.SKIP_FILE_PERCENT:
                return max(rows * self.number // 100, 1)

    def drops(self, errors: int, rows: int) -> bool:
        """Whether a file with that many errors is not loaded at all."""
        return self.kind is not OnError.CONTINUE and errors >= self.limit(rows)


class Validation(Enum):
    """VALIDATION_MODE."""

    RETURN_ROWS = "RETURN_n_ROWS"
    RETURN_ERRORS = "RETURN_ERRORS"
    RETURN_ALL_ERRORS = "RETURN_ALL_ERRORS"


class Match(Enum):
    """MATCH_BY_COLUMN_NAME."""

    NONE = "NONE"
    CASE_SENSITIVE = "CASE_SENSITIVE"
    CASE_INSENSITIVE = "CASE_INSENSITIVE"


@dataclass(frozen=True, slots=True)
class CopyOptions:
    """Everything that a COPY INTO <table> may say, FILE_FORMAT apart."""

    files: tuple[str, ...] | None = None
    pattern: str | None = None
    on_error: ErrorBudget = field(default_factory=ErrorBudget)
    size_limit: int | None = None
    purge: bool = False
    return_failed_only: bool = False
    match: Match = Match.NONE
    metadata: tuple[tuple[str, str], ...] = ()
    """INCLUDE_METADATA: column and METADATA$ name."""
    truncate: bool = False
    force: bool = False
    load_uncertain_files: bool = False
    validation: Validation | None = None
    validation_rows: int = 0


_IGNORED = frozenset({"CLUSTER_AT_INGEST_TIME"})
_REFUSED = frozenset({"CREDENTIALS", "ENCRYPTION", "STORAGE_INTEGRATION", "FILE_PROCESSOR", "LOAD_MODE"})
STAGE_OPTIONS = frozenset(
    {"ON_ERROR", "SIZE_LIMIT", "PURGE", "RETURN_FAILED_ONLY", "ENFORCE_LENGTH", "TRUNCATECOLUMNS", "FORCE"}
) | {"MATCH_BY_COLUMN_NAME", "LOAD_UNCERTAIN_FILES"}
"""What COPY_OPTIONS of a stage may hold."""


def read(options: Options, stage_options: Mapping[str, object]) -> CopyOptions:
    """Type the options of a statement.

    Raises:
        SnowflakeError: an option that COPY does not have, a value that the option cannot have, or what is refused.
    """
    values: dict[str, object] = {}
    for name, text in stage_options.items():
        _take(values, name, Value(ValueKind.WORD, str(text), 0))
    for option in options:
        if option.name != "FILE_FORMAT":
            _take(values, option.name, option.value)
    _check_length(options)
    return CopyOptions(**values)  # type: ignore[arg-type]


def _take(values: dict[str, object], name: str, value: Value) -> None:
    match name:
        case "FILES":
            values["files"] = _files(value)
        case "PATTERN":
            values["pattern"] = value.text
        case "ON_ERROR":
            values["on_error"] = on_error(value)
        case "SIZE_LIMIT":
            values["size_limit"] = _size(name, value)
        case "MATCH_BY_COLUMN_NAME":
            values["match"] = _match(value)
        case "INCLUDE_METADATA":
            values["metadata"] = _metadata(value)
        case "VALIDATION_MODE":
            values["validation"], values["validation_rows"] = _validation(value)
        case "TRUNCATECOLUMNS":
            values["truncate"] = flag(name, value)
        case "ENFORCE_LENGTH":
            values["truncate"] = not flag(name, value)
        case "PURGE" | "RETURN_FAILED_ONLY" | "FORCE" | "LOAD_UNCERTAIN_FILES":
            values[name.lower()] = flag(name, value)
        case _ if name in _REFUSED:
            raise unsupported(name)
        case _ if name not in _IGNORED:
            raise unknown_parameter(name)


def _check_length(options: Options) -> None:
    """ENFORCE_LENGTH and TRUNCATECOLUMNS say the same with opposite words."""
    enforce, truncate = options.get("ENFORCE_LENGTH"), options.get("TRUNCATECOLUMNS")
    if enforce is not None and truncate is not None and enforce.word == truncate.word:
        raise SnowflakeError(
            "SQL compilation error: conflicting values for copy option 'TRUNCATECOLUMNS'\n", 1427, "42601"
        )


def flag(name: str, value: Value) -> bool:
    """TRUE or FALSE without quotes."""
    if value.kind is not ValueKind.WORD or value.word not in ("TRUE", "FALSE"):
        raise wrong_value(name, value)
    return value.word == "TRUE"


def _size(name: str, value: Value) -> int | None:
    if value.kind not in (ValueKind.NUMBER, ValueKind.WORD) or not value.text.isdigit():
        raise wrong_value(name, value)
    return int(value.text) or None


def _files(value: Value) -> tuple[str, ...]:
    if value.kind is not ValueKind.LIST or not all(item.kind is ValueKind.STRING for item in value.items):
        raise wrong_value("FILES", value)
    if len(value.items) > _MOST_FILES:
        raise SnowflakeError(
            f"SQL compilation error:\nToo many files specified, the maximum is {_MOST_FILES}.", 1008, "22023"
        )
    return tuple(dict.fromkeys(item.text for item in value.items))


def on_error(value: Value) -> ErrorBudget:
    """CONTINUE, SKIP_FILE, SKIP_FILE_10, 'SKIP_FILE_10%' or ABORT_STATEMENT, in either case, quoted or not."""
    if value.word in ("CONTINUE", "ABORT_STATEMENT"):
        return ErrorBudget(OnError(value.word))
    match = _SKIP.match(value.word)
    if match is None or (match[2] and int(match[1]) > 100):
        raise wrong_value("ON_ERROR", value)
    if match[2]:
        return ErrorBudget(OnError.SKIP_FILE_PERCENT, int(match[1]))
    if match[1]:
        return ErrorBudget(OnError.SKIP_FILE_NUMBER, int(match[1]))
    return ErrorBudget(OnError.SKIP_FILE)


def _match(value: Value) -> Match:
    if value.word not in Match.__members__:
        raise wrong_value("MATCH_BY_COLUMN_NAME", value)
    return Match(value.word)


def _metadata(value: Value) -> tuple[tuple[str, str], ...]:
    if value.kind is not ValueKind.OPTIONS or value.options is None:
        raise wrong_value("INCLUDE_METADATA", value)
    return tuple((option.name, option.value.word) for option in value.options)


def _validation(value: Value) -> tuple[Validation, int]:
    rows = _RETURN_ROWS.match(value.word)
    if rows is not None:
        return Validation.RETURN_ROWS, int(rows[1])
    if value.word not in (Validation.RETURN_ERRORS.value, Validation.RETURN_ALL_ERRORS.value):
        raise wrong_value("VALIDATION_MODE", value)
    return Validation(value.word), 0


def with_pattern(options: CopyOptions, pattern: str | None) -> CopyOptions:
    """The pattern written after the stage of a transformation, where COPY has none of its own."""
    return options if pattern is None or options.pattern is not None else replace(options, pattern=pattern)
