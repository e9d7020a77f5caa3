"""A proxy between the connector and an account that spoils the N-th request for a statement, in one of several ways."""

import json
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from enum import Enum

QUERY = b"/queries/v1/query-request"


class Fault(Enum):
    """How a request is spoilt; the DEAD ones leave the way closed for good."""

    CUT_BEFORE = "cut before the request"
    CUT_REQUEST = "cut within the request"
    CUT_RUNNING = "cut while it runs"
    CUT_ANSWER = "cut before the answer"
    CUT_WITHIN = "cut within the answer"
    DEAD_BEFORE = "dead before the request"
    DEAD_RUNNING = "dead while it runs"
    DEAD_ANSWER = "dead within the answer"
    BUSY = "503"
    TOO_MANY = "429"
    EXPIRED = "session token expired"
    LOGGED_OUT = "session expired"
    KILL_BEFORE = "killed before the request"
    KILL_RUNNING = "killed while it runs"
    KILL_AFTER = "killed before the answer"


DEAD = frozenset({Fault.DEAD_BEFORE, Fault.DEAD_RUNNING, Fault.DEAD_ANSWER})
KILLS = frozenset({Fault.KILL_BEFORE, Fault.KILL_RUNNING, Fault.KILL_AFTER})
"""What a deploy cannot survive; of everything else it must not even fail."""
_BEFORE = frozenset({Fault.CUT_BEFORE, Fault.DEAD_BEFORE, Fault.KILL_BEFORE})
_RUNNING = frozenset({Fault.CUT_RUNNING, Fault.DEAD_RUNNING, Fault.KILL_RUNNING})
_DONE = frozenset({Fault.CUT_ANSWER, Fault.KILL_AFTER})
_WITHIN = frozenset({Fault.CUT_WITHIN, Fault.DEAD_ANSWER})


class Proxy:
    """Listens on a port of its own. `position` counts requests for statements from 1; None spoils none of them."""

    def __init__(self, host: str, port: int, fault: Fault | None = None, position: int | None = None) -> None:
        self._target = (host, port)
        self._fault = fault
        self._position = position
        self._lock = threading.Lock()
        self._dead = False
        self._open: set[socket.socket] = set()
        self.kill: Callable[[], None] = lambda: None
        self.seen = 0
        self.struck = False
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """Close every connection and stop listening."""
        self._dead = True
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._cut_all()

    def _accept(self) -> None:
        while not self._dead:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            if self._dead:
                client.close()
                continue
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        server = socket.create_connection(self._target)
        pair = (client, server)
        with self._lock:
            self._open.update(pair)
        try:
            while (request := _message(client)) is not None:
                if not self._pass_on(client, server, request):
                    return
        except OSError:
            return
        finally:
            for end in pair:
                _close(end)
            with self._lock:
                self._open.difference_update(pair)

    def _pass_on(self, client: socket.socket, server: socket.socket, request: bytes) -> bool:
        """One request and its answer; False when the connection is over."""
        fault = self._fault_of(request)
        if fault in _REPLIES:
            client.sendall(_REPLIES[fault])
            return True
        if fault in _BEFORE:
            return self._strike(fault)
        if fault is Fault.CUT_REQUEST:
            server.sendall(request[: len(request) // 2])
            return self._strike(fault)
        server.sendall(request)
        if fault in _RUNNING:
            return self._strike(fault)
        answer = _message(server)
        if answer is None:
            return False
        if fault in _DONE:
            return self._strike(fault)
        if fault in _WITHIN:
            client.sendall(answer[: len(answer) // 2])
            return self._strike(fault)
        client.sendall(answer)
        return True

    def _fault_of(self, request: bytes) -> Fault | None:
        if QUERY not in request.split(b"\r\n", 1)[0]:
            return None
        with self._lock:
            self.seen += 1
            if self._fault is None or self.seen != self._position:
                return None
            self.struck = True
            return self._fault

    def _strike(self, fault: Fault | None) -> bool:
        if fault in KILLS:
            self.kill()
        if fault in DEAD:
            self.close()
        return False

    def _cut_all(self) -> None:
        with self._lock:
            for end in self._open:
                _close(end)


def _message(end: socket.socket) -> bytes | None:
    """A whole HTTP request or answer; None when the other side has closed."""
    data = b""
    while b"\r\n\r\n" not in data:
        part = end.recv(65536)
        if not part:
            return None
        data += part
    head, _, body = data.partition(b"\r\n\r\n")
    lengths = [line.split(b":")[1] for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")]
    missing = (int(lengths[0]) if lengths else 0) - len(body)
    while missing > 0:
        part = end.recv(65536)
        if not part:
            return None
        data += part
        missing -= len(part)
    return data


def _close(end: socket.socket) -> None:
    with suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)
    end.close()


def _reply(status: str, body: bytes) -> bytes:
    head = f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


def _refusal(code: str, message: str) -> bytes:
    return _reply("200 OK", json.dumps({"success": False, "code": code, "message": message, "data": {}}).encode())


_REPLIES: dict[Fault | None, bytes] = {
    Fault.BUSY: _reply("503 Service Unavailable", b""),
    Fault.TOO_MANY: _reply("429 Too Many Requests", b""),
    # Of the two tokens of a session, the first is renewed with the second; when that is too old, one logs in again.
    Fault.EXPIRED: _refusal("390112", "Your session has expired. Please login again."),
    Fault.LOGGED_OUT: _refusal("390114", "Authentication token has expired. The user must authenticate again."),
}
