"""What ends a deploy half-way without a fault of the connection; the next one ends as if nothing had happened."""

import multiprocessing
import re
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from faults.campaign import differences
from faults.disk import serve_with_little_room
from faults.proxy import Fault, Proxy
from faults.world import (
    Prepared,
    environment,
    expire_lock,
    run_here,
    served,
    start_deploy,
    state,
    unfinished,
    value,
)
from pipeline.local.folder import Endpoint

SECONDS = 120
KIB = 1 << 10


def deploy(folder: Path, endpoint: Endpoint, *options: str) -> tuple[int, str]:
    """The exit code and the output of a deploy."""
    return run_here(folder, environment(folder, endpoint, endpoint.port), "deploy", *options)


def deploy_killed(folder: Path, endpoint: Endpoint, position: int) -> None:
    """A deploy that dies while its `position`-th request runs."""
    proxy = Proxy(endpoint.host, endpoint.port, Fault.KILL_RUNNING, position)
    process = start_deploy(folder, environment(folder, endpoint, proxy.port))
    proxy.kill = lambda: process.send_signal(signal.SIGKILL)
    process.communicate(timeout=SECONDS)
    proxy.close()
    assert proxy.struck


def edit(folder: Path, script: str, old: str, new: str) -> None:
    """Replace a text that the script has."""
    file = folder / "sql" / script
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")


def assert_as_wanted(endpoint: Endpoint, wanted: dict[str, object]) -> None:
    assert differences(state(endpoint), wanted) == []
    assert unfinished(endpoint) == 0


FAILURES = {
    "a statement": ("07_seed.sql", "SELECT page, METADATA$ACTION", "SELECT nope, METADATA$ACTION"),
    "within a transaction": ("07_seed.sql", "SET name = name || '!'", "SET nope = name || '!'"),
    "a view": ("04_transform.sql", "    SUM(amount) AS revenue", "    SUM(nope) AS revenue"),
    "a task": ("05_tasks.sql", "CREATE OR ALTER TASK", "CREATE OR ALTER TASQUE"),
}


@pytest.mark.parametrize(
    ("place", "parallel"),
    [
        ("a statement", "20"),
        ("within a transaction", "1"),
        ("within a transaction", "20"),
        ("a view", "20"),
        ("a task", "1"),
    ],
)
def test_a_script_that_fails_half_way(
    prepared: Prepared, wanted: dict[str, object], tmp_path: Path, place: str, parallel: str
) -> None:
    folder = prepared.copy(tmp_path / "case")
    script, right, wrong = FAILURES[place]
    edit(folder, script, right, wrong)
    with served(folder) as endpoint:
        code, output = deploy(folder, endpoint, "--parallel", parallel)
        assert code == 5, output
        assert "`pipeline deploy` continues here" in output
        edit(folder, script, wrong, right)
        code, output = deploy(folder, endpoint, "--parallel", parallel)
        assert code == 0, output
        assert_as_wanted(endpoint, wanted)


def test_a_statement_that_was_done_and_is_edited_after_the_failure_is_told(
    prepared: Prepared, wanted: dict[str, object], tmp_path: Path
) -> None:
    folder = prepared.copy(tmp_path / "case")
    _, right, wrong = FAILURES["a statement"]
    script, view, edited = "04_transform.sql", "    COPY GRANTS\n", ""
    edit(folder, "07_seed.sql", right, wrong)
    with served(folder) as endpoint:
        assert deploy(folder, endpoint, "--parallel", "1")[0] == 5
        edit(folder, "07_seed.sql", wrong, right)
        edit(folder, script, view, edited)
        code, output = deploy(folder, endpoint)
        assert code == 0, output
        words = r"sql/04_transform.sql:\d+: this statement was done in the last deploy, which stopped after it"
        assert re.search(words, output), output
        assert_as_wanted(endpoint, wanted)


def test_the_lock_of_a_dead_deploy_is_free_after_its_time_to_live(
    prepared: Prepared, wanted: dict[str, object], tmp_path: Path
) -> None:
    folder = prepared.copy(tmp_path / "case")
    with served(folder) as endpoint:
        deploy_killed(folder, endpoint, 16)
        code, output = deploy(folder, endpoint)
        assert code == 10, output
        assert re.search(r"A holder that is dead for \d+ s loses the lock", output)
        expire_lock(endpoint)
        code, output = deploy(folder, endpoint)
        assert code == 0, output
        assert "did not come to its end; this one continues it" in output
        assert_as_wanted(endpoint, wanted)


@pytest.mark.parametrize("position", [13, 15, 20])
def test_a_deploy_that_dies_while_it_continues_a_dead_one(
    prepared: Prepared, wanted: dict[str, object], tmp_path: Path, position: int
) -> None:
    folder = prepared.copy(tmp_path / "case")
    with served(folder) as endpoint:
        deploy_killed(folder, endpoint, 16)
        expire_lock(endpoint)
        deploy_killed(folder, endpoint, position)
        expire_lock(endpoint)
        code, output = deploy(folder, endpoint)
        assert code == 0, output
        assert_as_wanted(endpoint, wanted)


def test_unlock_frees_the_lock_of_a_dead_deploy(prepared: Prepared, wanted: dict[str, object], tmp_path: Path) -> None:
    folder = prepared.copy(tmp_path / "case")
    with served(folder) as endpoint:
        deploy_killed(folder, endpoint, 14)
        assert run_here(folder, environment(folder, endpoint, endpoint.port), "unlock")[0] == 0
        code, output = deploy(folder, endpoint)
        assert code == 0, output
        assert_as_wanted(endpoint, wanted)


SLOW = """
EXECUTE IMMEDIATE $$
BEGIN
    CALL SYSTEM$WAIT(4);
    INSERT INTO ORDER_EVENTS.ANALYTICS.visits_read VALUES ('slow', 'once');
END;
$$;
"""


def test_what_a_killed_deploy_left_running_is_waited_for_and_not_sent_again(prepared: Prepared, tmp_path: Path) -> None:
    folder = prepared.copy(tmp_path / "case")
    seed = folder / "sql" / "07_seed.sql"
    seed.write_text(seed.read_text(encoding="utf-8") + SLOW, encoding="utf-8")
    with served(folder) as endpoint:
        process = start_deploy(folder, environment(folder, endpoint, endpoint.port))
        wait_until_runs(endpoint, "%SYSTEM$WAIT(4)%")
        process.kill()
        process.communicate(timeout=SECONDS)
        expire_lock(endpoint)
        code, output = deploy(folder, endpoint)
        assert code == 0, output
        assert value(endpoint, "SELECT COUNT(*) FROM ORDER_EVENTS.ANALYTICS.VISITS_READ WHERE PAGE = 'slow'") == 1
        assert unfinished(endpoint) == 0


def wait_until_runs(endpoint: Endpoint, like: str) -> None:
    """Until the account runs a statement with such a text."""
    deadline = time.monotonic() + SECONDS
    running = (
        "SELECT COUNT(*) FROM TABLE(ORDER_EVENTS.INFORMATION_SCHEMA.QUERY_HISTORY())"
        f" WHERE EXECUTION_STATUS = 'RUNNING' AND QUERY_TEXT LIKE '{like}' AND QUERY_TEXT NOT LIKE '%QUERY_HISTORY%'"
    )
    while value(endpoint, running) == 0:
        assert time.monotonic() < deadline
        time.sleep(0.05)


@contextmanager
def little_room(folder: Path, room: int) -> Iterator[Endpoint]:
    """The account on a disk that is as good as full."""
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=serve_with_little_room, args=(folder, room, there))
    process.start()
    assert here.poll(SECONDS)
    yield here.recv()
    here.send(None)
    process.join(SECONDS)
    process.kill()


@pytest.mark.parametrize("room", [4 * KIB, 64 * KIB])
def test_a_full_disk(prepared: Prepared, wanted: dict[str, object], tmp_path: Path, room: int) -> None:
    folder = prepared.copy(tmp_path / "case")
    with little_room(folder, room) as endpoint:
        code, output = deploy(folder, endpoint)
        assert code in (4, 5), output
    with served(folder) as endpoint:
        expire_lock(endpoint)
        code, output = deploy(folder, endpoint)
        assert code == 0, output
        assert_as_wanted(endpoint, wanted)
