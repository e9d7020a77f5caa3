"""What a listing consists of."""

from collections.abc import Callable
from dataclasses import dataclass

from pipeline.local.catalog import Object
from pipeline.local.information.rows import Record
from pipeline.local.session import Session
from pipeline.local.show.columns import TERSE, Columns
from pipeline.sql.grammar.session import Show

Lister = Callable[[Session, Show], list[Record]]


@dataclass(frozen=True, slots=True)
class Listing:
    """A kind of SHOW. `records` gives what the scope holds; LIKE and its sisters look at the column `name`."""

    columns: Columns
    records: Lister
    name: str = "name"
    terse: Columns | None = TERSE


def base(item: Object) -> Record:
    """The columns that nearly every listing begins with."""
    return {
        "created_on": item.created_on,
        "name": item.name,
        "kind": item.kind.value,
        "database_name": item.database,
        "schema_name": item.schema,
        "owner": item.owner,
        "comment": item.comment or "",
        "owner_role_type": "ROLE",
    }


def yes(condition: bool) -> str:
    return "Y" if condition else "N"


def on(condition: bool) -> str:
    return "ON" if condition else "OFF"
