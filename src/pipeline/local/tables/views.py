"""Views: their text is kept and read in place at each use.

Source: docs.snowflake.com/en/sql-reference/sql/create-view.
"""

from dataclasses import replace

from pipeline.local import recorded
from pipeline.local.answers import Answer, done, status
from pipeline.local.catalog import Change, Object
from pipeline.local.dialect.parse import parse_query
from pipeline.local.dialect.translate import translate_query
from pipeline.local.errors import already_exists, compilation, unsupported
from pipeline.local.objects import ColumnSpec, Kind, ViewSpec
from pipeline.local.protocol import StatementType
from pipeline.local.resolver import SessionResolver
from pipeline.local.session import Session
from pipeline.sql.grammar.model import CreateMode, RecordedAction, RenameTo, SetOptions, UnsetOptions
from pipeline.sql.grammar.tables import AlterColumns, AlterView, CreateView, SetColumnComment, SetSecure


def create_view(session: Session, statement: CreateView) -> Answer:
    """The query is compiled, so that a view that cannot be read is refused when it is made, as Snowflake does."""
    if statement.materialized or statement.recursive:
        raise unsupported(f"CREATE {'MATERIALIZED' if statement.materialized else 'RECURSIVE'} VIEW")
    clauses = (*statement.recorded, *(clause for column in statement.columns for clause in column.policies))
    recorded.check_clauses(clauses, "CREATE VIEW")
    full = session.full_name(statement.name, "CREATE VIEW")
    session.require_schema(full)
    existing = session.catalog.occupant(Kind.VIEW, full, session.id if statement.temporary else None)
    if existing is not None and statement.mode is CreateMode.IF_NOT_EXISTS:
        return status(f"{statement.name.name} already exists, statement succeeded.")
    if existing is not None and (statement.mode is CreateMode.NEW or existing.kind is not Kind.VIEW):
        raise already_exists(str(statement.name))
    spec = ViewSpec(
        statement.query.text,
        _columns(session, statement),
        secure=statement.secure,
        definition=statement.query.text,
        temporary=statement.temporary,
    )
    with session.defining() as change:
        comment = statement.options.text("COMMENT")
        if existing is not None and statement.mode is CreateMode.OR_ALTER:
            change.put(replace(existing, spec=spec, comment=comment))
        else:
            if existing is not None:
                _replace(session, change, existing)
            change.create(Kind.VIEW, full, spec, comment=comment, temporary=statement.temporary)
    return status(f"View {statement.name.name} successfully created.")


def _replace(session: Session, change: Change, view: Object) -> None:
    """A view that is replaced is gone for good, but its name is still told to those who read a stream on it."""
    if any(stream.spec.base == view.id for stream in session.catalog.all(Kind.STREAM, dropped=True)):
        change.drop(view)
    else:
        change.purge(view)


def _columns(session: Session, statement: CreateView) -> tuple[ColumnSpec, ...]:
    full = session.full_name(statement.name)
    # Unqualified names in a view mean the view's own schema.
    resolver = SessionResolver(session, {}, database=full[0], schema=full[1])
    translated = translate_query(parse_query(statement.query.text), resolver)
    listed = statement.columns
    if listed and len(listed) != len(translated.columns):
        raise compilation(
            f"Invalid column definition list: the view has {len(listed)} names, its query {len(translated.columns)}.",
            2026,
            "42601",
        )
    names = [column.name for column in listed] or [column.name for column in translated.columns]
    repeated = next((name for name in names if names.count(name) > 1), None)
    if repeated is not None:
        raise compilation(f"duplicate column name '{repeated}'", 2025, "42S21")
    comments = [column.comment for column in listed] or [None] * len(names)
    return tuple(
        ColumnSpec(name, column.type, comment=comment)
        for name, comment, column in zip(names, comments, translated.columns, strict=True)
    )


def alter_view(session: Session, statement: AlterView) -> Answer:
    """RENAME, comments, SECURE; materialised views are not supported."""
    if statement.if_exists and session.find(Kind.VIEW, statement.name) is None:
        return done(StatementType.DDL)
    view = session.require(Kind.VIEW, statement.name)
    with session.defining() as change:
        match statement.action:
            case RenameTo(name):
                full = session.full_name(name.within(view.database, view.schema))
                if session.catalog.occupant(Kind.VIEW, full) is not None:
                    raise already_exists(str(name))
                change.put(replace(view, database=full[0], schema=full[1], name=full[2]))
            case SetSecure(secure):
                change.respec(view, replace(view.spec, secure=secure))
            case SetOptions(options):
                spec = view.spec
                if (options.text("CHANGE_TRACKING") or "").upper() == "TRUE":
                    spec = replace(spec, change_tracking_since=change.version)
                comment = options.text("COMMENT") if "COMMENT" in options else view.comment
                change.put(replace(view, spec=spec, comment=comment))
            case UnsetOptions(names):
                change.put(replace(view, comment=None if "COMMENT" in names else view.comment))
            case AlterColumns(changes):
                comments = {one.column: one.change.text for one in changes if isinstance(one.change, SetColumnComment)}
                columns = tuple(
                    replace(column, comment=comments.get(column.name, column.comment)) for column in view.spec.columns
                )
                change.respec(view, replace(view.spec, columns=columns))
            case RecordedAction():
                recorded.check_action(statement.action, "ALTER VIEW")
            case _:
                raise unsupported("This form of ALTER VIEW")
    return done(StatementType.DDL)
