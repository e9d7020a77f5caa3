"""A small account for the dialect's tests: tables in an in-memory DuckDB, and what a resolver needs."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import duckdb
from sqlglot import exp

from pipeline.local.dialect.functions import install, raised
from pipeline.local.dialect.parse import parse_expression, parse_query
from pipeline.local.dialect.relations import Relation, RelationColumn, Scalar, Settings
from pipeline.local.dialect.translate import Translated, translate_query
from pipeline.local.errors import does_not_exist
from pipeline.sql.types import DataType, parse_type

NOW = datetime.datetime(2026, 3, 15, 12, 34, 56, 789000, tzinfo=datetime.UTC)


@dataclass
class Account:
    """Tables by name, variables, bindings; runs Snowflake SQL and gives the rows."""

    timezone: str = "UTC"
    settings: Settings = field(default_factory=Settings)
    variables: Mapping[str, str] = field(default_factory=dict)
    bindings: Mapping[str, tuple[str, object]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.connection = duckdb.connect()
        self.connection.execute(f"SET TimeZone = '{self.timezone}'")
        install(self.connection)
        self.tables: dict[str, Relation] = {}

    def create(self, name: str, columns: Mapping[str, str], select: str) -> None:
        """A table from a Snowflake query."""
        translated = translate_query(parse_query(select), self, [parse_type(each) for each in columns.values()])
        names = ", ".join(f'"{column}"' for column in columns)
        self.connection.execute(f'CREATE TABLE "{name}" AS SELECT * FROM ({translated.sql}) AS q({names})')
        found = tuple(RelationColumn(column, parse_type(kind)) for column, kind in columns.items())
        self.tables[name] = Relation(f'SELECT * FROM "{name}"', found)

    def translate(self, sql: str) -> Translated:
        return translate_query(parse_query(sql), self)

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """The rows of a query. Raises SnowflakeError, also for what a row raises."""
        translated = self.translate(sql)
        values = {name: self._value(name) for name in translated.markers}
        try:
            return self.connection.execute(translated.sql, values or None).fetchall()
        except duckdb.Error as problem:
            error = raised(str(problem))
            if error is None:
                raise AssertionError(f"{problem}\n{translated.sql}") from problem
            raise error from problem

    def _value(self, name: str) -> object:
        if name == "now":
            return NOW
        if name.startswith("b_"):
            return self.bindings[name[2:]][1]
        return name.upper()

    def table(self, parts: tuple[str, ...], node: exp.Table) -> Relation:
        if node.args.get("when") or node.args.get("changes"):
            return Relation('SELECT 1 AS "PAST"', (RelationColumn("PAST", parse_type("INT")),))
        if parts[-1] not in self.tables:
            raise does_not_exist("Object", parts[-1])
        return self.tables[parts[-1]]

    def function(self, parts: tuple[str, ...], node: exp.Expression) -> Relation:
        assert isinstance(node, exp.Anonymous)
        return Relation(f"SELECT '{'.'.join(parts)}' AS \"F\"", (RelationColumn("F", parse_type("VARCHAR")),))

    def stage(self, node: exp.Table) -> Relation:
        columns = (
            RelationColumn("$1", parse_type("VARIANT")),
            RelationColumn("METADATA$FILENAME", parse_type("VARCHAR"), hidden=True),
        )
        text = f"""SELECT CAST('{{"a": 1, "b": "x"}}' AS JSON) AS "$1", '{node.name}' AS "METADATA$FILENAME" """
        return Relation(text, columns)

    def variable(self, name: str) -> exp.Expression:
        return parse_expression(self.variables[name])

    def binding(self, name: str) -> DataType:
        return parse_type(self.bindings[name][0])

    def scalar(self, parts: tuple[str, ...], node: exp.Expression, arguments: tuple[Scalar, ...]) -> Scalar | None:
        if parts == ("SYSTEM$STREAM_HAS_DATA",) and node.expressions and len(arguments) == 1:
            return Scalar("TRUE", parse_type("BOOLEAN"))
        return None
