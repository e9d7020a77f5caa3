"""Four deploys at once, in processes of their own: one after the other gets the lock, and nothing runs twice."""

from pathlib import Path

from faults.world import environment, prepare, served, start_deploy, state, unfinished

DEPLOYS = 4


def test_four_deploys_at_once(tmp_path: Path) -> None:
    prepared = prepare(tmp_path / "prepared")
    alone = prepared.copy(tmp_path / "alone")
    with served(alone) as endpoint:
        only = start_deploy(alone, environment(alone, endpoint, endpoint.port))
        output, _ = only.communicate(timeout=120)
        assert only.returncode == 0, output
        wanted = state(endpoint)
    raced = prepared.copy(tmp_path / "raced")
    with served(raced) as endpoint:
        variables = environment(raced, endpoint, endpoint.port)
        racers = [start_deploy(raced, variables, "--lock-timeout", "90") for _ in range(DEPLOYS)]
        outputs = [racer.communicate(timeout=120)[0] for racer in racers]
        assert [racer.returncode for racer in racers] == [0] * DEPLOYS, outputs
        assert state(endpoint) == wanted
        assert unfinished(endpoint) == 0
        assert sum("Nothing to do" not in output for output in outputs) == 1
