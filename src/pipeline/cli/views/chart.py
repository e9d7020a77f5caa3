"""Bars and lines in the terminal, as lines of text."""

from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len, set_cell_size

from pipeline.project.charts import ChartKind

HEIGHT = 12
"""Lines of text that a line chart takes."""
_EIGHTHS = " ▏▎▍▌▋▊▉█"
_BRAILLE = 0x2800
_DOTS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
"""The bit of each dot of a braille character: four rows of two."""
_LABEL = 40
"""A longer label is cut: the bars need the room."""


@dataclass(frozen=True, slots=True)
class Point:
    """A row of the chart: `value` places it, `text` is how the value is written; None is an unknown value."""

    label: str
    value: float | None
    text: str


def chart(kind: ChartKind, points: Sequence[Point], width: int) -> list[str]:
    """The chart, no line longer than `width` unless labels and values need it."""
    if not points:
        return ["There is nothing to draw: no rows."]
    if kind is ChartKind.BARS:
        return bars(points, width)
    return lines(points, width)


def bars(points: Sequence[Point], width: int) -> list[str]:
    """A bar a row; bars of negative values go to the left of the others."""
    names = [_cut(point.label) for point in points]
    named, told = max(map(cell_len, names)), max(len(point.text) for point in points)
    values = [point.value or 0.0 for point in points]
    least, most = min(0.0, *values), max(0.0, *values)
    room = max(width - named - told - 4, 8)
    span = (most - least) or 1.0
    left = round(-least / span * room)
    return [
        f"{set_cell_size(name, named)}  {point.text.rjust(told)}  {_bar(value / span * room, left)}".rstrip()
        for name, point, value in zip(names, points, values, strict=True)
    ]


def lines(points: Sequence[Point], width: int) -> list[str]:
    """One line from row to row with the greatest and the least value beside it, the first and last label below.

    The line starts at zero unless values are negative, so that a small change does not look great; it has a gap where
    a value is unknown.
    """
    known = [point for point in points if point.value is not None]
    if not known:
        return ["There is nothing to draw: no value is known."]
    greatest = max(known, key=lambda point: point.value or 0.0)
    smallest = min(known, key=lambda point: point.value or 0.0)
    top, bottom = max(greatest.value or 0.0, 0.0), min(smallest.value or 0.0, 0.0)
    ceiling = greatest.text if top else "0"
    floor = smallest.text if bottom else "0"
    margin = max(len(ceiling), len(floor))
    columns = max(width - margin - 2, 16)
    drawn = _canvas([point.value for point in points], columns, bottom, top)
    heads = [ceiling, *[""] * (HEIGHT - 2), floor]
    body = [f"{head.rjust(margin)} │{row}".rstrip() for head, row in zip(heads, drawn, strict=True)]
    first, last = _cut(points[0].label), _cut(points[-1].label)
    between = " " * max(columns - cell_len(first) - cell_len(last), 1)
    ends = f"{first}{between}{last}" if len(points) > 1 else first
    return [*body, f"{' ' * margin} └{'─' * columns}", f"{' ' * margin}  {ends}"]


def _bar(length: float, left: int) -> str:
    """A bar from the axis, which stands after `left` columns; to the left only whole columns can be drawn."""
    if length < 0:
        return ("█" * max(round(-length), 1)).rjust(left)
    eighths = max(round(length * 8), 1) if length else 0
    return " " * left + "█" * (eighths // 8) + (_EIGHTHS[eighths % 8] if eighths % 8 else "")


def _canvas(values: Sequence[float | None], columns: int, bottom: float, top: float) -> list[str]:
    """The line on a grid of braille dots, two a column and four a row of text."""
    wide, high = columns * 2, HEIGHT * 4
    cells = [[0] * columns for _ in range(HEIGHT)]
    span = top - bottom

    def at(index: int, value: float) -> tuple[float, float]:
        across = index * (wide - 1) / (len(values) - 1) if len(values) > 1 else 0.0
        return across, (high - 1) * ((top - value) / span if span else 1.0)

    for index, value in enumerate(values):
        if value is None:
            continue
        before = values[index - 1] if index else None
        start = at(index - 1, before) if before is not None else at(index, value)
        for x, y in _dots(start, at(index, value)):
            cells[y // 4][x // 2] |= _DOTS[y % 4][x % 2]
    return ["".join(chr(_BRAILLE + cell) if cell else " " for cell in row) for row in cells]


def _dots(start: tuple[float, float], end: tuple[float, float]) -> list[tuple[int, int]]:
    """The dots of a straight line, one for each step along its longer side."""
    steps = max(round(max(abs(end[0] - start[0]), abs(end[1] - start[1]))), 1)
    return [
        (round(start[0] + (end[0] - start[0]) * step / steps), round(start[1] + (end[1] - start[1]) * step / steps))
        for step in range(steps + 1)
    ]


def _cut(label: str) -> str:
    return label if cell_len(label) <= _LABEL else f"{set_cell_size(label, _LABEL - 1)}…"
