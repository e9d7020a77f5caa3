"""Every statement that the grammar knows, on one screen."""

from collections.abc import Callable

from pipeline.sql.grammar.model import CreateMode, ObjectKind, Statement, Unsupported
from pipeline.sql.grammar.parsing import (
    containers,
    copy,
    pipes,
    queries,
    routines,
    session,
    show,
    stages,
    streams,
    tables,
    tasks,
    views,
)
from pipeline.sql.grammar.parsing.common import (
    MODIFIERS,
    AlterHead,
    AlterParser,
    CreateHead,
    CreateParser,
    create_mode,
    take_if_exists,
    take_kind,
)
from pipeline.sql.grammar.reader import Reader

STATEMENTS: dict[tuple[str, ...], Callable[[Reader], Statement]] = {
    **queries.STATEMENTS,
    **session.STATEMENTS,
    **show.STATEMENTS,
    **containers.STATEMENTS,
    **tables.STATEMENTS,
    **tasks.STATEMENTS,
    **stages.STATEMENTS,
    **copy.STATEMENTS,
    **pipes.STATEMENTS,
}

LEADING_WORDS = frozenset(words[0] for words in STATEMENTS) | {"CREATE", "ALTER"}
"""Words that a statement of Snowflake begins with; anything else is no statement."""

CREATES: dict[ObjectKind, CreateParser] = {
    **containers.CREATES,
    **tables.CREATES,
    **views.CREATES,
    **streams.CREATES,
    **tasks.CREATES,
    **stages.CREATES,
    **pipes.CREATES,
    **routines.CREATES,
}

ALTERS: dict[ObjectKind, AlterParser] = {
    **containers.ALTERS,
    **tables.ALTERS,
    **views.ALTERS,
    **streams.ALTERS,
    **tasks.ALTERS,
    **stages.ALTERS,
    **pipes.ALTERS,
    **routines.ALTERS,
}


def statement(reader: Reader) -> Statement:
    """The statement at the cursor, by its first two words, then by its first."""
    flow = queries.take_flow(reader)
    if flow is not None:
        return flow
    first, second = reader.peek().upper, reader.peek(1).upper
    parser = STATEMENTS.get((first, second)) or STATEMENTS.get((first,))
    if parser is not None:
        return parser(reader)
    if first == "CREATE":
        return _create(reader)
    if first == "ALTER":
        return _alter(reader)
    if not reader.word:
        reader.fail()
    return _unsupported(reader, f"{first} {second}" if second.isalpha() else first)


def _create(reader: Reader) -> Statement:
    reader.expect("CREATE")
    mode = CreateMode.NEW
    if reader.take("OR", "REPLACE"):
        mode = CreateMode.OR_REPLACE
    elif reader.take("OR", "ALTER"):
        mode = CreateMode.OR_ALTER
    modifiers: set[str] = set()
    kind = take_kind(reader)
    while kind is None and reader.word in MODIFIERS:
        modifiers.add(reader.advance().upper)
        kind = take_kind(reader)
    parser = None if kind is None else CREATES.get(kind)
    if kind is None or parser is None:
        words = kind.value if kind else f"{reader.peek().upper} {reader.peek(1).upper}".strip()
        return _unsupported(reader, f"CREATE {words}")
    return parser(reader, CreateHead(kind, create_mode(reader, mode), frozenset(modifiers)))


def _alter(reader: Reader) -> Statement:
    reader.expect("ALTER")
    kind = take_kind(reader)
    parser = None if kind is None else ALTERS.get(kind)
    if kind is None or parser is None:
        words = kind.value if kind else f"{reader.peek().upper} {reader.peek(1).upper}".strip()
        return _unsupported(reader, f"ALTER {words}")
    if_exists = take_if_exists(reader)
    return parser(reader, AlterHead(kind, reader.name(), if_exists))


def _unsupported(reader: Reader, words: str) -> Unsupported:
    reader.rest()
    return Unsupported(words, reader.text)
