"""Take the lock away from a deploy that is known to be dead."""

from collections.abc import Callable
from dataclasses import dataclass

from pipeline.commands.prepare import place_of
from pipeline.commands.workspace import Request, open_workspace
from pipeline.targets.lock import Holder, holder, release


@dataclass(frozen=True, slots=True)
class Unlocked:
    """Who had the lock; None when nobody had it."""

    environment: str
    holder: Holder | None


def unlock(request: Request, say: Callable[[str], None]) -> Unlocked:
    """Give the lock back in its holder's place. The next deploy continues what that one left."""
    workspace = open_workspace(request)
    place = place_of(workspace)
    with workspace.connect(request, say) as session:
        found = holder(session, place)
        if found is not None:
            release(session, place, found.owner)
        return Unlocked(workspace.environment, found)
