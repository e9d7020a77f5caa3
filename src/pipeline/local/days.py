"""Retentions: DATA_RETENTION_TIME_IN_DAYS and MAX_DATA_EXTENSION_TIME_IN_DAYS.

Source: docs.snowflake.com/en/sql-reference/parameters.
"""

from pipeline.local.errors import compilation

_MOST_DAYS = 90


def days(name: str, text: str) -> int:
    """The value of such a property. Raises SnowflakeError 001008 if it is no number from 0 to 90."""
    if not (text.isascii() and text.isdigit()) or int(text) > _MOST_DAYS:
        raise compilation(f"invalid value [{text}] for parameter '{name}'", 1008, "22023")
    return int(text)
