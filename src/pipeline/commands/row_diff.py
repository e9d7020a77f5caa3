"""Rows that were expected against rows that were found: which are missing, which too many."""

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from pipeline.commands.row_values import equal, shown
from pipeline.project.nodes import Value
from pipeline.targets.session import Row

Wanted = Mapping[str, Value]


class Sign(StrEnum):
    """What a line of a diff is."""

    MISSING = "-"
    SURPLUS = "+"


@dataclass(frozen=True, slots=True)
class DiffLine:
    """A row that differs; `differing` are the positions of the cells that its counterpart has otherwise."""

    sign: Sign
    cells: tuple[str, ...]
    differing: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class RowDiff:
    """The rows that differ, each missing one beside the found one that is most like it."""

    columns: tuple[str, ...]
    lines: tuple[DiffLine, ...]

    def count(self, sign: Sign) -> int:
        return sum(line.sign is sign for line in self.lines)


class UnknownColumn(Exception):
    """An expected column that the rows do not have."""

    def __init__(self, name: str, known: Sequence[str]) -> None:
        super().__init__(name)
        self.name = name
        self.known = tuple(known)


def diff_rows(
    wanted: Sequence[Wanted], columns: Sequence[str], found: Sequence[Row], *, ordered: bool, tolerance: Decimal
) -> RowDiff | None:
    """None when the rows are the expected ones, in the columns that the expected ones name. Raises UnknownColumn."""
    names, positions = _columns(wanted, columns)
    table = _Comparison(names, [tuple(row[position] for position in positions) for row in found], wanted, tolerance)
    if ordered:
        pairs = table.by_position()
        return None if pairs is None else RowDiff(names, tuple(table.lines(pairs)))
    missing, surplus = table.unmatched()
    if not missing and not surplus:
        return None
    return RowDiff(names, tuple(table.lines(table.nearest(missing, surplus))))


def rows_found(columns: Sequence[str], found: Sequence[Row]) -> RowDiff:
    """Rows that are there though their number is not the expected one."""
    return RowDiff(tuple(columns), tuple(DiffLine(Sign.SURPLUS, tuple(map(shown, row))) for row in found))


def _columns(wanted: Sequence[Wanted], columns: Sequence[str]) -> tuple[tuple[str, ...], tuple[int, ...]]:
    """The columns that any expected row names, upper and lower case alike, and where the found rows have them."""
    folded = {column.casefold(): position for position, column in enumerate(columns)}
    named: dict[str, int] = {}
    for row in wanted:
        for name in row:
            if name.casefold() not in folded:
                raise UnknownColumn(name, columns)
            named[columns[folded[name.casefold()]]] = folded[name.casefold()]
    return tuple(named), tuple(named.values())


Pair = tuple[int | None, int | None]
"""Positions of an expected and of a found row that belong side by side."""


class _Comparison:
    """Expected and found rows over the same columns."""

    def __init__(self, names: Sequence[str], found: list[Row], wanted: Sequence[Wanted], tolerance: Decimal) -> None:
        self._found = found
        self._tolerance = tolerance
        places = {name.casefold(): position for position, name in enumerate(names)}
        self._wanted = [{places[name.casefold()]: value for name, value in row.items()} for row in wanted]
        self._width = len(names)

    def by_position(self) -> list[Pair] | None:
        """The rows that differ when read in order; None when none does."""
        longest = max(len(self._wanted), len(self._found))
        pairs: list[Pair] = []
        for position in range(longest):
            left = position if position < len(self._wanted) else None
            right = position if position < len(self._found) else None
            if left is None or right is None or not self._matches(left, right):
                pairs.append((left, right))
        return pairs or None

    def unmatched(self) -> tuple[list[int], list[int]]:
        """Expected and found rows without a partner, in a matching with as few of them as can be.

        With a tolerance, or with rows that name fewer columns, a row may fit several others: what the first ones took
        is then taken back along augmenting paths.
        """
        owner: dict[int, int] = {}
        missing = [wanted for wanted in range(len(self._wanted)) if not self._augment(wanted, owner)]
        return missing, [found for found in range(len(self._found)) if found not in owner]

    def _augment(self, start: int, owner: dict[int, int]) -> bool:
        """Find a partner for `start`, moving others where that helps (breadth first; `owner`: found → expected)."""
        came_from: dict[int, int] = {}
        queue = deque([start])
        while queue:
            wanted = queue.popleft()
            for found in range(len(self._found)):
                if found in came_from or not self._matches(wanted, found):
                    continue
                came_from[found] = wanted
                if found in owner:
                    queue.append(owner[found])
                    continue
                self._take(found, start, came_from, owner)
                return True
        return False

    @staticmethod
    def _take(free: int, start: int, came_from: dict[int, int], owner: dict[int, int]) -> None:
        """Give each row on the path to `free` its new partner."""
        held = {wanted: found for found, wanted in owner.items()}
        found = free
        while True:
            wanted = came_from[found]
            before = held.get(wanted)
            owner[found] = wanted
            if wanted == start:
                return
            assert before is not None, "every row on the path but the first had a partner"
            found = before

    def nearest(self, missing: list[int], surplus: list[int]) -> list[Pair]:
        """Each missing row beside the one of the rest that has most cells of it, or of their looks, if any."""
        pairs: list[Pair] = []
        left = list(surplus)
        for wanted in missing:
            best = max(left, key=lambda found: self._likeness(wanted, found), default=None)
            if best is not None and self._likeness(wanted, best) > (0, 0):
                left.remove(best)
                pairs.append((wanted, best))
            else:
                pairs.append((wanted, None))
        return [*pairs, *((None, found) for found in left)]

    def lines(self, pairs: list[Pair]) -> list[DiffLine]:
        """The pairs as lines of a diff, the expected row first."""
        lines = []
        for wanted, found in pairs:
            differing: frozenset[int] = frozenset()
            if wanted is not None and found is not None:
                differing = frozenset(self._wanted[wanted]) - self._same(wanted, found)
            if wanted is not None:
                lines.append(DiffLine(Sign.MISSING, self._wanted_cells(wanted, found, differing), differing))
            if found is not None:
                lines.append(DiffLine(Sign.SURPLUS, self._found_cells(wanted, found, differing), differing))
        return lines

    def _wanted_cells(self, wanted: int, found: int | None, differing: frozenset[int]) -> tuple[str, ...]:
        row = self._wanted[wanted]
        return tuple(
            shown(row[place], quoted=place in differing and self._looks_alike(wanted, found, place))
            if place in row
            else "…"
            for place in range(self._width)
        )

    def _found_cells(self, wanted: int | None, found: int, differing: frozenset[int]) -> tuple[str, ...]:
        return tuple(
            shown(value, quoted=place in differing and self._looks_alike(wanted, found, place))
            for place, value in enumerate(self._found[found])
        )

    def _looks_alike(self, wanted: int | None, found: int | None, place: int) -> bool:
        if wanted is None or found is None:
            return False
        return shown(self._wanted[wanted][place]) == shown(self._found[found][place])

    def _likeness(self, wanted: int, found: int) -> tuple[int, int]:
        """How many cells are the same, and how many only look it: `1` and `'1'`."""
        same = self._same(wanted, found)
        others = self._wanted[wanted].keys() - same
        return len(same), sum(self._looks_alike(wanted, found, place) for place in others)

    def _same(self, wanted: int, found: int) -> frozenset[int]:
        row = self._found[found]
        return frozenset(
            place for place, value in self._wanted[wanted].items() if equal(value, row[place], self._tolerance)
        )

    def _matches(self, wanted: int, found: int) -> bool:
        row = self._found[found]
        return all(equal(value, row[place], self._tolerance) for place, value in self._wanted[wanted].items())
