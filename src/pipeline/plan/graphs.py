"""Task graphs: who is whose root, and the order in which tasks are resumed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from pipeline.sql.names import QualifiedName


@dataclass(frozen=True, slots=True)
class LiveTask:
    """A task as the account has it. `ever_ran` is false for a task that was never resumed or executed."""

    name: QualifiedName
    started: bool
    predecessors: tuple[QualifiedName, ...] = ()
    finalizes: QualifiedName | None = None
    ever_ran: bool = True

    @property
    def parents(self) -> tuple[QualifiedName, ...]:
        """The tasks it hangs on: its predecessors, or the root that it finalizes."""
        return self.predecessors if self.finalizes is None else (*self.predecessors, self.finalizes)


class Graphs:
    """The graphs that a set of tasks forms. A parent outside the set is taken for absent."""

    def __init__(self, tasks: Iterable[LiveTask]) -> None:
        self.tasks: Mapping[QualifiedName, LiveTask] = {task.name: task for task in tasks}

    def roots_of(self, name: QualifiedName) -> frozenset[QualifiedName]:
        """The roots above `name` (itself if it has no parent); empty for an unknown task.

        Snowflake keeps a graph to one root; more than one appears only while a graph is being rebuilt.
        """
        found: set[QualifiedName] = set()
        seen: set[QualifiedName] = set()
        open_names = [name]
        while open_names:
            current = open_names.pop()
            task = self.tasks.get(current)
            if task is None or current in seen:
                continue
            seen.add(current)
            parents = [parent for parent in task.parents if parent in self.tasks]
            if parents:
                open_names.extend(parents)
            else:
                found.add(current)
        return frozenset(found)

    def members(self, root: QualifiedName) -> tuple[LiveTask, ...]:
        """The tasks of a root's graph, children and finalizer first, the root last: the order to resume them in."""
        below = [task for task in self.tasks.values() if task.name != root and root in self.roots_of(task.name)]
        below.sort(key=lambda task: (-self.depth(task.name), str(task.name)))
        return (*below, self.tasks[root]) if root in self.tasks else tuple(below)

    def roots(self) -> tuple[LiveTask, ...]:
        """The roots of all graphs, by name."""
        return tuple(task for name, task in sorted(self.tasks.items(), key=_by_name) if self.roots_of(name) == {name})

    def resume_order(self, names: Iterable[QualifiedName]) -> tuple[QualifiedName, ...]:
        """`names` with those farther from a root first, so that every root comes after its graph."""
        return tuple(sorted(names, key=lambda name: (-self.depth(name), str(name))))

    def depth(self, name: QualifiedName, above: frozenset[QualifiedName] = frozenset()) -> int:
        """Steps from the root, 0 for a root; `above` are names on the way, for a graph that bites its own tail."""
        task = self.tasks.get(name)
        if task is None or name in above:
            return 0
        parents = [parent for parent in task.parents if parent in self.tasks]
        return 1 + max((self.depth(parent, above | {name}) for parent in parents), default=-1)


def _by_name(item: tuple[QualifiedName, LiveTask]) -> str:
    return str(item[0])
