"""INSERT … VALUES, INSERT … SELECT, INSERT OVERWRITE.

Source: docs.snowflake.com/en/sql-reference/sql/insert.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlglot import exp

from pipeline.local.answers import INSERTED, Answer, counts
from pipeline.local.catalog import Object
from pipeline.local.dialect.translate import translate_query
from pipeline.local.dml import changes
from pipeline.local.dml.target import (
    Bindings,
    Target,
    TargetResolver,
    assigned,
    default_sql,
    find_target,
    fold,
    insert_head,
    is_default,
)
from pipeline.local.errors import SnowflakeError, compilation
from pipeline.local.marks import VERSION
from pipeline.local.objects import ColumnSpec
from pipeline.local.protocol import StatementType
from pipeline.local.resolver import Reads
from pipeline.local.session import Session
from pipeline.local.transaction import Write

_STAGED = "__staged"


@dataclass(frozen=True, slots=True)
class InsertText:
    """A DuckDB INSERT: `head` up to FROM, and the query that gives its rows."""

    head: str
    source: str
    markers: frozenset[str]

    @property
    def sql(self) -> str:
        return f"{self.head} FROM ({self.source}) AS __q"


@dataclass(frozen=True, slots=True)
class InsertPlan:
    """What an INSERT does, but for the values of one execution."""

    table: Object
    text: InsertText
    reads: Reads
    overwrite: bool

    @property
    def markers(self) -> frozenset[str]:
        return self.text.markers

    def run(self, session: Session, bindings: Bindings) -> Answer:
        with session.writing() as write:
            session.consume(self.reads.streams)
            sql = session.fill(self.text.sql)
            values = session.values(self.markers, bindings)
            if self.reads.streams and not values and not self.overwrite:
                number = self._staged(session, write)
            elif self.overwrite:
                # The source may read the very rows that go: it is read first.
                head, _, source = sql.partition(" SELECT ")
                write.run(f"CREATE OR REPLACE TEMP TABLE __overwrite AS SELECT {source}", values)
                changes.delete_all(write, self.table)
                number = write.count(f"{head} SELECT * FROM __overwrite")
            else:
                number = write.count(sql, values)
        return counts(StatementType.INSERT, {INSERTED: number})

    def _staged(self, session: Session, write: Write) -> int:
        """Work the rows out first and number them then: DuckDB draws from a sequence in one thread only."""
        write.run(f"CREATE OR REPLACE TEMP TABLE {_STAGED} AS {session.fill(self.text.source)}")
        number = write.count(f"{session.fill(self.text.head)} FROM {_STAGED} AS __q")
        write.run(f"DROP TABLE {_STAGED}")
        return number


def plan_insert(session: Session, tree: exp.Insert, bindings: Bindings) -> InsertPlan:
    """Raises SnowflakeError for what does not compile."""
    target = find_target(session, tree.this)
    resolver = TargetResolver(session, bindings)
    columns = named_columns(target, tree.this)
    source = tree.args.get("expression")
    if isinstance(source, exp.Values):
        columns = _without_numbers(source, columns)
    text = insert_text(target, columns, _source(tree, columns), resolver)
    return InsertPlan(target.table, text, resolver.reads, bool(tree.args.get("overwrite")))


def named_columns(target: Target, node: exp.Expression) -> tuple[ColumnSpec, ...]:
    """The columns in parentheses after the table, or all."""
    if not isinstance(node, exp.Schema):
        return target.columns
    names = [fold(part) for part in node.expressions]
    repeated = next((name for name in names if names.count(name) > 1), None)
    if repeated is not None:
        raise compilation(f"duplicate column name '{repeated}'", 2025, "42S21")
    return tuple(target.column(part) for part in node.expressions)


def insert_text(
    target: Target, columns: Sequence[ColumnSpec], source: exp.Expression, resolver: TargetResolver
) -> InsertText:
    """The DuckDB INSERT of a query's rows, the columns that are not named getting their defaults."""
    translated = translate_query(source, resolver, [column.type for column in columns])
    if len(translated.columns) != len(columns):
        raise wrong_count(len(columns), len(translated.columns))
    others = [column for column in target.columns if column not in columns]
    defaults = [default_sql(column, resolver) for column in others]
    head = insert_head(target, [column.name for column in (*columns, *others)])
    values = ", ".join(["__q.*", *defaults, "nextval('_m.rid')", VERSION, VERSION])
    markers = translated.markers | resolver.reads.markers
    return InsertText(f"{head} SELECT {values}", translated.sql, markers)


def _without_numbers(values: exp.Values, columns: tuple[ColumnSpec, ...]) -> tuple[ColumnSpec, ...]:
    """Leave out the AUTOINCREMENT columns that every row has DEFAULT for: those not named get their next number."""
    rows = [row.expressions if isinstance(row, exp.Tuple) else [row] for row in values.expressions]
    if any(len(row) != len(columns) for row in rows):
        return columns
    numbered = {
        place
        for place, column in enumerate(columns)
        if column.autoincrement is not None and all(is_default(row[place]) for row in rows)
    }
    if not numbered or len(numbered) == len(columns):
        return columns
    kept = [[cell for place, cell in enumerate(row) if place not in numbered] for row in rows]
    values.set("expressions", [exp.Tuple(expressions=row) for row in kept])
    return tuple(column for place, column in enumerate(columns) if place not in numbered)


def wrong_count(wanted: int, got: int) -> SnowflakeError:
    return compilation(f"Insert value list does not match column list expecting {wanted} but got {got}", 2020, "21S01")


def _source(tree: exp.Insert, columns: Sequence[ColumnSpec]) -> exp.Expression:
    source = tree.args.get("expression")
    if source is None:
        raise compilation("INSERT needs VALUES or a query.", 1003, "42000")
    if isinstance(source, exp.Values):
        return values_query(source, columns)
    if tree.args.get("with_") is not None and source.args.get("with_") is None:
        source.set("with_", tree.args["with_"])
    return source  # type: ignore[no-any-return]


def values_query(values: exp.Values, columns: Sequence[ColumnSpec]) -> exp.Expression:
    """VALUES as a query: each value assigned to its column's type, DEFAULT put in."""
    rows: list[exp.Expression] = []
    for row in values.expressions:
        cells = row.expressions if isinstance(row, exp.Tuple) else [row]
        if len(cells) != len(columns):
            raise wrong_count(len(columns), len(cells))
        rows.append(exp.Tuple(expressions=[_cell(cell, column) for cell, column in zip(cells, columns, strict=True)]))
    if len(rows) == 1 and not any(rows[0].find_all(exp.Query, exp.AggFunc, exp.Window, exp.Anonymous)):
        # The same row, with less for DuckDB to plan.
        return exp.Select(
            expressions=[exp.alias_(cell, f"COLUMN{n}", quoted=True) for n, cell in enumerate(rows[0].expressions, 1)]
        )
    return exp.Select(expressions=[exp.Star()]).from_(
        exp.Values(expressions=rows, alias=exp.TableAlias(this=exp.to_identifier("__VALUES", quoted=True)))
    )


def _cell(cell: exp.Expression, column: ColumnSpec) -> exp.Expression:
    return assigned(cell, column) if is_default(cell) else cell
