"""Functions that only the account can answer: SYSTEM$…, LAST_QUERY_ID, GET_DDL, sequences' NEXTVAL."""

from collections.abc import Callable

from pipeline.local import ddl_text
from pipeline.local.answers import BOOLEAN, TEXT
from pipeline.local.dialect.relations import Scalar
from pipeline.local.dialect.typed import physical
from pipeline.local.errors import SnowflakeError, compilation, does_not_exist
from pipeline.local.objects import Kind
from pipeline.local.resolver import SessionResolver
from pipeline.local.session import Session
from pipeline.local.streams import reads
from pipeline.local.tasks.functions import SYSTEM_FUNCTIONS as TASK_FUNCTIONS
from pipeline.sql.names import QualifiedName
from pipeline.sql.types import DataType

Function = Callable[[Session, list[object]], object]


def scalar(
    session: Session, parts: tuple[str, ...], arguments: tuple[Scalar, ...], resolver: SessionResolver
) -> Scalar | None:
    """Answer a call as a constant of the running statement; None if there is no such function.

    Raises:
        SnowflakeError: the function's own errors; an argument that is not a constant.
    """
    if len(parts) != 1:
        return None
    found = FUNCTIONS.get(parts[0])
    if found is None:
        return None
    function, kind, effective = found
    resolver.reads.cacheable = False
    if resolver.dry and effective:
        return Scalar(f"CAST(NULL AS {physical(kind)})", kind)
    value = function(session, [_constant(session, argument) for argument in arguments])
    return Scalar(_text(value, kind), kind)


def _constant(session: Session, argument: Scalar) -> object:
    values = session.values([marker for marker in MARKERS if f"${marker}" in argument.sql], {})
    row = session.connection.execute(session.fill(f"SELECT {argument.sql}"), values).fetchone()
    assert row is not None
    return row[0]


MARKERS = ("now", "current_database", "current_schema", "current_role", "current_user", "current_warehouse")


def _text(value: object, kind: DataType) -> str:
    if value is None:
        return f"CAST(NULL AS {physical(kind)})"
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    quoted = str(value).replace("'", "''")
    return f"CAST('{quoted}' AS {physical(kind)})"


def _stream_has_data(session: Session, arguments: list[object]) -> bool:
    name = _one(arguments, "SYSTEM$STREAM_HAS_DATA")
    stream = session.find(Kind.STREAM, QualifiedName.parse(name))
    if stream is None:
        raise does_not_exist("Stream", name)
    return reads.has_data(session, stream)


def _number(value: object) -> float:
    try:
        return float(str(value))
    except ValueError as error:
        raise SnowflakeError(f"Numeric value '{value}' is not recognized", 100038, "22018") from error


def _last_query_id(session: Session, arguments: list[object]) -> str | None:
    """LAST_QUERY_ID([n]): the n-th query from the start, or from the end for a negative n."""
    number = int(_number(arguments[0])) if arguments else -1
    ids = session.query_ids
    index = number if number < 0 else number - 1
    return ids[index] if -len(ids) <= index < len(ids) else None


def _get_ddl(session: Session, arguments: list[object]) -> str:
    if not 2 <= len(arguments) <= 3:
        raise wrong_number("GET_DDL")
    qualified = len(arguments) == 3 and arguments[2] is True
    return ddl_text.get_ddl(session, str(arguments[0]), str(arguments[1]), qualified)


def _wait(session: Session, arguments: list[object]) -> str:
    """SYSTEM$WAIT(n [, unit]): lets the machine's time pass."""
    amount = _number(arguments[0])
    unit = str(arguments[1]).upper() if len(arguments) > 1 else "SECONDS"
    seconds = {"MILLISECONDS": 0.001, "SECONDS": 1, "MINUTES": 60, "HOURS": 3600, "DAYS": 86400}.get(unit)
    if seconds is None:
        raise compilation(f"Invalid unit {unit} for SYSTEM$WAIT.", 1008, "22023")
    session.wait(amount * seconds)
    return f"waited {amount:g} {unit.lower()}"


def _cancel_all_queries(session: Session, arguments: list[object]) -> str:
    """SYSTEM$CANCEL_ALL_QUERIES(session id): what that session runs ends with 000604.

    Source: docs.snowflake.com/en/sql-reference/functions/system_cancel_all_queries.
    """
    number = _one(arguments, "SYSTEM$CANCEL_ALL_QUERIES")
    found = session.account.session(int(number)) if number.isdecimal() else None
    if found is None:
        raise compilation(f"Session {number} does not exist or is not authorized.", 2003, "02000")
    running = found.running
    return "1 query was canceled." if running is not None and found.abort(running.query_id) else "No query runs."


def _one(arguments: list[object], function: str) -> str:
    if len(arguments) != 1:
        raise wrong_number(function)
    return str(arguments[0])


def wrong_number(function: str) -> SnowflakeError:
    return compilation(
        f"error line 1 at position 7\nnot enough or too many arguments for function [{function}]", 938, "22023"
    )


FUNCTIONS: dict[str, tuple[Function, DataType, bool]] = {
    "SYSTEM$STREAM_HAS_DATA": (_stream_has_data, BOOLEAN, False),
    "LAST_QUERY_ID": (_last_query_id, TEXT, False),
    "GET_DDL": (_get_ddl, TEXT, False),
    "SYSTEM$WAIT": (_wait, TEXT, True),
    "SYSTEM$CANCEL_ALL_QUERIES": (_cancel_all_queries, TEXT, True),
    **{name: (function, TEXT, True) for name, function in TASK_FUNCTIONS.items()},
}
"""Name → function, type of its value, and whether calling it changes something."""
