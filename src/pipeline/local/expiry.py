"""What has outlived its retention is forgotten when the account opens: dropped tables, replaced row versions.

Retention: docs.snowflake.com/en/user-guide/data-time-travel; what streams still need is kept longer, up to
MAX_DATA_EXTENSION_TIME_IN_DAYS (docs.snowflake.com/en/user-guide/streams-intro).
"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from pipeline.local.catalog import Object
from pipeline.local.objects import Kind
from pipeline.local.session import Session
from pipeline.local.streams import reads
from pipeline.local.tables import physical
from pipeline.local.timetravel import retention_days
from pipeline.local.versions import history

_LONGEST = timedelta(days=100)
"""Longer than any retention (90 days at most)."""


def expire(session: Session) -> None:
    """Forget what nothing can ask for any more. Cheap where there is nothing to forget."""
    now = session.now()
    gone = [item for item in session.catalog.all(Kind.TABLE, dropped=True) if _expired(session, item, now)]
    limits = _limits(session, now)
    if not gone and not limits:
        return
    with session.defining() as change:
        for table in gone:
            physical.remove(change.cursor, table.id)
            change.purge(table)
        for table_id, version in limits.items():
            change.cursor.execute(f"DELETE FROM {history(table_id)} WHERE __at <= {version}")
            table = session.catalog.get(table_id)
            change.note(table, replace(table.spec, history_since=version))
        change.cursor.execute("DELETE FROM _m.versions WHERE moment < ?", [_naive(now - _LONGEST)])


def _expired(session: Session, table: Object, now: datetime) -> bool:
    return table.dropped_on is not None and table.dropped_on < now - timedelta(days=retention_days(session, table))


def _limits(session: Session, now: datetime) -> dict[int, int]:
    """For each table with replaced rows that are no longer needed: the version before which they are not."""
    needed = _needed_by_streams(session, now)
    limits: dict[int, int] = {}
    for table in session.catalog.all(Kind.TABLE):
        version = _version_at(session, now - timedelta(days=retention_days(session, table)))
        version = min(version, needed.get(table.id, version))
        row = (
            session.connection.execute(f"SELECT 1 FROM {history(table.id)} WHERE __at <= {version} LIMIT 1").fetchone()
            if version
            else None
        )
        if row is not None:
            limits[table.id] = version
    return limits


def _needed_by_streams(session: Session, now: datetime) -> dict[int, int]:
    """The oldest offset of the streams on each table that can still be read."""
    needed: dict[int, int] = {}
    for stream in session.catalog.all(Kind.STREAM):
        if reads.is_stale(session, stream, now):
            continue
        offset = session.account.streams.offset(stream.id).version
        for table in reads.base_tables(session, stream):
            needed[table.id] = min(offset, needed.get(table.id, offset))
    return needed


def _version_at(session: Session, moment: datetime) -> int:
    row = session.connection.execute("SELECT max(v) FROM _m.versions WHERE moment <= ?", [_naive(moment)]).fetchone()
    return int(row[0]) if row and row[0] is not None else 0


def _naive(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(tzinfo=None)
