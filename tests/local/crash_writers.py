"""What processes do until they are killed, or until the disk is full: they tell of each acknowledged commit."""

import itertools
import resource
from multiprocessing.connection import Connection
from pathlib import Path

from local.accounts import Client, client
from pipeline.local.engine import Account
from pipeline.local.errors import SnowflakeError

MIB = 1 << 20


def prepare(folder: Path) -> None:
    """An account with a source, two streams on it, and a sink for each."""
    account = Account(folder)
    client(account).run(
        "CREATE TABLE source (id INT, note STRING)",
        "CREATE STREAM standard ON TABLE source",
        "CREATE STREAM appended ON TABLE source APPEND_ONLY = TRUE",
        "CREATE TABLE sink (id INT, note STRING)",
        "CREATE TABLE log (id INT)",
    )
    account.close()


def write_for_ever(folder: Path, acknowledged: Connection) -> None:
    """Insert, consume by MERGE and by INSERT in one transaction, update, define; send what was committed."""
    session = client(Account(folder))
    for number in itertools.count(int(str(session.value("SELECT COALESCE(MAX(id), 0) + 1 FROM source")))):
        session.run(f"INSERT INTO source VALUES ({number}, 'new')")
        acknowledged.send(number)
        session.run(
            "BEGIN",
            "MERGE INTO sink USING (SELECT id, note FROM standard WHERE METADATA$ACTION = 'INSERT') s"
            " ON sink.id = s.id WHEN MATCHED THEN UPDATE SET note = s.note"
            " WHEN NOT MATCHED THEN INSERT (id, note) VALUES (s.id, s.note)",
            "INSERT INTO log SELECT id FROM appended",
            "COMMIT",
            f"UPDATE source SET note = 'changed' WHERE id = {number - 1}",
            "CREATE OR REPLACE TABLE scratch AS SELECT * FROM source LIMIT 3",
        )


def write_till_full(folder: Path, answer: Connection) -> None:
    """Commit a row, then write more than a file may hold; send the error's number."""
    account = Account(folder)
    session = client(account)
    session.run("CREATE TABLE t (v STRING)", "INSERT INTO t VALUES ('kept')")
    size = (folder / "account.duckdb").stat().st_size
    resource.setrlimit(resource.RLIMIT_FSIZE, (size + 4 * MIB, size + 4 * MIB))
    answer.send(_error(session))


def _error(session: Client) -> int | None:
    try:
        session.run("INSERT INTO t SELECT REPEAT(UUID_STRING(), 30) FROM TABLE(GENERATOR(ROWCOUNT => 100000))")
    except SnowflakeError as error:
        return error.errno
    return None
