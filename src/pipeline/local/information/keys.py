"""Primary, unique and foreign keys: recorded with the table, never enforced."""

import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.local.catalog import Object
from pipeline.sql.names import QualifiedName

_TEXT = re.compile(
    r"(?:constraint (?P<name>.+?) )?(?P<kind>primary key|unique|foreign key) \((?P<columns>.*?)\)"
    r"(?: references (?P<table>.+?)\((?P<others>.*)\))?"
)


@dataclass(frozen=True, slots=True)
class Key:
    """One key of a table; `kind` is PRIMARY KEY, UNIQUE or FOREIGN KEY."""

    name: str
    kind: str
    columns: tuple[str, ...]
    named: bool
    """Whether the name was given, not made up."""
    references: QualifiedName | None = None
    reference_columns: tuple[str, ...] = ()


def keys(table: Object) -> list[Key]:
    """The keys of a table as its catalog entry has them. A key that was not named has a name of the account's."""
    texts: Sequence[str] = table.spec.constraints
    return [_key(table, index, text) for index, text in enumerate(texts) if _TEXT.fullmatch(text)]


def _key(table: Object, index: int, text: str) -> Key:
    match = _TEXT.fullmatch(text)
    assert match is not None
    made_up = f"SYS_CONSTRAINT_{uuid.uuid5(uuid.NAMESPACE_OID, f'{table.id}/{index}')}"
    return Key(
        match["name"] or made_up,
        match["kind"].upper(),
        tuple(match["columns"].split(", ")),
        match["name"] is not None,
        QualifiedName.parse(match["table"]) if match["table"] else None,
        tuple(match["others"].split(", ")) if match["others"] else (),
    )


def columns_in(table: Object, kind: str) -> set[str]:
    """The columns that a key of that kind has."""
    return {column for key in keys(table) if key.kind == kind for column in key.columns}
