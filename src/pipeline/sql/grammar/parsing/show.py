"""SHOW and DESCRIBE."""

from collections.abc import Callable

from pipeline.sql.grammar.model import ObjectKind, Statement, Unsupported
from pipeline.sql.grammar.parsing.common import expect_kind, take_kind
from pipeline.sql.grammar.reader import Reader
from pipeline.sql.grammar.session import Describe, DescribeResult, Scope, ScopeKind, Show, ShowKind

_KINDS = sorted(((tuple(kind.value.split()), kind) for kind in ShowKind), key=lambda entry: -len(entry[0]))
_CONTAINERS = {
    ObjectKind.ACCOUNT: ScopeKind.ACCOUNT,
    ObjectKind.DATABASE: ScopeKind.DATABASE,
    ObjectKind.SCHEMA: ScopeKind.SCHEMA,
}
_AFTER_SCOPE = frozenset({"LIKE", "STARTS", "ROOT", "LIMIT"})


def show(reader: Reader) -> Statement:
    reader.expect("SHOW")
    terse = reader.take("TERSE")
    kind = next((kind for words, kind in _KINDS if reader.take(*words)), None)
    if kind is None:
        reader.index = 0
        return Unsupported(f"SHOW {reader.peek(2 if terse else 1).upper}", reader.text)
    if kind is ShowKind.GRANTS:
        text = "" if reader.at_end else reader.rest().text
        return Show(kind, text=text)
    history = reader.take("HISTORY")
    like = reader.string() if reader.take("LIKE") else None
    scope = _scope(reader) if reader.take_one_of("IN", "FOR", "ON") else None
    like = reader.string() if like is None and reader.take("LIKE") else like
    starts_with = reader.string() if reader.take("STARTS", "WITH") else None
    root_only = reader.take("ROOT", "ONLY")
    limit = reader.integer() if reader.take("LIMIT") else None
    limit_from = reader.string() if limit is not None and reader.take("FROM") else None
    return Show(kind, terse, history, like, scope, starts_with, root_only, limit, limit_from)


def _scope(reader: Reader) -> Scope:
    if reader.take("SESSION"):
        return Scope(ScopeKind.SESSION)
    index = reader.index
    kind = take_kind(reader)
    if kind is not None and reader.at("."):  # a database that is called like a kind
        reader.index, kind = index, None
    if kind is None:
        return Scope(ScopeKind.UNSTATED, reader.name())
    named = reader.at_identifier() and reader.word not in _AFTER_SCOPE
    name = reader.name() if named else None
    if kind in _CONTAINERS:
        return Scope(_CONTAINERS[kind], name)
    if name is None:
        reader.fail()
    return Scope(ScopeKind.OBJECT, name, kind)


def describe(reader: Reader) -> Statement:
    reader.expect_one_of("DESCRIBE", "DESC")
    if reader.take("RESULT"):
        return DescribeResult(reader.rest())
    kind = expect_kind(reader)
    name = reader.name()
    arguments = reader.signature() if reader.at("(") else None
    layout = None
    if reader.take("TYPE"):
        reader.expect("=")
        layout = reader.expect_one_of("COLUMNS", "STAGE")
    return Describe(kind, name, arguments, layout)


STATEMENTS: dict[tuple[str, ...], Callable[[Reader], Statement]] = {
    ("SHOW",): show,
    ("DESCRIBE",): describe,
    ("DESC",): describe,
}
