"""Values as text: what the connectors' own converters expect, and speed that does not depend on a value's type."""

import json
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.local.errors import SnowflakeError
from pipeline.local.protocol import Column, Result, StatementType
from pipeline.local.results import encode_json, row_set, row_type
from pipeline.sql.types import parse_type

EPOCH = datetime(1970, 1, 1)
EAST = timezone(timedelta(hours=5, minutes=30))
WEST = timezone(timedelta(hours=-8))


def text(type_: str, value: object) -> str | None:
    """One value of one column."""
    result = Result("id", "", (Column("C", parse_type(type_)),), [(value,)], StatementType.SELECT)
    return row_set(result)[0][0]


@pytest.mark.parametrize(
    ("type_", "value", "wanted"),
    [
        ("NUMBER(38,0)", 10**37, "1" + "0" * 37),
        ("NUMBER(38,0)", Decimal("1E+3"), "1000"),
        ("NUMBER(10,2)", Decimal("1.5"), "1.50"),
        ("NUMBER(10,2)", 7, "7.00"),
        ("NUMBER(38,10)", Decimal("0E-10"), "0.0000000000"),
        ("NUMBER(38,2)", Decimal("-999999999999999999999999999999999999.99"), "-" + "9" * 36 + ".99"),
        ("FLOAT", 0.1, "0.1"),
        ("FLOAT", 1e300, "1e+300"),
        ("FLOAT", float("nan"), "nan"),
        ("FLOAT", float("-inf"), "-inf"),
        ("VARCHAR", "ä\u2603\0'", "ä\u2603\0'"),
        ("BOOLEAN", True, "1"),
        ("BOOLEAN", False, "0"),
        ("DATE", date(1970, 1, 2), "1"),
        ("DATE", date(1, 1, 1), "-719162"),
        ("TIME(9)", time(23, 59, 59, 999999), "86399.999999000"),
        ("TIME(3)", time(0, 0, 1, 500000), "1.500"),
        ("TIME(0)", time(1), "3600"),
        ("TIMESTAMP_NTZ(9)", datetime(1970, 1, 1, 0, 0, 1), "1.000000000"),
        ("TIMESTAMP_NTZ(3)", datetime(1969, 12, 31, 23, 59, 59, 500000), "-0.500"),
        ("TIMESTAMP_NTZ(0)", datetime(2026, 11, 23), "1795392000"),
        ("TIMESTAMP_LTZ(6)", datetime(1970, 1, 1, 5, 30, tzinfo=EAST), "0.000000"),
        ("TIMESTAMP_TZ(9)", datetime(1970, 1, 1, 5, 30, tzinfo=EAST), "0.000000000 1770"),
        ("TIMESTAMP_TZ(9)", datetime(1970, 1, 1, tzinfo=WEST), "28800.000000000 960"),
        ("BINARY", b"\x00\xff", "00FF"),
        ("VARIANT", '{"a":1}', '{\n  "a": 1\n}'),
        ("ARRAY", "[1]", "[\n  1\n]"),
    ],
)
def test_texts(type_: str, value: object, wanted: str) -> None:
    assert text(type_, value) == wanted
    assert text(type_, None) is None


@given(st.datetimes(timezones=st.just(UTC)), st.integers(min_value=6, max_value=9))
def test_a_timestamp_reads_back(at: datetime, digits: int) -> None:
    written = text(f"TIMESTAMP_LTZ({digits})", at)
    assert written is not None
    assert len(written.rpartition(".")[2]) == digits
    assert EPOCH + timedelta(microseconds=int(Decimal(written) * 1_000_000)) == at.replace(tzinfo=None)


@given(st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-(10**20), max_value=10**20))
def test_a_decimal_reads_back(number: Decimal) -> None:
    assert Decimal(text("NUMBER(38,4)", number) or "") == number


def test_no_rows_and_no_columns() -> None:
    column = Column("A", parse_type("DATE"))
    assert row_set(Result("id", "", (column,), [], StatementType.SELECT)) == []
    assert row_set(Result("id", "", (), [(), ()], StatementType.SELECT)) == [(), ()]


def test_row_type_says_precision_scale_and_length() -> None:
    names = ("NUMBER(12,2)", "VARCHAR(10)", "TIMESTAMP_NTZ(3)", "BINARY(5)", "VARIANT", "FLOAT")
    seen = row_type([Column(name, parse_type(name), nullable=name == "FLOAT") for name in names])
    keys = ("type", "precision", "scale", "length", "byteLength", "nullable")
    assert [tuple(column[key] for key in keys) for column in seen] == [
        ("fixed", 12, 2, None, None, False),
        ("text", None, None, 10, 40, False),
        ("timestamp_ntz", 0, 3, None, None, False),
        ("binary", None, None, 5, 5, False),
        ("variant", None, None, None, None, False),
        ("real", None, None, None, None, True),
    ]


def test_a_type_that_cannot_be_sent_is_refused_by_name() -> None:
    with pytest.raises(SnowflakeError, match="GEOGRAPHY is not supported by the local account"):
        row_type([Column("G", parse_type("GEOGRAPHY"))])


def test_rows_are_json() -> None:
    result = Result("id", "", (Column("A", parse_type("VARCHAR")),), [('"\n☃',), (None,)], StatementType.SELECT)
    assert json.loads(encode_json(row_set(result))) == [['"\n☃'], [None]]


@pytest.mark.parametrize(
    ("type_", "value"),
    [
        ("DATE", "10000-01-01"),
        ("TIMESTAMP_NTZ", "0001-01-01 (BC) 00:00:00"),
        ("TIMESTAMP_LTZ", "10000-01-01 00:00:00+00"),
    ],
)
def test_what_python_has_no_date_for_is_refused_and_not_null(type_: str, value: str) -> None:
    with pytest.raises(SnowflakeError, match="outside of the years 1 to 9999"):
        text(type_, value)
    assert text(type_, None) is None
