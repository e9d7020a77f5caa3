"""Values of expressions, by the account's own query engine, and their assignment to types."""

import uuid
from dataclasses import dataclass
from decimal import Decimal

import duckdb

from pipeline.errors import SyntaxProblem
from pipeline.local import faults
from pipeline.local.answers import BOOLEAN, TEXT
from pipeline.local.errors import SnowflakeError
from pipeline.local.literals import literal
from pipeline.local.queries import evaluate
from pipeline.local.scripting.scope import Scope, Value
from pipeline.local.scripting.substitution import in_expression
from pipeline.local.session import Session
from pipeline.sql.grammar.model import Fragment
from pipeline.sql.lexer import TokenKind, identifier_value, literal_value, tokens
from pipeline.sql.types import DEFAULT_VARCHAR_LENGTH, DataType, Kind, number

_FREE = (Kind.VARCHAR, Kind.BOOLEAN, Kind.FLOAT, Kind.DATE, Kind.VARIANT, Kind.OBJECT, Kind.ARRAY)
"""Kinds whose values need no cast when they are of that kind already."""


@dataclass(frozen=True, slots=True)
class Evaluator:
    """Evaluates within one session."""

    session: Session

    def value(self, expression: Fragment, scope: Scope) -> Value:
        """The value of an expression of the script.

        Raises:
            SnowflakeError: it cannot be evaluated.
        """
        simple = _simple(expression.text, scope)
        return simple if simple is not None else self.sql_value(in_expression(expression.text, scope))

    def sql_value(self, text: str) -> Value:
        """The value of an expression of SQL."""
        try:
            with self.session.statement(str(uuid.uuid4()), f"SELECT {text}"):
                value, column = evaluate(self.session, text)
        except duckdb.InterruptException as error:
            self.session.check_aborted()
            raise faults.from_duckdb(error) from error
        except duckdb.Error as error:
            raise faults.from_duckdb(error) from error
        except SyntaxProblem as problem:
            raise faults.from_text(problem) from problem
        return Value(value, column.type)

    def condition(self, expression: Fragment, scope: Scope) -> bool:
        """Whether a condition is met; NULL is not."""
        return self.assigned(self.value(expression, scope), BOOLEAN).value is True

    def assigned(self, value: Value, target: DataType) -> Value:
        """The value as a variable of that type holds it.

        Raises:
            SnowflakeError: it cannot be cast.
        """
        if value.value is None:
            return Value(None, target)
        free = target.kind in _FREE and value.type.kind is target.kind
        if free and target.length in (None, DEFAULT_VARCHAR_LENGTH):
            return Value(value.value, target)
        return self.sql_value(f"CAST({literal(value.value, value.type)} AS {target})")

    def integer(self, expression: Fragment, scope: Scope) -> int:
        """A bound of a FOR loop, rounded."""
        value = self.assigned(self.value(expression, scope), number()).value
        if value is None:
            raise SnowflakeError("A bound of a FOR loop is NULL.", 1008, "22023")
        return int(str(value))


def _simple(text: str, scope: Scope) -> Value | None:
    """A literal or variable alone, without a query; None for anything else."""
    first, *others = tokens(text)
    if len(others) != 1:
        return None
    match first.kind:
        case TokenKind.STRING | TokenKind.DOLLARS:
            return Value(literal_value(first.text), TEXT)
        case TokenKind.NUMBER if "e" not in first.text.lower():
            return _number(first.text)
        case TokenKind.WORD if first.upper in ("TRUE", "FALSE"):
            return Value(first.upper == "TRUE", BOOLEAN)
        case TokenKind.WORD if first.upper == "NULL":
            return Value(None, TEXT)
        case TokenKind.WORD | TokenKind.QUOTED:
            return scope.value(identifier_value(first))
        case TokenKind.BIND:
            return scope.value(first.text[1:].upper())
        case _:
            return None


def _number(text: str) -> Value:
    scale = len(text.partition(".")[2])
    precision = max(len(text.replace(".", "").lstrip("0")), scale, 1)
    return Value(Decimal(text) if scale else int(text.rstrip(".")), number(precision, scale))
