"""What a query or DML reads and writes, from sqlglot's tree."""

from collections.abc import Iterator

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from pipeline.errors import SyntaxProblem
from pipeline.sql.effects.model import Effects, StatementKind, Target
from pipeline.sql.grammar.model import ObjectKind
from pipeline.sql.grammar.parsing.stages import parse_stage_ref
from pipeline.sql.names import QualifiedName

_STREAM_FUNCTIONS = frozenset({"SYSTEM$STREAM_HAS_DATA", "SYSTEM$STREAM_GET_TABLE_TIMESTAMP"})
_TASK_FUNCTIONS = frozenset({"SYSTEM$TASK_DEPENDENTS_ENABLE", "SYSTEM$USER_TASK_CANCEL_ONGOING_EXECUTIONS"})
_HARMLESS_NAMES = """
SYSTEM$STREAM_HAS_DATA SYSTEM$STREAM_GET_TABLE_TIMESTAMP SYSTEM$PIPE_STATUS SYSTEM$TYPEOF SYSTEM$VERSION
SYSTEM$GET_PREDECESSOR_RETURN_VALUE SYSTEM$SET_RETURN_VALUE SYSTEM$GET_TASK_GRAPH_CONFIG SYSTEM$TASK_RUNTIME_INFO
SYSTEM$CURRENT_USER_TASK_NAME SYSTEM$LAST_CHANGE_COMMIT_TIME SYSTEM$CLUSTERING_DEPTH SYSTEM$CLUSTERING_INFORMATION
SYSTEM$ALLOWLIST SYSTEM$WAIT SYSTEM$EXPLAIN_PLAN_JSON SYSTEM$EXPLAIN_JSON_TO_TEXT
"""
_HARMLESS = frozenset(_HARMLESS_NAMES.split())
_MOST_PARTS = 3


def query_effects(text: str, kind: StatementKind = StatementKind.QUERY) -> Effects:
    """The relations, stages, sequences and functions that a query or DML reads, and the tables that it writes.

    `unknown` when sqlglot cannot read the text or a name is computed.
    """
    try:
        tree = sqlglot.parse_one(text, dialect="snowflake")
    except SqlglotError:
        return Effects(kind, unknown=True)
    if isinstance(tree, exp.Command):
        return Effects(kind, unknown=True)
    written = set(_written(tree))
    unknown = False
    reads: set[Target] = set()
    writes: set[Target] = set()
    for table in tree.find_all(exp.Table):
        if _is_cte(table) or _is_no_object(table):
            continue
        target = _relation(table)
        if target is None:
            unknown = unknown or not _is_result(table)
        else:
            (writes if id(table) in written else reads).add(target)
    reads.update(_other_reads(tree))
    found = Effects(kind, reads=frozenset(reads), writes=frozenset(writes), unknown=unknown)
    return found.joined(_system_effects(tree, kind))


def deletes_all(text: str) -> bool:
    """Whether a DELETE has no WHERE, or one that is always true; also when it cannot be read."""
    try:
        tree = sqlglot.parse_one(text, dialect="snowflake")
    except SqlglotError:
        return True
    where = tree.args.get("where")
    return where is None or _is_always_true(where.this)


def _is_always_true(condition: exp.Expr) -> bool:
    match condition:
        case exp.Paren():
            return _is_always_true(condition.this)
        case exp.Boolean():
            return bool(condition.this)
        case exp.EQ(this=exp.Literal() as left, expression=exp.Literal() as right):
            return left == right
        case _:
            return False


def _written(tree: exp.Expr) -> Iterator[int]:
    """The ids of the table nodes that a DML writes."""
    if isinstance(tree, exp.MultitableInserts):
        heads: list[exp.Expr] = list(tree.find_all(exp.Insert))
    else:
        heads = [tree] if isinstance(tree, exp.Insert | exp.Update | exp.Delete | exp.Merge) else []
    for head in heads:
        target = head.this.this if isinstance(head.this, exp.Schema) else head.this
        if isinstance(target, exp.Table):
            yield id(target)


def _relation(table: exp.Table) -> Target | None:
    """What a table node names; None when it is computed."""
    this = table.this
    if isinstance(this, exp.Var) and this.name.startswith("@"):
        return _stage(this.name)
    if isinstance(this, exp.DynamicIdentifier):
        return _named(this.this)
    parts = [part for part in table.parts if isinstance(part, exp.Identifier)]
    if len(parts) != len(table.parts) or not 1 <= len(parts) <= _MOST_PARTS:
        return None
    return Target(None, QualifiedName.of(*(_stored(part) for part in parts)))


def _stage(written: str) -> Target | None:
    try:
        name = parse_stage_ref(written).name
    except SyntaxProblem:
        return None
    return None if name is None else Target(ObjectKind.STAGE, name)


def _named(literal: object, kind: ObjectKind | None = None) -> Target | None:
    """The object that a string names, as in IDENTIFIER('…') and SYSTEM$STREAM_HAS_DATA('…')."""
    if not (isinstance(literal, exp.Literal) and literal.is_string):
        return None
    try:
        return Target(kind, QualifiedName.parse(literal.name))
    except SyntaxProblem:
        return None


def _is_result(table: exp.Table) -> bool:
    """FROM $1 in a chain of statements, and the user's own stage: these are no objects."""
    return isinstance(table.this, exp.Parameter) or table.name.startswith("@~")


def _stored(identifier: exp.Identifier) -> str:
    return identifier.name if identifier.quoted else identifier.name.upper()


def _is_cte(table: exp.Table) -> bool:
    """Whether an unqualified name means a common table expression that is in scope there."""
    if table.db or not isinstance(table.this, exp.Identifier):
        return False
    name = _stored(table.this)
    within: set[int] = set()
    node: exp.Expr | None = table
    while node is not None:
        within.add(id(node))
        clause = node.args.get("with_")
        if isinstance(clause, exp.With) and name in _visible_ctes(clause, within):
            return True
        node = node.parent
    return False


def _visible_ctes(clause: exp.With, within: set[int]) -> Iterator[str]:
    """The names that a place sees of a WITH: all from outside, the earlier ones from within one of them."""
    for cte in clause.expressions:
        inside = id(cte) in within
        if not inside or clause.recursive:
            yield _stored(cte.args["alias"].this)
        if inside:
            return


def _is_no_object(table: exp.Table) -> bool:
    """A table function, or the variable of SELECT … INTO :variable."""
    this = table.this
    if isinstance(this, exp.DynamicIdentifier):
        return False
    return isinstance(this, exp.Func | exp.Placeholder) or table.find_ancestor(exp.Into) is not None


def _other_reads(tree: exp.Expr) -> Iterator[Target]:
    """Sequences, functions, and streams named in strings."""
    for column in tree.find_all(exp.Column):
        if column.name.upper() == "NEXTVAL" and column.table:
            parts = [part for part in column.parts[:-1] if isinstance(part, exp.Identifier)]
            yield Target(ObjectKind.SEQUENCE, QualifiedName.of(*map(_stored, parts)))
    for function in tree.find_all(exp.Anonymous):
        target = _function(function)
        if target is not None:
            yield target
    for point in tree.find_all(exp.HistoricalData):
        stream = (
            _named(point.expression, ObjectKind.STREAM) if str(point.args.get("kind")).upper() == "STREAM" else None
        )
        if stream is not None:
            yield stream


def _function(function: exp.Anonymous) -> Target | None:
    """A function that is the user's own, or the stream that a system function asks about."""
    name = function.name.upper()
    if name in _STREAM_FUNCTIONS and function.expressions:
        return _named(function.expressions[0], ObjectKind.STREAM)
    if "$" in name:
        return None
    qualifiers: list[str] = []
    node: exp.Expr | None = function.parent
    if isinstance(node, exp.Dot) and node.expression is function:
        qualifiers = [_stored(part) for part in node.this.find_all(exp.Identifier)]
    return Target(ObjectKind.FUNCTION, QualifiedName.of(*qualifiers[-2:], name))


def _system_effects(tree: exp.Expr, kind: StatementKind) -> Effects:
    """What system functions change: they are called in a SELECT, but are no queries."""
    found = Effects(kind)
    for function in tree.find_all(exp.Anonymous):
        name = function.name.upper()
        if not name.startswith("SYSTEM$") or name in _HARMLESS:
            continue
        task = _named(function.expressions[0], ObjectKind.TASK) if function.expressions else None
        if name in _TASK_FUNCTIONS and task is not None:
            found = found.joined(Effects(kind, alters=frozenset({task})))
        else:
            found = found.joined(Effects(kind, unknown=True))
    return found
