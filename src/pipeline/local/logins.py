"""Who is logged in: credentials, tokens and their age, the bound on sessions."""

import hmac
import itertools
import secrets
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from pipeline.local.errors import SnowflakeError
from pipeline.local.executions import Worker
from pipeline.local.protocol import Credentials, EngineSession

MAX_SESSIONS = 256
TOKEN_SECONDS = 3600.0
MASTER_SECONDS = 4 * 3600.0
"""A session that is neither used nor renewed for four hours ends (docs: user-guide/session-policies)."""

CONNECTION_STATE = "08001"
WRONG_CREDENTIALS = 390100
NO_TOKEN = 390101
TOKEN_EXPIRED = 390112
MASTER_EXPIRED = 390114
SESSION_GONE = 390111
TOO_MANY_SESSIONS = 391902


@dataclass(frozen=True, slots=True)
class Client:
    """The program at the other end, as its login says."""

    name: str
    version: str
    application: str

    @property
    def writes_stage_folder(self) -> bool:
        """Whether it carries out LOCAL_FS transfers itself; the Python connector does not since 5.0."""
        major = self.version.split(".")[0]
        return not (self.name == "PythonConnector" and major.isdecimal() and int(major) >= 5)


@dataclass(eq=False, slots=True)
class Session:
    """A session of the wire: tokens, the engine's session, and the thread that runs its statements."""

    id: int
    user: str
    client: Client
    engine: EngineSession
    worker: Worker
    token: str = field(default_factory=lambda: secrets.token_urlsafe(32), repr=False)
    master_token: str = field(default_factory=lambda: secrets.token_urlsafe(32), repr=False)
    token_made: float = 0.0
    used: float = 0.0


class Sessions:
    """The open sessions. `clock` gives seconds, of any beginning."""

    def __init__(self, credentials: Credentials, clock: Callable[[], float] = time.monotonic) -> None:
        self._credentials = credentials
        self._clock = clock
        self._lock = threading.Lock()
        self._by_token: dict[str, Session] = {}
        self._by_master: dict[str, Session] = {}
        self._ids = itertools.count(1)

    def check(self, login: Mapping[str, object]) -> None:
        """Compare account, user and secret; any authenticator does that sends the secret as password or token.

        Raises:
            SnowflakeError: 390100, without saying which of them is wrong.
        """
        wanted = self._credentials
        given = login.get("PASSWORD") or login.get("TOKEN") or ""
        matches = (
            _same(str(login.get("ACCOUNT_NAME") or "").upper(), wanted.account.upper()),
            _same(str(login.get("LOGIN_NAME") or wanted.user).upper(), wanted.user.upper()),
            _same(str(given), wanted.password),
        )
        if not all(matches):
            raise SnowflakeError("Incorrect username or password was specified.", WRONG_CREDENTIALS, CONNECTION_STATE)

    def new_id(self) -> int:
        return next(self._ids)

    def add(self, session: Session) -> None:
        session.token_made = session.used = self._clock()
        with self._lock:
            self._by_token[session.token] = session
            self._by_master[session.master_token] = session

    def check_room(self) -> None:
        """Raises:
        SnowflakeError: too many sessions are open.
        """
        if len(self._by_master) >= MAX_SESSIONS:
            raise SnowflakeError(
                f"The local account has {MAX_SESSIONS} open sessions, which is its limit. Close one.",
                TOO_MANY_SESSIONS,
                CONNECTION_STATE,
            )

    def find(self, token: str) -> Session:
        """The session of a token.

        Raises:
            SnowflakeError: there is no such session, or the token must be renewed (390112, clients then do so).
        """
        if not token:
            raise SnowflakeError("Authorization header not found in the request data.", NO_TOKEN, CONNECTION_STATE)
        with self._lock:
            session = self._by_token.get(token)
        if session is None:
            raise SnowflakeError(
                "Session no longer exists. New login required to access the service.", SESSION_GONE, CONNECTION_STATE
            )
        now = self._clock()
        if now - session.token_made > TOKEN_SECONDS:
            raise SnowflakeError("Session token has expired. Renew it.", TOKEN_EXPIRED, CONNECTION_STATE)
        session.used = now
        return session

    def renew(self, master_token: str) -> Session:
        """Give the session of a master token new tokens.

        Raises:
            SnowflakeError: the master token is none, or too old: a new login is needed.
        """
        with self._lock:
            session = self._by_master.get(master_token)
            if session is None or self._clock() - session.used > MASTER_SECONDS:
                raise SnowflakeError(
                    "Authentication token has expired. The user must authenticate again.",
                    MASTER_EXPIRED,
                    CONNECTION_STATE,
                )
            self._forget(session)
            session.token, session.master_token = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
            session.token_made = session.used = self._clock()
            self._by_token[session.token] = session
            self._by_master[session.master_token] = session
            return session

    def remove(self, session: Session) -> bool:
        """Whether it was still there: only one caller gets to close it."""
        with self._lock:
            present = session.master_token in self._by_master
            self._forget(session)
            return present

    def abandoned(self) -> tuple[Session, ...]:
        """Sessions that nobody has used for so long that they can no longer be renewed."""
        limit = self._clock() - MASTER_SECONDS
        with self._lock:
            return tuple(session for session in self._by_master.values() if session.used < limit)

    def all(self) -> tuple[Session, ...]:
        with self._lock:
            return tuple(self._by_master.values())

    def _forget(self, session: Session) -> None:
        self._by_token.pop(session.token, None)
        self._by_master.pop(session.master_token, None)


def _same(given: str, wanted: str) -> bool:
    return hmac.compare_digest(given.encode(), wanted.encode())
