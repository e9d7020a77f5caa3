"""Errors that a user sees: where, what is wrong, what to do next, and the exit code."""

from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path


class ExitCode(IntEnum):
    """Exit codes of the command line: the first six as Snowflake's own clients have them."""

    OK = 0
    FAILED = 1
    USAGE = 2
    CANNOT_CONNECT = 3
    COMMUNICATION = 4
    SQL = 5
    CHANGES_PENDING = 6
    DRIFT = 7
    UNHEALTHY = 8
    REFUSED = 9
    LOCKED = 10
    TESTS_FAILED = 11
    INTERRUPTED = 130


@dataclass(frozen=True)
class Location:
    """A place in a file of the project; `line` and `column` count from 1."""

    path: Path
    line: int
    column: int | None = None
    source: str | None = None
    """The text of that line, shown under the message."""

    def __str__(self) -> str:
        place = f"{self.path}:{self.line}"
        return place if self.column is None else f"{place}:{self.column}"


class PipelineError(Exception):
    """Base of every error that is the user's to mend. Its text is complete without a traceback."""

    exit_code = ExitCode.FAILED
    name = "failed"

    def __init__(
        self,
        message: str,
        *,
        at: Location | None = None,
        hint: str | None = None,
        notes: tuple[str, ...] = (),
    ) -> None:
        super().__init__(message)
        self.message = message
        self.at = at
        self.hint = hint
        self.notes = notes

    def __reduce__(self) -> tuple[object, ...]:
        """Copied and sent to other processes as it is: the arguments of a child's `__init__` are not kept."""
        return _made_again, (type(self), self.args), self.__dict__


def _made_again(kind: type[PipelineError], args: tuple[object, ...]) -> PipelineError:
    return kind.__new__(kind, *args)


class UsageError(PipelineError):
    """An argument or option is wrong."""

    exit_code = ExitCode.USAGE
    name = "usage"


class ConfigError(PipelineError):
    """The configuration does not say what it must."""

    exit_code = ExitCode.USAGE
    name = "config"


class RenderError(PipelineError):
    """A template does not render."""

    name = "render"


class SyntaxProblem(PipelineError):
    """A text of SQL that cannot be split or read."""

    name = "syntax"


class CannotConnect(PipelineError):
    """The target does not let us in."""

    exit_code = ExitCode.CANNOT_CONNECT
    name = "cannot-connect"


class CommunicationError(PipelineError):
    """The connection was lost while a command ran."""

    exit_code = ExitCode.COMMUNICATION
    name = "communication"


class StatementFailed(PipelineError):
    """The account refused a statement; `query_id` finds it in the account's history."""

    exit_code = ExitCode.SQL
    name = "statement-failed"

    def __init__(
        self,
        message: str,
        *,
        at: Location | None = None,
        hint: str | None = None,
        notes: tuple[str, ...] = (),
        query_id: str | None = None,
        errno: int | None = None,
        sqlstate: str | None = None,
    ) -> None:
        super().__init__(message, at=at, hint=hint, notes=notes)
        self.query_id = query_id
        self.errno = errno
        self.sqlstate = sqlstate


class Unhealthy(PipelineError):
    """The pipeline runs, but not as it should."""

    exit_code = ExitCode.UNHEALTHY
    name = "unhealthy"


class Refused(PipelineError):
    """A guard refused: something would be lost."""

    exit_code = ExitCode.REFUSED
    name = "refused"


class Locked(PipelineError):
    """Somebody else holds the lock."""

    exit_code = ExitCode.LOCKED
    name = "locked"


class TestsFailed(PipelineError):
    """A test of the user's pipeline failed."""

    __test__ = False  # pytest would collect the class by its name

    exit_code = ExitCode.TESTS_FAILED
    name = "tests-failed"


class Interrupted(PipelineError):
    """The user pressed Ctrl-C; what was done is said in the notes."""

    exit_code = ExitCode.INTERRUPTED
    name = "interrupted"
