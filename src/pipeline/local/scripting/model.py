"""A script as data. Source: docs.snowflake.com/en/developer-guide/snowflake-scripting.

Every `at` is an offset in the script's text; expressions and queries are kept as written, with their offsets.
"""

from dataclasses import dataclass
from enum import Enum

from pipeline.sql.grammar.model import Fragment
from pipeline.sql.types import DataType


@dataclass(frozen=True, slots=True)
class Variable:
    """name [type] [:= | DEFAULT value]"""

    name: str
    type: DataType | None
    value: Fragment | None
    at: int


@dataclass(frozen=True, slots=True)
class Cursor:
    """name CURSOR FOR query | result set"""

    name: str
    query: Fragment
    at: int


@dataclass(frozen=True, slots=True)
class ResultSet:
    """name RESULTSET [:= ( query )]; the query without its parentheses."""

    name: str
    query: Fragment | None
    at: int


@dataclass(frozen=True, slots=True)
class ExceptionName:
    """name EXCEPTION [( number, 'message' )]"""

    name: str
    number: int
    message: str
    at: int


Declaration = Variable | Cursor | ResultSet | ExceptionName


@dataclass(frozen=True, slots=True)
class Let:
    """LET declaration"""

    declaration: Variable | Cursor | ResultSet
    at: int


@dataclass(frozen=True, slots=True)
class Assign:
    """name := value"""

    name: str
    value: Fragment
    at: int


@dataclass(frozen=True, slots=True)
class Branch:
    """A condition (or the value that CASE compares with) and what it leads to."""

    condition: Fragment
    body: "tuple[Statement, ...]"


@dataclass(frozen=True, slots=True)
class If:
    """IF … ELSEIF … ELSE … END IF"""

    branches: tuple[Branch, ...]
    otherwise: "tuple[Statement, ...]"
    at: int


@dataclass(frozen=True, slots=True)
class Case:
    """CASE [operand] WHEN … THEN … ELSE … END; without an ELSE a case that nothing meets does nothing."""

    operand: Fragment | None
    branches: tuple[Branch, ...]
    otherwise: "tuple[Statement, ...]"
    at: int


@dataclass(frozen=True, slots=True)
class ForRows:
    """FOR variable IN cursor | result set DO … END FOR"""

    variable: str
    source: str
    body: "tuple[Statement, ...]"
    label: str | None
    at: int


@dataclass(frozen=True, slots=True)
class ForRange:
    """FOR variable IN [REVERSE] first TO last DO … END FOR"""

    variable: str
    reverse: bool
    first: Fragment
    last: Fragment
    body: "tuple[Statement, ...]"
    label: str | None
    at: int


class Turn(Enum):
    """When a loop looks at its condition."""

    WHILE = "WHILE"
    UNTIL = "REPEAT … UNTIL"
    FOREVER = "LOOP"


@dataclass(frozen=True, slots=True)
class Loop:
    """WHILE, REPEAT or LOOP; `condition` is None for LOOP."""

    turn: Turn
    condition: Fragment | None
    body: "tuple[Statement, ...]"
    label: str | None
    at: int


@dataclass(frozen=True, slots=True)
class Break:
    """BREAK | EXIT [label]"""

    label: str | None
    at: int


@dataclass(frozen=True, slots=True)
class Continue:
    """CONTINUE | ITERATE [label]"""

    label: str | None
    at: int


@dataclass(frozen=True, slots=True)
class Return:
    """RETURN [value]"""

    value: Fragment | None
    at: int


@dataclass(frozen=True, slots=True)
class ReturnTable:
    """RETURN TABLE ( result set | query )"""

    source: Fragment
    at: int


@dataclass(frozen=True, slots=True)
class Raise:
    """RAISE [exception]; without a name, in a handler, what it handles."""

    name: str | None
    at: int


@dataclass(frozen=True, slots=True)
class Open:
    """OPEN cursor [USING ( values )]"""

    cursor: str
    using: tuple[Fragment, ...]
    at: int


@dataclass(frozen=True, slots=True)
class Fetch:
    """FETCH cursor INTO variable, …"""

    cursor: str
    into: tuple[str, ...]
    at: int


@dataclass(frozen=True, slots=True)
class Close:
    """CLOSE cursor"""

    cursor: str
    at: int


@dataclass(frozen=True, slots=True)
class Nothing:
    """NULL"""

    at: int


@dataclass(frozen=True, slots=True)
class Sql:
    """Any statement of SQL."""

    text: str
    at: int


@dataclass(frozen=True, slots=True)
class Handler:
    """WHEN exception OR … THEN …; OTHER is among the names."""

    names: tuple[str, ...]
    body: "tuple[Statement, ...]"


@dataclass(frozen=True, slots=True)
class Script:
    """[DECLARE …] BEGIN … [EXCEPTION …] END"""

    declarations: tuple[Declaration, ...]
    body: "tuple[Statement, ...]"
    handlers: tuple[Handler, ...]
    at: int


Statement = (
    Let
    | Assign
    | If
    | Case
    | ForRows
    | ForRange
    | Loop
    | Break
    | Continue
    | Return
    | ReturnTable
    | Raise
    | Open
    | Fetch
    | Close
    | Nothing
    | Sql
    | Script
)
