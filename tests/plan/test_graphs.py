"""Roots, members and the order of resuming."""

from hypothesis import given
from hypothesis import strategies as st

from pipeline.plan.graphs import Graphs, LiveTask
from pipeline.sql.names import QualifiedName


def name(number: int) -> QualifiedName:
    return QualifiedName("DB", "S", f"T{number:02}")


@st.composite
def forests(draw: st.DrawFn) -> list[LiveTask]:
    """Tasks whose parents have smaller numbers: graphs as Snowflake allows them, in any order."""
    count = draw(st.integers(1, 12))
    tasks = []
    for number in range(count):
        parents = draw(st.sets(st.integers(0, number - 1), max_size=3)) if number else set()
        tasks.append(LiveTask(name(number), draw(st.booleans()), tuple(name(parent) for parent in sorted(parents))))
    return draw(st.permutations(tasks))


@given(forests())
def test_every_task_has_a_root_and_is_a_member_of_its_graph(tasks: list[LiveTask]) -> None:
    graphs = Graphs(tasks)
    roots = {root.name for root in graphs.roots()}
    for task in tasks:
        above = graphs.roots_of(task.name)
        assert above
        assert above <= roots
        for root in above:
            assert task in graphs.members(root)


@given(forests())
def test_parents_are_resumed_after_their_children(tasks: list[LiveTask]) -> None:
    graphs = Graphs(tasks)
    order = graphs.resume_order(task.name for task in tasks)
    place = {found: index for index, found in enumerate(order)}
    assert all(place[parent] > place[task.name] for task in tasks for parent in task.parents)


def test_an_unknown_task_has_no_root() -> None:
    assert Graphs([]).roots_of(name(1)) == frozenset()


def test_a_parent_that_is_gone_leaves_a_root() -> None:
    orphan = LiveTask(name(2), True, (name(1),))
    assert Graphs([orphan]).roots_of(name(2)) == {name(2)}


def test_a_graph_that_bites_its_own_tail_is_no_endless_loop() -> None:
    first, second = LiveTask(name(1), True, (name(2),)), LiveTask(name(2), True, (name(1),))
    graphs = Graphs([first, second])
    assert graphs.roots_of(name(1)) == frozenset()
    assert len(graphs.resume_order([name(1), name(2)])) == 2
