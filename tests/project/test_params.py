import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.project.params import ParamType, literal_of
from pipeline.sql.lexer import literal_value


@pytest.mark.parametrize(
    ("kind", "text", "literal"),
    [
        (ParamType.INT, "30", "30"),
        (ParamType.INT, "+30", "30"),
        (ParamType.INT, "-5", "(-5)"),
        (ParamType.INT, "9" * 38, "9" * 38),
        (ParamType.DECIMAL, "12.50", "12.50"),
        (ParamType.DECIMAL, "-0.10", "(-0.10)"),
        (ParamType.FLOAT, "0.5", "0.5::FLOAT"),
        (ParamType.FLOAT, "-1e6", "(-1000000.0)::FLOAT"),
        (ParamType.STR, "it's", "'it''s'"),
        (ParamType.STR, "a\nb\\c", "'a\\nb\\\\c'"),
        (ParamType.STR, "", "''"),
        (ParamType.DATE, "2026-01-31", "'2026-01-31'::DATE"),
        (ParamType.DATE, "current_date", "CURRENT_DATE()"),
        (ParamType.TIMESTAMP, "2026-01-31", "'2026-01-31'::TIMESTAMP_NTZ"),
        (ParamType.TIMESTAMP, "2026-01-31 12:00", "'2026-01-31 12:00'::TIMESTAMP_NTZ"),
        (ParamType.TIMESTAMP, "2026-01-31T12:00:00.123456789Z", "'2026-01-31T12:00:00.123456789Z'::TIMESTAMP_TZ"),
        (ParamType.TIMESTAMP, "2026-01-31 12:00:00+02:00", "'2026-01-31 12:00:00+02:00'::TIMESTAMP_TZ"),
        (ParamType.TIMESTAMP, "current_timestamp", "CURRENT_TIMESTAMP()"),
        (ParamType.BOOL, "True", "TRUE"),
    ],
)
def test_a_value_becomes_a_literal_of_its_type(kind: ParamType, text: str, literal: str) -> None:
    assert literal_of(kind, text) == literal


@pytest.mark.parametrize(
    ("kind", "text", "wanted"),
    [
        (ParamType.INT, "x", "a whole number"),
        (ParamType.INT, "1.5", "a whole number"),
        (ParamType.INT, "1; DROP TABLE t", "a whole number"),
        (ParamType.INT, "٣", "a whole number"),
        (ParamType.INT, "9" * 39, "a whole number"),
        (ParamType.DECIMAL, "1e3", "a decimal number like"),
        (ParamType.DECIMAL, ".5", "a decimal number like"),
        (ParamType.FLOAT, "nan", "a number like"),
        (ParamType.FLOAT, "x", "a number like"),
        (ParamType.DATE, "2026-02-30", "a date like"),
        (ParamType.DATE, "20260101", "a date like"),
        (ParamType.TIMESTAMP, "2026-01-31 25:00", "a time like"),
        (ParamType.TIMESTAMP, "noon", "a time like"),
        (ParamType.BOOL, "1", "true or false"),
    ],
)
def test_a_wrong_value_says_what_is_wanted(kind: ParamType, text: str, wanted: str) -> None:
    with pytest.raises(ValueError, match=wanted):
        literal_of(kind, text)


@given(st.text())
def test_any_text_is_one_literal_on_one_line(text: str) -> None:
    literal = literal_of(ParamType.STR, text)

    assert literal_value(literal) == text
    assert "\n" not in literal


@given(st.integers(-(10**38) + 1, 10**38 - 1))
def test_any_number_keeps_its_value(number: int) -> None:
    assert int(literal_of(ParamType.INT, str(number)).strip("()")) == number
