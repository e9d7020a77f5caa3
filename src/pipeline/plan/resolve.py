"""Statements with what they do and what they need: complete names, a key that outlives an edit, session statements.

A statement is known again in a later deploy by its key: the object for a CREATE, the hash for everything else. Session
statements (USE, SET, ALTER SESSION, what makes temporary tables) are not steps of their own: they are run in whatever
session a statement that needs them runs in, and their texts are part of the hash of such a statement.

Reading what a statement does takes far longer than splitting it off. So a statement that the history knows, in the same
surroundings, is not read until somebody asks for its effects.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from itertools import pairwise

from pipeline.errors import SyntaxProblem
from pipeline.plan.hashes import full_hash, names_are_open, rests_on_nothing, text_of_hash
from pipeline.plan.keys import ONCE, Unnumbered, are_plain, base_of, numbered
from pipeline.plan.model import RunWhen, Statement
from pipeline.plan.scope import Scope, open_names
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


@dataclass(eq=False, slots=True)
class Resolved:
    """A statement in its place. `hash` is what the history has of it: its text and what that stands on.

    `part` and `transaction` tell of an explicit transaction: statements with the same number stand or fall together.
    """

    statement: Statement
    key: str
    hash: str
    scope: Scope
    effects_of: EffectsOf
    makes_session: bool = False
    part: Part = Part.NONE
    transaction: int | None = None
    _effects: Effects | None = field(default=None, repr=False)

    @property
    def position(self) -> int:
        return self.statement.position

    @property
    def effects(self) -> Effects:
        """What it does, all names completed."""
        if self._effects is None:
            self._effects = self.scope.completed(written_effects(self.statement, self.effects_of))
        return self._effects

    @property
    def needs(self) -> tuple[Statement, ...]:
        """The session statements to run before it, in their order."""
        return self.scope.needs(self.statement, written_effects(self.statement, self.effects_of), self.effects)


def written_effects(statement: Statement, effects_of: EffectsOf) -> Effects:
    """The effects with names as written; unknown for what this grammar cannot read."""
    try:
        return effects_of(statement.text)
    except SyntaxProblem:
        # The account may know more than this grammar; it judges. Here the statement only orders, as an unknown.
        return Effects(StatementKind.OTHER, unknown=True)


_TEMPORARY = re.compile(
    r"CREATE\s+(?:OR\s+REPLACE\s+)?(?:LOCAL\s+|GLOBAL\s+)?(?:TEMP|TEMPORARY|VOLATILE)\b", re.IGNORECASE
)
_USE = re.compile(r"USE\s+(?:(?P<kind>DATABASE|SCHEMA|WAREHOUSE|ROLE|SECONDARY)\s+)?(?P<name>\S+)", re.IGNORECASE)
_SET = re.compile(r"(?:SET|UNSET)\s+(?P<name>[\w$]+|\()", re.IGNORECASE)
_CREATES_CURRENT = re.compile(r"CREATE\b.*?\b(DATABASE|SCHEMA)\b", re.IGNORECASE | re.DOTALL)
_BEGIN = re.compile(r"(?:BEGIN(?:\s+(?:WORK|TRANSACTION|NAME)\b|\s*\Z)|START\s+TRANSACTION)", re.IGNORECASE)
_END = re.compile(r"(?:COMMIT|ROLLBACK)\b", re.IGNORECASE)
_MOVES = re.compile(
    r"(?:USE|SET|UNSET|BEGIN|START|COMMIT|ROLLBACK|ALTER\s+SESSION"
    r"|CREATE\s+(?:OR\s+REPLACE\s+)?(?:TRANSIENT\s+)?(?:DATABASE|SCHEMA|LOCAL|GLOBAL|TEMP|TEMPORARY|VOLATILE))\b",
    re.IGNORECASE,
)
"""What may change the session for the statements behind it: it is always read."""


def resolve(
    statements: Sequence[Statement],
    effects_of: EffectsOf,
    database: str | None,
    known: Mapping[str, str] | None = None,
) -> tuple[Resolved, ...]:
    """Place every statement, in order; `database` is current before the first USE.

    `known` are the hashes of the history by key: those statements are not read until they must be.
    """
    known = known or {}
    reading = _Reading(effects_of, database, known)
    return _keyed(_tied([reading.read(statement) for statement in statements]), known)


class _Reading:
    """What the statements read so far have made of the session."""

    def __init__(self, effects_of: EffectsOf, database: str | None, known: Mapping[str, str]) -> None:
        self._effects_of = effects_of
        self._scope = Scope(database, "PUBLIC" if database else None)
        self._transaction: int | None = None
        self._known = {each: key for key, each in known.items() if not key.startswith((ONCE, "transaction "))}
        self._recorded = {text_of_hash(each): each for each in self._known}

    def read(self, statement: Statement) -> Resolved:
        text_hash = statement.hash
        return self._as_known(statement, text_hash) or self._read(statement, text_hash)

    def _as_known(self, statement: Statement, text_hash: str) -> Resolved | None:
        """The statement as the history knows it; None for one that it does not know, or that must be read."""
        found = self._recorded.get(text_hash)
        if found is None or self._transaction is not None or self._scope.temporary or _MOVES.match(statement.text):
            return None
        if statement.run is RunWhen.ONCE or statement.removes is not None:
            return None
        if not self._scope.is_plain or not rests_on_nothing(found):
            opened = names_are_open(found)
            found = full_hash(text_hash, opened, self._scope.context(statement.text, opened))
        key = self._known.get(found)
        if key is None or (statement.query is None) == key.startswith("query "):
            return None
        if statement.query is not None:
            key = f"query {statement.query}"
        return Resolved(statement, base_of(key), found, self._scope, self._effects_of)

    def _read(self, statement: Statement, text_hash: str) -> Resolved:
        scope = self._scope
        written = written_effects(statement, self._effects_of)
        effects = scope.completed(written)
        makes = self._follow(statement, written, effects)
        opened = open_names(written)
        context = scope.context(statement.text, opened, scope.temporaries_of(effects))
        resolved = Resolved(
            statement, "", full_hash(text_hash, opened, context), scope, self._effects_of, makes, _effects=effects
        )
        self._in_transaction(resolved)
        return resolved

    def _follow(self, statement: Statement, written: Effects, effects: Effects) -> bool:
        """Let the statement move the session; whether that is all it does."""
        if written.kind is StatementKind.SESSION:
            self._set(statement, effects)
            return True
        if written.changes and _CREATES_CURRENT.match(statement.text):
            self._made_current(statement, written)
            return False
        scope = self._scope
        if _TEMPORARY.match(statement.text):
            self._scope = scope.with_temporary(statement, effects.changes)
            return True
        if effects.writes and scope.writes_temporary(effects):
            self._scope = scope.with_temporary(statement, effects.writes)
            return True
        return False

    def _set(self, statement: Statement, effects: Effects) -> None:
        use = _USE.match(statement.text)
        if use is None:
            name = _SET.match(statement.text)
            self._scope = self._scope.with_setting(f"SET {name['name'].upper()}" if name else statement.text, statement)
            return
        kind = (use["kind"] or "DATABASE").upper()
        if kind not in ("DATABASE", "SCHEMA"):
            self._scope = self._scope.with_setting(f"USE {kind}", statement)
            return
        self._make_current(statement, effects.reads)

    def _made_current(self, statement: Statement, written: Effects) -> None:
        """CREATE DATABASE and CREATE SCHEMA make what they create current (docs: create-database, create-schema)."""
        self._make_current(replace(statement, shown=None), written.creates | written.replaces)

    def _make_current(self, statement: Statement, containers: Iterable[Target]) -> None:
        for target in containers:
            if target.kind is ObjectKind.DATABASE:
                self._scope = self._scope.with_current(statement, target.name.name, "PUBLIC")
            elif target.kind is ObjectKind.SCHEMA:
                database = target.name.schema or self._scope.database
                self._scope = self._scope.with_current(statement, database, target.name.name)

    def _in_transaction(self, resolved: Resolved) -> None:
        text = resolved.statement.text
        if self._transaction is None:
            if not _BEGIN.match(text):
                return
            self._transaction = resolved.transaction = resolved.position
            resolved.part = Part.BEGIN
            return
        resolved.transaction = self._transaction
        resolved.part = Part.WITHIN
        if _END.match(text):
            self._transaction = None
            resolved.part = Part.END


_ANSWERS = frozenset({StatementKind.QUERY, StatementKind.SHOW, StatementKind.CALL})


def _tied(found: list[Resolved]) -> list[Resolved]:
    """A statement that asks for the last result runs together with the query before it, in one session."""
    for last, each in pairwise(found):
        text = each.statement.text.upper()
        if ("LAST_QUERY_ID" in text or "RESULT_SCAN" in text) and last.effects.kind in _ANSWERS:
            number = last.position if last.transaction is None else last.transaction
            last.transaction = each.transaction = number
    return found


def _keyed(found: Iterable[Resolved], known: Mapping[str, str]) -> tuple[Resolved, ...]:
    """Each with its key; of those with the same one, each with the one that the history knows it by."""
    every = tuple(found)
    keys = [each.key or _key(each) for each in every]
    if not are_plain(keys, known):
        bare = [Unnumbered(key, each.hash, each.transaction) for key, each in zip(keys, every, strict=True)]
        keys = numbered(bare, known)
    for each, key in zip(every, keys, strict=True):
        each.key = key
    return every


def _key(each: Resolved) -> str:
    statement = each.statement
    if statement.removes is not None:
        return statement.removes
    if statement.run is RunWhen.ONCE:
        return f"{ONCE}{statement.script}"
    if statement.query is not None:
        return f"query {statement.query}"
    made = created(each.effects)
    if made is not None and each.transaction is None:
        return f"{made.kind.value if made.kind else 'RELATION'} {made.name}{each.effects.signature}"
    scope = "" if each.transaction is None else "transaction "
    return f"{scope}sql {statement.hash}"


def created(effects: Effects) -> Target | None:
    """The one object that a CREATE makes, if the statement is one."""
    if effects.kind is not StatementKind.DDL:
        return None
    made = effects.creates | effects.replaces
    return next(iter(made)) if len(made) == 1 else None


_KINDS = {kind.value: kind for kind in ObjectKind}


def made_by_key(key: str) -> Target | None:
    """The object in the key of a CREATE; None for every other key."""
    kind, _, name = key.rpartition(" ")
    if kind == "sql":  # by far the most frequent of the others
        return None
    if kind in _KINDS and '"' not in key and "(" not in key:  # the usual key, without a pattern
        return Target(_KINDS[kind], QualifiedName.of(*name.split(".")))
    found = _OBJECT_KEY.match(key)
    if found is None:
        return None
    return Target(_KINDS[found["kind"]], QualifiedName.parse(found["name"]))


_OBJECT_KEY = re.compile(
    rf"(?P<kind>{'|'.join(sorted(map(re.escape, _KINDS), key=len, reverse=True))}) "
    r'(?P<name>(?:"(?:[^"]|"")*"|[^"#(\s])+)(?P<signature>\([^)]*\))?(?: #\d+)?\Z'
)


def signature_of_key(key: str) -> str:
    """The argument types in the key of a procedure or function, in parentheses; empty for everything else."""
    found = _OBJECT_KEY.match(key)
    return "" if found is None else found["signature"] or ""


def names(targets: Iterable[Target]) -> frozenset[QualifiedName]:
    """The names of targets, whatever their kinds."""
    return frozenset(target.name for target in targets)
