"""Opening an account: inside a command, in a server of its own, or by attaching to one that runs.

One process at a time has the account's database open, and holds the folder's lock for as long.
"""

import contextlib
import logging
import os
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from logging.handlers import RotatingFileHandler

from filelock import BaseFileLock, Timeout

from pipeline.errors import CannotConnect, CommunicationError, Locked, Refused
from pipeline.local.client import LOCAL_ACCOUNT, stay_on_this_machine
from pipeline.local.errors import SnowflakeError
from pipeline.local.folder import LOCAL_USER, AccountFolder, Endpoint, Mode
from pipeline.local.protocol import Credentials, Engine
from pipeline.local.server import AccountServer

LOOPBACK = "127.0.0.1"
WAIT_SECONDS = 60.0
START_SECONDS = 30.0
STOP_SECONDS = 30.0
_POLL = 0.05
_LOG_BYTES = 5 << 20

MakeEngine = Callable[[AccountFolder], Engine]
"""Opens the database of a folder whose lock is held."""

Notify = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Address:
    """Where to listen and whom to let in; None: a free port, the account's own secret."""

    host: str = LOOPBACK
    port: int = 0
    user: str = LOCAL_USER
    password: str | None = None


@dataclass(frozen=True, slots=True)
class Started:
    """A server in the background; `already`: it ran before."""

    endpoint: Endpoint
    already: bool


@dataclass(frozen=True, slots=True)
class Status:
    """An account as it is found."""

    folder: AccountFolder
    endpoint: Endpoint | None
    """Who has it open; None: nobody."""
    database_bytes: int
    """0: it does not exist yet."""


@contextlib.contextmanager
def attach_or_embed(
    folder: AccountFolder, make_engine: MakeEngine, *, notify: Notify, timeout: float = WAIT_SECONDS
) -> Iterator[Endpoint]:
    """An endpoint to connect to: that of the running server, or of one inside this process for the block's time.

    While another command has the account open, wait for it, saying so once.

    Raises:
        Locked: the other command has not ended within `timeout` seconds.
    """
    folder.create()
    deadline = time.monotonic() + timeout
    said = False
    while True:
        lock = _try_lock(folder)
        if lock is not None:
            with _opened(folder, lock, make_engine, Address(), Mode.EMBEDDED) as endpoint:
                stay_on_this_machine(endpoint.host)
                yield endpoint
            return
        running = folder.running()
        if running is not None and running.mode is Mode.SERVING:
            stay_on_this_machine(running.host)
            yield running
            return
        if time.monotonic() > deadline:
            raise _locked(folder)
        if not said and running is not None:
            notify(f"Another command (process {running.pid}) uses the local account; waiting for its end.")
            said = True
        time.sleep(_POLL)


def serve(
    folder: AccountFolder,
    make_engine: MakeEngine,
    *,
    ready: Callable[[Endpoint], None],
    address: Address | None = None,
    expose: bool = False,
) -> None:
    """Serve until SIGTERM or SIGINT, then end cleanly. Call it from the main thread.

    Raises:
        Refused: the host is not a loopback address, and `expose` is not set.
        Locked: another process has the account open.
        CannotConnect: the address cannot be bound.
    """
    address = address or Address()
    if not expose and not _is_loopback(address.host):
        raise Refused(
            f"{address.host} lets other machines reach the local account.",
            hint="Add --expose if that is what you want: its traffic is not encrypted.",
        )
    folder.create()
    lock = _try_lock(folder)
    if lock is None:
        raise _locked(folder)
    ended = threading.Event()
    with _opened(folder, lock, make_engine, address, Mode.SERVING) as endpoint, _on_signals(ended.set):
        ready(endpoint)
        ended.wait()


def start(folder: AccountFolder, command: Sequence[str], *, timeout: float = START_SECONDS) -> Started:
    """Run `command`, which must `serve` this folder, in the background, and wait until it answers.

    Raises:
        Locked: a command has the account open.
        CannotConnect: the server ended, or does not answer in time; the end of its log is in the notes.
    """
    folder.create()
    running = folder.running()
    if running is not None:
        if running.mode is Mode.EMBEDDED:
            raise _locked(folder)
        return Started(running, already=True)
    with folder.log.open("ab") as log:
        process = subprocess.Popen(  # standard output carries the password of the ready line: not into the log
            command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=log, start_new_session=True
        )
    deadline = time.monotonic() + timeout
    while time.monotonic() < deadline and process.poll() is None:
        running = folder.running()
        if running is not None and running.mode is Mode.SERVING:
            return Started(running, already=False)
        time.sleep(_POLL)
    if process.poll() is None:
        process.terminate()
    raise CannotConnect(
        "The local account's server did not start.", hint=f"Its log is {folder.log}.", notes=_tail(folder)
    )


def stop(folder: AccountFolder, *, timeout: float = STOP_SECONDS) -> bool:
    """End the server in the background; False if none runs.

    Raises:
        Locked: it is a command, not a server, that has the account open.
        CommunicationError: the server has not ended within `timeout` seconds.
    """
    running = folder.running()
    if running is None:
        return False
    if running.mode is Mode.EMBEDDED:
        raise _locked(folder)
    os.kill(running.pid, signal.SIGTERM)
    deadline = time.monotonic() + timeout
    while time.monotonic() < deadline:
        lock = _try_lock(folder)
        if lock is not None:
            lock.release()
            return True
        time.sleep(_POLL)
    raise CommunicationError(f"The local account's server (process {running.pid}) has not ended.")


def status(folder: AccountFolder) -> Status:
    """Look without changing anything."""
    size = folder.database.stat().st_size if folder.database.exists() else 0
    return Status(folder, folder.running(), size)


def reset(folder: AccountFolder) -> bool:
    """Delete the account with all its data; False if there was none.

    Raises:
        Locked: somebody has it open.
    """
    if not folder.root.exists():
        return False
    lock = _try_lock(folder)
    if lock is None:
        raise _locked(folder)
    try:
        existed = folder.database.exists()
        for path in folder.root.iterdir():
            if path == folder.lock_file:
                continue
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink()
    finally:
        lock.release()
    return existed


@contextlib.contextmanager
def _opened(
    folder: AccountFolder, lock: BaseFileLock, make_engine: MakeEngine, address: Address, mode: Mode
) -> Iterator[Endpoint]:
    """Open engine and server under a lock that is held already, and let go of all of it at the end."""
    with contextlib.ExitStack() as stack:
        stack.callback(lock.release)
        folder.withdraw()
        stack.enter_context(_logging(folder))
        password = address.password or folder.secret()
        engine = _engine(folder, make_engine)
        stack.callback(engine.close)
        if mode is Mode.EMBEDDED:
            stack.callback(engine.drain)
        engine.start(serving=mode is Mode.SERVING)
        credentials = Credentials(LOCAL_ACCOUNT, address.user, password)
        server = _listen(engine, credentials, folder, address)
        server.start()
        stack.callback(server.stop)
        endpoint = Endpoint(
            _reachable(address.host), server.port, os.getpid(), mode, user=address.user, password=password
        )
        folder.announce(endpoint)
        stack.callback(folder.withdraw)
        yield endpoint


def _engine(folder: AccountFolder, make_engine: MakeEngine) -> Engine:
    try:
        return make_engine(folder)
    except SnowflakeError as error:
        raise CannotConnect(f"The local account in {folder.root} cannot be opened: {error.message}") from error


def _listen(engine: Engine, credentials: Credentials, folder: AccountFolder, address: Address) -> AccountServer:
    try:
        return AccountServer(engine, credentials, folder.stages, host=address.host, port=address.port)
    except OSError as error:
        raise CannotConnect(f"{address.host}:{address.port} cannot be listened on: {error.strerror}.") from error


@contextlib.contextmanager
def _logging(folder: AccountFolder) -> Iterator[None]:
    """What the account logs goes to its file, and nowhere else: no traceback reaches the user's screen."""
    logger = logging.getLogger("pipeline.local")
    handler = RotatingFileHandler(folder.log, maxBytes=_LOG_BYTES, backupCount=1, delay=True, encoding="utf-8")
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    propagated = logger.propagate
    logger.addHandler(handler)
    logger.propagate = False
    try:
        yield
    finally:
        logger.propagate = propagated
        logger.removeHandler(handler)
        handler.close()


@contextlib.contextmanager
def _on_signals(act: Callable[[], None]) -> Iterator[None]:
    before = {number: signal.signal(number, lambda *_: act()) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _try_lock(folder: AccountFolder) -> BaseFileLock | None:
    lock = folder.lock()
    try:
        lock.acquire(timeout=0)
    except Timeout:
        return None
    return lock


def _locked(folder: AccountFolder) -> Locked:
    holder = folder.announced()
    who = f"Process {holder.pid}" if holder is not None else "Another process"
    return Locked(f"{who} has the local account in {folder.root} open.", hint="Try again when it has ended.")


def _reachable(host: str) -> str:
    """The address for clients on this machine."""
    return {"0.0.0.0": LOOPBACK, "::": "::1"}.get(host, host)


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False  # a name, which may lead anywhere


def _tail(folder: AccountFolder) -> tuple[str, ...]:
    return tuple(folder.log.read_text(encoding="utf-8", errors="replace").splitlines()[-5:])
