"""Small statements over the wire: the local account's server against fakesnow's, with the same connector 4.x.

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

LIMITS = {"SELECT": 0.5, "INSERT": 0.7, "MERGE": 0.3}
"""For statements whose text came before, as a pipeline's does: translation is cached by text."""
HERE = Path(__file__).parent


@contextlib.contextmanager
def serving(*command: str) -> Iterator[str]:
    """A server that prints how to connect to it, as JSON, and ends when its input does."""
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdin is not None
    try:
        yield process.stdout.readline()
    finally:
        process.stdin.close()
        process.terminate()
        process.wait()


def measured(client: Path, parameters: str) -> dict[str, float]:
    """Milliseconds of each kind of statement, as the client's own process finds them."""
    answer = subprocess.run(
        [str(client / "bin" / "python"), str(HERE / "small_client.py"), parameters],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    times: dict[str, float] = json.loads(answer.stdout.splitlines()[-1])
    return times


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fakesnow", type=Path, default=Path(".venv-fakesnow"))
    parser.add_argument("--client", type=Path, default=Path(".venv-connector4"))
    arguments = parser.parse_args()
    with serving(str(arguments.fakesnow / "bin" / "python"), str(HERE / "serve_fakesnow.py")) as parameters:
        theirs = measured(arguments.client, parameters)
    with (
        tempfile.TemporaryDirectory() as folder,
        serving(sys.executable, str(HERE / "serve_account.py"), folder) as ready,
    ):
        ours = measured(arguments.client, ready)
    print("| statement | fakesnow's server | local account | ratio |\n|---|---|---|---|")
    for name in theirs:
        limit = f" (at most {LIMITS[name]})" if name in LIMITS else ""
        print(f"| {name} | {theirs[name]:.2f} ms | {ours[name]:.2f} ms | {ours[name] / theirs[name]:.2f}{limit} |")


if __name__ == "__main__":
    main()
