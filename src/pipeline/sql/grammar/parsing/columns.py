"""Columns and constraints of CREATE TABLE and ALTER TABLE."""

from dataclasses import dataclass, replace

from pipeline.sql.grammar.model import Fragment
from pipeline.sql.grammar.parsing.common import take_recorded
from pipeline.sql.grammar.reader import Reader, comma
from pipeline.sql.grammar.tables import Column, Constraint, ConstraintKind, Identity

_AFTER_DEFAULT = (
    *("NOT", "NULL", "COMMENT", "PRIMARY", "UNIQUE", "REFERENCES", "FOREIGN", "CONSTRAINT", "COLLATE"),
    *("AUTOINCREMENT", "IDENTITY", "MASKING", "PROJECTION", "WITH", "TAG"),
)
_PROPERTIES = (
    ("NOT", "ENFORCED"),
    ("ENFORCED",),
    ("NOT", "DEFERRABLE"),
    ("DEFERRABLE",),
    ("INITIALLY", "DEFERRED"),
    ("INITIALLY", "IMMEDIATE"),
    ("ENABLE",),
    ("DISABLE",),
    ("VALIDATE",),
    ("NOVALIDATE",),
    ("RELY",),
    ("NORELY",),
    ("MATCH", "FULL"),
    ("MATCH", "PARTIAL"),
    ("MATCH", "SIMPLE"),
)
_REFERENTIAL = (("CASCADE",), ("SET", "NULL"), ("SET", "DEFAULT"), ("RESTRICT",), ("NO", "ACTION"))


@dataclass(frozen=True, slots=True)
class Elements:
    """What stands in the parentheses of CREATE TABLE."""

    columns: tuple[Column, ...] = ()
    constraints: tuple[Constraint, ...] = ()


def elements(reader: Reader) -> Elements:
    """( column | constraint, … )."""
    columns: list[Column] = []
    constraints: list[Constraint] = []

    def element() -> None:
        outer = take_constraint(reader)
        if outer is not None:
            constraints.append(outer)
            return
        column, keys = column_definition(reader)
        columns.append(column)
        constraints.extend(keys)

    reader.parenthesised_list(element)
    return Elements(tuple(columns), tuple(constraints))


def column_definition(reader: Reader) -> tuple[Column, tuple[Constraint, ...]]:
    """name [type] clauses, and the keys declared inline."""
    name = reader.identifier()
    column = Column(name, reader.data_type() if _has_type(reader) else None)
    keys: list[Constraint] = []
    while not (reader.at_end or comma(reader)):
        key = _inline_key(reader, name)
        if key is not None:
            keys.append(key)
        else:
            column = _clause(reader, column)
    return column, tuple(keys)


def _has_type(reader: Reader) -> bool:
    return not (reader.at_end or comma(reader) or reader.word in (*_AFTER_DEFAULT, "AS", "DEFAULT"))


def _clause(reader: Reader, column: Column) -> Column:
    if reader.take("NOT", "NULL"):
        return replace(column, nullable=False)
    if reader.take("NULL"):
        return replace(column, nullable=True)
    if reader.take("DEFAULT"):
        return replace(column, default=default_expression(reader))
    if reader.take("AUTOINCREMENT") or reader.take("IDENTITY"):
        return replace(column, identity=_identity(reader))
    if reader.take("COLLATE"):
        return replace(column, collation=reader.string())
    if reader.take("COMMENT"):
        reader.take("=")
        return replace(column, comment=reader.string())
    if reader.take("AS"):
        return replace(column, virtual=_virtual(reader))
    policy = take_recorded(reader)
    if policy is None:
        reader.fail()
    return replace(column, policies=(*column.policies, policy))


def _virtual(reader: Reader) -> Fragment:
    """The expression after AS, in parentheses or, in ALTER TABLE, without."""
    if reader.at("("):
        return reader.parenthesised()
    return reader.fragment(lambda at: at.at_end or comma(at) or at.word in ("COMMENT", "COLLATE", "WITH", "TAG"))


def default_expression(reader: Reader) -> Fragment:
    """The expression after DEFAULT, up to the next clause of the column."""
    start = reader.peek().start
    if reader.word == "NULL":
        reader.advance()
        return Fragment(reader.since(start), start)
    return reader.fragment(lambda at: at.at_end or comma(at) or at.word in _AFTER_DEFAULT)


def _identity(reader: Reader) -> Identity:
    start, step, ordered = 1, 1, None
    if reader.take("("):
        start = reader.integer()
        reader.expect(",")
        step = reader.integer()
        reader.expect(")")
    while True:
        if reader.take("START"):
            reader.take("WITH")
            reader.take("=")
            start = reader.integer()
        elif reader.take("INCREMENT"):
            reader.take("BY")
            reader.take("=")
            step = reader.integer()
        elif reader.at("ORDER") or reader.at("NOORDER"):
            ordered = reader.expect_one_of("ORDER", "NOORDER") == "ORDER"
        else:
            return Identity(start, step, ordered)


def _inline_key(reader: Reader, column: str) -> Constraint | None:
    index = reader.index
    name = reader.identifier() if reader.take("CONSTRAINT") else None
    if reader.take("PRIMARY", "KEY"):
        return _finish(reader, Constraint(ConstraintKind.PRIMARY_KEY, (column,), name))
    if reader.take("UNIQUE"):
        return _finish(reader, Constraint(ConstraintKind.UNIQUE, (column,), name))
    if reader.at("FOREIGN", "KEY", "REFERENCES") or reader.at("REFERENCES"):
        reader.take("FOREIGN", "KEY")
        return _references(reader, Constraint(ConstraintKind.FOREIGN_KEY, (column,), name))
    reader.index = index
    return None


def take_constraint(reader: Reader) -> Constraint | None:
    """[CONSTRAINT name] PRIMARY KEY | UNIQUE | FOREIGN KEY (columns) …, or None when no constraint comes next."""
    named = reader.at("CONSTRAINT")
    if not (named or reader.at("PRIMARY", "KEY") or reader.at("FOREIGN", "KEY") or reader.at("UNIQUE", "(")):
        return None
    name = reader.identifier() if reader.take("CONSTRAINT") else None
    if reader.take("PRIMARY", "KEY"):
        return _finish(reader, Constraint(ConstraintKind.PRIMARY_KEY, reader.identifiers(), name))
    if reader.take("UNIQUE"):
        return _finish(reader, Constraint(ConstraintKind.UNIQUE, reader.identifiers(), name))
    reader.expect("FOREIGN", "KEY")
    return _references(reader, Constraint(ConstraintKind.FOREIGN_KEY, reader.identifiers(), name))


def _references(reader: Reader, key: Constraint) -> Constraint:
    reader.expect("REFERENCES")
    table = reader.name()
    columns = reader.identifiers() if reader.at("(") else ()
    return _finish(reader, replace(key, references=table, reference_columns=columns))


def _finish(reader: Reader, key: Constraint) -> Constraint:
    start, index = reader.peek().start, reader.index
    while any(reader.take(*words) for words in _PROPERTIES) or _referential(reader):
        pass
    return key if reader.index == index else replace(key, properties=reader.since(start))


def _referential(reader: Reader) -> bool:
    if not (reader.take("ON", "UPDATE") or reader.take("ON", "DELETE")):
        return False
    return any(reader.take(*words) for words in _REFERENTIAL) or reader.fail()
