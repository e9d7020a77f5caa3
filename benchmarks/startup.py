"""How long `pipeline --help` and `--version` take, beside an empty Typer app with rich help.

The command must start in at most 1.5 times the time of the empty app. Run it with `make bench`.
"""

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
    "python -c pass": ["-c", "pass"],
    "pipeline --version": ["-m", "pipeline", "--version"],
    "empty Typer app --help": ["-c", EMPTY_APP, "--help"],
    "pipeline --help": ["-m", "pipeline", "--help"],
}


def main() -> int:
    """Measure in turns, so that a busy moment of the machine meets all alike; 1 when the limit is passed."""
    times: dict[str, list[float]] = {name: [] for name in COMMANDS}
    for _ in range(ROUNDS):
        for name, arguments in COMMANDS.items():
            began = time.perf_counter()
            subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL)
            times[name].append(time.perf_counter() - began)
    for name, taken in times.items():
        print(f"{name:<24} {median(taken) * 1000:6.0f} ms")
    ratio = median(times["pipeline --help"]) / median(times["empty Typer app --help"])
    print(f"pipeline --help takes {ratio:.2f} times the empty app; at most {LIMIT} is allowed.")
    return 0 if ratio <= LIMIT else 1


if __name__ == "__main__":
    sys.exit(main())
