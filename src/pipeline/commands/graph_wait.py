"""Wait until a suspended graph's last run is over: suspending stops no run (docs: sql-reference/sql/alter-task)."""

import time
from collections.abc import Callable

from pipeline.errors import Refused
from pipeline.plan.graphs import Graphs
from pipeline.sql.names import QualifiedName
from pipeline.targets.account import running_tasks
from pipeline.targets.session import Session
from pipeline.targets.tasks import read_tasks

POLL_SECONDS = 1.0


def wait_for_graph(session: Session, root: QualifiedName, timeout: float, stop: Callable[[], bool]) -> None:
    """Return when no task of the graph executes, or when `stop` says so. Raises Refused after `timeout` seconds."""
    assert root.database is not None, "the name was completed"
    deadline = time.monotonic() + timeout
    while not stop():
        infos = read_tasks(session, root.database)
        members = {task.name for task in Graphs(info.live for info in infos).members(root)}
        running = running_tasks(session, root.database) & members
        if not running:
            return
        if time.monotonic() > deadline:
            raise Refused(
                f"The task {sorted(map(str, running))[0]} still executes after {timeout:g} s.",
                hint="A longer --wait-tasks waits longer; without it the run ends beside the deploy.",
            )
        time.sleep(POLL_SECONDS)
