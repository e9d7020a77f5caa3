from datetime import UTC, datetime, timedelta

import pytest

from pipeline.cli.words import brief, counted, duration, size


@pytest.mark.parametrize(
    ("seconds", "wanted"),
    [(0.0, "0 ms"), (0.0042, "4 ms"), (0.9994, "999 ms"), (1.0, "1.0 s"), (59.94, "59.9 s"), (61, "1 min 1 s")],
)
def test_duration(seconds: float, wanted: str) -> None:
    assert duration(seconds) == wanted


@pytest.mark.parametrize(("number", "wanted"), [(0, "0 rows"), (1, "1 row"), (2, "2 rows")])
def test_counted(number: int, wanted: str) -> None:
    assert counted(number, "row") == wanted


@pytest.mark.parametrize(
    ("count", "wanted"), [(0, "0 B"), (1023, "1023 B"), (1024, "1.0 KiB"), (1 << 20, "1.0 MiB"), (5 << 30, "5.0 GiB")]
)
def test_size(count: int, wanted: str) -> None:
    assert size(count) == wanted


def test_a_brief_time_is_the_minute_of_the_last_day_and_the_day_of_all_others() -> None:
    now = datetime.now(UTC)
    assert brief(now) == f"{now.astimezone():%H:%M}"
    assert brief(now - timedelta(days=1)) == f"{(now - timedelta(days=1)).astimezone():%Y-%m-%d}"
    assert brief(now + timedelta(hours=2)) == f"{(now + timedelta(hours=2)).astimezone():%Y-%m-%d}"
