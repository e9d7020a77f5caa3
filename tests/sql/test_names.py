"""Identifiers and literals: folding, quoting, and round trips for any text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import SyntaxProblem
from pipeline.sql.lexer import TokenKind, literal_value, tokens
from pipeline.sql.names import QualifiedName, fold, is_plain, quote, quote_literal, render, split_name

TEXTS = st.text(min_size=1, max_size=20)
PARTS = st.lists(TEXTS, min_size=1, max_size=3)


@pytest.mark.parametrize(
    ("written", "stored"),
    [("orders", "ORDERS"), ("Or$1", "OR$1"), ('"orders"', "orders"), ('"a""b"', 'a"b'), ('"a.b"', "a.b")],
)
def test_fold(written: str, stored: str) -> None:
    assert fold(written) == stored


@pytest.mark.parametrize(
    ("stored", "written"),
    [("ORDERS", "ORDERS"), ("orders", '"orders"'), ("A B", '"A B"'), ('a"b', '"a""b"'), ("SELECT", '"SELECT"')],
)
def test_render_quotes_only_when_needed(stored: str, written: str) -> None:
    assert render(stored) == written


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("t", QualifiedName(None, None, "T")),
        ("s.t", QualifiedName(None, "S", "T")),
        ('db."s.1" . t', QualifiedName("DB", "s.1", "T")),
        ("db..t", QualifiedName("DB", "PUBLIC", "T")),
        (" t ", QualifiedName(None, None, "T")),
    ],
)
def test_qualified_name(text: str, name: QualifiedName) -> None:
    assert QualifiedName.parse(text) == name


@pytest.mark.parametrize("text", ["", "a b", "a.", ".a", "1a", "a.b.c.d", '"a', "a;b", "a..b.c", "a...b"])
def test_what_is_no_name(text: str) -> None:
    with pytest.raises(SyntaxProblem):
        QualifiedName.parse(text)


def test_missing_parts_come_from_the_current_ones() -> None:
    assert QualifiedName.parse("t").within("D", "S") == QualifiedName("D", "S", "T")
    assert QualifiedName.parse("x.t").within("D", "S") == QualifiedName("D", "X", "T")
    assert QualifiedName.parse("t").within(None, None).parts == ("T",)


def test_plain() -> None:
    assert is_plain("a_1$")
    assert not is_plain("1a")
    assert not is_plain("é")


@given(PARTS)
def test_any_name_is_read_back(parts: list[str]) -> None:
    name = QualifiedName.of(*parts)
    assert QualifiedName.parse(str(name)) == name
    assert split_name(".".join(quote(part) for part in parts)) == tuple(parts)


@given(st.text(max_size=40))
def test_any_literal_is_read_back(text: str) -> None:
    written = quote_literal(text)
    (token, end) = tokens(written)
    assert (token.kind, end.kind) == (TokenKind.STRING, TokenKind.END)
    assert literal_value(token.text) == text
