"""Values as JSON."""

from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.cli.screen import plain
from pipeline.errors import Location
from pipeline.sql.names import QualifiedName


class Colour(StrEnum):
    RED = "red"


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        (None, None),
        (True, True),
        (7, 7),
        ("é", "é"),
        (Decimal("12.00"), 12),
        (Decimal("12.34"), 12.34),
        (Decimal("0.1234567890123456789"), "0.1234567890123456789"),
        (Decimal("99999999999999999999999999999999999999"), 99999999999999999999999999999999999999),
        (date(2026, 3, 2), "2026-03-02"),
        (datetime(2026, 3, 2, 7, 30, tzinfo=UTC), "2026-03-02T07:30:00+00:00"),
        (b"\x00\xff", "00ff"),
        (Path("a/b"), "a/b"),
        (Location(Path("a.sql"), 3), "a.sql:3"),
        (QualifiedName("DB", "S", "my name"), 'DB.S."my name"'),
        (Colour.RED, "red"),
        ({"a": (Decimal(1), None)}, {"a": [1, None]}),
    ],
)
def test_plain(value: object, wanted: object) -> None:
    found = plain(value)
    assert found == wanted
    assert type(found) is type(wanted)


@given(st.decimals(allow_nan=False, allow_infinity=False))
def test_no_decimal_loses_a_digit(value: Decimal) -> None:
    assert Decimal(str(plain(value))) == value
