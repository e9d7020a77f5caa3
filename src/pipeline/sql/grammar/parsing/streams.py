"""Streams. Source: docs.snowflake.com/en/sql-reference/sql/create-stream, alter-stream."""

from pipeline.sql.grammar.model import ObjectKind, Statement
from pipeline.sql.grammar.options import OptionList
from pipeline.sql.grammar.parsing.common import (
    AlterHead,
    AlterParser,
    CreateHead,
    CreateParser,
    recorded,
    take_recorded,
    take_settings,
    take_time_travel,
    truth,
)
from pipeline.sql.grammar.reader import Reader
from pipeline.sql.grammar.streams import AlterStream, CloneStream, CreateStream, StreamSource

_PROPERTIES = frozenset({"APPEND_ONLY", "INSERT_ONLY", "SHOW_INITIAL_ROWS", "COMMENT"})
_SOURCES = sorted(((tuple(kind.value.split()), kind) for kind in StreamSource), key=lambda entry: -len(entry[0]))


def create_stream(reader: Reader, head: CreateHead) -> Statement:
    name = reader.name()
    copy_grants, policies = _grants_and_tags(reader)
    if reader.take("CLONE"):
        source = reader.name()
        return CloneStream(name, head.mode, source, copy_grants or reader.take("COPY", "GRANTS"))
    reader.expect("ON")
    kind = next((kind for words, kind in _SOURCES if reader.take(*words)), None) or reader.fail()
    source = reader.name()
    at = take_time_travel(reader)
    found = OptionList("STREAM", _PROPERTIES)
    found.take_all(reader)

    def flag(option: str) -> bool | None:
        value = found.options.get(option)
        return None if value is None else truth(reader, value)

    return CreateStream(
        name,
        head.mode,
        kind,
        source,
        at,
        append_only=flag("APPEND_ONLY"),
        insert_only=flag("INSERT_ONLY"),
        show_initial_rows=flag("SHOW_INITIAL_ROWS"),
        copy_grants=copy_grants,
        comment=found.options.text("COMMENT"),
        recorded=policies,
    )


def _grants_and_tags(reader: Reader) -> tuple[bool, tuple[str, ...]]:
    copy_grants, policies = False, list[str]()
    while True:
        if reader.take("COPY", "GRANTS"):
            copy_grants = True
            continue
        clause = take_recorded(reader)
        if clause is None:
            return copy_grants, tuple(policies)
        policies.append(clause)


def alter_stream(reader: Reader, head: AlterHead) -> AlterStream:
    return AlterStream(head.name, head.if_exists, take_settings(reader) or recorded(reader))


CREATES: dict[ObjectKind, CreateParser] = {ObjectKind.STREAM: create_stream}
ALTERS: dict[ObjectKind, AlterParser] = {ObjectKind.STREAM: alter_stream}
