"""INTERVAL constants: `x + INTERVAL '1 day, 2 hours'` (docs.snowflake.com/en/sql-reference/data-types-datetime)."""

import re

from sqlglot import exp

from pipeline.local.dialect.dateparts import Part, moved, part_of
from pipeline.local.dialect.typed import Typed
from pipeline.local.errors import compilation

_PIECE = re.compile(r"\s*([+-]?\d+)\s*([A-Za-z]*)\s*(?:,|\Z)")


def moved_by_interval(value: Typed, interval: exp.Interval, sign: int) -> Typed:
    """The moment moved by each part of the interval, in the order written."""
    for amount, part in _parts(interval):
        value = moved(value, part, str(sign * amount))
    return value


def _parts(interval: exp.Interval) -> list[tuple[int, Part]]:
    if not isinstance(interval.this, exp.Literal):
        raise compilation("An INTERVAL takes a literal.", 1003, "42000")
    unit = interval.args.get("unit")
    written = f"{interval.this.name} {unit.name if unit is not None else ''}".strip()
    result: list[tuple[int, Part]] = []
    position = 0
    while position < len(written):
        match = _PIECE.match(written, position)
        if match is None:
            raise compilation(f"Invalid interval literal '{written}'.", 1003, "42000")
        result.append((int(match[1]), part_of(match[2] or "second")))
        position = match.end()
    return result
