"""Whether JSON Lines as DuckDB reads them are what Snowflake reads.

DuckDB takes NaN and trailing commas, and does not see a key that occurs twice. Most records of a file have the objects
and keys of its first record, which one comparison tells; our own parser looks at the others.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import duckdb

from pipeline.local.copying import json_records
from pipeline.local.file_formats import JsonFormat
from pipeline.sql.types import MAX_VARCHAR_LENGTH

_MOST_OBJECTS = 8
_BRACES = "(strlen(json) - strlen(replace(json::VARCHAR, '{', '')))"
_FLAT = f"{_BRACES} = 1 AND starts_with(json::VARCHAR, '{{')"
"""One object without objects in it."""
_DENSE = "replace(json::VARCHAR, ' ', '')"
_ODD = (
    f"contains({_DENSE}, ',]')",
    f"contains({_DENSE}, ',}}')",
    "contains(json, '\t')",
    "contains(json, 'NaN')",
    "contains(json, 'Infinity')",
)
"""Marks of what Snowflake may take for no JSON. They may stand within a text, too: our own parser knows."""


@dataclass(frozen=True, slots=True)
class Counts:
    """The records of a file; `unread` of them DuckDB could not read."""

    records: int
    unread: int


def counted_if_strict(cursor: duckdb.DuckDBPyConnection, source: str, form: JsonFormat) -> Counts | None:
    """Count a source's records; None if one is not what Snowflake takes for JSON, or needs to be rewritten.

    `source` is a table function with a column `json`, NULL where a line cannot be read.
    """
    first = cursor.execute(f"SELECT json FROM {source} WHERE json IS NOT NULL LIMIT 1").fetchone()
    if first is None:
        return None  # DuckDB does not see a file's only byte; and where there is nothing, our own parser is as fast
    if not json_records.is_strict(first[0], form):
        return None
    odd = [*_ODD, f"strlen(json) > {MAX_VARCHAR_LENGTH}"]
    if form.strip_outer_array:
        odd.append("starts_with(json::VARCHAR, '[')")
    other = f"json IS NOT NULL AND ({_like(first[0])}) IS NOT TRUE"
    row = cursor.execute(
        "SELECT count(*), count(*) FILTER (json IS NULL), coalesce(bool_or(odd), false),"
        " list(DISTINCT keys) FILTER (other AND flat), count(*) FILTER (other AND NOT flat AND nested) FROM (SELECT"
        f" json, json_keys(json) AS keys, {other} AS other, {_FLAT} AS flat, {_BRACES} > 0 AS nested,"
        f" {' OR '.join(odd)} AS odd FROM {source})"
    ).fetchone()
    assert row is not None
    records, unread, is_odd, shapes, nested = row
    if is_odd or any(len(set(keys)) != len(keys) for keys in shapes or ()):
        return None
    if nested and not _nested_strict(cursor, source, f"{other} AND NOT ({_FLAT}) AND {_BRACES} > 0"):
        return None
    return Counts(records, unread)


def _like(text: str) -> str:
    """A condition: a record has as many objects as this one, at the same places, with the same keys."""
    objects = list(_objects(json.loads(text), ""))
    if len(objects) > _MOST_OBJECTS:
        objects = objects[:1]
    same = [f"json_keys(json{_path(pointer)}) = {_list(keys)}" for pointer, keys in objects]
    return " AND ".join([f"{_BRACES} = {len(objects)}", *same])


def _objects(value: object, pointer: str) -> Iterator[tuple[str, Sequence[str]]]:
    """The objects that are reached by keys alone, with their JSON pointers."""
    if not isinstance(value, dict):
        return
    yield pointer, list(value)
    for key, inner in value.items():
        yield from _objects(inner, f"{pointer}/{key.replace('~', '~0').replace('/', '~1')}")


def _path(pointer: str) -> str:
    return f", {_literal(pointer)}" if pointer else ""


def _list(keys: Sequence[str]) -> str:
    return f"[{', '.join(_literal(key) for key in keys)}]::VARCHAR[]"


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _nested_strict(cursor: duckdb.DuckDBPyConnection, source: str, condition: str) -> bool:
    rows = cursor.execute(f"SELECT json FROM {source} WHERE {condition}")
    parser = json_records.Parser(JsonFormat())
    while batch := rows.fetchmany(10_000):
        for (text,) in batch:
            try:
                parser.document(text, 0)
            except json_records.Fault:
                return False
    return True
