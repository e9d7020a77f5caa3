"""Stored procedures in SQL: CREATE, ALTER, DROP and CALL.

Source: docs.snowflake.com/en/sql-reference/sql/create-procedure, …/call, and …/developer-guide/stored-procedure/
stored-procedures-rights.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from pipeline.local.answers import Answer, done, status
from pipeline.local.catalog import Change
from pipeline.local.errors import SnowflakeError, already_exists, compilation, does_not_exist, unsupported
from pipeline.local.literals import literal
from pipeline.local.objects import CatalogObject, Kind, RoutineSpec
from pipeline.local.protocol import Column, Result, StatementType
from pipeline.local.scripting import transactions
from pipeline.local.scripting.evaluation import Evaluator
from pipeline.local.scripting.interpreter import run_script
from pipeline.local.scripting.scope import Value
from pipeline.local.session import Session
from pipeline.local.syntax import check_script
from pipeline.sql.grammar.containers import Drop
from pipeline.sql.grammar.model import CreateMode, ObjectKind, RenameTo, SetOptions, UnsetOptions
from pipeline.sql.grammar.routines import (
    AlterRoutine,
    Argument,
    CreateRoutine,
    ExecuteAs,
    Language,
    Returns,
    SetExecuteAs,
)
from pipeline.sql.grammar.session import Call, CallArgument
from pipeline.sql.types import DataType, parse_type

Procedure = CatalogObject[RoutineSpec]

_EXECUTE_AS = "EXECUTE_AS"
_DEFAULT = "DEFAULT "
"""Properties of a procedure's record: whose rights, and each argument's default by name."""


# --- CREATE, ALTER, DROP ----------------------------------------------------------------------------------------


def create_routine(session: Session, statement: CreateRoutine) -> Answer:
    """CREATE PROCEDURE … LANGUAGE SQL. One procedure has a name: overloads are refused."""
    if statement.kind is not ObjectKind.PROCEDURE:
        raise unsupported("CREATE FUNCTION")
    if statement.language is not Language.SQL:
        raise unsupported(f"A procedure in {statement.language.value}")
    if statement.body is None:
        raise unsupported("A procedure without a body")
    check_script(statement.body.text)
    full = session.full_name(statement.name, "CREATE PROCEDURE")
    session.require_schema(full)
    spec = _spec(statement, statement.body.text)
    with session.defining() as change:
        existing: Procedure | None = change.catalog.find(Kind.PROCEDURE, full)
        if existing is not None:
            if _types(existing.spec) != _types(spec):
                raise unsupported(f"A second procedure {full[2]} with other arguments (an overload)")
            if statement.mode is CreateMode.NEW:
                raise already_exists(str(statement.name))
            if statement.mode is CreateMode.IF_NOT_EXISTS:
                return status(f"{full[2]} already exists, statement succeeded.")
        _store(change, existing, full, spec, statement)
    return status(f"Function {full[2]} successfully created.")


def _store(
    change: Change,
    existing: Procedure | None,
    full: tuple[str, str, str],
    spec: RoutineSpec,
    statement: CreateRoutine,
) -> None:
    comment = statement.options.text("COMMENT")
    if existing is not None and statement.mode is CreateMode.OR_ALTER:
        change.put(replace(existing, spec=spec, comment=comment))
        return
    if existing is not None:
        change.drop(existing)
    change.create(Kind.PROCEDURE, full, spec, comment=comment)


def _spec(statement: CreateRoutine, body: str) -> RoutineSpec:
    properties = {_EXECUTE_AS: statement.execute_as.value}
    for argument in statement.arguments:
        if argument.default is not None:
            properties[_DEFAULT + argument.name] = argument.default.text
    return RoutineSpec(
        tuple((argument.name, str(_argument_type(argument))) for argument in statement.arguments),
        _returns_text(statement.returns),
        Language.SQL.value,
        body,
        properties,
    )


def _argument_type(argument: Argument) -> DataType:
    if argument.type is None:
        raise unsupported("An argument of type TABLE")
    if argument.output:
        raise unsupported("An output argument (OUT)")
    return argument.type


def _returns_text(returns: Returns) -> str:
    """RETURNS as SHOW and DESCRIBE print it."""
    if returns.type is None:
        return "TABLE (" + ", ".join(f"{column.name} {column.type}" for column in returns.columns) + ")"
    return str(returns.type) + ("" if returns.nullable else " NOT NULL")


def _types(spec: RoutineSpec) -> tuple[str, ...]:
    """What tells overloads apart: the kinds of the arguments."""
    return tuple(parse_type(text).kind.value for _, text in spec.arguments)


def alter_routine(session: Session, statement: AlterRoutine) -> Answer:
    """ALTER PROCEDURE: RENAME TO, EXECUTE AS, SET | UNSET COMMENT."""
    if statement.kind is not ObjectKind.PROCEDURE:
        raise unsupported("ALTER FUNCTION")
    with session.defining() as change:
        if statement.if_exists and session.find(Kind.PROCEDURE, statement.name) is None:
            return done(StatementType.DDL)
        procedure: Procedure = session.require(Kind.PROCEDURE, statement.name)
        match statement.action:
            case RenameTo(name):
                database, schema, plain = session.full_name(name)
                if change.catalog.find(Kind.PROCEDURE, (database, schema, plain)) is not None:
                    raise already_exists(str(name))
                change.put(replace(procedure, database=database, schema=schema, name=plain))
            case SetExecuteAs(rights):
                properties = {**procedure.spec.properties, _EXECUTE_AS: rights.value}
                change.respec(procedure, replace(procedure.spec, properties=properties))
            case SetOptions(options) if options.names == ("COMMENT",):
                change.put(replace(procedure, comment=options.text("COMMENT")))
            case UnsetOptions(("COMMENT",)):
                change.put(replace(procedure, comment=None))
            case _:
                raise unsupported("ALTER PROCEDURE in this form")
    return done(StatementType.DDL)


def drop_routine(session: Session, statement: Drop, kind: Kind) -> Answer:
    """DROP PROCEDURE name ( types )."""
    found: Procedure | None = session.find(kind, statement.name)
    matches = found is not None and tuple(item.kind.value for item in statement.arguments or ()) == _types(found.spec)
    if found is None or not matches:
        if statement.if_exists:
            return status(f"Drop statement executed successfully ({statement.name.name} already dropped).")
        raise does_not_exist("Procedure" if kind is Kind.PROCEDURE else "Function", str(statement.name))
    with session.defining() as change:
        change.drop(found)
    return status(f"{statement.name.name} successfully dropped.")


# --- CALL -------------------------------------------------------------------------------------------------------


def call(session: Session, statement: Call) -> Answer:
    """CALL of a procedure, or of a SYSTEM$ function."""
    name = statement.name
    if statement.into is not None:
        raise compilation("CALL … INTO is only allowed in a script.", 1003, "42000")
    evaluator = Evaluator(session)
    if name.name.startswith("SYSTEM$"):
        arguments = ", ".join(argument.value.text for argument in statement.arguments)
        value = evaluator.sql_value(f"{name.name}({arguments})")
        return Answer((Column(name.name, value.type),), ((value.value,),), StatementType.CALL)
    procedure: Procedure | None = session.find(Kind.PROCEDURE, name)
    if procedure is None:
        raise SnowflakeError(f"SQL compilation error:\nUnknown user-defined function {name}.", 2141, "42601")
    values = _arguments(evaluator, procedure, statement.arguments)
    with transactions.scope(session) as outer, _names_of(session, procedure):
        outcome = run_script(session, procedure.spec.body, outer, values)
        return _returned(evaluator, procedure, outcome)


def _arguments(evaluator: Evaluator, procedure: Procedure, given: Sequence[CallArgument]) -> list[tuple[str, Value]]:
    """The values of all arguments, cast to their types.

    Raises:
        SnowflakeError: there are too many or too few, or one has no such name.
    """
    declared = procedure.spec.arguments
    written: dict[str, str] = {}
    for index, argument in enumerate(given):
        name = argument.name if argument.name is not None else (declared[index][0] if index < len(declared) else None)
        if name is None or name in written or name not in dict(declared):
            raise _wrong_arguments(procedure, given)
        written[name] = argument.value.text
    found = []
    for name, kind in declared:
        text = written.get(name, procedure.spec.properties.get(_DEFAULT + name))
        if text is None:
            raise _wrong_arguments(procedure, given)
        found.append((name, evaluator.assigned(evaluator.sql_value(text), parse_type(kind))))
    return found


def _wrong_arguments(procedure: Procedure, given: Sequence[CallArgument]) -> SnowflakeError:
    shown = ", ".join(argument.value.text for argument in given)
    return compilation(
        f"Invalid argument types for function '{procedure.name}': ({shown}); "
        f"it has ({', '.join(f'{name} {kind}' for name, kind in procedure.spec.arguments)})",
        1044,
        "42P13",
    )


@contextmanager
def _names_of(session: Session, procedure: Procedure) -> Iterator[None]:
    """With its owner's rights a procedure sees its own schema as current; the caller's names come back after it."""
    context = session.context
    before = context.database, context.schema
    owner = procedure.spec.properties.get(_EXECUTE_AS, ExecuteAs.OWNER.value) == ExecuteAs.OWNER.value
    if owner:
        context.database, context.schema = procedure.database, procedure.schema
    try:
        yield
    finally:
        if owner:
            context.database, context.schema = before


def _returned(evaluator: Evaluator, procedure: Procedure, outcome: Value | Result) -> Answer:
    """What the procedure gave, as RETURNS says."""
    returns = procedure.spec.returns
    if returns.startswith("TABLE"):
        if not isinstance(outcome, Result):
            raise compilation("A procedure that RETURNS TABLE must end with RETURN TABLE.", 2211, "42601")
        return Answer(outcome.columns, outcome.rows, StatementType.CALL)
    if isinstance(outcome, Result):
        raise compilation("RETURN TABLE in a procedure that does not RETURN TABLE.", 2211, "42601")
    kind = parse_type(returns.removesuffix(" NOT NULL"))
    value = evaluator.assigned(outcome, kind)
    if value.value is None and returns.endswith(" NOT NULL"):
        raise SnowflakeError(f"NULL result in a non-nullable column: {literal(None, kind)}", 100072, "22000")
    return Answer((Column(procedure.name, kind),), ((value.value,),), StatementType.CALL)
