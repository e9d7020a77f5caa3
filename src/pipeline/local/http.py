"""HTTP/1.1 as little as the clients need: one thread a connection, kept alive, head and body written at once.

The standard library's handler parses headers with the e-mail package, 0.2 ms a request; a small query takes about 1 ms.
"""

import contextlib
import ipaddress
import logging
import socket
import socketserver
import threading
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http import HTTPStatus
from io import BufferedReader
from pathlib import Path
from urllib.parse import parse_qsl, unquote

MAX_LINE = 16 * 1024
MAX_HEADERS = 100
MAX_CONNECTIONS = 1024
IDLE_SECONDS = 3600.0
"""Clients keep idle connections in a pool and do not repeat a POST on a closed one, so they are closed late."""
CHUNK = 1 << 20

log = logging.getLogger(__name__)


class HttpError(Exception):
    """A request that cannot be answered; the connection is closed after the reply."""

    def __init__(self, status: HTTPStatus, text: str) -> None:
        super().__init__(text)
        self.status = status
        self.text = text


class Body:
    """A request's body, read once, by known length or by chunks."""

    def __init__(self, stream: BufferedReader, length: int, chunked: bool) -> None:
        self._stream = stream
        self._left = length
        self._chunked = chunked
        self._finished = not chunked and length == 0

    def parts(self) -> Iterator[bytes]:
        """The body in pieces of at most CHUNK bytes.

        Raises:
            HttpError: it ends early, or a chunk is malformed.
        """
        while not self._finished:
            if self._left == 0 and not self._next_chunk():
                return
            part = self._stream.read(min(self._left, CHUNK))
            if not part:
                raise HttpError(HTTPStatus.BAD_REQUEST, "The body ends early.")
            self._left -= len(part)
            if self._left == 0:
                self._end_of_part()
            yield part

    def _end_of_part(self) -> None:
        if not self._chunked:
            self._finished = True
        elif self._stream.readline(MAX_LINE).strip():
            raise HttpError(HTTPStatus.BAD_REQUEST, "A chunk is longer than it says.")

    def _next_chunk(self) -> bool:
        size = self._stream.readline(MAX_LINE).split(b";")[0].strip()
        try:
            self._left = int(size, 16)
        except ValueError:
            raise HttpError(HTTPStatus.BAD_REQUEST, "A chunk's length is no number.") from None
        if self._left < 0:
            raise HttpError(HTTPStatus.BAD_REQUEST, "A chunk's length is negative.")
        if self._left == 0:
            while self._stream.readline(MAX_LINE).strip():
                pass  # trailers
            self._finished = True
        return not self._finished

    def read(self, limit: int) -> bytes:
        """All of it.

        Raises:
            HttpError: it is longer than `limit`, or malformed.
        """
        if not self._chunked:
            if self._left > limit:
                raise HttpError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"The body is larger than {limit} bytes.")
            if self._left <= CHUNK:
                return next(self.parts(), b"")
        whole = bytearray()
        for part in self.parts():
            whole += part
            if len(whole) > limit:
                raise HttpError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"The body is larger than {limit} bytes.")
        return bytes(whole)

    @property
    def finished(self) -> bool:
        """Whether all of it was read: only then can the connection carry another request."""
        return self._finished


@dataclass(frozen=True, slots=True)
class Request:
    """A request; header names are in lower case, `path` is unquoted."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: Body
    local: bool
    """Whether the client is on this machine."""

    def content(self, limit: int) -> bytes:
        """The body, decompressed.

        Raises:
            HttpError: the body, also once decompressed, is larger than `limit`; or it is malformed.
        """
        raw = self.body.read(limit)
        encoding = self.headers.get("content-encoding", "").lower()
        if encoding in ("", "identity"):
            return raw
        if encoding != "gzip":
            raise HttpError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, f"Content-Encoding {encoding!r} is not understood.")
        return _gunzip(raw, limit)


def _gunzip(raw: bytes, limit: int) -> bytes:
    unzip = zlib.decompressobj(wbits=31)
    try:
        content = unzip.decompress(raw, limit + 1)
    except zlib.error:
        raise HttpError(HTTPStatus.BAD_REQUEST, "The body is not gzip.") from None
    if len(content) > limit:
        raise HttpError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"The body unpacks to more than {limit} bytes.")
    if not unzip.eof:
        raise HttpError(HTTPStatus.BAD_REQUEST, "The body ends early.")
    return content


@dataclass(frozen=True, slots=True)
class FilePart:
    """`length` bytes of a file from `start` on."""

    path: Path
    start: int
    length: int

    def __len__(self) -> int:
        return self.length


@dataclass(frozen=True, slots=True)
class Response:
    """An answer: bytes, or a part of a file that is streamed.

    With `length_only` the length is told, the content not sent.
    """

    content: bytes | FilePart = b""
    status: HTTPStatus = HTTPStatus.OK
    content_type: str = "application/json"
    headers: tuple[tuple[str, str], ...] = field(default=())
    length_only: bool = False


Handler = Callable[[Request], Response]


class HttpServer(socketserver.ThreadingTCPServer):
    """Serves `handler` until `stop`. A request whose Host is not one of ours is refused (DNS rebinding)."""

    daemon_threads = True
    block_on_close = False
    allow_reuse_address = True
    request_queue_size = 128

    def __init__(self, host: str, port: int, handler: Handler) -> None:
        """Raises:
        OSError: the address cannot be bound.
        """
        if ":" in host:
            self.address_family = socket.AF_INET6
        super().__init__((host, port), _Connection)
        self.handler = handler
        self._hosts = {"127.0.0.1", "localhost", "::1", host.lower()}
        self._everywhere = host in ("0.0.0.0", "::")
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()

    @property
    def port(self) -> int:
        port: int = self.server_address[1]
        return port

    def is_ours(self, host_header: str) -> bool:
        """Whether a Host header names us. Bound everywhere, a literal address does too: rebinding needs a name."""
        host = host_header.rsplit("]", 1)[0].lstrip("[") if host_header.startswith("[") else host_header.split(":")[0]
        return host.lower() in self._hosts or (self._everywhere and _is_address(host))

    def verify_request(self, request: object, client_address: object) -> bool:  # noqa: ARG002 - the base's signature
        with self._lock:
            return len(self._open) < MAX_CONNECTIONS

    def opened(self, connection: socket.socket) -> None:
        with self._lock:
            self._open.add(connection)

    def closed(self, connection: socket.socket) -> None:
        with self._lock:
            self._open.discard(connection)

    def handle_error(self, request: object, client_address: object) -> None:
        """Log what the connection's thread could not handle; the base class prints it."""
        log.exception("connection %s of %s failed", request, client_address)

    def stop(self) -> None:
        """Stop accepting, and cut what is connected."""
        self.shutdown()
        self.server_close()
        with self._lock:
            connections = tuple(self._open)
        for connection in connections:
            with contextlib.suppress(OSError):  # closed by the client meanwhile
                connection.shutdown(socket.SHUT_RDWR)


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


class _Connection(socketserver.StreamRequestHandler):
    server: HttpServer
    connection: socket.socket
    rfile: BufferedReader
    disable_nagle_algorithm = True
    rbufsize = 64 * 1024
    timeout = IDLE_SECONDS

    def handle(self) -> None:
        self.server.opened(self.connection)
        try:
            while self._serve_one():
                pass
        except (ConnectionError, TimeoutError):
            log.debug("the client closed the connection")
        finally:
            self.server.closed(self.connection)

    def _serve_one(self) -> bool:
        """Answer one request; False when the connection is over."""
        try:
            request = self._read()
            if request is None:
                return False
            response = self.server.handler(request)
            keep = request.body.finished and request.headers.get("connection", "").lower() != "close"
        except HttpError as error:
            response = Response(error.text.encode(), error.status, "text/plain; charset=utf-8")
            keep = False
        self._write(response, keep)
        return keep

    def _read(self) -> Request | None:
        line = self.rfile.readline(MAX_LINE)
        if not line:
            return None
        parts = line.decode("latin-1").split()
        if len(parts) != 3 or not parts[2].startswith("HTTP/1."):
            raise HttpError(HTTPStatus.BAD_REQUEST, "The request line is malformed.")
        headers = self._read_headers()
        if not self.server.is_ours(headers.get("host", "")):
            raise HttpError(HTTPStatus.FORBIDDEN, "The Host header does not name this server.")
        path, _, query = parts[1].partition("?")
        if headers.get("expect", "").lower() == "100-continue":
            self.connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        return Request(parts[0], unquote(path), dict(parse_qsl(query)), headers, self._body(headers), self._is_local())

    def _read_headers(self) -> dict[str, str]:
        headers: dict[str, str] = {}
        for _ in range(MAX_HEADERS):
            line = self.rfile.readline(MAX_LINE)
            if line in (b"\r\n", b"\n"):
                return headers
            name, colon, value = line.decode("latin-1").partition(":")
            if not colon or not line.endswith(b"\n"):
                raise HttpError(HTTPStatus.BAD_REQUEST, "A header is malformed.")
            headers[name.lower()] = value.strip()
        raise HttpError(HTTPStatus.BAD_REQUEST, f"There are more than {MAX_HEADERS} headers.")

    def _body(self, headers: dict[str, str]) -> Body:
        chunked = headers.get("transfer-encoding", "").lower() == "chunked"
        length = headers.get("content-length", "0")
        if not length.isdecimal() or (chunked and "content-length" in headers):
            raise HttpError(HTTPStatus.BAD_REQUEST, "The body's length is malformed.")
        return Body(self.rfile, 0 if chunked else int(length), chunked)

    def _is_local(self) -> bool:
        return self.client_address[0] in (self.connection.getsockname()[0], "127.0.0.1", "::1")

    def _write(self, response: Response, keep: bool) -> None:
        content = response.content
        lines = [
            f"HTTP/1.1 {response.status.value} {response.status.phrase}",
            f"Content-Type: {response.content_type}",
            f"Content-Length: {len(content)}",
            *(f"{name}: {value}" for name, value in response.headers),
            *(() if keep else ("Connection: close",)),
        ]
        head = ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")
        if response.length_only:
            self.connection.sendall(head)
        elif isinstance(content, FilePart):
            self.connection.sendall(head)
            if content.length:
                with content.path.open("rb") as file:
                    self.connection.sendfile(file, content.start, content.length)
        else:
            self.connection.sendall(head + content)
