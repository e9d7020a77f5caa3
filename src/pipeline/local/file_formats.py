"""File formats: the options of JSON and CSV, checked when they are written down and read when files are.

Source: docs.snowflake.com/en/sql-reference/sql/create-file-format.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum

from pipeline.local.errors import SnowflakeError, compilation, invalid_value, unsupported
from pipeline.sql.grammar.model import Options, Value, ValueKind


class Compression(Enum):
    """How a staged file is compressed; AUTO goes by its name's ending, then by its first bytes."""

    AUTO = "AUTO"
    GZIP = "GZIP"
    BZ2 = "BZ2"
    BROTLI = "BROTLI"
    ZSTD = "ZSTD"
    DEFLATE = "DEFLATE"
    RAW_DEFLATE = "RAW_DEFLATE"
    NONE = "NONE"


@dataclass(frozen=True, slots=True)
class JsonFormat:
    """TYPE = JSON. `null_if` and `trim_space` act only with MATCH_BY_COLUMN_NAME."""

    compression: Compression = Compression.AUTO
    strip_outer_array: bool = False
    strip_null_values: bool = False
    allow_duplicate: bool = False
    multi_line: bool = True
    null_if: tuple[str, ...] = ()
    trim_space: bool = False
    replace_invalid_characters: bool = False
    skip_byte_order_mark: bool = True
    file_extension: str | None = None


@dataclass(frozen=True, slots=True)
class CsvFormat:
    """TYPE = CSV. None stands for NONE."""

    compression: Compression = Compression.AUTO
    record_delimiter: str | None = "\n"
    field_delimiter: str | None = ","
    multi_line: bool = True
    parse_header: bool = False
    skip_header: int = 0
    skip_blank_lines: bool = False
    escape: str | None = None
    escape_unenclosed_field: str | None = "\\"
    trim_space: bool = False
    enclosed_by: str | None = None
    null_if: tuple[str, ...] = ("\\N",)
    error_on_column_count_mismatch: bool = True
    replace_invalid_characters: bool = False
    empty_field_as_null: bool = True
    skip_byte_order_mark: bool = True
    file_extension: str | None = None
    date_format: str | None = None
    """With the two that follow: how dates and times are written; None for AUTO."""
    time_format: str | None = None
    timestamp_format: str | None = None

    @property
    def has_moments(self) -> bool:
        """Whether it says how dates or times are written."""
        return any(text is not None for text in (self.date_format, self.time_format, self.timestamp_format))


Format = JsonFormat | CsvFormat

Stored = Mapping[str, object]
"""Options as a catalog object keeps them: names in upper case; texts, truth values, numbers, lists of texts."""

REFUSED_TYPES = ("AVRO", "ORC", "PARQUET", "XML", "CUSTOM")
TYPES = ("CSV", "JSON")

Reader = Callable[[str, Value], object]


def wrong_value(name: str, value: Value) -> SnowflakeError:
    """001008; a string is shown with its quotes, anything else bare."""
    shown = f"'{value.text}'" if value.kind is ValueKind.STRING else value.text
    return invalid_value(f"invalid value [{shown}] for parameter '{name}'")


def _flag(name: str, value: Value) -> bool:
    if value.word not in ("TRUE", "FALSE"):
        raise wrong_value(name, value)
    return value.word == "TRUE"


def _count(name: str, value: Value) -> int:
    if not value.text.isdigit():
        raise wrong_value(name, value)
    return int(value.text)


def _compression(name: str, value: Value) -> str:
    if value.word in ("LZO", "SNAPPY", "SNAPPY_COMPRESSION"):
        raise unsupported(f"{name} = {value.word}")
    if value.word not in Compression.__members__:
        raise wrong_value(name, value)
    return value.word


@dataclass(frozen=True, slots=True)
class Only:
    """Reads the one value that is supported; any other is refused by name."""

    value: str

    def __call__(self, name: str, value: Value) -> str | bool:
        if value.word.replace("-", "") != self.value:
            raise unsupported(f"{name} = {value.text}")
        return value.word == "TRUE" if self.value in ("TRUE", "FALSE") else value.word


def _delimiter(name: str, value: Value) -> str | None:
    if value.word == "NONE":
        return None
    text = _unescaped(value.text)
    if not text or len(text.encode()) > 20:
        raise wrong_value(name, value)
    return text


def _character(name: str, value: Value) -> str | None:
    if value.word == "NONE":
        return None
    text = _unescaped(value.text)
    if len(text) != 1:
        raise wrong_value(name, value)
    return text


def _enclosing(name: str, value: Value) -> str | None:
    text = _character(name, value)
    if text not in (None, "'", '"'):
        raise wrong_value(name, value)
    return text


def _texts(name: str, value: Value) -> list[str]:
    if value.kind is not ValueKind.LIST:
        raise wrong_value(name, value)
    return [_unescaped(item.text) for item in value.items]


def _text(_name: str, value: Value) -> str | None:
    return None if value.word == "NONE" and value.kind is ValueKind.WORD else value.text


def _moments(_name: str, value: Value) -> str:
    return "AUTO" if value.word == "AUTO" else value.text


_ESCAPES = {"\\n": "\n", "\\r": "\r", "\\t": "\t", "\\\\": "\\", "\\'": "'", '\\"': '"', "\\r\\n": "\r\n"}


def _unescaped(text: str) -> str:
    """A delimiter written with an escape that the literal itself has kept: '\\\\n', '\\\\x7c', '0x7c', '\\\\u0001'."""
    if text in _ESCAPES:
        return _ESCAPES[text]
    for prefix in ("\\x", "0x", "\\u"):
        digits = text.removeprefix(prefix)
        if digits != text and digits and all(digit in "0123456789abcdefABCDEF" for digit in digits):
            return chr(int(digits, 16))
    return text


_COMMON: dict[str, Reader] = {
    "COMPRESSION": _compression,
    "REPLACE_INVALID_CHARACTERS": _flag,
    "SKIP_BYTE_ORDER_MARK": _flag,
    "TRIM_SPACE": _flag,
    "MULTI_LINE": _flag,
    "NULL_IF": _texts,
    "FILE_EXTENSION": _text,
    "DATE_FORMAT": Only("AUTO"),
    "TIME_FORMAT": Only("AUTO"),
    "TIMESTAMP_FORMAT": Only("AUTO"),
    "BINARY_FORMAT": Only("HEX"),
    "ENCODING": Only("UTF8"),
}

READERS: dict[str, dict[str, Reader]] = {
    "JSON": _COMMON
    | {
        "STRIP_OUTER_ARRAY": _flag,
        "STRIP_NULL_VALUES": _flag,
        "ALLOW_DUPLICATE": _flag,
        "ENABLE_OCTAL": Only("FALSE"),
        "IGNORE_UTF8_ERRORS": _flag,
    },
    "CSV": _COMMON
    | {
        "RECORD_DELIMITER": _delimiter,
        "FIELD_DELIMITER": _delimiter,
        "PARSE_HEADER": _flag,
        "SKIP_HEADER": _count,
        "SKIP_BLANK_LINES": _flag,
        "ESCAPE": _character,
        "ESCAPE_UNENCLOSED_FIELD": _character,
        "FIELD_OPTIONALLY_ENCLOSED_BY": _enclosing,
        "ERROR_ON_COLUMN_COUNT_MISMATCH": _flag,
        "VALIDATE_UTF8": Only("TRUE"),
        "EMPTY_FIELD_AS_NULL": _flag,
        "DATE_FORMAT": _moments,
        "TIME_FORMAT": _moments,
        "TIMESTAMP_FORMAT": _moments,
    },
}
"""Every option of a type that the local account takes, with what reads its value."""


def read_type(options: Options, default: str = "CSV") -> str:
    """The TYPE written, in upper case.

    Raises:
        SnowflakeError: 391900, a type that the local account does not read; 001008, no type at all.
    """
    value = options.get("TYPE")
    word = default if value is None else value.word
    if word in REFUSED_TYPES:
        raise unsupported(f"The file format type {word}")
    if word not in TYPES:
        assert value is not None
        raise wrong_value("TYPE", value)
    return word


def read_options(type_: str, options: Options) -> dict[str, object]:
    """The options of a type as they are stored, TYPE left out.

    Raises:
        SnowflakeError: an option that the type does not have, or a value that the option cannot have.
    """
    readers = READERS[type_]
    stored: dict[str, object] = {}
    for option in options:
        if option.name in ("TYPE", "COMMENT"):
            continue
        reader = readers.get(option.name)
        if reader is None:
            raise unknown_option(option.name, type_)
        stored[option.name] = reader(option.name, option.value)
    return stored


def unknown_option(name: str, type_: str) -> SnowflakeError:
    """An option of another type is named with both, any other word is no parameter at all."""
    if any(name in readers for readers in READERS.values()):
        return compilation(f"Option {name} is not valid for file format type {type_}.", 1420, "22023")
    return unknown_parameter(name)


def unknown_parameter(name: str) -> SnowflakeError:
    return compilation(f"invalid parameter '{name}'", 1420, "22023")


def build(type_: str, stored: Stored) -> Format:
    """The format that stored options describe.

    Raises:
        SnowflakeError: options that exclude each other.
    """
    implied = {*_IMPLIED, *(name for name in _MOMENTS if stored.get(name) == "AUTO")}
    values = {_FIELDS.get(name, name.lower()): value for name, value in stored.items() if name not in implied}
    values["compression"] = Compression(stored.get("COMPRESSION", "AUTO"))
    if "null_if" in values:
        values["null_if"] = tuple(stored["NULL_IF"])  # type: ignore[arg-type]
    if stored.get("IGNORE_UTF8_ERRORS"):
        values["replace_invalid_characters"] = True
    built: Format = JsonFormat(**values) if type_ == "JSON" else CsvFormat(**values)  # type: ignore[arg-type]
    if isinstance(built, CsvFormat):
        _check_csv(built)
    return built


_FIELDS = {"FIELD_OPTIONALLY_ENCLOSED_BY": "enclosed_by"}
_IMPLIED = frozenset(("TYPE", "BINARY_FORMAT", "ENCODING", "ENABLE_OCTAL", "IGNORE_UTF8_ERRORS", "VALIDATE_UTF8"))
_MOMENTS = ("DATE_FORMAT", "TIME_FORMAT", "TIMESTAMP_FORMAT")
"""Options that leave a format as it is (their other values are refused), or that stand for another one."""


def _check_csv(built: CsvFormat) -> None:
    if built.parse_header and built.skip_header:
        raise invalid_value("PARSE_HEADER and SKIP_HEADER cannot be used together.")
    if built.field_delimiter is not None and built.field_delimiter == built.record_delimiter:
        raise invalid_value("FIELD_DELIMITER and RECORD_DELIMITER cannot be the same.")
    if built.enclosed_by is not None and built.enclosed_by in (built.escape_unenclosed_field, built.field_delimiter):
        raise invalid_value("FIELD_OPTIONALLY_ENCLOSED_BY conflicts with another delimiter.")
