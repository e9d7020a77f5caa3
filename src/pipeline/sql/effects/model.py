"""What a statement does to which objects."""

from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from enum import Enum
from typing import Self

from pipeline.sql.grammar.model import ObjectKind
from pipeline.sql.names import QualifiedName

RECIPE = 3
"""Raise it when effects of a statement change, so that what was cached under the old recipe is not used."""

_ACCOUNT_KINDS = frozenset(
    {
        ObjectKind.ACCOUNT,
        ObjectKind.DATABASE,
        ObjectKind.WAREHOUSE,
        ObjectKind.ROLE,
        ObjectKind.USER,
        ObjectKind.RESOURCE_MONITOR,
        ObjectKind.INTEGRATION,
        ObjectKind.API_INTEGRATION,
        ObjectKind.CATALOG_INTEGRATION,
        ObjectKind.EXTERNAL_ACCESS_INTEGRATION,
        ObjectKind.NOTIFICATION_INTEGRATION,
        ObjectKind.SECURITY_INTEGRATION,
        ObjectKind.STORAGE_INTEGRATION,
        ObjectKind.EXTERNAL_VOLUME,
        ObjectKind.NETWORK_POLICY,
        ObjectKind.COMPUTE_POOL,
        ObjectKind.SHARE,
    }
)
_RELATION_KINDS = frozenset(
    {
        None,
        ObjectKind.TABLE,
        ObjectKind.VIEW,
        ObjectKind.MATERIALIZED_VIEW,
        ObjectKind.DYNAMIC_TABLE,
        ObjectKind.EXTERNAL_TABLE,
        ObjectKind.EVENT_TABLE,
        ObjectKind.ICEBERG_TABLE,
        ObjectKind.STREAM,
    }
)
_DATABASE_KINDS = frozenset({ObjectKind.SCHEMA, ObjectKind.DATABASE_ROLE})


@dataclass(frozen=True, slots=True)
class Target:
    """An object touched; `kind` is None for a relation in a query: a table, a view or a stream."""

    kind: ObjectKind | None
    name: QualifiedName

    def within(self, database: str | None, schema: str | None) -> Self:
        """The same with its name completed by the current database and schema, as far as its kind has them."""
        if self.kind in _ACCOUNT_KINDS:
            return self
        if self.kind in _DATABASE_KINDS:
            return replace(self, name=QualifiedName(None, self.name.schema or database, self.name.name))
        return replace(self, name=self.name.within(database, schema))

    def meets(self, other: "Target") -> bool:
        """Whether what happens to one may matter to the other: the same object, or one holds the other.

        Both must be completed. A relation of unknown kind meets tables, views and streams of its name.
        """
        if self.name == other.name:
            kinds = {self.kind, other.kind}
            return len(kinds) == 1 or kinds <= _RELATION_KINDS
        return self in other.containers or other in self.containers

    @property
    def is_relation(self) -> bool:
        """Whether it is, or may be, one of what shares names in a schema: tables, views, streams."""
        return self.kind in _RELATION_KINDS

    @property
    def containers(self) -> "tuple[Target, ...]":
        """The database and schema that must exist for it, as far as its name says them."""
        if self.kind in _ACCOUNT_KINDS:
            return ()
        name = self.name
        if self.kind in _DATABASE_KINDS:
            return () if name.schema is None else (Target(ObjectKind.DATABASE, QualifiedName.of(name.schema)),)
        if name.schema is None:
            return ()
        schema = Target(ObjectKind.SCHEMA, QualifiedName(None, name.database, name.schema))
        return (schema, *schema.containers)


class StatementKind(Enum):
    """What sort of statement it is."""

    QUERY = "query"
    DML = "dml"
    DDL = "ddl"
    LOAD = "load"
    SESSION = "session"
    TRANSACTION = "transaction"
    CALL = "call"
    SHOW = "show"
    GRANT = "grant"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Effects:
    """What a statement creates, replaces, alters, drops, reads and writes, with names as written.

    `creates` holds what is made if it is not there (also by CREATE OR ALTER, which stands in `alters` too).
    `runs_reads` and `runs_writes` are those of the body of a task, procedure, pipe or alert: they happen later, when
    it runs. `unknown` says that the statement may touch more than is listed, `runs_unknown` the same of the body.
    """

    kind: StatementKind
    creates: frozenset[Target] = frozenset()
    replaces: frozenset[Target] = frozenset()
    alters: frozenset[Target] = frozenset()
    drops: frozenset[Target] = frozenset()
    reads: frozenset[Target] = frozenset()
    writes: frozenset[Target] = frozenset()
    runs_reads: frozenset[Target] = frozenset()
    runs_writes: frozenset[Target] = frozenset()
    unknown: bool = False
    runs_unknown: bool = False
    signature: str = ""
    """The argument types of a procedure or function that is created, `(NUMBER, VARCHAR)`: a part of its identity."""

    def within(self, database: str | None, schema: str | None) -> "Effects":
        """The same with all names completed by the current database and schema."""

        def completed(found: frozenset[Target]) -> frozenset[Target]:
            return frozenset(target.within(database, schema) for target in found)

        return Effects(
            self.kind,
            creates=completed(self.creates),
            replaces=completed(self.replaces),
            alters=completed(self.alters),
            drops=completed(self.drops),
            reads=completed(self.reads),
            writes=completed(self.writes),
            runs_reads=completed(self.runs_reads),
            runs_writes=completed(self.runs_writes),
            unknown=self.unknown,
            runs_unknown=self.runs_unknown,
            signature=self.signature,
        )

    def joined(self, other: "Effects") -> "Effects":
        """The effects of both, with the kind of this one."""
        return Effects(
            self.kind,
            creates=self.creates | other.creates,
            replaces=self.replaces | other.replaces,
            alters=self.alters | other.alters,
            drops=self.drops | other.drops,
            reads=self.reads | other.reads,
            writes=self.writes | other.writes,
            runs_reads=self.runs_reads | other.runs_reads,
            runs_writes=self.runs_writes | other.runs_writes,
            unknown=self.unknown or other.unknown,
            runs_unknown=self.runs_unknown or other.runs_unknown,
            signature=self.signature,
        )

    def as_body(self) -> "Effects":
        """What happens now, told as what happens when a body runs."""
        changed = self.creates | self.replaces | self.alters | self.drops | self.writes
        return Effects(
            self.kind,
            runs_reads=self.reads | self.runs_reads,
            runs_writes=changed | self.runs_writes,
            runs_unknown=self.unknown or self.runs_unknown,
        )

    @property
    def changes(self) -> frozenset[Target]:
        """Everything that is not the same afterwards."""
        return self.creates | self.replaces | self.alters | self.drops | self.writes

    def as_data(self) -> dict[str, object]:
        """For a cache: lists and strings only."""
        data: dict[str, object] = {
            name: sorted([target.kind.value if target.kind else "", *_name_data(target.name)] for target in targets)
            for name in TARGET_FIELDS
            if (targets := getattr(self, name))
        }
        if self.signature:
            data["signature"] = self.signature
        return data | {"kind": self.kind.value, "unknown": self.unknown, "runs_unknown": self.runs_unknown}

    @classmethod
    def from_data(cls, data: dict[str, object]) -> Self:
        """What `as_data` gave, read back. Raises ValueError, KeyError or TypeError when it is something else."""
        targets = {name: _targets(data.get(name, [])) for name in TARGET_FIELDS}
        return cls(
            StatementKind(data["kind"]),
            **targets,
            unknown=bool(data["unknown"]),
            runs_unknown=bool(data["runs_unknown"]),
            signature=str(data.get("signature", "")),
        )


_PLAIN_FIELDS = frozenset({"kind", "unknown", "runs_unknown", "signature"})
TARGET_FIELDS = tuple(field.name for field in fields(Effects) if field.name not in _PLAIN_FIELDS)


def _name_data(name: QualifiedName) -> list[str]:
    return [name.database or "", name.schema or "", name.name]


def _targets(data: object) -> frozenset[Target]:
    if not isinstance(data, list):
        raise TypeError("targets are a list")
    return frozenset(_target(*entry) for entry in data)


def _target(kind: str, database: str, schema: str, name: str) -> Target:
    return Target(ObjectKind(kind) if kind else None, QualifiedName(database or None, schema or None, name))


def targets(kind: ObjectKind | None, *names: QualifiedName) -> frozenset[Target]:
    """Targets of one kind."""
    return frozenset(Target(kind, name) for name in names)


def union(parts: Iterable[Effects], kind: StatementKind) -> Effects:
    """The effects of all parts."""
    whole = Effects(kind)
    for part in parts:
        whole = whole.joined(part)
    return whole
