"""A process that is killed or finds no room leaves an account that opens with every row it said was committed."""

import multiprocessing
import os
import random
import signal
import time
from multiprocessing.context import ForkServerContext
from pathlib import Path

import pytest

from local import crash_writers
from local.accounts import Client, client
from pipeline.local.engine import Account

KILLS = int(os.environ.get("PIPELINE_KILLS", "12"))
SECONDS = 60


@pytest.fixture(scope="module")
def processes() -> ForkServerContext:
    """Processes that have imported what they need already."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["local.crash_writers"])
    return context


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    crash_writers.prepare(tmp_path)
    return tmp_path


def test_every_acknowledged_row_survives_kill_9(processes: ForkServerContext, folder: Path) -> None:
    """`PIPELINE_KILLS` says how often; the moment is any one of the loop, the opening of the account among them."""
    moments = random.Random(20_260_302)
    last = 0
    for _ in range(KILLS):
        last = max(last, _killed(processes, folder, moments))
        account = Account(folder)
        _check(client(account), last)
        account.close()
    assert last > KILLS // 2, "the processes were killed before they wrote anything"


def _killed(processes: ForkServerContext, folder: Path, moments: random.Random) -> int:
    """Let a process write and kill it; the last number that it acknowledged."""
    here, there = processes.Pipe(duplex=False)
    process = processes.Process(target=crash_writers.write_for_ever, args=(folder, there))
    process.start()
    there.close()
    last = here.recv() if moments.random() < 0.8 and here.poll(SECONDS) else 0
    time.sleep(moments.uniform(0, 0.3))
    assert process.pid is not None
    os.kill(process.pid, signal.SIGKILL)
    process.join(SECONDS)
    while here.poll():
        try:
            last = here.recv()
        except EOFError:
            break
    return int(last)


def _check(session: Client, last: int) -> None:
    ids = [int(str(row[0])) for row in session.rows("SELECT id FROM source ORDER BY id")]
    assert ids == list(range(1, len(ids) + 1))
    assert last <= len(ids) <= last + 1
    session.run(
        "MERGE INTO sink USING (SELECT id, note FROM standard WHERE METADATA$ACTION = 'INSERT') s ON sink.id = s.id"
        " WHEN MATCHED THEN UPDATE SET note = s.note WHEN NOT MATCHED THEN INSERT (id, note) VALUES (s.id, s.note)",
        "INSERT INTO log SELECT id FROM appended",
    )
    assert session.rows("SELECT id, note FROM sink ORDER BY id") == session.rows(
        "SELECT id, note FROM source ORDER BY id"
    )
    assert session.rows("SELECT id FROM log ORDER BY id") == session.rows("SELECT id FROM source ORDER BY id")


def test_full_disk_is_an_error_and_the_account_opens_again(processes: ForkServerContext, tmp_path: Path) -> None:
    """The limit on a file's size stands for a full disk: both make the write fail."""
    here, there = processes.Pipe(duplex=False)
    process = processes.Process(target=crash_writers.write_till_full, args=(tmp_path, there))
    process.start()
    there.close()
    assert here.recv() == 300006
    process.join(SECONDS)
    account = Account(tmp_path)
    session = client(account)
    assert session.rows("SELECT v FROM t") == [("kept",)]
    session.run("INSERT INTO t VALUES ('more')")
    account.close()
