"""The statements of SQL within a script: variables put in, run by the account, counted."""

import uuid
from collections.abc import Sequence

from pipeline.local.errors import SnowflakeError, compilation, unsupported
from pipeline.local.literals import literal
from pipeline.local.protocol import FileTransfer, Result
from pipeline.local.scripting import transactions
from pipeline.local.scripting.evaluation import Evaluator
from pipeline.local.scripting.scope import ResultSetCell, Scope, Value
from pipeline.local.scripting.substitution import bind_positions, cut_into, in_expression, in_sql
from pipeline.local.session import Session
from pipeline.local.transaction import Transaction
from pipeline.sql.grammar.model import Fragment
from pipeline.sql.grammar.reader import Reader
from pipeline.sql.lexer import identifier_value, tokens
from pipeline.sql.splitter import split

_QUERIES = frozenset({"SELECT", "WITH", "CALL"})


class StatementRunner:
    """Runs within one session, in a script whose caller has the transaction `outer` open."""

    def __init__(self, session: Session, evaluator: Evaluator, outer: Transaction | None) -> None:
        self.session = session
        self.evaluator = evaluator
        self.outer = outer

    def split_into(self, text: str) -> tuple[str, tuple[str, ...]]:
        """A SELECT or CALL without its INTO, and the names of the variables there."""
        first, _ = _first_words(text)
        return cut_into(text) if first in _QUERIES else (text, ())

    def run(self, text: str, scope: Scope, positional: Sequence[Value] = ()) -> Result:
        """Run a statement of the script. `positional` are the values of its `?`.

        Raises:
            SnowflakeError: it fails, or would end the caller's transaction.
        """
        first, second = _first_words(text)
        transactions.check(self.outer, first, second)
        if first == "EXECUTE" and second == "IMMEDIATE":
            return self._immediate(text, scope)
        filled = in_sql(_with_result_sets(text, scope), scope)
        if positional:
            filled = bind_positions(filled, positional)
        return self._run_text(filled, scope)

    def call_value(self, call: str, casts: str, scope: Scope) -> Value:
        """What a CALL gives, cast as is written behind it; a procedure that gives no row gives NULL."""
        result = self.run(call, scope)
        column, value = result.columns[0], result.rows[0][0] if result.rows else None
        if not casts.strip():
            return Value(value, column.type)
        return self.evaluator.sql_value(f"({literal(value, column.type)}){in_expression(casts, scope)}")

    def _immediate(self, text: str, scope: Scope) -> Result:
        """EXECUTE IMMEDIATE expression [USING ( variables )]: the text it runs sees none of the script's variables."""
        reader = Reader(text)
        reader.expect("EXECUTE", "IMMEDIATE")
        if reader.at("FROM"):
            raise unsupported("EXECUTE IMMEDIATE FROM")
        expression = reader.fragment(lambda inner: inner.at_end or inner.at("USING"))
        using: tuple[Fragment, ...] = ()
        if reader.take("USING"):
            using = reader.parenthesised_list(lambda: reader.fragment(lambda inner: inner.at(",") or inner.at(")")))
        sql = self.evaluator.sql_value(in_expression(expression.text, scope)).value
        if not isinstance(sql, str):
            raise compilation("EXECUTE IMMEDIATE needs a text.", 1008, "22023")
        values = [self.evaluator.value(fragment, scope) for fragment in using]
        statement = single(sql)
        first, second = _first_words(statement)
        transactions.check(self.outer, first, second)
        return self._run_text(bind_positions(statement, values) if values else statement, scope)

    def _run_text(self, text: str, scope: Scope) -> Result:
        from pipeline.local.execute import run_text  # the dispatcher imports this package's handlers

        result = run_text(self.session, text, {}, str(uuid.uuid4()))
        if isinstance(result, FileTransfer):
            raise unsupported("PUT or GET in a script")
        scope.status.update(_status(result))
        return result


def single(text: str) -> str:
    """The one statement of a text.

    Raises:
        SnowflakeError: 000008, there is another number of them.
    """
    pieces = split(text)
    if len(pieces) != 1:
        raise SnowflakeError(
            f"Actual statement count {len(pieces)} did not match the desired statement count 1.", 8, "0A000"
        )
    return pieces[0].text


def _first_words(text: str) -> tuple[str, str]:
    found = tokens(text)
    first = next(found)
    return first.upper, next(found, first).upper


def _status(result: Result) -> dict[str, object]:
    """What SQLROWCOUNT, SQLFOUND, SQLNOTFOUND and SQLID say after a statement; NULL unless it was DML."""
    if not result.statement_type.is_dml:
        return {"SQLROWCOUNT": None, "SQLFOUND": None, "SQLNOTFOUND": None, "SQLID": result.query_id}
    counted = [
        value
        for column, value in zip(result.columns, result.rows[0], strict=True)
        if column.name.startswith("number of rows")
    ]
    count = sum(int(str(value)) for value in counted)
    return {"SQLROWCOUNT": count, "SQLFOUND": count > 0, "SQLNOTFOUND": count == 0, "SQLID": result.query_id}


def _with_result_sets(text: str, scope: Scope) -> str:
    """TABLE(rs) reads the rows that the result set's query gave."""
    found = list(tokens(text))
    parts, position = [], 0
    for index, token in enumerate(found[:-3]):
        if token.upper != "TABLE" or found[index + 1].text != "(" or found[index + 3].text != ")":
            continue
        inner = found[index + 2]
        name = identifier_value(inner._replace(text=inner.text.lstrip(":")))
        cell = scope.find(name)
        if isinstance(cell, ResultSetCell) and cell.result is not None:
            parts += [text[position : inner.start], f"RESULT_SCAN('{cell.result.query_id}')"]
            position = inner.end
    return "".join([*parts, text[position:]])
