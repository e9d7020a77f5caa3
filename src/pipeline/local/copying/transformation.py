"""COPY INTO t FROM (SELECT …): only simple projections of the file's fields, only the functions that COPY allows.

Source: docs.snowflake.com/en/user-guide/data-load-transform (supported functions).
"""

from sqlglot import exp

from pipeline.local.dialect.parse import parse_query
from pipeline.local.errors import SnowflakeError, compilation
from pipeline.sql.grammar.copy import CopyTransformation

_ALLOWED_WORDS = """
ARRAY_CONSTRUCT ARRAY_SIZE ASCII AS_ARRAY AS_BINARY AS_BOOLEAN AS_CHAR AS_DATE AS_DECIMAL AS_DOUBLE AS_INTEGER AS_NUMBER
AS_OBJECT AS_REAL AS_TIME AS_TIMESTAMP_LTZ AS_TIMESTAMP_NTZ AS_TIMESTAMP_TZ AS_VARCHAR CEIL CHAR CHECK_JSON CHECK_XML
CHR COALESCE CONCAT CONVERT_TIMEZONE CURRENT_DATE CURRENT_TIME CURRENT_TIMESTAMP DATE DECODE ENDSWITH EQUAL_NULL FLOOR
GET GETDATE GET_PATH IFF IFNULL IS_ARRAY IS_BINARY IS_BOOLEAN IS_CHAR IS_DATE IS_DECIMAL IS_DOUBLE IS_INTEGER
IS_NULL_VALUE IS_OBJECT IS_REAL IS_TIME IS_VARCHAR LOCALTIMESTAMP LTRIM MD5 NULLIF NVL NVL2 OBJECT_CONSTRUCT PARSE_IP
PARSE_JSON PARSE_URL PARSE_XML RANDOM REGEXP_REPLACE REGEXP_SUBSTR REPLACE RTRIM SPLIT SPLIT_PART STARTSWITH SUBSTR
SUBSTRING SYSDATE SYSTIMESTAMP TIME TO_ARRAY TO_BINARY TO_BOOLEAN TO_CHAR TO_DATE TO_DECIMAL TO_DOUBLE TO_NUMBER
TO_NUMERIC TO_OBJECT TO_TIME TO_TIMESTAMP TO_TIMESTAMP_LTZ TO_TIMESTAMP_NTZ TO_TIMESTAMP_TZ TO_VARCHAR TO_VARIANT TRIM
TRY_CAST TRY_PARSE_JSON TRY_TO_BINARY TRY_TO_BOOLEAN TRY_TO_DATE TRY_TO_DECIMAL TRY_TO_DOUBLE TRY_TO_NUMBER
TRY_TO_NUMERIC TRY_TO_TIME TRY_TO_TIMESTAMP TRY_TO_TIMESTAMP_LTZ TRY_TO_TIMESTAMP_NTZ TRY_TO_TIMESTAMP_TZ TYPEOF
UUID_STRING XMLGET ZEROIFNULL
"""
ALLOWED = frozenset(_ALLOWED_WORDS.split())
"""Functions that a COPY transformation may call."""

_OPERATORS: dict[type, str] = {
    exp.Add: "+",
    exp.Sub: "-",
    exp.Mul: "*",
    exp.Div: "/",
    exp.Mod: "%",
    exp.Window: "OVER",
}


def check(transformation: CopyTransformation) -> None:
    """Refuse what COPY does not take.

    Raises:
        SnowflakeError: more than projections of one stage, or a function that COPY does not allow.
    """
    if transformation.rest is not None or transformation.distinct:
        raise not_simple()
    for item in transformation.items:
        if item.text == "*" or item.text.endswith(".*"):
            raise not_simple()
        _check_item(parse_query(f"SELECT {item.text}").expressions[0])


def not_simple() -> SnowflakeError:
    return compilation("COPY statement only supports simple SELECT from stage statements for import.", 2335, "0A000")


def _check_item(item: exp.Expression) -> None:
    for node in item.walk():
        if isinstance(node, (exp.Select, exp.Subquery)):
            raise not_simple()
        name = _OPERATORS.get(type(node))
        if name is None and isinstance(node, exp.Anonymous) and node.name.upper() not in ALLOWED:
            name = node.name.upper()
        if name is not None:
            raise SnowflakeError(f"SQL Compilation error: Function '{name}' not supported within a COPY", 2303, "0A000")
