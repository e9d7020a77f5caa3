"""One case: a deploy spoilt at one place, the next one undisturbed, and what is different from never being spoilt.

`python -m faults.campaign` runs every fault at every position, and says how many cases failed.
"""

import shutil
import signal
import subprocess
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from faults.proxy import Fault, Proxy
from faults.world import Prepared, environment, expire_lock, prepare, served, start_deploy, state, unfinished

SECONDS = 120


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
    first_exit: int


def undisturbed(prepared: Prepared, folder: Path, parallel: int) -> tuple[dict[str, object], int]:
    """The state after a deploy without faults, and the number of its requests for statements."""
    prepared.copy(folder)
    with served(folder) as endpoint:
        proxy = Proxy(endpoint.host, endpoint.port)
        process = start_deploy(folder, environment(folder, endpoint, proxy.port), "--parallel", str(parallel))
        output, _ = process.communicate(timeout=SECONDS)
        assert process.returncode == 0, output
        proxy.close()
        return state(endpoint), proxy.seen


def run_case(prepared: Prepared, folder: Path, case: Case, wanted: dict[str, object]) -> Verdict:
    """Spoil a deploy, run the next, compare."""
    prepared.copy(folder)
    with served(folder) as endpoint:
        proxy = Proxy(endpoint.host, endpoint.port, case.fault, case.position)
        variables = environment(folder, endpoint, proxy.port)
        process = start_deploy(folder, variables, "--parallel", str(case.parallel))
        proxy.kill = lambda: process.send_signal(signal.SIGKILL)
        try:
            process.communicate(timeout=SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            return Verdict(("the spoilt deploy did not end",), proxy.struck, -1)
        proxy.close()
        expire_lock(endpoint)
        again = start_deploy(folder, environment(folder, endpoint, endpoint.port), "--parallel", str(case.parallel))
        output, _ = again.communicate(timeout=SECONDS)
        problems = [] if again.returncode == 0 else [f"the next deploy failed: {output}"]
        problems += _differences(state(endpoint), wanted)
        if unfinished(endpoint):
            problems.append("a deploy or a lock was left open")
        return Verdict(tuple(problems), proxy.struck, process.returncode)


def _differences(found: dict[str, object], wanted: dict[str, object]) -> list[str]:
    return [
        f"{key}: {found.get(key)!r} instead of {wanted.get(key)!r}"
        for key in sorted({*found, *wanted})
        if found.get(key) != wanted.get(key)
    ]


def main(arguments: list[str]) -> int:
    """Every fault at every position, serial and parallel; a table of the counts."""
    step = int(arguments[0]) if arguments else 1
    root = Path(tempfile.mkdtemp(prefix="faults-"))
    prepared = prepare(root / "prepared")
    cases: Counter[tuple[Fault, int]] = Counter()
    failures: Counter[tuple[Fault, int]] = Counter()
    for parallel in (1, 20):
        wanted, requests = undisturbed(prepared, root / f"wanted-{parallel}", parallel)
        for fault in Fault:
            for position in range(1, requests + 1, step):
                folder = root / "case"
                verdict = run_case(prepared, folder, Case(fault, position, parallel), wanted)
                shutil.rmtree(folder)
                cases[fault, parallel] += verdict.struck
                if verdict.problems:
                    failures[fault, parallel] += 1
                    sys.stdout.write(f"{fault.value} at {position} of {requests}, {parallel} sessions:\n")
                    sys.stdout.writelines(f"    {problem}\n" for problem in verdict.problems)
            sys.stdout.write(
                f"{fault.value:<24} {parallel:>2} sessions  {cases[fault, parallel]:>4} cases"
                f"  {failures[fault, parallel]:>4} failures\n"
            )
            sys.stdout.flush()
    shutil.rmtree(root)
    sys.stdout.write(f"{sum(cases.values())} cases, {sum(failures.values())} failures\n")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
