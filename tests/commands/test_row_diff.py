"""Expected rows against found ones."""

from decimal import Decimal
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.commands.row_diff import DiffLine, RowDiff, Sign, UnknownColumn, Wanted, diff_rows, rows_found
from pipeline.targets.session import Row

EXACT = Decimal(0)
COLUMNS = ("A", "B", "C")


def diff(
    wanted: list[Wanted], found: list[Row], *, ordered: bool = False, tolerance: Decimal = EXACT
) -> RowDiff | None:
    return diff_rows(wanted, COLUMNS, found, ordered=ordered, tolerance=tolerance)


def test_only_the_columns_that_are_named_count() -> None:
    assert diff([{"a": 1}, {"b": "y"}], [(2, "y", None), (1, "x", None)]) is None


def test_a_row_counts_as_often_as_it_is_there() -> None:
    found: list[Row] = [(1, "x", 0), (1, "x", 0)]
    assert diff([{"a": 1}, {"a": 1}], found) is None
    assert diff([{"a": 1}], found) == RowDiff(("A",), (DiffLine(Sign.SURPLUS, ("1",)),))
    assert diff([{"a": 1}] * 3, found) == RowDiff(("A",), (DiffLine(Sign.MISSING, ("1",)),))


def test_a_missing_row_stands_beside_the_one_most_like_it() -> None:
    wanted: list[Wanted] = [{"a": 1, "b": "x", "c": 5}, {"a": 2, "b": "y", "c": None}, {"a": 9, "b": "n", "c": 9}]
    found: list[Row] = [(2, "y", 0), (1, "x", 5), (3, "m", 1)]
    assert diff(wanted, found) == RowDiff(
        COLUMNS,
        (
            DiffLine(Sign.MISSING, ("2", "y", "NULL"), frozenset({2})),
            DiffLine(Sign.SURPLUS, ("2", "y", "0"), frozenset({2})),
            DiffLine(Sign.MISSING, ("9", "n", "9")),
            DiffLine(Sign.SURPLUS, ("3", "m", "1")),
        ),
    )


def test_values_of_other_kinds_that_look_alike_are_told_apart() -> None:
    found = diff([{"a": "1", "b": "x"}], [(1, "x", None)])
    assert found is not None
    assert [line.cells for line in found.lines] == [('"1"', "x"), ("1", "x")]


def test_a_row_that_only_looks_like_the_expected_one_stands_beside_it() -> None:
    assert diff([{"a": 1}], [(7, "", 0), ("1", "", 0)]) == RowDiff(
        ("A",),
        (
            DiffLine(Sign.MISSING, ("1",), frozenset({0})),
            DiffLine(Sign.SURPLUS, ('"1"',), frozenset({0})),
            DiffLine(Sign.SURPLUS, ("7",)),
        ),
    )


def test_a_row_that_does_not_name_a_column_shows_so() -> None:
    found = diff([{"a": 1}, {"b": "x"}], [])
    assert found is not None
    assert [line.cells for line in found.lines] == [("1", "…"), ("…", "x")]


def test_in_order() -> None:
    found: list[Row] = [(1, "x", 0), (2, "y", 0)]
    assert diff([{"a": 1}, {"a": 2}], found, ordered=True) is None
    swapped = diff([{"a": 2}, {"a": 1}], found, ordered=True)
    assert swapped is not None
    assert [(line.sign, line.cells) for line in swapped.lines] == [
        (Sign.MISSING, ("2",)),
        (Sign.SURPLUS, ("1",)),
        (Sign.MISSING, ("1",)),
        (Sign.SURPLUS, ("2",)),
    ]
    short = diff([{"a": 1}], found, ordered=True)
    assert short is not None
    assert short.lines == (DiffLine(Sign.SURPLUS, ("2",)),)


def test_a_column_that_is_not_there() -> None:
    with pytest.raises(UnknownColumn) as caught:
        diff([{"d": 1}], [])
    assert (caught.value.name, caught.value.known) == ("d", COLUMNS)


def test_rows_that_should_not_be_there() -> None:
    assert rows_found(("A",), [(1,), (None,)]) == RowDiff(
        ("A",), (DiffLine(Sign.SURPLUS, ("1",)), DiffLine(Sign.SURPLUS, ("NULL",)))
    )


CELLS = st.integers(0, 4)


@given(st.lists(st.tuples(CELLS, CELLS), max_size=8), st.randoms(use_true_random=False))
def test_any_order_of_the_same_rows_is_equal(rows: list[tuple[int, int]], random: object) -> None:
    shuffled: list[Row] = list(rows)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    wanted: list[Wanted] = [{"a": a, "b": b} for a, b in rows]
    assert diff_rows(wanted, ("A", "B"), shuffled, ordered=False, tolerance=EXACT) is None


@settings(deadline=None)
@given(st.lists(CELLS, max_size=4), st.lists(CELLS, max_size=4), st.integers(0, 2))
def test_with_a_tolerance_as_many_rows_are_matched_as_can_be(
    wanted: list[int], found: list[int], tolerance: int
) -> None:
    """Against trying all assignments."""
    padded = [*found, *[None] * len(wanted)]
    best = max(
        sum(other is not None and abs(value - other) <= tolerance for value, other in zip(wanted, order, strict=False))
        for order in permutations(padded, len(wanted))
    )
    rows: list[Wanted] = [{"a": value} for value in wanted]
    result = diff_rows(rows, ("A",), [(value,) for value in found], ordered=False, tolerance=Decimal(tolerance))
    missing = 0 if result is None else result.count(Sign.MISSING)
    surplus = 0 if result is None else result.count(Sign.SURPLUS)
    assert (missing, surplus) == (len(wanted) - best, len(found) - best)
