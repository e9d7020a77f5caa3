"""Bars and lines as they stand in the terminal: the golden files are in `charts/`."""

from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from rich.cells import cell_len

from cli.mini import mini_project
from pipeline.cli.run import run
from pipeline.cli.views.chart import HEIGHT, Point, chart
from pipeline.errors import ExitCode
from pipeline.project.charts import Chart, ChartKind, read_chart

GOLDEN = Path(__file__).parent / "charts"
WIDTH = 60


def points(**values: float | None) -> list[Point]:
    return [Point(label, value, "NULL" if value is None else f"{value:g}") for label, value in values.items()]


DAYS = {f"2026-03-{day:02}": value for day, value in enumerate((3, 5, 4, 9, 12, 12, 7, 1, 0, 6), 1)}
CASES = {
    "bars": (ChartKind.BARS, points(Rouge=120, Blanc=60, Rosé=0.5, Effervescent=0)),
    "bars_unknown": (ChartKind.BARS, points(Rouge=120, Blanc=None)),
    "bars_negative": (ChartKind.BARS, points(REPLENISHMENT=57, CORRECTION=-31, SPOILAGE=-0.2)),
    "bars_all_negative": (ChartKind.BARS, points(CORRECTION=-31, SPOILAGE=-10)),
    "bars_wide_signs": (ChartKind.BARS, points(**{"🍷 Rouge": 12, "Blanc": 6, "é" * 50: 3})),
    "bars_zero": (ChartKind.BARS, points(Rouge=0, Blanc=0)),
    "lines": (ChartKind.LINES, points(**DAYS)),
    "lines_negative": (ChartKind.LINES, points(a=-4, b=2, c=6, d=-1)),
    "lines_gap": (ChartKind.LINES, points(a=1, b=2, c=None, d=2, e=1)),
    "lines_one": (ChartKind.LINES, points(alone=5)),
    "lines_zero": (ChartKind.LINES, points(a=0, b=0)),
    "lines_unknown": (ChartKind.LINES, points(a=None)),
    "no_rows": (ChartKind.BARS, []),
}


@pytest.mark.parametrize("name", CASES)
def test_a_chart_looks_as_it_did(name: str) -> None:
    kind, given_points = CASES[name]
    drawn = "\n".join(chart(kind, given_points, WIDTH)) + "\n"
    assert drawn == (GOLDEN / f"{name}.txt").read_text(encoding="utf-8")


@given(st.lists(st.floats(-1e9, 1e9), min_size=1, max_size=40), st.integers(20, 200))
@example([2.2250738585e-313], 20)
def test_bars_are_as_long_as_their_values(values: list[float], width: int) -> None:
    made = [Point("x", value, "1") for value in values]
    room = max(width - 6, 8)
    span = max(0.0, *values) - min(0.0, *values)
    for value, line in zip(values, chart(ChartKind.BARS, made, width), strict=True):
        filled = sum(line.count(sign) for sign in "▏▎▍▌▋▊▉█")
        assert abs(filled - (abs(value) * room / span if span else 0)) <= 1
        assert cell_len(line) <= max(width, 14) + 1


@given(st.lists(st.none() | st.floats(-1e9, 1e9), min_size=1, max_size=300), st.integers(20, 200))
def test_lines_fit_their_height_and_width(values: list[float | None], width: int) -> None:
    drawn = chart(ChartKind.LINES, [Point("x", value, "1") for value in values], width)
    if any(value is not None for value in values):
        assert len(drawn) == HEIGHT + 2
        assert max(map(cell_len, drawn)) <= max(width, 19)


def test_what_a_query_says_of_its_chart() -> None:
    assert read_chart("lines day revenue") == Chart(ChartKind.LINES, "day", "revenue")
    for wrong in ("", "bars", "bars day", "pie day revenue", "bars day revenue more"):
        with pytest.raises(ValueError, match="bars LABEL VALUE"):
            read_chart(wrong)


QUERIES = """\
-- name: plain
SELECT 1 AS a;
-- name: drawn
-- title: Drawn
-- chart: bars b a
SELECT 2 AS a, 'x' AS b UNION ALL SELECT 1, 'y' ORDER BY b;
-- name: text
-- chart: bars a b
SELECT 2 AS a, 'x' AS b;
-- name: wrong
-- chart: bars b missing
SELECT 2 AS a, 'x' AS b;
"""


def test_query_chart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(mini_project(tmp_path, queries=QUERIES))
    assert run(["query", "drawn", "--chart"]) == ExitCode.OK
    title, *drawn = capsys.readouterr().out.splitlines()
    assert (title, [line[:6] for line in drawn]) == ("Drawn", ["x  2  ", "y  1  "])
    assert drawn[0].count("█") == 2 * drawn[1].count("█") + drawn[1].count("▌")
    for arguments, code, message in (
        (["plain", "--chart"], ExitCode.USAGE, "query 'plain' has no chart"),
        (["--chart"], ExitCode.USAGE, "--chart goes with the NAME of a query"),
        (["drawn", "--chart", "--format", "csv"], ExitCode.USAGE, "--chart goes with the NAME of a query"),
        (["text", "--chart"], ExitCode.USAGE, "the column 'b' cannot be drawn: 'x' is no number"),
        (["wrong", "--chart"], ExitCode.FAILED, "the chart's column 'missing' is none of the query's"),
    ):
        assert run(["query", *arguments]) == code, arguments
        assert message in capsys.readouterr().err


def test_a_chart_that_is_written_wrongly_is_refused_with_its_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(mini_project(tmp_path, queries="-- name: q\n-- chart: pie a b\nSELECT 1 AS a, 2 AS b;\n"))
    run(["query"])
    error = capsys.readouterr().err
    assert "a chart is written bars LABEL VALUE" in error
    assert "sql/q.sql:2" in error
