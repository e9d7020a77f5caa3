"""RAW → STAGING → PRODUCTION on the local account against DuckDB by hand; both must end with the same rows.

python -m benchmarks.pipeline.flow [--events 1000000] [--batch 10000] [--rows 10000000] [--rounds 3]
"""

import argparse
import shutil
import sys
import tempfile
from functools import partial
from pathlib import Path

from benchmarks.local.measure import Measured, Stopwatch, in_turns
from benchmarks.pipeline import by_hand
from benchmarks.pipeline.on_account import Caves
from pipeline.generate import CavesConfig, caves

LIMIT = 2.0


def main() -> int:
    """Both measurements; 1 when a limit is passed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--batch", type=int, default=10_000)
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    events, batch, rows, rounds = arguments.events, arguments.batch, arguments.rows, arguments.rounds
    kept = [
        compare(f"{events:,} events into empty tables", events, 0, rounds),
        compare(f"{batch:,} events into tables of {rows:,} rows", batch, rows, rounds),
    ]
    return 0 if all(kept) else 1


def compare(title: str, events: int, rows: int, rounds: int) -> bool:
    """Measure and show one case; whether the limit is kept."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with (folder / "events.jsonl").open("w", encoding="utf-8") as file:
            file.writelines(f"{line}\n" for line in caves(CavesConfig(count=events, seed=1)))
        hand, ours = in_turns(rounds, partial(hand_written, folder, rows), partial(local_account, folder, rows))
        ends = [(folder / name).read_text(encoding="utf-8") for name in ("hand.txt", "account.txt")]
    if ends[0] != ends[1]:
        sys.exit(f"The two do not end with the same rows.\nBy hand:\n{ends[0]}\nLocal account:\n{ends[1]}")
    show(title, hand, ours)
    return ours.total / hand.total <= LIMIT


def hand_written(folder: Path, rows: int, watch: Stopwatch) -> None:
    """The batch by DuckDB's own SQL."""
    shutil.rmtree(folder / "hand", ignore_errors=True)  # of the round before
    (folder / "hand").mkdir()
    connection = by_hand.database(folder / "hand")
    if rows:
        by_hand.fill(connection, rows)
    by_hand.load(connection, folder / "events.jsonl", 0)
    by_hand.transform(connection, 0, watch)
    (folder / "hand.txt").write_text("\n".join(by_hand.digests(connection)))
    connection.close()


def local_account(folder: Path, rows: int, watch: Stopwatch) -> None:
    """The batch by the project's tasks, the streams standing behind the rows of last year."""
    shutil.rmtree(folder / "account", ignore_errors=True)
    project = Caves(folder)
    if rows:
        project.fill(rows)
    project.begin()
    project.load(folder / "events.jsonl")
    project.transform(watch)
    (folder / "account.txt").write_text("\n".join(project.digests()))
    project.close()


def show(title: str, hand: Measured, ours: Measured) -> None:
    """A table of the tasks, with the processors' time, which tells more where other programs run besides."""
    print(f"{title}\n")
    print("| task | by hand | local account | ratio | processors: by hand | local account | ratio |")
    print("|---" * 7 + "|")
    for part in hand.seconds:
        print(f"| {part} | {_pair(hand.seconds[part], ours.seconds[part])}", end="")
        print(f" | {_pair(hand.processor[part], ours.processor[part])} |")
    print(f"| all | {_pair(hand.total, ours.total)} | {_pair(hand.processor_total, ours.processor_total)} |")
    print(f"\nTime at most {LIMIT}: {ours.total / hand.total:.2f}.\n")


def _pair(hand: float, ours: float) -> str:
    return f"{hand:.2f} s | {ours:.2f} s | {ours / hand:.2f}"


if __name__ == "__main__":
    sys.exit(main())
