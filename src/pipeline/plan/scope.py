"""What the statements before one have made of the session: current names, settings, temporary tables."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Self

from pipeline.plan.model import Statement
from pipeline.sql.effects import Effects, Target
from pipeline.sql.names import QualifiedName

_VARIABLE = re.compile(r"\$([A-Za-z_]\w*)")
_SET_NAMES = re.compile(r"SET\s*\(?([^=]*)=", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Scope:
    """The session at one statement. `settings` are named by what they set, so that the last one counts.

    `current` is a USE SCHEMA that stands for the USE and CREATE SCHEMA before; `temporary` are the statements that made
    or filled temporary tables, with the names of these.
    """

    database: str | None
    schema: str | None
    settings: tuple[tuple[str, Statement], ...] = ()
    current: Statement | None = None
    temporary: tuple[tuple[Statement, frozenset[QualifiedName]], ...] = ()

    @property
    def is_plain(self) -> bool:
        """Whether nothing was set and nothing made current: then no statement's meaning rests on the session."""
        return self.current is None and not self.settings and not self.temporary

    def with_setting(self, name: str, statement: Statement) -> Self:
        """After SET, ALTER SESSION, USE ROLE or USE WAREHOUSE."""
        found = {**dict(self.settings), name: statement}
        return replace(self, settings=tuple(found.items()))

    def with_current(self, statement: Statement, database: str | None, schema: str) -> Self:
        """After USE DATABASE or SCHEMA, and CREATE of one."""
        name = QualifiedName.of(schema) if database is None else QualifiedName.of(database, schema)
        return replace(
            self, database=database, schema=schema, current=replace(statement, text=f"USE SCHEMA {name}", hashed=None)
        )

    def with_temporary(self, statement: Statement, made: Iterable[Target]) -> Self:
        """After a statement that made or filled a temporary table."""
        return replace(self, temporary=(*self.temporary, (statement, frozenset(target.name for target in made))))

    def completed(self, written: Effects) -> Effects:
        """Effects with all names completed."""
        return written.within(self.database, self.schema)

    def writes_temporary(self, effects: Effects) -> bool:
        """Whether all that a statement writes is temporary."""
        names = {name for _, made in self.temporary for name in made}
        return bool(names) and all(target.name in names for target in effects.writes)

    def temporaries_of(self, effects: Effects) -> tuple[Statement, ...]:
        """The statements that made the temporary tables that a statement names."""
        touched = {target.name for target in effects.reads | effects.writes | effects.alters | effects.drops}
        return tuple(statement for statement, made in self.temporary if made & touched)

    def needs(self, statement: Statement, written: Effects, effects: Effects) -> tuple[Statement, ...]:
        """The session statements to run before a statement, in their order."""
        temporary: tuple[Statement, ...] = ()
        if effects.unknown or self.temporaries_of(effects):
            temporary = tuple(made for made, _ in self.temporary if made is not statement)
        wants_current = open_names(written) or bool(temporary)
        current = (self.current,) if self.current is not None and wants_current else ()
        settings = tuple(each for _, each in self.settings)
        return tuple(need for need in (*settings, *current, *temporary) if need.position < statement.position)

    def context(self, text: str, opened: bool, temporary: Iterable[Statement] = ()) -> str:
        """What of the session a statement's meaning rests on: variables that it names, and what is current.

        Parameters, the role and the warehouse are no part of it: a change of these does not run everything again.
        """
        parts = [self.current.text] if opened and self.current is not None else []
        if self.settings and "$" in text:
            used = {name.upper() for name in _VARIABLE.findall(text)}
            parts += [each.text for name, each in self.settings if name.startswith("SET ") and _sets(each.text) & used]
        parts += [each.text for each in temporary]
        return "\n".join(parts)


def _sets(text: str) -> frozenset[str]:
    """The variables that a SET names."""
    found = _SET_NAMES.match(text)
    return frozenset() if found is None else frozenset(re.findall(r"\w+", found[1].upper()))


def open_names(written: Effects) -> bool:
    """Whether what is current matters: some name is not complete, or not everything is known."""
    if written.unknown or written.runs_unknown:
        return True
    touched = written.changes | written.reads | written.runs_reads | written.runs_writes
    return any(target.name.database is None and target.within("D", "S") != target for target in touched)
