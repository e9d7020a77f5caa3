"""What the wire server asks of the engine behind it: sessions that execute text, and results as plain values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum, IntEnum
from pathlib import Path
from typing import Protocol

from pipeline.sql.types import DataType


class StatementType(IntEnum):
    """Ids that tell a client what kind of statement ran.

    Clients classify by the highest digit (family) and, within 0x4000, by the second one; the numbers are those of
    the drivers' sources (JDBC `SFStatementType`, snowflake-connector-python `cursor.py` and `statement_utils.py`).
    """

    SELECT = 0x1000
    EXPLAIN = 0x2000
    INSERT = 0x3100
    UPDATE = 0x3200
    DELETE = 0x3300
    MERGE = 0x3400
    MULTI_INSERT = 0x3500
    COPY = 0x3600
    UNLOAD = 0x3700
    SCL = 0x4000
    ALTER_SESSION = 0x4100
    USE = 0x4300
    SHOW = 0x4400
    DESCRIBE = 0x4500
    LIST = 0x4701
    TCL = 0x5000
    DDL = 0x6000
    GET = 0x7100
    PUT = 0x7200
    REMOVE = 0x7300
    CALL = 0x9000
    MULTI = 0xA000

    @property
    def is_dml(self) -> bool:
        """Whether the client sums its row count from the columns `number of rows …`."""
        return StatementType.INSERT <= self <= StatementType.MULTI_INSERT


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a result."""

    name: str
    type: DataType
    nullable: bool = True


@dataclass(frozen=True, slots=True)
class Result:
    """A statement's result. Values are Python's own:

    int, Decimal, float, str (VARIANT, OBJECT and ARRAY as JSON text), bool, date, time, datetime (naive for
    TIMESTAMP_NTZ, aware for TIMESTAMP_LTZ and TIMESTAMP_TZ), bytes, None.
    """

    query_id: str
    sql_text: str
    columns: tuple[Column, ...]
    rows: Sequence[tuple[object, ...]]
    statement_type: StatementType


class TransferCommand(Enum):
    """The direction of a transfer, in the protocol's words."""

    UPLOAD = "UPLOAD"
    DOWNLOAD = "DOWNLOAD"


@dataclass(frozen=True, slots=True)
class StagedFile:
    """A file of a stage; `name` is its path below the transfer's folder, with slashes."""

    name: str
    size: int


@dataclass(frozen=True, slots=True)
class FileTransfer:
    """A PUT or GET, which the client carries out itself after this answer.

    UPLOAD: the client's files that match `patterns` go to `folder`.
    DOWNLOAD: `files` of `folder` go to the client's directory `local_directory`.
    """

    query_id: str
    sql_text: str
    command: TransferCommand
    folder: Path
    """Absolute folder under the account's stages; it need not exist yet."""
    patterns: tuple[str, ...] = ()
    local_directory: str = ""
    files: tuple[StagedFile, ...] = ()
    auto_compress: bool = True
    source_compression: str = "AUTO_DETECT"
    overwrite: bool = False
    parallel: int = 4


Outcome = Result | FileTransfer | tuple[Result, ...]
"""What a request gives: one result, a transfer for the client to do, or the results of several statements."""


@dataclass(frozen=True, slots=True)
class Binding:
    """One bind variable: the client's type name (FIXED, TEXT, TIMESTAMP_NTZ…) and its value as the client sent it.

    A tuple of values is an array binding: the statement is run for each of them.
    """

    type: str
    value: str | tuple[str | None, ...] | None
    format: str | None = None


class EngineSession(Protocol):
    """A session. `execute` is called by one thread at a time; `abort` may come from another one meanwhile."""

    @property
    def id(self) -> int: ...

    @property
    def database(self) -> str | None: ...

    @property
    def schema(self) -> str | None: ...

    @property
    def warehouse(self) -> str | None: ...

    @property
    def role(self) -> str | None: ...

    @property
    def parameters(self) -> Mapping[str, object]:
        """Session parameters in force; the server tells the client those that clients know."""

    def execute(
        self,
        sql: str,
        *,
        bindings: Mapping[str, Binding],
        query_id: str,
        describe_only: bool,
        parameters: Mapping[str, object],
    ) -> Outcome:
        """Run `sql`; `parameters` are those of the request (MULTI_STATEMENT_COUNT, QUERY_TAG…).

        Raises:
            SnowflakeError: the statement is refused, failed, or was aborted (000604).
        """

    def abort(self, query_id: str) -> bool:
        """Stop the statement while it runs, which then raises 000604; False if it is not running."""

    def close(self) -> None:
        """Roll back what is open and drop what is temporary."""


class Engine(Protocol):
    """The account itself."""

    def open_session(
        self,
        *,
        user: str,
        database: str | None,
        schema: str | None,
        warehouse: str | None,
        role: str | None,
        parameters: Mapping[str, object],
        application: str,
    ) -> EngineSession:
        """Raises:
        SnowflakeError: a session parameter is not one.
        """

    def start(self, *, serving: bool) -> None:
        """Run the tasks that fell due while the account was closed; when `serving`, also what falls due from now on."""

    def drain(self) -> None:
        """Wait until the tasks that run now have ended."""

    def close(self) -> None:
        """Close all that is open; the account can be opened again afterwards."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """Who may log in. Account and user are compared without regard to case."""

    account: str
    user: str
    password: str = field(repr=False)
