"""What the rules share: how they are called and what they are built from."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pipeline.errors import SyntaxProblem
from pipeline.sql.effects.bodies import block_statements, is_block
from pipeline.sql.effects.model import Effects, StatementKind, Target, targets, union
from pipeline.sql.grammar.model import CreateMode, ObjectKind, Options, Value, ValueKind
from pipeline.sql.names import QualifiedName
from pipeline.sql.problems import TextProblem

DDL = StatementKind.DDL


@dataclass(frozen=True, slots=True)
class Reading:
    """How a rule reads a text that stands within its own statement."""

    text: Callable[[str], Effects]

    def code(self, text: str) -> Effects:
        """The effects of a body: a block's statements or one statement; unknown when it cannot be read."""
        try:
            if is_block(text):
                return union((self.text(part) for part in block_statements(text)), StatementKind.CALL)
            return self.text(text)
        except TextProblem:  # the account will say what is wrong when it runs; here it only orders
            return Effects(StatementKind.CALL, unknown=True)


Rule = Callable[[Any, Reading], Effects]


def created(kind: ObjectKind, name: QualifiedName, mode: CreateMode) -> Effects:
    """CREATE in one of its modes."""
    made = targets(kind, name)
    match mode:
        case CreateMode.OR_REPLACE:
            return Effects(DDL, replaces=made)
        case CreateMode.OR_ALTER:
            return Effects(DDL, creates=made, alters=made)
        case CreateMode.NEW | CreateMode.IF_NOT_EXISTS:
            return Effects(DDL, creates=made)


def reading(*found: Target) -> Effects:
    """Reads of these objects."""
    return Effects(DDL, reads=frozenset(found))


def option_target(options: Options, option: str, kind: ObjectKind) -> Effects:
    """A read of the object that an option names, as WAREHOUSE = w."""
    value = options.get(option)
    name = None if value is None else value_name(value)
    return reading() if name is None else reading(Target(kind, name))


def value_name(value: Value) -> QualifiedName | None:
    """The name in an option's value; None when it is computed or no name."""
    if value.kind not in (ValueKind.WORD, ValueKind.NAME, ValueKind.STRING):
        return None
    try:
        return value.name()
    except SyntaxProblem:
        return None
