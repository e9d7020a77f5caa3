"""Any graph, any states, any outcomes: what runs is what the rules say, each task once, after its predecessors."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from local.accounts import Client, client, open_account
from local.task_history import history

_schemas = itertools.count()


class Outcome(Enum):
    """What becomes of a task that may run, and the text that makes it so."""

    SUCCEEDED = "AS SELECT 1"
    FAILED = "AS DELETE FROM nope"
    SKIPPED = "WHEN 1 = 2 AS SELECT 1"


@dataclass(frozen=True)
class Node:
    parents: tuple[int, ...]
    """Numbers of earlier tasks; none for the root alone."""
    resumed: bool
    outcome: Outcome


@st.composite
def graphs(draw: st.DrawFn) -> list[Node]:
    nodes = [Node((), True, draw(st.sampled_from(Outcome)))]
    for number in range(1, draw(st.integers(1, 7))):
        parents = draw(st.sets(st.integers(0, number - 1), min_size=1, max_size=3))
        nodes.append(Node(tuple(sorted(parents)), draw(st.booleans()), draw(st.sampled_from(Outcome))))
    return nodes


def expected(nodes: list[Node]) -> dict[str, str]:
    """The states of the tasks that leave a run, by docs.snowflake.com/en/user-guide/tasks-graphs."""
    runs: dict[str, str] = {}
    went_well: list[bool] = []
    let_through: list[bool] = []
    """Whether what follows a task alone may run."""
    for number, node in enumerate(nodes):
        asked = [parent for parent in node.parents if nodes[parent].resumed]
        if len(node.parents) > 1:
            free = bool(asked) and all(went_well[parent] for parent in asked)
        else:
            free = all(let_through[parent] for parent in node.parents)
        if free and node.resumed:
            runs[f"T{number}"] = node.outcome.name
        went_well.append(free and node.resumed and node.outcome is Outcome.SUCCEEDED)
        let_through.append(free and (not node.resumed or node.outcome is Outcome.SUCCEEDED))
    return runs


@pytest.fixture(scope="module")
def session() -> Iterator[Client]:
    account = open_account()
    yield client(account)
    account.close()


@settings(max_examples=40, deadline=None)
@given(graphs())
def test_what_runs(session: Client, nodes: list[Node]) -> None:
    session.run(f"CREATE SCHEMA law{next(_schemas)}")
    for number, node in enumerate(nodes):
        after = f"AFTER {', '.join(f't{parent}' for parent in node.parents)}" if node.parents else ""
        session.run(f"CREATE TASK t{number} WAREHOUSE = compute_wh {after} {node.outcome.value}")
        if node.parents and node.resumed:
            session.run(f"ALTER TASK t{number} RESUME")
    session.run("EXECUTE TASK t0")
    assert session.session.account.tasks.drain(10)
    runs = history(session, SCHEMA_NAME=session.session.schema, RESULT_LIMIT=10_000)
    assert {str(run["NAME"]): run["STATE"] for run in runs} == expected(nodes)
    assert len(runs) == len(expected(nodes))
    ended = {str(run["NAME"]): run["COMPLETED_TIME"] for run in runs}
    for run in runs:
        node = nodes[int(str(run["NAME"])[1:])]
        for parent in node.parents:
            if f"T{parent}" in ended:
                assert ended[f"T{parent}"] <= run["QUERY_START_TIME"]  # type: ignore[operator]
