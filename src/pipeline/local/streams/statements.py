"""CREATE STREAM, CLONE, ALTER STREAM.

Source: docs.snowflake.com/en/sql-reference/sql/create-stream.
"""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from pipeline.local import recorded, timetravel
from pipeline.local.answers import Answer, done, status
from pipeline.local.catalog import Change, Object
from pipeline.local.errors import SnowflakeError, already_exists, compilation, unsupported
from pipeline.local.objects import Kind, StreamMode, StreamSpec
from pipeline.local.protocol import StatementType
from pipeline.local.session import Session
from pipeline.local.streams import offsets, views
from pipeline.local.streams.offsets import Offset
from pipeline.sql.grammar.model import CreateMode, RecordedAction, SetOptions, TravelBy, UnsetOptions
from pipeline.sql.grammar.streams import AlterStream, CloneStream, CreateStream, StreamSource
from pipeline.sql.names import QualifiedName

_NOW = re.compile(
    r"\b(CURRENT_TIMESTAMP|CURRENT_DATE|CURRENT_TIME|LOCALTIMESTAMP|LOCALTIME|SYSDATE|SYSTIMESTAMP|GETDATE)\b",
    re.IGNORECASE,
)
"""Functions that Snowflake refuses in the TIMESTAMP of a new stream, as their value is another one each time."""


def create_stream(session: Session, statement: CreateStream) -> Answer:
    """Raises SnowflakeError for a missing or unfit source and for a point that cannot be read."""
    full = session.full_name(statement.name, "CREATE STREAM")
    session.require_schema(full)
    existing = _existing(session, statement.name, statement.mode)
    if existing is not None and statement.mode is CreateMode.IF_NOT_EXISTS:
        return status(f"{statement.name.name} already exists, statement succeeded.")
    if existing is not None and statement.mode is CreateMode.OR_ALTER:
        return _alter_comment(session, existing, statement)
    base = _source(session, statement)
    if statement.at is not None and statement.at.by is TravelBy.TIMESTAMP and _NOW.search(statement.at.expression.text):
        raise compilation(
            f"Invalid time travel point '{statement.at.expression.text}': it is not deterministic.", 1071, "22023"
        )
    placed = timetravel.placed(session, base, statement.at) if statement.at is not None else None
    point = placed.version if placed is not None else None
    mode = StreamMode.APPEND_ONLY if statement.append_only else StreamMode.DEFAULT
    initial = bool(statement.show_initial_rows)
    with session.defining() as change:
        tables = views.base_tables(session, base)
        for table in tables:
            if placed is not None and statement.at is not None:
                timetravel.check_kept(session, table, statement.at.by, placed)
            _track(session, change, table, point)
        if existing is not None:
            _purge(change, existing)
        version = change.version if point is None else point
        spec = StreamSpec(base.id, base.kind, mode, initial, version, tuple(table.id for table in tables))
        stream = change.create(Kind.STREAM, full, spec, comment=statement.comment)
        _place(
            session, change, stream, Offset(version, placed.moment if placed is not None else session.now(), initial)
        )
    return status(f"Stream {statement.name.name} successfully created.")


def clone_stream(session: Session, statement: CloneStream) -> Answer:
    """CLONE: the new stream stands where the old one does."""
    full = session.full_name(statement.name, "CREATE STREAM")
    session.require_schema(full)
    existing = _existing(session, statement.name, statement.mode)
    if existing is not None and statement.mode is CreateMode.IF_NOT_EXISTS:
        return status(f"{statement.name.name} already exists, statement succeeded.")
    source = session.require(Kind.STREAM, statement.source)
    with session.defining() as change:
        if existing is not None:
            _purge(change, existing)
        stream = change.create(Kind.STREAM, full, source.spec, comment=source.comment)
        _place(session, change, stream, session.account.streams.offset(source.id))
    return status(f"Stream {statement.name.name} successfully created.")


def _existing(session: Session, name: QualifiedName, mode: CreateMode) -> Object | None:
    found = session.catalog.occupant(Kind.STREAM, session.full_name(name))
    if found is not None and (mode is CreateMode.NEW or found.kind is not Kind.STREAM):
        raise already_exists(str(name))
    return found


def _source(session: Session, statement: CreateStream) -> Object:
    if statement.source_kind is StreamSource.STAGE:
        if statement.insert_only:
            raise compilation("Streams on directories cannot have INSERT_ONLY set to true.", 91913, "22023")
        raise unsupported("A stream on a stage's directory table")
    if statement.insert_only:
        raise compilation(
            "Streams of type INSERT_ONLY can only be created on external tables or Iceberg tables with an external "
            "catalog integration.",
            91913,
            "22023",
        )
    if statement.source_kind is StreamSource.VIEW:
        view = session.require(Kind.VIEW, statement.source)
        views.check_view(session, view)
        return view
    if statement.source_kind is not StreamSource.TABLE:
        raise unsupported(f"A stream on a {statement.source_kind.value.lower()}")
    return session.require(Kind.TABLE, statement.source)


def _track(session: Session, change: Change, table: Object, point: int | None) -> None:
    """Switch change tracking on, as the first stream on a table does; its past is not there for readers.

    Raises:
        SnowflakeError: 091930, `point` is before tracking was on, and there were changes since.
    """
    since: int | None = table.spec.change_tracking_since
    if point is not None and point < table.spec.history_since:
        raise timetravel.not_tracked(table)
    if point is not None and (since is None or point < since) and _changed(session, table, point):
        raise timetravel.not_tracked(table)
    if since is None or (point is not None and point < since):
        start = change.version if point is None else point
        change.respec(table, replace(table.spec, change_tracking_since=start))


def _changed(session: Session, table: Object, after: int) -> bool:
    row = session.connection.execute(
        f"SELECT EXISTS (FROM d.t{table.id} WHERE __ver > {after}) OR EXISTS (FROM d.h{table.id} WHERE __at > {after})"
    ).fetchone()
    return row is not None and bool(row[0])


def _place(session: Session, change: Change, stream: Object, offset: Offset) -> None:
    """The offset is the stream's from the commit on, as the stream itself is."""
    offsets.write(change.cursor, stream.id, offset)
    change.before_publishing(lambda: session.account.streams.committed({stream.id: offset}))


def _purge(change: Change, stream: Object) -> None:
    change.purge(stream)
    offsets.erase(change.cursor, stream.id)


def _alter_comment(session: Session, existing: Object, statement: CreateStream) -> Answer:
    base = session.catalog.peek(existing.spec.base)
    wanted = session.find((Kind.TABLE, Kind.VIEW), statement.source)
    mode = StreamMode.APPEND_ONLY if statement.append_only else StreamMode.DEFAULT
    if base is None or wanted is None or base.id != wanted.id or mode is not existing.spec.mode:
        raise SnowflakeError(
            "SQL compilation error:\nCREATE OR ALTER STREAM can change a stream's comment only.", 391903, "0A000"
        )
    with session.defining() as change:
        change.put(replace(existing, comment=statement.comment))
    return status(f"Stream {statement.name.name} successfully created or altered.")


def alter_stream(session: Session, statement: AlterStream) -> Answer:
    """Comments and tags; all else is fixed when a stream is made."""
    if statement.if_exists and session.find(Kind.STREAM, statement.name) is None:
        return done(StatementType.DDL)
    stream = session.require(Kind.STREAM, statement.name)
    comment = stream.comment
    match statement.action:
        case SetOptions(options):
            for option in options:
                if option.name != "COMMENT":
                    raise unsupported(f"ALTER STREAM … SET {option.name}")
                comment = option.value.text
        case UnsetOptions(names):
            if names != ("COMMENT",):
                raise unsupported(f"ALTER STREAM … UNSET {', '.join(names)}")
            comment = None
        case RecordedAction():
            recorded.check_action(statement.action, "ALTER STREAM")
    with session.defining() as change:
        change.put(replace(stream, comment=comment))
    return done(StatementType.DDL)


HANDLERS: dict[type, Callable[[Session, Any], Answer]] = {
    CreateStream: create_stream,
    CloneStream: clone_stream,
    AlterStream: alter_stream,
}
