"""A session with the account: statements in, outcomes out. The tool sees the connector only through this."""

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Any, Self, TypeAlias, TypeVar

from pipeline.errors import PipelineError, StatementFailed
from pipeline.sql.names import quote_literal
from pipeline.targets.failures import mapped
from pipeline.targets.interruptible import CallAbandoned, interruptible

Row: TypeAlias = tuple[object, ...]
T = TypeVar("T")

MAX_QUERY_TAG = 2000
"""Characters that QUERY_TAG holds."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a statement gave. `row_count` is the number of rows returned or changed, None where that means nothing."""

    query_id: str | None
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    row_count: int | None
    seconds: float

    def records(self) -> list[dict[str, object]]:
        """The rows as mappings from column name to value; SHOW's names are lower case."""
        return [dict(zip(self.columns, row, strict=True)) for row in self.rows]

    def value(self) -> object:
        """The one value of a one-row answer, None of an empty one."""
        return self.rows[0][0] if self.rows else None


class Kind(StrEnum):
    """What an account is, for messages."""

    LOCAL = "local"
    SNOWFLAKE = "Snowflake"


class Session:
    """One session with the account. Not for several threads: Snowflake's session has one transaction and one USE."""

    def __init__(
        self,
        connection: Any,
        kind: Kind,
        source: str,
        *,
        embedded: bool = False,
        on_close: Callable[[], None] = lambda: None,
        reopen: Callable[[], Any] | None = None,
    ) -> None:
        self._connection = connection
        self._on_close = on_close
        self._reopen = reopen
        self._closed = False
        self._abandoned = False
        """Whether a call of the connector was left behind that has not come back."""
        self.kind = kind
        self.source = source
        """Where the connection's parameters come from."""
        self.embedded = embedded
        """Whether the account lives in this process: then no task runs unless this command has it run."""

    def another(self) -> "Session":
        """A further session with the same account, to be closed before this one. Raises CannotConnect."""
        assert self._reopen is not None, "sessions that `connect` opens can be opened again"
        return Session(self._reopen(), self.kind, self.source, embedded=self.embedded, reopen=self._reopen)

    def renew(self) -> None:
        """Go on in a new session after this one was lost; what was set in it is gone. Raises CannotConnect."""
        assert self._reopen is not None, "sessions that `connect` opens can be opened again"
        lost, self._connection = self._connection, self._reopen()
        # The connector complains at the end of the process of every connection that nobody closed.
        with suppress(PipelineError), mapped():
            lost.close()

    def run(self, sql: str, *, tag: str | None = None) -> Outcome:
        """Run one statement and fetch its rows; `tag` is its QUERY_TAG alone, at no cost of a statement.

        Ctrl-C cancels it in the account. Raises StatementFailed or CommunicationError.
        """
        return self._interruptible(lambda: self._run(sql, tag))

    def _run(self, sql: str, tag: str | None) -> Outcome:
        started = time.perf_counter()
        with mapped():
            cursor = self._connection.cursor()
            try:
                cursor.execute(sql, **_tagged(tag))
                rows = _fetched(cursor)
                return _outcome(cursor, rows, time.perf_counter() - started)
            finally:
                cursor.close()

    def run_several(self, statements: Sequence[str], *, tag: str | None = None, fetch: bool = True) -> list[Outcome]:
        """Run statements in one request; they stop at the first that fails. Not for PUT and GET.

        Without `fetch` no results are fetched, which saves a round trip for each: then row counts are None, and query
        ids are those that the connector happens to know. Raises as `run`; which of them failed, the account's query
        history tells.
        """
        if len(statements) == 1:
            return [self.run(statements[0], tag=tag)]
        return self._interruptible(lambda: self._run_several(statements, tag, fetch))

    def _run_several(self, statements: Sequence[str], tag: str | None, fetch: bool) -> list[Outcome]:
        started = time.perf_counter()
        with mapped():
            cursor = self._connection.cursor() if fetch else self._connection.cursor(unfetched_cursor())
            try:
                cursor.execute("\n;\n".join(statements), num_statements=len(statements), **_tagged(tag))
                if not fetch:
                    seconds = (time.perf_counter() - started) / len(statements)
                    return [Outcome(each, (), (), None, seconds) for each in _query_ids(cursor, len(statements))]
                outcomes = [_outcome(cursor, _fetched(cursor), time.perf_counter() - started)]
                while cursor.nextset() is not None:
                    outcomes.append(_outcome(cursor, _fetched(cursor), 0.0))
                return outcomes
            finally:
                cursor.close()

    def run_if_exists(self, sql: str) -> Outcome | None:
        """Run `sql`; None when the object it names is not there (2003, 2043) or no database is (90105)."""
        try:
            return self.run(sql)
        except StatementFailed as error:
            if error.errno in MISSING:
                return None
            raise

    def describe(self, sql: str) -> tuple[str, ...]:
        """Compile `sql` without running it; the names of its columns. Raises as `run`."""
        return self._interruptible(lambda: self._describe(sql))

    def _describe(self, sql: str) -> tuple[str, ...]:
        with mapped():
            cursor = self._connection.cursor()
            try:
                return tuple(str(column[0]) for column in cursor.describe(sql) or ())
            finally:
                cursor.close()

    def tag(self, text: str) -> None:
        """Mark the statements that follow with `text`, found as QUERY_TAG in the account's query history."""
        self.run(f"ALTER SESSION SET QUERY_TAG = {quote_literal(text[:MAX_QUERY_TAG])}")

    def close(self) -> None:
        """End the session, and the embedded account with it. A second call does nothing."""
        if self._closed:
            return
        self._closed = True
        try:
            if not self._abandoned:
                with mapped():
                    self._connection.close()
        finally:
            self._on_close()

    def cancel(self) -> None:
        """Make the account end what this session runs, told by a session beside it. For any thread.

        Raises StatementFailed, CannotConnect or CommunicationError.
        """
        # docs.snowflake.com/en/sql-reference/functions/system_cancel_all_queries
        with self.another() as beside:
            beside.run(f"SELECT SYSTEM$CANCEL_ALL_QUERIES({int(self._connection.session_id)})")

    def _interruptible(self, call: Callable[[], T]) -> T:
        try:
            return interruptible(call, self.cancel)
        except CallAbandoned as interruption:
            self._abandoned = not interruption.ended
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


MISSING = frozenset({2003, 2043, 90105})
"""Errors of an object that does not exist: doc, "Errors commonly met"; matched by number, never by text."""


@cache
def unfetched_cursor() -> type[Any]:
    """A cursor that does not fetch the first result of several statements: that is a round trip of its own.

    Connector 5 has no option for it. Where another version fetches in another way, it only costs that round trip.
    """
    from snowflake.connector.cursor import SnowflakeCursor  # the connector takes 0.15 s to import

    class Unfetched(SnowflakeCursor):  # type: ignore[misc]
        def _fetch_result_set_by_query_id(self, *_: Any) -> Any:
            return None

        def _apply_result_set(self, response: Any, *arguments: Any, **options: Any) -> None:
            if response is not None:
                super()._apply_result_set(response, *arguments, **options)

    return Unfetched


def _tagged(tag: str | None) -> dict[str, object]:
    return {} if tag is None else {"_statement_params": {"QUERY_TAG": tag[:MAX_QUERY_TAG]}}


def _query_ids(cursor: Any, count: int) -> list[str | None]:
    """The ids of the statements of one request, as far as this version of the connector tells them."""
    state = getattr(cursor, "_multi_statement", None)  # connector 5.x
    known = getattr(cursor, "multi_statement_savedIds", None) or getattr(state, "child_query_ids", None) or []
    ids = list(known) if len(known) == count else []
    return ids or [None] * count


def _fetched(cursor: Any) -> Sequence[Row]:
    return cursor.fetchall() if cursor.description else ()


def _outcome(cursor: Any, rows: Sequence[Row], seconds: float) -> Outcome:
    columns = tuple(str(column[0]) for column in cursor.description or ())
    count = cursor.rowcount
    return Outcome(
        query_id=cursor.sfqid,
        columns=columns,
        rows=tuple(tuple(row) for row in rows),
        row_count=count if isinstance(count, int) and count >= 0 else None,
        seconds=seconds,
    )
