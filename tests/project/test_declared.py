"""What every file of declarations has in common: faults with file:line and the nearest name."""

import json
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import ConfigError, PipelineError, RenderError
from pipeline.project.declared import declaration_files
from pipeline.project.json_text import json_text
from pipeline.project.nodes import Value
from pipeline.project.quality import read_quality
from pipeline.project.render import ProjectRenderer
from pipeline.project.unit_tests import read_unit_tests
from project.folders_of_projects import project, write


def quality_fault(root: Path, text: str) -> PipelineError:
    shop = project(root, {"quality/a.yaml": text})
    with pytest.raises((ConfigError, RenderError)) as caught:
        read_quality(shop, ProjectRenderer(shop))
    return caught.value


def unit_test_fault(root: Path, text: str) -> PipelineError:
    shop = project(root, {"tests/a.yaml": text})
    with pytest.raises((ConfigError, RenderError)) as caught:
        read_unit_tests(shop, ProjectRenderer(shop))
    return caught.value


TABLE = "tables:\n  - table: t\n    checks:\n"

QUALITY_FAULTS = [
    ("table:\n  - x\n", 1, "unknown key 'table' in the file", "did you mean 'tables'?"),
    ("tables: x\n", 1, "an entry of 'tables' must be a mapping of keys to values", None),
    ("tables: []\n", 1, "'tables' is an empty list", None),
    ("tables:\n  - checks: []\n", 2, "key 'table' is missing in an entry of 'tables'", None),
    (TABLE + "      - notnull: a\n", 4, "unknown key 'notnull' in a check", "did you mean 'not_null'?"),
    (
        TABLE + "      - severity: warn\n",
        4,
        "a check needs one of not_null, unique, accepted_values, range, relationships, freshness, condition,"
        " and has none",
        None,
    ),
    (
        TABLE + "      - not_null: a\n        unique: a\n",
        4,
        "a check needs one of not_null, unique, accepted_values, range, relationships, freshness, condition,"
        " and has not_null and unique",
        None,
    ),
    (
        TABLE + "      - not_null: a\n        severity: warning\n",
        5,
        "'severity' must be one of error, warn, not 'warning'",
        "did you mean 'warn'?",
    ),
    (TABLE + "      - not_null: ''\n", 4, "'not_null' must be text", None),
    (TABLE + "      - range: {column: a}\n", 4, "a range needs 'min' or 'max'", None),
    (TABLE + "      - range: {column: a, min: [1]}\n", 4, "'min' must be one value", None),
    (
        TABLE + "      - freshness: {column: a, within: soon}\n",
        4,
        "'within' must be a time span such as 90s, 5m, 1h30m or 2d, not 'soon'",
        None,
    ),
    (
        "balances:\n  - name: b\n    rows: {sql: SELECT 1, label: x, where: a}\n    equal: {table: t}\n",
        3,
        "'where' goes with 'table'; write the condition into the query",
        None,
    ),
    ("sql:\n  - name: s\n", 2, "key 'query' is missing in an entry of 'sql'", None),
    ('sql:\n  - name: s\n    query: "SELECT {{ dayz }}"\n', 3, "'dayz' is undefined", "did you mean 'days'?"),
]


@pytest.mark.parametrize(("text", "line", "message", "hint"), QUALITY_FAULTS)
def test_faults_of_quality(tmp_path: Path, text: str, line: int, message: str, hint: str | None) -> None:
    fault = quality_fault(tmp_path, text)
    assert (fault.message, fault.hint) == (message, hint)
    assert fault.at is not None
    assert (fault.at.path, fault.at.line) == (tmp_path / "quality" / "a.yaml", line)


TEST = "tests:\n  - name: one\n"
EXPECT = "    expect: {table: t, empty: true}\n"

UNIT_TEST_FAULTS = [
    ("tests:\n  - when: {run: all}\n", 2, "key 'name' is missing in a test", None),
    (TEST + "    when: {run: all}\n", 2, "test 'one' expects nothing", "a test needs 'expect'"),
    (TEST + "    then: x\n", 3, "unknown key 'then' in a test", "did you mean 'when'?"),
    (TEST + "    now: soon\n" + EXPECT, 3, "'now' must be a moment such as 2026-03-01T12:00:00Z, not 'soon'", None),
    (
        TEST + EXPECT + "    steps:\n      - expect: {table: t, count: 1}\n",
        3,
        "'expect' stands beside 'steps'",
        "move it into a step",
    ),
    (
        TEST + "    given: {file: nowhere.jsonl}\n" + EXPECT,
        3,
        "file 'nowhere.jsonl' does not exist",
        "name it by its path from the project's root",
    ),
    (TEST + "    given: {table: t}\n" + EXPECT, 3, "key 'rows' is missing in an entry of 'given'", None),
    (
        TEST + "    given: {events: [1]}\n" + EXPECT,
        3,
        "an event must be a mapping, or text: a line as it stands in a file",
        None,
    ),
    (TEST + "    given: {events: ['x'], rows: [{a: 1}]}\n" + EXPECT, 3, "'rows' goes with 'table'", None),
    (TEST + "    when: {run: [all, t]}\n" + EXPECT, 3, "'all' stands alone", None),
    (
        TEST + "    expect: {table: t}\n",
        3,
        "an entry of 'expect' needs one of rows, count, empty, and has none",
        None,
    ),
    (
        TEST + "    expect: {table: t, empty: false}\n",
        3,
        "'empty' can only be true",
        "'count' says how many rows there are",
    ),
    (TEST + "    expect: {table: t, count: -1}\n", 3, "'count' must be a whole number, not '-1'", None),
    (TEST + "    expect: {table: t, count: 1, ordered: true}\n", 3, "'ordered' goes with 'rows'", None),
    (TEST + "    expect: {sql: S, where: x, count: 1}\n", 3, "'where' goes with 'table'", None),
    (TEST + "    expect: {table: t, params: {a: 1}, count: 1}\n", 3, "'params' goes with 'query'", None),
    (
        TEST + "    expect: {query: q, params: {a: [1]}, count: 1}\n",
        3,
        "'params' must be a mapping of names to values",
        None,
    ),
    (
        TEST + "    expect: {table: t, rows: [1]}\n",
        3,
        "a row must be a mapping of columns to values",
        None,
    ),
]


@pytest.mark.parametrize(("text", "line", "message", "hint"), UNIT_TEST_FAULTS)
def test_faults_of_unit_tests(tmp_path: Path, text: str, line: int, message: str, hint: str | None) -> None:
    fault = unit_test_fault(tmp_path, text)
    assert (fault.message, fault.hint) == (message, hint)
    assert fault.at is not None
    assert (fault.at.path, fault.at.line) == (tmp_path / "tests" / "a.yaml", line)


def test_two_tests_of_one_name(tmp_path: Path) -> None:
    write(tmp_path, {"tests/b.yaml": TEST + EXPECT})
    fault = unit_test_fault(tmp_path, TEST + EXPECT)
    assert fault.message == f"a second test is named 'one'; first in {tmp_path / 'tests' / 'a.yaml'}:2:5"
    assert str(fault.at) == f"{tmp_path / 'tests' / 'b.yaml'}:2:5"


def test_files_below_the_folder_in_order(tmp_path: Path) -> None:
    write(tmp_path, {"b.yaml": "", "a/c.yml": "", "a/x.txt": "", "a.yaml": ""})
    assert [path.relative_to(tmp_path).as_posix() for path in declaration_files(tmp_path)] == [
        "a/c.yml",
        "a.yaml",
        "b.yaml",
    ]
    assert declaration_files(tmp_path / "nowhere") == ()


VALUES: st.SearchStrategy[Value] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.decimals(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(VALUES)
def test_json_text_is_json_of_the_same_value(value: Value) -> None:
    text = json_text(value)
    assert "\n" not in text
    assert json.loads(text, parse_float=Decimal) == value
