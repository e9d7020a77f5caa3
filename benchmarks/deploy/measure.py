"""Deploy 100 scripts of 3 statements in 5 layers to an account far away, with pipeline and with its peers.

`python -m benchmarks.deploy.measure [--schemachange PATH] [--snow PATH]`, the peers from environments of their own.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROUND_TRIP, STATEMENT = 0.1, 0.03
LAYERS, SCRIPTS, STATEMENTS = 5, 20, 3
LIMIT, PEER_LIMIT = 2.2, 70.0

LOGIN = 3 * ROUND_TRIP + STATEMENT
CLOSE = ROUND_TRIP
CRITICAL = LOGIN + LAYERS * (ROUND_TRIP + STATEMENTS * STATEMENT) + CLOSE
NOTHING = LOGIN + 2 * (ROUND_TRIP + STATEMENT)


@dataclass(frozen=True)
class Measured:
    """One run."""

    name: str
    requests: int
    seconds: float


@contextmanager
def stub() -> Iterator[int]:
    """The account; its port."""
    command = [sys.executable, "-m", "benchmarks.deploy.stub", str(ROUND_TRIP), str(STATEMENT)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield int(process.stdout.readline())
        finally:
            process.kill()


def ask(port: int, path: str) -> dict[str, int]:
    """What the stub says of itself."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}") as reply:
        return dict(json.load(reply))


def script(layer: int, number: int) -> str:
    """Three statements, of which the first reads what the layer before made."""
    own = f"BENCH.S{layer}.T{number}"
    source = f"BENCH.S{layer - 1}.V{number}" if layer else "(SELECT 1 AS a)"
    return (
        f"CREATE OR REPLACE VIEW {own}_IN AS SELECT a FROM {source};\n"
        f"CREATE OR REPLACE VIEW {own}_MID AS SELECT a FROM {own}_IN;\n"
        f"CREATE OR REPLACE VIEW BENCH.S{layer}.V{number} AS SELECT a FROM {own}_MID;\n"
    )


def write_project(folder: Path) -> None:
    """The scripts for pipeline, and the same ones named for schemachange."""
    (folder / "sql").mkdir()
    (folder / "changes").mkdir()
    names = []
    for layer in range(LAYERS):
        for number in range(SCRIPTS):
            name = f"sql/{layer}_{number:02}.sql"
            names.append(name)
            (folder / name).write_text(script(layer, number), encoding="utf-8")
            (folder / "changes" / f"V{layer + 1}.{number + 1}__s.sql").write_text(
                script(layer, number), encoding="utf-8"
            )
    (folder / "config.yaml").write_text(
        "project: bench\nvars:\n  database: BENCH\ndefault_environment: far\n"
        "environments:\n  far:\n    connection: far\nsteps:\n  - name: all\n    scripts:\n"
        + "".join(f"      - {name}\n" for name in names),
        encoding="utf-8",
    )


def environment(folder: Path, port: int) -> dict[str, str]:
    """Variables that lead every tool to the stub."""
    home = folder / "home"
    home.mkdir(exist_ok=True)
    file = home / "connections.toml"
    parameters = {"account": "a", "user": "u", "password": "p", "host": "127.0.0.1", "port": port, "protocol": "http"}
    parameters |= {"database": "BENCH", "schema": "PUBLIC", "warehouse": "W", "role": "R"}
    lines = [f"{key} = {json.dumps(value)}" for key, value in parameters.items()]
    file.write_text("\n".join(["[far]", *lines, ""]), encoding="utf-8")
    file.chmod(0o600)
    return {
        **os.environ,
        "SNOWFLAKE_HOME": str(home),
        "NO_PROXY": "127.0.0.1",
        "no_proxy": "127.0.0.1",
        "AWS_EC2_METADATA_DISABLED": "true",
    }


def timed(name: str, command: list[str], folder: Path, port: int) -> Measured:
    """Run a tool once."""
    variables = environment(folder, port)
    ask(port, "/__reset")
    began = time.perf_counter()
    done = subprocess.run(command, cwd=folder, env=variables, capture_output=True, text=True, check=False)
    seconds = time.perf_counter() - began
    if done.returncode:
        raise SystemExit(f"{name}: {done.stdout}{done.stderr}")
    return Measured(name, ask(port, "/__stats")["requests"], seconds)


def runs(folder: Path, port: int, options: argparse.Namespace) -> Iterator[Measured]:
    """Every tool, first and again."""
    own = [sys.executable, "-m", "pipeline", "deploy", "--quiet"]
    yield timed("pipeline deploy", own, folder, port)
    yield timed("pipeline deploy, nothing to do", own, folder, port)
    if options.schemachange:
        peer = [options.schemachange, "deploy", "-f", "changes", "-C", "far", "-c", "BENCH.PUBLIC.CHANGE_HISTORY"]
        peer += [
            "--create-change-history-table",
            "--schemachange-connections-file-path",
            str(folder / "home/connections.toml"),
        ]
        yield timed("schemachange deploy", peer, folder, port)
        yield timed("schemachange deploy, nothing to do", peer, folder, port)
    if options.snow:
        everything = folder / "all.sql"
        everything.write_text(
            "".join(path.read_text() for path in sorted((folder / "sql").iterdir())), encoding="utf-8"
        )
        yield timed(
            "snow sql -f, one file of all", [options.snow, "sql", "-f", str(everything), "-c", "far"], folder, port
        )


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--schemachange", help="the peer's program")
    parser.add_argument("--snow", help="the peer's program")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as made, stub() as port:
        folder = Path(made)
        write_project(folder)
        environment(folder, port)
        found = []
        for measured in runs(folder, port, options):
            found.append(measured)
            print(f"{measured.name:<36} {measured.requests:>6} requests {measured.seconds:>8.2f} s", flush=True)
    print(f"{'critical path':<36} {'':>6}          {CRITICAL:>8.2f} s")
    print(f"{'login and two queries':<36} {'':>6}          {NOTHING:>8.2f} s")
    first, again = found[0], found[1]
    print(f"first: {first.seconds / CRITICAL:.2f} x the critical path, at most {LIMIT}")
    print(f"again: {again.seconds / NOTHING:.2f} x login and two queries, {again.requests} requests")
    return 0 if first.seconds <= LIMIT * CRITICAL else 1


if __name__ == "__main__":
    sys.exit(main())
