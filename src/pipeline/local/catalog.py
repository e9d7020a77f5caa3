"""The account's objects by name: kept in memory, written through to `_m.objects` within the DDL's transaction."""

import threading
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from typing import Any

import duckdb
from pydantic import TypeAdapter

from pipeline.local.errors import SnowflakeError, already_exists, does_not_exist
from pipeline.local.objects import SELECTABLE, SPECS, CatalogObject, Kind

Object = CatalogObject[Any]
Key = tuple[str, str | None, str | None, str]

_WORDS = {
    Kind.TABLE: "Table",
    Kind.VIEW: "View",
    Kind.STREAM: "Stream",
    Kind.TASK: "Task",
    Kind.STAGE: "Stage",
    Kind.FILE_FORMAT: "File format",
    Kind.SEQUENCE: "Sequence",
    Kind.DATABASE: "Database",
    Kind.SCHEMA: "Schema",
    Kind.WAREHOUSE: "Warehouse",
    Kind.ROLE: "Role",
    Kind.PROCEDURE: "Procedure",
    Kind.FUNCTION: "Function",
}


def kind_word(kind: Kind) -> str:
    """The kind as Snowflake writes it in messages."""
    return _WORDS.get(kind, "Object")


def namespace(kind: Kind) -> str:
    """Kinds in one namespace cannot share a name."""
    return "selectable" if kind in SELECTABLE else kind.value


class Catalog:
    """All objects, the dropped ones too. Readers see only what was committed."""

    def __init__(self, cursor: duckdb.DuckDBPyConnection) -> None:
        self._lock = threading.RLock()
        self._live: dict[Key, Object] = {}
        self._temporary: dict[tuple[int, Key], Object] = {}
        self._by_id: dict[int, Object] = {}
        self.version = 0
        """Rises with every change: what was derived from the catalog is stale when it has moved."""
        rows = cursor.execute(
            "SELECT id, kind, database, schema, name, spec, created_on, dropped_on, owner, comment, session, altered_on"
            " FROM _m.objects ORDER BY id"
        ).fetchall()
        for row in rows:
            self._set(_from_row(row))
        self._next_id = max(self._by_id, default=0) + 1

    def new_id(self) -> int:
        with self._lock:
            self._next_id += 1
            return self._next_id - 1

    def find(
        self, kinds: Kind | tuple[Kind, ...], name: tuple[str | None, str | None, str], session: int | None = None
    ) -> Object | None:
        """The live object of one of `kinds` with that full name; a session's temporary object hides a permanent one."""
        wanted = (kinds,) if isinstance(kinds, Kind) else kinds
        key = (namespace(wanted[0]), *name)
        found = self._temporary.get((session, key)) if session is not None else None
        found = found or self._live.get(key)
        return found if found is not None and found.kind in wanted else None

    def occupant(
        self, kind: Kind, name: tuple[str | None, str | None, str], session: int | None = None
    ) -> Object | None:
        """What holds the name that an object of `kind` would take."""
        key = (namespace(kind), *name)
        if session is not None:
            return self._temporary.get((session, key))
        return self._live.get(key)

    def get(self, object_id: int) -> Object:
        """Raises KeyError for an id that was never given or was purged."""
        return self._by_id[object_id]

    def peek(self, object_id: int) -> Object | None:
        return self._by_id.get(object_id)

    def all(
        self,
        kind: Kind,
        *,
        database: str | None = None,
        schema: str | None = None,
        session: int | None = None,
        dropped: bool = False,
    ) -> list[Object]:
        """Objects of a kind in order of name; `dropped` adds those that UNDROP could bring back."""
        with self._lock:
            candidates = list(self._by_id.values())
        found = [
            item
            for item in candidates
            if item.kind is kind
            and (dropped or item.dropped_on is None)
            and (database is None or item.database == database)
            and (schema is None or item.schema == schema)
            and (item.session is None or item.session == session)
        ]
        return sorted(found, key=lambda item: (item.database or "", item.schema or "", item.name, item.id))

    def has_temporary(self, session: int) -> bool:
        return any(owner == session for owner, _ in self._temporary)

    def temporary(self, session: int | None) -> list[Object]:
        """Temporary objects of a session, or of all, dropped ones too."""
        with self._lock:
            items = [item for item in self._by_id.values() if item.session is not None]
        return [item for item in items if session is None or item.session == session]

    def last_dropped(self, kind: Kind, name: tuple[str | None, str | None, str]) -> Object | None:
        """The most recently dropped object of that name."""
        with self._lock:
            gone = [
                item
                for item in self._by_id.values()
                if item.kind is kind and item.dropped_on and (item.database, item.schema, item.name) == name
            ]
        return max(gone, key=lambda item: item.dropped_on or item.created_on, default=None)

    def require(
        self,
        kinds: Kind | tuple[Kind, ...],
        name: tuple[str | None, str | None, str],
        session: int | None,
        written: str,
    ) -> Object:
        """Like `find`. `written` is the name as the statement has it.

        Raises:
            SnowflakeError: 002003, no such object.
        """
        found = self.find(kinds, name, session)
        if found is None:
            kind = kinds if isinstance(kinds, Kind) else kinds[0]
            word = "Object" if kind in SELECTABLE and kind is not Kind.STREAM else kind_word(kind)
            raise does_not_exist(word, written)
        return found

    def publish(self, changes: Iterable[Object], purged: Iterable[int] = ()) -> None:
        """Make committed changes visible."""
        with self._lock:
            for item in changes:
                self._unset(item.id)
                self._set(item)
            for object_id in purged:
                self._unset(object_id)
            self.version += 1

    def _set(self, item: Object) -> None:
        self._by_id[item.id] = item
        if item.dropped_on is not None:
            return
        key = (namespace(item.kind), item.database, item.schema, item.name)
        if item.session is None:
            self._live[key] = item
        else:
            self._temporary[(item.session, key)] = item

    def _unset(self, object_id: int) -> None:
        item = self._by_id.pop(object_id, None)
        if item is None:
            return
        key = (namespace(item.kind), item.database, item.schema, item.name)
        if item.session is None:
            if self._live.get(key) is item:
                del self._live[key]
        elif self._temporary.get((item.session, key)) is item:
            del self._temporary[(item.session, key)]


class Change:
    """What one DDL statement does to the catalog: written in its transaction, published after its commit."""

    def __init__(
        self, catalog: Catalog, cursor: duckdb.DuckDBPyConnection, now: datetime, session: int, version: int
    ) -> None:
        self.catalog = catalog
        self.cursor = cursor
        self.now = now
        self.session = session
        self.version = version
        """The version that this statement's transaction writes."""
        self._puts: dict[int, Object] = {}
        self._purged: set[int] = set()
        self._first: list[Callable[[], None]] = []

    def create(
        self,
        kind: Kind,
        name: tuple[str | None, str | None, str],
        spec: Any,
        *,
        comment: str | None = None,
        temporary: bool = False,
        owner: str = "ACCOUNTADMIN",
    ) -> Object:
        """Add an object.

        Raises:
            SnowflakeError: 002002, the name is taken.
        """
        session = self.session if temporary else None
        holder = self.catalog.occupant(kind, name, session)
        gone = holder is not None and holder.id in self._purged
        if holder is not None and not gone and self._puts.get(holder.id, holder).dropped_on is None:
            raise already_exists(name[2])
        item = CatalogObject(
            self.catalog.new_id(), kind, *name, spec, self.now, owner=owner, comment=comment, session=session
        )
        return self.put(item)

    def put(self, item: Object) -> Object:
        """Write an object as it is from now on: a DDL on it, whose time is kept."""
        return self._write(replace(item, altered_on=self.now))

    def note(self, item: Object, spec: Any) -> Object:
        """Write what the account keeps of an object, which is no DDL on it."""
        return self._write(replace(self.current(item), spec=spec))

    def _write(self, item: Object) -> Object:
        self._puts[item.id] = item
        self.cursor.execute("DELETE FROM _m.objects WHERE id = ?", [item.id])
        self.cursor.execute(
            "INSERT INTO _m.objects VALUES (?,?,?,?,?,?,?,?,?,?,?,?)",
            [
                item.id,
                item.kind.name,
                item.database,
                item.schema,
                item.name,
                item.session,
                _naive(item.created_on),
                _naive(item.dropped_on),
                item.owner,
                item.comment,
                _adapter(SPECS[item.kind]).dump_json(item.spec).decode(),
                _naive(item.altered_on),
            ],
        )
        return item

    def current(self, item: Object) -> Object:
        """The object as this change has left it."""
        return self._puts.get(item.id, item)

    def respec(self, item: Object, spec: Any) -> Object:
        return self.put(replace(self.current(item), spec=spec))

    def drop(self, item: Object) -> Object:
        return self.put(replace(self.current(item), dropped_on=self.now))

    def purge(self, item: Object) -> None:
        """Forget an object for good: nothing can bring it back."""
        self._purged.add(item.id)
        self._puts.pop(item.id, None)
        self.cursor.execute("DELETE FROM _m.objects WHERE id = ?", [item.id])

    def before_publishing(self, act: Callable[[], None]) -> None:
        """Do this once the change is committed, and before any session can see its objects."""
        self._first.append(act)

    def publish(self) -> None:
        for act in self._first:
            act()
        self.catalog.publish(self._puts.values(), self._purged)


@cache
def _adapter(spec: type) -> TypeAdapter[Any]:
    return TypeAdapter(spec)


def _from_row(row: tuple[Any, ...]) -> Object:
    object_id, kind_name, database, schema, name, spec, created, dropped, owner, comment, session, altered = row
    kind = Kind[kind_name]
    try:
        value = _adapter(SPECS[kind]).validate_json(spec)
    except ValueError as error:
        raise SnowflakeError(f"The account's record of {name} cannot be read: {error}", 391901, "XX000") from error
    return CatalogObject(
        object_id,
        kind,
        database,
        schema,
        name,
        value,
        _aware(created),
        _aware(dropped) if dropped else None,
        owner,
        comment,
        session,
        _aware(altered) if altered else None,
    )


def _naive(moment: datetime | None) -> datetime | None:
    return moment.astimezone(UTC).replace(tzinfo=None) if moment else None


def _aware(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC)
