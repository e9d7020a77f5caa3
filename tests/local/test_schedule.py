from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.local.errors import SnowflakeError
from pipeline.local.schedule import INVALID, Cron, Interval, parse_completion_interval, parse_schedule

FRIDAY = datetime(2026, 9, 11, 13, 10, 17, tzinfo=UTC)


def next_fire(cron: str, after: datetime = FRIDAY) -> str | None:
    point = parse_schedule(f"USING CRON {cron}").next_after(after, after)
    return None if point is None else point.astimezone(UTC).strftime("%Y-%m-%d %H:%M")


def fires(cron: str, start: datetime, count: int) -> list[str]:
    schedule, found = parse_schedule(f"USING CRON {cron}"), []
    for _ in range(count):
        point = schedule.next_after(start, start)
        assert point is not None
        start = point
        found.append(start.astimezone(UTC).strftime("%d %H:%M"))
    return found


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("90 SECONDS", 90),
        ("10 SECOND", 10),
        ("90 S", 90),
        ("11 minutes", 660),
        ("1 HOUR", 3600),
        ("2 h", 7200),
        ("+5 M", 300),
        ("10 SECONDS  ", 10),
        ("10\tMINUTE\n", 600),
        ("11520 MINUTES", 691_200),
        ("192 HOURS", 691_200),
    ],
)
def test_an_interval_is_a_count_one_space_and_a_unit(text: str, seconds: int) -> None:
    assert parse_schedule(text) == Interval(timedelta(seconds=seconds))


@pytest.mark.parametrize(
    "text",
    [
        "",
        " 10 SECONDS",
        "10  MINUTES",
        "5M",
        "1 MINS",
        "1 MIN",
        "1 DAY",
        "-5 MINUTES",
        "0 H",
        "NONSENSE",
        "99999999999999999999 MINUTES",
        "USING CRON",
        "1.5 HOURS",
    ],
)
def test_anything_else_is_refused_in_one_sentence(text: str) -> None:
    with pytest.raises(SnowflakeError) as caught:
        parse_schedule(text)
    assert caught.value.message == INVALID


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("9 SECONDS", "Cannot set schedule less than 10 seconds."),
        ("11521 MINUTES", "Cannot set schedule greater than 11,520 minutes."),
        ("691201 SECONDS", "Cannot set schedule greater than 11,520 minutes."),
        ("2562047788016 HOURS", "Cannot set schedule greater than 11,520 minutes."),
    ],
)
def test_the_limits_of_an_interval(text: str, message: str) -> None:
    with pytest.raises(SnowflakeError) as caught:
        parse_schedule(text)
    assert caught.value.message == message


@given(st.integers(10, 691_200), st.integers(0, 10_000_000))
def test_interval_points_lie_on_the_grid_of_the_base_and_come_next(seconds: int, passed: int) -> None:
    base = FRIDAY
    moment = base + timedelta(seconds=passed)
    point = Interval(timedelta(seconds=seconds)).next_after(moment, base)
    assert (point - base).total_seconds() % seconds == 0
    assert moment < point <= moment + timedelta(seconds=seconds)


def test_a_completion_interval_reaches_from_ten_seconds_to_a_day() -> None:
    assert parse_completion_interval("86400 SECOND") == timedelta(days=1)
    for text in ("9 SECOND", "86401 SECOND", " 10 MINUTE", "10 MIN", "1 DAY"):
        with pytest.raises(SnowflakeError) as caught:
            parse_completion_interval(text)
        assert caught.value.message.endswith(f"invalid value [{text}] for parameter 'TARGET_COMPLETION_INTERVAL'")


@pytest.mark.parametrize(
    ("cron", "expected"),
    [
        ("*/7 * * * * UTC", "2026-09-11 13:14"),
        ("0 */2 * * * UTC", "2026-09-11 14:00"),
        ("30 9 * * 1-5 America/Los_Angeles", "2026-09-11 16:30"),
        ("0 12 * * SUN UTC", "2026-09-13 12:00"),
        ("10-40/10 * * * * UTC", "2026-09-11 13:20"),
        ("0 6 * * MON-FRI Europe/Warsaw", "2026-09-14 04:00"),
        ("0 0 * * */2 UTC", "2026-09-12 00:00"),
        ("*/61 * * * * UTC", "2026-09-11 14:00"),
        ("0 0 * * * utc", "2026-09-12 00:00"),
        ("0 0 * * * Etc/GMT+5", "2026-09-12 05:00"),
        ("0   0  *  *  *   UTC", "2026-09-12 00:00"),
        ("0 0 * JAN-DEC/2 * UTC", "2026-09-12 00:00"),
        ("0 0 1 * MON UTC", "2026-09-14 00:00"),
        ("0 0 L * 1 UTC", "2026-09-14 00:00"),
        ("0 0 */2 * MON UTC", "2026-09-13 00:00"),
        ("0 0 L * * UTC", "2026-09-30 00:00"),
        ("0 0 1,L * * UTC", "2026-09-30 00:00"),
        ("0 0 * * 5L UTC", "2026-09-25 00:00"),
        ("0 0 * * FRIL UTC", "2026-09-25 00:00"),
        ("0 0 L 2 * UTC", "2027-02-28 00:00"),
        ("0 0 29 2 * UTC", "2028-02-29 00:00"),
        ("0 0 31 2 * UTC", None),
        ("0 0 31 4 * UTC", None),
    ],
)
def test_the_next_fire_of_a_cron_expression(cron: str, expected: str | None) -> None:
    assert next_fire(cron) == expected


def test_the_next_fire_is_strictly_later() -> None:
    assert next_fire("* * * * * UTC", datetime(2026, 9, 11, 13, 14, tzinfo=UTC)) == "2026-09-11 13:15"


@pytest.mark.parametrize(
    "cron",
    [
        "0 0 ? * *",
        "*/0 * * * *",
        "10-5 * * * *",
        "0 0 L-3 * *",
        "0 24 * * *",
        "0 0 1 13 *",
        "0 0 1 0 *",
        "0 0 0 * *",
        "0 0 * * 1-5L",
        "0 0 * * 7L",
        "0,15, * * * *",
        "* * * * * *",
        "0 0 * * 7",
        "0 0 * * 1#2",
        "0 0 15W * *",
        "61 * * * *",
        "0 0 32 * *",
        "0 0 * * L",
        "* * *",
    ],
)
def test_malformed_fields_are_refused(cron: str) -> None:
    with pytest.raises(SnowflakeError) as caught:
        parse_schedule(f"USING CRON {cron} UTC")
    assert caught.value.message == INVALID


@pytest.mark.parametrize(
    ("cron", "zone"), [("* * * * *", "*"), ("0 0 * * * PST", "PST"), ("0 0 * * * +01:00", "+01:00")]
)
def test_an_unknown_zone_is_named(cron: str, zone: str) -> None:
    with pytest.raises(SnowflakeError) as caught:
        parse_schedule(f"USING CRON {cron}")
    assert f'"{zone}" is not a recognized time zone.' in caught.value.message


def test_a_local_time_that_the_clock_change_repeats_is_due_twice() -> None:
    # docs.snowflake.com/en/user-guide/tasks-intro: 0 1 * * * America/Los_Angeles runs twice in autumn.
    start = datetime(2026, 10, 31, 12, tzinfo=UTC)
    assert fires("0 1 * * * America/Los_Angeles", start, 3) == ["01 08:00", "01 09:00", "02 09:00"]
    half_hours = fires("0,30 1 * * * America/Los_Angeles", start, 5)
    assert half_hours == ["01 08:00", "01 08:30", "01 09:00", "01 09:30", "02 09:00"]


def test_a_local_time_that_the_clock_change_leaves_out_is_not_due() -> None:
    # The same page: 0 2 * * * America/Los_Angeles does not run on the day of the change in spring.
    start = datetime(2026, 3, 7, 20, tzinfo=UTC)
    assert fires("0 2 * * * America/Los_Angeles", start, 2) == ["09 09:00", "10 09:00"]


def test_a_frequent_schedule_keeps_its_pace_over_clock_changes() -> None:
    for day in (datetime(2026, 3, 8, tzinfo=UTC), datetime(2026, 11, 1, tzinfo=UTC)):
        schedule = parse_schedule("USING CRON */20 * * * * America/Los_Angeles")
        assert isinstance(schedule, Cron)
        points = [day]
        while points[-1] < day + timedelta(days=1):
            point = schedule.next_after(points[-1], day)
            assert point is not None
            points.append(point)
        assert {later - earlier for earlier, later in pairwise(points)} == {timedelta(minutes=20)}
