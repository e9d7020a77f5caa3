"""What can be wrong with a text of SQL, with the place in it."""

from pipeline.errors import SyntaxProblem

END_OF_TEXT = "<EOF>"


def line_of(text: str, offset: int) -> int:
    """The line of an offset, from 1."""
    return text.count("\n", 0, offset) + 1


def position_of(text: str, offset: int) -> int:
    """The place of an offset in its line, from 0, as Snowflake counts positions."""
    return offset - (text.rfind("\n", 0, offset) + 1)


class TextProblem(SyntaxProblem):
    """A problem at an offset of a text; `line` counts from 1, `position` in it from 0."""

    def __init__(self, message: str, text: str, offset: int, *, hint: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.offset = offset
        self.line = line_of(text, offset)
        self.position = position_of(text, offset)


class Unterminated(TextProblem):
    """A literal, comment, quoted name or block that is never closed; the offset is that of its beginning."""


class Unexpected(TextProblem):
    """A token that the grammar does not allow there; the message is Snowflake's own (001003)."""

    def __init__(self, text: str, offset: int, found: str, *, hint: str | None = None) -> None:
        self.found = found
        line, position = line_of(text, offset), position_of(text, offset)
        super().__init__(
            f"syntax error line {line} at position {position} unexpected '{found}'.", text, offset, hint=hint
        )


class DuplicateProperty(TextProblem):
    """A property was written twice; Snowflake's text."""

    def __init__(self, name: str, text: str, offset: int) -> None:
        self.property = name
        super().__init__(f"duplicate property '{name}';", text, offset)


class InvalidProperty(TextProblem):
    """A property that the object does not have; Snowflake's text."""

    def __init__(self, name: str, kind: str, text: str, offset: int) -> None:
        self.property = name
        super().__init__(f"invalid property '{name}' for '{kind}'", text, offset)


class DynamicName(TextProblem):
    """IDENTIFIER($variable) whose value is not known to the reader."""

    def __init__(self, variable: str, text: str, offset: int) -> None:
        self.variable = variable
        super().__init__(f"The name is in {variable}, whose value is not known here.", text, offset)
