"""Ctrl-C in the middle of a statement: the account stops it, the command says so and ends at once."""

import json
import signal
import subprocess
import time
from pathlib import Path

import pytest

from cli.mini import SETUP, mini_project, start
from pipeline.errors import ExitCode

LONG = "SELECT SYSTEM$WAIT(120)"
SOON = 30.0
"""Seconds, far less than the statement takes, far more than its end does on a busy machine."""


def interrupted(process: subprocess.Popen[str]) -> tuple[str, str]:
    """Press Ctrl-C; both outputs."""
    began = time.monotonic()
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=120)
    assert time.monotonic() - began < SOON
    assert process.returncode == ExitCode.INTERRUPTED
    assert "Traceback" not in err
    return out, err


def wait_until_open(project: Path) -> None:
    """Return when the command in its own process has the account open and has had time to send its statement."""
    deadline = time.monotonic() + SOON
    while not list((project / ".pipeline" / "local").glob("server.json")) and time.monotonic() < deadline:
        time.sleep(0.05)
    time.sleep(3)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return mini_project(tmp_path)


def test_a_query_is_cancelled(project: Path) -> None:
    process = start(project, "query", "-q", LONG)
    wait_until_open(project)
    out, err = interrupted(process)
    assert out == ""
    assert "error: Interrupted." in err
    assert "What the account was running was cancelled." in err


def test_json_stays_one_document(project: Path) -> None:
    process = start(project, "query", "-q", LONG, "--format", "json")
    wait_until_open(project)
    out, _ = interrupted(process)
    assert json.loads(out)["error"]["exit_code"] == ExitCode.INTERRUPTED


def test_a_second_one_cancels_the_statement_of_a_deploy(project: Path) -> None:
    mini_project(project, SETUP + LONG + ";\nSELECT 2;\n")
    process = start(project, "deploy")
    assert process.stderr is not None
    for line in process.stderr:
        if line.startswith("✓ 4/"):
            break
    time.sleep(2)
    process.send_signal(signal.SIGINT)
    time.sleep(1)
    assert process.poll() is None
    _, err = interrupted(process)
    assert "error: Interrupted in this statement, which was cancelled." in err
    assert "sql/a.sql:6" in err
    assert " of 7 statements done, 1 cancelled" in err


def test_before_anything_is_sent(project: Path) -> None:
    process = start(project, "health")
    time.sleep(0.3)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode in (ExitCode.INTERRUPTED, -signal.SIGINT)
    assert "Traceback" not in out + err


def test_sigterm_is_told_like_ctrl_c(project: Path) -> None:
    process = start(project, "query", "-q", LONG)
    wait_until_open(project)
    process.terminate()
    _, err = process.communicate(timeout=60)
    assert process.returncode == ExitCode.INTERRUPTED
    assert "What the account was running was cancelled." in err


def test_nobody_to_ask_before_a_reset(project: Path) -> None:
    process = start(project, "local", "reset")
    _, err = process.communicate(timeout=60)
    assert process.returncode == ExitCode.USAGE
    assert "hint: --yes does not ask." in err
