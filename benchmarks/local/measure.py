"""Time and peak memory of a function in a process of its own."""

import multiprocessing
import resource
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection


@dataclass(frozen=True, slots=True)
class Measured:
    """Seconds of each named part, by the clock and of the processors, and the process's peak memory."""

    seconds: dict[str, float]
    processor: dict[str, float]
    peak_mib: dict[str, float]
    """The highest until the end of each part."""

    @property
    def total(self) -> float:
        return sum(self.seconds.values())

    @property
    def peak(self) -> float:
        return max(self.peak_mib.values())

    @property
    def processor_total(self) -> float:
        return sum(self.processor.values())


class Stopwatch:
    """Collects the seconds of named parts."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self.processor: dict[str, float] = {}
        self.peak_mib: dict[str, float] = {}

    def time(self, name: str, part: Callable[[], object]) -> None:
        start, busy = time.perf_counter(), time.process_time()
        part()
        self.seconds[name] = time.perf_counter() - start
        self.processor[name] = time.process_time() - busy
        self.peak_mib[name] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def measure(work: Callable[[Stopwatch], None]) -> Measured:
    """Run `work` in a fresh process, so that its peak memory is its own."""
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=_run, args=(work, there))
    process.start()
    there.close()  # so that a process that fails ends the wait
    measured: Measured = here.recv()
    process.join()
    return measured


def in_turns(rounds: int, *works: Callable[[Stopwatch], None]) -> list[Measured]:
    """Measure each of `works` so many times, in turns, so that a machine that slows down slows all of them.

    Of each the quickest round, with the highest memory of all its rounds.
    """
    measured = [[measure(work) for work in works] for _ in range(rounds)]
    return [_quickest(turns) for turns in zip(*measured, strict=True)]


def _quickest(turns: Sequence[Measured]) -> Measured:
    peaks = {part: max(turn.peak_mib[part] for turn in turns) for part in turns[0].peak_mib}
    return replace(min(turns, key=lambda turn: turn.total), peak_mib=peaks)


def _run(work: Callable[[Stopwatch], None], answer: Connection) -> None:
    watch = Stopwatch()
    work(watch)
    answer.send(Measured(watch.seconds, watch.processor, watch.peak_mib))
