"""One deploy at a time for a project and environment: a table of one row, changed by one conditional UPDATE.

UPDATE of a table waits for another UPDATE of it and then sees what that one wrote (docs: sql-reference/transactions,
"resource locking"), so of two deploys only one finds the row free. Times are the account's own: no clock of a client
counts. A holder renews its heartbeat; one that has not for its time to live is dead, and the next deploy takes over.
"""

from dataclasses import dataclass
from datetime import datetime

from pipeline.sql.names import quote_literal
from pipeline.targets.history import Place
from pipeline.targets.session import Session

TTL_SECONDS = 120
"""How long a holder may be silent before it counts as dead."""


@dataclass(frozen=True, slots=True)
class Holder:
    """Who has the lock. `silent_seconds` have passed since its last heartbeat, by the account's clock."""

    owner: str
    user: str
    host: str
    started: datetime
    silent_seconds: int
    ttl_seconds: int

    @property
    def dead(self) -> bool:
        return self.silent_seconds > self.ttl_seconds


@dataclass(frozen=True, slots=True)
class Claim:
    """Who wants the lock. `after` is the last deploy that the plan knows of: with another one the lock is refused."""

    owner: str
    user: str
    host: str
    after: str | None
    ttl_seconds: int = TTL_SECONDS


def take(session: Session, place: Place, claim: Claim) -> bool:
    """Take the lock if it is free or its holder is dead, and nobody has deployed since `claim.after`."""
    after = "NULL" if claim.after is None else quote_literal(claim.after)
    outcome = session.run(
        f"UPDATE {place.lock} SET OWNER = {quote_literal(claim.owner)}, DEPLOYED_BY = {quote_literal(claim.user)},"
        f" HOST = {quote_literal(claim.host)}, STARTED_AT = CURRENT_TIMESTAMP(), HEARTBEAT_AT = CURRENT_TIMESTAMP(),"
        f" TTL_SECONDS = {claim.ttl_seconds}, LAST_DEPLOY = {quote_literal(claim.owner)}"
        f" WHERE LAST_DEPLOY IS NOT DISTINCT FROM {after} AND (OWNER IS NULL OR"
        " DATEDIFF('second', HEARTBEAT_AT, CURRENT_TIMESTAMP()) > TTL_SECONDS)"
    )
    return outcome.row_count == 1


def holder(session: Session, place: Place) -> Holder | None:
    """Who has the lock; None when it is free or was never made."""
    outcome = session.run_if_exists(
        "SELECT OWNER, DEPLOYED_BY, HOST, STARTED_AT, DATEDIFF('second', HEARTBEAT_AT, CURRENT_TIMESTAMP()),"
        f" TTL_SECONDS FROM {place.lock} WHERE OWNER IS NOT NULL"
    )
    if outcome is None or not outcome.rows:
        return None
    owner, user, host, started, silent, ttl = outcome.rows[0]
    assert isinstance(started, datetime), "a holder has a start"
    return Holder(str(owner), str(user), str(host), started, int(str(silent)), int(str(ttl)))


def last_deploy(session: Session, place: Place) -> str | None:
    """The deploy that had the lock last."""
    value = session.run(f"SELECT LAST_DEPLOY FROM {place.lock}").value()
    return None if value is None else str(value)


def beat(session: Session, place: Place, owner: str) -> bool:
    """Renew the heartbeat; False when the lock is somebody else's now."""
    outcome = session.run(
        f"UPDATE {place.lock} SET HEARTBEAT_AT = CURRENT_TIMESTAMP() WHERE OWNER = {quote_literal(owner)}"
    )
    return outcome.row_count == 1


def release_statement(place: Place, owner: str) -> str:
    """The statement that gives the lock back, if `owner` still has it."""
    return f"UPDATE {place.lock} SET OWNER = NULL, HEARTBEAT_AT = NULL WHERE OWNER = {quote_literal(owner)}"


def release(session: Session, place: Place, owner: str) -> bool:
    """Give the lock back; False when `owner` had it no more."""
    return session.run(release_statement(place, owner)).row_count == 1
