"""Past deploys: who, when, from which commit, what ran, how long, what failed."""

from collections.abc import Callable
from dataclasses import dataclass

from pipeline.commands.prepare import place_of
from pipeline.commands.workspace import Request, open_workspace
from pipeline.errors import UsageError
from pipeline.targets.past import PastDeploy, PastStatement, read_deploys, read_statements


@dataclass(frozen=True, slots=True)
class Past:
    """One deploy with its statements."""

    deploy: PastDeploy
    statements: tuple[PastStatement, ...]


def list_deploys(request: Request, limit: int, say: Callable[[str], None]) -> tuple[PastDeploy, ...]:
    """The latest deploys, the latest first."""
    workspace = open_workspace(request)
    with workspace.connect(request, say) as session:
        return read_deploys(session, place_of(workspace), limit=limit)


def show_deploy(request: Request, deploy_id: str, say: Callable[[str], None]) -> Past:
    """One deploy, named by its id or by how that begins. Raises UsageError when that names none, or several."""
    workspace = open_workspace(request)
    place = place_of(workspace)
    with workspace.connect(request, say) as session:
        found = read_deploys(session, place, prefix=deploy_id, limit=2)
        if len(found) != 1:
            many = "Several deploys begin with" if found else "There is no deploy"
            raise UsageError(f"{many} '{deploy_id}'.", hint="`pipeline history` lists them.")
        return Past(found[0], read_statements(session, place, found[0].deploy_id))
