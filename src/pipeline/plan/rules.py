"""Rules on what a statement may lose, one a function, and two that are settled by name.

Settled: when a step fails, suspended tasks go back to the state they had before the deploy, unless their own definition
failed (`planner.restoration`); what a kill leaves behind, the journal in the target lets the next deploy finish.

Settled: a plan is made again under the lock when somebody deployed since it was made, and the user is told who; a plan
that was only shown (`pipeline plan`) binds nobody.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

from pipeline.errors import SyntaxProblem
from pipeline.plan.changes import Decision
from pipeline.plan.guards import CONTAINERS, Facts, Risk, RiskKind, holds
from pipeline.sql import grammar
from pipeline.sql.effects import Effects, Target, block_statements, deletes_all, text_effects
from pipeline.sql.grammar.model import Block, Dml, DmlKind, ObjectKind, SetOptions, TravelBy
from pipeline.sql.grammar.model import Statement as Parsed
from pipeline.sql.grammar.session import ExecuteImmediate
from pipeline.sql.grammar.streams import CloneStream, CreateStream
from pipeline.sql.grammar.tables import (
    AlterColumns,
    AlterTable,
    AlterView,
    CreateTable,
    DropColumns,
    SetDataType,
    TruncateTable,
)
from pipeline.sql.names import QualifiedName
from pipeline.sql.types import DataType, TypeChange, parse_type, widening

Rule = Callable[[Decision, Parsed, Facts], Iterator[Risk]]


def find_risks(pending: Sequence[Decision], facts: Facts) -> tuple[Risk, ...]:
    """Everything that the pending statements would lose, in their order, each loss once."""
    found: dict[Risk, None] = {}
    facts = replace(facts, renewed=_renewed(pending))
    for decision in pending:
        if not _may_lose(decision.resolved.effects):
            continue
        for parsed in _parsed(decision.statement.text):
            found.update(dict.fromkeys(risk for rule in RULES for risk in rule(decision, parsed, facts)))
    return tuple(found)


def _renewed(pending: Sequence[Decision]) -> frozenset[QualifiedName]:
    effects = [decision.resolved.effects for decision in pending]
    return frozenset(
        target.name
        for each in effects
        for target in each.replaces | each.drops
        if target.kind in (ObjectKind.STREAM, ObjectKind.TABLE)
    )


def _may_lose(effects: Effects) -> bool:
    return bool(effects.replaces or effects.drops or effects.alters or effects.writes)


def _parsed(text: str) -> Iterator[Parsed]:
    """The statement, and those within it when it is a block or EXECUTE IMMEDIATE of a literal."""
    try:
        parsed = grammar.parse(text)
        yield parsed
        match parsed:
            case Block():
                inner = tuple(block_statements(text))
            case ExecuteImmediate(literal=literal) if literal is not None:
                inner = (literal.text,)
            case _:
                return
    except SyntaxProblem:
        return  # the account refuses it, or knows more than we do
    for each in inner:
        yield from _parsed(each)


def replaced_rows(decision: Decision, _: Parsed, facts: Facts) -> Iterator[Risk]:
    """OR REPLACE of a table that has rows."""
    for target in _of_kind(decision.resolved.effects.replaces, ObjectKind.TABLE):
        rows = facts.rows.get(target.name, 0)
        if rows:
            yield Risk(
                RiskKind.REPLACE_TABLE,
                target.name,
                decision.statement,
                f"OR REPLACE would lose {_counted(rows, 'row')} of {target.name}.",
                "CREATE OR ALTER TABLE, or ALTER TABLE … ADD COLUMN, changes a table and keeps its rows.",
            )


def dropped_rows(decision: Decision, _: Parsed, facts: Facts) -> Iterator[Risk]:
    """DROP of a table that has rows."""
    for target in _of_kind(decision.resolved.effects.drops, ObjectKind.TABLE):
        rows = facts.rows.get(target.name, 0)
        if rows:
            yield Risk(
                RiskKind.DROP_TABLE,
                target.name,
                decision.statement,
                f"DROP would lose {_counted(rows, 'row')} of {target.name}.",
                "Copy what is still wanted first; UNDROP TABLE brings a table back within its retention time.",
            )


def dropped_containers(decision: Decision, _: Parsed, facts: Facts) -> Iterator[Risk]:
    """OR REPLACE or DROP of a schema or database in which tables have rows."""
    effects = decision.resolved.effects
    for target in effects.replaces | effects.drops:
        if target.kind not in CONTAINERS:
            continue
        inside = {name: rows for name, rows in facts.rows.items() if holds(target, name) and rows}
        if inside:
            yield Risk(
                RiskKind.DROP_CONTAINER,
                target.name,
                decision.statement,
                f"{_counted(sum(inside.values()), 'row')} in {_counted(len(inside), 'table')} of {target.name} "
                "would be lost.",
                f"CREATE {target.kind.value if target.kind else ''} IF NOT EXISTS keeps what is there.",
            )


def orphaned_streams(decision: Decision, _: Parsed, facts: Facts) -> Iterator[Risk]:
    """OR REPLACE or DROP of a table or view that streams read: they go stale (docs: user-guide/streams-intro)."""
    effects = decision.resolved.effects
    for target in effects.replaces | effects.drops:
        for stream in facts.readers(target):
            if stream.unread is None or (not stream.unread and stream.name in facts.renewed):
                continue
            yield Risk(
                RiskKind.ORPHAN_STREAM,
                target.name,
                decision.statement,
                f"The stream {stream.name} ({_waiting(stream.unread)}) reads {target.name} and would go stale.",
                "CREATE OR ALTER keeps the object and its streams; run the tasks first, then create the stream again.",
            )


def untracked(decision: Decision, parsed: Parsed, facts: Facts) -> Iterator[Risk]:
    """CHANGE_TRACKING = FALSE on what streams read: the changes till then are lost (docs: user-guide/streams-intro)."""
    match parsed:
        case CreateTable(options=options) | AlterTable(action=SetOptions(options=options)):
            switch = options.text("CHANGE_TRACKING")
        case AlterView(action=SetOptions(options=options)):
            switch = options.text("CHANGE_TRACKING")
        case _:
            return
    altered = _named(decision.resolved.effects.alters, parsed.name)
    if altered is None or switch is None or switch.upper() != "FALSE":
        return
    for stream in facts.readers(altered):
        if stream.unread is not None:
            yield Risk(
                RiskKind.ORPHAN_STREAM,
                altered.name,
                decision.statement,
                f"The stream {stream.name} ({_waiting(stream.unread)}) reads {altered.name} and needs its change "
                "tracking.",
                "Leave CHANGE_TRACKING as it is while streams read the object.",
            )


def reset_streams(decision: Decision, parsed: Parsed, facts: Facts) -> Iterator[Risk]:
    """OR REPLACE or DROP of a stream that has unread rows, unless it keeps its own offset."""
    effects = decision.resolved.effects
    for target in effects.replaces | effects.drops:
        for stream in facts.streams:
            if not holds(target, stream.name) or not stream.unread or _keeps_offset(parsed):
                continue
            yield Risk(
                RiskKind.RESET_STREAM,
                stream.name,
                decision.statement,
                f"{_counted(stream.unread, 'unread row')} of the stream {stream.name} would be lost.",
                f"AT (STREAM => '{stream.name}') keeps the offset; CREATE STREAM IF NOT EXISTS leaves the stream "
                "alone; `pipeline tasks run` reads the rows first.",
            )


def _keeps_offset(parsed: Parsed) -> bool:
    """Whether the new stream begins where the old one stands."""
    match parsed:
        case CreateStream(name=name, at=at) if at is not None and at.by is TravelBy.STREAM:
            text = at.expression.text.strip("' ")
            return text.rpartition(".")[2].strip('"').upper() == name.name.upper()
        case CloneStream(name=name, source=source):
            return source.name == name.name
        case _:
            return False


def running_tasks(decision: Decision, _: Parsed, facts: Facts) -> Iterator[Risk]:
    """OR REPLACE or DROP of a task, or of what holds it, while its graph executes."""
    effects = decision.resolved.effects
    for target in effects.replaces | effects.drops:
        if target.kind is not ObjectKind.TASK and target.kind not in CONTAINERS:
            continue
        for name in sorted((each for each in facts.running if holds(target, each)), key=str):
            yield Risk(
                RiskKind.RUNNING_TASK,
                name,
                decision.statement,
                f"The graph of the task {name} is executing: the run would end with old and new definitions mixed.",
                "`--wait-tasks 10m` waits for its end.",
            )


def dropped_columns(decision: Decision, parsed: Parsed, facts: Facts) -> Iterator[Risk]:
    """Columns that CREATE OR ALTER leaves out, or ALTER TABLE drops."""
    table, dropped = _column_drops(decision, parsed, facts)
    if table is None or not facts.rows.get(table):
        return
    for column in dropped:
        yield Risk(
            RiskKind.DROP_COLUMN,
            table,
            decision.statement,
            f"The column {column} of {table} would be dropped with its values in {_counted(facts.rows[table], 'row')}.",
            "Keep the column, or rename it with ALTER TABLE … RENAME COLUMN before.",
        )


def _column_drops(decision: Decision, parsed: Parsed, facts: Facts) -> tuple[QualifiedName | None, list[str]]:
    altered = _altered(decision, parsed)
    if altered is None:
        return None, []
    match parsed:
        case CreateTable(columns=columns) if columns:
            wanted = {column.name for column in columns}
            live = facts.columns.get(altered.name, ())
            return altered.name, [column.name for column in live if column.name not in wanted]
        case AlterTable(action=DropColumns(names=names)):
            known = {column.name for column in facts.columns.get(altered.name, ())}
            return altered.name, [name for name in names if name in known]
        case _:
            return None, []


def _altered(decision: Decision, parsed: Parsed) -> Target | None:
    """The table that CREATE OR ALTER or ALTER TABLE changes."""
    match parsed:
        case CreateTable(name=name) | AlterTable(name=name):
            return _named(_of_kind(decision.resolved.effects.alters, ObjectKind.TABLE), name)
        case _:
            return None


def _named(targets: Iterable[Target], name: QualifiedName) -> Target | None:
    """The one of the targets, whose names are complete, that a statement calls `name`."""
    return next((target for target in targets if target.name.parts[-len(name.parts) :] == name.parts), None)


def narrowed_columns(decision: Decision, parsed: Parsed, facts: Facts) -> Iterator[Risk]:
    """Columns whose new type holds less than the old one."""
    altered = _altered(decision, parsed)
    if altered is None or not facts.rows.get(altered.name):
        return
    live = {column.name: column.type for column in facts.columns.get(altered.name, ())}
    for name, new in _new_types(parsed):
        if name in live and _narrower(live[name], new):
            yield Risk(
                RiskKind.NARROW_COLUMN,
                altered.name,
                decision.statement,
                f"The column {name} of {altered.name} would go from {live[name]} to {new}, which holds less.",
                "Add a column of the new type and copy the values into it.",
            )


def _new_types(parsed: Parsed) -> Iterator[tuple[str, DataType]]:
    match parsed:
        case CreateTable(columns=columns):
            yield from ((column.name, column.type) for column in columns if column.type is not None)
        case AlterTable(action=AlterColumns(changes=changes)):
            yield from ((each.column, each.change.type) for each in changes if isinstance(each.change, SetDataType))
        case _:
            return


def _narrower(old: str, new: DataType) -> bool:
    try:
        before = parse_type(old)
    except SyntaxProblem:
        return False
    narrower = (TypeChange.IF_VALUES_FIT, TypeChange.REFUSED)
    return before.kind is new.kind and widening(before, new) in narrower


def truncated(decision: Decision, parsed: Parsed, facts: Facts) -> Iterator[Risk]:
    """TRUNCATE, and INSERT OVERWRITE, of a table that has rows."""
    match parsed:
        case TruncateTable(name=name):
            yield from _emptied(decision, name, facts, RiskKind.TRUNCATE, "TRUNCATE")
        case Dml(overwrite=True, kind=DmlKind.MULTI_INSERT, text=text):
            for target in text_effects(text).writes:
                yield from _emptied(decision, target.name, facts, RiskKind.TRUNCATE, "INSERT OVERWRITE")
        case Dml(overwrite=True, target=name) if name is not None:
            yield from _emptied(decision, name, facts, RiskKind.TRUNCATE, "INSERT OVERWRITE")
        case _:
            return


def deleted(decision: Decision, parsed: Parsed, facts: Facts) -> Iterator[Risk]:
    """DELETE without WHERE of a table that has rows."""
    match parsed:
        case Dml(kind=DmlKind.DELETE, target=name, text=text) if name is not None and deletes_all(text):
            yield from _emptied(decision, name, facts, RiskKind.DELETE_ALL, "DELETE without WHERE")
        case _:
            return


def _emptied(decision: Decision, name: QualifiedName, facts: Facts, kind: RiskKind, words: str) -> Iterator[Risk]:
    # Where the table itself is replaced or dropped, that is the loss, and told already
    target = _named(decision.resolved.effects.writes, name)
    rows = 0 if target is None else facts.rows.get(target.name, 0)
    if target is not None and rows and target.name not in facts.renewed:
        yield Risk(
            kind,
            target.name,
            decision.statement,
            f"{words} would lose {_counted(rows, 'row')} of {target.name}.",
            "DELETE with a WHERE removes only what it names.",
        )


RULES: tuple[Rule, ...] = (
    replaced_rows,
    dropped_rows,
    dropped_containers,
    orphaned_streams,
    untracked,
    reset_streams,
    running_tasks,
    dropped_columns,
    narrowed_columns,
    truncated,
    deleted,
)


def _of_kind(targets: frozenset[Target], kind: ObjectKind) -> Iterator[Target]:
    return (target for target in sorted(targets, key=lambda each: str(each.name)) if target.kind is kind)


def _waiting(unread: int) -> str:
    return _counted(unread, "unread row") if unread else "no unread rows"


def _counted(number: int, word: str) -> str:
    return f"{number:,} {word}" if number == 1 else f"{number:,} {word}s"
