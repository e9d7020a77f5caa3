"""What many statements share: the heads of CREATE, ALTER and DROP, clones, time travel, recorded clauses."""

from collections.abc import Callable
from dataclasses import dataclass

from pipeline.sql.grammar.model import (
    Clone,
    CreateMode,
    Fragment,
    ObjectKind,
    RecordedAction,
    RenameTo,
    SetOptions,
    Statement,
    SwapWith,
    TimeTravel,
    TravelBy,
    TravelTo,
    UnsetOptions,
    Value,
)
from pipeline.sql.grammar.options import at_option, options, word_list
from pipeline.sql.grammar.reader import Reader, comma
from pipeline.sql.names import QualifiedName

MODIFIERS = frozenset(
    {"TRANSIENT", "TEMP", "TEMPORARY", "VOLATILE", "LOCAL", "GLOBAL", "SECURE", "RECURSIVE", "AGGREGATE"}
)
TEMPORARY = frozenset({"TEMP", "TEMPORARY", "VOLATILE"})


@dataclass(frozen=True, slots=True)
class CreateHead:
    """CREATE [OR REPLACE | OR ALTER] modifiers kind [IF NOT EXISTS]."""

    kind: ObjectKind
    mode: CreateMode
    modifiers: frozenset[str]

    @property
    def temporary(self) -> bool:
        return bool(self.modifiers & TEMPORARY)


@dataclass(frozen=True, slots=True)
class AlterHead:
    """ALTER kind [IF EXISTS] name."""

    kind: ObjectKind
    name: QualifiedName
    if_exists: bool


CreateParser = Callable[[Reader, CreateHead], Statement]
AlterParser = Callable[[Reader, AlterHead], Statement]


def _by_first_word() -> dict[str, list[tuple[tuple[str, ...], ObjectKind]]]:
    found: dict[str, list[tuple[tuple[str, ...], ObjectKind]]] = {}
    for kind in ObjectKind:
        words = tuple(kind.value.split())
        found.setdefault(words[0], []).append((words, kind))
    for kinds in found.values():
        kinds.sort(key=lambda entry: len(entry[0]), reverse=True)
    return found


_KINDS = _by_first_word()


def take_kind(reader: Reader) -> ObjectKind | None:
    """The kind of object named at the cursor, or None when the words name none."""
    for words, kind in _KINDS.get(reader.word, ()):
        if reader.take(*words):
            return kind
    return None


def expect_kind(reader: Reader) -> ObjectKind:
    """The kind of object named at the cursor."""
    return take_kind(reader) or reader.fail()


def take_if_exists(reader: Reader) -> bool:
    return reader.take("IF", "EXISTS")


def create_mode(reader: Reader, mode: CreateMode) -> CreateMode:
    """The mode after the kind's words, where IF NOT EXISTS may stand."""
    if not reader.take("IF", "NOT", "EXISTS"):
        return mode
    if mode is not CreateMode.NEW:
        written = mode.value.removeprefix("CREATE ")
        raise reader.problem(f"options IF NOT EXISTS and {written} are incompatible.")
    return CreateMode.IF_NOT_EXISTS


def take_time_travel(reader: Reader) -> TimeTravel | None:
    """AT | BEFORE ( TIMESTAMP | OFFSET | STATEMENT | STREAM => expression )."""
    word = reader.take_one_of("AT", "BEFORE")
    if not word:
        return None
    reader.expect("(")
    by = TravelBy(reader.expect_one_of(*(kind.value for kind in TravelBy)))
    reader.expect("=>")
    expression = reader.fragment(comma)
    reader.expect(")")
    return TimeTravel(TravelTo(word), by, expression)


def take_clone(reader: Reader) -> Clone | None:
    """CLONE source [AT | BEFORE (…)] [IGNORE …] [INCLUDE INTERNAL STAGES]."""
    if not reader.take("CLONE"):
        return None
    source = reader.name()
    at = take_time_travel(reader)
    words = tuple(
        " ".join(phrase)
        for phrase in (
            ("IGNORE", "TABLES", "WITH", "INSUFFICIENT", "DATA", "RETENTION"),
            ("IGNORE", "HYBRID", "TABLES"),
            ("INCLUDE", "INTERNAL", "STAGES"),
        )
        if reader.take(*phrase)
    )
    return Clone(source, at, words)


_POLICIES = ("MASKING", "ROW ACCESS", "PROJECTION", "AGGREGATION", "JOIN", "STORAGE LIFECYCLE")


def take_recorded(reader: Reader) -> str | None:
    """[WITH] TAG (…) | CONTACT (…) | … POLICY name [USING | ON | ENTITY KEY (…)]: the clause's text."""
    start, index = reader.peek().start, reader.index
    reader.take("WITH")
    if reader.take("TAG") or reader.take("CONTACT"):
        reader.parenthesised()
        return reader.since(start)
    for policy in _POLICIES:
        if reader.take(*policy.split(), "POLICY"):
            reader.name()
            if reader.take("USING") or reader.take("ON") or reader.take("ENTITY", "KEY") or reader.take("ALLOWED"):
                reader.take("JOIN", "KEYS")
                reader.parenthesised()
            return reader.since(start)
    reader.index = index
    return None


def cluster_by(reader: Reader) -> tuple[Fragment, ...]:
    """What follows CLUSTER BY: [LINEAR] ( expression, … )."""
    reader.take("LINEAR")
    return reader.parenthesised_list(lambda: reader.fragment(comma))


def truth(reader: Reader, value: Value) -> bool:
    """A value that must be TRUE or FALSE."""
    if value.word not in ("TRUE", "FALSE"):
        raise reader.problem(f"invalid value [{value.text}] where TRUE or FALSE is wanted", value.offset)
    return value.word == "TRUE"


def recorded(reader: Reader) -> RecordedAction:
    """An action that is kept as its text only."""
    return RecordedAction(reader.rest().text)


def take_rename(reader: Reader) -> RenameTo | None:
    return RenameTo(reader.name()) if reader.take("RENAME", "TO") else None


def take_swap(reader: Reader) -> SwapWith | None:
    return SwapWith(reader.name()) if reader.take("SWAP", "WITH") else None


def take_settings(reader: Reader) -> SetOptions | UnsetOptions | RecordedAction | None:
    """SET options, UNSET names, or SET | UNSET of tags, policies and contacts, which are recorded."""
    index = reader.index
    if reader.take("SET"):
        if at_option(reader):
            return SetOptions(options(reader))
        reader.index = index
        return recorded(reader)
    if reader.take("UNSET"):
        if reader.peek(1).text in ("", ","):
            return UnsetOptions(word_list(reader))
        reader.index = index
        return recorded(reader)
    return None


def take_recorded_action(reader: Reader, *starts: tuple[str, ...]) -> RecordedAction | None:
    """An action that begins with one of these phrases and has no effect here."""
    return recorded(reader) if any(reader.at(*words) for words in starts) else None
