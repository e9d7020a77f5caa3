"""Twenty spoilt deploys, drawn by a seed; `make faults` runs them all, at every position."""

import random
from pathlib import Path

import pytest

from faults.campaign import Case, run_case
from faults.proxy import Fault
from faults.world import Prepared

SEED = 4
SAMPLE = 20
PARALLEL = (1, 20)
LAST = 24
"""Positions that every deploy of the sample has, with one session or several."""


def drawn() -> list[Case]:
    """Each fault once and some again, at places drawn by the seed."""
    dice = random.Random(SEED)
    faults = [*Fault, *dice.sample(list(Fault), SAMPLE - len(Fault))]
    return [Case(fault, dice.randint(1, LAST), dice.choice(PARALLEL)) for fault in faults]


def test_the_deploy_is_long_enough(reference: tuple[dict[str, object], int]) -> None:
    assert reference[1] >= LAST


@pytest.mark.parametrize("case", drawn(), ids=lambda case: f"{case.fault.value} {case.position} of {case.parallel}")
def test_the_next_deploy_ends_as_if_nothing_had_happened(
    prepared: Prepared, wanted: dict[str, object], tmp_path: Path, case: Case
) -> None:
    verdict = run_case(prepared, tmp_path / "case", case, wanted)
    assert verdict.problems == ()
    assert verdict.struck
