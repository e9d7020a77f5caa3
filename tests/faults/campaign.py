"""One case: a deploy spoilt at one place, the next one undisturbed, and what is different from never being spoilt.

`python -m faults.campaign` runs every fault at every position, and says how many cases failed.
"""

import argparse
import multiprocessing
import shutil
import signal
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from faults.proxy import DEAD, KILLS, Fault, Proxy
from faults.world import Prepared, environment, expire_lock, prepare, run_here, served, start_deploy, state, unfinished
from pipeline.local.folder import Endpoint

SECONDS = 180

PATIENCE = 20
DEAD_PATIENCE = 1
"""Seconds after which a deploy gives an account up: few where it never comes back."""


@dataclass(frozen=True)
class Case:
    """A fault at the `position`-th request for a statement, from 1, with so many sessions at a time."""

    fault: Fault
    position: int
    parallel: int


@dataclass(frozen=True)
class Verdict:
    """`problems` is empty when all is as it must be; `struck` tells whether the deploy got as far as the fault."""

    problems: tuple[str, ...]
    struck: bool


def undisturbed(prepared: Prepared, folder: Path, parallel: int) -> tuple[dict[str, object], int]:
    """The state after a deploy without faults, and the number of its requests for statements."""
    prepared.copy(folder)
    with served(folder) as endpoint:
        proxy = Proxy(endpoint.host, endpoint.port)
        variables = environment(folder, endpoint, proxy.port, PATIENCE)
        code, output = run_here(folder, variables, "deploy", "--parallel", str(parallel))
        assert code == 0, output
        proxy.close()
        return state(endpoint), proxy.seen


def run_case(prepared: Prepared, folder: Path, case: Case, wanted: dict[str, object]) -> Verdict:
    """Spoil a deploy, run the next, compare."""
    prepared.copy(folder)
    with served(folder) as endpoint:
        proxy = Proxy(endpoint.host, endpoint.port, case.fault, case.position)
        code, output = _spoilt(folder, endpoint, proxy, case)
        proxy.close()
        problems = []
        if code != 0 and case.fault not in DEAD | KILLS:
            problems.append(f"the spoilt deploy failed: {output}")
        expire_lock(endpoint)
        variables = environment(folder, endpoint, endpoint.port, PATIENCE)
        code, output = run_here(folder, variables, "deploy", "--parallel", str(case.parallel))
        if code != 0:
            problems.append(f"the next deploy failed: {output}")
        problems += differences(state(endpoint), wanted)
        if unfinished(endpoint):
            problems.append("a deploy or a lock was left open")
        return Verdict(tuple(problems), proxy.struck)


def _spoilt(folder: Path, endpoint: Endpoint, proxy: Proxy, case: Case) -> tuple[int, str]:
    """The exit code and the output of the spoilt deploy: a process of its own where that is to die, or to end."""
    options = ("--parallel", str(case.parallel))
    if case.fault not in DEAD | KILLS:
        return run_here(folder, environment(folder, endpoint, proxy.port, PATIENCE), "deploy", *options)
    process = start_deploy(folder, environment(folder, endpoint, proxy.port, DEAD_PATIENCE), *options)
    proxy.kill = lambda: process.send_signal(signal.SIGKILL)
    try:
        output, _ = process.communicate(timeout=SECONDS)
    finally:
        process.kill()
    return process.returncode, output


def differences(found: dict[str, object], wanted: dict[str, object]) -> list[str]:
    """What is not as it must be, in words."""
    return [
        f"{key}: {found.get(key)!r} instead of {wanted.get(key)!r}"
        for key in sorted({*found, *wanted})
        if found.get(key) != wanted.get(key)
    ]


def _in_own_folder(prepared: Prepared, wanted: dict[str, object], case: Case) -> tuple[Case, Verdict]:
    with tempfile.TemporaryDirectory(prefix="fault-") as folder:
        return case, run_case(prepared, Path(folder) / "case", case, wanted)


@dataclass(frozen=True)
class Tally:
    """Cases of one fault with so many sessions; those that ended before the fault are not counted."""

    fault: Fault
    parallel: int
    cases: int
    failures: int


def tallies(root: Path, first: int, step: int, workers: int) -> Iterator[Tally]:
    """Every fault at every `step`-th position from `first`, serial and parallel; failures are told as they come."""
    prepared = prepare(root / "prepared")
    # Not forked: DuckDB's threads do not survive that.
    with ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn")) as processes:
        for parallel in (1, 20):
            wanted, requests = undisturbed(prepared, root / f"wanted-{parallel}", parallel)
            for fault in Fault:
                counts: Counter[str] = Counter()
                cases = [Case(fault, position, parallel) for position in range(first, requests + 1, step)]
                for case, verdict in processes.map(partial(_in_own_folder, prepared, wanted), cases):
                    counts["cases"] += verdict.struck
                    counts["failures"] += bool(verdict.problems)
                    _tell(case, requests, verdict)
                yield Tally(fault, parallel, counts["cases"], counts["failures"])


def _tell(case: Case, requests: int, verdict: Verdict) -> None:
    if verdict.problems:
        sys.stdout.write(f"{case.fault.value}, at {case.position} of {requests}, {case.parallel} sessions:\n")
        sys.stdout.writelines(f"    {problem}\n" for problem in verdict.problems)
        sys.stdout.flush()


def main(arguments: list[str]) -> int:
    """A table of the counts."""
    parser = argparse.ArgumentParser(prog="faults.campaign", description=main.__doc__)
    parser.add_argument("--step", type=int, default=1, help="spoil every STEP-th request only")
    parser.add_argument("--first", type=int, default=1, help="the first request to spoil")
    parser.add_argument("--workers", type=int, default=1, help="cases at the same time")
    options = parser.parse_args(arguments)
    root = Path(tempfile.mkdtemp(prefix="faults-"))
    total: Counter[str] = Counter()
    for tally in tallies(root, options.first, options.step, options.workers):
        total.update(cases=tally.cases, failures=tally.failures)
        sys.stdout.write(
            f"| {tally.fault.value}, {tally.parallel} session{'s' * (tally.parallel > 1)} "
            f"| {tally.cases} | {tally.failures} |\n"
        )
        sys.stdout.flush()
    shutil.rmtree(root)
    sys.stdout.write(f"{total['cases']} cases, {total['failures']} failures\n")
    return 1 if total["failures"] else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
