"""Runs a script: its control flow here, its statements by the account, its expressions by the query engine."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from pipeline.errors import SyntaxProblem
from pipeline.local import faults
from pipeline.local.errors import SnowflakeError, compilation
from pipeline.local.protocol import Column, Result
from pipeline.local.scripting import model
from pipeline.local.scripting.calls import cut_call
from pipeline.local.scripting.evaluation import Evaluator
from pipeline.local.scripting.parser import parse_script
from pipeline.local.scripting.runner import StatementRunner
from pipeline.local.scripting.scope import (
    NOTHING,
    USER_EXCEPTION_STATE,
    CursorCell,
    Raised,
    ResultSetCell,
    Row,
    Scope,
    UserException,
    Value,
    VariableCell,
)
from pipeline.local.session import Session
from pipeline.local.transaction import Transaction
from pipeline.sql.grammar.model import Fragment
from pipeline.sql.problems import line_of, position_of
from pipeline.sql.types import number

_STOPS = frozenset({604, 630})
"""Cancelled and timed out: no handler catches these."""
MOST_NESTED = 25
"""Levels of calls; a limit of this account's own, so that a procedure that calls itself without end is told so."""
_STATEMENT_ERROR = "STATEMENT_ERROR"
_EXPRESSION_ERROR = "EXPRESSION_ERROR"
_INTEGER = number()


class _Break(Exception):
    def __init__(self, label: str | None) -> None:
        self.label = label


class _Continue(Exception):
    def __init__(self, label: str | None) -> None:
        self.label = label


class _Return(Exception):
    def __init__(self, outcome: Value | Result) -> None:
        self.outcome = outcome


def run_script(
    session: Session, text: str, outer: Transaction | None, arguments: Sequence[tuple[str, Value]] = ()
) -> Value | Result:
    """Run a block; what it returns: a value, or the rows of RETURN TABLE.

    Raises:
        SnowflakeError: an exception that no handler caught, with the place where it rose; the text is no block; too
            many scripts call one another.
    """
    _check_depth(session)
    try:
        script = parse_script(text)
    except SyntaxProblem as problem:
        raise faults.from_text(problem) from problem
    scope = Scope()
    for name, value in arguments:
        scope.declare(name, VariableCell(value.type, value))
    try:
        Interpreter(session, outer).block(script, scope)
    except _Return as returned:
        return returned.outcome
    except Raised as raised:
        line, position = line_of(text, raised.at), position_of(text, raised.at)
        message = f"Uncaught exception of type '{raised.name}' on line {line} at position {position} : {raised.message}"
        raise SnowflakeError(message, raised.errno, raised.sqlstate) from raised
    return NOTHING


def _check_depth(session: Session) -> None:
    running, depth = session.running, 0
    while running is not None:
        running, depth = running.outer, depth + 1
    if depth > MOST_NESTED:
        raise SnowflakeError(f"Scripts call one another more than {MOST_NESTED} levels deep.", 391904, "54001")


@dataclass(frozen=True)
class _Body:
    """A loop's statements, and the label by which BREAK and CONTINUE name it."""

    statements: tuple[model.Statement, ...]
    label: str | None


class Interpreter:
    """Runs the statements of one script."""

    def __init__(self, session: Session, outer: Transaction | None) -> None:
        self.session = session
        self.evaluator = Evaluator(session)
        self.runner = StatementRunner(session, self.evaluator, outer)
        self._kinds: dict[type, Callable[[Any, Scope], None]] = {
            model.Script: self.block,
            model.Let: self._let,
            model.Assign: self._assign,
            model.If: self._if,
            model.Case: self._case,
            model.ForRows: self._for_rows,
            model.ForRange: self._for_range,
            model.Loop: self._loop,
            model.Break: self._break,
            model.Continue: self._continue,
            model.Return: self._return,
            model.ReturnTable: self._return_table,
            model.Raise: self._raise,
            model.Open: self._open,
            model.Fetch: self._fetch,
            model.Close: self._close,
            model.Nothing: self._nothing,
            model.Sql: self._sql,
        }

    # --- blocks and errors ---------------------------------------------------------------------------------------

    def block(self, script: model.Script, outer: Scope) -> None:
        """Run a block within a scope; its handlers catch what rises in its body, not in its declarations."""
        scope = outer.inner()
        for declaration in script.declarations:
            self._declare(declaration, scope)
        try:
            self._all(script.body, scope)
        except Raised as raised:
            handler = _handler(script.handlers, raised)
            if handler is None:
                raise
            self._all(handler.body, scope.inner(raised))

    def _all(self, statements: Sequence[model.Statement], scope: Scope) -> None:
        for statement in statements:
            self.session.check_aborted()
            self._kinds[type(statement)](statement, scope)

    def _guarded(self, name: str, at: int, action: Callable[[], Any]) -> Any:
        """Run `action`; an error of it becomes the script's exception of that name."""
        try:
            return action()
        except (Raised, SnowflakeError) as error:
            if isinstance(error, Raised) or error.errno in _STOPS:
                raise
            raise Raised(name, error, at) from error

    def _value(self, expression: Fragment, scope: Scope) -> Value:
        called = cut_call(expression.text)
        if called is not None:
            name, action = _STATEMENT_ERROR, lambda: self.runner.call_value(*called, scope)
        else:
            name, action = _EXPRESSION_ERROR, lambda: self.evaluator.value(expression, scope)
        value: Value = self._guarded(name, expression.offset, action)
        return value

    def _holds(self, condition: Fragment, scope: Scope) -> bool:
        met: bool = self._guarded(
            _EXPRESSION_ERROR, condition.offset, lambda: self.evaluator.condition(condition, scope)
        )
        return met

    def _run(self, fragment: Fragment, scope: Scope, at: int) -> Result:
        result: Result = self._guarded(_STATEMENT_ERROR, at, lambda: self.runner.run(fragment.text, scope))
        return result

    # --- names ---------------------------------------------------------------------------------------------------

    def _declare(self, declaration: model.Declaration, scope: Scope) -> None:
        self._guarded(_EXPRESSION_ERROR, declaration.at, lambda: self._declare_in(declaration, scope))

    def _declare_in(self, declaration: model.Declaration, scope: Scope) -> None:
        match declaration:
            case model.Variable(name, kind, value):
                held = NOTHING if value is None else self._value(value, scope)
                if kind is not None:
                    held = self.evaluator.assigned(held, kind)
                scope.declare(name, VariableCell(kind, held))
            case model.Cursor(name, query):
                scope.declare(name, CursorCell(query))
            case model.ResultSet(name, query, at):
                result = None if query is None else self._run(query, scope, at)
                scope.declare(name, ResultSetCell(result))
            case model.ExceptionName(name, error_number, message):
                scope.declare(name, UserException(name, error_number, message))

    def _let(self, statement: model.Let, scope: Scope) -> None:
        """LET of a name that the block has already assigns to it anew, as in a loop's body."""
        scope.names.pop(statement.declaration.name, None)
        self._declare(statement.declaration, scope)

    def _assign(self, statement: model.Assign, scope: Scope) -> None:
        cell = scope.find(statement.name)
        if isinstance(cell, ResultSetCell):
            query = _without_parentheses(statement.value)
            cell.result = self._run(query, scope, statement.at)
            return
        value = self._value(statement.value, scope)
        self._guarded(_EXPRESSION_ERROR, statement.value.offset, lambda: self._set(statement.name, value, scope))

    def _set(self, name: str, value: Value, scope: Scope) -> None:
        cell = scope.variable(name)
        if cell.declared is not None:
            value = self.evaluator.assigned(value, cell.declared)
        cell.held = value

    # --- control flow --------------------------------------------------------------------------------------------

    def _if(self, statement: model.If, scope: Scope) -> None:
        for branch in statement.branches:
            if self._holds(branch.condition, scope):
                self._all(branch.body, scope.inner())
                return
        self._all(statement.otherwise, scope.inner())

    def _case(self, statement: model.Case, scope: Scope) -> None:
        for branch in statement.branches:
            condition = branch.condition
            if statement.operand is not None:
                text = f"({statement.operand.text}) = ({condition.text})"
                condition = Fragment(text, condition.offset)
            if self._holds(condition, scope):
                self._all(branch.body, scope.inner())
                return
        self._all(statement.otherwise, scope.inner())

    def _turn(self, body: _Body, scope: Scope) -> bool:
        """One turn of a loop; whether it goes on."""
        self.session.check_aborted()
        try:
            self._all(body.statements, scope)
        except _Continue as signal:
            if signal.label not in (None, body.label):
                raise
        except _Break as signal:
            if signal.label not in (None, body.label):
                raise
            return False
        return True

    def _for_rows(self, statement: model.ForRows, scope: Scope) -> None:
        result = self._rows_of(statement.source, scope, statement.at)
        body = _Body(statement.body, statement.label)
        for values in result.rows:
            inner = scope.inner()
            inner.put(statement.variable, Row(result.columns, values))
            if not self._turn(body, inner):
                return

    def _rows_of(self, source: str, scope: Scope, at: int) -> Result:
        """The rows of a cursor, which is opened for it, or of a result set."""
        cell = scope.find(source)
        if isinstance(cell, ResultSetCell) and cell.result is not None:
            return cell.result
        if isinstance(cell, CursorCell):
            if cell.result is not None and cell.rows is not None:
                return cell.result
            return self._query_of(cell, (), scope, at)
        missing = compilation(f"'{source}' is neither a cursor nor a filled result set.", 904, "42000")
        raise Raised(_EXPRESSION_ERROR, missing, at)

    def _for_range(self, statement: model.ForRange, scope: Scope) -> None:
        first, last = self._bound(statement.first, scope), self._bound(statement.last, scope)
        numbers = range(first, last + 1)
        body = _Body(statement.body, statement.label)
        for counter in reversed(numbers) if statement.reverse else numbers:
            inner = scope.inner()
            inner.put(statement.variable, VariableCell(_INTEGER, Value(counter, _INTEGER)))
            if not self._turn(body, inner):
                return

    def _bound(self, bound: Fragment, scope: Scope) -> int:
        value: int = self._guarded(_EXPRESSION_ERROR, bound.offset, lambda: self.evaluator.integer(bound, scope))
        return value

    def _loop(self, statement: model.Loop, scope: Scope) -> None:
        body = _Body(statement.body, statement.label)
        condition = statement.condition
        while statement.turn is not model.Turn.WHILE or condition is None or self._holds(condition, scope):
            if not self._turn(body, scope.inner()):
                return
            if statement.turn is model.Turn.UNTIL and condition is not None and self._holds(condition, scope):
                return

    def _break(self, statement: model.Break, scope: Scope) -> None:
        del scope
        raise _Break(statement.label)

    def _continue(self, statement: model.Continue, scope: Scope) -> None:
        del scope
        raise _Continue(statement.label)

    def _nothing(self, statement: model.Nothing, scope: Scope) -> None:
        pass

    # --- ends ----------------------------------------------------------------------------------------------------

    def _return(self, statement: model.Return, scope: Scope) -> None:
        raise _Return(NOTHING if statement.value is None else self._value(statement.value, scope))

    def _return_table(self, statement: model.ReturnTable, scope: Scope) -> None:
        cell = scope.find(statement.source.text.strip().lstrip(":").upper())
        if isinstance(cell, ResultSetCell) and cell.result is not None:
            raise _Return(cell.result)
        raise _Return(self._run(statement.source, scope, statement.at))

    def _raise(self, statement: model.Raise, scope: Scope) -> None:
        if statement.name is None:
            if scope.handled is None:
                raise Raised(_EXPRESSION_ERROR, compilation("RAISE without an exception.", 904, "42000"), statement.at)
            raise scope.handled
        found = scope.find(statement.name)
        if not isinstance(found, UserException):
            missing = compilation(f"Exception '{statement.name}' is not declared.", 904, "42000")
            raise Raised(_EXPRESSION_ERROR, missing, statement.at)
        cause = SnowflakeError(found.message, found.number, USER_EXCEPTION_STATE)
        raise Raised(found.name, cause, statement.at)

    # --- cursors -------------------------------------------------------------------------------------------------

    def _open(self, statement: model.Open, scope: Scope) -> None:
        cell = self._cursor(statement.cursor, scope, statement.at)
        values = [self._value(fragment, scope) for fragment in statement.using]
        cell.result = self._query_of(cell, values, scope, statement.at)
        cell.rows = iter(cell.result.rows)

    def _query_of(self, cell: CursorCell, values: Sequence[Value], scope: Scope, at: int) -> Result:
        named = scope.find(cell.query.text.strip().upper())
        if isinstance(named, ResultSetCell) and named.result is not None:
            return named.result
        result: Result = self._guarded(_STATEMENT_ERROR, at, lambda: self.runner.run(cell.query.text, scope, values))
        return result

    def _fetch(self, statement: model.Fetch, scope: Scope) -> None:
        cell = self._cursor(statement.cursor, scope, statement.at)
        if cell.rows is None or cell.result is None:
            closed = compilation(f"Cursor '{statement.cursor}' is not open.", 904, "42000")
            raise Raised(_STATEMENT_ERROR, closed, statement.at)
        columns = cell.result.columns
        values = next(cell.rows, (None,) * len(columns))
        filled = zip(statement.into, columns, values, strict=False)
        self._guarded(_STATEMENT_ERROR, statement.at, lambda: self._fill(filled, scope))

    def _fill(self, filled: Iterable[tuple[str, Column, object]], scope: Scope) -> None:
        for name, column, value in filled:
            self._set(name, Value(value, column.type), scope)

    def _close(self, statement: model.Close, scope: Scope) -> None:
        cell = self._cursor(statement.cursor, scope, statement.at)
        cell.rows = None
        cell.result = None

    def _cursor(self, name: str, scope: Scope, at: int) -> CursorCell:
        cell: CursorCell = self._guarded(_EXPRESSION_ERROR, at, lambda: scope.cursor(name))
        return cell

    # --- statements of SQL ---------------------------------------------------------------------------------------

    def _sql(self, statement: model.Sql, scope: Scope) -> None:
        self._guarded(_STATEMENT_ERROR, statement.at, lambda: self._run_sql(statement, scope))

    def _run_sql(self, statement: model.Sql, scope: Scope) -> None:
        text, targets = self.runner.split_into(statement.text)
        result = self.runner.run(text, scope)
        if not targets:
            return
        if len(result.rows) > 1:
            raise SnowflakeError(
                f"A SELECT INTO statement expects exactly 1 returned row, but got {len(result.rows)}.", 2211, "22023"
            )
        if len(targets) != len(result.columns):
            raise compilation(f"INTO has {len(targets)} variables for {len(result.columns)} columns.", 2212, "42601")
        values = result.rows[0] if result.rows else (None,) * len(targets)
        self._fill(zip(targets, result.columns, values, strict=True), scope)


def _handler(handlers: Sequence[model.Handler], raised: Raised) -> model.Handler | None:
    """The handler that names the exception, or the one for OTHER."""
    named = (handler for handler in handlers if raised.name in handler.names)
    other = (handler for handler in handlers if "OTHER" in handler.names)
    return next(named, None) or next(other, None)


def _without_parentheses(fragment: Fragment) -> Fragment:
    text = fragment.text.strip()
    if text.startswith("(") and text.endswith(")"):
        return Fragment(text[1:-1].strip(), fragment.offset + 1)
    return fragment
