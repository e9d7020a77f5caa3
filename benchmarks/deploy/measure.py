"""Deploy 100 scripts of 3 statements in 5 layers to an account far away, with pipeline and with its peers.

`python -m benchmarks.deploy.measure [--schemachange PYTHON] [--snow PROGRAM]`, the peers from environments of their
own: for schemachange the interpreter of its environment.

The critical path is a login, for each layer one round trip and the statements of one script, and the end of the
session. It is told twice: calculated, as if Python and the connector started in no time, and with the login as a bare
script of the connector needs it in the same run. The same holds for a login with two queries. The limits are those of
what was measured.
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
MANY = 67
"""Scripts a layer of the project that has nothing to do: about 1,000 statements."""
LIMIT, AGAIN_LIMIT, REQUESTS_LIMIT, PEER_LIMIT = 2.2, 1.5, 6, 70.0
ROUNDS = 5

LOGIN = 3 * ROUND_TRIP + STATEMENT
CLOSE = ROUND_TRIP
WORK = LAYERS * (ROUND_TRIP + STATEMENTS * STATEMENT)
CRITICAL = LOGIN + WORK + CLOSE
NOTHING = LOGIN + 2 * (ROUND_TRIP + STATEMENT) + CLOSE

BARE = """
import sys, snowflake.connector
connection = snowflake.connector.connect(
    connection_name="far",
    session_parameters={"CLIENT_TELEMETRY_ENABLED": False},
    enable_server_session_keep_alive_auto_detection=False,
)
for _ in range(int(sys.argv[1])):
    connection.cursor().execute("SELECT 1").fetchall()
connection.close()
"""


SCHEMACHANGE = """
import sys, snowflake.connector
connect = snowflake.connector.connect
place = {"host": "127.0.0.1", "port": int(sys.argv.pop(1)), "protocol": "http"}
snowflake.connector.connect = lambda **options: connect(**options | place)
from schemachange.cli import main
main()
"""
"""The peer's own program, which has no option for a host and takes none from the connection."""


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


def write_project(folder: Path, scripts: int = SCRIPTS) -> None:
    """The scripts for pipeline, and the same ones named for schemachange."""
    folder.mkdir()
    (folder / "sql").mkdir()
    (folder / "changes").mkdir()
    names = []
    for layer in range(LAYERS):
        for number in range(scripts):
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


def bare(queries: int, folder: Path, port: int) -> Measured:
    """A script of the connector: a login, some queries, the end."""
    return timed(
        f"connector: login, {queries} queries, close", [sys.executable, "-c", BARE, str(queries)], folder, port
    )


def own_runs(folder: Path, large: Path) -> Iterator[tuple[Measured, Measured, Measured, Measured]]:
    """pipeline, first, and again in the large project, and the bare connector, each time on a new account."""
    command = [sys.executable, "-m", "pipeline", "deploy", "--quiet"]
    for _ in range(ROUNDS):
        with stub() as port:
            first = timed("pipeline deploy", command, folder, port)
        with stub() as port:
            timed("the large project", command, large, port)
            yield (
                first,
                timed("pipeline deploy, nothing to do", command, large, port),
                bare(0, folder, port),
                bare(2, folder, port),
            )


def peer_runs(folder: Path, options: argparse.Namespace) -> Iterator[Measured]:
    """The peers, each on a new account."""
    if options.schemachange:
        with stub() as port:
            peer = [options.schemachange, "-c", SCHEMACHANGE, str(port), "deploy", "-f", "changes", "-C", "far"]
            peer += ["-c", "BENCH.PUBLIC.CHANGE_HISTORY", "--create-change-history-table"]
            peer += ["--schemachange-connections-file-path", str(folder / "home/connections.toml")]
            yield timed("schemachange deploy", peer, folder, port)
            yield timed("schemachange deploy, nothing to do", peer, folder, port)
    if options.snow:
        everything = folder / "all.sql"
        texts = [path.read_text(encoding="utf-8") for path in sorted((folder / "sql").iterdir())]
        everything.write_text("".join(texts), encoding="utf-8")
        with stub() as port:
            command = [options.snow, "sql", "-f", str(everything), "-c", "far"]
            yield timed("snow sql -f, one file of all", command, folder, port)


def show(measured: Measured) -> None:
    print(f"{measured.name:<38} {measured.requests:>6} requests {measured.seconds:>8.2f} s", flush=True)


def verdict(words: str, value: float, limit: float, *, most: bool = True) -> bool:
    """Print a ratio with its limit; whether it is kept."""
    kept = value <= limit if most else value >= limit
    print(f"{words}: {value:.2f} ({'at most' if most else 'at least'} {limit}){'' if kept else ', missed'}")
    return kept


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--schemachange", type=os.path.abspath, help="the interpreter of its environment")
    parser.add_argument("--snow", type=os.path.abspath, help="the peer's program")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as made:
        folder, large = Path(made) / "project", Path(made) / "large"
        write_project(folder)
        write_project(large, MANY)
        rounds = list(own_runs(folder, large))
        first, again, login, two = (
            min((each[place] for each in rounds), key=lambda run: run.seconds) for place in range(4)
        )
        for measured in (first, again, login, two):
            show(measured)
        peers = []
        for measured in peer_runs(folder, options):
            peers.append(measured)
            show(measured)
    print(f"{'critical path, calculated':<38} {'':>6}          {CRITICAL:>8.2f} s")
    print(f"{'login and two queries, calculated':<38} {'':>6}          {NOTHING:>8.2f} s")
    print(f"{'first / critical path, calculated':<42} {first.seconds / CRITICAL:>6.2f}")
    print(f"{'again / login and two queries, calculated':<42} {again.seconds / NOTHING:>6.2f}")
    kept = [
        verdict("first / critical path, login measured", first.seconds / (login.seconds + WORK), LIMIT),
        verdict("again / login and two queries, measured", again.seconds / two.seconds, AGAIN_LIMIT),
        verdict("again, requests", again.requests, REQUESTS_LIMIT),
    ]
    if options.schemachange:
        kept.append(verdict("schemachange / pipeline", peers[0].seconds / first.seconds, PEER_LIMIT, most=False))
    return 0 if all(kept) else 1


if __name__ == "__main__":
    sys.exit(main())
