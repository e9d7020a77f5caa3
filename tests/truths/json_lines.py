"""Lines of JSON and their values, as both pipelines take them."""

import json
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import NoReturn

_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)?", re.ASCII)


def read_files(paths: Iterable[Path]) -> list[tuple[str, list[str]]]:
    """Name and lines of each file, in order of arrival; split on newlines only, as JSON Lines wants."""
    return [(path.name, path.read_text(encoding="utf-8").split("\n")) for path in paths]


def load(text: str) -> object:
    """A line's value. Raises ValueError for what is no JSON."""

    def refuse(constant: str) -> NoReturn:
        raise ValueError(f"{constant} is no JSON")

    # A number with an exponent stays text, so that it is no decimal number here, as on Snowflake.
    return json.loads(
        text,
        parse_float=lambda number: number if "e" in number.lower() else Decimal(number),
        parse_constant=refuse,
    )


def utc(text: object) -> datetime | None:
    """ISO-8601 text as UTC without zone; text without zone is UTC already; None when it is no such time."""
    if not isinstance(text, str) or not _TIME.fullmatch(text):
        return None
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        return None
    return time if time.tzinfo is None else time.astimezone(UTC).replace(tzinfo=None)


def decimal(value: object, precision: int, scale: int) -> Decimal | None:
    """A number without an exponent as NUMBER(precision, scale), rounded half away from zero; None when it is none."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return None
    rounded = Decimal(value).quantize(Decimal(1).scaleb(-scale), ROUND_HALF_UP)
    return rounded if abs(rounded) < Decimal(10) ** (precision - scale) else None


def whole(value: object) -> int | None:
    """A whole number; None for anything else."""
    return None if isinstance(value, bool) or not isinstance(value, int) else value
