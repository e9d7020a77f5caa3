"""Small statements over the wire: the local account's server against fakesnow's, with the same connector 4.x.

The two are measured in turns, so that a machine that slows down slows both.

make bench, or: python -m benchmarks.local.small_statements --fakesnow .venv-fakesnow --client .venv-connector4
"""

import argparse
import contextlib
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from statistics import median

LIMITS = {"SELECT": 0.5, "INSERT": 0.7, "MERGE": 0.3}
"""For statements whose text came before, as a pipeline's does: translation is cached by text."""
ROUNDS = 6
HERE = Path(__file__).parent


@contextlib.contextmanager
def piped(*command: str) -> Iterator[subprocess.Popen[str]]:
    """A process that we talk with line by line; it ends when its input does."""
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        assert process.stdin is not None
        process.stdin.close()
        process.terminate()
        process.wait()


def line_of(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline()


def next_round(client: subprocess.Popen[str]) -> dict[str, list[float]]:
    """Let the client measure once more: milliseconds of each statement."""
    assert client.stdin is not None
    client.stdin.write("\n")
    client.stdin.flush()
    times: dict[str, list[float]] = json.loads(line_of(client))
    return times


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fakesnow", type=Path, default=Path(".venv-fakesnow"))
    parser.add_argument("--client", type=Path, default=Path(".venv-connector4"))
    arguments = parser.parse_args()
    client = (str(arguments.client / "bin" / "python"), str(HERE / "small_client.py"))
    with (
        tempfile.TemporaryDirectory() as folder,
        piped(str(arguments.fakesnow / "bin" / "python"), str(HERE / "serve_fakesnow.py")) as their_server,
        piped(sys.executable, str(HERE / "serve_account.py"), folder) as our_server,
        piped(*client, line_of(their_server)) as their_client,
        piped(*client, line_of(our_server)) as our_client,
    ):
        rounds = [(next_round(their_client), next_round(our_client)) for _ in range(ROUNDS)]
    print("| statement | fakesnow's server | local account | ratio |\n|---|---|---|---|")
    for name in rounds[0][0]:
        theirs, ours = (median(time for times in side for time in times[name]) for side in zip(*rounds, strict=True))
        limit = f" (at most {LIMITS[name]})" if name in LIMITS else ""
        print(f"| {name} | {theirs:.2f} ms | {ours:.2f} ms | {ours / theirs:.2f}{limit} |")


if __name__ == "__main__":
    main()
