"""Getting the lock of a deploy: at once, after waiting for its holder, or not at all."""

import time
from collections.abc import Callable

from pipeline.commands.prepare import Prepared
from pipeline.errors import Locked
from pipeline.plan.model import Event, Notice
from pipeline.targets.lock import Claim, Holder, holder, last_deploy, take
from pipeline.targets.session import Session

POLL_SECONDS = 1.0


def obtain(session: Session, prepared: Prepared, claim: Claim, timeout: float, listen: Callable[[Event], None]) -> bool:
    """Take the lock, waiting at most `timeout` seconds; whether the plan must be made again under it.

    Raises Locked with who has it.
    """
    place = prepared.place
    if not prepared.account.recorded.ready:
        session.run_several(place.creation(), fetch=False)
    if take(session, place, claim):
        return prepared.uncertain
    deadline = time.monotonic() + timeout
    said = False
    while True:
        found = holder(session, place)
        if found is not None and found.owner == claim.owner:
            return True  # it was taken, and the answer was lost
        if found is None or found.dead:
            latest = last_deploy(session, place)
            if take(session, place, _after(claim, latest)):
                if latest is not None and latest != claim.after:
                    listen(Notice(f"Deploy {latest} came before this one, which was planned again after it."))
                return True
        elif time.monotonic() >= deadline:
            raise _locked(found)
        elif not said:
            listen(Notice(f"{_words(found)} Waiting for its end."))
            said = True
        time.sleep(min(POLL_SECONDS, max(deadline - time.monotonic(), 0.05)))


def _after(claim: Claim, latest: str | None) -> Claim:
    return Claim(claim.owner, claim.user, claim.host, latest, claim.ttl_seconds)


def _words(found: Holder) -> str:
    return f"Deploy {found.owner} of {found.user} on {found.host} goes on since {found.started.astimezone():%H:%M:%S}."


def _locked(found: Holder) -> Locked:
    return Locked(
        _words(found),
        hint=f"--lock-timeout 10m waits for it. A holder that is dead for {found.ttl_seconds} s loses the lock by "
        "itself; `pipeline unlock` takes it away at once.",
        notes=(f"Its last sign of life was {found.silent_seconds} s ago.",),
    )
