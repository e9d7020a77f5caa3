"""Write events of the two example pipelines, for samples and for load."""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TextIO

from pipeline.errors import UsageError
from pipeline.generate.caves import CavesConfig, caves
from pipeline.generate.disorder import Disorder
from pipeline.generate.orders import OrdersConfig, orders

_BLOCK = 1000


@dataclass(frozen=True, slots=True)
class Generated:
    """How many lines were written, and where; None is standard output."""

    lines: int
    out: Path | None


def generate(kind: str, *, count: int, seed: int, rate: float, disorder: Disorder, out: Path | None) -> Generated:
    """Write `count` lines of `kind` (orders or caves), made by `seed`; the same arguments give the same bytes.

    `rate` is in events per second of event time. Raises UsageError when the file cannot be written.
    """
    if count < 1:
        raise UsageError(f"--count must be at least 1, not {count}.")
    lines = _LINES[kind](seed, count, rate, disorder)
    if out is None:
        written = _write(sys.stdout, lines)
        sys.stdout.flush()
        return Generated(written, None)
    try:
        with out.open("w", encoding="utf-8", newline="\n") as file:
            return Generated(_write(file, lines), out)
    except OSError as error:
        raise UsageError(f"{out} cannot be written: {error.strerror}.") from error


def _write(file: TextIO, lines: Iterator[str]) -> int:
    """Write the lines in blocks: a million of them one by one would take twice as long."""
    written = 0
    while block := list(islice(lines, _BLOCK)):
        file.write("\n".join(block) + "\n")
        written += len(block)
    return written


def _orders(seed: int, count: int, rate: float, disorder: Disorder) -> Iterator[str]:
    return orders(OrdersConfig(seed=seed, count=count, rate=rate, disorder=disorder))


def _caves(seed: int, count: int, rate: float, disorder: Disorder) -> Iterator[str]:
    return caves(CavesConfig(seed=seed, count=count, rate=rate, disorder=disorder))


_LINES = {"orders": _orders, "caves": _caves}
KINDS = tuple(_LINES)
