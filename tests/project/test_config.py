from pathlib import Path

import pytest

from pipeline.errors import ConfigError
from pipeline.project.config import Checked, read_config
from pipeline.project.model import AfterDeploy, Config, Run, Target, schema
from pipeline.project.nodes import Source

VALID = """\
project: shop
default_environment: local
vars:
  database: SHOP
environments:
  local:
    target: local
  prod:
    connection: ${PROD_CONNECTION}
steps:
  - name: setup
    script: sql/01_setup.sql
  - name: queries
    kind: queries
    script: sql/02_queries.sql
load:
  stage: S
  table: T
  copy: sql/copy.sql
tasks:
  after_deploy: keep
"""


def read(text: str, environment: str | None = None, environ: dict[str, str] | None = None) -> Checked:
    return read_config(Source(Path("config.yaml"), text), environment, environ or {})


def replaced(old: str, new: str) -> str:
    assert old in VALID
    return VALID.replace(old, new, 1)


def problem(text: str, environment: str | None = None) -> tuple[str, str | None, str]:
    with pytest.raises(ConfigError) as caught:
        read(text, environment)
    return caught.value.message, caught.value.hint, str(caught.value.at)


def test_a_valid_file_is_read() -> None:
    checked = read(VALID)

    assert checked.environment == "local"
    assert checked.config.environments["local"].target is Target.LOCAL
    assert checked.config.tasks.after_deploy is AfterDeploy.KEEP
    assert [step.name for step in checked.config.steps] == ["setup", "queries"]


@pytest.mark.parametrize(
    ("old", "new", "message", "hint", "at"),
    [
        ("  prod:\n", "  prod:\n    warehose: W\n", "unknown key 'warehose' in environments.prod",
         "valid keys are connection, target, tasks, vars", "9:5"),
        ("project:", "projct:", "unknown key 'projct'", "did you mean 'project'?", "1:1"),
        ("stage:", "stge:", "unknown key 'stge' in load", "did you mean 'stage'?", "17:3"),
        ("    kind:", "    knd:", "unknown key 'knd' in steps[2]", "did you mean 'kind'?", "14:5"),
        ("project: shop\n", "", "key 'project' is missing", None, "1:1"),
        ("project: shop", "project: 3", "'project' must be text, not 3", "put it in quotes", "1:1"),
        ("project: shop", "project:", "'project' must be text, not empty", None, "1:1"),
        ("project: shop", "project: a/b",
         "the project's name must be words of A–Z and 0–9, like 'raw layer' in project", None, "1:1"),
        ("  local:\n    target: local\n", "  local:\n    target: locl\n",
         "'target' must be one of local, snowflake, not 'locl'", "did you mean 'local'?", "7:5"),
        ("    target: local\n", "    vars: {}\n",
         "the environment needs 'target: local' or 'connection: NAME' in environments.local", None, "6:3"),
        ("    target: local\n", "    target: local\n    connection: x\n",
         "the local target has no 'connection' in environments.local", None, "6:3"),
        ("after_deploy: keep", "after_deploy: kep", "'after_deploy' must be one of resume, suspend, keep, not 'kep'",
         "did you mean 'keep'?", "21:3"),
        ("kind: queries", "kind: queries\n    run: once", "'run' of a queries step must be true or false in steps[2]",
         None, "13:5"),
        ("    script: sql/01_setup.sql", "    script: sql/01_setup.sql\n    run: true",
         "'run' of a deploy step must be changed, always or once in steps[1]", None, "11:5"),
        ("    kind: queries", "    run: twice",
         "'run' must be one of changed, always, once, true, false, not 'twice'",
         "valid values are always, changed, false, once, true", "14:5"),
        ("    script: sql/01_setup.sql", "    scripts: [1]", "entry 1 of 'scripts' must be text, not 1",
         "put it in quotes", "12:15"),
        ("    script: sql/01_setup.sql\n", "",
         "a step needs 'script' or a list of 'scripts', one of the two in steps[1]",
         None, "11:5"),
        ("  - name: setup", "  - name: ''", "'name' must be text, not empty", None, "11:5"),
        ("vars:\n  database: SHOP\n", "vars: 3\n", "'vars' must be a mapping of keys to values, not 3", None, "3:1"),
        ("default_environment: local", "default_environment: lcal", "unknown environment 'lcal'",
         "did you mean 'local'?", "2:1"),
        ("default_environment: local", "default_environment: ${NOWHERE}",
         "the environment variable NOWHERE is not set", "set it, or give a default: ${NOWHERE:-…}", "2:22"),
        ("project: shop", "project: ${", "'${' does not begin ${NAME} or ${NAME:-default}",
         "write '$${' for a plain '${'", "1:10"),
    ],
)  # fmt: skip
def test_a_fault_is_named_with_its_place_and_the_nearest_key(
    old: str, new: str, message: str, hint: str | None, at: str
) -> None:
    assert problem(replaced(old, new)) == (message, hint, f"config.yaml:{at}")


def test_a_wrong_step_is_one_fault() -> None:
    """The list of steps is not empty because its only entry is wrong."""
    text = VALID[: VALID.index("steps:")] + "steps:\n  - name: é\n    script: sql/01_setup.sql\n"
    with pytest.raises(ConfigError) as caught:
        read(text)

    assert caught.value.message == "the step's name must be words of A–Z and 0–9, like 'raw layer' in steps[1].name"
    assert caught.value.notes == ()


def test_steps_must_not_be_empty() -> None:
    text = VALID[: VALID.index("steps:")] + "steps: []\n"

    assert problem(text)[0] == "'steps' must be a list with at least one entry"


def test_the_first_fault_is_the_error_and_the_others_its_notes() -> None:
    text = replaced("project:", "projct:").replace("kep", "kept").replace("stage:", "stge:")

    with pytest.raises(ConfigError, match="projct") as caught:
        read(text)

    assert caught.value.notes == ("config.yaml:17:3: unknown key 'stge' in load",)


def test_an_unknown_environment_names_the_nearest() -> None:
    assert problem(VALID, "prd") == ("unknown environment 'prd'", "did you mean 'prod'?", "config.yaml:5:1")


def test_variables_of_environments_that_are_not_in_use_may_be_unset() -> None:
    assert read(VALID, "local").config.environments["prod"].connection == "${PROD_CONNECTION}"
    with pytest.raises(ConfigError, match="PROD_CONNECTION is not set"):
        read(VALID, "prod")
    assert read(VALID, "prod", {"PROD_CONNECTION": "x"}).config.environments["prod"].connection == "x"


def test_an_unset_variable_of_another_environment_cannot_be_a_wrong_value() -> None:
    text = replaced("connection: ${PROD_CONNECTION}", "target: ${TARGET}")

    assert list(read(text, "local").config.environments) == ["local"]


def test_run_is_read_for_both_kinds_of_steps() -> None:
    text = replaced("    kind: queries", "    kind: queries\n    run: true")
    text = text.replace("    script: sql/01_setup.sql", "    script: sql/01_setup.sql\n    run: once")

    assert [step.run for step in read(text).config.steps] == [Run.ONCE, True]


def test_an_expanded_value_without_quotes_is_read_like_one_in_the_file() -> None:
    text = replaced(
        "  database: SHOP\n", "  number: ${N}\n  text: '${N}'\n  half: a${N}b\n  default: ${M:-7}\n  no: $${N}\n"
    )
    variables = read(text, environ={"N": "5", "M": ""}).config.vars

    assert variables == {"number": 5, "text": "5", "half": "a5b", "default": 7, "no": "${N}"}


def test_the_value_of_the_environment_never_shows_in_an_error() -> None:
    with pytest.raises(ConfigError) as caught:
        read(replaced("after_deploy: keep", "after_deploy: ${PASSWORD}"), environ={"PASSWORD": "hunter2"})

    shown = [caught.value.message, str(caught.value.hint), str(caught.value.at), *caught.value.notes]
    assert "hunter2" not in " ".join(shown)
    assert "${PASSWORD}" in caught.value.message


def test_the_schema_names_every_key() -> None:
    found = schema()

    assert set(found["properties"]) == {field.alias or name for name, field in Config.model_fields.items()}
    assert found["additionalProperties"] is False
    assert "copy" in found["$defs"]["LoadConfig"]["properties"]
