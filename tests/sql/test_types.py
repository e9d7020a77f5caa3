"""Data types: every spelling, the canonical form, what may be widened."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import SyntaxProblem
from pipeline.sql.types import DataType, Kind, TypeChange, number, parse_type, varchar, widening


@pytest.mark.parametrize(
    ("written", "canonical"),
    [
        *((word, "NUMBER(38,0)") for word in ("NUMBER", "decimal", "NUMERIC", "DEC", "INT", "INTEGER", "bigint")),
        *((word, "NUMBER(38,0)") for word in ("SMALLINT", "TINYINT", "BYTEINT")),
        ("NUMBER(10)", "NUMBER(10,0)"),
        ("numeric ( 10 , 2 )", "NUMBER(10,2)"),
        *((word, "FLOAT") for word in ("FLOAT", "FLOAT4", "FLOAT8", "DOUBLE", "double  precision", "REAL")),
        *((word, "VARCHAR(16777216)") for word in ("VARCHAR", "STRING", "TEXT", "NVARCHAR", "CHAR VARYING")),
        *((word, "VARCHAR(1)") for word in ("CHAR", "CHARACTER", "NCHAR")),
        ("TEXT(20)", "VARCHAR(20)"),
        ("VARCHAR(134217728)", "VARCHAR(134217728)"),
        ("BINARY", "BINARY(8388608)"),
        ("VARBINARY(5)", "BINARY(5)"),
        ("BOOLEAN", "BOOLEAN"),
        ("DATE", "DATE"),
        ("TIME", "TIME(9)"),
        ("TIME(0)", "TIME(0)"),
        *((word, "TIMESTAMP_NTZ(9)") for word in ("TIMESTAMP", "DATETIME", "TIMESTAMPNTZ", "TIMESTAMP_NTZ")),
        ("TIMESTAMP WITHOUT TIME ZONE", "TIMESTAMP_NTZ(9)"),
        *((word, "TIMESTAMP_LTZ(9)") for word in ("TIMESTAMP_LTZ", "TIMESTAMPLTZ", "TIMESTAMP WITH LOCAL TIME ZONE")),
        *((word, "TIMESTAMP_TZ(9)") for word in ("TIMESTAMP_TZ", "TIMESTAMPTZ", "timestamp with time zone")),
        ("TIMESTAMP(3) WITH TIME ZONE", "TIMESTAMP_TZ(3)"),
        *((word, word) for word in ("VARIANT", "OBJECT", "ARRAY", "GEOGRAPHY", "GEOMETRY")),
        ("VECTOR(FLOAT, 256)", "VECTOR(FLOAT, 256)"),
        ("ARRAY(NUMBER)", "ARRAY(NUMBER)"),
    ],
)
def test_canonical_form(written: str, canonical: str) -> None:
    assert str(parse_type(written)) == canonical


def test_timestamp_means_what_the_session_says() -> None:
    assert parse_type("TIMESTAMP(3)", Kind.TIMESTAMP_TZ) == DataType(Kind.TIMESTAMP_TZ, precision=3)
    assert parse_type("DATETIME", Kind.TIMESTAMP_TZ).kind is Kind.TIMESTAMP_NTZ


@pytest.mark.parametrize(
    "written",
    [
        *("", "FOO", "INT(5)", "NUMBER(39)", "NUMBER(10,11)", "NUMBER(0)", "NUMBER(a)", "NUMBER(1,2,3)"),
        *("VARCHAR(0)", "VARCHAR(134217729)", "VARCHAR(1", "TIME(10)", "DATE(3)", "DOUBLE TROUBLE"),
    ],
)
def test_what_is_no_type(written: str) -> None:
    with pytest.raises(SyntaxProblem):
        parse_type(written)


@pytest.mark.parametrize(
    ("old", "new", "change"),
    [
        ("VARCHAR", "STRING", TypeChange.SAME),
        ("VARCHAR(10)", "VARCHAR(20)", TypeChange.WIDER),
        ("VARCHAR(20)", "VARCHAR(10)", TypeChange.REFUSED),
        ("NUMBER(10,2)", "NUMBER(12,2)", TypeChange.WIDER),
        ("NUMBER(12,2)", "NUMBER(10,2)", TypeChange.IF_VALUES_FIT),
        ("NUMBER(10,2)", "NUMBER(12,3)", TypeChange.REFUSED),
        ("NUMBER", "FLOAT", TypeChange.REFUSED),
        ("TIMESTAMP_NTZ", "TIMESTAMP_LTZ", TypeChange.REFUSED),
        ("TIME(3)", "TIME(9)", TypeChange.REFUSED),
        ("VARIANT", "OBJECT", TypeChange.REFUSED),
    ],
)
def test_widening(old: str, new: str, change: TypeChange) -> None:
    assert widening(parse_type(old), parse_type(new)) is change


TYPES = st.one_of(
    st.integers(1, 38).flatmap(lambda p: st.integers(0, min(p, 37)).map(lambda s: number(p, s))),
    st.integers(1, 134_217_728).map(varchar),
    st.integers(0, 9).map(lambda digits: DataType(Kind.TIMESTAMP_LTZ, precision=digits)),
    st.sampled_from([DataType(Kind.FLOAT), DataType(Kind.BOOLEAN), DataType(Kind.VARIANT), DataType(Kind.DATE)]),
)


@given(TYPES)
def test_the_canonical_form_is_read_back(kind: DataType) -> None:
    assert parse_type(str(kind)) == kind
