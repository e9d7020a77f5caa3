"""What the server refuses: strangers, foreign hosts, bombs, paths that lead out of a stage."""

import gzip
import http.client
import io
import json
import socket
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from local.wire.duck_engine import DuckEngine
from pipeline.local import logins, transfers
from pipeline.local import server as wire
from pipeline.local.errors import SnowflakeError
from pipeline.local.executions import Worker
from pipeline.local.http import Body, HttpError, Request
from pipeline.local.logins import Sessions
from pipeline.local.protocol import Credentials, FileTransfer, TransferCommand
from pipeline.local.server import AccountServer
from pipeline.local.transfers import Transfers

LOGIN = {"ACCOUNT_NAME": "local", "LOGIN_NAME": "pipeline", "PASSWORD": "a secret of the test"}


class Wire:
    """Requests by hand."""

    def __init__(self, server: AccountServer) -> None:
        self.host, self.port = server.host, server.port
        self.token = ""

    def send(
        self, method: str, path: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> tuple[int, bytes, dict[str, str]]:
        connection = http.client.HTTPConnection(self.host, self.port, timeout=20)
        authorization = {"Authorization": f'Snowflake Token="{self.token}"'} if self.token else {}
        connection.request(method, path, body, {**authorization, **(headers or {})})
        response = connection.getresponse()
        content = response.read()
        connection.close()
        return response.status, content, {name.lower(): value for name, value in response.getheaders()}

    def post(self, path: str, body: object) -> Any:
        status, content, _ = self.send("POST", path, json.dumps(body).encode())
        assert status == 200, content
        return json.loads(content)

    def login(self, **changes: object) -> Any:
        return self.post("/session/v1/login-request", {"data": {**LOGIN, **changes}})

    def run(self, text: str, request_id: str = "") -> Any:
        return self.post(f"/queries/v1/query-request?requestId={request_id}", {"sqlText": text})


@pytest.fixture
def stranger(server: AccountServer) -> Wire:
    return Wire(server)


@pytest.fixture
def client(server: AccountServer) -> Wire:
    client = Wire(server)
    client.token = client.login()["data"]["token"]
    return client


@pytest.mark.parametrize(
    "changes",
    [
        {"PASSWORD": "wrong"},
        {"PASSWORD": None},
        {"LOGIN_NAME": "SOMEBODY"},
        {"ACCOUNT_NAME": "other"},
        {"TOKEN": "x", "PASSWORD": ""},
    ],
)
def test_wrong_credentials(stranger: Wire, engine: DuckEngine, changes: dict[str, object]) -> None:
    reply = stranger.login(**changes)
    assert (reply["success"], reply["code"]) == (False, "390100")
    assert engine.sessions == []


@pytest.mark.parametrize("authenticator", ["OAUTH", "PROGRAMMATIC_ACCESS_TOKEN"])
def test_the_secret_as_a_token(stranger: Wire, authenticator: str) -> None:
    reply = stranger.login(PASSWORD=None, TOKEN=LOGIN["PASSWORD"], AUTHENTICATOR=authenticator)
    assert reply["success"]


PROTECTED = [
    ("POST", "/queries/v1/query-request"),
    ("POST", "/queries/v1/abort-request"),
    ("POST", "/session/heartbeat"),
    ("POST", "/session?delete=true"),
    ("GET", "/queries/0-0/result"),
    ("GET", "/monitoring/queries/0-0"),
    ("POST", "/queries/0-0/abort-request"),
]


@pytest.mark.parametrize(("method", "path"), PROTECTED)
def test_every_request_needs_a_token(stranger: Wire, method: str, path: str) -> None:
    for token, code in (("", "390101"), ("made up", "390111")):
        stranger.token = token
        status, content, _ = stranger.send(method, path, b"{}")
        assert (status, json.loads(content)["code"]) == (200, code)


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "", "[::2]:80", "0.0.0.0"])
def test_a_foreign_host_is_refused(client: Wire, host: str) -> None:
    assert client.send("POST", "/session/heartbeat", b"{}", {"Host": host})[0] == 403


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:1", "127.0.0.1:9", "[::1]:9", "[::1]"])
def test_our_hosts(client: Wire, host: str) -> None:
    assert client.send("POST", "/session/heartbeat", b"{}", {"Host": host})[0] == 200


def test_body_too_large(client: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "MAX_JSON", 1000)
    bomb = gzip.compress(b" " * 1_000_000)
    assert client.send("POST", "/session/heartbeat", bomb, {"Content-Encoding": "gzip"})[0] == 413
    assert client.send("POST", "/session/heartbeat", b" " * 1001)[0] == 413


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (b"no json", {}),
        (b"[1]", {}),
        (b"\xff\xfe", {}),
        (b"[" * 200_000, {}),
        (b"no gzip", {"Content-Encoding": "gzip"}),
        (gzip.compress(b"{}", mtime=0)[:-9], {"Content-Encoding": "gzip"}),
        (b'{"bindings": [1]}', {}),
    ],
)
def test_malformed_bodies(client: Wire, body: bytes, headers: dict[str, str]) -> None:
    assert client.send("POST", "/queries/v1/query-request", body, headers)[0] == 400
    assert client.run("SELECT 1")["success"]


@pytest.mark.parametrize(
    "raw",
    [
        b"nonsense\r\n\r\n",
        b"GET /\r\n\r\n",
        b"GET / HTTP/1.1\r\nno colon\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 200 + b"\r\n",
        b"GET / HTTP/1.1\r\nA: " + b"b" * 20_000 + b"\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
    ],
)
def test_malformed_requests(server: AccountServer, raw: bytes) -> None:
    with socket.create_connection((server.host, server.port), timeout=10) as connection:
        connection.sendall(raw)
        assert connection.recv(100).startswith(b"HTTP/1.1 400 ")


def test_chunks(client: Wire) -> None:
    with socket.create_connection((client.host, client.port), timeout=10) as connection:
        token = f'Authorization: Snowflake Token="{client.token}"'
        head = f"POST /session/heartbeat HTTP/1.1\r\nHost: localhost\r\n{token}\r\n"
        chunks = "Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n1;x=y\r\n}\r\n0\r\n\r\n"
        connection.sendall((head + chunks).encode() * 2)
        reply = b""
        while reply.count(b'"success":true') < 2:
            reply += connection.recv(1000)


def test_a_fault_is_a_reply_with_a_reference(client: Wire, caplog: pytest.LogCaptureFixture) -> None:
    reply = client.run("fault")
    reference = reply["message"].split()[-1].rstrip(".")
    assert (reply["code"], "secret" in reply["message"]) == ("300002", False)
    assert reference in caplog.text
    assert "a secret detail" in caplog.text


def test_sessions_are_bounded(stranger: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logins, "MAX_SESSIONS", 2)
    replies = [stranger.login() for _ in range(3)]
    assert [reply["success"] for reply in replies] == [True, True, False]
    stranger.token = replies[0]["data"]["token"]
    stranger.post("/session?delete=true", {})
    assert stranger.login()["success"]


def test_a_closed_session_is_closed(client: Wire, engine: DuckEngine) -> None:
    client.post("/session?delete=true", {})
    assert engine.sessions[0].closed
    assert client.run("SELECT 1")["code"] == "390111"


def test_closing_aborts_what_runs(client: Wire, engine: DuckEngine) -> None:
    done: list[Any] = []
    running = threading.Thread(target=lambda: done.append(client.run("wait 30")))
    running.start()
    while not engine.sessions[0].executed:
        time.sleep(0.005)
    client.post("/session?delete=true", {})
    running.join(10)
    assert done[0]["code"] == "000604"
    assert engine.sessions[0].closed


def test_a_repeated_request_runs_once(client: Wire, engine: DuckEngine) -> None:
    first, again = client.run("SELECT 1", "an-id"), client.run("SELECT 1", "an-id")
    assert first == again
    assert engine.sessions[0].executed == ["SELECT 1"]


def test_tokens_age_and_are_renewed(engine: DuckEngine) -> None:
    now = [0.0]
    sessions = Sessions(Credentials("a", "u", "p"), clock=lambda: now[0])
    opened = engine.open_session(
        user="U", database=None, schema=None, warehouse=None, role=None, parameters={}, application=""
    )
    client = logins.Client("PythonConnector", "5.2.0", "")
    worker = Worker("w", lambda *_: b"", lambda _: None)
    session = logins.Session(1, "U", client, opened, worker)
    sessions.add(session)
    old, master = session.token, session.master_token
    now[0] += logins.TOKEN_SECONDS + 1
    with pytest.raises(SnowflakeError, match="390112"):
        sessions.find(old)
    assert sessions.renew(master) is session
    assert sessions.find(session.token) is session
    for stale in (old, master, ""):
        with pytest.raises(SnowflakeError, match="3901"):
            sessions.find(stale)
    now[0] += logins.MASTER_SECONDS + 1
    assert sessions.abandoned() == (session,)
    with pytest.raises(SnowflakeError, match="390114"):
        sessions.renew(session.master_token)


def test_renewal_over_the_wire(stranger: Wire) -> None:
    login = stranger.login()["data"]
    stranger.token = login["masterToken"]
    renewed = stranger.post("/session/token-request", {"requestType": "RENEW", "oldSessionToken": login["token"]})
    stranger.token = renewed["data"]["sessionToken"]
    assert stranger.run("SELECT 1")["success"]
    stranger.token = login["token"]
    assert not stranger.run("SELECT 1")["success"]


# Transfers


class Bucket:
    """One granted transfer, and requests to it by hand."""

    def __init__(self, wire_: Wire, transfer: str) -> None:
        data = wire_.run(transfer)["data"]
        self._wire = wire_
        self.path = "/" + data["stageInfo"]["location"]
        self.bearer = {"Authorization": f"Bearer {data['stageInfo']['creds']['GCS_ACCESS_TOKEN']}"}

    def put(self, name: str, content: bytes = b"x", headers: Mapping[str, str] | None = None) -> int:
        return self._wire.send("PUT", self.path + name, content, {**self.bearer, **(headers or {})})[0]

    def get(self, name: str, method: str = "GET", range_: str = "") -> tuple[int, bytes, dict[str, str]]:
        ranged = {"Range": range_} if range_ else {}
        return self._wire.send(method, self.path + name, headers={**self.bearer, **ranged})


@pytest.fixture
def modern(server: AccountServer) -> Wire:
    client = Wire(server)
    client.token = client.login(CLIENT_APP_ID="PythonConnector", CLIENT_APP_VERSION="5.2.0")["data"]["token"]
    return client


@pytest.fixture
def upload(modern: Wire) -> Bucket:
    return Bucket(modern, "PUT file:///x/* @st")


OUTSIDE = ["../x", "a/../../x", "%2e%2e/x", "..%2fx", "a//x", "", "/etc/passwd", "a%00b", "a%5c..%5cb", "."]


@pytest.mark.parametrize("name", OUTSIDE)
def test_no_way_out_of_a_stage(upload: Bucket, tmp_path: Path, name: str) -> None:
    before = sorted(tmp_path.rglob("*"))
    assert upload.put(name) in (400, 403)
    assert sorted(tmp_path.rglob("*")) == before


def test_links_are_not_followed(modern: Wire, upload: Bucket, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret").write_text("secret")
    (tmp_path / "stages" / "st" / "link").symlink_to(outside)
    (tmp_path / "stages" / "st" / "file").symlink_to(outside / "secret")
    assert upload.put("link/new") == 403
    assert upload.put("file") == 403
    download = Bucket(modern, f"GET @st file://{tmp_path}")
    assert download.get("file")[0] == 403
    assert [path.name for path in outside.iterdir()] == ["secret"]


def test_a_transfer_needs_its_own_token(modern: Wire, upload: Bucket) -> None:
    other = Bucket(modern, "PUT file:///x/* @other")
    upload.bearer = other.bearer
    assert upload.put("x") == 401
    upload.bearer = {}
    assert upload.put("x") == 401


def test_a_download_does_not_write(modern: Wire, upload: Bucket, tmp_path: Path) -> None:
    assert upload.put("a/b.txt", b"content") == 200
    download = Bucket(modern, f"GET @st file://{tmp_path}")
    assert download.put("new") == 403
    assert download.get("a/b.txt")[:2] == (200, b"content")
    status, content, headers = download.get("a/b.txt", "HEAD")
    assert (status, content, headers["content-length"]) == (200, b"", "7")
    assert download.get("none")[0] == 404
    assert download.get("a")[0] == 404


@pytest.mark.parametrize(
    ("asked", "status", "content", "told"),
    [
        ("bytes=0-2", 206, b"012", "bytes 0-2/10"),
        ("bytes=8-", 206, b"89", "bytes 8-9/10"),
        ("bytes=5-100", 206, b"56789", "bytes 5-9/10"),
        ("bytes=10-11", 416, b"", "bytes */10"),
        ("lines=1-2", 200, b"0123456789", None),
    ],
)
def test_ranges(
    modern: Wire, upload: Bucket, tmp_path: Path, asked: str, status: int, content: bytes, told: str | None
) -> None:
    upload.put("digits", b"0123456789")
    seen = Bucket(modern, f"GET @st file://{tmp_path}").get("digits", range_=asked)
    assert (*seen[:2], seen[2].get("content-range")) == (status, content, told)


def test_no_overwriting_under_the_condition(upload: Bucket, tmp_path: Path) -> None:
    condition = {"x-goog-if-generation-match": "0"}
    assert [upload.put("a", text, condition) for text in (b"1", b"2")] == [200, 412]
    assert (tmp_path / "stages" / "st" / "a").read_bytes() == b"1"
    assert upload.put("a", b"3") == 200
    assert (tmp_path / "stages" / "st" / "a").read_bytes() == b"3"


def test_a_name_cannot_be_file_and_folder(upload: Bucket, tmp_path: Path) -> None:
    assert [upload.put(name) for name in ("a/b", "a", "a/b/c")] == [200, 409, 409]
    assert (tmp_path / "stages" / "st" / "a" / "b").read_bytes() == b"x"


def test_a_folder_that_cannot_be_made(modern: Wire, upload: Bucket) -> None:
    assert upload.put("a") == 200
    assert modern.run("PUT file:///x/* @st/a/b")["code"] == "391904"


def test_a_fault_of_the_storage_is_no_success(upload: Bucket, tmp_path: Path) -> None:
    (tmp_path / "stages" / ".incoming").write_text("not a folder")
    assert upload.put("a") == 400


def test_an_old_client_far_away_cannot_transfer(client: Wire, server: AccountServer) -> None:
    """It would write into a folder of its own machine."""
    head = {"authorization": f'Snowflake Token="{client.token}"', "host": "127.0.0.1"}
    text = json.dumps({"sqlText": "PUT file:///x/* @st"}).encode()
    for local, code in ((True, None), (False, "391900")):
        body = Body(io.BufferedReader(io.BytesIO(text)), len(text), chunked=False)
        answer = server.answer(Request("POST", "/queries/v1/query-request", {}, head, body, local))
        assert isinstance(answer.content, bytes)
        assert json.loads(answer.content)["code"] == code


def test_a_file_too_large_or_cut_short_leaves_nothing(
    upload: Bucket, server: AccountServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transfers, "MAX_FILE_BYTES", 10)
    assert upload.put("a", b"x" * 11) == 413
    with socket.create_connection((server.host, server.port), timeout=10) as connection:
        head = f"PUT {upload.path}b HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n"
        connection.sendall(f"{head}Authorization: {upload.bearer['Authorization']}\r\n\r\nabc".encode())
        connection.shutdown(socket.SHUT_WR)
        assert connection.recv(100).startswith(b"HTTP/1.1 400 ")
    assert [path for path in (tmp_path / "stages").rglob("*") if path.is_file()] == []


def test_grants_expire(tmp_path: Path) -> None:
    now = [0.0]
    transfers_ = Transfers(tmp_path, clock=lambda: now[0])
    first = transfers_.grant(FileTransfer("q", "", TransferCommand.UPLOAD, tmp_path / "st"))
    now[0] += transfers.GRANT_SECONDS + 1
    with pytest.raises(HttpError, match="too old"):
        transfers_._check_token(first.id, {"authorization": f"Bearer {first.token}"})


def test_a_folder_that_is_no_stage(tmp_path: Path) -> None:
    (tmp_path / "stages" / "real").mkdir(parents=True)
    (tmp_path / "stages" / "link").symlink_to(tmp_path)
    transfers_ = Transfers(tmp_path / "stages")
    for folder in (tmp_path, tmp_path / "stages", tmp_path / "stages" / ".." / "x", tmp_path / "stages" / "link"):
        with pytest.raises(SnowflakeError, match="is not a stage"):
            transfers_.prepare(FileTransfer("q", "", TransferCommand.UPLOAD, folder))


def test_interrupted_uploads_are_removed(engine: DuckEngine, tmp_path: Path) -> None:
    part = tmp_path / "stages" / ".incoming" / "part"
    part.parent.mkdir(parents=True)
    part.write_text("half")
    AccountServer(engine, Credentials("a", "u", "p"), tmp_path / "stages")._http.server_close()
    assert not part.exists()
