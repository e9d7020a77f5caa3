"""AT, BEFORE and CHANGES: which version a point names, and what a table held or changed there.

Source: docs.snowflake.com/en/sql-reference/constructs/at-before and …/changes.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from sqlglot import exp

from pipeline.local import queries, versions
from pipeline.local.catalog import Object
from pipeline.local.days import MOST_TRANSIENT_DAYS
from pipeline.local.dialect.relations import Relation, RelationColumn
from pipeline.local.errors import SnowflakeError, compilation, unsupported
from pipeline.local.objects import Kind, TableSpec
from pipeline.local.session import Session
from pipeline.sql.grammar.model import Fragment, TimeTravel, TravelBy, TravelTo
from pipeline.sql.names import QualifiedName
from pipeline.sql.types import DataType
from pipeline.sql.types import Kind as TypeKind

METADATA_COLUMNS = (
    RelationColumn("METADATA$ACTION", DataType(TypeKind.VARCHAR, length=16_777_216)),
    RelationColumn("METADATA$ISUPDATE", DataType(TypeKind.BOOLEAN)),
    RelationColumn("METADATA$ROW_ID", DataType(TypeKind.VARCHAR, length=16_777_216)),
)


@dataclass(frozen=True, slots=True)
class Point:
    """A version, and the time by which its age is judged."""

    version: int
    moment: datetime


def rows(session: Session, item: Object, when: exp.Expression) -> Relation:
    """`FROM t AT(…)`: the rows as they were."""
    if item.kind is not Kind.TABLE:
        raise unsupported(f"Time travel on a {item.kind.value.lower()}")
    version = point(session, item, _from_node(when))
    columns = tuple(RelationColumn(column.name, column.type) for column in item.spec.columns)
    return Relation(versions.rows_at(item.id, [column.name for column in columns], str(version)), columns)


def changes(session: Session, item: Object, node: exp.Expression, when: exp.Expression | None) -> Relation:
    """`FROM t CHANGES(INFORMATION => …) AT(…) [END(…)]`: a stream's rows without a stream."""
    if item.kind is not Kind.TABLE:
        raise unsupported(f"CHANGES on a {item.kind.value.lower()}")
    start = node.args.get("at_before") or when
    if start is None:
        raise compilation("CHANGES needs AT or BEFORE.", 1003, "42000")
    tracked_since(item)
    after = point(session, item, _from_node(start))
    check_tracked(item, after)
    end = node.args.get("end")
    upto = point(session, item, _from_node(end)) if end is not None else session.account.store.last_version
    names = [column.name for column in item.spec.columns]
    window = versions.Window(str(after), str(upto))
    mode = str(node.args["information"].name).upper()
    if mode not in ("DEFAULT", "APPEND_ONLY"):
        raise compilation(f"invalid value [{mode}] for parameter 'INFORMATION'", 1008, "22023")
    sql = (
        versions.appended(item.id, names, window)
        if mode == "APPEND_ONLY"
        else versions.net_changes(item.id, names, window)
    )
    columns = tuple(RelationColumn(column.name, column.type) for column in item.spec.columns)
    return Relation(sql, (*columns, *METADATA_COLUMNS))


def tracked_since(item: Object) -> int:
    """The version from which a table's changes can be read. Raises SnowflakeError if they cannot be."""
    since: int | None = item.spec.change_tracking_since
    if since is None:
        raise not_tracked(item)
    return since


def check_tracked(item: Object, version: int) -> None:
    """Raises SnowflakeError if changes since `version` are not all recorded for readers."""
    if version < tracked_since(item):
        raise not_tracked(item)


def not_tracked(item: Object) -> SnowflakeError:
    return compilation(
        f"Change tracking is not enabled or has been missing for the time range requested on table '{item.name}'.",
        91930,
        "22000",
    )


def point(session: Session, item: Object, travel: TimeTravel) -> int:
    """The version of `item` that a time travel clause names. Raises as `placed` does."""
    return placed(session, item, travel).version


def placed(session: Session, item: Object, travel: TimeTravel) -> Point:
    """The point that a time travel clause names for `item`.

    Raises:
        SnowflakeError: the point is before the table or beyond its retention, the statement or stream is unknown, or
            the value is of the wrong type.
    """
    found = _named(session, item, travel)
    if isinstance(item.spec, TableSpec):
        check_kept(session, item, travel.by, found)
        if found.version < item.spec.history_since:
            raise _not_available(item)
    return found


def check_kept(session: Session, table: Object, by: TravelBy, found: Point) -> None:
    """Raises SnowflakeError if a point is beyond a table's retention, which is extended for a stream's."""
    days = retention_days(session, table)
    if by is TravelBy.STREAM:
        days = max(days, table.spec.extension_days)
    if found.moment < session.now() - timedelta(days=days):
        raise _not_available(table)


def _named(session: Session, item: Object, travel: TimeTravel) -> Point:
    before = travel.to is TravelTo.BEFORE
    match travel.by:
        case TravelBy.TIMESTAMP:
            return _at_time(session, item, _timestamp(session, travel), before)
        case TravelBy.OFFSET:
            value, _ = queries.evaluate(session, travel.expression.text)
            seconds = float(str(value))
            if seconds > 0:
                raise compilation(f"Invalid data type [{value}] in {travel.to.value}(OFFSET => {value})", 1071, "22023")
            return _at_time(session, item, session.now() + timedelta(seconds=seconds), before)
        case TravelBy.STATEMENT:
            value, _ = queries.evaluate(session, travel.expression.text)
            return _at_statement(session, item, str(value), before)
        case TravelBy.STREAM:
            return _at_stream(session, travel)


def _timestamp(session: Session, travel: TimeTravel) -> datetime:
    value, column = queries.evaluate(session, travel.expression.text)
    if isinstance(value, str):
        value, _ = queries.evaluate(session, f"TO_TIMESTAMP_LTZ({travel.expression.text})")
    if isinstance(value, datetime):
        if value.tzinfo is None:
            value, _ = queries.evaluate(session, f"({travel.expression.text})::TIMESTAMP_LTZ")
            assert isinstance(value, datetime)
        return value.astimezone(UTC)
    if isinstance(value, date):
        value, _ = queries.evaluate(session, f"({travel.expression.text})::TIMESTAMP_LTZ")
        assert isinstance(value, datetime)
        return value.astimezone(UTC)
    raise compilation(
        f"Invalid data type [{column.type}] in {travel.to.value}(TIMESTAMP => {travel.expression.text})", 1071, "22023"
    )


def _at_time(session: Session, item: Object, moment: datetime, before: bool) -> Point:
    if moment < item.created_on:
        raise _not_available(item)
    compare = "<" if before else "<="
    row = (
        session.account.store.cursor()
        .execute(
            f"SELECT max(v) FROM _m.versions WHERE moment {compare} ?", [moment.astimezone(UTC).replace(tzinfo=None)]
        )
        .fetchone()
    )
    return Point(int(row[0]) if row and row[0] is not None else 0, moment)


def _at_statement(session: Session, item: Object, query_id: str, before: bool) -> Point:
    record = session.account.queries.find(query_id)
    if record is None:
        raise compilation(f"Statement {query_id} not found", 1050, "02000")
    if record.transaction:
        version = record.transaction - 1 if before else record.transaction
        if isinstance(item.spec, TableSpec) and version < item.spec.first_version:
            raise _not_available(item)
        return Point(version, record.start)
    return _at_time(session, item, record.start, before)


def _at_stream(session: Session, travel: TimeTravel) -> Point:
    value, _ = queries.evaluate(session, travel.expression.text)
    if value is None:
        raise compilation(
            f"Time travel {travel.to.value}(STREAM => _) expected a stream name, got NULL.", 1071, "22023"
        )
    stream = session.find(Kind.STREAM, QualifiedName.parse(str(value)))
    if stream is None:
        raise compilation(f"Stream '{value}' not found.", 2003, "02000")
    offset = session.account.streams.offset(stream.id)
    return Point(offset.version, offset.at)


def retention_days(session: Session, item: Object) -> int:
    """DATA_RETENTION_TIME_IN_DAYS in force for a table."""
    own: int | None = item.spec.retention_days
    if own is None:
        schema = session.catalog.find(Kind.SCHEMA, (item.database, None, str(item.schema)))
        own = int(schema.spec.retention_days) if schema is not None else 1
    passing = isinstance(item.spec, TableSpec) and (item.spec.transient or item.spec.temporary)
    return min(own, MOST_TRANSIENT_DAYS) if passing else own


def _not_available(item: Object) -> SnowflakeError:
    return SnowflakeError(
        f"Time travel data is not available for table {item.name}. The requested time is either beyond the allowed "
        "time travel period or before the object creation time.",
        707,
        "02000",
    )


def _from_node(node: exp.Expression) -> TimeTravel:
    """sqlglot's HistoricalData as the grammar's own; END of CHANGES is a point like AT."""
    text = node.args["expression"].sql(dialect="snowflake")
    to = TravelTo.BEFORE if str(node.this).upper() == "BEFORE" else TravelTo.AT
    return TimeTravel(to, TravelBy[str(node.args["kind"]).upper()], Fragment(text, 0))
