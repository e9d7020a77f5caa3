"""DROP and UNDROP of every kind.

Texts of answers: the pages of each statement under docs.snowflake.com/en/sql-reference/sql.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from pipeline.local import stages
from pipeline.local.answers import Answer, status
from pipeline.local.catalog import Change, Object, kind_word
from pipeline.local.containers import KINDS, RECORDED_ONLY, drop_container, location
from pipeline.local.errors import SnowflakeError, already_exists, compilation, does_not_exist, unsupported
from pipeline.local.objects import Kind
from pipeline.local.session import Session
from pipeline.local.timetravel import retention_days
from pipeline.sql.grammar.containers import (
    Drop,
    Undrop,
)

_UNDROPPABLE = {Kind.TABLE, Kind.SCHEMA, Kind.DATABASE}


def _drop(session: Session, statement: Drop) -> Answer:
    kind = KINDS.get(statement.kind)
    if kind is None and statement.kind in RECORDED_ONLY:
        kind = Kind.RECORDED
    if kind is None:
        raise unsupported(f"DROP {statement.kind.value}")
    if kind in (Kind.PROCEDURE, Kind.FUNCTION):
        return _drop_routine(session, statement, kind)
    place = location(session, kind, statement.name)
    if kind is Kind.RECORDED:
        place = (None, None, f"{statement.kind.value}:{statement.name.name}")
    found = session.catalog.find(kind, place, session.id)
    if found is None:
        return _missing(session, statement, kind, place)
    if statement.cascade is False:
        raise unsupported("DROP … RESTRICT")
    with session.defining() as change:
        _DROPPERS.get(kind, _drop_plain)(session, change, found)
    _leave(session, found)
    return status(f"{statement.name.name} successfully dropped.")


def _missing(session: Session, statement: Drop, kind: Kind, place: tuple[str | None, str | None, str]) -> Answer:
    if statement.if_exists:
        return status(f"Drop statement executed successfully ({statement.name.name} already dropped).")
    holder = session.catalog.occupant(kind, place)
    if holder is not None:
        raise SnowflakeError(
            f"SQL compilation error:\nObject found is of type '{holder.kind.value}', "
            f"not specified type '{kind.value}'.",
            2203,
            "42809",
        )
    if kind in (Kind.SCHEMA, Kind.DATABASE):
        raise compilation("Object does not exist, or operation cannot be performed.", 2043, "02000")
    raise does_not_exist(kind_word(kind), str(statement.name))


def _drop_routine(session: Session, statement: Drop, kind: Kind) -> Answer:
    from pipeline.local.scripting.routines import drop_routine

    return drop_routine(session, statement, kind)


def _leave(session: Session, gone: Object) -> None:
    """What was dropped is no longer current."""
    context = session.context
    if gone.kind is Kind.DATABASE and context.database == gone.name:
        context.database = context.schema = None
    elif gone.kind is Kind.SCHEMA and (context.database, context.schema) == (gone.database, gone.name):
        context.schema = None
    elif gone.kind is Kind.WAREHOUSE and context.warehouse == gone.name:
        context.warehouse = None


def _drop_plain(session: Session, change: Change, item: Object) -> None:
    del session
    change.drop(item)


def _drop_stage(session: Session, change: Change, item: Object) -> None:
    change.purge(item)
    stages.forget(session, item)


def _drop_container(session: Session, change: Change, item: Object) -> None:
    del session
    drop_container(change, item)


def _drop_task(session: Session, change: Change, item: Object) -> None:
    from pipeline.local.tasks.statements import drop_task  # tasks run statements, this one among them

    drop_task(session, change, item)


_DROPPERS: dict[Kind, Callable[[Session, Change, Object], None]] = {
    Kind.DATABASE: _drop_container,
    Kind.SCHEMA: _drop_container,
    Kind.STAGE: _drop_stage,
    Kind.TASK: _drop_task,
}


def _undrop(session: Session, statement: Undrop) -> Answer:
    kind = KINDS.get(statement.kind)
    if kind not in _UNDROPPABLE:
        raise compilation(f"Unsupported feature 'UNDROP {statement.kind.value}'.", 2, "0A000")
    place = location(session, kind, statement.name)
    gone = session.catalog.last_dropped(kind, place)
    if gone is not None and _is_past(session, gone):
        gone = None
    holder = session.catalog.occupant(kind, place)
    if gone is None and holder is None:
        raise compilation(f"{kind_word(kind)} {statement.name} did not exist or was purged.", 2003, "02000")
    if holder is not None or gone is None:
        raise already_exists(str(statement.name))
    with session.defining() as change:
        for item in _dropped_with(session, gone):
            change.put(replace(item, dropped_on=None))
        change.put(replace(gone, dropped_on=None))
    return status(f"{kind_word(kind)} {statement.name.name} successfully restored.")


def _is_past(session: Session, gone: Object) -> bool:
    """Whether its retention is over, after which Snowflake's UNDROP does not find it."""
    assert gone.dropped_on is not None
    days = retention_days(session, gone) if gone.kind is Kind.TABLE else gone.spec.retention_days
    return bool(gone.dropped_on < session.now() - timedelta(days=days))


def _dropped_with(session: Session, gone: Object) -> list[Object]:
    """What was dropped together with a container."""
    if gone.kind not in (Kind.DATABASE, Kind.SCHEMA):
        return []
    return [
        item
        for kind in Kind
        for item in session.catalog.all(kind, dropped=True)
        if item.dropped_on == gone.dropped_on
        and item.id != gone.id
        and (
            item.database == gone.name
            if gone.kind is Kind.DATABASE
            else (item.database, item.schema) == (gone.database, gone.name)
        )
    ]


HANDLERS: dict[type, Callable[[Session, Any], Answer]] = {
    Drop: _drop,
    Undrop: _undrop,
}
