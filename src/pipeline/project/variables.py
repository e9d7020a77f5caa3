"""The variables of the templates, by precedence: --var, PIPELINE_VAR_<NAME>, the environment's vars, vars.

What comes from outside is text and takes the kind of the value it replaces: a number stays a number.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from pipeline.errors import ConfigError, UsageError
from pipeline.project.config import Checked
from pipeline.project.document import Document, KeyPath
from pipeline.project.model import variable_problem
from pipeline.project.nodes import Mapping as MappingNode
from pipeline.project.nodes import Node, Scalar, Source, Value, parse_yaml, plain_value
from pipeline.project.nodes import Sequence as SequenceNode
from pipeline.project.suggest import did_you_mean, nearest

PREFIX = "PIPELINE_VAR_"


@dataclass(frozen=True, slots=True)
class Variables:
    """The values that templates see, and what the user should know about how they came."""

    values: Mapping[str, Value]
    notices: tuple[str, ...] = ()


def resolve_variables(checked: Checked, overrides: Mapping[str, str], environ: Mapping[str, str]) -> Variables:
    """Merge the four sources. ConfigError for a bad name in the file, UsageError for a bad --var."""
    declared: dict[str, Value] = checked.config.vars
    _check_declared(checked.document, declared)
    _check_environments(checked, declared)
    values = {**declared, **checked.config.environments[checked.environment].vars}
    notices = []
    by_folded = {name.casefold(): name for name in declared}
    for variable in sorted(name for name in environ if name.upper().startswith(PREFIX)):
        found = by_folded.get(variable[len(PREFIX) :].casefold())
        if found is None:
            notices.append(_unused(variable, declared))
        else:
            values[found] = _convert(variable, environ[variable], values[found])
    for key, text in overrides.items():
        if key not in declared:
            hint = did_you_mean(key, declared, "variables") or "declare it in 'vars' of the configuration"
            raise UsageError(f"--var {key}: there is no such variable", hint=hint)
        values[key] = _convert(f"--var {key}", text, values[key])
    return Variables(values, tuple(notices))


def _check_declared(document: Document, declared: Mapping[str, Value]) -> None:
    seen: dict[str, str] = {}
    for name in declared:
        problem = variable_problem(name)
        if problem is None and name.casefold() in seen:
            problem = f"'{name}' and '{seen[name.casefold()]}' differ in case only"
        if problem is not None:
            raise ConfigError(problem, at=document.location(("vars", name)))
        seen[name.casefold()] = name


def _check_environments(checked: Checked, declared: Mapping[str, Value]) -> None:
    for environment, settings in checked.config.environments.items():
        for name, value in settings.vars.items():
            path: KeyPath = ("environments", environment, "vars", name)
            at = checked.document.location(path)
            if name not in declared:
                hint = did_you_mean(name, declared, "variables") or "declare it in the 'vars' of all environments"
                raise ConfigError(f"unknown variable '{name}' in environments.{environment}.vars", at=at, hint=hint)
            wanted = _kind(declared[name])
            if path not in checked.document.dormant and None not in (declared[name], value) and _kind(value) != wanted:
                raise ConfigError(f"'{name}' must be {wanted} as in 'vars', not {_kind(value)}", at=at)


def _unused(variable: str, declared: Mapping[str, Value]) -> str:
    near = nearest(variable[len(PREFIX) :], declared)
    hint = f"; did you mean {PREFIX}{near.upper()}?" if near else ""
    return f"{variable} is set, but 'vars' has no such variable{hint}"


def _kind(value: Value) -> str:
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, int | Decimal):
        return "a number"
    if isinstance(value, str):
        return "text"
    return "a list" if isinstance(value, list) else "a mapping"


def _convert(origin: str, text: str, replaced: Value) -> Value:
    """`text` as the kind of value that it replaces. The error does not show it: it may be a secret."""
    if replaced is None or isinstance(replaced, str):
        return text
    value = _parse_value(origin, text) if isinstance(replaced, list | dict) else plain_value(text)
    if value is None or _kind(value) != _kind(replaced):
        raise UsageError(f"{origin} must be {_kind(replaced)}")
    return value


def _parse_value(origin: str, text: str) -> Value:
    """A list or mapping, written as YAML or JSON."""
    try:
        tree = parse_yaml(Source(Path(origin), "value: " + text.replace("\n", " ")))
    except ConfigError:
        raise UsageError(f"{origin} is no list or mapping", hint="write it as JSON") from None
    node = tree.get("value")
    return None if node is None else _plain(node)


def _plain(node: Node) -> Value:
    match node:
        case Scalar():
            return plain_value(node.text) if node.plain else node.text
        case SequenceNode():
            return [_plain(item) for item in node.items]
        case MappingNode():
            return {entry.key: _plain(entry.value) for entry in node.entries}
