"""Retentions: DATA_RETENTION_TIME_IN_DAYS and MAX_DATA_EXTENSION_TIME_IN_DAYS.

Source: docs.snowflake.com/en/sql-reference/parameters.
"""

from pipeline.local.errors import compilation

_MOST_DAYS = 90
MOST_TRANSIENT_DAYS = 1
"""Of transient and temporary tables (docs.snowflake.com/en/user-guide/data-time-travel)."""


def days(name: str, text: str, *, transient: bool = False) -> int:
    """The value of such a property. Raises SnowflakeError 001008 if it is no number from 0 to 90, or to 1."""
    most = MOST_TRANSIENT_DAYS if transient else _MOST_DAYS
    if not (text.isascii() and text.isdigit()) or int(text) > most:
        raise compilation(f"invalid value [{text}] for parameter '{name}'", 1008, "22023")
    return int(text)
