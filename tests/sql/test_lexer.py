"""Tokens: what is one, what is a comment, what literals mean."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.sql.lexer import TokenKind, literal_value, tokens
from pipeline.sql.problems import Unterminated


def kinds(text: str) -> list[tuple[str, str]]:
    return [(token.kind.value, token.text) for token in tokens(text)][:-1]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("a.b$1", [("word", "a"), ("symbol", "."), ("word", "b$1")]),
        ("a::int", [("word", "a"), ("symbol", "::"), ("word", "int")]),
        ("v:a.b", [("word", "v"), ("bind", ":a"), ("symbol", "."), ("word", "b")]),
        ("x := :y", [("word", "x"), ("symbol", ":="), ("bind", ":y")]),
        ("a => 1.5e3", [("word", "a"), ("symbol", "=>"), ("number", "1.5e3")]),
        ("$1 ->> $x", [("variable", "$1"), ("symbol", "->>"), ("variable", "$x")]),
        ("@s/a//b,c", [("stage", "@s/a//b"), ("symbol", ","), ("word", "c")]),
        ('@"a b"/c d', [("stage", '@"a b"/c'), ("word", "d")]),
        ("put file:///a//b @~/c", [("word", "put"), ("file", "file:///a//b"), ("stage", "@~/c")]),
        ("a -- b\n// c\n/* d\n */ e", [("word", "a"), ("word", "e")]),
        ("as$$ b; $$", [("word", "as"), ("dollars", "$$ b; $$")]),
        ("'a''b' \"c\"\"d\"", [("string", "'a''b'"), ("quoted", '"c""d"')]),
        ("été", [("word", "été")]),
    ],
)
def test_tokens(text: str, wanted: list[tuple[str, str]]) -> None:
    assert kinds(text) == wanted


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("'it''s'", "it's"),
        (r"'a\'b\\c\nd\te'", "a'b\\c\nd\te"),
        (r"'\x41\u0042\103\q'", "ABCq"),
        (r"$$a\nb''$$", r"a\nb''"),
        ("''", ""),
    ],
)
def test_literal_value(written: str, value: str) -> None:
    assert literal_value(written) == value


@given(st.text(alphabet="ab1 '\"$/*-\n:@;(\\", max_size=30))
def test_tokens_and_gaps_give_back_the_text(text: str) -> None:
    try:
        found = list(tokens(text))
    except Unterminated:
        return
    position = 0
    for token in found:
        gap = text[position : token.start]
        assert text[token.start : token.end] == token.text
        assert gap.strip() == "" or gap.lstrip()[:2] in ("--", "//", "/*")
        position = token.end
    assert found[-1].kind is TokenKind.END
    assert position == len(text)
