"""Secrets stay out of what is shown and recorded: values of secret variables, and literals of secret properties."""

import re
from collections.abc import Iterable, Mapping

HIDDEN = "***"

_NAMES = r"(?:password|passphrase|secret|token|private_key|access_key|secret_key|credential|master_key)"
_VARIABLE = re.compile(_NAMES, re.IGNORECASE)
_PROPERTY = re.compile(
    rf"(?P<name>\b\w*{_NAMES}\w*\s*=>?\s*)(?P<value>'(?:[^'\\]|''|\\.)*(?:'|\Z)|\"[^\"]*\"|\$\$.*?(?:\$\$|\Z))",
    re.IGNORECASE | re.DOTALL,
)
"""`PASSWORD = 'x'`, also where the line that is shown ends within the value."""
_KEY = re.compile(
    rf"(?P<name>(?:^|[\s{{,])[\"']?\w*{_NAMES}\w*[\"']?\s*:\s+)(?![\"']?\$\{{\w+\}})(?P<value>[^\s#].*)$", re.IGNORECASE
)
"""`db_password: x`, as a line of YAML has it; `${NAME}` tells nothing and may be seen."""
_SHORTEST = 4
"""Characters of a value that is looked for: hiding every `1` would tell more than it hides."""


_WORDS = _NAMES.removeprefix("(?:").removesuffix(")").split("|")


def _mentions_a_secret(text: str) -> bool:
    """Whether the slow pattern could find something: of ten thousand statements it hardly ever can."""
    lower = text.lower()
    return any(word in lower for word in _WORDS)


class Secrets:
    """The secrets of one project."""

    def __init__(self, variables: Mapping[str, object]) -> None:
        values = {str(value) for name, value in variables.items() if _VARIABLE.search(name) and value is not None}
        self._pattern = _any_of(values)

    def concern(self, text: str) -> bool:
        """Whether there may be something to hide in a text: quick, and never wrong when it says no."""
        return self._pattern is not None or _mentions_a_secret(text)

    def hide(self, text: str) -> str:
        """`text` with every secret replaced; names that Snowflake has folded to upper case are found too."""
        if _mentions_a_secret(text):
            text = _PROPERTY.sub(rf"\g<name>'{HIDDEN}'", text)
        return text if self._pattern is None else self._pattern.sub(HIDDEN, text)


class _Known:
    """The secrets of every project that this process has opened.

    An error travels past all that knows the project before it is shown; so they are kept here for the last step.
    """

    def __init__(self) -> None:
        self._all: list[Secrets] = []

    def add(self, secrets: Secrets) -> None:
        self._all.append(secrets)

    def hide(self, text: str) -> str:
        """`text`, anything that is going to be shown, without secrets."""
        for secrets in self._all:
            text = secrets.hide(text)
        return _PROPERTY.sub(rf"\g<name>'{HIDDEN}'", text)

    def hide_in_line(self, line: str) -> str:
        """A line of the user's own files, which may have the secret written down in it."""
        return _KEY.sub(rf"\g<name>{HIDDEN}", self.hide(line))


known = _Known()


def _any_of(values: Iterable[str]) -> re.Pattern[str] | None:
    """Longest first, so that a secret that begins with another is hidden whole."""
    found = sorted((value for value in values if len(value) >= _SHORTEST), key=lambda value: (-len(value), value))
    return re.compile("|".join(map(re.escape, found)), re.IGNORECASE) if found else None
