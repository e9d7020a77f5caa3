"""Read and check a configuration file: every error names file, line and the nearest valid key."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ValidationError

from pipeline.errors import ConfigError
from pipeline.project.document import Document, KeyPath, expanded_scalar, read_document
from pipeline.project.model import (
    AfterDeploy,
    Config,
    EnvironmentConfig,
    LoadConfig,
    Run,
    StepConfig,
    StepKind,
    Target,
    TasksConfig,
    TestsConfig,
)
from pipeline.project.nodes import Mapping as MappingNode
from pipeline.project.nodes import Scalar, Source, parse_yaml
from pipeline.project.suggest import did_you_mean, nearest

_EXPECTED = {
    "string_type": "text",
    "bool_type": "true or false",
    "model_type": "a mapping of keys to values",
    "dict_type": "a mapping of keys to values",
    "tuple_type": "a list",
    "string_too_short": "text, not empty",
    "too_short": "a list with at least one entry",
}
_ENUMS = {
    "after_deploy": AfterDeploy,
    "target": Target,
    "kind": StepKind,
    "run": Run,
}


@dataclass(frozen=True, slots=True)
class Checked:
    """A valid configuration, the name of the environment in use, and the places of its values."""

    config: Config
    environment: str
    document: Document


def read_config(source: Source, environment: str | None, environ: Mapping[str, str]) -> Checked:
    """Read the file for one environment, by default the one that `default_environment` names.

    ConfigError for the first fault of the file, the others in its notes.
    """
    tree = parse_yaml(source)
    name = environment or _default_environment(source, tree, environ)
    document = read_document(source, tree, environ, name)
    try:
        config = Config.model_validate(document.value)
    except ValidationError as error:
        config = _without_dormant(document, error)
    if name not in config.environments:
        raise _unknown_environment(document, config, name, asked=environment is not None)
    return Checked(config, name, document)


def _default_environment(source: Source, tree: MappingNode, environ: Mapping[str, str]) -> str:
    node = tree.get("default_environment")
    return expanded_scalar(source, node, environ) if isinstance(node, Scalar) else "local"


def _unknown_environment(document: Document, config: Config, name: str, asked: bool) -> ConfigError:
    path: KeyPath = ("environments",) if asked else ("default_environment",)
    hint = did_you_mean(name, config.environments, "environments")
    return ConfigError(f"unknown environment '{name}'", at=document.location(path), hint=hint)


def _without_dormant(document: Document, error: ValidationError) -> Config:
    """The configuration without the environments whose only faults are variables that are not set here."""
    faults = [
        fault
        for fault in error.errors(include_url=False)
        if _known_path(document, fault["loc"]) not in document.dormant
    ]
    if faults:
        raise _config_error(document, faults)
    sleeping = {path[1] for path in document.dormant}
    environments = document.value["environments"]
    assert isinstance(environments, dict), "only environments have dormant values"
    kept = {name: value for name, value in environments.items() if name not in sleeping}
    return Config.model_validate({**document.value, "environments": kept})


def _config_error(document: Document, faults: Sequence[Any]) -> ConfigError:
    misspelt = {
        (fault["loc"][:-1], nearest(str(fault["loc"][-1]), _keys_at(fault["loc"][:-1])))
        for fault in faults
        if fault["type"] == "extra_forbidden"
    }
    told = [
        fault
        for fault in faults
        if (fault["loc"][:-1], str(fault["loc"][-1])) not in misspelt and not _follows(fault, faults)
    ]
    errors = sorted((_translate(document, fault) for fault in told), key=_line)
    unique = list({(error.message, str(error.at)): error for error in errors}.values())
    first, *others = unique
    notes = tuple(f"{other.at}: {other.message}" for other in others)
    return ConfigError(first.message, at=first.at, hint=first.hint, notes=notes)


def _follows(fault: Any, faults: Sequence[Any]) -> bool:
    """Whether a list is found too short only because entries of it are wrong: pydantic does not count those."""
    path = fault["loc"]
    return fault["type"] == "too_short" and any(
        len(other["loc"]) > len(path) and other["loc"][: len(path)] == path for other in faults
    )


def _line(error: ConfigError) -> tuple[int, int]:
    assert error.at is not None
    return error.at.line, error.at.column or 0


def _known_path(document: Document, loc: tuple[str | int, ...]) -> KeyPath:
    """The fault's place in the file: pydantic appends the names of the types it tried to a union's."""
    path = loc
    while path and path not in document.marks:
        path = path[:-1]
    return path


def _translate(document: Document, fault: Any) -> ConfigError:
    loc: KeyPath = fault["loc"]
    path = _known_path(document, loc)
    at = document.location(path)
    kind: str = fault["type"]
    if kind == "missing":
        return ConfigError(f"key '{loc[-1]}' is missing{_inside(loc[:-1])}", at=at)
    if kind == "extra_forbidden":
        key = str(loc[-1])
        hint = did_you_mean(key, _keys_at(loc[:-1]), "keys")
        return ConfigError(f"unknown key '{key}'{_inside(loc[:-1])}", at=at, hint=hint)
    if kind == "wrong":
        return ConfigError(fault["msg"] + _inside(path), at=at)
    key = str(path[-1])
    if key in _ENUMS and isinstance(path[-1], str):
        allowed = [member.value for member in _ENUMS[key]] + (["true", "false"] if key == "run" else [])
        written = document.raw.get(path)
        said = "" if written is None else f", not '{written}'"
        hint = None if written is None else did_you_mean(written, allowed, "values")
        return ConfigError(f"'{key}' must be one of {', '.join(allowed)}{said}", at=at, hint=hint)
    expected = _EXPECTED.get(kind)
    if expected is None:
        return ConfigError(f"'{key}': {fault['msg']}", at=at)
    got = "" if kind.endswith("too_short") else f", not {_got(document, path, fault['input'])}"
    quotable = kind == "string_type" and document.raw.get(path)
    hint = "put it in quotes" if quotable else None
    return ConfigError(f"{_called(path)} must be {expected}{got}", at=at, hint=hint)


def _got(document: Document, path: KeyPath, value: object) -> str:
    """What stands there instead, as it is written in the file."""
    if isinstance(value, list):
        return "a list"
    if isinstance(value, dict):
        return "a mapping"
    return document.raw.get(path) or "empty"


def _called(path: KeyPath) -> str:
    key = path[-1]
    return f"'{key}'" if isinstance(key, str) else f"entry {key + 1} of '{path[-2]}'"


def _inside(path: KeyPath) -> str:
    if not path:
        return ""
    return " in " + ".".join(str(part) if isinstance(part, str) else f"[{part + 1}]" for part in path).replace(
        ".[", "["
    )


def _keys_at(path: KeyPath) -> list[str]:
    match path:
        case ():
            model: type[BaseModel] = Config
        case ("environments", _):
            model = EnvironmentConfig
        case ("environments", _, "tasks") | ("tasks",):
            model = TasksConfig
        case ("steps", _):
            model = StepConfig
        case ("tests",):
            model = TestsConfig
        case _:
            model = LoadConfig
    return [field.alias or name for name, field in model.model_fields.items()]
