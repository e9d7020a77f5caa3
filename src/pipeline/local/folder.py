"""The folder `.pipeline/local/` of an account: its files, its secret, its lock, and who serves it."""

import contextlib
import http.client
import json
import os
import secrets
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path

from filelock import FileLock

from pipeline.local.client import LOCAL_ACCOUNT, client_parameters

LOCAL_USER = "PIPELINE"
PING_SECONDS = 2.0


class Mode(Enum):
    """Why an account is open."""

    EMBEDDED = "embedded"
    """In a command, until that ends. Nobody else can attach."""
    SERVING = "serving"
    """In a server of its own: other commands and clients attach."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where an open account answers, and what lets a client in."""

    host: str
    port: int
    pid: int
    mode: Mode
    account: str = LOCAL_ACCOUNT
    user: str = LOCAL_USER
    password: str = field(default="", repr=False)

    def client_parameters(self) -> dict[str, str | int | float | bool]:
        """Arguments of `snowflake.connector.connect`."""
        return client_parameters(self.host, self.port, self.user, self.password, self.account)

    def as_json(self) -> str:
        """One line, password and all."""
        shown = {name: getattr(self, name) for name in ("host", "port", "account", "user", "password", "pid")}
        return json.dumps({**shown, "mode": self.mode.value})


@dataclass(frozen=True, slots=True)
class AccountFolder:
    """The files of one account."""

    root: Path

    @property
    def database(self) -> Path:
        return self.root / "account.duckdb"

    @property
    def stages(self) -> Path:
        return self.root / "stages"

    @property
    def log(self) -> Path:
        return self.root / "server.log"

    @property
    def lock_file(self) -> Path:
        return self.root / "lock"

    @property
    def _secret(self) -> Path:
        return self.root / "secret"

    @property
    def _endpoint(self) -> Path:
        return self.root / "server.json"

    def create(self) -> None:
        """Make the folder, readable by its owner alone and left out of git."""
        self.root.mkdir(parents=True, exist_ok=True, mode=0o700)
        ignore = self.root / ".gitignore"
        if not ignore.exists():
            ignore.write_text("*\n", encoding="utf-8")

    def lock(self) -> FileLock:
        """The lock that whoever opens the account holds; the system frees it when that process ends."""
        return FileLock(self.lock_file, thread_local=False)

    def secret(self) -> str:
        """The account's secret, made at first use. Call it with the lock held."""
        with contextlib.suppress(FileNotFoundError):
            self._secret.chmod(0o600)
            if secret := self._secret.read_text(encoding="ascii").strip():
                return secret
        secret = secrets.token_urlsafe(32)
        _write_private(self._secret, secret)
        return secret

    def announce(self, endpoint: Endpoint) -> None:
        """Tell other processes who serves the account."""
        _write_private(self._endpoint, endpoint.as_json())

    def withdraw(self) -> None:
        """Nobody serves it any more."""
        self._endpoint.unlink(missing_ok=True)

    def announced(self) -> Endpoint | None:
        """Who says to serve the account; whether that is still so, `answers` tells."""
        try:
            said = json.loads(self._endpoint.read_text(encoding="utf-8"))
            return Endpoint(**{**said, "mode": Mode(said["mode"])})
        except FileNotFoundError:
            return None

    def running(self) -> Endpoint | None:
        """The endpoint that is announced and answers."""
        endpoint = self.announced()
        return endpoint if endpoint is not None and answers(endpoint) else None


def answers(endpoint: Endpoint) -> bool:
    """Whether the announced process is the one behind the address."""
    connection = http.client.HTTPConnection(endpoint.host, endpoint.port, timeout=PING_SECONDS)
    try:
        connection.request("GET", "/pipeline")
        reply = json.loads(connection.getresponse().read())
        return bool(reply["data"]["pid"] == endpoint.pid)
    except (OSError, http.client.HTTPException, ValueError, KeyError, TypeError):
        return False  # nobody there, or somebody else
    finally:
        connection.close()


def _write_private(path: Path, text: str) -> None:
    """Replace a file at once, readable by its owner alone from its first moment."""
    part = path.with_suffix(f".{os.getpid()}.part")
    part.unlink(missing_ok=True)
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
    part.replace(path)
