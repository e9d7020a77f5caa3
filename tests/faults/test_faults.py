"""Twenty spoilt deploys, drawn by a seed; `make faults` runs them all, at every position."""

import random
from pathlib import Path

import pytest

from faults.campaign import Case, run_case, undisturbed
from faults.proxy import Fault
from faults.world import Prepared, prepare

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


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    return prepare(tmp_path_factory.mktemp("faults") / "prepared")


@pytest.fixture(scope="module")
def wanted(prepared: Prepared, tmp_path_factory: pytest.TempPathFactory) -> dict[str, object]:
    found, requests = undisturbed(prepared, tmp_path_factory.mktemp("wanted") / "case", 20)
    assert requests >= LAST
    return found


@pytest.mark.parametrize("case", drawn(), ids=lambda case: f"{case.fault.value} {case.position} of {case.parallel}")
def test_the_next_deploy_ends_as_if_nothing_had_happened(
    prepared: Prepared, wanted: dict[str, object], tmp_path: Path, case: Case
) -> None:
    verdict = run_case(prepared, tmp_path / "case", case, wanted)
    assert verdict.problems == ()
    assert verdict.struck
