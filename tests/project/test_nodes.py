from decimal import Decimal
from pathlib import Path

import pytest

from pipeline.errors import ConfigError
from pipeline.project.nodes import Mapping, Scalar, Source, parse_yaml, plain_value, read_source

PATH = Path("config.yaml")


def parse(text: str) -> Mapping:
    return parse_yaml(Source(PATH, text))


def problem(text: str) -> tuple[str, int, str | None]:
    with pytest.raises(ConfigError) as caught:
        parse(text)
    assert caught.value.at is not None
    return caught.value.message, caught.value.at.line, caught.value.hint


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", None),
        ("null", None),
        ("true", True),
        ("false", False),
        ("no", "no"),
        ("on", "on"),
        ("True", "True"),
        ("12", 12),
        ("-3", -3),
        ("0123", "0123"),
        ("0x1f", "0x1f"),
        ("1_000", "1_000"),
        ("1:30", "1:30"),
        ("2024-01-01", "2024-01-01"),
        ("1 MINUTE", "1 MINUTE"),
    ],
)
def test_plain_words_keep_their_looks(text: str, value: object) -> None:
    found = plain_value(text)

    assert found == value
    assert type(found) is type(value)


def test_a_decimal_number_keeps_its_digits() -> None:
    assert str(plain_value("1.10")) == "1.10"
    assert plain_value("1.5e3") == Decimal(1500)


def test_keys_and_values_know_their_place() -> None:
    entry = parse("# a comment\nvars:\n  database: 'SHOP'\n").entries[0]

    assert (entry.key, entry.mark.line, entry.mark.column) == ("vars", 2, 1)
    assert isinstance(entry.value, Mapping)
    inner = entry.value.entries[0]
    assert (inner.key, inner.mark.line, inner.mark.column) == ("database", 3, 3)
    assert inner.value == Scalar("SHOP", False, inner.value.mark)


@pytest.mark.parametrize(
    ("text", "message", "line"),
    [
        ("", "the file is empty", 1),
        ("# only a comment\n", "the file is empty", 1),
        ("- a\n", "the file must be a mapping of keys to values", 1),
        ("a: 1\nb: 2\na: 3\n", "key 'a' stands here a second time; first in line 1", 3),
        ("a:\n\tb: 1\n", "the line is indented with a tab", 2),
        ("a: &x 1\n", "anchors and aliases (& and *) are not supported", 1),
        ("a: 1\nb: *a\n", "anchors and aliases (& and *) are not supported", 2),
        ("a: !!python/object:os.system x\n", "the tag tag:yaml.org,2002:python/object:os.system is not supported", 1),
        ("? [a]\n: b\n", "a key must be a word", 1),
        ("a: 1\n---\nb: 2\n", "a second YAML document starts here", 2),
        ("a: {\n", "not valid YAML: did not find expected node content", 2),
        ("é: 1\na: \x07\n", "character #x0007 is not allowed in YAML", 2),
        ("a: " + "[" * 5000, "values are nested more than 20 deep", 1),
    ],
)
def test_what_is_no_configuration_is_refused_with_its_line(text: str, message: str, line: int) -> None:
    found = problem(text)

    assert found[:2] == (message, line)


def test_a_file_that_is_not_utf8_is_refused_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_bytes(b"a: 1\nb: \xe9\n")

    with pytest.raises(ConfigError, match="not UTF-8") as caught:
        read_source(path)

    assert caught.value.at is not None
    assert caught.value.at.line == 2


def test_line_ends_and_byte_order_mark_do_not_matter(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_bytes(b"\xef\xbb\xbfa: 1\r\nb: 2\r")

    assert read_source(path).text == "a: 1\nb: 2\n"


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="No such file"):
        read_source(tmp_path / "config.yaml")
