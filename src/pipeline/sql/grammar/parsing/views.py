"""Views and sequences. Source: …/sql/create-view, create-materialized-view, create-sequence."""

from pipeline.sql.grammar.model import Fragment, ObjectKind, Resume, Suspend
from pipeline.sql.grammar.options import OptionList
from pipeline.sql.grammar.parsing.common import (
    AlterHead,
    AlterParser,
    CreateHead,
    CreateParser,
    cluster_by,
    recorded,
    take_clone,
    take_recorded,
    take_rename,
    take_settings,
)
from pipeline.sql.grammar.parsing.tables import alter_columns
from pipeline.sql.grammar.reader import Reader, comma
from pipeline.sql.grammar.tables import (
    AlterSequence,
    AlterView,
    ClusterBy,
    CreateSequence,
    CreateView,
    SetIncrement,
    SetSecure,
    ViewAction,
    ViewColumn,
)


def create_view(reader: Reader, head: CreateHead) -> CreateView:
    name = reader.name()
    columns: tuple[ViewColumn, ...] = ()
    found, policies, copy_grants = OptionList(), list[str](), False
    clusters: tuple[Fragment, ...] = ()
    while not reader.take("AS"):
        if reader.at("(") and not columns:  # COMMENT may stand before the columns
            columns = reader.parenthesised_list(lambda: _view_column(reader))
        elif reader.take("COPY", "GRANTS"):
            copy_grants = True
        elif reader.take("CLUSTER", "BY"):
            clusters = cluster_by(reader)
        elif not found.take(reader):
            clause = take_recorded(reader)
            if clause is None:
                reader.fail()
            policies.append(clause)
    return CreateView(
        name,
        head.mode,
        reader.rest(),
        columns,
        found.options,
        secure="SECURE" in head.modifiers,
        recursive="RECURSIVE" in head.modifiers,
        materialized=head.kind is ObjectKind.MATERIALIZED_VIEW,
        temporary=head.temporary,
        copy_grants=copy_grants,
        cluster_by=clusters,
        recorded=tuple(policies),
    )


def _view_column(reader: Reader) -> ViewColumn:
    name = reader.identifier()
    comment: str | None = None
    policies: list[str] = []
    while not comma(reader):
        if reader.take("COMMENT"):
            reader.take("=")
            comment = reader.string()
            continue
        clause = take_recorded(reader)
        if clause is None:
            reader.fail()
        policies.append(clause)
    return ViewColumn(name, comment, tuple(policies))


def alter_view(reader: Reader, head: AlterHead) -> AlterView:
    materialized = head.kind is ObjectKind.MATERIALIZED_VIEW
    return AlterView(head.name, head.if_exists, _view_action(reader), materialized)


def _view_action(reader: Reader) -> ViewAction:
    if reader.take("SET", "SECURE"):
        return SetSecure(True)
    if reader.take("UNSET", "SECURE"):
        return SetSecure(False)
    if (reader.at("ALTER") or reader.at("MODIFY")) and not reader.at("MODIFY", "DATA", "METRIC"):
        return alter_columns(reader)
    if reader.take("CLUSTER", "BY"):
        return ClusterBy(cluster_by(reader))
    if reader.take("DROP", "CLUSTERING", "KEY"):
        return ClusterBy(())
    if reader.word in ("SUSPEND", "RESUME") and reader.peek(1).upper != "RECLUSTER":
        return Suspend() if reader.expect_one_of("SUSPEND", "RESUME") == "SUSPEND" else Resume()
    return take_rename(reader) or take_settings(reader) or recorded(reader)


def create_sequence(reader: Reader, head: CreateHead) -> CreateSequence:
    name = reader.name()
    clone = take_clone(reader)
    reader.take("WITH")
    start, increment, ordered, comment = 1, 1, None, None
    while not reader.at_end:
        if reader.take("START"):
            reader.take("WITH")
            reader.take("=")
            start = reader.integer()
        elif reader.take("INCREMENT"):
            reader.take("BY")
            reader.take("=")
            increment = reader.integer()
        elif reader.at("ORDER") or reader.at("NOORDER"):
            ordered = reader.expect_one_of("ORDER", "NOORDER") == "ORDER"
        else:
            reader.expect("COMMENT", "=")
            comment = reader.string()
        reader.take(",")
    return CreateSequence(name, head.mode, start, increment, ordered, comment, clone)


def alter_sequence(reader: Reader, head: AlterHead) -> AlterSequence:
    index = reader.index
    reader.take("SET")
    if reader.take("INCREMENT"):
        reader.take("BY")
        reader.take("=")
        return AlterSequence(head.name, head.if_exists, SetIncrement(reader.integer()))
    reader.index = index
    action = take_rename(reader) or take_settings(reader) or recorded(reader)
    return AlterSequence(head.name, head.if_exists, action)


CREATES: dict[ObjectKind, CreateParser] = {
    ObjectKind.VIEW: create_view,
    ObjectKind.MATERIALIZED_VIEW: create_view,
    ObjectKind.SEQUENCE: create_sequence,
}

ALTERS: dict[ObjectKind, AlterParser] = {
    ObjectKind.VIEW: alter_view,
    ObjectKind.MATERIALIZED_VIEW: alter_view,
    ObjectKind.SEQUENCE: alter_sequence,
}
