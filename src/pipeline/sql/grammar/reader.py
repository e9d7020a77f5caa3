"""A cursor over the tokens of one statement."""

from collections.abc import Callable, Mapping
from typing import NoReturn, TypeVar

from pipeline.errors import SyntaxProblem
from pipeline.sql.grammar.model import Fragment
from pipeline.sql.lexer import Token, TokenKind, identifier_value, literal_value, tokens
from pipeline.sql.names import QualifiedName, split_name
from pipeline.sql.problems import END_OF_TEXT, DynamicName, TextProblem, Unexpected
from pipeline.sql.types import TYPE_WORDS, DataType, Kind, parse_type

T = TypeVar("T")

_LITERALS = frozenset({TokenKind.STRING, TokenKind.DOLLARS})
_NAMES = frozenset({TokenKind.WORD, TokenKind.QUOTED})
_KEYWORDS = frozenset({TokenKind.WORD, TokenKind.SYMBOL})
_TYPE_TAILS_AFTER = {
    "DOUBLE": (("PRECISION",),),
    "CHAR": (("VARYING",),),
    "NCHAR": (("VARYING",),),
    "CHARACTER": (("VARYING",),),
    "TIMESTAMP": (("WITH", "LOCAL", "TIME", "ZONE"), ("WITH", "TIME", "ZONE"), ("WITHOUT", "TIME", "ZONE")),
}


class Reader:
    """Reads one statement from left to right; every method that needs a thing raises Unexpected when it is not there.

    Tokens are made as they are asked for, so that a long VALUES list or body is not cut into tokens for its head.
    """

    def __init__(
        self,
        text: str,
        variables: Mapping[str, str] | None = None,
        timestamp: Kind = Kind.TIMESTAMP_NTZ,
    ) -> None:
        self.text = text
        self._stop = len(text.rstrip(" \t\r\n;"))
        self._variables = variables or {}
        self._timestamp = timestamp
        self._source = tokens(text)
        self._tokens: list[Token] = []
        self.index = 0

    def peek(self, ahead: int = 0) -> Token:
        """The token `ahead` of the cursor; at the end of the statement one of kind END."""
        wanted = self.index + ahead
        while len(self._tokens) <= wanted:
            if self._tokens and self._tokens[-1].kind is TokenKind.END:
                return self._tokens[-1]
            token = next(self._source)
            if token.start >= self._stop:
                token = Token(TokenKind.END, "", self._stop, "")
            self._tokens.append(token)
        return self._tokens[wanted]

    def advance(self) -> Token:
        """The token at the cursor, which moves past it."""
        token = self.peek()
        self.index += 1
        return token

    @property
    def word(self) -> str:
        """The word at the cursor in upper case, "" when something else is there."""
        token = self.peek()
        return token.upper if token.kind is TokenKind.WORD else ""

    @property
    def at_end(self) -> bool:
        return self.peek().kind is TokenKind.END

    def at(self, *words: str) -> bool:
        """Whether these keywords or symbols come next, in this order."""
        for ahead, word in enumerate(words):
            token = self.peek(ahead)
            if token.upper != word or token.kind not in _KEYWORDS:
                return False
        return True

    def take(self, *words: str) -> bool:
        """Move past these keywords or symbols if they come next."""
        if not self.at(*words):
            return False
        self.index += len(words)
        return True

    def take_one_of(self, *words: str) -> str:
        """Move past one of these keywords and give it, or "" when none is there."""
        word = self.word
        if word not in words:
            return ""
        self.index += 1
        return word

    def expect(self, *words: str) -> None:
        for word in words:
            if not self.take(word):
                self.fail()

    def expect_one_of(self, *words: str) -> str:
        return self.take_one_of(*words) or self.fail()

    def expect_end(self) -> None:
        if not self.at_end:
            self.fail()

    def fail(self, *, hint: str | None = None) -> NoReturn:
        """Raise Unexpected at the cursor."""
        token = self.peek()
        found = END_OF_TEXT if token.kind is TokenKind.END else token.text
        raise Unexpected(self.text, token.start, found, hint=hint)

    def problem(self, message: str, offset: int | None = None) -> TextProblem:
        """A problem with a message of its own, at an offset or at the cursor."""
        return TextProblem(message, self.text, self.peek().start if offset is None else offset)

    # Names and literals

    def at_identifier(self) -> bool:
        return self.peek().kind in _NAMES

    def identifier(self) -> str:
        """One identifier's stored name."""
        if not self.at_identifier():
            self.fail()
        return identifier_value(self.advance())

    def identifiers(self) -> tuple[str, ...]:
        """( a, b, … )."""
        return self.parenthesised_list(self.identifier)

    def dotted(self) -> tuple[str, ...]:
        """The stored parts of a name of any length; `db..t` has an empty part; IDENTIFIER('…') is read."""
        if self.at("IDENTIFIER", "("):
            return self._dynamic()
        parts = [self.identifier()]
        while self.take("."):
            parts.append("" if self.at(".") else self.identifier())
        return tuple(parts)

    def name(self) -> QualifiedName:
        """An object's name, also as IDENTIFIER('name' | $variable)."""
        offset = self.peek().start
        try:
            return QualifiedName.of(*self.dotted())
        except TextProblem:
            raise
        except SyntaxProblem as problem:
            raise TextProblem(problem.message, self.text, offset) from problem

    def names(self) -> tuple[QualifiedName, ...]:
        """name, name, …"""
        found = [self.name()]
        while self.take(","):
            found.append(self.name())
        return tuple(found)

    def _dynamic(self) -> tuple[str, ...]:
        self.expect("IDENTIFIER", "(")
        token = self.advance()
        if token.kind in _LITERALS:
            written = literal_value(token.text)
        elif token.kind is TokenKind.VARIABLE and token.text[1:].upper() in self._variables:
            written = self._variables[token.text[1:].upper()]
        elif token.kind in (TokenKind.VARIABLE, TokenKind.BIND) or token.text == "?":
            raise DynamicName(token.text, self.text, token.start)
        else:
            self.index -= 1
            self.fail()
        self.expect(")")
        try:
            return split_name(written)
        except SyntaxProblem as problem:
            raise TextProblem(problem.message, self.text, token.start) from problem

    def at_literal(self) -> bool:
        return self.peek().kind in _LITERALS

    def string(self) -> str:
        """The value of a string literal."""
        if not self.at_literal():
            self.fail()
        return literal_value(self.advance().text)

    def integer(self) -> int:
        """A whole number with its sign."""
        sign = -1 if self.take("-") else 1
        self.take("+")
        token = self.peek()
        if token.kind is not TokenKind.NUMBER or not token.text.isdigit():
            self.fail()
        self.index += 1
        return sign * int(token.text)

    # Types

    def at_type(self) -> bool:
        return self.word in TYPE_WORDS

    def data_type(self) -> DataType:
        """A data type, with its parameters and the words that belong to it."""
        start = self.peek()
        if start.kind is not TokenKind.WORD:
            self.fail()
        self.index += 1
        self._type_tail(start.upper)
        if self.at("("):
            self.parenthesised()
            self._type_tail(start.upper)
        written = self.since(start.start)
        try:
            return parse_type(written, self._timestamp)
        except SyntaxProblem as problem:
            raise TextProblem(problem.message, self.text, start.start) from problem

    def _type_tail(self, word: str) -> None:
        for tail in _TYPE_TAILS_AFTER.get(word, ()):
            if self.take(*tail):
                return

    def signature(self) -> tuple[DataType, ...]:
        """( type, … ), as after a procedure's name in DROP."""
        return self.parenthesised_list(self.data_type)

    # Parts of the text

    def parenthesised_list(self, item: Callable[[], T]) -> tuple[T, ...]:
        """( item, item, … ), possibly empty."""
        self.expect("(")
        found: list[T] = []
        while not self.at(")"):
            found.append(item())
            if not self.take(",") and not self.at(")"):
                self.fail()
        self.expect(")")
        return tuple(found)

    def since(self, start: int) -> str:
        """The text from an offset to the end of the last token taken."""
        return self.text[start : self._tokens[self.index - 1].end]

    def parenthesised(self) -> Fragment:
        """( … ): the text between the parentheses, balanced."""
        self.expect("(")
        first = self.peek().start
        self.skip_to(lambda reader: reader.at(")"))
        end = self.peek().start
        self.expect(")")
        return Fragment(self.text[first:end].rstrip(), first)

    def skip_to(self, stops: "Callable[[Reader], bool]") -> None:
        """Move to the first place outside of nested parentheses where `stops` holds; fails at the end."""
        while not stops(self):
            if self.at_end:
                self.fail()
            if self.peek().text in ("(", "["):
                self._skip_nested()
            else:
                self.index += 1

    def _skip_nested(self) -> None:
        depth = 0
        while True:
            token = self.advance()
            if token.text in ("(", "["):
                depth += 1
            elif token.text in (")", "]"):
                depth -= 1
                if depth == 0:
                    return
            elif token.kind is TokenKind.END:
                self.index -= 1
                self.fail()

    def fragment(self, stops: "Callable[[Reader], bool]") -> Fragment:
        """The text from the cursor to the first place outside of parentheses where `stops` holds; never empty."""
        first = self.peek().start
        if stops(self):
            self.fail()
        self.skip_to(stops)
        return Fragment(self.since(first), first)

    def rest(self) -> Fragment:
        """Everything from the cursor to the end; never empty."""
        if self.at_end:
            self.fail()
        first = self.peek().start
        self._tokens = [*self._tokens[: self.index], Token(TokenKind.END, "", self._stop, "")]
        return Fragment(self.text[first : self._stop], first)

    def body(self) -> Fragment:
        """As rest(), or the content of the $$…$$ or '…' that is all there is."""
        token = self.peek()
        if token.kind in _LITERALS and self.peek(1).kind is TokenKind.END:
            self.index += 1
            return Fragment(literal_value(token.text), token.start + (2 if token.kind is TokenKind.DOLLARS else 1))
        return self.rest()


def comma(reader: Reader) -> bool:
    """A stop for fragments in a list in parentheses: a comma or the closing parenthesis."""
    return reader.at(",") or reader.at(")")


def end(reader: Reader) -> bool:
    """A stop for the last fragment of a statement."""
    return reader.at_end
