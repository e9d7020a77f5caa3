"""In what order steps may run, and which of them go into one request. Pure.

Two steps that touch the same object keep their order if one of them changes it; an object also counts as used by
whoever uses something inside of it. What is not known keeps its order with everything.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from pipeline.plan.model import CompileQuery, ResumeTask, RunStatement, Statement, Step, SuspendTask
from pipeline.plan.resolve import Part, Resolved
from pipeline.plan.through import Sources, Through
from pipeline.sql.effects import StatementKind, Target
from pipeline.sql.grammar.model import ObjectKind

MOST_IN_A_REQUEST = 50


@dataclass(frozen=True, slots=True)
class Job:
    """Steps that run one after the other in one session; `numbers` are their places in the plan, from 0.

    `needs` are the session statements to be run before, `after` the jobs that must be done first. `together` says
    that the steps are sent in one request; `transaction` that they are one, and run again as one: in one request too,
    so that a client that is gone leaves no open transaction behind, with its locks.
    """

    numbers: tuple[int, ...]
    steps: tuple[Step, ...]
    needs: tuple[Statement, ...] = ()
    after: frozenset[int] = frozenset()
    together: bool = False
    transaction: bool = False


Key = tuple[str, ...]


@dataclass(slots=True)
class _Uses:
    """Who used an object last."""

    changed: int | None = None
    read: list[int] = field(default_factory=list)


class _Order:
    """Finds for each step, in order, those before it that it must wait for."""

    def __init__(self, through: Through) -> None:
        self._through = through
        self._uses: dict[Key, _Uses] = {}
        self._barrier: int | None = None
        self._since: list[int] = []

    def add(self, number: int, resolved: Resolved) -> set[int]:
        effects = resolved.effects
        if effects.unknown:
            return self.wall(number)
        after = set() if self._barrier is None else {self._barrier}
        self._since.append(number)
        for target in effects.changes | effects.runs_writes | self._through.emptied(effects):
            after |= self._change(number, _key(target))
            after |= self._read_containers(number, target)
        for target in self._through.read(effects):
            after |= self._read(number, _key(target))
            after |= self._read_containers(number, target)
        return after - {number}

    def wall(self, number: int) -> set[int]:
        """After everything before; everything later comes after it."""
        after = set(self._since) if self._barrier is None else {*self._since, self._barrier}
        self._barrier, self._since = number, []
        self._uses.clear()
        return after

    def _read(self, number: int, key: Key) -> set[int]:
        uses = self._uses.setdefault(key, _Uses())
        uses.read.append(number)
        return set() if uses.changed is None else {uses.changed}

    def _read_containers(self, number: int, target: Target) -> set[int]:
        found: set[int] = set()
        for container in target.containers:
            found |= self._read(number, _key(container))
        return found

    def _change(self, number: int, key: Key) -> set[int]:
        uses = self._uses.setdefault(key, _Uses())
        found = set(uses.read) if uses.changed is None else {*uses.read, uses.changed}
        uses.changed, uses.read = number, []
        return found


_OF_ACCOUNT = frozenset({ObjectKind.WAREHOUSE, ObjectKind.ROLE, ObjectKind.USER, ObjectKind.RESOURCE_MONITOR})


def _key(target: Target) -> Key:
    """Objects of one name are taken for one, whatever their kinds: that orders too much rather than too little."""
    if target.kind in _OF_ACCOUNT:
        assert target.kind is not None, "None is no kind of the account"
        return (f"{target.kind.value}:", *target.name.parts)
    return target.name.parts


def make_jobs(
    steps: Sequence[Step],
    resolved: Mapping[int, Resolved],
    *,
    batch: bool,
    streams: Sources = MappingProxyType({}),
) -> tuple[Job, ...]:
    """The plan's steps as jobs; `resolved` has every statement of the project by position, also those not run.

    Without `batch` each step is one job. `streams` are those of the account.
    """
    after = _dependencies(steps, resolved, Through(resolved.values(), streams))
    groups = _groups(steps, resolved, after, batch=batch)
    job_of = {number: index for index, group in enumerate(groups) for number in group}
    return tuple(
        Job(
            numbers=tuple(group),
            steps=tuple(steps[number] for number in group),
            needs=_needs(steps[group[0]], resolved),
            after=frozenset({job_of[before] for number in group for before in after[number]} - {index}),
            together=len(group) > 1,
            transaction=_is_transaction(steps[group[0]], resolved),
        )
        for index, group in enumerate(groups)
    )


def _dependencies(steps: Sequence[Step], resolved: Mapping[int, Resolved], through: Through) -> list[set[int]]:
    order = _Order(through)
    after: list[set[int]] = []
    suspended: set[int] = set()
    numbers_of: dict[int, int] = {}
    for number, step in enumerate(steps):
        match step:
            case RunStatement(statement=Statement(removes=str())):
                found = order.wall(number)  # what left the project is dropped when all else is done
            case RunStatement(statement=statement, defines=defines):
                found = order.add(number, resolved[statement.position])
                needs = (need.position for need in resolved[statement.position].needs)
                found |= {numbers_of[position] for position in needs if position in numbers_of}
                if defines is not None:
                    found |= suspended
                numbers_of[statement.position] = number
            case CompileQuery(statement=statement):
                found = order.add(number, resolved[statement.position])
            case SuspendTask(final=False):
                found = set(suspended)
                suspended.add(number)
            case SuspendTask() | ResumeTask():
                found = order.wall(number)
        after.append(found)
    return after


def _groups(
    steps: Sequence[Step], resolved: Mapping[int, Resolved], after: Sequence[set[int]], *, batch: bool
) -> list[list[int]]:
    groups: list[list[int]] = []
    for number, step in enumerate(steps):
        if groups and (
            _same_transaction(steps[groups[-1][-1]], step, resolved)
            or (batch and _joins(steps, resolved, after, groups[-1], number))
        ):
            groups[-1].append(number)
        else:
            groups.append([number])
    return groups


def _same_transaction(before: Step, step: Step, resolved: Mapping[int, Resolved]) -> bool:
    if not isinstance(before, RunStatement) or not isinstance(step, RunStatement):
        return False
    number = resolved[before.statement.position].transaction
    return number is not None and resolved[step.statement.position].transaction == number


def _is_transaction(step: Step, resolved: Mapping[int, Resolved]) -> bool:
    return isinstance(step, RunStatement) and resolved[step.statement.position].transaction is not None


_ALONE = frozenset({StatementKind.CALL, StatementKind.OTHER, StatementKind.TRANSACTION, StatementKind.LOAD})


def _joins(
    steps: Sequence[Step], resolved: Mapping[int, Resolved], after: Sequence[set[int]], group: list[int], number: int
) -> bool:
    """Whether a step goes into the request of the steps before it, without waiting for more than they do."""
    last, step = steps[group[-1]], steps[number]
    if len(group) >= MOST_IN_A_REQUEST:
        return False
    if isinstance(last, ResumeTask) and isinstance(step, ResumeTask):
        return True
    if not isinstance(last, RunStatement) or not isinstance(step, RunStatement):
        return False
    before, found = resolved[last.statement.position], resolved[step.statement.position]
    if last.statement.script != step.statement.script or before.needs != found.needs:
        return False
    if any(each.part is not Part.NONE or each.effects.unknown for each in (before, found)):
        return False
    if before.effects.kind in _ALONE or found.effects.kind in _ALONE or _computes(before):
        return False  # a deploy that is stopped ends after the request that runs
    inside = set(group)
    waits = {each for member in group for each in after[member]} - inside
    own = after[number] - inside
    chained = bool(after[number] & inside)
    return own <= waits and (chained or (own == waits and _is_quick(before) and _is_quick(found)))


_FILLED = frozenset({ObjectKind.TABLE, ObjectKind.DYNAMIC_TABLE, ObjectKind.MATERIALIZED_VIEW})


def _computes(resolved: Resolved) -> bool:
    """Whether it moves rows, which may take long."""
    effects = resolved.effects
    filled = any(target.kind in _FILLED for target in effects.creates | effects.replaces)
    return effects.kind is StatementKind.DML or bool(effects.writes) or (filled and bool(effects.reads))


def _is_quick(resolved: Resolved) -> bool:
    """Whether nothing is gained by running it beside others: it makes something and computes nothing."""
    return resolved.effects.kind is StatementKind.DDL and not _computes(resolved)


def _needs(step: Step, resolved: Mapping[int, Resolved]) -> tuple[Statement, ...]:
    match step:
        case RunStatement(statement=statement) | CompileQuery(statement=statement):
            return resolved[statement.position].needs
        case SuspendTask() | ResumeTask():
            return ()


def width(jobs: Sequence[Job]) -> int:
    """How many jobs may run at the same time, at most and about: those that are equally far from the beginning."""
    levels: list[int] = []
    for job in jobs:
        levels.append(1 + max((levels[before] for before in job.after), default=0))
    return max(Counter(levels).values(), default=0)
