"""Where a command writes: results to standard output, messages to standard error, only JSON when JSON is asked."""

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass, fields, is_dataclass
from datetime import date, datetime, time
from decimal import Decimal
from enum import Enum, StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from pipeline.errors import Location
from pipeline.sql.names import QualifiedName

if TYPE_CHECKING:
    from rich.console import Console

T = TypeVar("T")

UNLIMITED = 10_000
"""Columns of an output that is no terminal: tables are not cut for a file or a pipe."""


class Format(StrEnum):
    """How a command's result is written."""

    TABLE = "table"
    JSON = "json"


class QueryFormat(StrEnum):
    """How the rows of a query are written."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"


@dataclass(frozen=True, slots=True)
class Screen:
    """The two outputs and how much is said on them."""

    json: bool = False
    verbose: bool = False
    quiet: bool = False
    debug: bool = False

    def show(self, value: T, view: "Callable[[T, Console], None]", document: Callable[[T], object]) -> None:
        """Write a command's value: by `view` for people, `document` as JSON for programs."""
        if self.json:
            self.write_json(document(value))
        elif not self.quiet:
            view(value, self.output())

    def write_json(self, document: object) -> None:
        """The one JSON document of standard output."""
        sys.stdout.write(json.dumps(plain(document), ensure_ascii=False, indent=2) + "\n")
        sys.stdout.flush()

    def output(self) -> "Console":
        """Standard output as rich writes it."""
        return _console(stderr=False)

    def messages(self) -> "Console":
        """Standard error as rich writes it."""
        return _console(stderr=True)

    def note(self, text: str) -> None:
        """A word to the user that is no result."""
        if not self.quiet:
            sys.stderr.write(f"note: {text}\n")
            sys.stderr.flush()

    def warn(self, text: str) -> None:
        """Something that went not as it should, though the command goes on; `--quiet` does not hide it."""
        sys.stderr.write(f"warning: {text}\n")
        sys.stderr.flush()


def _console(*, stderr: bool) -> "Console":
    # Here and not above: rich takes longer to import than `pipeline --help` may.
    from rich.console import Console

    class Output(Console):
        def on_broken_pipe(self) -> None:
            """A reader that went away is handled where all ends are: rich would exit with 1."""
            raise BrokenPipeError

    stream = sys.stderr if stderr else sys.stdout
    width = None if stream.isatty() else UNLIMITED
    return Output(stderr=stderr, highlight=False, width=width, emoji=False, markup=False)


def plain(value: object) -> Any:
    """`value` as JSON has it: names and places as text, exact decimals as numbers where a number keeps them."""
    match value:
        case None | bool() | int() | float() | str() if not isinstance(value, Enum):
            return value
        case Enum():
            return value.value
        case Decimal():
            return _number(value)
        case datetime() | date() | time():
            return value.isoformat()
        case QualifiedName() | Location() | Path():
            return str(value)
        case bytes() | bytearray():
            return value.hex()
        case dict():
            return {str(key): plain(item) for key, item in value.items()}
        case list() | tuple() | set() | frozenset():
            return [plain(item) for item in value]
        case _ if is_dataclass(value) and not isinstance(value, type):
            return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
        case _:
            return str(value)


def _number(value: Decimal) -> int | float | str:
    if value == value.to_integral_value():
        return int(value)
    as_float = float(value)
    return as_float if Decimal(repr(as_float)) == value else str(value)
