"""SHOW PARAMETERS, VARIABLES, TRANSACTIONS, LOCKS.

Source: docs.snowflake.com/en/sql-reference/sql/show-parameters and its sisters.
"""

from pipeline.local.errors import unsupported
from pipeline.local.information.rows import Record
from pipeline.local.objects import Kind
from pipeline.local.parameters import PARAMETERS, Effect, Parameter
from pipeline.local.session import Session
from pipeline.local.tasks.properties import parameter as task_parameter
from pipeline.sql.grammar.model import ObjectKind
from pipeline.sql.grammar.session import ScopeKind, Show

_DESCRIPTIONS = {
    Effect.WORKS: "Takes effect in the local account.",
    Effect.RECORDED: "Recorded by the local account, without effect.",
    Effect.FIXED: "The local account supports the default only.",
}


def parameters(session: Session, statement: Show) -> list[Record]:
    """Of the session; IN ACCOUNT the defaults, IN TASK with what the task sets."""
    scope = statement.scope
    if scope is None or scope.kind is ScopeKind.SESSION:
        return [
            _parameter(each, session.parameters[each.name], "SESSION" if session.parameters.is_set(each.name) else "")
            for each in PARAMETERS.values()
        ]
    if scope.kind is ScopeKind.ACCOUNT:
        return [_parameter(each, each.default, "") for each in PARAMETERS.values()]
    if scope.object_kind is ObjectKind.TASK and scope.name is not None:
        spec = session.require(Kind.TASK, scope.name).spec
        found = {each.name: task_parameter(spec, each.name) for each in PARAMETERS.values()}
        return [
            _parameter(each, each.default if found[each.name] is None else found[each.name], _level(found[each.name]))
            for each in PARAMETERS.values()
        ]
    raise unsupported(f"SHOW PARAMETERS IN {scope.object_kind.value if scope.object_kind else scope.kind.value}")


def _level(value: object) -> str:
    return "" if value is None else "TASK"


def _parameter(known: Parameter, value: object, level: str) -> Record:
    return {
        "key": known.name,
        "value": _text(value),
        "default": _text(known.default),
        "level": level,
        "description": _DESCRIPTIONS[known.effect],
        "type": _type(known.default),
    }


def _text(value: object) -> str:
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def _type(value: object) -> str:
    if isinstance(value, bool):
        return "BOOLEAN"
    return "NUMBER" if isinstance(value, int) else "STRING"


def variables(session: Session, statement: Show) -> list[Record]:
    del statement
    return [
        {
            "session_id": str(session.id),
            "name": name,
            "value": variable.text,
            "type": {"NUMBER": "fixed", "VARCHAR": "text", "FLOAT": "real"}.get(variable.type, variable.type.lower()),
            "comment": "",
        }
        for name, variable in sorted(session.variables.items())
    ]


def transactions(session: Session, statement: Show) -> list[Record]:
    """The explicit transactions of this session; IN ACCOUNT of all."""
    everyone = statement.scope is not None and statement.scope.kind is ScopeKind.ACCOUNT
    return [
        {
            "id": str(each.transaction.id),
            "user": each.context.user,
            "session": str(each.id),
            "name": each.transaction.name or str(each.transaction.id),
            "started_on": each.transaction.started_at,
            "state": "running",
            "scope": "Session",
        }
        for each in session.account.sessions()
        if each.transaction is not None and (everyone or each is session)
    ]


def locks(session: Session, statement: Show) -> list[Record]:
    """The account's one lock: whoever writes holds it until the transaction's end."""
    everyone = statement.scope is not None and statement.scope.kind is ScopeKind.ACCOUNT
    holder = session.account.session(session.account.writer.holder)
    if holder is None or holder.transaction is None or not (everyone or holder is session):
        return []
    return [
        {
            "resource": "ACCOUNT",
            "type": "ACCOUNT",
            "transaction": str(holder.transaction.id),
            "transaction_started_on": holder.transaction.started_at,
            "status": "HOLDING",
            "acquired_on": holder.transaction.started_at,
            "query_id": holder.running.query_id if holder.running else None,
            "session": str(holder.id),
        }
    ]
