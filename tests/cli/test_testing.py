"""`pipeline test`: what is printed where, the JUnit file, and how it exits."""

import json
import re
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from commands.small_shop import small_shop
from pipeline.cli.run import run
from pipeline.errors import ExitCode

Captured = pytest.CaptureFixture[str]

TESTS = """\
tests:
  - name: right
    expect: {table: s.sales, empty: true}
  - name: wrong
    given: {table: s.sales, rows: [{id: 1, amount: 2.00}, {id: 3, amount: 4.00}]}
    expect: {table: s.sales, rows: [{id: 1, amount: 2.50}]}
  - name: broken
    when: {sql: SELECT * FROM s.nowhere}
    expect: {table: s.sales, empty: true}
"""

FAILED = """\
✗ wrong
  tests/a.yaml:6  s.sales: 1 expected not found, 2 found not expected
     ID  AMOUNT
  -  1   2.50
  +  1   2.00
  +  3   4.00

! broken
  tests/a.yaml:8  SQL compilation error: Object 'S.NOWHERE' does not exist or not authorized.

3 tests, 1 passed, 1 failed, 1 error in <time>
"""

QUALITY = """\
tables:
  - table: s.sales
    key: id
    checks:
      - {name: no sale of nothing, range: {column: amount, min: 0.01}, severity: warn}
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    small_shop(tmp_path, {"tests/a.yaml": TESTS, "quality/a.yaml": QUALITY})
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.excepthook", sys.excepthook)
    return tmp_path


def masked(text: str) -> str:
    text = re.sub(r"\b\d+(\.\d)? (ms|s)\b", "<time>", text)
    return re.sub(r" +$", "", text, flags=re.MULTILINE)


@pytest.mark.usefixtures("project")
def test_failures_on_standard_output_and_progress_on_standard_error(capsys: Captured) -> None:
    assert run(["test"]) == ExitCode.TESTS_FAILED
    shown = capsys.readouterr()
    assert masked(shown.out) == FAILED
    assert sorted(masked(shown.err).splitlines()) == [
        "! tests/a.yaml:7  broken  <time>",
        "✓ tests/a.yaml:2  right  <time>",
        "✗ tests/a.yaml:4  wrong  <time>",
    ]


@pytest.mark.usefixtures("project")
def test_success(capsys: Captured) -> None:
    assert run(["test", "right", "--quiet"]) == ExitCode.OK
    assert capsys.readouterr() == ("", "")


@pytest.mark.usefixtures("project")
def test_json_is_one_document(capsys: Captured) -> None:
    assert run(["test", "-k", "wrong", "--format", "json"]) == ExitCode.TESTS_FAILED
    document = json.loads(capsys.readouterr().out)
    (test,) = document.pop("tests")
    seconds = document.pop("seconds")
    assert seconds >= test.pop("seconds") > 0
    assert document == {"project": "small_shop", "passed": 0, "failed": 1, "errors": 0}
    assert test == {
        "name": "wrong",
        "at": "tests/a.yaml:4",
        "verdict": "failed",
        "problems": [
            {
                "at": "tests/a.yaml:6",
                "message": "s.sales: 1 expected not found, 2 found not expected",
                "hint": None,
                "columns": ["ID", "AMOUNT"],
                "rows": [
                    {"sign": "-", "cells": ["1", "2.50"]},
                    {"sign": "+", "cells": ["1", "2.00"]},
                    {"sign": "+", "cells": ["3", "4.00"]},
                ],
            }
        ],
    }


def test_junit(project: Path) -> None:
    assert run(["test", "--junit", "out/junit.xml"]) == ExitCode.TESTS_FAILED
    root = ElementTree.parse(project / "out" / "junit.xml").getroot()
    assert {key: root.get(key) for key in ("name", "tests", "failures", "errors")} == {
        "name": "small_shop",
        "tests": "3",
        "failures": "1",
        "errors": "1",
    }
    (suite,) = root
    assert suite.get("name") == "tests/a.yaml"
    right, wrong, broken = suite
    assert (right.get("name"), right.get("classname"), right.get("line"), list(right)) == (
        "right",
        "tests/a.yaml",
        "2",
        [],
    )
    (failure,) = wrong
    assert (failure.tag, failure.get("message")) == ("failure", "s.sales: 1 expected not found, 2 found not expected")
    assert failure.text is not None
    assert failure.text.splitlines()[1:] == ["  ID | AMOUNT", "- 1 | 2.50", "+ 1 | 2.00", "+ 3 | 4.00"]
    assert broken[0].tag == "error"


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--quality", "-k", "x"], "NAMES, -k, --junit and --jobs are for unit tests, not for --quality."),
        (["-c", "prod"], "Unit tests run on local accounts of their own."),
        (["--strict"], "--strict goes with --quality."),
        (["nothing"], "There is no test 'nothing' in tests."),
    ],
)
def test_wrong_words(arguments: list[str], message: str, capsys: Captured) -> None:
    assert run(["test", *arguments]) == ExitCode.USAGE
    assert message in capsys.readouterr().err


@pytest.mark.usefixtures("project")
def test_quality(capsys: Captured) -> None:
    assert run(["deploy", "--quiet"]) == ExitCode.OK
    assert run(["test", "--quality"]) == ExitCode.OK
    assert masked(capsys.readouterr().out) == (
        "   check               finding\n✓  no sale of nothing\n\n1 check, 1 passed in local (1 statement, <time>)\n"
    )
    assert run(["query", "--quiet", "-q", "INSERT INTO s.sales (id, amount) SELECT 7, 0"]) == ExitCode.OK
    assert run(["test", "--quality"]) == ExitCode.OK
    assert masked(capsys.readouterr().out) == (
        "   check               finding\n"
        "!  no sale of nothing  1 row\n"
        "\n"
        "quality/a.yaml:5  no sale of nothing\n"
        "ID  AMOUNT\n"
        "7   0.00\n"
        "\n"
        "1 check, 0 passed, 1 warning in local (2 statements, <time>)\n"
    )


@pytest.mark.usefixtures("project")
def test_quality_as_json_and_strict(capsys: Captured) -> None:
    run(["deploy", "--quiet"])
    run(["query", "--quiet", "-q", "INSERT INTO s.sales (id, amount) SELECT 7, 0"])
    capsys.readouterr()
    assert run(["test", "--quality", "--strict", "--format", "json"]) == ExitCode.TESTS_FAILED
    document = json.loads(capsys.readouterr().out)
    assert document.pop("seconds") > 0
    assert document == {
        "environment": "local",
        "passed": 0,
        "failed": 0,
        "warnings": 1,
        "skipped": 0,
        "statements": 2,
        "checks": [
            {
                "name": "no sale of nothing",
                "at": "quality/a.yaml:5",
                "severity": "warn",
                "state": "failed",
                "failures": 1,
                "detail": "1 row",
                "rows": [{"ID": 7, "AMOUNT": 0}],
            }
        ],
    }
