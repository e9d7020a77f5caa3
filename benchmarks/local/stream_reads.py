"""Reading a stream after 10,000 changes: on a table of 1,000,000 rows against one of 10,000.

python -m benchmarks.local.stream_reads
"""

import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

from benchmarks.local.statements import run
from pipeline.local.engine import Account
from pipeline.local.session import Session

SMALL, LARGE = 10_000, 1_000_000
CHANGES = 10_000
ROUNDS = 9
APPENDED_LIMIT, SCATTERED_LIMIT = 3, 25


def fill(session: Session, table: str, rows: int) -> None:
    """A table of that many rows, with a stream that has seen them."""
    run(session, f"CREATE TABLE {table} (id INT, customer STRING, amount NUMBER(12, 2), note STRING)")
    run(
        session,
        f"INSERT INTO {table} SELECT SEQ8(), 'customer ' || MOD(SEQ8(), 997), MOD(SEQ8(), 10000) / 100, 'a note'"
        f" FROM TABLE(GENERATOR(ROWCOUNT => {rows}))",
    )
    run(session, f"CREATE STREAM {table}_changes ON TABLE {table}")


def append(session: Session, table: str, rows: int) -> None:
    run(session, f"INSERT INTO {table} SELECT id + {rows}, customer, amount, note FROM {table} WHERE id < {CHANGES}")


def scatter(session: Session, table: str, rows: int) -> None:
    """Update rows all over the table, as many in a large one as in a small one."""
    run(session, f"CREATE OR REPLACE STREAM {table}_changes ON TABLE {table}")
    run(session, f"UPDATE {table} SET amount = amount + 1 WHERE id < {rows} AND MOD(id, {rows // CHANGES}) = 0")


def read(session: Session, table: str) -> float:
    """Seconds of reading the whole stream once."""
    start = time.perf_counter()
    run(session, f"SELECT COUNT(*), SUM(amount), MAX(customer), MAX(METADATA$ROW_ID) FROM {table}_changes")
    return time.perf_counter() - start


def compare(session: Session, change: Callable[[Session, str, int], None]) -> tuple[float, float]:
    """Milliseconds on the small and on the large table, read in turn so that both meet the same machine."""
    sizes = {"small": SMALL, "large": LARGE}
    for table, rows in sizes.items():
        change(session, table, rows)
        read(session, table)
    times: dict[str, list[float]] = {table: [] for table in sizes}
    for _ in range(ROUNDS):
        for table in sizes:
            times[table].append(read(session, table))
    return median(times["small"]) * 1000, median(times["large"]) * 1000


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        account = Account(Path(name))
        session = account.open_session(user="BENCH")
        run(session, "CREATE DATABASE bench")
        for table, rows in {"small": SMALL, "large": LARGE}.items():
            fill(session, table, rows)
        print("| after | table of 10,000 | table of 1,000,000 | ratio |\n|---|---|---|---|")
        show("10,000 appended rows", APPENDED_LIMIT, compare(session, append))
        show("10,000 scattered updates", SCATTERED_LIMIT, compare(session, scatter))
        session.close()
        account.close()


def show(what: str, limit: int, times: tuple[float, float]) -> None:
    small, large = times
    print(f"| {what} | {small:.1f} ms | {large:.1f} ms | {large / small:.2f} (at most {limit}) |", flush=True)


if __name__ == "__main__":
    main()
