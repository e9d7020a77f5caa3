"""The functions that the other facts leave out, and the proof that none is left out altogether."""

import re

import pytest

from local.dialect.account import Account
from local.dialect.test_facts import EVERY
from local.dialect.test_queries import FACTS
from pipeline.local.dialect.registry import FUNCTIONS, REFUSED, find
from pipeline.local.dialect.rules.context import SESSION_VALUES
from pipeline.local.errors import SnowflakeError

ACCOUNT = Account()

SCALARS = [
    ("SQUARE(3)", "9.0"),
    ("TRUNCATE(2.7)", "2"),
    ("POW(2, 3)", "8.0"),
    ("LOG(2, 8)", "3.0"),
    ("LN(EXP(1))", "1.0"),
    ("ROUND(PI(), 4)", "3.1416"),
    ("ROUND(CBRT(27), 6)", "3.0"),
    ("FACTORIAL(5)", "120"),
    ("ROUND(SIN(0) + COS(0) + TAN(0) + ASIN(0) + ACOS(1) + ATAN(0) + ATAN2(0, 1), 6)", "1.0"),
    ("ROUND(SINH(0) + COSH(0) + TANH(0) + COT(PI() / 4), 6)", "2.0"),
    ("ROUND(DEGREES(RADIANS(180)), 6)", "180.0"),
    ("BITOR(4, 1) + BITXOR(6, 3) + BITSHIFTLEFT(1, 4) + BITSHIFTRIGHT(8, 2)", "28"),
    ("LEAST_IGNORE_NULLS(NULL, 2, 1)", "1"),
    ("IFNULL(NULL, 'x')", "x"),
    ("BOOLAND(TRUE, FALSE) OR BOOLOR(FALSE, FALSE) OR BOOLNOT(TRUE)", "False"),
    ("TO_DECIMAL('1.5', 5, 1) + TO_NUMERIC('1')", "2.5"),
    ("TRY_TO_NUMERIC('x')", None),
    ("TO_DOUBLE('1.5')", "1.5"),
    ("TRY_TO_DOUBLE('x')", None),
    ("TO_BOOLEAN('yes')", "True"),
    ("TRY_TO_BOOLEAN('x')", None),
    ("LOWER('ÀB') || RTRIM('x  ') || REPEAT('a', 2) || SPACE(1) || CHR(65) || CHAR(66)", "àbxaa AB"),
    ("LEN('ab') + CHAR_LENGTH('ab') + CHARACTER_LENGTH('ab') + OCTET_LENGTH('é') + ASCII('a')", "105"),
    ("SUBSTRING('abcd', 2, 2)", "bc"),
    ("TRANSLATE('abcab', 'ab', 'x')", "xcx"),
    ("EDITDISTANCE('ab', 'abc')", "1"),
    ("STRTOK_TO_ARRAY('a b')", '["a","b"]'),
    ("MD5_HEX('a') = MD5('a') AND SHA1('a') = SHA1_HEX('a') AND SHA2_HEX('a') = SHA2('a', 256)", "True"),
    ("SHA1('a')", "86f7e437faa5a7fce15d1ddcb9eaeaea377667b8"),
    ("HEX_ENCODE('AB')", "4142"),
    ("HEX_DECODE_STRING('4142')", "AB"),
    ("TO_BINARY('4142')::VARCHAR", "4142"),
    ("LIKE('abc', 'a%') AND ILIKE('ABC', 'a%') AND RLIKE('abc', 'a.*')", "True"),
    ("LENGTH(UUID_STRING())", "36"),
    ("'x' REGEXP '[a-z]'", "True"),
    ("REGEXP('x', '[a-z]')", "True"),
    ("ARRAY_CAT([1], [2]) || ''", "[1,2]"),
    ("ARRAY_COMPACT(ARRAY_CONSTRUCT(1, NULL))", "[1]"),
    ("ARRAY_CONSTRUCT_COMPACT(1, NULL)", "[1]"),
    ("ARRAY_SIZE(ARRAY_DISTINCT([1, 1, 2]))", "2"),
    ("ARRAY_PREPEND([1], 0)", "[0,1]"),
    ("AS_ARRAY(PARSE_JSON('[1]'))", "[1]"),
    ("AS_OBJECT(PARSE_JSON('[1]'))", None),
    ("AS_BOOLEAN(PARSE_JSON('true'))", "True"),
    ("AS_VARCHAR(PARSE_JSON('\"a\"')) || AS_CHAR(PARSE_JSON('\"b\"'))", "ab"),
    ("AS_DOUBLE(PARSE_JSON('1.5')) + AS_REAL(PARSE_JSON('1'))", "2.5"),
    ("IS_ARRAY(PARSE_JSON('[]')) AND IS_OBJECT(PARSE_JSON('{}')) AND IS_BOOLEAN(PARSE_JSON('true'))", "True"),
    ("IS_VARCHAR(PARSE_JSON('\"a\"')) AND IS_CHAR(PARSE_JSON('\"a\"')) AND IS_INTEGER(PARSE_JSON('1'))", "True"),
    ("IS_DECIMAL(PARSE_JSON('1')) AND IS_DOUBLE(PARSE_JSON('1.5')) AND IS_REAL(PARSE_JSON('1'))", "True"),
    ("OBJECT_PICK(PARSE_JSON('{\"a\": 1, \"b\": 2}'), 'a')", '{"a":1}'),
    ("STRIP_NULL_VALUE(PARSE_JSON('null'))", None),
    ("TO_ARRAY(1)", "[1]"),
    ("TO_OBJECT(PARSE_JSON('{\"a\": 1}'))", '{"a": 1}'),
    ("TO_VARIANT('a')", '"a"'),
    ("TIMEADD(minute, 1, '2024-01-01 00:00:00'::TIMESTAMP)", "2024-01-01 00:01:00"),
    ("TIMESTAMPADD(day, 1, '2024-01-01'::DATE)", "2024-01-02"),
    ("TIMEDIFF(minute, '10:00:00'::TIME, '10:01:00'::TIME)", "1"),
    ("TIMESTAMPDIFF(second, '2024-01-01', '2024-01-02')", "86400"),
    ("MONTH('2024-02-03'::DATE) * 10000 + DAY('2024-02-03'::DATE) * 100 + DAYOFMONTH('2024-02-03'::DATE)", "20303"),
    ("DAYOFYEAR('2024-02-01'::DATE)", "32"),
    ("MINUTE('2024-02-01 10:11:12'::TIMESTAMP)", "11"),
    ("WEEKISO('2021-01-01'::DATE) + WEEKOFYEAR('2021-01-01'::DATE)", "106"),
    ("YEAROFWEEKISO('2021-01-01'::DATE)", "2020"),
    ("PREVIOUS_DAY('2024-01-01'::DATE, 'fr')", "2023-12-29"),
    ("DATE('2024-01-01')", "2024-01-01"),
    ("TIME('10:11:12')", "10:11:12"),
    ("TO_TIME('10:11')", "10:11:00"),
    ("TRY_TO_TIME('x')", None),
    ("DATEFROMPARTS(2024, 1, 0)", "2023-12-31"),
    ("TIME_FROM_PARTS(1, 2, 3) = TIMEFROMPARTS(1, 2, 3)", "True"),
    ("TIMESTAMP_FROM_PARTS(2024, 1, 1, 0, 0, 0) = TIMESTAMPFROMPARTS(2024, 1, 1, 0, 0, 0)", "True"),
    ("TIMESTAMPNTZFROMPARTS(2024, 1, 1, 0, 0, 61)", "2024-01-01 00:01:01"),
    ("TIMESTAMP_LTZ_FROM_PARTS(2024, 1, 1, 0, 0, 0) = TIMESTAMPLTZFROMPARTS(2024, 1, 1, 0, 0, 0)", "True"),
    ("TO_TIMESTAMP_NTZ('2024-01-01')", "2024-01-01 00:00:00"),
    ("TO_TIMESTAMP_LTZ('2024-01-01T00:00:00Z')::VARCHAR", "2024-01-01 00:00:00.000 +0000"),
    ("TO_TIMESTAMP_TZ('2024-01-01 00:00:00', 'YYYY-MM-DD HH24:MI:SS')::VARCHAR", "2024-01-01 00:00:00.000 +0000"),
    (
        "TO_TIMESTAMP_TZ('1/2/2024 03:04 +0200', 'DD/MM/YYYY HH24:MI TZHTZM')::VARCHAR",
        "2024-02-01 03:04:00.000 +0200",
    ),
    ("TRY_TO_TIMESTAMP('x')", None),
    ("TRY_TO_TIMESTAMP_NTZ('2024-01-01 10:00:00.5')", "2024-01-01 10:00:00.500000"),
    ("TRY_TO_TIMESTAMP_LTZ('x')", None),
    ("TRY_TO_TIMESTAMP_TZ('2024-01-01T00:00:00-08:00')::VARCHAR", "2024-01-01 00:00:00.000 -0800"),
    ("CURRENT_TIME", "12:34:56.789000"),
    ("LOCALTIME()", "12:34:56.789000"),
    ("GETDATE() = LOCALTIMESTAMP() AND SYSTIMESTAMP() = LOCALTIMESTAMP()", "True"),
    *((f"{name}()", name) for name in SESSION_VALUES),
]

ROWS = "VALUES (1, 2, TRUE), (2, 4, FALSE), (2, 6, FALSE)"

AGGREGATES = [
    ("APPROX_COUNT_DISTINCT(column1)", "2"),
    ("HLL(column1)", "2"),
    ("APPROX_PERCENTILE(column2, 0.5)", "4.0"),
    ("PERCENTILE_DISC(0.5) WITHIN GROUP (ORDER BY column2)", "4"),
    ("ARRAYAGG(column1) WITHIN GROUP (ORDER BY column2)", "[1,2,2]"),
    ("ARRAY_SIZE(ARRAY_UNIQUE_AGG(column1))", "2"),
    ("BITAND_AGG(column2) + BITOR_AGG(column2) + BITXOR_AGG(column2)", "6"),
    ("BOOLAND_AGG(column3)", "False"),
    ("BOOLXOR_AGG(column3)", "True"),
    ("MODE(column1)", "2"),
    ("ROUND(STDDEV(column2) + STDDEV_SAMP(column2), 6)", "4.0"),
    ("ROUND(STDDEV_POP(column2), 6)", "1.632993"),
    ("VARIANCE(column2) + VAR_SAMP(column2) + VARIANCE_SAMP(column2)", "12.0"),
    ("ROUND(VAR_POP(column2) + VARIANCE_POP(column2), 6)", "5.333333"),
    ("ROUND(CORR(column1, column2), 6)", "0.866025"),
    ("ROUND(COVAR_POP(column1, column2) + COVAR_SAMP(column1, column2), 6)", "1.666667"),
    ("ROUND(REGR_SLOPE(column2, column1) + REGR_INTERCEPT(column2, column1), 6)", "2.0"),
    ("ROUND(REGR_R2(column2, column1), 6)", "0.75"),
]

WINDOWS = [
    ("RANK() OVER (ORDER BY column1)", "[1, 2, 2]"),
    ("DENSE_RANK() OVER (ORDER BY column1 DESC)", "[2, 1, 1]"),
    ("PERCENT_RANK() OVER (ORDER BY column2)", "[0.0, 0.5, 1.0]"),
    ("CUME_DIST() OVER (ORDER BY column1)", "[0.3333333333333333, 1.0, 1.0]"),
    ("NTH_VALUE(column2, 2) OVER (ORDER BY column2)", "[4, 4, 4]"),
    ("SUM(column2) OVER (ORDER BY column2 ROWS BETWEEN 1 PRECEDING AND CURRENT ROW)", "[2, 6, 10]"),
    ("COUNT(*) OVER (PARTITION BY column1)", "[1, 2, 2]"),
    ("SEQ8()", "[0, 1, 2]"),
]


@pytest.mark.parametrize(("expression", "expected"), SCALARS, ids=[each[0][:60] for each in SCALARS])
def test_scalar(expression: str, expected: str | None) -> None:
    assert _texts(ACCOUNT.rows(f"SELECT {expression}")) == [expected]


@pytest.mark.parametrize(("expression", "expected"), AGGREGATES, ids=[each[0] for each in AGGREGATES])
def test_aggregate(expression: str, expected: str) -> None:
    assert _texts(ACCOUNT.rows(f"SELECT {expression} FROM {ROWS}")) == [expected]


@pytest.mark.parametrize(("expression", "expected"), WINDOWS, ids=[each[0] for each in WINDOWS])
def test_window(expression: str, expected: str) -> None:
    rows = ACCOUNT.rows(f"SELECT {expression} FROM {ROWS} ORDER BY column2")
    assert f"[{', '.join(str(value) for (value,) in rows)}]" == expected


def test_groupings() -> None:
    shown = "column1, GROUPING(column1), GROUPING_ID(column1), COUNT(*)"
    sql = f"SELECT {shown} FROM {ROWS} GROUP BY ROLLUP(column1) ORDER BY 1"
    assert [[str(value) for value in row] for row in ACCOUNT.rows(sql)] == [
        ["1", "0", "0", "1"],
        ["2", "0", "0", "2"],
        ["None", "1", "1", "3"],
    ]


def test_no_function_without_a_fact() -> None:
    told: list[str] = [str(each[0]) for each in (*EVERY, *FACTS, *SCALARS, *AGGREGATES, *WINDOWS)]
    told.append("GROUPING(x) GROUPING_ID(x)")
    called = {name.upper() for text in told for name in re.findall(r"(\w+)\s*\(", text)}
    bare = {name.upper() for text in told for name in re.findall(r"\bCURRENT_\w+\b", text)}
    assert set(FUNCTIONS) - called - bare == set()


def test_a_function_is_supported_or_refused() -> None:
    assert not REFUSED & set(FUNCTIONS)


@pytest.mark.parametrize("name", sorted(REFUSED))
def test_refused_by_name(name: str) -> None:
    with pytest.raises(SnowflakeError, match=f"The function {re.escape(name)} is not supported by the local account"):
        find(name)


def _texts(rows: list[tuple[object, ...]]) -> list[str | None]:
    return [None if value is None else str(value) for value in rows[0]]
