"""All options of a file format with their values, as DESCRIBE FILE FORMAT and SHOW FILE FORMATS list them.

Source: docs.snowflake.com/en/sql-reference/sql/create-file-format (defaults) and …/desc-file-format.
"""

import json
from collections.abc import Mapping

CSV: Mapping[str, object] = {
    "TYPE": "CSV",
    "RECORD_DELIMITER": "\n",
    "FIELD_DELIMITER": ",",
    "FILE_EXTENSION": None,
    "SKIP_HEADER": 0,
    "PARSE_HEADER": False,
    "DATE_FORMAT": "AUTO",
    "TIME_FORMAT": "AUTO",
    "TIMESTAMP_FORMAT": "AUTO",
    "BINARY_FORMAT": "HEX",
    "ESCAPE": "NONE",
    "ESCAPE_UNENCLOSED_FIELD": "\\",
    "TRIM_SPACE": False,
    "FIELD_OPTIONALLY_ENCLOSED_BY": "NONE",
    "NULL_IF": ["\\N"],
    "COMPRESSION": "AUTO",
    "ERROR_ON_COLUMN_COUNT_MISMATCH": True,
    "VALIDATE_UTF8": True,
    "SKIP_BLANK_LINES": False,
    "REPLACE_INVALID_CHARACTERS": False,
    "EMPTY_FIELD_AS_NULL": True,
    "SKIP_BYTE_ORDER_MARK": True,
    "ENCODING": "UTF8",
    "MULTI_LINE": True,
}
JSON: Mapping[str, object] = {
    "TYPE": "JSON",
    "FILE_EXTENSION": None,
    "DATE_FORMAT": "AUTO",
    "TIME_FORMAT": "AUTO",
    "TIMESTAMP_FORMAT": "AUTO",
    "BINARY_FORMAT": "HEX",
    "TRIM_SPACE": False,
    "NULL_IF": [],
    "COMPRESSION": "AUTO",
    "ENABLE_OCTAL": False,
    "ALLOW_DUPLICATE": False,
    "STRIP_OUTER_ARRAY": False,
    "STRIP_NULL_VALUES": False,
    "IGNORE_UTF8_ERRORS": False,
    "REPLACE_INVALID_CHARACTERS": False,
    "SKIP_BYTE_ORDER_MARK": True,
    "MULTI_LINE": True,
}
DEFAULTS = {"CSV": CSV, "JSON": JSON}
_NONE_IS_A_WORD = frozenset(name for options in DEFAULTS.values() for name, value in options.items() if value == "NONE")


def complete(type_: str, stored: Mapping[str, object]) -> dict[str, object]:
    """Every option of the type: as stored, or at its default."""
    defaults = DEFAULTS[type_]
    values = {name: stored.get(name, default) for name, default in defaults.items()} | {"TYPE": type_}
    return {name: _word(name, value) for name, value in values.items()}


def _word(name: str, value: object) -> object:
    """A delimiter or quote that is switched off is the word NONE."""
    off = name in _NONE_IS_A_WORD or name.endswith("DELIMITER") or name == "ESCAPE_UNENCLOSED_FIELD"
    return "NONE" if value is None and off else value


def as_json(type_: str, stored: Mapping[str, object]) -> str:
    """`format_options` of SHOW FILE FORMATS."""
    return json.dumps(complete(type_, stored), separators=(",", ":"))


def property_type(value: object) -> str:
    """`property_type` of DESCRIBE."""
    if isinstance(value, bool):
        return "Boolean"
    if isinstance(value, int):
        return "Integer"
    return "List" if isinstance(value, list) else "String"


def property_text(value: object) -> str:
    """A value as DESCRIBE prints it: control characters spelt out, lists in brackets."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return f"[{', '.join(str(item) for item in value)}]"
    return str(value).replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t")
