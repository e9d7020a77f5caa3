"""A table as all views draw it."""

from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.table import Table


def draw(
    console: Console,
    columns: Sequence[str],
    rows: Iterable[Sequence[str]],
    *,
    right: frozenset[int] = frozenset(),
) -> None:
    """Print a table; `right` are the positions of the columns that are set flush right."""
    table = Table(box=None, pad_edge=False, header_style="bold", show_edge=False)
    for position, column in enumerate(columns):
        table.add_column(column, justify="right" if position in right else "left", overflow="fold")
    for row in rows:
        table.add_row(*row)
    if console.is_terminal:
        console.print(table)
        return
    with console.capture() as capture:
        console.print(table)
    # Rich fills every line up to the table's width, which nobody wants in a file.
    for line in capture.get().splitlines():
        console.print(line.rstrip(), soft_wrap=True)
