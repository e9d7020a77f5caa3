"""Procedures and functions."""

from pipeline.sql.grammar.model import Fragment, ObjectKind
from pipeline.sql.grammar.options import OptionList
from pipeline.sql.grammar.parsing.common import (
    AlterHead,
    AlterParser,
    CreateHead,
    CreateParser,
    recorded,
    take_if_exists,
    take_recorded,
    take_rename,
    take_settings,
)
from pipeline.sql.grammar.reader import Reader, comma
from pipeline.sql.grammar.routines import (
    AlterRoutine,
    Argument,
    CreateRoutine,
    ExecuteAs,
    Language,
    Returns,
    SetExecuteAs,
    TableColumn,
)

_PHRASES = (
    "CALLED ON NULL INPUT",
    "RETURNS NULL ON NULL INPUT",
    "STRICT",
    "VOLATILE",
    "IMMUTABLE",
    "MEMOIZABLE",
    "SECURE",
)


class _Clauses:
    """The clauses between the arguments and the body, in any order."""

    def __init__(self) -> None:
        self.returns: Returns | None = None
        self.language = Language.SQL
        self.options = OptionList()
        self.execute_as = ExecuteAs.OWNER
        self.copy_grants = False
        self.words: list[str] = []

    def take(self, reader: Reader) -> bool:
        phrase = next((words for words in _PHRASES if reader.take(*words.split())), None)
        if phrase is not None:
            self.words.append(phrase)
        elif reader.take("COPY", "GRANTS"):
            self.copy_grants = True
        elif reader.take("RETURNS"):
            self.returns = _returns(reader)
        elif reader.take("LANGUAGE"):
            self.language = Language(reader.expect_one_of(*(known.value for known in Language)))
        elif reader.take("EXECUTE", "AS"):
            self.execute_as = execute_as(reader)
        else:
            return self.options.take(reader) or take_recorded(reader) is not None
        return True


def create_routine(reader: Reader, head: CreateHead) -> CreateRoutine:
    name = reader.name()
    arguments = reader.parenthesised_list(lambda: _argument(reader))
    clauses = _Clauses()
    body: Fragment | None = None
    while not reader.at_end:
        if reader.take("AS"):
            body = reader.body()
        elif not clauses.take(reader):
            reader.fail()
    if clauses.returns is None:
        reader.fail(hint="RETURNS is missing.")
    return CreateRoutine(
        head.kind,
        name,
        head.mode,
        arguments,
        clauses.returns,
        clauses.language,
        clauses.options.options,
        body,
        clauses.execute_as,
        secure="SECURE" in head.modifiers or "SECURE" in clauses.words,
        temporary=head.temporary,
        aggregate="AGGREGATE" in head.modifiers,
        copy_grants=clauses.copy_grants,
        words=tuple(clauses.words),
    )


def execute_as(reader: Reader) -> ExecuteAs:
    """OWNER | CALLER | RESTRICTED CALLER."""
    if reader.take("RESTRICTED", "CALLER"):
        return ExecuteAs.RESTRICTED_CALLER
    return ExecuteAs(reader.expect_one_of("OWNER", "CALLER"))


def _argument(reader: Reader) -> Argument:
    name = reader.identifier()
    output = reader.take_one_of("IN", "INPUT", "OUT", "OUTPUT") in ("OUT", "OUTPUT")
    if reader.at("TABLE", "("):
        reader.expect("TABLE")
        return Argument(name, None, table=reader.parenthesised().text)
    kind = reader.data_type()
    default = reader.fragment(comma) if reader.take("DEFAULT") else None
    return Argument(name, kind, default, output)


def _returns(reader: Reader) -> Returns:
    if reader.take("TABLE"):
        return Returns(None, reader.parenthesised_list(lambda: TableColumn(reader.identifier(), reader.data_type())))
    kind = reader.data_type()
    if reader.take("NOT", "NULL"):
        return Returns(kind, nullable=False)
    reader.take("NULL")
    return Returns(kind)


def alter_routine(reader: Reader, head: AlterHead) -> AlterRoutine:
    arguments = reader.signature()
    if_exists = take_if_exists(reader) or head.if_exists
    if reader.take("EXECUTE", "AS"):
        return AlterRoutine(head.kind, head.name, arguments, if_exists, SetExecuteAs(execute_as(reader)))
    action = take_rename(reader) or take_settings(reader) or recorded(reader)
    return AlterRoutine(head.kind, head.name, arguments, if_exists, action)


CREATES: dict[ObjectKind, CreateParser] = {
    ObjectKind.PROCEDURE: create_routine,
    ObjectKind.FUNCTION: create_routine,
}
ALTERS: dict[ObjectKind, AlterParser] = {
    ObjectKind.PROCEDURE: alter_routine,
    ObjectKind.FUNCTION: alter_routine,
}
