"""How long `pipeline --help` and `--version` take, beside an empty Typer app with rich help.

The command must start in at most 1.5 times the time of the empty app. Run it with `make bench`.

`python benchmarks/startup.py [--schemachange VENV] [--snow VENV] [--dbt VENV]`: peers from environments of their own.
"""

import argparse
import subprocess
import sys
import time
from statistics import median

ROUNDS = 15
LIMIT = 1.5
EMPTY_APP = """
import typer
app = typer.Typer()

@app.command()
def first(): ...

@app.command()
def second(): ...

app()
"""
COMMANDS = {
    "python -c pass": [sys.executable, "-c", "pass"],
    "pipeline --version": [sys.executable, "-m", "pipeline", "--version"],
    "empty Typer app --help": [sys.executable, "-c", EMPTY_APP, "--help"],
    "pipeline --help": [sys.executable, "-m", "pipeline", "--help"],
}
PEERS = ("schemachange", "snow", "dbt")


def commands() -> dict[str, list[str]]:
    """What is measured, with the peers that the options name."""
    parser = argparse.ArgumentParser()
    for peer in PEERS:
        parser.add_argument(f"--{peer}", metavar="VENV", help="the environment that the peer is installed in")
    found = dict(COMMANDS)
    for peer, environment in vars(parser.parse_args()).items():
        for option in ("--version", "--help") if environment else ():
            program = [f"{environment}/bin/{peer}", option]
            if (peer, option) == (
                "schemachange",
                "--version",
            ):  # it has no such option: its verb `deploy` begins with it
                continue
            found[" ".join([peer, option])] = program
    return found


def main() -> int:
    """Measure in turns, so that a busy moment of the machine meets all alike; 1 when the limit is passed."""
    wanted = commands()
    times: dict[str, list[float]] = {name: [] for name in wanted}
    for _ in range(ROUNDS):
        for name, command in wanted.items():
            began = time.perf_counter()
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            times[name].append(time.perf_counter() - began)
    for name, taken in times.items():
        print(f"{name:<24} {median(taken) * 1000:6.0f} ms")
    ratio = median(times["pipeline --help"]) / median(times["empty Typer app --help"])
    print(f"pipeline --help takes {ratio:.2f} times the empty app; at most {LIMIT} is allowed.")
    return 0 if ratio <= LIMIT else 1


if __name__ == "__main__":
    sys.exit(main())
