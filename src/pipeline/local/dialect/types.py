"""sqlglot's data types as Snowflake's own."""

from sqlglot import exp

from pipeline.errors import SyntaxProblem
from pipeline.local.dialect.relations import Settings
from pipeline.local.errors import compilation, unsupported
from pipeline.sql.types import DataType, Kind, parse_type

_T = exp.DType

_NAMES = {
    _T.INT: "INT",
    _T.BIGINT: "INT",
    _T.SMALLINT: "INT",
    _T.TINYINT: "INT",
    _T.DECIMAL: "NUMBER",
    _T.BIGDECIMAL: "NUMBER",
    _T.FLOAT: "FLOAT",
    _T.DOUBLE: "FLOAT",
    _T.TEXT: "VARCHAR",
    _T.VARCHAR: "VARCHAR",
    _T.CHAR: "CHAR",
    _T.NCHAR: "CHAR",
    _T.NVARCHAR: "VARCHAR",
    _T.BINARY: "BINARY",
    _T.VARBINARY: "BINARY",
    _T.BOOLEAN: "BOOLEAN",
    _T.DATE: "DATE",
    _T.TIME: "TIME",
    _T.DATETIME: "TIMESTAMP_NTZ",
    _T.TIMESTAMPNTZ: "TIMESTAMP_NTZ",
    _T.TIMESTAMPLTZ: "TIMESTAMP_LTZ",
    _T.TIMESTAMPTZ: "TIMESTAMP_TZ",
    _T.TIMESTAMP: "TIMESTAMP",
    _T.VARIANT: "VARIANT",
    _T.OBJECT: "OBJECT",
    _T.ARRAY: "ARRAY",
}


def data_type(node: exp.DataType, settings: Settings) -> DataType:
    """The type that a cast names. Raises SnowflakeError where Snowflake or the local account does not have it."""
    name = _NAMES.get(node.this)
    if name is None:
        raise unsupported(f"The data type {node.sql(dialect='snowflake')}")
    if name in ("OBJECT", "ARRAY"):
        if node.expressions:
            raise unsupported(f"The structured type {node.sql(dialect='snowflake')}")
        return DataType(Kind[name])
    parameters = ", ".join(each.this.sql() for each in node.expressions)
    try:
        return parse_type(f"{name}({parameters})" if parameters else name, settings.timestamp_type_mapping)
    except SyntaxProblem as problem:
        raise compilation(problem.message, 1003, "42000") from problem
