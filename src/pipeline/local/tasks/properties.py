"""NAME = value of CREATE TASK and ALTER TASK: read, checked, and turned into what a task is.

Source: docs.snowflake.com/en/sql-reference/sql/create-task; texts as recorded from live accounts.
"""

import json
from dataclasses import dataclass, replace

from pipeline.local.errors import SnowflakeError, compilation, invalid_value
from pipeline.local.objects import TaskSpec
from pipeline.local.parameters import PARAMETERS, Parameters
from pipeline.local.schedule import parse_completion_interval, parse_schedule, refused
from pipeline.sql.grammar.model import Option, Options, Value, ValueKind
from pipeline.sql.names import quote_literal

DAY_IN_SECONDS = 86_400
NUMBERS = {
    "SUSPEND_TASK_AFTER_NUM_FAILURES": (0, 2**31 - 1),
    "TASK_AUTO_RETRY_ATTEMPTS": (0, 30),
    "USER_TASK_MINIMUM_TRIGGER_INTERVAL_IN_SECONDS": (10, 7 * DAY_IN_SECONDS),
    "USER_TASK_TIMEOUT_MS": (0, 7 * DAY_IN_SECONDS * 1000),
}
"""Parameters of tasks that are numbers, with their least and most values."""
SIZE_PARAMETERS = (
    "USER_TASK_MANAGED_INITIAL_WAREHOUSE_SIZE",
    "SERVERLESS_TASK_MIN_STATEMENT_SIZE",
    "SERVERLESS_TASK_MAX_STATEMENT_SIZE",
)
SERVERLESS_ONLY = (*SIZE_PARAMETERS, "TARGET_COMPLETION_INTERVAL")
OVERLAP_POLICIES = ("NO_OVERLAP", "ALLOW_CHILD_OVERLAP", "ALLOW_ALL_OVERLAP")
_SIZES = (
    ("XSMALL", "X-SMALL"),
    ("SMALL",),
    ("MEDIUM",),
    ("LARGE",),
    ("XLARGE", "X-LARGE"),
    ("XXLARGE", "X2LARGE", "2X-LARGE"),
    ("XXXLARGE", "X3LARGE", "3X-LARGE"),
    ("X4LARGE", "4X-LARGE"),
    ("X5LARGE", "5X-LARGE"),
    ("X6LARGE", "6X-LARGE"),
)
_RANKS = {name: rank for rank, names in enumerate(_SIZES) for name in names}
_LEVELS = {
    "LOG_LEVEL": ("log", ("TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL", "OFF")),
    "TRACE_LEVEL": ("trace", ("ALWAYS", "ON_EVENT", "PROPAGATE", "OFF")),
}
_TEXTS = frozenset({"COMMENT", "TARGET_COMPLETION_INTERVAL", *SIZE_PARAMETERS, *_LEVELS})
_NAMES = frozenset({"ERROR_INTEGRATION", "SUCCESS_INTEGRATION", "FINALIZE"})
_FIELDS = frozenset({"WAREHOUSE", "SCHEDULE", "CONFIG", "OVERLAP_POLICY", "ALLOW_OVERLAPPING_EXECUTION"})
_NOT_KEPT = frozenset({"FINALIZE", "COMMENT"})


def check_statement(options: Options) -> None:
    """What the statement says for itself alone: values of the right kind, parameters that a task may have.

    Raises:
        SnowflakeError: a value is of the wrong kind, or no task can have the property.
    """
    for option in options:
        name, value = option.name, option.value
        if name == "SEARCH_PATH":
            raise refused("The parameter SEARCH_PATH is not supported with Tasks. Remove the parameter and try again.")
        number = value.kind is ValueKind.NUMBER
        if _wants_number(name) and not number:
            raise _invalid(name, f"'{value.text}'" if value.kind is ValueKind.STRING else value.text)
        if _wants_text(name) and (number or value.word in ("TRUE", "FALSE")):
            raise _invalid(name, value.text)
        if not _known(name):
            raise compilation(f"invalid property '{name}' for 'TASK'", 1420, "22023")


def check_names(names: tuple[str, ...]) -> None:
    """The names of UNSET are properties of tasks."""
    for name in names:
        if not _known(name):
            raise compilation(f"invalid property '{name}' for 'TASK'", 1420, "22023")


def _known(name: str) -> bool:
    return name in NUMBERS or name in _TEXTS or name in _NAMES or name in _FIELDS or name in PARAMETERS


def _wants_number(name: str) -> bool:
    default = PARAMETERS[name].default if name in PARAMETERS else None
    return name in NUMBERS or (isinstance(default, int) and not isinstance(default, bool))


def _wants_text(name: str) -> bool:
    return name in _TEXTS or name in _NAMES or (name in PARAMETERS and isinstance(PARAMETERS[name].default, str))


def apply(spec: TaskSpec, options: Options) -> TaskSpec:
    """The task with these options set; FINALIZE and COMMENT are not part of it.

    Raises:
        SnowflakeError: a value is out of its range or vocabulary, or two do not go together.
    """
    _check_overlap_twice(options)
    parameters = dict(spec.parameters)
    for option in options:
        if option.name in _FIELDS:
            spec = _set_field(spec, option)
        elif option.name not in _NOT_KEPT:
            parameters[option.name] = _parameter(option)
    spec = replace(spec, parameters=parameters)
    check_together(spec)
    return spec


def unset(spec: TaskSpec, names: tuple[str, ...]) -> TaskSpec:
    """The task without these properties."""
    plain = TaskSpec(spec.definition)
    fields: dict[str, dict[str, object]] = {
        "WAREHOUSE": {"warehouse": None},
        "SCHEDULE": {"schedule": None},
        "CONFIG": {"config": None},
        "OVERLAP_POLICY": {"overlap_policy": plain.overlap_policy},
        "ALLOW_OVERLAPPING_EXECUTION": {"overlap_policy": plain.overlap_policy},
        "FINALIZE": {"finalizes": None},
    }
    for name in names:
        spec = replace(spec, **fields.get(name, {}))  # type: ignore[arg-type]
    kept = {name: value for name, value in spec.parameters.items() if name not in names}
    return replace(spec, parameters=kept)


def _set_field(spec: TaskSpec, option: Option) -> TaskSpec:
    value = option.value
    match option.name:
        case "WAREHOUSE":
            return replace(spec, warehouse=value.name().name)
        case "SCHEDULE":
            parse_schedule(value.text)
            return replace(spec, schedule=value.text)
        case "CONFIG":
            check_config(value.text)
            return replace(spec, config=value.text)
        case "OVERLAP_POLICY":
            return replace(spec, overlap_policy=_overlap_policy(value))
        case _:
            return replace(spec, overlap_policy=_legacy_overlap(value))


def check_config(text: str) -> dict[str, object]:
    """The JSON object that a CONFIG is."""
    try:
        config = json.loads(text)
    except ValueError:
        config = None
    if not isinstance(config, dict):
        raise refused("Invalid config. Must be a string representation of a valid JSON Object.")
    return config


def _overlap_policy(value: Value) -> str:
    policy = value.word if value.kind is ValueKind.WORD else value.name().name
    if value.kind is ValueKind.STRING:
        policy = value.text
    if policy not in OVERLAP_POLICIES:
        raise invalid_value(f"invalid value '{policy}' for property 'OVERLAP_POLICY'")
    return policy


def _legacy_overlap(value: Value) -> str:
    if value.word not in ("TRUE", "FALSE"):
        raise _invalid("ALLOW_OVERLAPPING_EXECUTION", value.text)
    return "ALLOW_CHILD_OVERLAP" if value.word == "TRUE" else "NO_OVERLAP"


def _check_overlap_twice(options: Options) -> None:
    policy, legacy = options.get("OVERLAP_POLICY"), options.get("ALLOW_OVERLAPPING_EXECUTION")
    if policy is not None and legacy is not None and _overlap_policy(policy) != _legacy_overlap(legacy):
        raise refused(
            "Cannot specify ALLOW_OVERLAPPING_EXECUTION and OVERLAP_POLICY to different values in the same command."
        )


def _parameter(option: Option) -> str:
    """A parameter's value as SQL text, checked."""
    name, value = option.name, option.value
    if name in NUMBERS:
        low, high = NUMBERS[name]
        if not value.text.lstrip("+-").isdigit() or not low <= int(value.text) <= high:
            raise _invalid(name, value.text)
    elif name in SIZE_PARAMETERS:
        if value.word not in _RANKS:
            raise _invalid(name, value.text)
    elif name in _LEVELS:
        what, allowed = _LEVELS[name]
        if value.word not in allowed:
            raise refused(f"Invalid value for {what} level. Allowed values are {','.join(allowed)}.")
    elif name == "TARGET_COMPLETION_INTERVAL":
        parse_completion_interval(value.text)
    elif name == "AUTOCOMMIT" and value.word == "FALSE":
        raise refused(
            "The parameter AUTOCOMMIT = false is not supported with Tasks. Remove the parameter and try again."
        )
    elif name in PARAMETERS:
        Parameters().set(name, value.text)
    return quote_literal(value.text) if value.kind is ValueKind.STRING else value.text


def check_together(spec: TaskSpec) -> None:
    """What does not go together within one task."""
    if spec.warehouse is not None:
        for name in SERVERLESS_ONLY:
            if name in spec.parameters:
                raise refused(f"Cannot set {name} on a non-serverless task.")
    initial, least, most = (parameter(spec, name) for name in SIZE_PARAMETERS)
    if least is not None and most is not None and _rank(least) > _rank(most):
        raise refused(
            f"SERVERLESS_TASK_MIN_STATEMENT_SIZE ({least}) cannot be greater than "
            f"SERVERLESS_TASK_MAX_STATEMENT_SIZE ({most})."
        )
    if initial is not None and least is not None and _rank(initial) < _rank(least):
        raise refused(
            f"USER_TASK_MANAGED_INITIAL_WAREHOUSE_SIZE ({initial}) cannot be less than "
            f"SERVERLESS_TASK_MIN_STATEMENT_SIZE ({least})."
        )


def _rank(size: str) -> int:
    return _RANKS[size.upper()]


def parameter(spec: TaskSpec, name: str) -> str | None:
    """The value of a parameter set on the task, without quotes."""
    text = spec.parameters.get(name)
    if text is None or not text.startswith("'"):
        return text
    return text[1:-1].replace("''", "'").replace("\\\\", "\\")


def number(spec: TaskSpec, name: str, default: int) -> int:
    """The value of a parameter of tasks that is a number."""
    text = spec.parameters.get(name)
    return default if text is None else int(text)


@dataclass(frozen=True, slots=True)
class SessionSetting:
    """A session parameter that the task's runs have."""

    name: str
    value: str


def session_settings(spec: TaskSpec) -> tuple[SessionSetting, ...]:
    """The session parameters among what was set on the task."""
    found = ((name, parameter(spec, name)) for name in spec.parameters if name in PARAMETERS)
    return tuple(SessionSetting(name, value) for name, value in found if value is not None)


def _invalid(name: str, text: str) -> SnowflakeError:
    return SnowflakeError(f"SQL compilation error:\ninvalid value [{text}] for parameter '{name}'", 1067, "22023")
