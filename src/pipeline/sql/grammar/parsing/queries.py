"""Queries and DML, which stay text: only their kind and target are read."""

from collections.abc import Callable

from pipeline.sql.grammar.model import Dml, DmlKind, Flow, Fragment, Query, Statement, Unsupported
from pipeline.sql.grammar.reader import Reader
from pipeline.sql.names import QualifiedName
from pipeline.sql.problems import DynamicName

FLOW = "->>"
_BODIES = frozenset({"BEGIN", "DECLARE", "CREATE", "ALTER"})
"""First words of statements in whose bodies a chain may stand, which are no chains themselves."""


def query(reader: Reader) -> Query:
    return Query(reader.rest().text)


def with_query(reader: Reader) -> Statement:
    """WITH … SELECT; the anonymous procedure WITH p AS PROCEDURE … CALL p() is told apart."""
    if reader.peek(2).upper == "AS" and reader.peek(3).upper == "PROCEDURE":
        return Unsupported("WITH … AS PROCEDURE", reader.text)
    return query(reader)


def insert(reader: Reader) -> Dml:
    start = reader.index
    reader.expect("INSERT")
    overwrite = reader.take("OVERWRITE")
    several = bool(reader.take_one_of("ALL", "FIRST"))
    if several:
        reader.skip_to(lambda at: at.at("INTO"))
    reader.expect("INTO")
    return _dml(reader, start, DmlKind.MULTI_INSERT if several else DmlKind.INSERT, overwrite)


def update(reader: Reader) -> Dml:
    start = reader.index
    reader.expect("UPDATE")
    return _dml(reader, start, DmlKind.UPDATE)


def delete(reader: Reader) -> Dml:
    start = reader.index
    reader.expect("DELETE", "FROM")
    return _dml(reader, start, DmlKind.DELETE)


def merge(reader: Reader) -> Dml:
    start = reader.index
    reader.expect("MERGE", "INTO")
    return _dml(reader, start, DmlKind.MERGE)


def _dml(reader: Reader, start: int, kind: DmlKind, overwrite: bool = False) -> Dml:
    target: QualifiedName | None
    try:
        target = reader.name()
    except DynamicName:
        target = None
    reader.index = start
    return Dml(kind, reader.rest().text, target, overwrite)


def take_flow(reader: Reader) -> Flow | None:
    """The whole statement as a chain, when ->> stands in it outside of parentheses."""
    if FLOW not in reader.text or reader.word in _BODIES:
        return None
    parts: list[Fragment] = []
    while not reader.at_end:
        parts.append(reader.fragment(lambda at: at.at_end or at.at(FLOW)))
        if reader.take(FLOW) and reader.at_end:
            reader.fail()
    if len(parts) > 1:
        return Flow(reader.text, tuple(parts))
    reader.index = 0
    return None


STATEMENTS: dict[tuple[str, ...], Callable[[Reader], Statement]] = {
    ("SELECT",): query,
    ("VALUES",): query,
    ("(",): query,
    ("WITH",): with_query,
    ("INSERT",): insert,
    ("UPDATE",): update,
    ("DELETE",): delete,
    ("MERGE",): merge,
}
