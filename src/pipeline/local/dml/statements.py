"""DML statements: planned once for a text, run with each execution's values."""

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from sqlglot import exp

from pipeline.local.answers import DELETED, INSERTED, MULTI_JOINED, UPDATED, Answer, counts, done
from pipeline.local.copying import loads
from pipeline.local.dialect.parse import parse_statement
from pipeline.local.dml import changes
from pipeline.local.dml.insert import plan_insert
from pipeline.local.dml.merge import plan_merge
from pipeline.local.dml.multi import plan_multi_insert
from pipeline.local.dml.target import Bindings
from pipeline.local.dml.update import plan_delete, plan_update
from pipeline.local.errors import syntax_error
from pipeline.local.objects import Kind
from pipeline.local.protocol import Binding, StatementType
from pipeline.local.queries import names_key
from pipeline.local.resolver import Reads
from pipeline.local.session import Session
from pipeline.sql.grammar.model import Dml, DmlKind
from pipeline.sql.grammar.tables import TruncateTable


class Plan(Protocol):
    """What a DML does, but for the values of one execution."""

    @property
    def reads(self) -> Reads: ...

    def run(self, session: Session, bindings: Bindings) -> Answer: ...


_PLANNERS: dict[type[exp.Expression], Callable[[Session, Any, Bindings], Plan]] = {
    exp.Insert: plan_insert,
    exp.MultitableInserts: plan_multi_insert,
    exp.Update: plan_update,
    exp.Delete: plan_delete,
    exp.Merge: plan_merge,
}

_COUNTS = {
    DmlKind.INSERT: (StatementType.INSERT, (INSERTED,)),
    DmlKind.MULTI_INSERT: (StatementType.MULTI_INSERT, (INSERTED,)),
    DmlKind.UPDATE: (StatementType.UPDATE, (UPDATED, MULTI_JOINED)),
    DmlKind.DELETE: (StatementType.DELETE, (DELETED,)),
    DmlKind.MERGE: (StatementType.MERGE, (INSERTED, UPDATED, DELETED)),
}


def perform(
    session: Session, statement: Dml, bindings: Mapping[str, Binding], *, describe_only: bool = False
) -> Answer:
    """Run a DML, or say which counts it would give."""
    plan = _plan(session, statement, bindings)
    if describe_only:
        kind, names = _COUNTS[statement.kind]
        answer = counts(kind, dict.fromkeys(names, 0))
        return Answer(answer.columns, (), kind)
    return plan.run(session, bindings)


def truncate(session: Session, statement: TruncateTable) -> Answer:
    """TRUNCATE TABLE: a DML that also forgets which files were loaded."""
    if statement.if_exists and session.find(Kind.TABLE, statement.name) is None:
        return done(StatementType.DELETE)
    table = session.require(Kind.TABLE, statement.name)
    with session.writing() as write:
        changes.delete_all(write, table)
        write.run(loads.CLEAR, [table.id])
    return done(StatementType.DELETE)


def _plan(session: Session, statement: Dml, bindings: Mapping[str, Binding]) -> Plan:
    key = ("dml", statement.text, *names_key(session, bindings))
    cache = session.account.prepared
    found: Plan | None = cache.get(key, session.catalog.version)
    if found is None:
        tree = parse_statement(statement.text)
        planner = _PLANNERS.get(type(tree))
        if planner is None:
            raise syntax_error(statement.text.split(maxsplit=1)[0], 1, 0)
        found = planner(session, tree, bindings)
        if found.reads.cacheable:
            cache.put(key, found)
    return found
