"""Installs the DuckDB macros that translated SQL calls, and reads the errors that they raise."""

from typing import Protocol

from pipeline.local.dialect.macros import basics, moments, semistructured
from pipeline.local.errors import SnowflakeError


class Connection(Protocol):
    """The part of a DuckDB connection that is needed."""

    def execute(self, query: str, /) -> object: ...


def install(connection: Connection) -> None:
    """Create the macros in the database, anew at each opening; temporary ones would be seen by one cursor only."""
    connection.execute("BEGIN")
    for theme in (basics, moments, semistructured):
        for name, body in theme.MACROS.items():
            connection.execute(f"CREATE OR REPLACE MACRO main.{name}{body}")
    connection.execute("COMMIT")


def raised(text: str) -> SnowflakeError | None:
    """The SnowflakeError that a translated query raised, out of DuckDB's message; None if it is DuckDB's own."""
    _, mark, rest = text.partition("SF|")
    if not mark:
        return None
    errno, sqlstate, message = rest.split("|", 2)
    return SnowflakeError(message, int(errno), sqlstate)
