"""Deploys at once, in processes of their own: one after the other gets the lock, and nothing runs twice."""

from pathlib import Path

import pytest

from faults.world import Prepared, environment, served, start_deploy, state, unfinished


@pytest.mark.parametrize("deploys", [2, 4])
def test_deploys_at_once(prepared: Prepared, wanted: dict[str, object], tmp_path: Path, deploys: int) -> None:
    raced = prepared.copy(tmp_path / "raced")
    with served(raced) as endpoint:
        variables = environment(raced, endpoint, endpoint.port)
        racers = [start_deploy(raced, variables, "--lock-timeout", "90") for _ in range(deploys)]
        outputs = [racer.communicate(timeout=120)[0] for racer in racers]
        assert [racer.returncode for racer in racers] == [0] * deploys, outputs
        assert state(endpoint) == wanted
        assert unfinished(endpoint) == 0
        assert sum("Nothing to do" not in output for output in outputs) == 1


def test_without_patience_the_second_is_refused(prepared: Prepared, wanted: dict[str, object], tmp_path: Path) -> None:
    raced = prepared.copy(tmp_path / "raced")
    with served(raced) as endpoint:
        variables = environment(raced, endpoint, endpoint.port)
        racers = [start_deploy(raced, variables) for _ in range(2)]
        outputs = [racer.communicate(timeout=120)[0] for racer in racers]
        codes = {racer.returncode for racer in racers}
        assert 0 in codes
        assert codes <= {0, 10}, outputs
        assert state(endpoint) == wanted
        assert unfinished(endpoint) == 0
