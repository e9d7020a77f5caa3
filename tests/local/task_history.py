"""What TASK_HISTORY and the graph functions say, as records, the earliest first."""

from local.accounts import Client
from pipeline.local.answers import Answer
from pipeline.local.tasks import history as source


def records(answer: Answer) -> list[dict[str, object]]:
    names = [column.name for column in answer.columns]
    return [dict(zip(names, row, strict=True)) for row in reversed(answer.rows)]


def history(client: Client, **arguments: object) -> list[dict[str, object]]:
    """Rows of TASK_HISTORY that are not merely scheduled."""
    found = records(source.task_history(client.session, arguments))
    return [record for record in found if record["STATE"] != "SCHEDULED"]


def states(client: Client) -> list[tuple[object, object]]:
    """Name and state of each run, in order of time."""
    return [(record["NAME"], record["STATE"]) for record in history(client)]


def graphs(client: Client, **arguments: object) -> list[dict[str, object]]:
    return records(source.complete_task_graphs(client.session, arguments))
