"""Which file format applies: the statement's, else the stage's, else CSV with its defaults. They do not add up.

Source: docs.snowflake.com/en/sql-reference/sql/copy-into-table (usage notes on FILE_FORMAT).
"""

from pipeline.local import stages
from pipeline.local.errors import compilation, does_not_exist, unsupported
from pipeline.local.file_formats import Format, build, read_options, read_type, wrong_value
from pipeline.local.objects import FileFormatSpec, Kind
from pipeline.local.session import FullName, Session
from pipeline.local.stages import Place
from pipeline.sql.grammar.model import Options, Value, ValueKind
from pipeline.sql.names import QualifiedName

FORMAT_NAME = "FORMAT_NAME"


def chosen(session: Session, place: Place, written: Value | None) -> Format:
    """The format for reading or writing files of `place`.

    Raises:
        SnowflakeError: no such format, or options that do not belong together.
    """
    if written is not None:
        stored = described(session, written)
    else:
        spec = stages.spec(place)
        stored = dict(spec.file_format) if spec is not None else {}
    return from_stored(session, stored)


def described(session: Session, written: Value) -> dict[str, object]:
    """FILE_FORMAT = (…) as a stage keeps it: TYPE and options, or the FORMAT_NAME with its database and schema."""
    if written.kind is not ValueKind.OPTIONS:
        if written.kind not in (ValueKind.STRING, ValueKind.NAME, ValueKind.WORD):
            if written.kind is ValueKind.LIST and not written.items:
                return {}
            raise wrong_value("FILE_FORMAT", written)
        return {FORMAT_NAME: list(_full_name(session, written))}
    options = written.options or Options()
    named = options.get(FORMAT_NAME)
    if named is None:
        type_ = read_type(options)
        return {"TYPE": type_, **read_options(type_, options)}
    if len(options) > 1:
        if "TYPE" in options:
            raise compilation("conflicting values file format parameter 'TYPE'", 1427, "42601")
        raise unsupported("FORMAT_NAME together with other options of a file format")
    return {FORMAT_NAME: list(_full_name(session, named))}


def from_stored(session: Session, stored: dict[str, object]) -> Format:
    """The format that a stage's record describes.

    Raises:
        SnowflakeError: 002003, the named format is gone.
    """
    name = stored.get(FORMAT_NAME)
    if name is None:
        return build(str(stored.get("TYPE", "CSV")), stored)
    assert isinstance(name, list)
    database, schema, plain = (str(part) for part in name)
    found = session.catalog.find(Kind.FILE_FORMAT, (database, schema, plain), session.id)
    if found is None:
        raise does_not_exist("File format", f"{database}.{schema}.{plain}")
    spec: FileFormatSpec = found.spec
    return build(spec.type, spec.options)


def _full_name(session: Session, written: Value) -> FullName:
    name: QualifiedName = written.name()
    full = session.full_name(name)
    if session.find(Kind.FILE_FORMAT, name) is None:
        raise does_not_exist("File format", ".".join(full))
    return full
