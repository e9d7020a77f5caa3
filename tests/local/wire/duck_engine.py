"""A small engine over plain DuckDB, so that the wire is tested with real connectors before and beside the account."""

import re
import threading
from collections.abc import Mapping
from pathlib import Path

import duckdb

from pipeline.local.errors import SnowflakeError
from pipeline.local.protocol import (
    Binding,
    Column,
    FileTransfer,
    Outcome,
    Result,
    StagedFile,
    StatementType,
    TransferCommand,
)
from pipeline.sql.types import DataType, Kind, parse_type

COUNT = DataType(Kind.NUMBER, precision=38, scale=0)
CASTS = {
    "TIMESTAMP": "TIMESTAMP_NTZ(9)",
    "TIMESTAMP WITH TIME ZONE": "TIMESTAMP_LTZ(9)",
    "JSON": "VARIANT",
    "BLOB": "BINARY",
}


class DuckSession:
    """Runs texts as DuckDB reads them, PUT and GET on named folders, and three texts of its own."""

    def __init__(self, number: int, connection: duckdb.DuckDBPyConnection, stages: Path) -> None:
        self.id = number
        self.database: str | None = "DB1"
        self.schema: str | None = "S1"
        self.warehouse: str | None = "WH"
        self.role: str | None = "PUBLIC"
        self.parameters: Mapping[str, object] = {"TIMEZONE": "UTC", "AUTOCOMMIT": True}
        self.user = self.application = ""
        self.executed: list[str] = []
        self.closed = False
        self.aborts = 0
        self._connection = connection
        self._stages = stages
        self._running: str | None = None
        self._aborted = threading.Event()

    def execute(
        self,
        sql: str,
        *,
        bindings: Mapping[str, Binding],
        query_id: str,
        describe_only: bool,
        parameters: Mapping[str, object],
    ) -> Outcome:
        self.executed.append(sql)
        self._aborted.clear()
        self._running = query_id
        try:
            if describe_only:
                return self._run(f"{sql} LIMIT 0", query_id, bindings)
            texts = [text for text in sql.split(";") if text.strip()]
            if len(texts) > 1 and "MULTI_STATEMENT_COUNT" in parameters:
                return tuple(self._run(text, f"{query_id[:-2]}{n:02d}", {}) for n, text in enumerate(texts))
            return self._special(sql, query_id) or self._run(sql, query_id, bindings)
        except duckdb.Error as error:
            raise SnowflakeError(f"SQL compilation error:\n{error}", 1003, "42000", 1, 7) from error
        finally:
            self._running = None

    def _special(self, sql: str, query_id: str) -> Outcome | None:
        if put := re.match(r"(?i)put\s+'?file://(\S+?)'?\s+@(\S+)(.*)", sql):
            return self._put(put, query_id)
        if get := re.match(r"(?i)get\s+@(\S+)\s+'?file://([^'\s]+)", sql):
            folder = self._stages / get[1]
            files = (path for path in sorted(folder.rglob("*")) if path.is_file())
            staged = tuple(StagedFile(str(path.relative_to(folder)), path.stat().st_size) for path in files)
            return FileTransfer(query_id, sql, TransferCommand.DOWNLOAD, folder, local_directory=get[2], files=staged)
        if sql.startswith("fault"):
            raise RuntimeError("a secret detail")
        if wait := re.match(r"wait (\S+)", sql):
            if self._aborted.wait(float(wait[1])):
                raise SnowflakeError("SQL execution canceled", 604, "57014")
            return self._run("SELECT 'waited'", query_id, {})
        return None

    def _put(self, put: re.Match[str], query_id: str) -> FileTransfer:
        options = put[3].lower()
        return FileTransfer(
            query_id,
            put[0],
            TransferCommand.UPLOAD,
            self._stages / put[2],
            (put[1],),
            auto_compress="auto_compress=false" not in options,
            overwrite="overwrite=true" in options,
        )

    def _run(self, sql: str, query_id: str, bindings: Mapping[str, Binding]) -> Result:
        cursor = self._connection.cursor()
        cursor.execute(sql, [bindings[key].value for key in sorted(bindings, key=int)])
        kinds = [str(described[1]) for described in cursor.description or ()]
        names = [described[0].upper() for described in cursor.description or ()]
        types = [parse_type(CASTS.get(kind, kind if kind != "HUGEINT" else "NUMBER(38,0)")) for kind in kinds]
        rows = cursor.fetchall()
        for verb in ("insert", "update", "delete"):
            if sql.lower().startswith(verb):
                word = f"number of rows {verb.rstrip('e')}ed"
                return Result(query_id, sql, (Column(word, COUNT),), rows, StatementType[verb.upper()])
        kind = StatementType.DDL if sql.lower().startswith("create") else StatementType.SELECT
        columns = tuple(Column(name, kind_) for name, kind_ in zip(names, types, strict=True))
        return Result(query_id, sql, columns, rows, kind)

    def abort(self, query_id: str) -> bool:
        if self._running != query_id:
            return False
        self.aborts += 1
        self._aborted.set()
        return True

    def close(self) -> None:
        self.closed = True


class DuckEngine:
    """All sessions share one database."""

    def __init__(self, stages: Path) -> None:
        self.sessions: list[DuckSession] = []
        self._connection = duckdb.connect()
        self._connection.execute("SET TimeZone='UTC'")
        self._stages = stages

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
    ) -> DuckSession:
        session = DuckSession(len(self.sessions) + 1, self._connection, self._stages)
        session.parameters = {"TIMEZONE": "UTC", "AUTOCOMMIT": True, **parameters}
        session.database, session.schema = database or "DB1", schema or "S1"
        session.warehouse, session.role = warehouse or "WH", role or "PUBLIC"
        session.user, session.application = user, application
        self.sessions.append(session)
        return session

    def start(self, *, serving: bool) -> None:
        del serving

    def drain(self) -> None:
        pass

    def close(self) -> None:
        self._connection.close()
