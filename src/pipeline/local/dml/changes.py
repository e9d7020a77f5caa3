"""How rows leave and change: their images go to the history first, unless this transaction itself wrote them."""

from collections.abc import Sequence

from pipeline.local.catalog import Object
from pipeline.local.transaction import Write
from pipeline.local.versions import HIDDEN, column_list, data, history


def keep_images(write: Write, table: Object, keys: str | None) -> None:
    """Copy the rows about to change into the history; `keys` is a table with their `__rid`, None for all rows."""
    names = [column.name for column in table.spec.columns]
    columns = column_list((*names, *HIDDEN))
    chosen = f"SEMI JOIN {keys} AS k ON t.__rid = k.__rid" if keys else ""
    write.run(
        f"INSERT INTO {history(table.id)} ({columns}, __at)"
        f" SELECT {column_list((*names, *HIDDEN), 't.')}, {write.version} FROM {data(table.id)} AS t {chosen}"
        f" WHERE t.__ver < {write.version}"
    )


def delete(write: Write, table: Object, keys: str) -> int:
    """Delete the rows whose `__rid` is in `keys`."""
    keep_images(write, table, keys)
    return write.count(f"DELETE FROM {data(table.id)} WHERE __rid IN (SELECT __rid FROM {keys})")


def delete_all(write: Write, table: Object) -> int:
    """Delete every row."""
    keep_images(write, table, None)
    return write.count(f"DELETE FROM {data(table.id)}")


def update(write: Write, table: Object, keys: str, columns: Sequence[str], values: Sequence[str]) -> int:
    """Set `columns` to the columns `values` of `keys` in the rows whose `__rid` is there."""
    keep_images(write, table, keys)
    sets = ", ".join(f"{column_list([name])} = k.{value}" for name, value in zip(columns, values, strict=True))
    return write.count(
        f"UPDATE {data(table.id)} AS t SET {sets}, __ver = {write.version} FROM {keys} AS k WHERE t.__rid = k.__rid"
    )
