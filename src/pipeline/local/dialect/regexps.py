"""Regular expressions: Snowflake's flags on RE2 (docs.snowflake.com/en/sql-reference/functions-regexp)."""

from pipeline.local.dialect.casts import text
from pipeline.local.dialect.typed import BOOLEAN, Typed, text_literal
from pipeline.local.errors import compilation, unsupported


def options(parameters: str) -> str:
    """RE2's options for Snowflake's: c, i, m, e, s; the last of c and i wins. As inline flags."""
    if set(parameters) - set("cimes"):
        raise compilation(
            f"Invalid parameter value: {parameters}. Reason: unknown regular expression flag", 1007, "22023"
        )
    flags = "i" if parameters.rfind("i") > parameters.rfind("c") else ""
    flags += "m" if "m" in parameters else ""
    flags += "s" if "s" in parameters else ""
    return f"(?{flags})" if flags else ""


def pattern(value: Typed, parameters: str) -> str:
    """The pattern with its flags in front; `.` does not match a newline unless `s` is given."""
    flags = options(parameters)
    if isinstance(value.constant, str):
        return text_literal((flags or "(?-s)") + value.constant)
    return f"('{flags or '(?-s)'}' || {text(value)})"


def full_match(subject: Typed, expression: Typed, parameters: str) -> Typed:
    return Typed(f"regexp_full_match({text(subject)}, {pattern(expression, parameters)})", BOOLEAN)


def constant_text(value: Typed, what: str) -> str:
    if not isinstance(value.constant, str):
        raise unsupported(f"{what} that is not a literal")
    return value.constant
