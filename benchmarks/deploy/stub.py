"""An account that runs nothing, counts requests and takes its time: for measuring deploy tools, not databases.

A request takes one round trip, each statement in it a fixed time, a new connection two round trips more (TCP, TLS).
What the tools write into their own tables is kept, as far as they ask for it again. Prints its port, and serves until
it is killed; GET /__stats gives the counts, POST /__reset clears them.
"""

import asyncio
import gzip
import json
import re
import sys
import time
import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, object]

_CREATED = re.compile(r"CREATE (?:OR (?:REPLACE|ALTER) )?(TABLE|VIEW)(?: IF NOT EXISTS)? BENCH\.(\w+)\.(\w+)", re.I)
_STRING = r"'((?:[^'\\]|\\.|'')*)'"
_OWN_ROW = re.compile(
    rf"\({_STRING}, {_STRING}, {_STRING}, (\d+), {_STRING}, {_STRING}, {_STRING}, (\d+), {_STRING}, '(\w+)',"
)
_STATE_COLUMNS = (
    *("LAST_DEPLOY", "OWNER", "STATEMENT_KEY", "HASH", "STATUS", "SCRIPT", "TEMPLATE", "LINE", "POSITION"),
    *("DEPLOY_ID", "RECORDED_AT", "DEPLOY_STATUS", "TASKS", "STARTED_AT", "DEPLOYED_BY", "HOST"),
)


@dataclass
class Account:
    """What the stub remembers."""

    counts: Counter[str] = field(default_factory=Counter)
    statements: int = 0
    objects: set[tuple[str, str, str]] = field(default_factory=set)
    rows: dict[str, list[object]] = field(default_factory=dict)
    ready: bool = False
    last_deploy: str | None = None
    owner: str | None = None
    change_history: list[tuple[str, str, str]] = field(default_factory=list)
    change_history_table: bool = False
    results: dict[str, Json] = field(default_factory=dict)


class Refused(Exception):
    """The statement fails because its object is not there."""


def answer(account: Account, sql: str, query_id: str) -> Json:
    """The result of one statement."""
    text = " ".join(sql.split())
    upper = text.upper()
    for kind, schema, name in _CREATED.findall(text):
        account.objects.add((kind.upper(), schema.upper(), name.upper()))
    if "INFORMATION_SCHEMA.SCHEMATA" in upper and upper.startswith("SELECT IFF"):
        rows: list[list[object]] = [[kind, schema, name, "0"] for kind, schema, name in sorted(account.objects)]
        rows += [["SCHEMA", schema, schema, None] for schema in ("S0", "S1", "S2", "S3", "S4")]
        return result(query_id, ("KIND", "OBJECT_SCHEMA", "OBJECT_NAME", "ROW_COUNT"), rows)
    if "_PIPELINE" in upper:
        return _own(account, text, query_id)
    if upper.startswith(("SHOW TASKS", "SHOW STREAMS")):
        return result(query_id, ("created_on", "name"), [])
    return _schemachange(account, text, upper, query_id)


def _own(account: Account, text: str, query_id: str) -> Json:
    """The tables of `pipeline`."""
    upper = text.upper()
    if upper.startswith("SELECT L.LAST_DEPLOY"):
        if not account.ready:
            raise Refused
        rows = [[account.last_deploy, account.owner, *row] for row in account.rows.values()]
        return result(query_id, _STATE_COLUMNS, rows or [[account.last_deploy, account.owner, *[None] * 14]])
    if "LOCK " in upper and upper.startswith("CREATE TABLE"):
        account.ready = True
    if "SET OWNER = '" in upper:
        account.owner = account.last_deploy = re.search(rf"OWNER = {_STRING}", text)[1]  # type: ignore[index]
        return result(query_id, ("number of rows updated",), [["1"]], statement_type=0x3200)
    if "SET OWNER = NULL" in upper:
        account.owner = None
    if upper.startswith("INSERT INTO") and ".STATEMENTS" in upper:
        _keep_rows(account, text)
    return result(query_id, ("status",), [["Statement executed successfully."]])


def _keep_rows(account: Account, text: str) -> None:
    for deploy, _, _, position, key, script, template, line, digest, status in _OWN_ROW.findall(text):
        if status == "done":
            now = f"{time.time():.9f}"
            account.rows[key] = [
                *(key, digest, status, script, template, line, position, deploy, now),
                *("succeeded", None, now, "bench", "bench"),
            ]


def _schemachange(account: Account, text: str, upper: str, query_id: str) -> Json:
    """The table of schemachange."""
    if "INFORMATION_SCHEMA.TABLES" in upper:
        rows: list[list[object]] = [["2026-01-01", "2026-01-01"]] if account.change_history_table else []
        return result(query_id, ("CREATED", "LAST_ALTERED"), rows)
    if "INFORMATION_SCHEMA.SCHEMATA" in upper:
        return result(query_id, ("COUNT(1)",), [["1"]])
    if upper.startswith("CREATE TABLE IF NOT EXISTS") and "CHANGE_HISTORY" in upper:
        account.change_history_table = True
    if upper.startswith("SELECT VERSION, SCRIPT, CHECKSUM"):
        return result(query_id, ("VERSION", "SCRIPT", "CHECKSUM"), [list(row) for row in account.change_history])
    if upper.startswith("SELECT DISTINCT SCRIPT AS"):
        return result(query_id, ("SCRIPT_NAME", "CHECKSUM"), [])
    if upper.startswith("INSERT INTO") and "CHANGE_HISTORY" in upper:
        values = re.findall(_STRING, text[upper.index("VALUES") :])
        account.change_history.append((values[0], values[2], values[4]))
        return result(query_id, ("number of rows inserted",), [["1"]], statement_type=0x3100)
    return result(query_id, ("status",), [["Statement executed successfully."]])


_TIMES = frozenset({"RECORDED_AT", "STARTED_AT"})
_NUMBERS = frozenset({"LINE", "POSITION", "ROW_COUNT", "number of rows updated", "number of rows inserted", "COUNT(1)"})


def _column(name: str) -> Json:
    kind = "timestamp_ltz" if name in _TIMES else "fixed" if name in _NUMBERS else "text"
    return {
        "name": name,
        "type": kind,
        "nullable": True,
        "length": 16777216 if kind == "text" else None,
        "byteLength": 16777216 if kind == "text" else None,
        "precision": 38 if kind == "fixed" else 0 if kind != "text" else None,
        "scale": {"fixed": 0, "timestamp_ltz": 9}.get(kind),
        "database": "",
        "schema": "",
        "table": "",
        "collation": None,
    }


def result(
    query_id: str, columns: Sequence[str], rows: list[list[object]], *, statement_type: int = 0x1000, **more: object
) -> Json:
    """A reply with rows."""
    data = {
        "parameters": [{"name": "TIMEZONE", "value": "Etc/UTC"}],
        "rowtype": [_column(name) for name in columns],
        "rowset": rows,
        "total": len(rows),
        "returned": len(rows),
        "queryId": query_id,
        "sqlState": "00000",
        "databaseProvider": None,
        "finalDatabaseName": "BENCH",
        "finalSchemaName": "PUBLIC",
        "finalWarehouseName": "W",
        "finalRoleName": "R",
        "numberOfBinds": 0,
        "arrayBindSupported": False,
        "statementTypeId": statement_type,
        "version": 1,
        "sendResultTime": int(time.time() * 1000),
        "queryResultFormat": "json",
        **more,
    }
    return {"data": data, "message": None, "code": None, "success": True}


def _missing(query_id: str) -> Json:
    data = {"queryId": query_id, "errorCode": "002003", "sqlState": "42S02", "internalError": False}
    return {"data": data, "message": "Object does not exist or not authorized.", "code": "002003", "success": False}


_PARAMETERS: list[dict[str, Any]] = [
    {"name": "AUTOCOMMIT", "value": True},
    {"name": "CLIENT_TELEMETRY_ENABLED", "value": True},
    {"name": "CLIENT_SESSION_KEEP_ALIVE", "value": False},
    {"name": "TIMEZONE", "value": "Etc/UTC"},
    {"name": "PYTHON_CONNECTOR_QUERY_RESULT_FORMAT", "value": "json"},
    {"name": "CLIENT_PREFETCH_THREADS", "value": 4},
]

_LOGIN: Json = {
    "token": "t",
    "masterToken": "m",
    "validityInSeconds": 3600,
    "masterValidityInSeconds": 14400,
    "displayUserName": "U",
    "serverVersion": "9.30.0",
    "firstLogin": False,
    "healthCheckInterval": 45,
    "sessionId": 123456,
    "sessionInfo": {"databaseName": "BENCH", "schemaName": "PUBLIC", "warehouseName": "W", "roleName": "R"},
    "idToken": None,
    "responseData": None,
}


def _login(request: Json) -> Json:
    """The reply to a login, with the session's parameters as they are wished."""
    data = request.get("data")
    wished = data.get("SESSION_PARAMETERS") if isinstance(data, dict) else None
    parameters = {each["name"]: each["value"] for each in _PARAMETERS} | (wished or {})
    return {**_LOGIN, "parameters": [{"name": name, "value": value} for name, value in parameters.items()]}


class Stub:
    """The server."""

    def __init__(self, round_trip: float, statement: float) -> None:
        self._round_trip = round_trip
        self._statement = statement
        self.account = Account()

    async def serve_client(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, kept alive."""
        opened = False
        try:
            while line := await reader.readline():
                _, path, _ = line.decode().split(" ", 2)
                body = await _body(reader)
                if not path.startswith("/__"):
                    await asyncio.sleep(self._round_trip * (1 if opened else 3))
                    opened = True
                reply = json.dumps(await self._reply(path, body)).encode()
                head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(reply)}\r\n\r\n"
                writer.write(head.encode() + reply)
                await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            return
        finally:
            writer.close()

    async def _reply(self, path: str, body: bytes) -> Json:
        account = self.account
        if path == "/__stats":
            return {
                "requests": sum(account.counts.values()),
                "by_path": dict(account.counts),
                "statements": account.statements,
            }
        if path == "/__reset":
            account.counts.clear()
            account.statements = 0
            return {}
        route = path.partition("?")[0]
        account.counts[re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", "<id>", route)] += 1
        if route == "/session/v1/login-request":
            await asyncio.sleep(self._statement)
            return {"data": _login(json.loads(body)), "message": None, "code": None, "success": True}
        if route == "/queries/v1/query-request":
            return await self._query(json.loads(body))
        if found := re.fullmatch(r"/queries/([0-9a-f-]+)/result", route):
            return account.results[found[1]]
        return {"data": None, "message": None, "code": None, "success": True}

    async def _query(self, request: Json) -> Json:
        account = self.account
        text = str(request["sqlText"])
        parameters = request.get("parameters") or {}
        assert isinstance(parameters, dict)
        count = str(parameters.get("MULTI_STATEMENT_COUNT", parameters.get("multi_statement_count", "1")))
        parts = (
            [part for part in re.split(r";(?=(?:[^']*'[^']*')*[^']*\Z)", text) if part.strip()]
            if count != "1"
            else [text]
        )
        account.statements += len(parts)
        await asyncio.sleep(self._statement * len(parts))
        query_id = str(uuid.uuid4())
        try:
            if len(parts) == 1:
                return answer(account, parts[0], query_id)
            ids = [str(uuid.uuid4()) for _ in parts]
            for part, child in zip(parts, ids, strict=True):
                account.results[child] = answer(account, part, child)
        except Refused:
            return _missing(query_id)
        return result(
            query_id,
            ("multiple statement execution",),
            [["Multiple statements executed successfully."]],
            statement_type=0xA000,
            resultIds=",".join(ids),
            resultTypes=",".join(["4096"] * len(ids)),
        )


async def _body(reader: asyncio.StreamReader) -> bytes:
    headers: dict[str, str] = {}
    while (line := await reader.readline()) not in (b"\r\n", b""):
        key, value = line.decode().split(":", 1)
        headers[key.strip().lower()] = value.strip()
    body = await reader.readexactly(int(headers.get("content-length", 0)))
    return gzip.decompress(body) if headers.get("content-encoding") == "gzip" else body


async def main(round_trip: float, statement: float) -> None:
    stub = Stub(round_trip, statement)
    server = await asyncio.start_server(stub.serve_client, "127.0.0.1", 0, backlog=512)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(float(sys.argv[1]), float(sys.argv[2])))
