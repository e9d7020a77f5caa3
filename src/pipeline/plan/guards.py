"""What a deploy would lose, found before anything runs from facts of the account, and what takes a loss knowingly."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from pipeline.errors import Refused, SyntaxProblem, UsageError
from pipeline.plan.changes import Decision
from pipeline.plan.model import Statement
from pipeline.sql.effects import Effects, StatementKind, Target
from pipeline.sql.grammar.model import ObjectKind
from pipeline.sql.names import QualifiedName

CONTAINERS = frozenset({ObjectKind.DATABASE, ObjectKind.SCHEMA})


class RiskKind(StrEnum):
    """The names of risks, as `--allow` takes them."""

    REPLACE_TABLE = "replace-table"
    DROP_TABLE = "drop-table"
    DROP_CONTAINER = "drop-container"
    ORPHAN_STREAM = "orphan-stream"
    RESET_STREAM = "reset-stream"
    RUNNING_TASK = "running-task"
    DROP_COLUMN = "drop-column"
    NARROW_COLUMN = "narrow-column"
    TRUNCATE = "truncate"
    DELETE_ALL = "delete-all"


@dataclass(frozen=True, slots=True)
class Risk:
    """Something that a statement would lose; `safe` is how to get the same without the loss."""

    kind: RiskKind
    object: QualifiedName
    statement: Statement
    loses: str
    safe: str
    allowed: bool = False

    def __str__(self) -> str:
        return f"{self.kind} {self.object}: {self.loses}"


@dataclass(frozen=True, slots=True)
class Column:
    """A column as the account has it; `type` is the text of DESCRIBE TABLE."""

    name: str
    type: str


@dataclass(frozen=True, slots=True)
class StreamFact:
    """A stream with what it reads and the number of its unread rows, None when it is stale."""

    name: QualifiedName
    sources: frozenset[QualifiedName]
    unread: int | None


@dataclass(frozen=True, slots=True)
class Facts:
    """What the account says of the objects that the pending statements touch."""

    rows: Mapping[QualifiedName, int] = field(default_factory=dict)
    streams: tuple[StreamFact, ...] = ()
    columns: Mapping[QualifiedName, tuple[Column, ...]] = field(default_factory=dict)
    running: frozenset[QualifiedName] = frozenset()
    """Tasks of graphs that execute."""
    renewed: frozenset[QualifiedName] = frozenset()
    """Streams and tables that the pending statements themselves replace or drop."""

    def readers(self, target: Target) -> tuple[StreamFact, ...]:
        """The streams that read a table or view, or something in a schema or database without being in it."""
        return tuple(
            stream
            for stream in self.streams
            if any(holds(target, source) for source in stream.sources) and not holds(target, stream.name)
        )


def holds(target: Target, name: QualifiedName) -> bool:
    """Whether the object is the one of that name, or the schema or database that it is in."""
    parts = target.name.parts
    return name == target.name if target.kind not in CONTAINERS else name.parts[: len(parts)] == parts


@dataclass(frozen=True, slots=True)
class Allowance:
    """One `--allow RISK[:object]`; without an object it takes the risk wherever it is met."""

    kind: RiskKind
    object: QualifiedName | None = None

    def covers(self, risk: Risk) -> bool:
        """Whether the risk is taken; an object may be named by its last parts."""
        if self.kind is not risk.kind:
            return False
        if self.object is None:
            return True
        parts = self.object.parts
        return risk.object.parts[-len(parts) :] == parts


def read_allowances(texts: Iterable[str]) -> tuple[Allowance, ...]:
    """The values of --allow. Raises UsageError for a risk that there is not, and for an object that is no name."""
    return tuple(_allowance(text) for text in texts)


def _allowance(text: str) -> Allowance:
    kind, colon, name = text.partition(":")
    try:
        risk = RiskKind(kind.strip().lower())
    except ValueError as error:
        known = ", ".join(each.value for each in RiskKind)
        raise UsageError(f"There is no risk '{kind}'.", hint=f"Risks are {known}.") from error
    try:
        return Allowance(risk, QualifiedName.parse(name) if colon else None)
    except SyntaxProblem as problem:
        raise UsageError(
            f"--allow {text} names no object: {problem.message}",
            hint=f"`--allow {risk}:SCHEMA.NAME` takes the risk for one object, `--allow {risk}` wherever it is met.",
        ) from problem


def judged(risks: Sequence[Risk], allowances: Sequence[Allowance], *, waits: bool = False) -> tuple[Risk, ...]:
    """The risks, each with whether it is taken: by --allow, by a comment at the statement, or, with `waits`, by waiting
    for the end of the graphs that execute.
    """
    return tuple(
        replace(
            risk,
            allowed=risk.kind.value in risk.statement.allowed
            or any(each.covers(risk) for each in allowances)
            or (waits and risk.kind is RiskKind.RUNNING_TASK),
        )
        for risk in risks
    )


def refuse(risks: Sequence[Risk]) -> None:
    """Raise Refused for the first risk that nobody takes; the others are in its notes."""
    open_risks = [risk for risk in risks if not risk.allowed]
    if not open_risks:
        return
    first, *others = open_risks
    takes = f"`--allow {first.kind}:{first.object}`, or `-- pipeline: allow {first.kind}` above the statement, takes it"
    raise Refused(
        f"{first.loses} ({first.kind})",
        at=first.statement.at,
        hint=f"{first.safe} {takes}.",
        notes=("Nothing has run.", *(f"Also {risk.statement.at}: {risk}" for risk in others)),
    )


@dataclass(frozen=True, slots=True)
class Questions:
    """What the guards must know about the account before they judge the pending statements."""

    streams: frozenset[QualifiedName]
    tables: frozenset[QualifiedName]
    running: bool


def replaced(pending: Sequence[Decision]) -> frozenset[Target]:
    """What the pending statements replace or drop and streams may read."""
    return frozenset(
        target
        for decision in pending
        for target in decision.resolved.effects.replaces | decision.resolved.effects.drops
        if target.kind in _READ_BY_STREAMS
    )


_READ_BY_STREAMS = CONTAINERS | {ObjectKind.TABLE, ObjectKind.VIEW}


def questions(pending: Sequence[Decision], streams: Mapping[QualifiedName, frozenset[QualifiedName]]) -> Questions:
    """Which streams to count, which tables to describe; `streams` are the account's, with what each reads."""
    every = (decision.resolved.effects for decision in pending)
    effects = [each for each in every if each.kind is not StatementKind.GRANT]
    touched = {target for each in effects for target in _touched(each)}
    return Questions(
        streams=frozenset(
            name
            for name, sources in streams.items()
            if any(holds(target, each) for target in touched for each in (name, *sources))
        ),
        tables=frozenset(target.name for each in effects for target in each.alters if target.name.schema),
        running=any(each.replaces or each.drops for each in effects),
    )


def _touched(effects: Effects) -> frozenset[Target]:
    return effects.replaces | effects.drops | effects.alters
