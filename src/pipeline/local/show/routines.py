"""SHOW PROCEDURES and FUNCTIONS: those that users made; built-in ones are not listed.

Source: docs.snowflake.com/en/sql-reference/sql/show-procedures and …/show-user-functions.
"""

from pipeline.local.catalog import Object
from pipeline.local.ddl_text import argument_defaults
from pipeline.local.information.rows import Record
from pipeline.local.objects import Kind, RoutineSpec
from pipeline.local.session import Session
from pipeline.local.show import selection
from pipeline.sql.grammar.session import Show


def procedures(session: Session, statement: Show) -> list[Record]:
    return _routines(session, statement, Kind.PROCEDURE)


def functions(session: Session, statement: Show) -> list[Record]:
    return _routines(session, statement, Kind.FUNCTION)


def _routines(session: Session, statement: Show, kind: Kind) -> list[Record]:
    where = selection.in_schemas(session, statement.scope)
    return [_routine(item) for item in session.catalog.all(kind, database=where.database, schema=where.schema)]


def signature(item: Object) -> str:
    """`name(types) RETURN type`, as the column `arguments` has it."""
    spec: RoutineSpec = item.spec
    return f"{item.name}({', '.join(_bare(kind) for _, kind in spec.arguments)}) RETURN {_bare(spec.returns)}"


def _bare(kind: str) -> str:
    return kind if kind.upper().startswith("TABLE") else kind.split("(", 1)[0].upper()


def _routine(item: Object) -> Record:
    spec: RoutineSpec = item.spec
    table = "Y" if spec.returns.upper().startswith("TABLE") else "N"
    word = "procedure" if item.kind is Kind.PROCEDURE else "function"
    record = {
        "created_on": item.created_on,
        "name": item.name,
        "kind": item.kind.value,
        "schema_name": item.schema,
        "database_name": item.database,
        "is_builtin": "N",
        "is_aggregate": "N",
        "is_ansi": "N",
        "min_num_arguments": len(spec.arguments) - len(argument_defaults(spec)),
        "max_num_arguments": len(spec.arguments),
        "arguments": signature(item),
        "description": item.comment or f"user-defined {word}",
        "catalog_name": item.database,
        "is_table_function": table,
        "valid_for_clustering": "N",
        "is_secure": "N",
    }
    if item.kind is Kind.FUNCTION:
        record |= {"is_external_function": "N", "language": spec.language, "is_memoizable": "N", "is_data_metric": "N"}
    return record
