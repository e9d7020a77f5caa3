from pathlib import Path

import pytest

from pipeline.errors import ConfigError
from pipeline.project.folder import find_root, read_project
from pipeline.project.model import AfterDeploy, Run, StepKind, Target
from project.folders_of_projects import CONFIG, project, write


def test_the_repository_is_a_project() -> None:
    root = Path(__file__).parents[2]
    found = read_project(root, None, {}, {})

    assert found.name == "order_events"
    assert found.environment.name == "local"
    assert found.environment.after_deploy is AfterDeploy.RESUME
    assert [step.name for step in found.steps] == ["setup", "raw layer", "streams", "transforms", "tasks", "queries"]
    assert found.steps[-1].kind is StepKind.QUERIES
    assert read_project(root, "prod", {}, {}).environment.target is Target.SNOWFLAKE


def test_the_example_stands_in_with_a_notice(tmp_path: Path) -> None:
    write(tmp_path, {"config.example.yaml": CONFIG, "sql/a.sql": ""})
    assert read_project(tmp_path, None, {}, {}).notices == ("no config.yaml: using config.example.yaml",)

    write(tmp_path, {"config.yaml": CONFIG.replace("shop", "mine")})
    found = read_project(tmp_path, None, {}, {})
    assert (found.name, found.notices) == ("mine", ())


def test_a_folder_without_configuration_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"no config\.yaml in") as caught:
        read_project(tmp_path, None, {}, {})

    assert caught.value.hint == "--project names the folder of a project"


def test_a_project_s_folder_must_be_one(tmp_path: Path) -> None:
    file = tmp_path / "config.yaml"
    file.write_text(CONFIG, encoding="utf-8")

    with pytest.raises(ConfigError, match="nowhere does not exist"):
        find_root(tmp_path / "nowhere")
    with pytest.raises(ConfigError, match=r"config\.yaml is not a folder"):
        find_root(file)


def test_environments_inherit_what_becomes_of_tasks(tmp_path: Path) -> None:
    config = CONFIG + "tasks:\n  after_deploy: suspend\nenvironments:\n  local:\n    target: local\n  dev:\n"
    config += "    connection: d\n    tasks:\n      after_deploy: resume\n"

    assert project(tmp_path, {"config.yaml": config}).environment.after_deploy is AfterDeploy.SUSPEND
    dev = project(tmp_path, {"config.yaml": config}, environment="dev").environment
    assert (dev.target, dev.connection, dev.after_deploy) == (Target.SNOWFLAKE, "d", AfterDeploy.RESUME)


def test_steps_hold_their_scripts_in_order(tmp_path: Path) -> None:
    config = CONFIG + "  - name: more\n    scripts: [sql/b.sql, sql/c.sql]\n    run: always\n"
    found = project(tmp_path, {"config.yaml": config, "sql/b.sql": "b", "sql/c.sql": "c"})

    assert [script.name for script in found.scripts] == ["sql/a.sql", "sql/b.sql", "sql/c.sql"]
    assert [step.run for step in found.steps] == [Run.CHANGED, Run.ALWAYS]
    assert found.scripts[2].read() == "c"
    assert str(found.scripts[2].at).endswith("config.yaml:9:26")


@pytest.mark.parametrize(
    ("written", "message", "hint"),
    [
        ("sql/aa.sql", "script 'sql/aa.sql' does not exist", "did you mean 'sql/a.sql'?"),
        ("sgl/a.sql", "script 'sgl/a.sql' does not exist", "did you mean 'sql/a.sql'?"),
        ("sql", "script 'sql' is a folder", None),
        ("../a.sql", "script '../a.sql' is outside of the project", "name it by its path from the project's root"),
        ("/a.sql", "script '/a.sql' is outside of the project", "name it by its path from the project's root"),
    ],
)
def test_a_missing_script_is_named_with_its_line(tmp_path: Path, written: str, message: str, hint: str | None) -> None:
    with pytest.raises(ConfigError) as caught:
        project(tmp_path, {"config.yaml": CONFIG.replace("sql/a.sql", written)})

    assert caught.value.message == message
    assert hint is None or caught.value.hint == hint
    assert str(caught.value.at).endswith("config.yaml:7:5")


def test_a_script_runs_in_one_step_only(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"sql/a\.sql stands in line 7 already"):
        project(tmp_path, {"config.yaml": CONFIG + "  - name: again\n    script: ./sql/a.sql\n"})


def test_a_step_s_name_is_its_own(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="a second step is called 'setup'"):
        project(tmp_path, {"config.yaml": CONFIG + "  - name: setup\n    script: sql/b.sql\n", "sql/b.sql": ""})


def test_the_root_is_found_from_below(tmp_path: Path) -> None:
    write(tmp_path, {"config.yaml": CONFIG, "sql/macros/x.sql": "", "inner/config.example.yaml": CONFIG})

    assert find_root(tmp_path) == tmp_path
    assert find_root(tmp_path / "sql/macros").resolve() == tmp_path.resolve()
    assert find_root(tmp_path / "inner") == tmp_path / "inner"


def test_the_search_for_the_root_ends_at_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, {"config.yaml": CONFIG, "home/work/x.sql": ""})
    monkeypatch.setenv("HOME", str(tmp_path / "home"))

    with pytest.raises(ConfigError, match="or above it"):
        find_root(tmp_path / "home/work")


def test_reading_writes_nothing(tmp_path: Path) -> None:
    project(tmp_path, {})
    before = sorted(tmp_path.rglob("*"))

    read_project(tmp_path, None, {}, {})

    assert sorted(tmp_path.rglob("*")) == before


def test_the_folder_of_the_unit_tests(tmp_path: Path) -> None:
    assert project(tmp_path, {}).tests == tmp_path / "tests"
    config = CONFIG + "tests:\n  folder: checks/unit\n"
    assert project(tmp_path, {"config.yaml": config}).tests == tmp_path / "checks" / "unit"


def test_the_folder_of_the_unit_tests_lies_in_the_project(tmp_path: Path) -> None:
    config = CONFIG + "tests:\n  folder: ../elsewhere\n"
    with pytest.raises(ConfigError, match=r"folder '\.\./elsewhere' is outside of the project") as caught:
        project(tmp_path, {"config.yaml": config})

    assert str(caught.value.at).endswith("config.yaml:9:3")
