"""Installs the DuckDB macros that translated SQL calls, and reads the errors that they raise."""

import hashlib
from typing import Any, Protocol

import duckdb

from pipeline.local.dialect.macros import basics, moments, semistructured
from pipeline.local.errors import SnowflakeError


class Result(Protocol):
    """The part of a DuckDB result that is needed."""

    def fetchall(self) -> list[Any]: ...


class Connection(Protocol):
    """The part of a DuckDB connection that is needed."""

    def execute(self, query: str, /) -> Result: ...


_MACROS = {**basics.MACROS, **moments.MACROS, **semistructured.MACROS}
_MARK = "sf_macros"
"""The macro that says which ones are in the file."""


def install(connection: Connection) -> None:
    """Create the macros in the database if it has others; temporary ones would be seen by one cursor only."""
    digest = hashlib.sha256(repr((duckdb.__version__, _MACROS)).encode()).hexdigest()
    if _installed(connection) == digest:
        return
    connection.execute("BEGIN")
    for name, body in _MACROS.items():
        connection.execute(f"CREATE OR REPLACE MACRO main.{name}{body}")
    connection.execute(f"CREATE OR REPLACE MACRO main.{_MARK}() AS '{digest}'")
    connection.execute("COMMIT")


def _installed(connection: Connection) -> str | None:
    """The digest of the macros that the file has; None for a new file, or one that was never marked."""
    try:
        rows = connection.execute(f"SELECT main.{_MARK}()").fetchall()
    except duckdb.CatalogException:
        return None
    return str(rows[0][0])


def raised(text: str) -> SnowflakeError | None:
    """The SnowflakeError that a translated query raised, out of DuckDB's message; None if it is DuckDB's own."""
    _, mark, rest = text.partition("SF|")
    if not mark:
        return None
    errno, sqlstate, message = rest.split("|", 2)
    return SnowflakeError(message, int(errno), sqlstate)
