"""SHOW STAGES, FILE FORMATS, SEQUENCES.

Source: docs.snowflake.com/en/sql-reference/sql/show-stages, …/show-file-formats, …/show-sequences.
"""

from pipeline.local.catalog import Object
from pipeline.local.information.format_options import as_json
from pipeline.local.information.rows import Record
from pipeline.local.objects import Kind
from pipeline.local.session import Session
from pipeline.local.show import selection
from pipeline.local.show.model import base, yes
from pipeline.sql.grammar.session import Show


def _found(session: Session, statement: Show, kind: Kind) -> list[Object]:
    where = selection.in_schemas(session, statement.scope)
    return session.catalog.all(kind, database=where.database, schema=where.schema, session=session.id)


def stages(session: Session, statement: Show) -> list[Record]:
    return [_stage(item) for item in _found(session, statement, Kind.STAGE)]


def stage_type(item: Object) -> str:
    if item.spec.url is not None:
        return "EXTERNAL"
    return "INTERNAL TEMPORARY" if item.spec.temporary else "INTERNAL"


def _stage(item: Object) -> Record:
    return base(item) | {
        "url": item.spec.url or "",
        "has_credentials": "N",
        "has_encryption_key": "N",
        "type": stage_type(item),
        "directory_enabled": yes(item.spec.directory),
    }


def file_formats(session: Session, statement: Show) -> list[Record]:
    return [
        base(item) | {"type": item.spec.type, "format_options": as_json(item.spec.type, item.spec.options)}
        for item in _found(session, statement, Kind.FILE_FORMAT)
    ]


def sequences(session: Session, statement: Show) -> list[Record]:
    return [sequence(item) for item in _found(session, statement, Kind.SEQUENCE)]


def sequence(item: Object) -> Record:
    return base(item) | {"interval": item.spec.increment, "ordered": yes(item.spec.ordered)}
