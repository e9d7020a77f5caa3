"""Statements run on an account without the wire."""

import uuid

from pipeline.local.protocol import FileTransfer, Outcome
from pipeline.local.session import Session


def run(session: Session, sql: str) -> Outcome:
    """One statement, as a client would send it."""
    return session.execute(sql, bindings={}, query_id=str(uuid.uuid4()), describe_only=False, parameters={})


def transfer(session: Session, sql: str) -> FileTransfer:
    """What a client would carry out for a PUT."""
    outcome = run(session, sql)
    assert isinstance(outcome, FileTransfer)
    return outcome
