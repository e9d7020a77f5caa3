"""When a graph's run is over: rules of docs.snowflake.com/en/user-guide/tasks-graphs."""

from datetime import UTC, datetime

import pytest

from pipeline.commands.runs import still_to_come
from pipeline.plan.graphs import Graphs, LiveTask
from pipeline.sql.names import QualifiedName
from pipeline.targets.runs import RunState, TaskRun


def name(text: str) -> QualifiedName:
    return QualifiedName("DB", "S", text)


def seen(**states: str) -> dict[QualifiedName, TaskRun]:
    """Runs by task; the states are named by their first letters."""
    return {name(task): run_of(task, state) for task, state in states.items()}


def run_of(task: str, state: str) -> TaskRun:
    found = next(member for member in RunState if member.name.startswith(state))
    moment = datetime(2026, 3, 2, tzinfo=UTC)
    return TaskRun(name(task), found, None, None, None, moment, None, None, "g", 1, "EXECUTE_TASK", None)


def graph(*, a_started: bool = True, finalizer: bool = True) -> Graphs:
    """ROOT → A → C, ROOT → B → C, and perhaps FIN after all."""
    tasks = [
        LiveTask(name("ROOT"), True),
        LiveTask(name("A"), a_started, (name("ROOT"),)),
        LiveTask(name("B"), True, (name("ROOT"),)),
        LiveTask(name("C"), True, (name("A"), name("B"))),
    ]
    if finalizer:
        tasks.append(LiveTask(name("FIN"), True, finalizes=name("ROOT")))
    return Graphs(tasks)


@pytest.mark.parametrize(
    ("states", "left"),
    [
        ({}, {"ROOT"}),
        ({"ROOT": "SCH"}, {"ROOT"}),
        ({"ROOT": "EX"}, {"ROOT"}),
        ({"ROOT": "SK"}, set()),
        ({"ROOT": "SU"}, {"A", "B", "C"}),
        ({"ROOT": "SU", "A": "SU"}, {"B", "C"}),
        ({"ROOT": "SU", "A": "SU", "B": "SU"}, {"C"}),
        ({"ROOT": "SU", "A": "SU", "B": "SU", "C": "EX"}, {"C"}),
        ({"ROOT": "SU", "A": "SU", "B": "SU", "C": "SU"}, {"FIN"}),
        ({"ROOT": "SU", "A": "SU", "B": "SU", "C": "SU", "FIN": "SU"}, set()),
        ({"ROOT": "SU", "A": "FA", "B": "EX"}, {"B"}),
        ({"ROOT": "SU", "A": "FA", "B": "SU"}, {"FIN"}),
        ({"ROOT": "SU", "A": "SK", "B": "SU", "FIN": "SU"}, set()),
        ({"ROOT": "FA"}, {"FIN"}),
        ({"ROOT": "FAILED_AND", "FIN": "FA"}, set()),
        ({"ROOT": "CA"}, {"FIN"}),
    ],
)
def test_what_is_left(states: dict[str, str], left: set[str]) -> None:
    assert still_to_come(graph(), name("ROOT"), seen(**states)) == {name(task) for task in left}


def test_a_suspended_task_is_passed_over() -> None:
    states = seen(ROOT="SU", B="SU")
    assert still_to_come(graph(a_started=False, finalizer=False), name("ROOT"), states) == {name("C")}


def test_nothing_runs_below_a_suspended_task_whose_parent_failed() -> None:
    chain = Graphs(
        [
            LiveTask(name("ROOT"), True),
            LiveTask(name("A"), True, (name("ROOT"),)),
            LiveTask(name("B"), False, (name("A"),)),
            LiveTask(name("C"), True, (name("B"),)),
        ]
    )
    assert still_to_come(chain, name("ROOT"), seen(ROOT="SU")) == {name("A"), name("B"), name("C")}
    assert still_to_come(chain, name("ROOT"), seen(ROOT="SU", A="SU")) == {name("C")}
    assert still_to_come(chain, name("ROOT"), seen(ROOT="SU", A="FA")) == frozenset()


def test_without_a_finalizer_the_last_task_ends_it() -> None:
    states = seen(ROOT="SU", A="SU", B="SU", C="SU")
    assert still_to_come(graph(finalizer=False), name("ROOT"), states) == frozenset()


def test_a_root_alone() -> None:
    alone = Graphs([LiveTask(name("ROOT"), False)])
    assert still_to_come(alone, name("ROOT"), seen(ROOT="SU")) == frozenset()
