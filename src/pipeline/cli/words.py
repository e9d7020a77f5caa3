"""Numbers, times and sizes as people read them."""

from datetime import UTC, datetime, timedelta


def counted(number: int, thing: str) -> str:
    """`1 row`, `2 rows`."""
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


def duration(seconds: float) -> str:
    """Milliseconds below a second, one decimal below a minute."""
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s"


def size(count: int) -> str:
    """Bytes in the unit that fits."""
    amount = float(count)
    for unit in ("B", "KiB", "MiB"):
        if amount < 1024:
            return f"{amount:.0f} {unit}" if unit == "B" else f"{amount:.1f} {unit}"
        amount /= 1024
    return f"{amount:.1f} GiB"


def brief(time: datetime) -> str:
    """To the minute when it is of the last day, else the day alone; by the clock on the user's wall."""
    local = time.astimezone()
    return f"{local:%H:%M}" if timedelta() <= datetime.now(UTC) - time < timedelta(days=1) else f"{local:%Y-%m-%d}"


def moment(time: datetime | None) -> str:
    """To the second, by the clock on the user's wall: the account's session may be in another zone."""
    return "–" if time is None else f"{time.astimezone():%Y-%m-%d %H:%M:%S}"
