"""NAME = value, in every place where Snowflake has it."""

from collections.abc import Set

from pipeline.sql.grammar.model import Option, Options, Value, ValueKind
from pipeline.sql.grammar.reader import Reader
from pipeline.sql.lexer import Token, TokenKind, identifier_value, literal_value
from pipeline.sql.problems import DuplicateProperty, InvalidProperty

_SIMPLE = {
    TokenKind.NUMBER: ValueKind.NUMBER,
    TokenKind.VARIABLE: ValueKind.VARIABLE,
    TokenKind.BIND: ValueKind.VARIABLE,
    TokenKind.STAGE: ValueKind.EXPRESSION,
}


def at_option(reader: Reader, ahead: int = 0) -> bool:
    """Whether NAME = comes next, or `ahead` tokens later."""
    kinds = (TokenKind.WORD, TokenKind.QUOTED, TokenKind.STRING)
    return reader.peek(ahead).kind in kinds and reader.peek(ahead + 1).text in ("=", "=>")


class OptionList:
    """Options gathered one by one, each name once; `known`, when given, are the names that `kind` has."""

    def __init__(self, kind: str = "", known: Set[str] | None = None) -> None:
        self._kind = kind
        self._known = known
        self._found: dict[str, Option] = {}

    def take(self, reader: Reader) -> bool:
        """Read one option if one comes next. Raises DuplicateProperty or InvalidProperty, with Snowflake's texts."""
        if not at_option(reader):
            return False
        token = reader.advance()
        reader.index += 1
        name = _option_name(token)
        if self._known is not None and name not in self._known:
            raise InvalidProperty(name, self._kind, reader.text, token.start)
        if name in self._found:
            raise DuplicateProperty(name, reader.text, token.start)
        self._found[name] = Option(name, value(reader), token.start)
        return True

    def take_all(self, reader: Reader) -> None:
        """Read options as long as there are some, with or without commas between them."""
        while self.take(reader):
            if reader.at(",") and not reader.at(",", ")"):
                reader.take(",")

    @property
    def options(self) -> Options:
        return Options(tuple(self._found.values()))


def _option_name(token: Token) -> str:
    """In upper case when unquoted: INCLUDE_METADATA = ("col" = …) has columns for names."""
    return literal_value(token.text) if token.kind is TokenKind.STRING else identifier_value(token)


def options(reader: Reader, kind: str = "", known: Set[str] | None = None) -> Options:
    """All options from the cursor on."""
    found = OptionList(kind, known)
    found.take_all(reader)
    return found.options


def value(reader: Reader) -> Value:
    """The value of an option."""
    token = reader.peek()
    if token.kind in (TokenKind.STRING, TokenKind.DOLLARS):
        return Value(ValueKind.STRING, reader.string(), token.start)
    if token.kind in _SIMPLE:
        reader.index += 1
        return Value(_SIMPLE[token.kind], token.text, token.start)
    if token.text == "?":
        reader.index += 1
        return Value(ValueKind.VARIABLE, token.text, token.start)
    if token.text in ("-", "+"):
        reader.index += 1
        if reader.advance().kind is not TokenKind.NUMBER:
            reader.index -= 1
            reader.fail()
        return Value(ValueKind.NUMBER, reader.since(token.start), token.start)
    if token.text == "(":
        return _nested(reader)
    return _word_or_name(reader)


def _word_or_name(reader: Reader) -> Value:
    token = reader.peek()
    if reader.at("IDENTIFIER", "("):
        return Value(ValueKind.NAME, str(reader.name()), token.start)
    reader.dotted()
    reader.take("%")  # SKIP_FILE_10% is accepted without quotes
    written = reader.since(token.start)
    plain = token.kind is TokenKind.WORD and len(written) == len(token.text)
    return Value(ValueKind.WORD if plain or written.endswith("%") else ValueKind.NAME, written, token.start)


def _nested(reader: Reader) -> Value:
    start = reader.peek().start
    reader.expect("(")
    if at_option(reader):
        inner = options(reader)
        reader.expect(")")
        return Value(ValueKind.OPTIONS, reader.since(start), start, options=inner)
    items: list[Value] = []
    while not reader.take(")"):
        items.append(value(reader))
        if not reader.take(",") and not reader.at(")"):
            reader.fail()
    return Value(ValueKind.LIST, reader.since(start), start, items=tuple(items))


def word_list(reader: Reader) -> tuple[str, ...]:
    """name, name, … in upper case, as after UNSET."""
    found = [reader.identifier().upper()]
    while reader.take(","):
        found.append(reader.identifier().upper())
    return tuple(found)
