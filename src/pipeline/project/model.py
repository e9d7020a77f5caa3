"""The keys of a configuration file, as pydantic models; docs/configuration.md explains each."""

import re
from enum import StrEnum
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, StrictBool, field_validator, model_validator
from pydantic_core import PydanticCustomError


class AfterDeploy(StrEnum):
    """What becomes of task graphs when a deploy ends."""

    RESUME = "resume"
    SUSPEND = "suspend"
    KEEP = "keep"


class Target(StrEnum):
    """Which kind of account an environment is."""

    LOCAL = "local"
    SNOWFLAKE = "snowflake"


class StepKind(StrEnum):
    """What the scripts of a step hold."""

    DEPLOY = "deploy"
    QUERIES = "queries"


class Run(StrEnum):
    """When the statements of a deploy step run."""

    CHANGED = "changed"
    ALWAYS = "always"
    ONCE = "once"


RESERVED = frozenset({"env", "project", "stage", "table", "file_format", "files", "on_error"})
"""Names that templates get from the tool, so that no variable may have them."""

_JINJA_WORDS = frozenset(
    {"caller", "context", "cycler", "dict", "joiner", "kwargs", "lipsum", "loop", "namespace", "range", "self"}
    | {"super", "varargs", "and", "else", "false", "if", "import", "in", "is", "none", "not", "or", "true"}
)
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_WORDS = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_. -]*")

Text = Annotated[str, Field(min_length=1)]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def _check_name(name: str, what: str) -> None:
    if not _WORDS.fullmatch(name):
        raise PydanticCustomError("wrong", "{what} must be words of A–Z and 0–9, like 'raw layer'", {"what": what})


class TasksConfig(_Model):
    """`tasks:` what a deploy does with task graphs."""

    after_deploy: AfterDeploy = AfterDeploy.KEEP


class EnvironmentConfig(_Model):
    """One entry of `environments:`, a place to deploy to."""

    target: Target | None = None
    connection: Text | None = None
    vars: dict[str, Any] = {}
    tasks: TasksConfig | None = None

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        if self.target is Target.LOCAL and self.connection is not None:
            raise PydanticCustomError("wrong", "the local target has no 'connection'")
        if self.target is None and self.connection is None:
            raise PydanticCustomError("wrong", "the environment needs 'target: local' or 'connection: NAME'")
        return self


class StepConfig(_Model):
    """One entry of `steps:`, some scripts that run in order."""

    name: Text
    kind: StepKind = StepKind.DEPLOY
    script: Text | None = None
    scripts: tuple[Text, ...] = ()
    run: StrictBool | Run | None = None

    @field_validator("name")
    @classmethod
    def _name_is_words(cls, name: str) -> str:
        _check_name(name, "the step's name")
        return name

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if (self.script is None) == (not self.scripts):
            raise PydanticCustomError("wrong", "a step needs 'script' or a list of 'scripts', one of the two")
        if self.kind is StepKind.DEPLOY and isinstance(self.run, bool):
            raise PydanticCustomError("wrong", "'run' of a deploy step must be changed, always or once")
        if self.kind is StepKind.QUERIES and isinstance(self.run, Run):
            raise PydanticCustomError("wrong", "'run' of a queries step must be true or false")
        return self


class LoadConfig(_Model):
    """`load:` where `pipeline load` puts files and how they become rows. The first three are templates."""

    stage: Text
    table: Text
    file_format: Text | None = None
    copy_script: Text = Field(alias="copy")


class TestsConfig(_Model):
    """`tests:` where the unit tests of the project are kept."""

    __test__ = False  # pytest would collect the class by its name

    folder: Text = "tests"


class Config(_Model):
    """The whole file."""

    project: Text
    default_environment: Text = "local"
    vars: dict[str, Any] = {}
    environments: dict[str, EnvironmentConfig] = {"local": EnvironmentConfig(target=Target.LOCAL)}
    steps: tuple[StepConfig, ...] = Field(min_length=1)
    load: LoadConfig | None = None
    tasks: TasksConfig = TasksConfig()
    tests: TestsConfig = TestsConfig()

    @field_validator("project")
    @classmethod
    def _project_is_words(cls, project: str) -> str:
        _check_name(project, "the project's name")
        return project


def variable_problem(name: str) -> str | None:
    """Why a variable may not have this name; None when it may."""
    if not _NAME.fullmatch(name):
        return f"'{name}' is no name for a variable: letters, digits and _ only, no digit first"
    if name in RESERVED or name.casefold() in _JINJA_WORDS:
        return f"'{name}' has a meaning of its own in templates"
    return None


def schema() -> dict[str, Any]:
    """The JSON Schema of a configuration file, for editors."""
    return Config.model_json_schema(by_alias=True)
