"""The JSON documents of the client protocol."""

from collections.abc import Iterable, Mapping

from pipeline.local.errors import SnowflakeError
from pipeline.local.executions import Execution, State
from pipeline.local.logins import MASTER_SECONDS, TOKEN_SECONDS, Session
from pipeline.local.protocol import EngineSession, Result, StatementType
from pipeline.local.results import encode_json, row_set, row_type

SERVER_VERSION = "10.0.0"

IN_PROGRESS = "333333"
IN_PROGRESS_ASYNC = "333334"

CLIENT_PARAMETERS = (
    "AUTOCOMMIT",
    "BINARY_OUTPUT_FORMAT",
    "CLIENT_RESULT_COLUMN_CASE_INSENSITIVE",
    "CLIENT_SESSION_KEEP_ALIVE",
    "CLIENT_SESSION_KEEP_ALIVE_HEARTBEAT_FREQUENCY",
    "DATE_OUTPUT_FORMAT",
    "TIME_OUTPUT_FORMAT",
    "TIMESTAMP_LTZ_OUTPUT_FORMAT",
    "TIMESTAMP_NTZ_OUTPUT_FORMAT",
    "TIMESTAMP_OUTPUT_FORMAT",
    "TIMESTAMP_TYPE_MAPPING",
    "TIMESTAMP_TZ_OUTPUT_FORMAT",
    "TIMEZONE",
)
"""Session parameters that clients act upon."""

FIXED_PARAMETERS: tuple[dict[str, object], ...] = (
    {"name": "CLIENT_TELEMETRY_ENABLED", "value": False},
    {"name": "CLIENT_STAGE_ARRAY_BINDING_THRESHOLD", "value": 0},
    {"name": "PYTHON_CONNECTOR_QUERY_RESULT_FORMAT", "value": "JSON"},
)
"""What the server decides for clients: nothing is reported home, and bindings travel in the request."""

MULTI_COLUMN = "multiple statement execution"
MULTI_ROW = "Multiple statements executed successfully."


def document(data: object) -> bytes:
    """A success."""
    return encode_json({"data": data, "code": None, "message": None, "success": True}).encode()


def failure(error: SnowflakeError, query_id: str | None = None) -> bytes:
    """A refusal; it travels with HTTP status 200."""
    code = f"{error.errno:06d}"
    data = {
        "internalError": False,
        "errorCode": code,
        "age": 0,
        "sqlState": error.sqlstate,
        "queryId": query_id,
        "line": error.line,
        "pos": error.position,
        "type": "COMPILATION" if error.line >= 0 else "EXECUTION",
    }
    return encode_json({"data": data, "code": code, "message": error.message, "success": False}).encode()


def failed(execution: Execution, error: SnowflakeError) -> bytes:
    return failure(error, execution.query_id)


def logged_in(session: Session) -> bytes:
    engine = session.engine
    return document(
        {
            **_tokens(session, "token"),
            "sessionId": session.id,
            "displayUserName": session.user,
            "serverVersion": SERVER_VERSION,
            "firstLogin": False,
            "healthCheckInterval": 45,
            "parameters": [*_parameters(engine.parameters), *FIXED_PARAMETERS],
            "sessionInfo": {
                "databaseName": engine.database,
                "schemaName": engine.schema,
                "warehouseName": engine.warehouse,
                "roleName": engine.role,
            },
        }
    )


def renewed(session: Session) -> bytes:
    return document({**_tokens(session, "sessionToken"), "sessionId": session.id})


def _tokens(session: Session, token_name: str) -> dict[str, object]:
    return {
        token_name: session.token,
        "masterToken": session.master_token,
        "validityInSeconds": int(TOKEN_SECONDS),
        "validityInSecondsST": int(TOKEN_SECONDS),
        "masterValidityInSeconds": int(MASTER_SECONDS),
        "validityInSecondsMT": int(MASTER_SECONDS),
    }


def _parameters(parameters: Mapping[str, object]) -> list[dict[str, object]]:
    return [{"name": name, "value": parameters[name]} for name in CLIENT_PARAMETERS if name in parameters]


def statement_data(
    query_id: str, statement_type: StatementType, session: EngineSession, columns: Iterable[object]
) -> dict[str, object]:
    """What every reply to a statement says, whatever it was."""
    return {
        "parameters": _parameters(session.parameters),
        "rowtype": columns,
        "queryId": query_id,
        "sqlState": "00000",
        "statementTypeId": int(statement_type),
        "finalDatabaseName": session.database,
        "finalSchemaName": session.schema,
        "finalWarehouseName": session.warehouse,
        "finalRoleName": session.role,
        "databaseProvider": None,
        "version": 1,
        "numberOfBinds": 0,
        "arrayBindSupported": True,
    }


def result(of: Result, session: EngineSession) -> bytes:
    """A result with all its rows."""
    data = statement_data(of.query_id, of.statement_type, session, row_type(of.columns))
    rows = row_set(of)
    data.update(queryResultFormat="json", rowset=rows, total=len(rows), returned=len(rows))
    return document(data)


def several(query_id: str, results: tuple[Result, ...], session: EngineSession) -> bytes:
    """The reply to a multi-statement request: the ids under which the client fetches each result."""
    column = {"name": MULTI_COLUMN, "type": "text", "nullable": False, "length": 16777216, "byteLength": 16777216}
    column |= {"precision": None, "scale": None, "database": "", "schema": "", "table": "", "collation": None}
    data = statement_data(query_id, StatementType.MULTI, session, [column])
    data.update(queryResultFormat="json", rowset=[[MULTI_ROW]], total=1, returned=1)
    data["resultIds"] = ",".join(one.query_id for one in results)
    data["resultTypes"] = ",".join(str(int(one.statement_type)) for one in results)
    return document(data)


def in_progress(execution: Execution, code: str) -> bytes:
    """Not done yet: the client asks again at `getResultUrl`."""
    data = {
        "queryId": execution.query_id,
        "getResultUrl": f"/queries/{execution.query_id}/result",
        "queryAbortsAfterSecs": 300,
        "progressDesc": None,
    }
    message = "Query execution in progress. Query will be aborted unless request is resubmitted."
    return encode_json({"data": data, "code": code, "message": message, "success": True}).encode()


def monitored(execution: Execution) -> bytes:
    """One query's state."""
    error = execution.error
    ended = execution.ended or execution.started
    query = {
        "id": execution.query_id,
        "status": execution.state.value,
        "state": "SUCCEEDED" if execution.state is State.SUCCESS else execution.state.value,
        "sqlText": execution.sql_text,
        "sessionId": execution.session_id,
        "startTime": int(execution.started * 1000),
        "endTime": int(ended * 1000) if execution.done else 0,
        "totalDuration": int((ended - execution.started) * 1000),
        "errorCode": f"{error.errno:06d}" if error else None,
        "errorMessage": error.message if error else None,
    }
    return document({"queries": [query]})
