"""Errors as Snowflake reports them: number, SQL state, text, and where in the statement.

Numbers and texts: docs.snowflake.com pages of each statement, and what clients recorded from live accounts.
"""

from typing import NoReturn


class SnowflakeError(Exception):
    """A statement that the account refuses.

    `message` is the text without number and state; `line` counts from 1, `position` from 0, both -1 where unknown.
    """

    def __init__(self, message: str, errno: int, sqlstate: str, line: int = -1, position: int = -1) -> None:
        super().__init__(message)
        self.message = message
        self.errno = errno
        self.sqlstate = sqlstate
        self.line = line
        self.position = position

    def __str__(self) -> str:
        return f"{self.errno:06d} ({self.sqlstate}): {self.message}"


UNSUPPORTED_ERRNO = 391900
"""The local account's own number for what it does not support; Snowflake has no such number."""


def unsupported(what: str) -> SnowflakeError:
    """Refuse by name what this account cannot do as Snowflake does it."""
    return SnowflakeError(f"{what} is not supported by the local account.", UNSUPPORTED_ERRNO, "0A000")


def outside_of_dates(moment: object) -> SnowflakeError:
    """For results: Python, through which they go to the client, has the years 1 to 9999 only."""
    return unsupported(f"A result outside of the years 1 to 9999 ({moment})")


def compilation(text: str, errno: int, sqlstate: str, line: int = -1, position: int = -1) -> SnowflakeError:
    """An error found before the statement runs."""
    return SnowflakeError(f"SQL compilation error:\n{text}", errno, sqlstate, line, position)


def syntax_error(unexpected: str, line: int, position: int) -> SnowflakeError:
    """`unexpected` is the token as written, `<EOF>` at the end of the text."""
    text = f"syntax error line {line} at position {position} unexpected '{unexpected}'."
    return compilation(text, 1003, "42000", line, position)


def does_not_exist(kind: str, name: str) -> SnowflakeError:
    """A named object is missing. Tables and views are said to be `Object`, with the state of tables."""
    sqlstate = "42S02" if kind == "Object" else "02000"
    return compilation(f"{kind} '{name}' does not exist or not authorized.", 2003, sqlstate)


def already_exists(name: str, kind: str = "Object") -> SnowflakeError:
    return compilation(f"{kind} '{name}' already exists.", 2002, "42710")


def invalid_identifier(name: str, line: int = -1, position: int = -1) -> SnowflakeError:
    where = f"error line {line} at position {position}\n" if line >= 0 else ""
    return SnowflakeError(f"SQL compilation error: {where}invalid identifier '{name}'", 904, "42000", line, position)


def invalid_value(text: str) -> SnowflakeError:
    """A property, parameter or argument has a value that it cannot have."""
    return compilation(text, 1008, "22023")


def no_current(what: str, action: str = "SELECT") -> SnowflakeError:
    """`what` is `database` or `schema`."""
    errno = 90105 if what == "database" else 90106
    return SnowflakeError(
        f"Cannot perform {action}. This session does not have a current {what}. "
        f"Call 'USE {what.upper()}', or use a qualified name.",
        errno,
        "22000",
    )


def never(value: NoReturn) -> NoReturn:
    """A case that the types rule out."""
    raise AssertionError(f"unexpected {value!r}")
