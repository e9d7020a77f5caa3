"""Rows of Python's values come back from DuckDB as they went in."""

from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal

import duckdb
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.local.information.rows import ordered, relation
from pipeline.sql.types import DataType, Kind, number, varchar

_MOMENTS = st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30))
VALUES: dict[DataType, st.SearchStrategy[object]] = {
    number(): st.integers(-(10**37), 10**37),
    number(38, 9): st.decimals(-(10**20), 10**20, places=9),
    varchar(): st.text(st.characters(exclude_categories=["Cs"])),
    DataType(Kind.FLOAT): st.floats(allow_nan=False),
    DataType(Kind.BOOLEAN): st.booleans(),
    DataType(Kind.BINARY, length=100): st.binary(),
    DataType(Kind.DATE): st.dates(),
    DataType(Kind.TIME, precision=9): st.times(),
    DataType(Kind.TIMESTAMP_NTZ, precision=9): _MOMENTS,
    DataType(Kind.TIMESTAMP_LTZ, precision=9): _MOMENTS.map(lambda at: at.replace(tzinfo=UTC)),
}
KINDS = list(VALUES)
CONNECTION = duckdb.connect()
CONNECTION.execute("SET TimeZone = 'UTC'")


def _read(sql: str) -> list[tuple[object, ...]]:
    return CONNECTION.execute(sql).fetchall()


@settings(deadline=None)  # other work on the machine is no fault
@given(st.lists(st.tuples(*(st.none() | strategy for strategy in VALUES.values())), max_size=3))
def test_values_come_back(rows: list[tuple[object, ...]]) -> None:
    found = relation([(f"C{index}", kind) for index, kind in enumerate(KINDS)], rows)
    assert [column.name for column in found.columns] == [f"C{index}" for index in range(len(KINDS))]
    assert _read(found.sql) == rows


def test_an_offset_is_kept() -> None:
    at = datetime(2026, 1, 2, 3, 4, 5, tzinfo=timezone(timedelta(hours=-2, minutes=-30)))
    found = relation([("A", DataType(Kind.TIMESTAMP_TZ, precision=9))], [(at,), (None,)])
    assert _read(found.sql) == [({"utc": datetime(2026, 1, 2, 5, 34, 5), "offset": -150},), (None,)]


def test_json_stays_text_of_json() -> None:
    found = relation([("A", DataType(Kind.VARIANT))], [('{"a":[1,"q\'z",null]}',), ("null",), (None,)])
    rows = duckdb.connect().execute(f'SELECT "A" ->> \'$.a[1]\', "A" IS NULL FROM ({found.sql})').fetchall()
    assert rows == [("q'z", False), (None, False), (None, True)]


def test_records_in_the_order_of_the_columns() -> None:
    columns = (("A", number()), ("B", varchar()))
    assert ordered(columns, [{"B": "x", "A": Decimal(1)}, {"A": 2, "C": date(2026, 1, 1), "D": time(1)}]) == [
        (Decimal(1), "x"),
        (2, None),
    ]
