"""Statements with what they do and what they need: complete names, a key that outlives an edit, session statements.

A statement is known again in a later deploy by its key: the object for a CREATE, the hash for everything else. Session
statements (USE, SET, ALTER SESSION, what makes temporary tables) are not steps of their own: they are run in whatever
session a statement that needs them runs in.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from enum import Enum

from pipeline.errors import SyntaxProblem
from pipeline.plan.model import RunWhen, Statement
from pipeline.sql.effects import Effects, StatementKind, Target
from pipeline.sql.grammar.model import ObjectKind
from pipeline.sql.names import QualifiedName

EffectsOf = Callable[[str], Effects]
"""The effects of a statement's text, names as written; a cache may stand behind it."""


class Part(Enum):
    """What a statement is in a transaction."""

    NONE = "none"
    BEGIN = "begin"
    WITHIN = "within"
    END = "end"


@dataclass(frozen=True, slots=True)
class Resolved:
    """A statement with its completed effects; `needs` are the session statements to run before it, in their order.

    `part` and `transaction` tell of an explicit transaction: statements with the same number stand or fall together.
    """

    statement: Statement
    key: str
    effects: Effects
    needs: tuple[Statement, ...] = ()
    makes_session: bool = False
    part: Part = Part.NONE
    transaction: int | None = None

    @property
    def position(self) -> int:
        return self.statement.position


_TEMPORARY = re.compile(
    r"CREATE\s+(?:OR\s+REPLACE\s+)?(?:LOCAL\s+|GLOBAL\s+)?(?:TEMP|TEMPORARY|VOLATILE)\b", re.IGNORECASE
)
_USE = re.compile(r"USE\s+(?:(?P<kind>DATABASE|SCHEMA|WAREHOUSE|ROLE|SECONDARY)\s+)?(?P<name>\S+)", re.IGNORECASE)
_SET = re.compile(r"(?:SET|UNSET)\s+(?P<name>[\w$]+|\()", re.IGNORECASE)
_CREATES_CURRENT = re.compile(r"CREATE\b.*?\b(DATABASE|SCHEMA)\b", re.IGNORECASE | re.DOTALL)
_BEGIN = re.compile(r"(?:BEGIN(?:\s+(?:WORK|TRANSACTION|NAME)\b|\s*\Z)|START\s+TRANSACTION)", re.IGNORECASE)
_END = re.compile(r"(?:COMMIT|ROLLBACK)\b", re.IGNORECASE)
_LAST_RESULT = re.compile(r"\b(?:LAST_QUERY_ID|RESULT_SCAN)\b", re.IGNORECASE)


def resolve(statements: Sequence[Statement], effects_of: EffectsOf, database: str | None) -> tuple[Resolved, ...]:
    """Read every statement in order; `database` is current before the first USE. SyntaxProblem names the line."""
    reading = _Reading(effects_of, database)
    return _keyed(_tied(reading.read(statement) for statement in statements))


class _Reading:
    """What the statements read so far have made of the session."""

    def __init__(self, effects_of: EffectsOf, database: str | None) -> None:
        self._effects_of = effects_of
        self._database = database
        self._schema = "PUBLIC" if database else None
        self._current: Statement | None = None
        self._settings: dict[str, Statement] = {}
        self._temporary: list[tuple[Statement, frozenset[QualifiedName]]] = []
        self._transaction: int | None = None

    def read(self, statement: Statement) -> Resolved:
        written = self._effects(statement)
        effects = written.within(self._database, self._schema)
        makes = self._follow(statement, written, effects)
        resolved = Resolved(statement, "", effects, self._needs(statement, written, effects), makes)
        return self._in_transaction(resolved)

    def _effects(self, statement: Statement) -> Effects:
        try:
            return self._effects_of(statement.text)
        except SyntaxProblem:
            # The account may know more than this grammar; it judges. Here the statement only orders, as an unknown.
            return Effects(StatementKind.OTHER, unknown=True)

    def _follow(self, statement: Statement, written: Effects, effects: Effects) -> bool:
        """Let the statement move the session; whether that is all it does."""
        if written.kind is StatementKind.SESSION:
            self._set(statement, effects)
            return True
        if _CREATES_CURRENT.match(statement.text) and written.changes:
            self._made_current(statement, written)
            return False
        if _TEMPORARY.match(statement.text):
            self._temporary.append((statement, frozenset(target.name for target in effects.changes)))
            return True
        if effects.writes and self._writes_temporary(effects):
            self._temporary.append((statement, frozenset(target.name for target in effects.writes)))
            return True
        return False

    def _set(self, statement: Statement, effects: Effects) -> None:
        use = _USE.match(statement.text)
        if use is None:
            name = _SET.match(statement.text)
            self._settings[f"SET {name['name'].upper()}" if name else statement.text] = statement
            return
        kind = (use["kind"] or "DATABASE").upper()
        if kind not in ("DATABASE", "SCHEMA"):
            self._settings[f"USE {kind}"] = statement
            return
        for target in effects.reads:
            if target.kind is ObjectKind.DATABASE:
                self._database, self._schema = target.name.name, "PUBLIC"
            elif target.kind is ObjectKind.SCHEMA:
                self._database, self._schema = target.name.schema or self._database, target.name.name
        self._current = replace(statement, text=self._use_current())

    def _made_current(self, statement: Statement, written: Effects) -> None:
        """CREATE DATABASE and CREATE SCHEMA make what they create current (docs: create-database, create-schema)."""
        for target in written.creates | written.replaces:
            if target.kind is ObjectKind.DATABASE:
                self._database, self._schema = target.name.name, "PUBLIC"
            elif target.kind is ObjectKind.SCHEMA:
                self._database, self._schema = target.name.schema or self._database, target.name.name
            else:
                continue
            self._current = replace(statement, text=self._use_current(), shown=None)

    def _use_current(self) -> str:
        if self._database is None:
            return f"USE SCHEMA {QualifiedName.of(self._schema or 'PUBLIC')}"
        return f"USE SCHEMA {QualifiedName.of(self._database, self._schema or 'PUBLIC')}"

    def _writes_temporary(self, effects: Effects) -> bool:
        names = {name for _, made in self._temporary for name in made}
        return bool(names) and all(target.name in names for target in effects.writes)

    def _needs(self, statement: Statement, written: Effects, effects: Effects) -> tuple[Statement, ...]:
        settings = tuple(self._settings.values())
        temporary: tuple[Statement, ...] = ()
        touched = {target.name for target in effects.reads | effects.writes | effects.alters | effects.drops}
        if effects.unknown or any(made & touched for _, made in self._temporary):
            temporary = tuple(made for made, _ in self._temporary if made is not statement)
        current = () if self._current is None or not _open_names(written) else (self._current,)
        if temporary and self._current is not None:
            current = (self._current,)
        return tuple(need for need in (*settings, *current, *temporary) if need.position < statement.position)

    def _in_transaction(self, resolved: Resolved) -> Resolved:
        text = resolved.statement.text
        if self._transaction is None:
            if not _BEGIN.match(text):
                return resolved
            self._transaction = resolved.position
            return replace(resolved, part=Part.BEGIN, transaction=self._transaction)
        number = self._transaction
        if _END.match(text):
            self._transaction = None
            return replace(resolved, part=Part.END, transaction=number)
        return replace(resolved, part=Part.WITHIN, transaction=number)


_ANSWERS = frozenset({StatementKind.QUERY, StatementKind.SHOW, StatementKind.CALL})


def _tied(found: Iterable[Resolved]) -> tuple[Resolved, ...]:
    """A statement that asks for the last result runs together with the query before it, in one session."""
    tied: list[Resolved] = []
    for each in found:
        last = tied[-1] if tied else None
        if last is None or last.effects.kind not in _ANSWERS or not _LAST_RESULT.search(each.statement.text):
            tied.append(each)
            continue
        number = last.position if last.transaction is None else last.transaction
        tied[-1:] = [replace(last, transaction=number), replace(each, transaction=number)]
    return tuple(tied)


def _open_names(written: Effects) -> bool:
    """Whether what is current matters: some name is not complete, or not everything is known."""
    if written.unknown or written.runs_unknown:
        return True
    touched = written.changes | written.reads | written.runs_reads | written.runs_writes
    return any(target.name.database is None and target.within("D", "S") != target for target in touched)


def _keyed(found: tuple[Resolved, ...]) -> tuple[Resolved, ...]:
    """Each with its key; what has the same one is numbered."""
    seen: Counter[str] = Counter()
    numbered: list[Resolved] = []
    once: Counter[str] = Counter()
    for each in found:
        key = _key(each, once)
        seen[key] += 1
        numbered.append(replace(each, key=key if seen[key] == 1 else f"{key} #{seen[key]}"))
    return tuple(numbered)


def _key(each: Resolved, once: Counter[str]) -> str:
    statement = each.statement
    if statement.removes is not None:
        return statement.removes
    if statement.run is RunWhen.ONCE:
        # What ran once is known by its place: that is how an edit of it is seen.
        once[statement.script] += 1
        return f"once {statement.script} {once[statement.script]}"
    if statement.query is not None:
        return f"query {statement.query}"
    made = created(each.effects)
    if made is not None and each.transaction is None:
        return f"{made.kind.value if made.kind else 'RELATION'} {made.name}"
    scope = "" if each.transaction is None else "transaction "
    return f"{scope}sql {statement.hash}"


def created(effects: Effects) -> Target | None:
    """The one object that a CREATE makes, if the statement is one."""
    if effects.kind is not StatementKind.DDL:
        return None
    made = effects.creates | effects.replaces
    return next(iter(made)) if len(made) == 1 else None


def names(targets: Iterable[Target]) -> frozenset[QualifiedName]:
    """The names of targets, whatever their kinds."""
    return frozenset(target.name for target in targets)
