"""What a run hands to the session that runs a task, and how its functions find it."""

import json
from collections.abc import Mapping

from pipeline.local.errors import SnowflakeError
from pipeline.local.schedule import refused
from pipeline.local.session import Session

RETURN_VALUE = "return_value"
CONFIG = "config"
PREDECESSOR = "predecessor:"
INFO = "info:"


def run_extra(config: str | None, returned: Mapping[str, str | None], info: Mapping[str, str | None]) -> dict[str, str]:
    """The entries of a session's context: the graph's config, return values of predecessors, what is told of the run.

    Values are JSON, so that a missing one is told from an empty one.
    """
    extra = {CONFIG: config} if config is not None else {}
    extra |= {PREDECESSOR + name: json.dumps(value) for name, value in returned.items()}
    return extra | {INFO + name: json.dumps(value) for name, value in info.items()}


def require_task(session: Session, function: str) -> None:
    """Raises SnowflakeError when the session does not run a task."""
    if session.context.task is None:
        raise refused(f"Function {function} can only be called while a task runs.")


def set_return_value(session: Session, value: object) -> str:
    """SYSTEM$SET_RETURN_VALUE: what the task's successors read."""
    require_task(session, "SYSTEM$SET_RETURN_VALUE")
    text = "" if value is None else str(value)
    session.context.extra[RETURN_VALUE] = text
    return text


def predecessor_return_value(session: Session, name: str | None) -> str | None:
    """SYSTEM$GET_PREDECESSOR_RETURN_VALUE: the name is compared as it is stored; none is needed for one predecessor.

    Source: docs.snowflake.com/en/user-guide/tasks-graphs.
    """
    function = "SYSTEM$GET_PREDECESSOR_RETURN_VALUE"
    require_task(session, function)
    known = {
        key.removeprefix(PREDECESSOR): text
        for key, text in session.context.extra.items()
        if key.startswith(PREDECESSOR)
    }
    if name is None and len(known) != 1:
        raise refused(f"Function {function} needs the name of a predecessor: this task has {len(known)}.")
    wanted = name if name is not None else next(iter(known))
    if wanted not in known:
        raise refused(f"'{wanted}' is not a predecessor of task {session.context.task and session.context.task.name}.")
    return _text(json.loads(known[wanted]))


def graph_config(session: Session, path: str | None) -> str | None:
    """SYSTEM$GET_TASK_GRAPH_CONFIG: the config of the running graph, or what a path in it leads to; None: nothing."""
    require_task(session, "SYSTEM$GET_TASK_GRAPH_CONFIG")
    text = session.context.extra.get(CONFIG)
    if text is None or path is None:
        return text
    found = json.loads(text)
    for part in path.split("."):
        if not isinstance(found, dict) or part not in found:
            return None
        found = found[part]
    return _text(found)


def runtime_info(session: Session, name: str) -> str | None:
    """SYSTEM$TASK_RUNTIME_INFO. Source: docs.snowflake.com/en/sql-reference/functions/system_task_runtime_info."""
    require_task(session, "SYSTEM$TASK_RUNTIME_INFO")
    text = session.context.extra.get(INFO + name.upper())
    if text is None:
        raise SnowflakeError(f"Invalid argument for SYSTEM$TASK_RUNTIME_INFO: '{name}'.", 1008, "22023")
    return _text(json.loads(text))


def _text(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, separators=(",", ":"))
