"""Row versions of a table: what it held at a version, what changed between two, and the pre-images DML leaves.

A table's rows are in `d.t<id>`; each knows the version that bore it (`__born`) and last wrote it (`__ver`). A row that
is updated or deleted leaves its image in `d.h<id>`, with the version that replaced it in `__at`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.sql.names import quote

HIDDEN = ("__rid", "__born", "__ver")

ROW_ID = "md5('row-' || __rid)"
"""METADATA$ROW_ID: opaque. A row has the same one in every stream on its table and in the table's clones."""


def data(table: int) -> str:
    """The physical table that holds a table's rows."""
    return f"d.t{table}"


def history(table: int) -> str:
    """The physical table that holds a table's replaced row versions."""
    return f"d.h{table}"


def column_list(names: Sequence[str], prefix: str = "") -> str:
    return ", ".join(prefix + quote(name) for name in names)


def current_rows(table: int, names: Sequence[str], *, hidden: bool = False) -> str:
    """The rows as they are."""
    columns = column_list((*names, *HIDDEN) if hidden else names)
    return f"SELECT {columns} FROM {data(table)}"


def rows_at(table: int, names: Sequence[str], version: str, *, hidden: bool = False) -> str:
    """The rows as they were once `version` was committed; `version` is SQL text."""
    columns = column_list((*names, *HIDDEN) if hidden else names)
    return (
        f"SELECT {columns} FROM {data(table)} WHERE __ver <= {version}"
        f" UNION ALL SELECT {columns} FROM {history(table)} WHERE __ver <= {version} AND __at > {version}"
    )


@dataclass(frozen=True, slots=True)
class Window:
    """The versions after `after`, up to `upto`; both SQL text."""

    after: str
    upto: str


def net_changes(table: int, names: Sequence[str], window: Window) -> str:
    """The net difference, with METADATA$ columns: a row that is as it was at the start of the window is not there.

    Rules: docs.snowflake.com/en/user-guide/streams-intro.
    """
    listed = column_list(names)
    columns = column_list((*names, *HIDDEN))
    a, b = window.after, window.upto
    new = (
        f"SELECT {columns} FROM {data(table)} WHERE __ver > {a} AND __ver <= {b}"
        f" UNION ALL SELECT {columns} FROM {history(table)} WHERE __at > {b} AND __ver > {a} AND __ver <= {b}"
    )
    old = f"SELECT {columns} FROM {history(table)} WHERE __at > {a} AND __at <= {b} AND __ver <= {a}"
    differs = " OR ".join(f"n.{quote(name)} IS DISTINCT FROM o.{quote(name)}" for name in names) or "FALSE"
    both = "n.__rid IS NOT NULL AND o.__rid IS NOT NULL"
    return (
        f"WITH __n AS MATERIALIZED ({new}), __o AS MATERIALIZED ({old}),"
        f" __c AS MATERIALIZED (SELECT coalesce(n.__rid, o.__rid) AS rid, n.__rid IS NOT NULL AS isnew,"
        f" o.__rid IS NOT NULL AS isold FROM __n n FULL JOIN __o o ON n.__rid = o.__rid"
        f" WHERE NOT ({both}) OR ({differs}))"
        f' SELECT {listed}, \'INSERT\' AS "METADATA$ACTION", c.isold AS "METADATA$ISUPDATE",'
        f' {ROW_ID} AS "METADATA$ROW_ID" FROM __n JOIN __c c ON __n.__rid = c.rid WHERE c.isnew'
        f" UNION ALL SELECT {listed}, 'DELETE', c.isnew, {ROW_ID}"
        f" FROM __o JOIN __c c ON __o.__rid = c.rid WHERE c.isold"
    )


def appended(table: int, names: Sequence[str], window: Window) -> str:
    """Rows inserted in the window, each as it was inserted, also those deleted or updated since."""
    listed = column_list(names)
    columns = column_list((*names, "__rid"))
    born = f"__born > {window.after} AND __born <= {window.upto} AND __born = __ver"
    return (
        f'SELECT {listed}, \'INSERT\' AS "METADATA$ACTION", FALSE AS "METADATA$ISUPDATE",'
        f' {ROW_ID} AS "METADATA$ROW_ID" FROM (SELECT {columns} FROM {data(table)} WHERE {born}'
        f" UNION ALL SELECT {columns} FROM {history(table)} WHERE {born})"
    )


def existing(table: int, names: Sequence[str], version: str) -> str:
    """The rows of a version, as a stream with SHOW_INITIAL_ROWS gives them first."""
    rows = rows_at(table, names, version, hidden=True)
    return (
        f'SELECT {column_list(names)}, \'INSERT\' AS "METADATA$ACTION", FALSE AS "METADATA$ISUPDATE",'
        f' {ROW_ID} AS "METADATA$ROW_ID" FROM ({rows})'
    )


def has_changes(table: int, window: Window, *, append_only: bool) -> str:
    """Whether any row was written in the window: never false when there are changes, as SYSTEM$STREAM_HAS_DATA."""
    a, b = window.after, window.upto
    if append_only:
        return (
            f"SELECT EXISTS (FROM {data(table)} WHERE __born > {a} AND __born <= {b})"
            f" OR EXISTS (FROM {history(table)} WHERE __born > {a} AND __born <= {b} AND __born = __ver)"
        )
    return (
        f"SELECT EXISTS (FROM {data(table)} WHERE __ver > {a} AND __ver <= {b})"
        f" OR EXISTS (FROM {history(table)} WHERE __at > {a} AND __at <= {b} AND __ver <= {a})"
    )
