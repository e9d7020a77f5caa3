"""SHOW and DESCRIBE: what the account holds, in Snowflake's own columns."""

from collections.abc import Callable
from typing import Any

from pipeline.local.answers import Answer
from pipeline.local.errors import unsupported
from pipeline.local.session import Session
from pipeline.sql.grammar.session import Describe, DescribeResult, Show


def show(session: Session, statement: Show) -> Answer:
    raise unsupported(f"SHOW {statement.kind.value}")


def describe(session: Session, statement: Describe) -> Answer:
    raise unsupported(f"DESCRIBE {statement.kind.value}")


def describe_result(session: Session, statement: DescribeResult) -> Answer:
    raise unsupported("DESCRIBE RESULT")


HANDLERS: dict[type, Callable[[Session, Any], Answer]] = {Show: show}
DESCRIBE_HANDLERS: dict[type, Callable[[Session, Any], Answer]] = {Describe: describe, DescribeResult: describe_result}
