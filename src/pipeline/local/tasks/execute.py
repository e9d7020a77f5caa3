"""EXECUTE TASK. Source: docs.snowflake.com/en/sql-reference/sql/execute-task."""

from pipeline.local.answers import Answer, status
from pipeline.local.objects import Kind
from pipeline.local.protocol import StatementType
from pipeline.local.schedule import refused
from pipeline.local.session import Session
from pipeline.local.tasks.graph import Task, is_root
from pipeline.local.tasks.runs import Origin
from pipeline.sql.grammar.tasks import ExecuteMode, ExecuteTask


def execute_task(session: Session, statement: ExecuteTask) -> Answer:
    """Ask for a run of a root's graph, which happens in the background."""
    task: Task = session.require(Kind.TASK, statement.name)
    if not is_root(task.spec):
        raise refused(
            f"Execute task cannot be called on non-root task {task.full_name}. "
            "Call EXECUTE TASK on the root task of its graph instead."
        )
    tasks = session.account.tasks
    match statement.mode:
        case ExecuteMode.RUN:
            request = tasks.request(task, Origin.EXECUTE_TASK, session.account.clock.now(), config=statement.config)
        case ExecuteMode.RETRY_LAST | ExecuteMode.RETRY_GROUP:
            request = tasks.retry_request(task, statement.group_id)
    tasks.submit(request)
    return status(f"Task {task.name} is scheduled to run immediately.", StatementType.SCL)
