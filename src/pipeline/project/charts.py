"""What `-- chart:` says of a named query: how its rows are drawn.

-- chart: lines day revenue
-- chart: bars product_name revenue
"""

from dataclasses import dataclass
from enum import StrEnum


class ChartKind(StrEnum):
    """Lines for what goes on in time, bars for what stands side by side."""

    BARS = "bars"
    LINES = "lines"


@dataclass(frozen=True, slots=True)
class Chart:
    """A row is a point: its name from the column `label`, its height from the column `value`."""

    kind: ChartKind
    label: str
    value: str


def read_chart(text: str) -> Chart:
    """Raises ValueError, saying what is wanted."""
    parts = text.split()
    if len(parts) != 3 or parts[0] not in list(ChartKind):
        raise ValueError("a chart is written bars LABEL VALUE or lines LABEL VALUE, with two columns of the query")
    return Chart(ChartKind(parts[0]), parts[1], parts[2])
