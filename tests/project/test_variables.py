from decimal import Decimal
from pathlib import Path

import pytest

from pipeline.errors import ConfigError, UsageError
from pipeline.project.nodes import Value
from project.folders_of_projects import CONFIG, project

TWO = CONFIG.replace("steps:", "environments:\n  local:\n    target: local\n    vars:\n      days: 7\nsteps:")


def resolved(
    root: Path, config: str = TWO, environ: dict[str, str] | None = None, **overrides: str
) -> dict[str, Value]:
    return dict(project(root, {"config.yaml": config}, overrides=overrides, environ=environ).variables)


def with_variable(text: str) -> str:
    return CONFIG.replace("  days: 30\n", f"  days: {text}\n")


def test_each_source_yields_to_the_next(tmp_path: Path) -> None:
    environ = {"PIPELINE_VAR_DAYS": "3"}

    assert resolved(tmp_path, CONFIG)["days"] == 30
    assert resolved(tmp_path, TWO)["days"] == 7
    assert resolved(tmp_path, TWO, environ)["days"] == 3
    assert resolved(tmp_path, TWO, environ, days="1")["days"] == 1


@pytest.mark.parametrize(
    ("declared", "given", "value"),
    [
        ("30", "7", 7),
        ("true", "false", False),
        ("1.10", "2.50", Decimal("2.50")),
        ("1", "2.5", Decimal("2.5")),
        ("text", "7", "7"),
        ("null", "7", "7"),
        ("[a]", '["b", "c"]', ["b", "c"]),
        ("{a: 1}", "{a: 2}", {"a": 2}),
    ],
)
def test_what_comes_from_outside_takes_the_kind_of_what_it_replaces(
    tmp_path: Path, declared: str, given: str, value: object
) -> None:
    found = resolved(tmp_path, with_variable(declared), days=given)["days"]

    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("declared", "given", "wanted"),
    [
        ("30", "hunter2", "a number"),
        ("true", "hunter2", "true or false"),
        ("[a]", "hunter2", "a list"),
        ("{a: 1}", "[hunter2", "no list"),
    ],
)
def test_a_value_of_another_kind_is_refused_and_not_shown(
    tmp_path: Path, declared: str, given: str, wanted: str
) -> None:
    with pytest.raises(UsageError, match=wanted) as caught:
        resolved(tmp_path, with_variable(declared), days=given)

    assert caught.value.message.startswith("--var days ")
    assert "hunter2" not in caught.value.message + str(caught.value.hint)


def test_a_misspelt_override_names_the_nearest_variable(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="--var databse: there is no such variable") as caught:
        resolved(tmp_path, databse="X")

    assert caught.value.hint == "did you mean 'database'?"


def test_a_misspelt_variable_of_an_environment_is_refused_at_its_line(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"unknown variable 'dys' in environments\.local\.vars") as caught:
        resolved(tmp_path, TWO.replace("      days: 7", "      dys: 7"))

    assert caught.value.hint == "did you mean 'days'?"
    assert caught.value.at is not None
    assert caught.value.at.line == 9


def test_an_environment_cannot_change_the_kind_of_a_variable(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="'days' must be a number as in 'vars', not text"):
        resolved(tmp_path, TWO.replace("      days: 7", "      days: '7'"))


def test_an_unused_variable_of_the_process_is_noticed(tmp_path: Path) -> None:
    found = project(tmp_path, {}, environ={"PIPELINE_VAR_DATABSE": "X", "OTHER": "Y"})

    assert found.notices == (
        "PIPELINE_VAR_DATABSE is set, but 'vars' has no such variable; did you mean PIPELINE_VAR_DATABASE?",
    )


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("a-b", "'a-b' is no name for a variable"),
        ("env", "'env' has a meaning of its own in templates"),
        ("loop", "'loop' has a meaning of its own in templates"),
        ("files", "'files' has a meaning of its own in templates"),
        ("Database", "'Database' and 'database' differ in case only"),
    ],
)
def test_a_name_that_templates_cannot_see_is_refused(tmp_path: Path, name: str, problem: str) -> None:
    with pytest.raises(ConfigError, match=problem) as caught:
        resolved(tmp_path, CONFIG.replace("  days: 30", f"  {name}: 30"))

    assert caught.value.at is not None
    assert caught.value.at.line == 4
