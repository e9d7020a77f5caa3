"""Blocks and EXECUTE IMMEDIATE as statements. Source: docs.snowflake.com/en/sql-reference/sql/execute-immediate."""

import uuid
from typing import Any

from pipeline.local.answers import Answer
from pipeline.local.errors import compilation, unsupported
from pipeline.local.protocol import Column, FileTransfer, Result, StatementType
from pipeline.local.queries import evaluate
from pipeline.local.scripting import transactions
from pipeline.local.scripting.interpreter import run_script
from pipeline.local.scripting.routines import alter_routine, call, create_routine
from pipeline.local.scripting.runner import single
from pipeline.local.scripting.scope import Value
from pipeline.local.session import Session
from pipeline.sql.grammar.model import Block
from pipeline.sql.grammar.routines import AlterRoutine, CreateRoutine
from pipeline.sql.grammar.session import Call, ExecuteImmediate


def run_block(session: Session, statement: Block) -> Answer:
    """An anonymous block; its one column is called so."""
    with transactions.scope(session) as outer:
        outcome = run_script(session, statement.text, outer)
    return answer(outcome, "anonymous block")


def answer(outcome: Value | Result, name: str) -> Answer:
    """What a script returned, as a statement's answer."""
    if isinstance(outcome, Result):
        return Answer(outcome.columns, outcome.rows, StatementType.CALL)
    return Answer((Column(name, outcome.type),), ((outcome.value,),), StatementType.CALL)


def execute_immediate(session: Session, statement: ExecuteImmediate) -> Answer:
    """EXECUTE IMMEDIATE outside of a script: a literal, or an expression such as $variable."""
    from pipeline.local.execute import run_text  # the dispatcher imports this module's handlers

    if statement.using:
        raise unsupported("EXECUTE IMMEDIATE … USING outside of a script")
    text: object
    if statement.literal is not None:
        text = statement.literal.text
    else:
        text, _ = evaluate(session, statement.expression.text)
    if not isinstance(text, str):
        raise compilation("EXECUTE IMMEDIATE needs a text.", 1008, "22023")
    result = run_text(session, single(text), {}, str(uuid.uuid4()))
    if isinstance(result, FileTransfer):
        raise unsupported("PUT or GET in EXECUTE IMMEDIATE")
    return Answer(result.columns, result.rows, result.statement_type)


HANDLERS: dict[type, Any] = {
    Block: run_block,
    Call: call,
    ExecuteImmediate: execute_immediate,
    CreateRoutine: create_routine,
    AlterRoutine: alter_routine,
}
