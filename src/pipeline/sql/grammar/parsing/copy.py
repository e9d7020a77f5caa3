"""COPY INTO table, COPY INTO location, COPY FILES."""

from collections.abc import Callable

from pipeline.sql.grammar.copy import CopyFiles, CopyIntoLocation, CopyIntoTable, CopyTransformation
from pipeline.sql.grammar.model import Fragment, Options, Statement
from pipeline.sql.grammar.options import OptionList, at_option, options
from pipeline.sql.grammar.parsing.stages import at_stage, stage_ref
from pipeline.sql.grammar.reader import Reader
from pipeline.sql.grammar.stages import StageKind, StageRef
from pipeline.sql.lexer import Token, TokenKind
from pipeline.sql.names import QualifiedName

COPY_OPTIONS = frozenset(
    {
        *("FILES", "PATTERN", "FILE_FORMAT", "VALIDATION_MODE", "CLUSTER_AT_INGEST_TIME"),
        *("ON_ERROR", "SIZE_LIMIT", "PURGE", "RETURN_FAILED_ONLY", "MATCH_BY_COLUMN_NAME", "INCLUDE_METADATA"),
        *("ENFORCE_LENGTH", "TRUNCATECOLUMNS", "FORCE", "LOAD_UNCERTAIN_FILES", "FILE_PROCESSOR", "LOAD_MODE"),
        *("CREDENTIALS", "ENCRYPTION", "STORAGE_INTEGRATION"),
    }
)
_NO_ALIAS = frozenset({"END", "NULL", "TRUE", "FALSE", "PRECISION", "ZONE", "VARYING"})
_OPERAND_ENDS = frozenset(
    {TokenKind.WORD, TokenKind.QUOTED, TokenKind.STRING, TokenKind.NUMBER, TokenKind.VARIABLE, TokenKind.BIND}
)
_OPERATOR_WORDS = frozenset({"AND", "OR", "NOT", "IS", "IN", "LIKE", "ILIKE", "RLIKE", "BETWEEN", "CASE", "WHEN"})


def copy_into(reader: Reader) -> Statement:
    reader.expect("COPY", "INTO")
    if at_stage(reader) or reader.at_literal():
        return _into_location(reader)
    return into_table(reader)


def copy_into_table(reader: Reader) -> CopyIntoTable:
    """COPY INTO table only, as a pipe's body."""
    reader.expect("COPY", "INTO")
    return into_table(reader)


def into_table(reader: Reader) -> CopyIntoTable:
    table = reader.name()
    columns = reader.identifiers() if reader.at("(") else ()
    stage: StageRef | None = None
    url: str | None = None
    transformation: CopyTransformation | None = None
    if not reader.take("FROM"):
        stage = StageRef(StageKind.TABLE, table, "")
    elif reader.at("("):
        stage, transformation = _transformation(reader)
    else:
        stage, url = _location(reader)
    return CopyIntoTable(table, columns, stage, url, transformation, options(reader, "COPY", COPY_OPTIONS))


def _location(reader: Reader) -> tuple[StageRef | None, str | None]:
    if at_stage(reader) or not reader.at_literal():
        return stage_ref(reader), None
    return None, reader.string()


def _transformation(reader: Reader) -> tuple[StageRef, CopyTransformation]:
    """( SELECT items FROM @stage [(options)] [alias] rest )."""
    reader.expect("(")
    start = reader.peek().start
    reader.expect("SELECT")
    distinct = reader.take("DISTINCT")
    items = [_item(reader)]
    while reader.take(","):
        items.append(_item(reader))
    reader.expect("FROM")
    stage = stage_ref(reader)
    stage_options = Options()
    if reader.take("("):
        stage_options = options(reader, "STAGE", {"FILE_FORMAT", "PATTERN"})
        reader.expect(")")
    alias = _alias(reader)
    rest = None if reader.at(")") else reader.fragment(lambda at: at.at(")"))
    query = Fragment(reader.since(start), start)
    reader.expect(")")
    return stage, CopyTransformation(query, tuple(items), distinct, alias, stage_options, rest)


def _alias(reader: Reader) -> str | None:
    if reader.take("AS"):
        return reader.identifier()
    clauses = ("WHERE", "ORDER", "GROUP", "LIMIT", "QUALIFY", "HAVING", "JOIN", "UNION")
    return reader.identifier() if reader.at_identifier() and reader.word not in clauses else None


def _item(reader: Reader) -> Fragment:
    """A projection without its alias."""
    first = reader.index
    whole = reader.fragment(lambda at: at.at(",") or at.at("FROM") or at.at(")"))
    last, before = reader.peek(-1), reader.peek(-2)
    if reader.index - first > 2 and before.upper == "AS":
        return _until(reader, whole, before)
    if reader.index - first > 1 and _is_alias(last, before):
        return _until(reader, whole, last)
    return whole


def _until(reader: Reader, whole: Fragment, token: Token) -> Fragment:
    return Fragment(reader.text[whole.offset : token.start].rstrip(), whole.offset)


def _is_alias(last: Token, before: Token) -> bool:
    if last.kind not in (TokenKind.WORD, TokenKind.QUOTED) or last.upper in _NO_ALIAS:
        return False
    return (before.kind in _OPERAND_ENDS and before.upper not in _OPERATOR_WORDS) or before.text in (")", "]")


def _into_location(reader: Reader) -> CopyIntoLocation:
    stage, url = _location(reader)
    reader.expect("FROM")
    table: QualifiedName | None = None
    query: Fragment | None = None
    if reader.at("("):
        query = reader.parenthesised()
    else:
        table = reader.name()
    partition: Fragment | None = None
    found = OptionList()
    while not reader.at_end:
        if reader.take("PARTITION", "BY"):
            partition = reader.fragment(lambda at: at.at_end or at_option(at))
        elif not found.take(reader):
            reader.fail()
    return CopyIntoLocation(stage, url, table, query, partition, found.options)


def copy_files(reader: Reader) -> CopyFiles:
    reader.expect("COPY", "FILES", "INTO")
    target = stage_ref(reader)
    reader.expect("FROM")
    source = stage_ref(reader)
    return CopyFiles(target, source, options(reader, "COPY FILES", {"FILES", "PATTERN", "DETAILED_OUTPUT"}))


STATEMENTS: dict[tuple[str, ...], Callable[[Reader], Statement]] = {
    ("COPY", "INTO"): copy_into,
    ("COPY", "FILES"): copy_files,
}
