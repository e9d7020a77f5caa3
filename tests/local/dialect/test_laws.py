"""Laws that hold for any value: arithmetic against Python's decimals, texts and times there and back."""

import datetime
from decimal import ROUND_HALF_UP, Decimal, localcontext

from hypothesis import example, given, settings
from hypothesis import strategies as st

from local.dialect.account import Account
from pipeline.sql.names import quote_literal

ACCOUNT = Account()
FEW = settings(max_examples=60, deadline=None)


@st.composite
def decimals(draw: st.DrawFn) -> tuple[Decimal, int]:
    """A value of NUMBER(12, scale), and the scale."""
    scale = draw(st.integers(0, 6))
    return Decimal(draw(st.integers(-(10**12) + 1, 10**12 - 1))).scaleb(-scale), scale


def _number(value: Decimal, scale: int) -> str:
    return f"'{value:f}'::NUMBER(12,{scale})"


def _rounded(value: Decimal, scale: int) -> Decimal:
    return value.quantize(Decimal(1).scaleb(-scale), rounding=ROUND_HALF_UP)


@FEW
@given(decimals(), decimals())
def test_arithmetic_is_exact_with_snowflakes_scales(left: tuple[Decimal, int], right: tuple[Decimal, int]) -> None:
    (a, a_scale), (b, b_scale) = left, right
    shown = f"{_number(a, a_scale)} {{}} {_number(b, b_scale)}"
    signs = ["+", "-", "*", *(["/"] if b else [])]
    found = ACCOUNT.rows(f"SELECT {', '.join(shown.format(sign) for sign in signs)}")[0]
    with localcontext(prec=80):
        wanted = [a + b, a - b, _rounded(a * b, min(a_scale + b_scale, max(a_scale, b_scale, 12)))]
        if b:
            wanted.append(_rounded(a / b, max(a_scale, min(a_scale + 6, 12))))
    assert list(found) == wanted


@FEW
@given(decimals(), st.integers(0, 5))
def test_round_is_half_away_from_zero(value: tuple[Decimal, int], scale: int) -> None:
    number, own = value
    assert ACCOUNT.rows(f"SELECT ROUND({_number(number, own)}, {scale})") == [(_rounded(number, min(scale, own)),)]


@FEW
@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\r"), max_size=20))
@example("\x01")
@example("a\x010\x02\x03")
def test_a_literal_is_the_text_it_stands_for(text: str) -> None:
    assert ACCOUNT.rows(f"SELECT {quote_literal(text)}") == [(text,)]


@FEW
@given(
    st.datetimes(datetime.datetime(1970, 1, 1), datetime.datetime(2100, 1, 1)),
    st.integers(-12 * 60, 14 * 60).map(lambda minutes: minutes // 15 * 15),
)
def test_a_timestamp_keeps_its_offset_and_its_instant(wall: datetime.datetime, minutes: int) -> None:
    zone = datetime.timezone(datetime.timedelta(minutes=minutes))
    moment = wall.replace(tzinfo=zone, microsecond=wall.microsecond // 1000 * 1000)
    given_text = moment.isoformat(sep="T", timespec="milliseconds")
    shown = f"'{given_text}'::TIMESTAMP_TZ"
    text, ntz, utc = ACCOUNT.rows(
        f"SELECT {shown}::VARCHAR, {shown}::TIMESTAMP_NTZ, CONVERT_TIMEZONE('UTC', {shown})::TIMESTAMP_NTZ"
    )[0]
    assert text == moment.strftime("%Y-%m-%d %H:%M:%S.") + f"{moment.microsecond // 1000:03d} {moment.strftime('%z')}"
    assert ntz == moment.replace(tzinfo=None)
    assert utc == moment.astimezone(datetime.UTC).replace(tzinfo=None)


@FEW
@given(st.lists(st.one_of(st.none(), st.integers(-5, 5)), min_size=1, max_size=6))
def test_nulls_are_the_greatest(values: list[int | None]) -> None:
    rows = ", ".join(f"({'NULL' if value is None else value}::INT)" for value in values)
    up = [row[0] for row in ACCOUNT.rows(f"SELECT column1 FROM VALUES {rows} ORDER BY 1")]
    down = [row[0] for row in ACCOUNT.rows(f"SELECT column1 FROM VALUES {rows} ORDER BY 1 DESC")]
    assert up == sorted(values, key=lambda value: (value is None, value or 0))
    assert down == up[::-1]
