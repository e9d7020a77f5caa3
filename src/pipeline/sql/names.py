"""Identifiers and literals of Snowflake: folding, quoting, qualified names.

Source: docs.snowflake.com/en/sql-reference/identifiers-syntax.
"""

import re
from dataclasses import dataclass
from typing import Self

from pipeline.errors import SyntaxProblem

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_$]*\Z", re.ASCII)
_STORED_PLAIN = re.compile(r"[A-Z_][A-Z0-9_$]*\Z", re.ASCII)
_PART = re.compile(r'"((?:[^"]|"")*)"|([^\W\d][\w$]*)')
_SPACE = re.compile(r"\s*")
_DEFAULT_SCHEMA = "PUBLIC"
_MOST_PARTS = 3

_RESERVED_WORDS = """
ALL ALTER AND ANY AS BETWEEN BY CASE CAST CHECK COLUMN CONNECT CONSTRAINT CREATE CROSS CURRENT
CURRENT_DATE CURRENT_TIME CURRENT_TIMESTAMP CURRENT_USER DELETE DISTINCT DROP ELSE EXISTS FALSE
FOLLOWING FOR FROM FULL GRANT GROUP HAVING ILIKE IN INCREMENT INNER INSERT INTERSECT INTO IS JOIN
LATERAL LEFT LIKE LOCALTIME LOCALTIMESTAMP MINUS NATURAL NOT NULL OF ON OR ORDER QUALIFY REGEXP
REVOKE RIGHT RLIKE ROW ROWS SAMPLE SELECT SET SOME START TABLE TABLESAMPLE THEN TO TRIGGER TRUE
TRY_CAST UNION UNIQUE UPDATE USING VALUES WHEN WHENEVER WHERE WITH
"""

RESERVED = frozenset(_RESERVED_WORDS.split())
"""Words that name nothing unless quoted (docs.snowflake.com/en/sql-reference/reserved-keywords)."""


def fold(written: str) -> str:
    """The stored name of one identifier as written: unquoted text folds to upper case, quoted text is kept."""
    if written.startswith('"'):
        return written[1:-1].replace('""', '"')
    return written.upper()


def quote(name: str) -> str:
    """A stored name in double quotes, whatever it holds."""
    return '"' + name.replace('"', '""') + '"'


def render(name: str) -> str:
    """A stored name as one would write it: quoted only when folding or the grammar would change it."""
    if _STORED_PLAIN.match(name) and name not in RESERVED:
        return name
    return quote(name)


def quote_literal(text: str) -> str:
    """A string literal that Snowflake reads back as exactly `text`; backslashes are active in '…'."""
    return "'" + text.replace("\\", "\\\\").replace("'", "''") + "'"


def is_plain(written: str) -> bool:
    """Whether the text is an identifier that needs no quotes."""
    return _PLAIN.match(written) is not None


@dataclass(frozen=True, slots=True)
class QualifiedName:
    """An object's name with the database and schema as far as they were written; the parts are stored names."""

    database: str | None
    schema: str | None
    name: str

    @classmethod
    def of(cls, *parts: str) -> Self:
        """From one to three stored names, the object's own last; an empty schema (`db..t`) is PUBLIC."""
        if not 1 <= len(parts) <= _MOST_PARTS:
            raise SyntaxProblem(f"A name has one to three parts, this has {len(parts)}: {'.'.join(parts)}")
        database = parts[0] if len(parts) == _MOST_PARTS else None
        schema = (parts[-2] or _DEFAULT_SCHEMA) if len(parts) > 1 else None
        return cls(database, schema, parts[-1])

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `[[database.]schema.]name` as SQL text. Raises SyntaxProblem when the text is not a name."""
        return cls.of(*split_name(text))

    @property
    def parts(self) -> tuple[str, ...]:
        """The stored names, outermost first, without those that were not written."""
        return tuple(part for part in (self.database, self.schema, self.name) if part is not None)

    def within(self, database: str | None, schema: str | None) -> Self:
        """The same name with what is missing taken from the current database and schema."""
        return type(self)(self.database or database, self.schema or schema, self.name)

    def __str__(self) -> str:
        return ".".join(render(part) for part in self.parts)


def split_name(text: str) -> tuple[str, ...]:
    """The stored names in a dotted name; `db..t` has an empty part. Raises SyntaxProblem when it is not a name."""
    parts: list[str] = []
    position = _space_end(text, 0)
    while True:
        match = _PART.match(text, position)
        if match is not None:
            parts.append(fold(match.group()))
            position = _space_end(text, match.end())
        elif len(parts) == 1 and text.startswith(".", position):
            parts.append("")
        else:
            raise SyntaxProblem(f"{text!r} is not a name", hint='Quote a name that holds other characters: "my name".')
        if position == len(text):
            return tuple(parts)
        if text[position] != ".":
            raise SyntaxProblem(f"{text!r} is not a name", hint='Quote a name that holds other characters: "my name".')
        position = _space_end(text, position + 1)


def _space_end(text: str, position: int) -> int:
    match = _SPACE.match(text, position)
    return match.end() if match else position
