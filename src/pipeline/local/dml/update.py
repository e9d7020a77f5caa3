"""UPDATE and DELETE: a query finds the rows and their new values, then they are changed by row id.

Source: docs.snowflake.com/en/sql-reference/sql/update and …/delete.
"""

from dataclasses import dataclass

from sqlglot import exp

from pipeline.local.answers import DELETED, MULTI_JOINED, UPDATED, Answer, counts
from pipeline.local.catalog import Object
from pipeline.local.dialect.translate import Translated, translate_query
from pipeline.local.dml import changes
from pipeline.local.dml.changes import KEYS, Keys
from pipeline.local.dml.target import ROW_ID_TYPE, Bindings, Target, TargetResolver, assigned, find_target
from pipeline.local.errors import SnowflakeError, compilation
from pipeline.local.objects import ColumnSpec
from pipeline.local.protocol import StatementType
from pipeline.local.resolver import Reads
from pipeline.local.session import Session
from pipeline.local.transaction import Write

FEW = 100
"""So many row ids are read and written into the statements that change the rows."""


def few(write: Write, rows: int) -> bool:
    """Whether ids may stand in statements: not in a transaction, which may be done again with other ids."""
    return rows <= FEW and not write.transaction.explicit


@dataclass(frozen=True, slots=True)
class RowsPlan:
    """The query that finds rows: their ids first, then values; `joined` if a row may be found more than once."""

    table: Object
    query: Translated
    markers: frozenset[str]
    reads: Reads
    joined: bool

    def collect(self, session: Session, write: Write, bindings: Bindings, names: tuple[str, ...]) -> int:
        """Put what the query finds into the temporary table of keys; the number of rows."""
        session.consume(self.reads.streams)
        listed = ", ".join(("__id", *names))
        rest = "".join(f", {name}" for name in names)
        return write.count(
            f"CREATE OR REPLACE TEMP TABLE {KEYS} AS SELECT CAST(__id AS BIGINT) AS __rid{rest}"
            f" FROM ({session.fill(self.query.sql)}) AS __q({listed})",
            session.values(self.markers, bindings),
        )

    def keys(self, write: Write, rows: int) -> Keys:
        """What `collect` found, each row once."""
        if not few(write, rows):
            return Keys()
        ids = write.run(f"SELECT __rid FROM {KEYS}", keep=False).fetchall()
        return Keys(ids=tuple(sorted({rid for (rid,) in ids})))

    def forget(self, write: Write, rows: int) -> None:
        """Give back the memory of the keys; a few stay until the next statement replaces them, which is quicker."""
        if not few(write, rows):
            write.run(f"DROP TABLE {KEYS}")


@dataclass(frozen=True, slots=True)
class UpdatePlan:
    rows: RowsPlan
    columns: tuple[str, ...]

    @property
    def reads(self) -> Reads:
        return self.rows.reads

    def run(self, session: Session, bindings: Bindings) -> Answer:
        values = tuple(f"v{index}" for index in range(len(self.columns)))
        with session.writing() as write:
            found = self.rows.collect(session, write, bindings, values)
            joined = self._once(session, write) if self.rows.joined else 0
            number = changes.update(write, self.rows.table, self.rows.keys(write, found), self.columns, values)
            self.rows.forget(write, found)
        return counts(StatementType.UPDATE, {UPDATED: number, MULTI_JOINED: joined})

    def _once(self, session: Session, write: Write) -> int:
        """Keep one match a row; the number of rows that had several."""
        row = write.run(
            f"SELECT count(*) FROM (SELECT __rid FROM {KEYS} GROUP BY __rid HAVING count(*) > 1)"
        ).fetchone()
        several = int(row[0]) if row else 0
        if several:
            if session.parameters.flag("ERROR_ON_NONDETERMINISTIC_UPDATE"):
                raise duplicate_row()
            write.run(f"CREATE OR REPLACE TEMP TABLE {KEYS} AS SELECT DISTINCT ON (__rid) * FROM {KEYS}")
        return several


@dataclass(frozen=True, slots=True)
class DeletePlan:
    rows: RowsPlan

    @property
    def reads(self) -> Reads:
        return self.rows.reads

    def run(self, session: Session, bindings: Bindings) -> Answer:
        with session.writing() as write:
            found = self.rows.collect(session, write, bindings, ())
            number = changes.delete(write, self.rows.table, self.rows.keys(write, found))
            self.rows.forget(write, found)
        return counts(StatementType.DELETE, {DELETED: number})


def plan_update(session: Session, tree: exp.Update, bindings: Bindings) -> UpdatePlan:
    """Raises SnowflakeError for what does not compile."""
    target = find_target(session, tree.this)
    assignments = [assignment(target, node) for node in tree.expressions]
    names = [column.name for column, _ in assignments]
    repeated = next((name for name in names if names.count(name) > 1), None)
    if repeated is not None:
        raise compilation(f"duplicate column name '{repeated}'", 2025, "42S21")
    sources = _sources(tree.args.get("from_"))
    rows = _find_rows(session, target, tree, sources, assignments, bindings)
    return UpdatePlan(rows, tuple(names))


def plan_delete(session: Session, tree: exp.Delete, bindings: Bindings) -> DeletePlan:
    """Raises SnowflakeError for what does not compile."""
    target = find_target(session, tree.this)
    return DeletePlan(_find_rows(session, target, tree, list(tree.args.get("using") or ()), [], bindings))


def assignment(target: Target, node: exp.Expression) -> tuple[ColumnSpec, exp.Expression]:
    """`column = value` in SET."""
    if not isinstance(node, exp.EQ) or not isinstance(node.this, exp.Column):
        raise compilation("SET takes column = value.", 1003, "42000")
    return target.column(node.this.this), node.expression


def _sources(node: exp.Expression | None) -> list[exp.Expression]:
    return [node.this] if node is not None else []


def _find_rows(
    session: Session,
    target: Target,
    tree: exp.Expression,
    sources: list[exp.Expression],
    assignments: list[tuple[ColumnSpec, exp.Expression]],
    bindings: Bindings,
) -> RowsPlan:
    resolver = TargetResolver(session, bindings)
    values = [
        exp.alias_(assigned(value, column), f"__v{index}", quoted=True)
        for index, (column, value) in enumerate(assignments)
    ]
    select = exp.Select(expressions=[exp.alias_(target.row_id, "__id", quoted=True), *values])
    select.set("from_", exp.From(this=tree.this))
    select.set("joins", [exp.Join(this=source) for source in sources])
    select.set("where", tree.args.get("where"))
    select.set("with_", tree.args.get("with_"))
    translated = translate_query(select, resolver, [ROW_ID_TYPE, *(column.type for column, _ in assignments)])
    markers = translated.markers | resolver.reads.markers
    return RowsPlan(target.table, translated, markers, resolver.reads, bool(sources))


def duplicate_row(values: str = "") -> SnowflakeError:
    """Several source rows for one target row. Source: docs.snowflake.com/en/sql-reference/sql/merge."""
    return SnowflakeError(f"Duplicate row detected during DML action\nRow Values: [{values}]", 100090, "42P18")
