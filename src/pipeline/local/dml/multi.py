"""INSERT ALL and INSERT FIRST: one source, several tables.

Source: docs.snowflake.com/en/sql-reference/sql/insert-multi-table.
"""

from dataclasses import dataclass

from sqlglot import exp

from pipeline.local.answers import INSERTED, Answer, counts
from pipeline.local.dialect.translate import Source, Translated, translate_expression, translate_query
from pipeline.local.dml import changes
from pipeline.local.dml.insert import named_columns, wrong_count
from pipeline.local.dml.target import (
    Bindings,
    Target,
    TargetResolver,
    default_sql,
    find_target,
    insert_head,
    is_default,
)
from pipeline.local.objects import ColumnSpec
from pipeline.local.protocol import StatementType
from pipeline.local.resolver import Reads
from pipeline.local.session import Session
from pipeline.sql.names import quote

_ROWS = "__rows"


@dataclass(frozen=True, slots=True)
class Branch:
    """INTO table VALUES (…), for the rows where `condition` (DuckDB text over the source) holds."""

    target: Target
    condition: str
    columns: tuple[str, ...]
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MultiInsertPlan:
    source: Translated
    branches: tuple[Branch, ...]
    markers: frozenset[str]
    reads: Reads
    overwrite: bool

    def run(self, session: Session, bindings: Bindings) -> Answer:
        names = ", ".join(quote(column.name) for column in self.source.columns)
        with session.writing() as write:
            session.consume(self.reads.streams)
            write.run(
                f"CREATE OR REPLACE TEMP TABLE {_ROWS} AS"
                f" SELECT * FROM ({session.fill(self.source.sql)}) AS q({names})",
                session.values(self.source.markers | self.reads.markers, bindings),
            )
            numbers: dict[str, int] = {}
            if self.overwrite:
                for table in {branch.target.table.id: branch.target.table for branch in self.branches}.values():
                    changes.delete_all(write, table)
            for branch in self.branches:
                head = insert_head(branch.target, branch.columns)
                listed = ", ".join((*branch.values, "nextval('_m.rid')", str(write.version), str(write.version)))
                number = write.count(
                    session.fill(f'{head} SELECT {listed} FROM {_ROWS} AS "{_ROWS}" WHERE {branch.condition}'),
                    session.values(self.markers, bindings),
                )
                key = f"{INSERTED} into {branch.target.written}"
                numbers[key] = numbers.get(key, 0) + number
        return counts(StatementType.MULTI_INSERT, numbers)


def plan_multi_insert(session: Session, tree: exp.MultitableInserts, bindings: Bindings) -> MultiInsertPlan:
    """Raises SnowflakeError for what does not compile."""
    resolver = TargetResolver(session, bindings)
    translated = translate_query(tree.args["source"], resolver)
    source = Source(_ROWS, translated.columns)
    markers: set[str] = set()
    branches: list[Branch] = []
    earlier: list[str] = []
    condition = "TRUE"
    for node in tree.expressions:
        if node.args.get("else_"):
            condition = " AND ".join(f"({test}) IS NOT TRUE" for test in earlier) or "TRUE"
        elif node.args.get("expression") is not None:
            test = translate_expression(node.args["expression"], resolver, [source])
            markers |= test.markers
            before = (
                [f"({other}) IS NOT TRUE" for other in earlier] if str(tree.args["kind"]).upper() == "FIRST" else []
            )
            condition = " AND ".join([*before, f"({test.sql}) IS TRUE"])
            earlier.append(test.sql)
        branches.append(_branch(session, node.this, condition, translated, source, resolver, markers))
    overwrite = bool(tree.args.get("overwrite"))
    return MultiInsertPlan(translated, tuple(branches), frozenset(markers), resolver.reads, overwrite)


def _branch(
    session: Session,
    node: exp.Insert,
    condition: str,
    translated: Translated,
    source: Source,
    resolver: TargetResolver,
    markers: set[str],
) -> Branch:
    target = find_target(session, node.this)
    columns = named_columns(target, node.this)
    cells = _cells(node, translated)
    if len(cells) != len(columns):
        raise wrong_count(len(columns), len(cells))
    values: list[str] = []
    for cell, column in zip(cells, columns, strict=True):
        values.append(_value(cell, column, source, resolver, markers))
    others = [column for column in target.columns if column not in columns]
    values.extend(default_sql(column, resolver) for column in others)
    return Branch(target, condition, tuple(column.name for column in (*columns, *others)), tuple(values))


def _value(
    cell: exp.Expression, column: ColumnSpec, source: Source, resolver: TargetResolver, markers: set[str]
) -> str:
    if is_default(cell):
        return default_sql(column, resolver)
    value = translate_expression(cell, resolver, [source], column.type)
    markers |= value.markers
    return value.sql


def _cells(node: exp.Insert, translated: Translated) -> list[exp.Expression]:
    values = node.args.get("expression")
    if values is None:
        return [exp.column(exp.to_identifier(column.name, quoted=True)) for column in translated.columns]
    row = values.expressions[0]
    return list(row.expressions) if isinstance(row, exp.Tuple) else [row]
