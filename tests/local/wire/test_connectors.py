"""Both connectors against a real server: the same scenario gives the same to 4.x and to 5.x."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
CONNECTOR4 = HERE.parents[2] / ".venv-connector4" / "bin" / "python"

PYTHONS = [
    pytest.param(sys.executable, id="connector5"),
    pytest.param(
        str(CONNECTOR4),
        id="connector4",
        marks=pytest.mark.skipif(
            not CONNECTOR4.exists(), reason="no environment with connector 4: make connector4 makes it"
        ),
    ),
]

Run = Callable[..., Any]


@pytest.fixture(params=PYTHONS)
def run(request: pytest.FixtureRequest, parameters: dict[str, object], tmp_path: Path) -> Run:
    def in_a_process(scenario: str, **options: object) -> Any:
        asked = {"scenario": scenario, "parameters": parameters, "options": options, "folder": str(tmp_path)}
        done = subprocess.run(
            [request.param, str(HERE / "scenarios.py")],
            input=json.dumps(asked),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return in_a_process


def test_values_of_every_type(run: Run) -> None:
    seen = run("types")
    assert seen["row"] == [
        "1",
        "Decimal('12.50')",
        "1.5",
        "'grün ☃'",
        "True",
        "datetime.date(1969, 12, 30)",
        "datetime.time(1, 2, 3, 456000)",
        "datetime.datetime(2026, 11, 23, 1, 2, 3, 456)",
        "datetime.datetime(1969, 12, 31, 23, 59, 59, 500000)",
        r"'{\n  " '"a": [' r"\n    1\n  ]\n}" "'",
        repr(b"ab"),
        "None",
        "-" + "9" * 38,
        "Decimal('0E-10')",
    ]
    assert seen["ltz"] == [2025, 12, 31, 22, 0, 0]
    codes = [0, 0, 1, 2, 13, 3, 12, 8, 8, 6, 5, 11, 0, 0, 0]
    assert [column[1] for column in seen["description"]] == codes
    assert seen["description"][1][2:] == [10, 2]


def test_row_counts(run: Run) -> None:
    assert run("counts") == [5, 2, 1, 4]


def test_errors_carry_number_state_and_query_id(run: Run) -> None:
    syntax, fault = run("errors")
    assert syntax[:3] == [1003, "42000", 36]
    assert fault[:2] == [300002, "XX000"]
    assert "reference" in fault[3]
    assert "secret" not in fault[3]


def test_several_statements(run: Run) -> None:
    assert run("several") == ["[(1,)]", "[(3,)]", 3]


def test_asynchronous(run: Run) -> None:
    assert run("asynchronous") == [True, "[('waited',)]", "SUCCESS"]


def test_asynchronous_error(run: Run) -> None:
    assert run("asynchronous_error") == [1003, True]


def test_a_statement_longer_than_the_patience(run: Run) -> None:
    assert run("long") == "[('waited',)]"


def test_cancelled_by_timeout(run: Run, request: pytest.FixtureRequest, engine: Any) -> None:
    errno, rows = run("cancelled", **({"query_timeout": 1} if "connector5" in request.node.name else {}))
    assert errno in (604, 14)
    assert rows == "[(1,)]"
    assert engine.sessions[0].aborts == 1


def test_aborted_by_query_id(run: Run) -> None:
    assert run("aborted") == [True, "ABORTED"]


def test_binds_and_describe(run: Run) -> None:
    assert run("binds") == ["[(42, 'ü')]", ["X", "Y"]]


def test_put(run: Run) -> None:
    assert run("put") == [
        [["one.jsonl", "one.jsonl", "UPLOADED"], ["two.jsonl", "two.jsonl", "UPLOADED"]],
        [["one.jsonl", "one.jsonl", "SKIPPED"]],
        [["one.jsonl", "one.jsonl", "UPLOADED"]],
        [["three.csv", "three.csv.gz", "UPLOADED"]],
        [["three.csv", "three.csv.gz", "SKIPPED"]],
    ]


def test_get(run: Run) -> None:
    names = ["one.jsonl", "three.csv.gz", "two.jsonl"]
    assert run("get") == [[[name, "DOWNLOADED"] for name in names], names, True]


def test_put_replaces_only_when_told(run: Run) -> None:
    assert run("replaced") == {"a.txt": "third", "b.txt": "b"}


def test_large_and_empty_files(run: Run) -> None:
    assert run("large") == [True, True]


def test_a_refused_upload_is_no_success(run: Run) -> None:
    assert run("refused") not in ([], ["UPLOADED"], ["SKIPPED"])


def test_current_names(run: Run) -> None:
    assert run("session") == ["DB1", "S1", "WH", "PUBLIC"]
