"""What names in a query mean: the dialect's `Resolver`, answered from a session and its account's catalog."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlglot import exp

from pipeline.local import versions
from pipeline.local.catalog import Object
from pipeline.local.copying import selecting
from pipeline.local.dialect.parse import parse_expression, parse_query
from pipeline.local.dialect.relations import Relation, RelationColumn, Scalar, Settings
from pipeline.local.dialect.translate import Translated, translate_query
from pipeline.local.errors import SnowflakeError, compilation, does_not_exist, no_current
from pipeline.local.objects import SELECTABLE, Kind, TableSpec, ViewSpec
from pipeline.local.protocol import Binding
from pipeline.local.session import Session
from pipeline.sql.names import QualifiedName, quote
from pipeline.sql.types import DataType
from pipeline.sql.types import Kind as TypeKind

_DEEPEST_VIEW = 64

_BIND_TYPES = {
    "FIXED": DataType(TypeKind.NUMBER, 38, 0),
    "REAL": DataType(TypeKind.FLOAT),
    "TEXT": DataType(TypeKind.VARCHAR, length=16_777_216),
    "BOOLEAN": DataType(TypeKind.BOOLEAN),
    "DATE": DataType(TypeKind.DATE),
    "TIME": DataType(TypeKind.TIME, precision=9),
    "TIMESTAMP_NTZ": DataType(TypeKind.TIMESTAMP_NTZ, precision=9),
    "TIMESTAMP_LTZ": DataType(TypeKind.TIMESTAMP_LTZ, precision=9),
    "TIMESTAMP_TZ": DataType(TypeKind.TIMESTAMP_TZ, precision=9),
    "BINARY": DataType(TypeKind.BINARY, length=8_388_608),
    "VARIANT": DataType(TypeKind.VARIANT),
}


@dataclass
class Reads:
    """What a query turned out to read, and whether its translation can be used again."""

    streams: set[int] = field(default_factory=set)
    objects: set[int] = field(default_factory=set)
    markers: set[str] = field(default_factory=set)
    """Markers within the relations' own text."""
    cacheable: bool = True


class SessionResolver:
    """See `dialect.relations.Resolver`. One object serves one translation."""

    def __init__(
        self,
        session: Session,
        bindings: Mapping[str, Binding],
        *,
        dry: bool = False,
        database: str | None = None,
        schema: str | None = None,
        reads: Reads | None = None,
        depth: int = 0,
    ) -> None:
        self.session = session
        self.bindings = bindings
        self.dry = dry
        self.database = database if database is not None else session.database
        self.schema = schema if database is not None else session.schema
        self.reads = reads or Reads()
        self._depth = depth

    @property
    def settings(self) -> Settings:
        return SETTINGS

    def table(self, parts: tuple[str, ...], node: exp.Table) -> Relation:
        name = QualifiedName.of(*parts)
        if (name.schema or self.schema) == "INFORMATION_SCHEMA" or name.database == "SNOWFLAKE":
            from pipeline.local import information  # it reads queries, which need this module

            self.reads.cacheable = False
            return information.view(self.session, name.within(self.database, self.schema))
        item = self._lookup(name)
        self.reads.objects.add(item.id)
        from pipeline.local import timetravel  # it evaluates expressions, which need this module

        when, changes = node.args.get("when"), node.args.get("changes")
        if changes is not None:
            self.reads.cacheable = False
            return timetravel.changes(self.session, item, changes, when)
        if when is not None:
            self.reads.cacheable = False
            return timetravel.rows(self.session, item, when)
        return self.relation(item)

    def relation(self, item: Object) -> Relation:
        """The rows of a table, view or stream as they are."""
        if item.kind is Kind.STREAM:
            from pipeline.local.streams import reads  # views behind streams need this module

            self.reads.streams.add(item.id)
            return reads.relation(self.session, item, self)
        if item.kind is Kind.VIEW:
            return self.view(item)
        return table_relation(item)

    def view(self, item: Object) -> Relation:
        """A view's query in parentheses, its columns under the view's names.

        Raises:
            SnowflakeError: 002057, the query no longer gives the columns that the view declares.
        """
        spec: ViewSpec = item.spec
        translated = self.within(item).translate(spec.text)
        check_width(item, len(translated.columns))
        columns = tuple(
            RelationColumn(declared.name, column.type)
            for declared, column in zip(spec.columns, translated.columns, strict=True)
        )
        names = ", ".join(quote(column.name) for column in columns)
        return Relation(f"SELECT * FROM ({translated.sql}) AS __view({names})", columns)

    def within(self, item: Object) -> "SessionResolver":
        """A resolver for the text of `item`, whose unqualified names mean its own database and schema."""
        if self._depth >= _DEEPEST_VIEW:
            raise compilation(f"View '{item.full_name}' refers to itself.", 2013, "42601")
        return SessionResolver(
            self.session,
            {},
            dry=self.dry,
            database=item.database,
            schema=item.schema,
            reads=self.reads,
            depth=self._depth + 1,
        )

    def translate(self, text: str) -> Translated:
        """Translate a query that is part of another one."""
        translated = translate_query(parse_query(text), self)
        self.reads.markers |= translated.markers
        return translated

    def function(self, parts: tuple[str, ...], node: exp.Expression) -> Relation:
        from pipeline.local import information  # it reads queries, which need this module

        self.reads.cacheable = False
        return information.table_function(self.session, self.full_parts(parts), node, self)

    def stage(self, node: exp.Table) -> Relation:
        self.reads.cacheable = False
        return selecting.stage_relation(self.session, node)

    def variable(self, name: str) -> exp.Expression:
        self.reads.cacheable = False
        found = self.session.variables.get(name)
        if found is None:
            raise SnowflakeError(
                f"SQL compilation error: error line 1 at position 0\nSession variable '${name}' does not exist",
                2211,
                "02000",
            )
        return parse_expression(found.literal)

    def binding(self, name: str) -> DataType:
        found = self.bindings.get(name)
        if found is None:
            raise compilation(f"Bind variable {':' + name if not name.isdigit() else '?'} not set.", 2049, "42601")
        return _BIND_TYPES.get(found.type.upper(), _BIND_TYPES["TEXT"])

    def scalar(self, parts: tuple[str, ...], node: exp.Expression, arguments: tuple[Scalar, ...]) -> Scalar | None:
        del node
        from pipeline.local import system_functions  # GET_DDL and streams need this module

        return system_functions.scalar(self.session, parts, arguments, self)

    def full_parts(self, parts: tuple[str, ...]) -> tuple[str, ...]:
        """A name with the current database, for a function of INFORMATION_SCHEMA."""
        return (self.database, *parts) if len(parts) == 2 and self.database else parts

    def _lookup(self, name: QualifiedName) -> Object:
        full = name.within(self.database, self.schema if name.database is None else None)
        if full.database is None:
            raise no_current("database")
        if full.schema is None:
            raise no_current("schema")
        found = self.session.catalog.find(SELECTABLE, (full.database, full.schema, full.name), self.session.id)
        if found is None:
            raise does_not_exist("Object", str(name))
        return found


SETTINGS = Settings()
"""The parameters behind it are supported at their defaults only (see `parameters.py`)."""


def table_columns(spec: TableSpec) -> tuple[RelationColumn, ...]:
    return tuple(RelationColumn(column.name, column.type) for column in spec.columns)


def table_relation(item: Object) -> Relation:
    columns = table_columns(item.spec)
    return Relation(versions.current_rows(item.id, [column.name for column in columns]), columns)


def check_width(view: Object, produced: int) -> None:
    """Raises SnowflakeError 002057 if a view's query no longer gives as many columns as the view declares."""
    declared = len(view.spec.columns)
    if produced != declared:
        raise compilation(
            f"View definition for '{view.full_name}' declared {declared} column(s), "
            f"but view query produces {produced} column(s).",
            2057,
            "42601",
        )
