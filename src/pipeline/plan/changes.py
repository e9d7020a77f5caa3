"""What is new, changed, unchanged or gone since the last deploy: the words for it."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from pipeline.plan.model import Statement
from pipeline.plan.resolve import Resolved, made_by_key
from pipeline.sql.effects import Target
from pipeline.sql.grammar.model import ObjectKind
from pipeline.sql.names import QualifiedName


@dataclass(frozen=True, slots=True)
class Applied:
    """The last word of the history on one key: the statement that was done with it, or taken out of the project."""

    key: str
    hash: str
    script: str
    template: str
    line: int
    deploy_id: str
    removed: bool = False


@dataclass(frozen=True, slots=True)
class Attempt:
    """A statement of the last deploy that was not done: it failed, or was planned and never run."""

    key: str
    hash: str
    failed: bool
    deploy_id: str


class Verdict(StrEnum):
    """Why a statement runs, or does not."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    ALWAYS = "always"
    DEPENDS = "depends"
    """Unchanged, but what it stands on changes under it."""
    MISSING = "missing"
    """Unchanged, but its object is not in the account any more."""
    REMOVED = "removed"
    """Not in the project any more, and dropped by this deploy."""


@dataclass(frozen=True, slots=True)
class Decision:
    """The verdict on one statement; `because` tells people more, `before` is what the history has."""

    resolved: Resolved
    verdict: Verdict
    because: str | None = None
    before: Applied | None = None
    idle: bool = False
    """Whether it was edited, but says IF NOT EXISTS of an object that is there: the account leaves that alone."""

    @property
    def statement(self) -> Statement:
        return self.resolved.statement

    @property
    def runs(self) -> bool:
        return self.verdict is not Verdict.UNCHANGED


@dataclass(frozen=True, slots=True)
class Live:
    """The objects that the account has, by kind, in the databases that were looked at.

    A kind that is no key was not looked at. `streamed` are the tables and views that streams read.
    """

    objects: Mapping[ObjectKind, frozenset[QualifiedName]]
    databases: frozenset[str]
    streamed: frozenset[QualifiedName] = frozenset()

    def lacks(self, target: Target) -> bool:
        """Whether the object is known not to be there."""
        return self._speaks_of(target) and not self.has(target)

    def has(self, target: Target) -> bool:
        """Whether the object is known to be there."""
        return target.kind is not None and target.name in self.objects.get(target.kind, ())

    def plain_keys(self) -> frozenset[str]:
        """The key of the CREATE of each object that is there, for names of three parts that need no quotes.

        Others give what is the key of nothing: a name that needs quotes has them in its key.
        """
        return frozenset(
            f"{kind.value} {name.database}.{name.schema}.{name.name}"
            for kind, names in self.objects.items()
            for name in names
        )

    def in_the_way_of(self, target: Target) -> Target | None:
        """A view of a table's name, or a table of a view's: the account makes none of the two beside the other."""
        if target.kind not in _TABLE_OR_VIEW:
            return None
        other = Target(_TABLE_OR_VIEW[target.kind], target.name)
        return other if self.has(other) else None

    def _speaks_of(self, target: Target) -> bool:
        return target.kind in self.objects and database_of(target) in self.databases


_TABLE_OR_VIEW = {ObjectKind.TABLE: ObjectKind.VIEW, ObjectKind.VIEW: ObjectKind.TABLE}


def database_of(target: Target) -> str | None:
    """The database that holds the object, or that it is; None for what belongs to the account."""
    match target.kind:
        case ObjectKind.DATABASE:
            return target.name.name
        case ObjectKind.SCHEMA | ObjectKind.DATABASE_ROLE:
            return target.name.schema
        case _:
            return target.name.database


@dataclass(frozen=True, slots=True)
class Changes:
    """All decisions in order, what left the project, and words about what was edited after a failure."""

    decisions: tuple[Decision, ...]
    removed: tuple[Applied, ...]
    notices: tuple[str, ...] = ()

    @property
    def pending(self) -> tuple[Decision, ...]:
        return tuple(decision for decision in self.decisions if decision.runs)


def made_by(row: Applied) -> Target | None:
    """The object that a statement of the history had made."""
    return made_by_key(row.key)
