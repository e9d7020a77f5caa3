"""How long `pipeline test` takes for twenty tests, beside one of them: at most three times as long.

Each test loads events, runs the order events' task graph and looks at the tables.
"""

import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

ROOT = Path(__file__).parents[1]
ROUNDS = 3
LIMIT = 3.0
TEST = """\
  - name: test {number}
    given:
      events:
        - {{event_id: E{number}, order_id: O1, customer_id: C1, status: PAID, amount: 1.50, currency: EUR,
           updated_at: "2026-03-02T10:00:00Z"}}
    when: {{run: all}}
    expect: {{table: analytics.orders_current, rows: [{{order_id: O1, amount: 1.50}}]}}
"""


def main() -> int:
    """Measure one and twenty in turns; 1 when the limit is passed."""
    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder)
        shutil.copytree(ROOT / "sql", project / "sql")
        shutil.copy(ROOT / "config.example.yaml", project / "config.yaml")
        (project / "pipeline_tests").mkdir()
        tests = "tests:\n" + "".join(TEST.format(number=number) for number in range(1, 21))
        (project / "pipeline_tests" / "twenty.yaml").write_text(tests, encoding="utf-8")
        rounds = [(_seconds(project, "test 1"), _seconds(project)) for _ in range(ROUNDS)]
    one, twenty = (median(taken) for taken in zip(*rounds, strict=True))
    print(f"one test {one:.2f} s, twenty {twenty:.2f} s: {twenty / one:.2f} times; at most {LIMIT} is allowed.")
    return 0 if twenty / one <= LIMIT else 1


def _seconds(project: Path, *names: str) -> float:
    began = time.perf_counter()
    command = [sys.executable, "-m", "pipeline", "test", "--quiet", *names]
    subprocess.run(command, check=True, cwd=project, stdout=subprocess.DEVNULL)
    return time.perf_counter() - began


if __name__ == "__main__":
    sys.exit(main())
