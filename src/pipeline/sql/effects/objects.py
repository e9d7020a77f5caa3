"""Effects of CREATE, ALTER, DROP of what holds data: containers, tables, views, streams, stages, sequences, grants."""

from typing import Protocol

from pipeline.sql.effects.model import Effects, StatementKind, Target, targets, union
from pipeline.sql.effects.queries import query_effects
from pipeline.sql.effects.registry import DDL, Reading, Rule, created, option_target, reading
from pipeline.sql.grammar.containers import (
    AlterContainer,
    AlterRecorded,
    AlterWarehouse,
    CreateDatabase,
    CreateRecorded,
    CreateSchema,
    CreateWarehouse,
    Drop,
    Grant,
    Undrop,
)
from pipeline.sql.grammar.model import Clone, ObjectKind, RenameTo, Statement, SwapWith
from pipeline.sql.grammar.parsing.common import take_kind
from pipeline.sql.grammar.reader import Reader
from pipeline.sql.grammar.streams import AlterStream, CloneStream, CreateStream, StreamSource
from pipeline.sql.grammar.tables import (
    AlterDynamicTable,
    AlterSequence,
    AlterTable,
    AlterView,
    CreateDynamicTable,
    CreateSequence,
    CreateTable,
    CreateView,
)
from pipeline.sql.names import QualifiedName
from pipeline.sql.problems import TextProblem


class _Altering(Protocol):
    """Any ALTER: a name and an action."""

    @property
    def name(self) -> QualifiedName: ...

    @property
    def action(self) -> object: ...


def altered(kind: ObjectKind, statement: _Altering) -> Effects:
    """ALTER of an object; RENAME TO makes the new name, SWAP WITH alters both."""
    found = Effects(DDL, alters=targets(kind, statement.name))
    match statement.action:
        case RenameTo(name):
            new = name.within(statement.name.database, statement.name.schema)
            return found.joined(Effects(DDL, creates=targets(kind, new)))
        case SwapWith(name):
            return found.joined(Effects(DDL, alters=targets(kind, name)))
        case _:
            return found


def _altered(kind: ObjectKind) -> Rule:
    return lambda statement, _: altered(kind, statement)


def _cloned(kind: ObjectKind, clone: Clone | None) -> Effects:
    return reading() if clone is None else reading(Target(kind, clone.source))


def _database(statement: CreateDatabase, _: Reading) -> Effects:
    made = created(ObjectKind.DATABASE, statement.name, statement.mode)
    return made.joined(_cloned(ObjectKind.DATABASE, statement.clone))


def _schema(statement: CreateSchema, _: Reading) -> Effects:
    made = created(ObjectKind.SCHEMA, statement.name, statement.mode)
    return made.joined(_cloned(ObjectKind.SCHEMA, statement.clone))


def _container(statement: AlterContainer, _: Reading) -> Effects:
    return altered(statement.kind, statement)


def _warehouse(statement: CreateWarehouse, _: Reading) -> Effects:
    return created(ObjectKind.WAREHOUSE, statement.name, statement.mode)


def _alter_warehouse(statement: AlterWarehouse, _: Reading) -> Effects:
    if statement.name is None:
        return Effects(DDL, unknown=True)
    return Effects(DDL, alters=targets(ObjectKind.WAREHOUSE, statement.name))


def _recorded(statement: CreateRecorded, _: Reading) -> Effects:
    return created(statement.kind, statement.name, statement.mode)


def _alter_recorded(statement: AlterRecorded, _: Reading) -> Effects:
    if statement.name is None:
        return Effects(DDL, unknown=True)
    return Effects(DDL, alters=targets(statement.kind, statement.name))


def _drop(statement: Drop, _: Reading) -> Effects:
    return Effects(DDL, drops=targets(statement.kind, statement.name))


def _undrop(statement: Undrop, _: Reading) -> Effects:
    return Effects(DDL, creates=targets(statement.kind, statement.name))


def _table(statement: CreateTable, _: Reading) -> Effects:
    parts = [created(ObjectKind.TABLE, statement.name, statement.mode), _cloned(ObjectKind.TABLE, statement.clone)]
    if statement.like is not None:
        parts.append(reading(Target(None, statement.like)))
    parts.extend(query_effects(text.text) for text in (statement.query, statement.template) if text is not None)
    parts.extend(reading(Target(ObjectKind.TABLE, key.references)) for key in statement.constraints if key.references)
    defaults = (column.default for column in statement.columns)
    parts.extend(
        query_effects(f"SELECT {default.text}") for default in defaults if default and "NEXTVAL" in default.text.upper()
    )
    return union(parts, DDL)


def _view(statement: CreateView, _: Reading) -> Effects:
    kind = ObjectKind.MATERIALIZED_VIEW if statement.materialized else ObjectKind.VIEW
    return created(kind, statement.name, statement.mode).joined(query_effects(statement.query.text))


def _dynamic_table(statement: CreateDynamicTable, _: Reading) -> Effects:
    parts = [
        created(ObjectKind.DYNAMIC_TABLE, statement.name, statement.mode),
        option_target(statement.options, "WAREHOUSE", ObjectKind.WAREHOUSE),
        _cloned(ObjectKind.DYNAMIC_TABLE, statement.clone),
    ]
    if statement.query is not None:
        parts.append(query_effects(statement.query.text))
    return union(parts, DDL)


def _sequence(statement: CreateSequence, _: Reading) -> Effects:
    made = created(ObjectKind.SEQUENCE, statement.name, statement.mode)
    return made.joined(_cloned(ObjectKind.SEQUENCE, statement.clone))


_SOURCES = {source: ObjectKind(source.value) for source in StreamSource}


def _stream(statement: CreateStream, _: Reading) -> Effects:
    """The source is altered too: the first stream switches its change tracking on."""
    source = Target(_SOURCES[statement.source_kind], statement.source)
    parts = [created(ObjectKind.STREAM, statement.name, statement.mode), reading(source)]
    if statement.at is not None and statement.at.by.value == "STREAM":
        parts.append(query_effects(f"SELECT SYSTEM$STREAM_HAS_DATA({statement.at.expression.text})"))
    return union(parts, DDL)


def _clone_stream(statement: CloneStream, _: Reading) -> Effects:
    made = created(ObjectKind.STREAM, statement.name, statement.mode)
    return made.joined(reading(Target(ObjectKind.STREAM, statement.source)))


def _grant(statement: Grant, _: Reading) -> Effects:
    """A grant comes after its object; on ALL or FUTURE objects after what holds them; of roles it is unknown."""
    reader = Reader(statement.text)
    try:
        reader.skip_to(lambda at: at.take("ON"))
        if reader.at("ALL") or reader.at("FUTURE"):
            reader.skip_to(lambda at: at.take("IN"))
        kind = take_kind(reader)
        found = None if kind is None else Target(kind, reader.name())
    except TextProblem:
        found = None
    if found is None:
        return Effects(StatementKind.GRANT, unknown=True)
    return Effects(StatementKind.GRANT, alters=frozenset({found}))


RULES: dict[type[Statement], Rule] = {
    CreateDatabase: _database,
    CreateSchema: _schema,
    AlterContainer: _container,
    CreateWarehouse: _warehouse,
    AlterWarehouse: _alter_warehouse,
    CreateRecorded: _recorded,
    AlterRecorded: _alter_recorded,
    Drop: _drop,
    Undrop: _undrop,
    CreateTable: _table,
    AlterTable: _altered(ObjectKind.TABLE),
    CreateView: _view,
    AlterView: _altered(ObjectKind.VIEW),
    CreateDynamicTable: _dynamic_table,
    AlterDynamicTable: _altered(ObjectKind.DYNAMIC_TABLE),
    CreateSequence: _sequence,
    AlterSequence: _altered(ObjectKind.SEQUENCE),
    CreateStream: _stream,
    CloneStream: _clone_stream,
    AlterStream: _altered(ObjectKind.STREAM),
    Grant: _grant,
}
