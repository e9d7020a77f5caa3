"""Queries: names resolved against the catalog, text translated once, values put in at each execution."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import duckdb

from pipeline.local.answers import Answer
from pipeline.local.dialect.parse import parse_query
from pipeline.local.dialect.translate import Translated, translate_query
from pipeline.local.errors import outside_of_dates
from pipeline.local.protocol import Binding, Column, StatementType
from pipeline.local.resolver import Reads, SessionResolver
from pipeline.local.session import Session
from pipeline.sql.types import Kind


@dataclass(frozen=True, slots=True)
class Prepared:
    """A translated query and what it reads."""

    translated: Translated
    reads: Reads

    @property
    def columns(self) -> tuple[Column, ...]:
        return tuple(Column(column.name, column.type) for column in self.translated.columns)


def prepare(session: Session, text: str, bindings: Mapping[str, Binding], *, dry: bool = False) -> Prepared:
    """Translate a query, or find its translation. `dry`: it will only be described, so nothing takes effect."""
    resolver = SessionResolver(session, bindings, dry=dry)
    key = (text, resolver.settings, *names_key(session, bindings))
    cache = session.account.prepared
    found: Prepared | None = cache.get(key, session.catalog.version)
    if found is None:
        translated = translate_query(parse_query(text), resolver)
        found = Prepared(replace(translated, markers=translated.markers | resolver.reads.markers), resolver.reads)
        if resolver.reads.cacheable:
            cache.put(key, found)
    return found


def names_key(session: Session, bindings: Mapping[str, Binding]) -> tuple[object, ...]:
    """What a text's names mean, as part of the key under which its translation is kept.

    A session's temporary objects hide others from it alone.
    """
    own = session.id if session.catalog.has_temporary(session.id) else 0
    types = tuple((name, value.type) for name, value in bindings.items())
    return session.database, session.schema, own, types


def select(session: Session, text: str, bindings: Mapping[str, Binding], *, describe_only: bool = False) -> Answer:
    """Run a query; a query moves no stream's offset."""
    prepared = prepare(session, text, bindings, dry=describe_only)
    if describe_only:
        return Answer(prepared.columns, (), StatementType.SELECT)
    rows = fetch(session, prepared.translated, bindings)
    limit = session.parameters.integer("ROWS_PER_RESULTSET")
    return Answer(prepared.columns, rows[:limit] if limit else rows, StatementType.SELECT)


def fetch(session: Session, translated: Translated, bindings: Mapping[str, Binding]) -> list[tuple[Any, ...]]:
    """Run a translated query and fetch its rows, TIMESTAMP_TZ as the moment with its offset."""
    rows = read(session, translated, bindings).fetchall()
    zoned = {place for place, column in enumerate(translated.columns) if column.type.kind is Kind.TIMESTAMP_TZ}
    if not zoned:
        return rows
    return [tuple(_zoned(value) if place in zoned else value for place, value in enumerate(row)) for row in rows]


def _zoned(value: Any) -> datetime | None:
    """What DuckDB keeps of a TIMESTAMP_TZ (see `dialect.typed.physical`) as Python's own value."""
    if value is None:
        return None
    offset = timezone(timedelta(minutes=value["offset"]))
    moment: datetime | str = value["utc"]
    if isinstance(moment, str):
        raise outside_of_dates(moment)
    try:
        return moment.replace(tzinfo=UTC).astimezone(offset)
    except OverflowError:
        raise outside_of_dates(moment) from None


def read(session: Session, translated: Translated, bindings: Mapping[str, Binding]) -> duckdb.DuckDBPyConnection:
    return session.read(translated.sql, session.values(translated.markers, bindings))


def evaluate(session: Session, text: str) -> tuple[object, Column]:
    """The value of an expression of Snowflake's, and its type."""
    answer = select(session, f"SELECT {text}", {})
    return answer.rows[0][0], answer.columns[0]
