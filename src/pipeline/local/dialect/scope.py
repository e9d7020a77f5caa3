"""What names mean at a place in a query: the relations in scope, their columns, aliases of the projections."""

import re
from dataclasses import dataclass, field

from sqlglot import exp

from pipeline.local.dialect.relations import RelationColumn
from pipeline.local.dialect.typed import RESERVED_MARKS, Typed, quoted
from pipeline.local.errors import SnowflakeError, compilation
from pipeline.sql.types import DataType

_TOKEN = re.compile("\x01(\\d+)\x02")


@dataclass(slots=True)
class ScopeColumn:
    """A column of a relation in scope; `physical` is its name in DuckDB, unique whatever the case."""

    name: str
    physical: str
    type: DataType
    hidden: bool = False
    merged: bool = False
    """Taken into a USING column: no longer part of `*`, nor found without its table's name."""


@dataclass(slots=True)
class Item:
    """A relation in FROM. `body` is its SELECT, None where somebody else writes it (DML targets)."""

    alias: str
    physical: str
    columns: list[ScopeColumn]
    body: str | None = None
    lateral: bool = False
    qualifier: tuple[str, ...] = ()
    extras: dict[str, str] = field(default_factory=dict)
    """Columns computed beside the relation's own, by name: gathered paths, row numbers."""

    def column(self, name: str) -> ScopeColumn | None:
        for column in self.columns:
            if column.name == name:
                return column
        return None

    def numbered(self, name: str) -> Typed | None:
        """`$2`: the second visible column; None for anything else."""
        place = int(name[1:]) if name[1:].isdigit() else 0
        shown = [column for column in self.columns if not column.hidden]
        return self.reference(shown[place - 1]) if 1 <= place <= len(shown) else None

    def reference(self, column: ScopeColumn) -> Typed:
        return Typed(f"{quoted(self.physical)}.{quoted(column.physical)}", column.type)

    def render(self) -> str:
        """The derived table as it stands in FROM, its extra columns beside its own."""
        body = self.body
        if self.extras:
            computed = ", ".join(f"{sql} AS {quoted(name)}" for name, sql in self.extras.items())
            body = f"SELECT *, {computed} FROM ({body}) AS {quoted(self.physical)}"
        return f"{'LATERAL ' if self.lateral else ''}({body}) AS {quoted(self.physical)}"


@dataclass(slots=True)
class Scope:
    """One SELECT's names; `parent` is the query around it."""

    parent: "Scope | None" = None
    items: list[Item] = field(default_factory=list)
    merged: dict[str, Typed] = field(default_factory=dict)
    aliases: dict[str, exp.Expression] = field(default_factory=dict)
    resolving: set[str] = field(default_factory=set)
    grouped: bool = False

    def find(self, name: str) -> Typed | None:
        """An unqualified column among this scope's relations. Raises SnowflakeError 2028 if two relations have it."""
        if name in self.merged:
            return self.merged[name]
        found = [
            (item, column)
            for item in self.items
            for column in item.columns
            if column.name == name and not column.merged
        ]
        if len(found) > 1:
            raise compilation(f"ambiguous column name '{name}'", 2028, "42601")
        if not found and name.startswith("$") and len(self.items) == 1:
            return self.items[0].numbered(name)
        return found[0][0].reference(found[0][1]) if found else None

    def item(self, alias: str, before: tuple[str, ...] = ()) -> Item | None:
        """The relation that a column's qualifier means."""
        for item in self.items:
            if item.alias == alias and (not before or item.qualifier[-len(before) :] == before):
                return item
        return None

    def add(self, item: Item) -> None:
        """Put a relation into scope; its DuckDB alias is made unique whatever the case, also among outer queries.

        DuckDB would take `"t"` of an inner query for what is meant by `"T"` of an outer one.
        """
        if any(other.alias == item.alias and other.qualifier == item.qualifier for other in self.items):
            raise compilation(f"duplicate alias '{item.alias}'", 2012, "42601")
        taken: set[str] = set()
        at: Scope | None = self
        while at is not None:
            taken |= {other.physical.upper() for other in at.items}
            at = at.parent
        item.physical = unique(item.alias, taken)
        self.items.append(item)


_WITHOUT_MARKS = {ord(mark): "?" for mark in RESERVED_MARKS}


def unique(name: str, taken: set[str]) -> str:
    """`name`, or a variant of it that no name in `taken` (upper case) has; the result is added to `taken`."""
    name = name.translate(_WITHOUT_MARKS)
    candidate, count = name, 1
    while candidate.upper() in taken:
        count += 1
        candidate = f"{name}__{count}"
    taken.add(candidate.upper())
    return candidate


def scope_columns(columns: tuple[RelationColumn, ...]) -> list[ScopeColumn]:
    """The columns of a resolved relation. Two that differ only in case cannot be told apart by DuckDB: refused."""
    seen: dict[str, str] = {}
    for column in columns:
        other = seen.setdefault(column.name.upper(), column.name)
        if other is not column.name and other != column.name:
            raise differ_in_case(other, column.name)
    return [ScopeColumn(column.name, column.name, column.type, column.hidden) for column in columns]


def differ_in_case(left: str, right: str) -> SnowflakeError:
    from pipeline.local.errors import unsupported

    return unsupported(f"A relation with columns that differ only in case ({left}, {right})")


class Paths:
    """Paths taken out of semi-structured columns, written as tokens until their SELECT is complete.

    Then the paths of one column are gathered into one call for a row, three times faster than a call for each.
    """

    def __init__(self) -> None:
        self._known: dict[tuple[int, str, str, bool], int] = {}
        self._entries: list[tuple[Item | None, str, str, bool]] = []

    def token(self, item: Item | None, base: str, path: str, *, text: bool) -> str:
        """A token for `path` of `base`; `item` owns the column, or None where nothing can be gathered."""
        key = (id(item), base, path, text)
        number = self._known.setdefault(key, len(self._entries))
        if number == len(self._entries):
            self._entries.append((item, base, path, text))
        return f"\x01{number}\x02"

    def gather(self, scope: Scope, sql: str) -> None:
        """Give every column with several paths in `sql` one extra column that holds them all."""
        groups: dict[tuple[int, str, bool], list[int]] = {}
        for number in sorted(self._used(sql)):
            item, base, _, text = self._entries[number]
            if item is not None and item.body is not None and any(item is each for each in scope.items):
                groups.setdefault((id(item), base, text), []).append(number)
        for (_, base, text), numbers in groups.items():
            if len(numbers) > 1:
                self._gather(base, numbers, text)

    def _used(self, sql: str) -> set[int]:
        """The tokens in a text, and those within what they stand for."""
        used: set[int] = set()
        waiting = [int(number) for number in _TOKEN.findall(sql)]
        while waiting:
            number = waiting.pop()
            if number not in used:
                used.add(number)
                waiting += [int(each) for each in _TOKEN.findall(self._entries[number][1])]
        return used

    def _gather(self, base: str, numbers: list[int], text: bool) -> None:
        item = self._entries[numbers[0]][0]
        assert item is not None
        name = f"__paths_{len(item.extras)}"
        paths = ", ".join(_path_literal(self._entries[number][2]) for number in numbers)
        item.extras[name] = f"{_function(text)}({base}, [{paths}])"
        for place, number in enumerate(numbers, 1):
            self._entries[number] = (None, f"{quoted(item.physical)}.{quoted(name)}[{place}]", "", text)

    def settle(self, sql: str) -> str:
        """Replace the tokens by what they came to be."""
        while _TOKEN.search(sql):
            sql = _TOKEN.sub(self._text, sql)
        return sql

    def _text(self, match: re.Match[str]) -> str:
        _, base, path, text = self._entries[int(match.group(1))]
        return f"{_function(text)}({base}, {_path_literal(path)})" if path else base


def _function(text: bool) -> str:
    return "json_extract_string" if text else "json_extract"


def _path_literal(path: str) -> str:
    return "'" + path.replace("'", "''") + "'"
