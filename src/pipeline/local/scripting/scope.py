"""The variables, cursors, result sets and exceptions of a running script, scope within scope."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from pipeline.local.answers import BOOLEAN, INTEGER, TEXT
from pipeline.local.errors import SnowflakeError, compilation
from pipeline.local.protocol import Column, Result
from pipeline.sql.grammar.model import Fragment
from pipeline.sql.types import DataType

USER_EXCEPTION_STATE = "P0001"


@dataclass(frozen=True, slots=True)
class Value:
    """A value of Python's own with its Snowflake type."""

    value: object
    type: DataType


@dataclass(slots=True)
class VariableCell:
    """A variable: its declared type, if it has one, and what it holds."""

    declared: DataType | None
    held: Value


@dataclass(frozen=True, slots=True)
class Row:
    """What the variable of a FOR loop over rows holds."""

    columns: tuple[Column, ...]
    values: tuple[object, ...]

    def get(self, name: str) -> Value | None:
        for column, value in zip(self.columns, self.values, strict=True):
            if column.name.upper() == name.upper():
                return Value(value, column.type)
        return None


@dataclass(slots=True)
class ResultSetCell:
    """A RESULTSET, filled when its query ran."""

    result: Result | None = None


@dataclass(slots=True)
class CursorCell:
    """A cursor; `rows` is None while it is closed."""

    query: Fragment
    result: Result | None = None
    rows: Iterator[tuple[object, ...]] | None = None


@dataclass(frozen=True, slots=True)
class UserException:
    """A declared exception."""

    name: str
    number: int
    message: str


Cell = VariableCell | Row | ResultSetCell | CursorCell | UserException


class Raised(SnowflakeError):
    """An error on its way through a script: which exception it is, and where it rose."""

    def __init__(self, name: str, cause: SnowflakeError, at: int) -> None:
        super().__init__(cause.message, cause.errno, cause.sqlstate)
        self.name = name
        self.cause = cause
        self.at = at


NOTHING = Value(None, TEXT)
_STATUS = {
    "SQLROWCOUNT": INTEGER,
    "SQLFOUND": BOOLEAN,
    "SQLNOTFOUND": BOOLEAN,
    "SQLCODE": INTEGER,
    "SQLERRM": TEXT,
    "SQLSTATE": TEXT,
    "SQLID": TEXT,
}


@dataclass(slots=True)
class Scope:
    """The names of one block, within those of the blocks around it."""

    outer: "Scope | None" = None
    names: dict[str, Cell] = field(default_factory=dict)
    status: dict[str, object] = field(default_factory=dict)
    """What SQLROWCOUNT and its like say, shared by all scopes of a script."""
    handled: Raised | None = None
    """The exception that the running handler handles."""

    def inner(self, handled: Raised | None = None) -> "Scope":
        return Scope(self, {}, self.status, handled or self.handled)

    def declare(self, name: str, cell: Cell) -> None:
        """Raises SnowflakeError when this block has that name already."""
        if name in self.names:
            raise compilation(f"Variable '{name}' cannot be redeclared.", 1044, "42P13")
        self.names[name] = cell

    def put(self, name: str, cell: Cell) -> None:
        """Declare, in place of what the name meant: the variable of a loop."""
        self.names[name] = cell

    def find(self, name: str) -> Cell | None:
        scope: Scope | None = self
        while scope is not None:
            if name in scope.names:
                return scope.names[name]
            scope = scope.outer
        return None

    def value(self, name: str) -> Value | None:
        """What a variable holds, or a status variable says; None when the name means neither."""
        cell = self.find(name)
        if isinstance(cell, VariableCell):
            return cell.held
        if name in ("SQLCODE", "SQLERRM", "SQLSTATE"):
            return self._of_error(name)
        if name in _STATUS:
            return Value(self.status.get(name), _STATUS[name])
        return None

    def _of_error(self, name: str) -> Value | None:
        if self.handled is None:
            return None
        said = {"SQLCODE": self.handled.errno, "SQLERRM": self.handled.message, "SQLSTATE": self.handled.sqlstate}
        return Value(said[name], _STATUS[name])

    def variable(self, name: str) -> VariableCell:
        """Raises SnowflakeError when there is no such variable to assign to."""
        cell = self.find(name)
        if not isinstance(cell, VariableCell):
            raise compilation(f"Variable '{name}' is not declared.", 904, "42000")
        return cell

    def cursor(self, name: str) -> CursorCell:
        cell = self.find(name)
        if not isinstance(cell, CursorCell):
            raise compilation(f"Cursor '{name}' is not declared.", 904, "42000")
        return cell
