"""The account's front door: Snowflake's client protocol for the connectors 4.x and 5.x."""

import json
import logging
import os
import re
import threading
import uuid
from collections.abc import Callable, Mapping
from http import HTTPStatus
from pathlib import Path

from pipeline.local import replies, transfers
from pipeline.local.errors import SnowflakeError
from pipeline.local.executions import Execution, Executions, Worker
from pipeline.local.http import HttpError, HttpServer, Request, Response
from pipeline.local.internal import internal_fault
from pipeline.local.logins import Client, Session, Sessions
from pipeline.local.protocol import Binding, Credentials, Engine, FileTransfer, Result
from pipeline.local.transfers import Transfers

MAX_JSON = 64 << 20
PATIENCE = 45.0
"""Seconds until a running statement is answered with "in progress": connector 4.x gives up reading after 60."""
CLOSE_SECONDS = 10.0

log = logging.getLogger(__name__)

Json = dict[str, object]
Endpoint = Callable[[Request], bytes]

_RESULT = re.compile(r"/queries/([0-9a-fA-F-]+)/result$")
_ABORT = re.compile(r"/queries/([0-9a-fA-F-]+)/abort-request$")
_MONITORING = re.compile(r"/monitoring/queries//?([0-9a-fA-F-]+)$")
_RESULT_SCAN = re.compile(r"select \* from table\(result_scan\('([0-9a-fA-F-]+)'\)\)$")
"""The text, to the letter, with which connector 4.x fetches the result of an asynchronous query."""


class AccountServer:
    """Serves one engine. `stages` is the folder of all stages; `port` 0 takes a free one."""

    def __init__(
        self,
        engine: Engine,
        credentials: Credentials,
        stages: Path,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        patience: float = PATIENCE,
    ) -> None:
        """Raises:
        OSError: the address cannot be bound.
        """
        stages.mkdir(parents=True, exist_ok=True)
        transfers.clear_incoming(stages)
        self._engine = engine
        self._patience = patience
        self._sessions = Sessions(credentials)
        self._executions = Executions()
        self._transfers = Transfers(stages)
        self._endpoints: dict[str, Endpoint] = {
            "/session/v1/login-request": self._login,
            "/session/token-request": self._renew,
            "/session/heartbeat": self._heartbeat,
            "/session": self._session,
            "/queries/v1/query-request": self._query,
            "/queries/v1/abort-request": self._abort_request,
            "/telemetry/send": self._discard,
            "/telemetry/send/sessionless": self._discard,
        }
        self._http = HttpServer(host, port, self.answer)
        self.host = host
        self.port = self._http.port
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.05,), name="wire", daemon=True)

    def start(self) -> None:
        """Serve from a thread of its own."""
        self._thread.start()

    def stop(self) -> None:
        """Stop serving, abort what runs, close every session. The engine stays open: it is the caller's."""
        self._http.stop()
        self._thread.join()
        for session in self._sessions.all():
            self._close(session)

    def answer(self, request: Request) -> Response:
        """One request. A fault of our own is a JSON failure: at an HTTP error a client repeats for minutes."""
        if request.path.startswith(f"/{transfers.BUCKET}/"):
            return self._storage(request)
        try:
            return Response(self._answer_json(request))
        except SnowflakeError as error:
            return Response(replies.failure(error))
        except (HttpError, ConnectionError, TimeoutError):
            raise
        except Exception as error:  # noqa: BLE001 - the boundary: see the docstring
            return Response(replies.failure(internal_fault(error)))

    def _storage(self, request: Request) -> Response:
        """A request to the bucket. There a success is the HTTP status, so a fault of our own must not be one."""
        try:
            return self._transfers.answer(request)
        except (HttpError, ConnectionError, TimeoutError):
            raise
        except Exception as error:
            raise HttpError(HTTPStatus.BAD_REQUEST, internal_fault(error).message) from error

    def _answer_json(self, request: Request) -> bytes:
        endpoint = self._endpoints.get(request.path)
        if endpoint is not None:
            if request.method != "POST":
                raise HttpError(HTTPStatus.METHOD_NOT_ALLOWED, "This path takes POST only.")
            return endpoint(request)
        if request.method == "GET" and request.path == "/pipeline":
            return replies.document({"pid": os.getpid()})
        if request.method == "GET" and (match := _RESULT.match(request.path)):
            return self._result(request, match[1])
        if request.method == "GET" and (match := _MONITORING.match(request.path)):
            return self._monitoring(request, match[1])
        if request.method == "POST" and (match := _ABORT.match(request.path)):
            return self._abort_query(request, match[1])
        raise HttpError(HTTPStatus.NOT_FOUND, "There is nothing at this path.")

    # Sessions

    def _login(self, request: Request) -> bytes:
        login = _object(_json(request).get("data"))
        self._sessions.check(login)
        for abandoned in self._sessions.abandoned():
            self._close(abandoned)
        self._sessions.check_room()
        client = _client(login)
        user = str(login.get("LOGIN_NAME") or "").upper()
        engine = self._engine.open_session(
            user=user,
            database=request.query.get("databaseName"),
            schema=request.query.get("schemaName"),
            warehouse=request.query.get("warehouse"),
            role=request.query.get("roleName"),
            parameters=_object(login.get("SESSION_PARAMETERS")),
            application=client.application,
        )
        worker = Worker(f"session-{engine.id}", replies.failed, self._executions.kept)
        session = Session(engine.id, user, client, engine, worker)
        self._sessions.add(session)
        return replies.logged_in(session)

    def _renew(self, request: Request) -> bytes:
        _json(request)
        return replies.renewed(self._sessions.renew(_token(request)))

    def _heartbeat(self, request: Request) -> bytes:
        request.content(MAX_JSON)
        self._sessions.find(_token(request))
        return replies.document(None)

    def _session(self, request: Request) -> bytes:
        request.content(MAX_JSON)
        session = self._sessions.find(_token(request))
        if request.query.get("delete") == "true":
            self._close(session)
        return replies.document(None)

    def _close(self, session: Session) -> None:
        """End a session once: abort its statements, then let the engine roll back."""
        if not self._sessions.remove(session):
            return
        for execution in self._executions.of_session(session.id):
            if not execution.done:
                execution.abort()
        session.worker.stop(CLOSE_SECONDS)
        session.engine.close()

    def _discard(self, request: Request) -> bytes:
        request.content(MAX_JSON)
        return replies.document("Log Received")

    # Statements

    def _query(self, request: Request) -> bytes:
        body = _json(request)
        session = self._sessions.find(_token(request))
        request_id = request.query.get("requestId", "")
        execution = self._executions.by_request(session.id, request_id)
        if execution is None:
            text = str(body.get("sqlText") or "")
            fetched = _RESULT_SCAN.match(text)
            if fetched and (known := self._executions.get(fetched[1])):
                return self._wait(known)
            execution = Execution(
                str(uuid.uuid4()),
                session.id,
                text,
                request_id,
                self._runner(session, request, body),
                session.engine.abort,
            )
            self._executions.add(execution)
            session.worker.submit(execution)
        if body.get("asyncExec"):
            return replies.in_progress(execution, replies.IN_PROGRESS_ASYNC)
        return self._wait(execution)

    def _runner(self, session: Session, request: Request, body: Json) -> Callable[[Execution], bytes]:
        bindings = _bindings(body.get("bindings"))
        parameters = _object(body.get("parameters"))
        describe_only = bool(body.get("describeOnly"))

        def run(execution: Execution) -> bytes:
            outcome = session.engine.execute(
                execution.sql_text,
                bindings=bindings,
                query_id=execution.query_id,
                describe_only=describe_only,
                parameters=parameters,
            )
            if isinstance(outcome, FileTransfer):
                return self._transfer(outcome, session, request)
            if isinstance(outcome, tuple):
                self._keep_each(outcome, session)
                return replies.several(execution.query_id, outcome, session.engine)
            return replies.result(outcome, session.engine)

        return run

    def _keep_each(self, results: tuple[Result, ...], session: Session) -> None:
        for result in results:
            part = Execution.finished(
                result.query_id, session.id, result.sql_text, replies.result(result, session.engine)
            )
            self._executions.add(part)
            self._executions.kept(part)

    def _transfer(self, transfer: FileTransfer, session: Session, request: Request) -> bytes:
        self._transfers.prepare(transfer)
        if not session.client.writes_stage_folder:
            host = request.headers["host"]
            location = transfers.bucket_location(self._transfers.grant(transfer), host)
            return replies.document(transfers.reply(transfer, location))
        if not request.local:
            raise transfers.refuse_far_client()
        outcome = transfers.without_existing(transfer) if transfer.patterns and not transfer.overwrite else transfer
        if isinstance(outcome, Result):
            return replies.result(outcome, session.engine)
        return replies.document(transfers.reply(outcome, transfers.folder_location(outcome)))

    def _wait(self, execution: Execution) -> bytes:
        if not execution.wait(self._patience):
            return replies.in_progress(execution, replies.IN_PROGRESS)
        return execution.body

    def _result(self, request: Request, query_id: str) -> bytes:
        self._sessions.find(_token(request))
        return self._wait(self._known(query_id))

    def _monitoring(self, request: Request, query_id: str) -> bytes:
        self._sessions.find(_token(request))
        return replies.monitored(self._known(query_id))

    def _abort_request(self, request: Request) -> bytes:
        body = _json(request)
        session = self._sessions.find(_token(request))
        execution = self._executions.by_request(session.id, str(body.get("requestId") or ""))
        if execution is not None:
            execution.abort()
        return replies.document(None)

    def _abort_query(self, request: Request, query_id: str) -> bytes:
        request.content(MAX_JSON)
        self._sessions.find(_token(request))
        self._known(query_id).abort()
        return replies.document(None)

    def _known(self, query_id: str) -> Execution:
        execution = self._executions.get(query_id)
        if execution is None:
            raise SnowflakeError(f"Statement {query_id} not found", 709, "02000")
        return execution


def _json(request: Request) -> Json:
    content = request.content(MAX_JSON)
    try:
        return _object(json.loads(content) if content else {})
    except (ValueError, RecursionError):
        raise HttpError(HTTPStatus.BAD_REQUEST, "The body is not JSON.") from None


def _object(value: object) -> Json:
    """Raises:
    HttpError: the value is neither an object nor missing.
    """
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise HttpError(HTTPStatus.BAD_REQUEST, "A JSON object is expected.")
    return value


def _token(request: Request) -> str:
    match = re.fullmatch(r'Snowflake Token="([^"]*)"', request.headers.get("authorization", ""))
    return match[1] if match else ""


def _client(login: Mapping[str, object]) -> Client:
    environment = _object(login.get("CLIENT_ENVIRONMENT"))
    name = str(login.get("CLIENT_APP_ID") or "")
    return Client(name, str(login.get("CLIENT_APP_VERSION") or ""), str(environment.get("APPLICATION") or name))


def _bindings(given: object) -> dict[str, Binding]:
    bindings = {}
    for position, binding in _object(given).items():
        fields = _object(binding)
        value, form = fields.get("value"), fields.get("fmt")
        bindings[position] = Binding(
            str(fields.get("type") or "TEXT"),
            tuple(_text(item) for item in value) if isinstance(value, list) else _text(value),
            None if form is None else str(form),
        )
    return bindings


def _text(value: object) -> str | None:
    return None if value is None else str(value)
