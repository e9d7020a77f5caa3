"""From a request's text to answers: split, parse, hand each statement to its handler, record it."""

import uuid
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any

import duckdb
from sqlglot.errors import SqlglotError

from pipeline.errors import SyntaxProblem
from pipeline.local import (
    containers,
    drops,
    faults,
    flows,
    queries,
    session_statements,
    show,
    stage_statements,
    task_statements,
)
from pipeline.local.answers import TEXT, Answer
from pipeline.local.dml import statements as dml
from pipeline.local.errors import SnowflakeError, unsupported
from pipeline.local.protocol import Binding, Column, FileTransfer, Outcome, Result, StatementType
from pipeline.local.querylog import QueryRecord
from pipeline.local.scripting import statements as scripting
from pipeline.local.session import Session
from pipeline.local.streams import statements as streams
from pipeline.local.syntax import unsupported_words
from pipeline.local.tables import statements as tables
from pipeline.sql.grammar import parse
from pipeline.sql.grammar.model import CreateMode, Dml, Flow, Query, Statement, Unsupported
from pipeline.sql.splitter import split

Handler = Callable[[Session, Any], Answer | FileTransfer]

HANDLERS: dict[type, Handler] = {
    **containers.HANDLERS,
    **drops.HANDLERS,
    **session_statements.HANDLERS,
    **streams.HANDLERS,
    **show.HANDLERS,
    **show.DESCRIBE_HANDLERS,
    **stage_statements.HANDLERS,
    **tables.HANDLERS,
    **task_statements.HANDLERS,
    **scripting.HANDLERS,
}
"""What each kind of statement does; queries and DML, which take bound values, are in `perform`."""

_CHANGE_NOTHING = {*show.HANDLERS, *show.DESCRIBE_HANDLERS}
"""Kinds that are described by doing them."""

_ANY_NUMBER = 0


def run_request(
    session: Session,
    sql: str,
    bindings: Mapping[str, Binding],
    query_id: str,
    describe_only: bool,
    parameters: Mapping[str, object],
) -> Outcome:
    """Run the text of one request: one statement, or as many as MULTI_STATEMENT_COUNT says.

    Raises:
        SnowflakeError: 000008, another number of statements; or what a statement raises.
    """
    texts = _statements(sql)
    wanted = int(str(_parameter(session, parameters, "MULTI_STATEMENT_COUNT")))
    if not texts:
        raise SnowflakeError("SQL compilation error:\nEmpty SQL statement.", 900, "42601")
    if wanted != _ANY_NUMBER and len(texts) != wanted:
        raise SnowflakeError(
            f"Actual statement count {len(texts)} did not match the desired statement count {wanted}.", 8, "0A000"
        )
    if len(texts) == 1:
        return run_text(session, texts[0], bindings, query_id, describe_only=describe_only, parameters=parameters)
    results: list[Result] = []
    for text in texts:
        outcome = run_text(
            session, text, bindings, str(uuid.uuid4()), describe_only=describe_only, parameters=parameters
        )
        if isinstance(outcome, FileTransfer):
            raise unsupported("PUT or GET among several statements")
        results.append(outcome)
    return tuple(results)


@lru_cache(maxsize=2_000)
def _statements(sql: str) -> tuple[str, ...]:
    try:
        return tuple(piece.text for piece in split(sql))
    except SyntaxProblem as problem:
        raise faults.from_text(problem) from problem


def _parameter(session: Session, parameters: Mapping[str, object], name: str) -> object:
    sent = next((value for key, value in parameters.items() if key.upper() == name), None)
    return session.parameters[name] if sent is None else sent


def run_text(
    session: Session,
    text: str,
    bindings: Mapping[str, Binding],
    query_id: str,
    *,
    describe_only: bool = False,
    parameters: Mapping[str, object] | None = None,
) -> Result | FileTransfer:
    """Run one statement's text and record it in the query history.

    Raises:
        SnowflakeError: whatever goes wrong; faults of this program as 300002.
    """
    with session.statement(query_id, text) as running:
        if describe_only:
            return _perform_text(session, text, bindings, query_id, describe_only=True)
        tag = str(_parameter(session, parameters or {}, "QUERY_TAG"))
        session.account.queries.begin(_record(session, text, query_id, tag))
        try:
            outcome = _perform_text(session, text, bindings, query_id, describe_only=False)
        except SnowflakeError as error:
            session.account.queries.end(
                query_id,
                status="FAILED_WITH_ERROR",
                error_code=error.errno,
                error_message=error.message,
                finish=session.account.clock.now(),
            )
            session.query_ids.append(query_id)
            raise
        rows = len(outcome.rows) if isinstance(outcome, Result) else 0
        session.account.queries.end(
            query_id, status="SUCCESS", finish=session.account.clock.now(), rows=rows, transaction=running.version
        )
        if isinstance(outcome, Result):
            session.keep(outcome)
        return outcome


def _perform_text(
    session: Session, text: str, bindings: Mapping[str, Binding], query_id: str, *, describe_only: bool
) -> Result | FileTransfer:
    try:
        answer = perform(session, _parse(text), bindings, describe_only=describe_only)
    except duckdb.InterruptException as error:
        session.check_aborted()
        raise faults.from_duckdb(error, text) from error
    except duckdb.Error as error:
        raise faults.from_duckdb(error, text) from error
    except SqlglotError as error:
        raise faults.from_sqlglot(error) from error
    except SyntaxProblem as problem:
        raise faults.from_text(problem) from problem
    if isinstance(answer, FileTransfer):
        return answer
    return Result(query_id, text, answer.columns, answer.rows, answer.type)


def perform(
    session: Session, statement: Statement, bindings: Mapping[str, Binding], *, describe_only: bool = False
) -> Answer | FileTransfer:
    """Do what a statement says.

    Raises:
        SnowflakeError: the statement is refused or fails.
    """
    if isinstance(statement, Query):
        return queries.select(session, statement.text, bindings, describe_only=describe_only)
    if isinstance(statement, Dml):
        return dml.perform(session, statement, bindings, describe_only=describe_only)
    if isinstance(statement, Flow) and not describe_only:
        return flows.perform(session, statement, lambda on, text, query_id: run_text(on, text, {}, query_id))
    handler = HANDLERS.get(type(statement))
    if handler is None:
        words = unsupported_words(statement) if isinstance(statement, Unsupported) else words_of(type(statement))
        raise unsupported(words)
    if not describe_only:
        return _define(handler, session, statement)
    answer = handler(session, statement) if type(statement) in _CHANGE_NOTHING else None
    if isinstance(answer, Answer):
        return replace(answer, rows=())
    return Answer((Column("status", TEXT, False),), (), StatementType.DDL)


_ALREADY_EXISTS = 2002
_SEES_WHAT_IS_THERE = (CreateMode.IF_NOT_EXISTS, CreateMode.OR_REPLACE, CreateMode.OR_ALTER)


def _define(handler: Handler, session: Session, statement: Statement) -> Answer | FileTransfer:
    """Let a handler do its statement; again when another session made the object between its look and its turn."""
    try:
        return handler(session, statement)
    except SnowflakeError as error:
        if error.errno != _ALREADY_EXISTS or getattr(statement, "mode", None) not in _SEES_WHAT_IS_THERE:
            raise
    return handler(session, statement)


def words_of(kind: type) -> str:
    """`CreateDynamicTable` as `CREATE DYNAMIC TABLE`."""
    return "".join(f" {letter}" if letter.isupper() else letter for letter in kind.__name__).strip().upper()


@lru_cache(maxsize=2_000)
def _parse(text: str) -> Statement:
    return parse(text)


def _record(session: Session, text: str, query_id: str, tag: str) -> QueryRecord:
    return QueryRecord(
        query_id,
        text,
        session.database,
        session.schema,
        text.split(maxsplit=1)[0].upper() if text.strip() else "",
        session.id,
        session.context.user,
        session.role,
        session.warehouse,
        tag,
        session.now(),
    )
