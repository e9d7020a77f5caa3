"""The table that a DML changes: its columns as values to assign, its rows with their hidden ids."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlglot import exp

from pipeline.local import versions
from pipeline.local.catalog import Object
from pipeline.local.dialect.compiler import unknown_column
from pipeline.local.dialect.parse import parse_expression
from pipeline.local.dialect.relations import Relation, RelationColumn
from pipeline.local.dialect.translate import translate_expression
from pipeline.local.errors import SnowflakeError, compilation, invalid_identifier, unsupported
from pipeline.local.objects import SELECTABLE, ColumnSpec, Kind
from pipeline.local.protocol import Binding
from pipeline.local.resolver import SessionResolver, table_columns
from pipeline.local.session import Session
from pipeline.sql.names import QualifiedName, quote
from pipeline.sql.types import DataType
from pipeline.sql.types import Kind as TypeKind

ROW_ID = "__rid"
ROW_ID_TYPE = DataType(TypeKind.NUMBER, 18, 0)
_MARKED = "dml_target"


@dataclass(frozen=True, slots=True)
class Target:
    """A table to change, as the statement names it."""

    table: Object
    written: str
    alias: str

    @property
    def columns(self) -> tuple[ColumnSpec, ...]:
        columns: tuple[ColumnSpec, ...] = self.table.spec.columns
        return columns

    def column(self, written: exp.Expr) -> ColumnSpec:
        """The column that an identifier names. Raises SnowflakeError 000904 with the place of one that names none."""
        name = fold(written)
        found = self.find(name)
        if found is None:
            raise unknown_column(written, name)
        return found

    def find(self, name: str) -> ColumnSpec | None:
        return next((column for column in self.columns if column.name == name), None)

    def named(self, name: str) -> ColumnSpec:
        """The column of that name. Raises SnowflakeError 000904 if there is none."""
        found = self.find(name)
        if found is None:
            raise invalid_identifier(name)
        return found

    @property
    def row_id(self) -> exp.Column:
        return exp.column(exp.to_identifier(ROW_ID, quoted=True), exp.to_identifier(self.alias, quoted=True))

    def own(self, column: ColumnSpec) -> exp.Column:
        """The column's present value."""
        return exp.column(exp.to_identifier(column.name, quoted=True), exp.to_identifier(self.alias, quoted=True))


class TargetResolver(SessionResolver):
    """Gives the marked table with its row ids."""

    def table(self, parts: tuple[str, ...], node: exp.Table) -> Relation:
        if not node.meta.get(_MARKED):
            return super().table(parts, node)
        item = self._lookup(QualifiedName.of(*parts))
        self.reads.objects.add(item.id)
        columns = table_columns(item.spec)
        names = [column.name for column in columns]
        hidden = RelationColumn(ROW_ID, ROW_ID_TYPE, hidden=True)
        listed = versions.column_list([*names, ROW_ID])
        return Relation(f"SELECT {listed} FROM {versions.data(item.id)}", (*columns, hidden))


def find_target(session: Session, node: exp.Expression) -> Target:
    """The table that the statement's first table node names; the node is marked to give its row ids.

    Raises:
        SnowflakeError: no such table, or it is a view or a stream, which DML cannot change.
    """
    table = node.find(exp.Table) if not isinstance(node, exp.Table) else node
    if table is None or not isinstance(table.this, exp.Identifier):
        raise compilation("DML needs a table to change.", 1003, "42000")
    name = QualifiedName.of(*(fold(part) for part in table.parts))
    item = session.require(SELECTABLE, name)
    if item.kind is not Kind.TABLE:
        raise SnowflakeError(
            f"SQL compilation error:\nObject '{name}' is a {item.kind.value.lower()}; only tables can be changed.",
            2032,
            "42809",
        )
    alias = table.args.get("alias")
    table.meta[_MARKED] = True
    if alias is not None:
        return Target(item, str(name), fold(alias.this))
    return Target(item, str(name), item.name)


def fold(node: exp.Expr) -> str:
    """An identifier's stored name."""
    text = str(node.this)
    return text if node.args.get("quoted") else text.upper()


def assigned(value: exp.Expression, column: ColumnSpec) -> exp.Expression:
    """`value` cast to the column's type; DEFAULT is the column's default."""
    if is_default(value):
        if column.autoincrement is not None:
            raise unsupported(f"DEFAULT of the AUTOINCREMENT column {column.name} here")
        return default(column)
    return exp.Cast(this=exp.Paren(this=value.copy()), to=exp.DataType.build(str(column.type), dialect="snowflake"))


def is_default(value: exp.Expression) -> bool:
    return isinstance(value, exp.Var) and str(value.this).upper() == "DEFAULT"


def default(column: ColumnSpec) -> exp.Expression:
    """What a row gets for a column that the statement does not name."""
    if column.default is not None:
        return parse_expression(column.default)
    return exp.Null()


def default_sql(column: ColumnSpec, resolver: SessionResolver) -> str:
    """The same as DuckDB text: a counter for AUTOINCREMENT, else the default expression."""
    if column.autoincrement is not None:
        return f"nextval('{column.sequence}')"
    translated = translate_expression(default(column), resolver, (), column.type)
    resolver.reads.markers |= translated.markers
    return translated.sql


def insert_head(target: Target, names: Sequence[str]) -> str:
    listed = ", ".join(quote(name) for name in names)
    return f"INSERT INTO {versions.data(target.table.id)} ({listed}, __rid, __born, __ver)"


Bindings = Mapping[str, Binding]
