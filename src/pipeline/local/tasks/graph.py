"""Graphs of tasks: who follows whom, which roots a task hangs under, what a graph says.

A graph lies in one schema, so a link is by name within the schema: it survives a rename or a clone of the schema.
Source: docs.snowflake.com/en/user-guide/tasks-graphs.
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property

from pipeline.local.catalog import Catalog
from pipeline.local.objects import CatalogObject, Kind, TaskSpec

Task = CatalogObject[TaskSpec]


def predecessor_names(spec: TaskSpec) -> tuple[str, ...]:
    """Names within the schema."""
    return tuple(name for _, _, name in spec.predecessors)


def is_root(spec: TaskSpec) -> bool:
    """Whether the task begins a graph; a standalone task is its own root."""
    return not spec.predecessors and spec.finalizes is None


@dataclass(frozen=True)
class Graph:
    """The tasks of a schema by name."""

    tasks: dict[str, Task] = field(default_factory=dict)

    @classmethod
    def of(cls, tasks: Iterable[Task]) -> "Graph":
        return cls({task.name: task for task in tasks})

    @classmethod
    def read(cls, catalog: Catalog, database: str, schema: str) -> "Graph":
        """The live tasks of a schema."""
        return cls.of(catalog.all(Kind.TASK, database=database, schema=schema))

    def with_task(self, task: Task) -> "Graph":
        """This graph with a task added or changed."""
        return Graph({**self.tasks, task.name: task})

    def without(self, name: str) -> "Graph":
        return Graph({other: task for other, task in self.tasks.items() if other != name})

    @cached_property
    def _children(self) -> dict[str, tuple[str, ...]]:
        found: dict[str, list[str]] = {}
        for name in sorted(self.tasks):
            for predecessor in predecessor_names(self.tasks[name].spec):
                found.setdefault(predecessor, []).append(name)
        return {name: tuple(children) for name, children in found.items()}

    def children(self, name: str) -> tuple[str, ...]:
        """Names of the tasks that list this one as predecessor, in order."""
        return self._children.get(name, ())

    def finalizer(self, root: str) -> str | None:
        """The task that finalizes the graph of a root."""
        targets = ((name, task.spec.finalizes) for name, task in sorted(self.tasks.items()))
        return next((name for name, target in targets if target is not None and target[2] == root), None)

    def roots(self, name: str) -> tuple[str, ...]:
        """The roots that a task hangs under, itself if it is one."""
        seen: set[str] = set()
        found: set[str] = set()
        waiting = [name]
        while waiting:
            current = waiting.pop()
            task = self.tasks.get(current)
            if current in seen or task is None:
                continue
            seen.add(current)
            if task.spec.finalizes is not None:
                waiting.append(task.spec.finalizes[2])
            elif task.spec.predecessors:
                waiting += predecessor_names(task.spec)
            else:
                found.add(current)
        return tuple(sorted(found))

    def descendants(self, name: str) -> tuple[str, ...]:
        """All that follows a task, directly or not, each after all of its predecessors among them."""
        order: list[str] = []
        seen: set[str] = set()

        def visit(current: str) -> None:
            seen.add(current)
            for child in reversed(self.children(current)):
                if child not in seen:
                    visit(child)
            order.append(current)

        visit(name)
        return tuple(reversed(order[:-1]))

    def members(self, root: str) -> tuple[str, ...]:
        """A root, its descendants in order, and its finalizer last."""
        finalizer = self.finalizer(root)
        return (root, *self.descendants(root), *((finalizer,) if finalizer else ()))

    def is_standalone(self, name: str) -> bool:
        """A root with neither children nor finalizer."""
        return self.roots(name) == (name,) and not self.children(name) and self.finalizer(name) is None

    def fingerprint(self, root: str) -> str:
        """Changes when any definition in the graph does; states and dates do not count."""
        said = [[name, self.tasks[name].id, _definition(self.tasks[name].spec)] for name in self.members(root)]
        return hashlib.sha256(json.dumps(said).encode()).hexdigest()


def _definition(spec: TaskSpec) -> str:
    plain = replace(
        spec,
        started=False,
        resumed_on=None,
        last_committed_on=None,
        last_suspended_on=None,
        last_suspended_reason=None,
        graph_version=0,
        graph_fingerprint="",
    )
    return repr(plain)
