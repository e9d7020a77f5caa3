"""Transactions around and within scripts.

A script may not end a transaction that began outside of it, and must end what it begins. Source:
docs.snowflake.com/en/sql-reference/transactions (scoped transactions), which has the texts; the numbers are not
documented.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from pipeline.local.errors import SnowflakeError, unsupported
from pipeline.local.session import Session
from pipeline.local.transaction import Transaction

_ENDS = frozenset({"COMMIT", "ROLLBACK"})
_BEGINS = frozenset({"BEGIN", "START"})
_DEFINES = frozenset({"CREATE", "ALTER", "DROP", "UNDROP", "GRANT", "REVOKE", "COMMENT"})


@contextmanager
def scope(session: Session) -> Iterator[Transaction | None]:
    """The body is a script; gives the transaction that was open before it.

    Raises:
        SnowflakeError: it ended with a transaction of its own still open, which is rolled back.
    """
    outer = session.transaction
    try:
        yield outer
    except BaseException:
        if session.transaction is not outer:
            session.rollback()
        raise
    if session.transaction is not outer:
        session.rollback()
        raise SnowflakeError(
            "Stored procedure execution error: Scoped transaction started in stored procedure is incomplete "
            "and it was rolled back.",
            90232,
            "22000",
        )


def check(outer: Transaction | None, first_word: str, second_word: str) -> None:
    """A statement that begins with these words may run in a script whose caller has `outer` open.

    Raises:
        SnowflakeError: it would end the caller's transaction, or begin one within it.
    """
    if outer is None:
        return
    if first_word in _BEGINS:
        raise unsupported("A transaction of its own in a script that is called within a transaction")
    defines = first_word in _DEFINES and second_word != "SESSION"
    if first_word in _ENDS or defines:
        raise SnowflakeError(
            "Modifying a transaction that has started at a different scope is not allowed.", 90233, "22000"
        )
