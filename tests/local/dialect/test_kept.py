"""What is kept between statements and openings is never stale, and nobody's to spoil."""

import duckdb

from pipeline.local.dialect import functions
from pipeline.local.dialect.functions import install
from pipeline.local.dialect.parse import parse_statement

MACROS = "SELECT function_name, macro_definition FROM duckdb_functions() WHERE schema_name = 'main' AND NOT internal"


def macros(connection: duckdb.DuckDBPyConnection) -> set[tuple[object, ...]]:
    return set(connection.execute(MACROS).fetchall())


def test_macros_of_another_version_are_made_anew() -> None:
    connection = duckdb.connect()
    install(connection)
    installed = macros(connection)
    assert len(installed) > 20
    connection.execute(f"CREATE OR REPLACE MACRO main.{functions._MARK}() AS 'older'")
    name = sorted(str(name) for name, _ in installed if name != functions._MARK)[0]
    connection.execute(f"DROP MACRO main.{name}")
    install(connection)
    assert macros(connection) == installed


def test_the_same_macros_are_left_alone() -> None:
    connection = duckdb.connect()
    install(connection)
    connection.execute("CREATE MACRO main.sf_witness() AS 1")
    installed = macros(connection)
    install(connection)
    assert macros(connection) == installed


def test_a_tree_is_the_callers_own() -> None:
    text = f"SELECT {', '.join(f'column_{number}' for number in range(100))} FROM t"
    first = parse_statement(text)
    written = first.sql(dialect="snowflake")
    for column in list(first.find_all(type(first.expressions[0]))):
        column.replace(first.expressions[0].copy())
    first.set("limit", None)
    assert first.sql(dialect="snowflake") != written
    assert parse_statement(text).sql(dialect="snowflake") == written
