"""1 M events: COPY into a VARIANT table, stream → typed MERGE, a second MERGE that updates — against hand-written SQL.

python -m benchmarks.local.load_and_merge [--events 1000000] [--rounds 3]
"""

import argparse
import shutil
import tempfile
from functools import partial
from pathlib import Path

import duckdb

from benchmarks.local.measure import Measured, Stopwatch, in_turns
from benchmarks.local.statements import run, transfer
from pipeline.generate import OrdersConfig, orders
from pipeline.generate.disorder import NO_DISORDER
from pipeline.local.engine import Account

MERGE = """
MERGE INTO typed AS t USING (
  SELECT v:event_id::STRING AS event_id, v:order_id::STRING AS order_id, v:customer_id::STRING AS customer_id,
         v:status::STRING AS event_type, v:amount::NUMBER(12, 2) AS amount, v:currency::STRING AS currency,
         v:updated_at::STRING AS event_time
  FROM {source}
  QUALIFY ROW_NUMBER() OVER (PARTITION BY v:event_id::STRING ORDER BY v:updated_at::STRING) = 1
) AS s ON t.event_id = s.event_id
WHEN MATCHED THEN UPDATE SET amount = s.amount, event_time = s.event_time
WHEN NOT MATCHED THEN INSERT (event_id, order_id, customer_id, event_type, amount, currency, event_time)
  VALUES (s.event_id, s.order_id, s.customer_id, s.event_type, s.amount, s.currency, s.event_time)
"""

BY_HAND = """
MERGE INTO typed AS t USING (
  SELECT * FROM (
    SELECT p[1] AS event_id, p[2] AS order_id, p[3] AS customer_id, p[4] AS event_type,
           CAST(p[5] AS DECIMAL(12, 2)) AS amount, p[6] AS currency, p[7] AS event_time
    FROM (SELECT json_extract_string(v, ['$.event_id', '$.order_id', '$.customer_id', '$.status', '$.amount',
                                         '$.currency', '$.updated_at']) AS p FROM raw WHERE batch = {batch}))
  QUALIFY row_number() OVER (PARTITION BY event_id ORDER BY event_time) = 1
) AS s ON t.event_id = s.event_id
WHEN MATCHED THEN UPDATE SET amount = s.amount, event_time = s.event_time
WHEN NOT MATCHED THEN INSERT VALUES (s.event_id, s.order_id, s.customer_id, s.event_type, s.amount, s.currency,
                                     s.event_time)
"""


def write_events(path: Path, count: int, seed: int) -> None:
    """Clean events, one a line."""
    with path.open("w", encoding="utf-8") as file:
        file.writelines(f"{line}\n" for line in orders(OrdersConfig(count=count, seed=seed, disorder=NO_DISORDER)))


def by_hand(folder: Path, watch: Stopwatch) -> None:
    """The same work in DuckDB's own SQL, on a file database."""
    database = folder / "hand.duckdb"
    database.unlink(missing_ok=True)  # of the round before
    connection = duckdb.connect(str(database))
    connection.execute("SET enable_progress_bar = false")
    connection.execute("CREATE TABLE raw (v JSON, file VARCHAR, line BIGINT, batch INTEGER)")
    connection.execute(
        "CREATE TABLE typed (event_id VARCHAR, order_id VARCHAR, customer_id VARCHAR, event_type VARCHAR,"
        " amount DECIMAL(12, 2), currency VARCHAR, event_time VARCHAR)"
    )
    for batch, name in enumerate(("first.jsonl", "second.jsonl")):
        source = f"read_json_objects('{folder / name}', format='newline_delimited', filename=true)"
        copy = f"INSERT INTO raw SELECT json, filename, row_number() OVER (), {batch} FROM {source}"
        watch.time(f"copy {batch + 1}", partial(connection.execute, copy))
        watch.time(f"merge {batch + 1}", partial(connection.execute, BY_HAND.format(batch=batch)))
    connection.close()


def local_account(folder: Path, watch: Stopwatch) -> None:
    """The account's own statements, without the wire, which both lack."""
    shutil.rmtree(folder / "account", ignore_errors=True)
    account = Account(folder / "account")
    session = account.open_session(user="BENCH")
    run(session, "CREATE DATABASE bench")
    run(session, "CREATE TABLE raw (v VARIANT, file STRING, line INT)")
    run(session, "CREATE STREAM changes ON TABLE raw APPEND_ONLY = TRUE")
    run(session, "CREATE STAGE files FILE_FORMAT = (TYPE = JSON)")
    run(
        session,
        "CREATE TABLE typed (event_id STRING, order_id STRING, customer_id STRING, event_type STRING,"
        " amount NUMBER(12, 2), currency STRING, event_time STRING)",
    )
    stage = transfer(session, f"PUT file://{folder}/*.jsonl @files").folder
    stage.mkdir(parents=True, exist_ok=True)
    for batch, name in enumerate(("first.jsonl", "second.jsonl")):
        shutil.copyfile(folder / name, stage / name)
        copy = (
            "COPY INTO raw FROM (SELECT $1, METADATA$FILENAME, METADATA$FILE_ROW_NUMBER FROM @files)"
            f" FILES = ('{name}') ON_ERROR = CONTINUE"
        )
        watch.time(f"copy {batch + 1}", partial(run, session, copy))
        watch.time(f"merge {batch + 1}", partial(run, session, MERGE.format(source="changes")))
    session.close()
    account.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_events(folder / "first.jsonl", arguments.events, 1)
        write_events(folder / "second.jsonl", arguments.events, 1)
        hand, ours = in_turns(arguments.rounds, partial(by_hand, folder), partial(local_account, folder))
    show(hand, ours)


def show(hand: Measured, ours: Measured) -> None:
    """The processors' time tells more than the clock where other programs run besides."""
    print(
        "| part | by hand | local account | ratio | processors: by hand | local account | ratio"
        " | memory: by hand | local account |"
    )
    print("|---" * 9 + "|")
    for part in hand.seconds:
        print(f"| {part} | {pair(hand.seconds[part], ours.seconds[part])}", end="")
        print(f" | {pair(hand.processor[part], ours.processor[part])}", end="")
        print(f" | {hand.peak_mib[part]:.0f} MiB | {ours.peak_mib[part]:.0f} MiB |")
    print(f"| all | {pair(hand.total, ours.total)} | {pair(hand.processor_total, ours.processor_total)}", end="")
    print(f" | {hand.peak:.0f} MiB | {ours.peak:.0f} MiB |")
    print(f"\nTime at most 1.6: {ours.total / hand.total:.2f}. Peak memory at most 1.5: {ours.peak / hand.peak:.2f}.")


def pair(hand: float, ours: float) -> str:
    return f"{hand:.2f} s | {ours:.2f} s | {ours / hand:.2f}"


if __name__ == "__main__":
    main()
