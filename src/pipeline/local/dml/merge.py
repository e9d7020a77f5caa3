"""MERGE: one query joins source and target and says of each row what happens to it.

Source: docs.snowflake.com/en/sql-reference/sql/merge.
"""

from collections import Counter
from dataclasses import dataclass

from sqlglot import exp

from pipeline.local.answers import DELETED, INSERTED, UPDATED, Answer, counts
from pipeline.local.dialect.translate import translate_query
from pipeline.local.dml import changes
from pipeline.local.dml.changes import KEYS, Keys
from pipeline.local.dml.target import (
    ROW_ID_TYPE,
    Bindings,
    Target,
    TargetResolver,
    assigned,
    default,
    find_target,
    fold,
    insert_head,
    is_default,
)
from pipeline.local.dml.update import RowsPlan, assignment, duplicate_row, few
from pipeline.local.errors import compilation, unsupported
from pipeline.local.objects import ColumnSpec
from pipeline.local.protocol import StatementType
from pipeline.local.resolver import Reads
from pipeline.local.session import Session
from pipeline.local.transaction import Write
from pipeline.sql.types import DataType
from pipeline.sql.types import Kind as TypeKind

_ACTION = "v0"
_ACTION_TYPE = DataType(TypeKind.NUMBER, 9, 0)


@dataclass(frozen=True, slots=True)
class Clause:
    """One WHEN: its condition, and the values it gives (for a deletion None)."""

    matched: bool
    condition: exp.Expression | None
    values: dict[str, exp.Expression] | None

    @property
    def deletes(self) -> bool:
        return self.values is None


@dataclass(frozen=True, slots=True)
class Found:
    """How many rows of the join are inserted, updated, deleted; `repeated` if a target row is there more than once.

    `actions` are the ids of target rows with the clause that applies, if they are few.
    """

    inserted: int
    updated: int
    deleted: int
    repeated: bool
    actions: tuple[tuple[int, int], ...] | None = None

    def keys(self, clauses: tuple[int, ...]) -> Keys:
        """The target rows to which these clauses apply."""
        condition = f"{_ACTION} IN ({_listed(clauses)})"
        if self.actions is None:
            return Keys(condition=condition)
        return Keys(condition=condition, ids=tuple(sorted({rid for rid, clause in self.actions if clause in clauses})))


@dataclass(frozen=True, slots=True)
class MergePlan:
    rows: RowsPlan
    target: Target
    columns: tuple[ColumnSpec, ...]
    """The columns that any clause sets, whose values follow the action in the query."""
    clauses: tuple[Clause, ...]

    @property
    def reads(self) -> Reads:
        return self.rows.reads

    def run(self, session: Session, bindings: Bindings) -> Answer:
        names = (_ACTION, *(f"v{index + 1}" for index in range(len(self.columns))))
        with session.writing() as write:
            rows = self.rows.collect(session, write, bindings, names)
            found = self._found_few(write) if few(write, rows) else self._found(write)
            once = session.parameters.flag("ERROR_ON_NONDETERMINISTIC_MERGE")
            if once and found.repeated:
                self._check_once(write)
            answer = self._apply(write, names[1:], found, once=once)
            self.rows.forget(write, rows)
        return answer

    def _numbers(self, *, matched: bool, deletes: bool) -> tuple[int, ...]:
        """The clauses of a kind."""
        return tuple(
            index
            for index, clause in enumerate(self.clauses)
            if clause.matched is matched and clause.deletes is deletes
        )

    def _found(self, write: Write) -> Found:
        """How many rows each kind of change has, so that what changes nothing is not run."""
        row = write.run(
            f"SELECT count(*) FILTER ({_ACTION} IN ({_listed(self._numbers(matched=False, deletes=False))})),"
            f" count(*) FILTER ({_ACTION} IN ({_listed(self._numbers(matched=True, deletes=False))})),"
            f" count(*) FILTER ({_ACTION} IN ({_listed(self._numbers(matched=True, deletes=True))})),"
            f" count(DISTINCT __rid) FILTER ({_ACTION} IS NOT NULL) FROM {KEYS}",
            keep=False,
        ).fetchone()
        assert row is not None
        inserted, updated, deleted, rows = row
        return Found(inserted, updated, deleted, updated + deleted > rows)

    def _found_few(self, write: Write) -> Found:
        """The same, counted here: one simple query is quicker than the planning of the counts."""
        rows = write.run(
            f"SELECT __rid, CAST({_ACTION} AS INTEGER) FROM {KEYS} WHERE {_ACTION} IS NOT NULL", keep=False
        ).fetchall()
        applied = Counter(clause for _, clause in rows)
        updated = sum(applied[clause] for clause in self._numbers(matched=True, deletes=False))
        deleted = sum(applied[clause] for clause in self._numbers(matched=True, deletes=True))
        actions = tuple((rid, clause) for rid, clause in rows if rid is not None)
        repeated = updated + deleted > len({rid for rid, _ in actions})
        return Found(len(rows) - updated - deleted, updated, deleted, repeated, actions)

    def _check_once(self, write: Write) -> None:
        """A row that several source rows would update, or update and delete, is an error; deleting twice is not."""
        deleting = _listed(self._numbers(matched=True, deletes=True))
        row = write.run(
            f"SELECT __rid FROM {KEYS} WHERE __rid IS NOT NULL AND {_ACTION} IS NOT NULL GROUP BY __rid"
            f" HAVING count(*) > 1 AND NOT bool_and({_ACTION} IN ({deleting})) LIMIT 1",
            keep=False,
        ).fetchone()
        if row is not None:
            raise duplicate_row(self._row_values(write, row[0]))

    def _row_values(self, write: Write, rid: int) -> str:
        listed = ", ".join(f'"{column.name}"' for column in self.target.columns)
        row = write.run(f"SELECT {listed} FROM d.t{self.target.table.id} WHERE __rid = {rid}").fetchone()
        return ", ".join("NULL" if value is None else _shown(value) for value in row or ())

    def _apply(self, write: Write, values: tuple[str, ...], found: Found, *, once: bool) -> Answer:
        numbers: dict[str, int] = {}
        if inserting := self._numbers(matched=False, deletes=False):
            numbers[INSERTED] = self._insert(write, inserting, values) if found.inserted else 0
        if updating := self._numbers(matched=True, deletes=False):
            distinct = found.repeated and not once
            keys = found.keys(updating)
            numbers[UPDATED] = self._update(write, keys, values, distinct=distinct) if found.updated else 0
        if deleting := self._numbers(matched=True, deletes=True):
            keys = found.keys(deleting)
            numbers[DELETED] = changes.delete(write, self.target.table, keys) if found.deleted else 0
        return counts(StatementType.MERGE, numbers)

    def _update(self, write: Write, keys: Keys, values: tuple[str, ...], *, distinct: bool) -> int:
        if distinct:
            write.run(f"CREATE OR REPLACE TEMP TABLE __updated AS SELECT DISTINCT ON (__rid) * FROM {keys.relation}")
            keys = Keys("__updated", ids=keys.ids)
        given = {column.name: value for column, value in zip(self.columns, values, strict=True)}
        updated = _updated(self.clauses)
        columns = [column.name for column in self.columns if column.name in updated]
        return changes.update(write, self.target.table, keys, columns, [given[name] for name in columns])

    def _insert(self, write: Write, actions: tuple[int, ...], values: tuple[str, ...]) -> int:
        head = insert_head(self.target, [column.name for column in self.columns])
        given = [self._inserted_value(column, value) for column, value in zip(self.columns, values, strict=True)]
        listed = ", ".join((*given, "nextval('_m.rid')", str(write.version), str(write.version)))
        return write.count(f"{head} SELECT {listed} FROM {KEYS} WHERE {_ACTION} IN ({_listed(actions)})")

    def _inserted_value(self, column: ColumnSpec, value: str) -> str:
        if column.sequence is None:
            return value
        named = [column.name in (clause.values or {}) for clause in self.clauses if not clause.matched]
        if any(named) and not all(named):
            raise unsupported(f"MERGE whose insertions name the AUTOINCREMENT column {column.name} or not")
        return value if any(named) else f"nextval('{column.sequence}')"


def _listed(clauses: tuple[int, ...]) -> str:
    return ", ".join(map(str, clauses)) or "-1"


def _updated(clauses: tuple[Clause, ...]) -> set[str]:
    """The columns that any update sets."""
    return {name for clause in clauses if clause.matched for name in clause.values or {}}


def plan_merge(session: Session, tree: exp.Merge, bindings: Bindings) -> MergePlan:
    """Raises SnowflakeError for what does not compile."""
    target = find_target(session, tree.this)
    resolver = TargetResolver(session, bindings)
    _read_inserted_from_source(tree, target)
    clauses = tuple(_clause(target, when) for when in tree.args["whens"].expressions)
    columns = _columns(target, clauses)
    select = _query(tree, target, clauses, columns)
    types = [ROW_ID_TYPE, _ACTION_TYPE, *(column.type for column in columns)]
    translated = translate_query(select, resolver, types)
    markers = translated.markers | resolver.reads.markers
    rows = RowsPlan(target.table, translated, markers, resolver.reads, joined=True)
    return MergePlan(rows, target, columns, clauses)


def _read_inserted_from_source(tree: exp.Merge, target: Target) -> None:
    """Where no row matches there is the source's row alone, so a bare name that both sides have means its column."""
    source = _source_name(tree.args["using"])
    names = {column.name for column in target.columns}
    for when in tree.args["whens"].expressions:
        if when.args.get("matched") or not isinstance(when.args["then"], exp.Insert):
            continue
        for part in (when.args.get("condition"), when.args["then"].args.get("expression")):
            for column in part.find_all(exp.Column) if part is not None else ():
                bare = not column.args.get("table") and column.find_ancestor(exp.Query) is None
                if bare and fold(column.this) in names:
                    column.set("table", source.copy())


def _source_name(using: exp.Expression) -> exp.Expression:
    """The source's name in the statement; one that has none is given one."""
    alias = using.args.get("alias")
    if alias is not None and alias.this is not None:
        return alias.this  # type: ignore[no-any-return]
    if isinstance(using, exp.Table) and isinstance(using.this, exp.Identifier):
        return using.this
    name = exp.to_identifier("__SOURCE", quoted=True)
    using.set("alias", exp.TableAlias(this=name))
    return name


def _columns(target: Target, clauses: tuple[Clause, ...]) -> tuple[ColumnSpec, ...]:
    """With an insertion all columns, for those not named get their defaults; else those that are updated."""
    if any(not clause.matched for clause in clauses):
        return target.columns
    named = {name for clause in clauses for name in clause.values or {}}
    return tuple(column for column in target.columns if column.name in named)


def _query(tree: exp.Merge, target: Target, clauses: tuple[Clause, ...], columns: tuple[ColumnSpec, ...]) -> exp.Select:
    action = _case(target, clauses, [exp.Literal.number(index) for index in range(len(clauses))], None)
    values = [_value(target, clauses, column) for column in columns]
    select = exp.Select(
        expressions=[
            exp.alias_(target.row_id, "__id", quoted=True),
            exp.alias_(action, "__action", quoted=True),
            *(exp.alias_(value, f"__v{index}", quoted=True) for index, value in enumerate(values)),
        ]
    )
    side = "LEFT" if any(not clause.matched for clause in clauses) else None
    select.set("from_", exp.From(this=tree.args["using"]))
    select.set("joins", [exp.Join(this=tree.this, on=tree.args["on"], side=side)])
    select.set("with_", tree.args.get("with_"))
    return select


def _value(target: Target, clauses: tuple[Clause, ...], column: ColumnSpec) -> exp.Expression:
    """The column's value after the row's action; of a row that is updated otherwise, its own, if any update sets it."""
    kept = target.own(column) if column.name in _updated(clauses) else exp.Null()
    branches: list[exp.Expression] = []
    for clause in clauses:
        given = (clause.values or {}).get(column.name)
        if given is not None:
            branches.append(assigned(given, column))
        else:
            branches.append(kept.copy() if clause.matched else default(column))
    return _case(target, clauses, branches, column)


def _case(
    target: Target, clauses: tuple[Clause, ...], branches: list[exp.Expression], column: ColumnSpec | None
) -> exp.Expression:
    """The branch of the first clause that applies, NULL if none does."""
    unconditional = all(clause.condition is None for clause in clauses)
    if column is not None and unconditional and len({branch.sql() for branch in branches}) == 1:
        return branches[0]
    case = exp.Case()
    for clause, branch in zip(clauses, branches, strict=True):
        test: exp.Expression = exp.Is(this=target.row_id, expression=exp.Null())
        if clause.matched:
            test = exp.Not(this=test)
        if clause.condition is not None:
            test = exp.And(this=test, expression=exp.Paren(this=clause.condition.copy()))
        case = case.when(test, branch)
    return case


def _clause(target: Target, when: exp.When) -> Clause:
    if when.args.get("source"):
        raise unsupported("WHEN NOT MATCHED BY SOURCE")
    matched, condition, then = bool(when.args.get("matched")), when.args.get("condition"), when.args["then"]
    action = then.name.upper() if isinstance(then, exp.Var) else then.key.upper()
    if action not in (("UPDATE", "DELETE") if matched else ("INSERT",)):
        words = "WHEN MATCHED" if matched else "WHEN NOT MATCHED"
        raise compilation(f"syntax error: unexpected '{action}' after {words} … THEN.", 1003, "42000")
    if isinstance(then, exp.Update):
        if any(isinstance(node, exp.Star) for node in then.expressions):
            raise unsupported("UPDATE ALL BY NAME")
        pairs = [assignment(target, node) for node in then.expressions]
        return Clause(matched, condition, {column.name: value for column, value in pairs})
    if isinstance(then, exp.Insert):
        return Clause(matched, condition, _inserted(target, then))
    return Clause(matched, condition, None)


def _inserted(target: Target, node: exp.Insert) -> dict[str, exp.Expression]:
    if isinstance(node.this, exp.Star):
        raise unsupported("INSERT ALL BY NAME")
    cells = node.expression.expressions if isinstance(node.expression, exp.Tuple) else [node.expression]
    columns = (
        [target.column(part.this if isinstance(part, exp.Column) else part) for part in node.this.expressions]
        if node.this is not None
        else target.columns
    )
    if len(columns) != len(cells):
        raise compilation(
            f"Insert value list does not match column list expecting {len(columns)} but got {len(cells)}", 2020, "21S01"
        )
    return {
        column.name: cell
        for column, cell in zip(columns, cells, strict=True)
        if column.autoincrement is None or not is_default(cell)
    }


def _shown(value: object) -> str:
    return f'"{value}"' if isinstance(value, str) else str(value)
