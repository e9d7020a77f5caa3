"""How rows leave and change: their images go to the history first, unless this transaction itself wrote them."""

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.local.catalog import Object
from pipeline.local.transaction import Write
from pipeline.local.versions import HIDDEN, column_list, data, history

KEYS = "__keys"


@dataclass(frozen=True, slots=True)
class Keys:
    """The rows to change: a table with their `__rid`, and with their new values.

    `ids` are those ids if they are few, for which DuckDB needs no join.
    """

    table: str = KEYS
    condition: str = ""
    ids: tuple[int, ...] | None = None

    @property
    def relation(self) -> str:
        return f"(SELECT * FROM {self.table} WHERE {self.condition})" if self.condition else self.table

    @property
    def listed(self) -> str:
        """What stands behind IN."""
        return f"SELECT __rid FROM {self.relation}" if self.ids is None else ", ".join(map(str, self.ids))


def keep_images(write: Write, table: Object, keys: Keys | None) -> None:
    """Copy the rows about to change into the history; None for all rows."""
    names = [column.name for column in table.spec.columns]
    columns = column_list((*names, *HIDDEN))
    joined = f"SEMI JOIN {keys.relation} AS k ON t.__rid = k.__rid" if keys and keys.ids is None else ""
    chosen = f"t.__rid IN ({keys.listed}) AND " if keys and keys.ids is not None else ""
    write.run(
        f"INSERT INTO {history(table.id)} ({columns}, __at)"
        f" SELECT {column_list((*names, *HIDDEN), 't.')}, {write.version} FROM {data(table.id)} AS t {joined}"
        f" WHERE {chosen}t.__ver < {write.version}"
    )


def delete(write: Write, table: Object, keys: Keys) -> int:
    """Delete the rows of `keys`."""
    if keys.ids == ():
        return 0
    keep_images(write, table, keys)
    return write.count(f"DELETE FROM {data(table.id)} WHERE __rid IN ({keys.listed})")


def delete_all(write: Write, table: Object) -> int:
    """Delete every row."""
    keep_images(write, table, None)
    return write.count(f"DELETE FROM {data(table.id)}")


def update(write: Write, table: Object, keys: Keys, columns: Sequence[str], values: Sequence[str]) -> int:
    """Set `columns` to the columns `values` of `keys` in the rows whose `__rid` is there."""
    if keys.ids == ():
        return 0
    keep_images(write, table, keys)
    sets = ", ".join(f"{column_list([name])} = k.{value}" for name, value in zip(columns, values, strict=True))
    return write.count(
        f"UPDATE {data(table.id)} AS t SET {sets}, __ver = {write.version} FROM {keys.relation} AS k"
        " WHERE t.__rid = k.__rid"
    )
