"""Opening, sharing, starting and ending an account, with real processes."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import snowflake.connector

from local.wire.duck_engine import DuckEngine
from pipeline.errors import CannotConnect, Locked, Refused
from pipeline.local import lifecycle
from pipeline.local.folder import AccountFolder, Endpoint, Mode
from pipeline.local.lifecycle import Address, attach_or_embed

TESTS = Path(__file__).parents[2]
SERVE = [sys.executable, str(Path(__file__).parent / "serve_duck.py")]


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[AccountFolder]:
    folder = AccountFolder(tmp_path / ".pipeline" / "local")
    yield folder
    lifecycle.stop(folder)


@pytest.fixture(autouse=True)
def _helpers_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(TESTS))


def make_engine(folder: AccountFolder) -> DuckEngine:
    return DuckEngine(folder.stages)


def one(endpoint: Endpoint) -> object:
    options = {"enable_server_session_keep_alive_auto_detection": True}
    with snowflake.connector.connect(**endpoint.client_parameters(), **options) as connection:
        return connection.cursor().execute("SELECT 1").fetchone()


def unwanted(message: str) -> None:
    raise AssertionError(message)


def start(folder: AccountFolder) -> lifecycle.Started:
    return lifecycle.start(folder, [*SERVE, str(folder.root)])


def test_embedded_for_the_time_of_a_block(folder: AccountFolder) -> None:
    with attach_or_embed(folder, make_engine, notify=unwanted) as endpoint:
        assert one(endpoint) == (1,)
        assert endpoint.mode is Mode.EMBEDDED
        assert folder.running() == endpoint
    assert folder.running() is None
    assert lifecycle.status(folder).endpoint is None


def test_a_proxy_of_the_environment_is_passed_by(folder: AccountFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.setenv(name, "example.com")
    with attach_or_embed(folder, make_engine, notify=unwanted) as endpoint:
        assert one(endpoint) == (1,)
    assert os.environ["NO_PROXY"] == "example.com,127.0.0.1"


def test_secret_is_kept_and_private(folder: AccountFolder) -> None:
    passwords = []
    for _ in range(2):
        with attach_or_embed(folder, make_engine, notify=unwanted) as endpoint:
            passwords.append(endpoint.password)
            private = [folder.root / name for name in ("secret", "server.json")]
            assert [path.stat().st_mode & 0o777 for path in private] == [0o600, 0o600]
    assert passwords[0] == passwords[1]
    assert len(passwords[0]) >= 32
    assert passwords[0] not in repr(endpoint)


def test_a_second_command_waits_and_says_so(folder: AccountFolder) -> None:
    said: list[str] = []
    seen: list[object] = []

    def second() -> None:
        with attach_or_embed(folder, make_engine, notify=said.append) as endpoint:
            seen.append(one(endpoint))

    with attach_or_embed(folder, make_engine, notify=unwanted):
        waiting = threading.Thread(target=second)
        waiting.start()
        while not said:
            time.sleep(0.01)
        assert seen == []
    waiting.join(10)
    assert seen == [(1,)]
    assert said == [f"Another command (process {os.getpid()}) uses the local account; waiting for its end."]


def test_a_second_command_gives_up(folder: AccountFolder) -> None:
    with (
        attach_or_embed(folder, make_engine, notify=unwanted),
        pytest.raises(Locked, match="has the local account in"),
        attach_or_embed(folder, make_engine, notify=lambda _: None, timeout=0.2),
    ):
        pytest.fail("it is open twice")


def test_background_server_is_attached_to(folder: AccountFolder) -> None:
    first, again = start(folder), start(folder)
    assert (first.already, again.already) == (False, True)
    assert first.endpoint == again.endpoint
    with attach_or_embed(folder, make_engine, notify=unwanted) as endpoint:
        assert endpoint == first.endpoint
        assert endpoint.mode is Mode.SERVING
        assert one(endpoint) == (1,)
    with pytest.raises(Locked):
        lifecycle.reset(folder)
    assert endpoint.password not in folder.log.read_text()
    assert lifecycle.stop(folder)
    assert not lifecycle.stop(folder)
    assert lifecycle.status(folder).endpoint is None


def test_a_killed_server_leaves_no_trace_that_matters(folder: AccountFolder) -> None:
    killed = start(folder).endpoint
    os.kill(killed.pid, signal.SIGKILL)
    with attach_or_embed(folder, make_engine, notify=lambda _: None) as endpoint:
        assert endpoint.mode is Mode.EMBEDDED
        assert one(endpoint) == (1,)


def test_serve_says_one_line_and_ends_at_sigterm(folder: AccountFolder) -> None:
    server = subprocess.Popen([*SERVE, str(folder.root)], stdout=subprocess.PIPE, text=True)
    assert server.stdout is not None
    line = json.loads(server.stdout.readline())
    assert {"host", "port", "account", "user", "password"} <= line.keys()
    server.send_signal(signal.SIGTERM)
    assert server.stdout.read() == ""
    assert server.wait(10) == 0
    server.stdout.close()
    assert folder.announced() is None


def test_a_server_that_cannot_start_says_why(folder: AccountFolder) -> None:
    command = [sys.executable, "-c", "import sys; sys.exit('no such thing')"]
    with pytest.raises(CannotConnect) as caught:
        lifecycle.start(folder, command)
    assert caught.value.notes == ("no such thing",)


def test_a_taken_port(folder: AccountFolder) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = Address(port=taken.getsockname()[1])
        with pytest.raises(CannotConnect, match="cannot be listened on"):
            lifecycle.serve(folder, make_engine, ready=lambda _: None, address=address)
    with attach_or_embed(folder, make_engine, notify=unwanted) as endpoint:
        assert one(endpoint) == (1,)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "example.com"])
def test_other_machines_need_expose(folder: AccountFolder, host: str) -> None:
    with pytest.raises(Refused, match="other machines"):
        lifecycle.serve(folder, make_engine, ready=lambda _: None, address=Address(host=host))


def test_reset_deletes_all_but_the_lock(folder: AccountFolder) -> None:
    assert not lifecycle.reset(folder)
    with attach_or_embed(folder, make_engine, notify=unwanted) as endpoint:
        password = endpoint.password
    folder.database.write_bytes(b"data")
    (folder.stages / "st").mkdir()
    assert lifecycle.status(folder).database_bytes == 4
    assert lifecycle.reset(folder)
    assert {path.name for path in folder.root.iterdir()} <= {"lock"}
    with attach_or_embed(folder, make_engine, notify=unwanted) as endpoint:
        assert endpoint.password != password
