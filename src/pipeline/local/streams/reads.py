"""What a stream shows: the changes of its table or view between its offset and the reading transaction's start.

Rules: docs.snowflake.com/en/user-guide/streams-intro.
"""

import re
from datetime import datetime, timedelta

from pipeline.local import versions
from pipeline.local.catalog import Object
from pipeline.local.dialect.relations import Relation, RelationColumn
from pipeline.local.errors import SnowflakeError
from pipeline.local.marks import BOUND, offset_mark
from pipeline.local.objects import Kind, StreamMode, StreamSpec
from pipeline.local.resolver import SessionResolver, table_columns
from pipeline.local.session import Session
from pipeline.local.streams import views
from pipeline.local.timetravel import METADATA_COLUMNS, not_tracked, retention_days
from pipeline.local.versions import Window


def relation(session: Session, stream: Object, resolver: SessionResolver) -> Relation:
    """The stream's columns: those of its base, then METADATA$ACTION, METADATA$ISUPDATE, METADATA$ROW_ID.

    Raises:
        SnowflakeError: 091901, the base was dropped or replaced; 091930, the stream is stale.
    """
    spec: StreamSpec = stream.spec
    base = base_of(session, stream)
    offset = session.account.streams.offset(stream.id)
    window = Window(offset_mark(stream.id), BOUND)
    append_only = spec.mode is StreamMode.APPEND_ONLY
    if offset.initial:
        # Until it is consumed the stream stands still, and the text of a translation would not.
        resolver.reads.cacheable = False
    if base.kind is Kind.VIEW:
        return views.changes(resolver, base, window, append_only=append_only, initial=offset.initial)
    columns = table_columns(base.spec)
    names = [column.name for column in columns]
    if offset.initial:
        sql = versions.existing(base.id, names, window.after)
    elif append_only:
        sql = versions.appended(base.id, names, window)
    else:
        sql = versions.net_changes(base.id, names, window)
    return Relation(sql, (*columns, *METADATA_COLUMNS))


def base_of(session: Session, stream: Object) -> Object:
    """The table or view that the stream was made on, still there, with its changes still recorded."""
    base = session.catalog.peek(stream.spec.base)
    if base is None or base.dropped_on is not None:
        raise _dropped(session, base.full_name if base is not None else "?", stream)
    for table in base_tables(session, stream):
        if table.dropped_on is not None:
            raise _dropped(session, table.full_name, stream)
        since = table.spec.change_tracking_since
        if since is None or max(since, table.spec.history_since) > session.account.streams.offset(stream.id).version:
            raise not_tracked(table)
    if is_stale(session, stream, session.now()):
        raise not_tracked(base)
    return base


def base_tables(session: Session, stream: Object) -> list[Object]:
    """The tables behind a stream's base, as they were when it was made: dropped ones too, those purged not."""
    found = (session.catalog.peek(table) for table in stream.spec.tables)
    return [table for table in found if table is not None]


def stale_after(session: Session, stream: Object) -> datetime | None:
    """When the changes that the stream has not shown yet may be gone; None if its base is gone already."""
    base = session.catalog.peek(stream.spec.base)
    if base is None or base.dropped_on is not None:
        return None
    tables = base_tables(session, stream)
    if len(tables) < len(stream.spec.tables) or any(table.dropped_on is not None for table in tables):
        return None
    days = min((max(retention_days(session, table), table.spec.extension_days) for table in tables), default=0)
    return session.account.streams.offset(stream.id).at + timedelta(days=days)


def is_stale(session: Session, stream: Object, now: datetime) -> bool:
    limit = stale_after(session, stream)
    return limit is None or limit < now


def has_data(session: Session, stream: Object) -> bool:
    """SYSTEM$STREAM_HAS_DATA: never false when there is something; a false answer keeps the stream from going stale."""
    base_of(session, stream)
    offset = session.account.streams.offset(stream.id)
    if offset.initial:
        return _any(
            session, [f"SELECT EXISTS (FROM {versions.data(table.id)})" for table in base_tables(session, stream)]
        )
    window = Window(offset_mark(stream.id), BOUND)
    append_only = stream.spec.mode is StreamMode.APPEND_ONLY
    checks = [versions.has_changes(table.id, window, append_only=append_only) for table in base_tables(session, stream)]
    found = _any(session, checks)
    if not found:
        session.account.streams.touch(stream.id, session.now())
    return found


def _any(session: Session, checks: list[str]) -> bool:
    return any(bool(row[0]) for check in checks for row in session.read(check, {}).fetchall())


def _dropped(session: Session, base: str, stream: Object) -> SnowflakeError:
    """With the place of the stream's name in the running statement, where it is written there."""
    text = session.running.text if session.running is not None else ""
    found = re.search(rf"(?<![\w$]){re.escape(stream.name)}(?![\w$])", text, re.IGNORECASE)
    message = f"Base table '{base}' dropped, cannot read from stream '{stream.name}'"
    if found is None:
        return SnowflakeError(message, 91901, "01000")
    before = text[: found.start()]
    line, position = before.count("\n") + 1, len(before) - (before.rfind("\n") + 1)
    return SnowflakeError(f"{message} in line {line} position {position}", 91901, "01000", line, position)


def columns_of(session: Session, stream: Object) -> tuple[RelationColumn, ...]:
    """The stream's columns, for DESCRIBE and INFORMATION_SCHEMA."""
    base = session.catalog.get(stream.spec.base)
    columns = tuple(RelationColumn(column.name, column.type) for column in base.spec.columns)
    return (*columns, *METADATA_COLUMNS)
