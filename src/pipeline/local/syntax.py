"""What can be told of a statement by its text alone: bodies of tasks and procedures are parsed when these are made.

They are compiled when they run, so a table that is missing is found only then.
Source: docs.snowflake.com/en/user-guide/dcm-projects/dcm-projects-supported-entities (tasks).
"""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass

from pipeline.errors import SyntaxProblem
from pipeline.local import faults
from pipeline.local.dialect.parse import parse_statement
from pipeline.local.errors import syntax_error
from pipeline.local.scripting import model
from pipeline.local.scripting.parser import parse_script
from pipeline.sql.grammar import parse
from pipeline.sql.grammar.model import Block, Dml, Query, Unsupported
from pipeline.sql.grammar.parsing.dispatch import LEADING_WORDS
from pipeline.sql.problems import END_OF_TEXT, line_of, position_of


def unsupported_words(statement: Unsupported) -> str:
    """The statement's leading words. Raises SnowflakeError 001003 if Snowflake has no statement that begins so."""
    if _is_unknown(statement):
        raise syntax_error(_first_word(statement.text), 1, 0)
    return statement.words


def _is_unknown(statement: Unsupported) -> bool:
    return not statement.words or statement.words.split()[0] not in LEADING_WORDS


def _first_word(text: str) -> str:
    return text.split(maxsplit=1)[0] if text.strip() else END_OF_TEXT


def check_body(text: str) -> None:
    """Raises SnowflakeError or SyntaxProblem for a task's body that is no statement of Snowflake."""
    statement = parse(text)
    match statement:
        case Query() | Dml():
            parse_statement(text)
        case Block():
            check_script(statement.text)
        case Unsupported():
            unsupported_words(statement)
        case _:
            pass


def check_script(text: str) -> None:
    """Raises SnowflakeError for a script that does not parse.

    Of its statements of SQL only the first word is looked at: what variables stand for is known when it runs.
    """
    try:
        script = parse_script(text)
    except SyntaxProblem as problem:
        raise faults.from_text(problem) from problem
    for statement in _statements(script):
        try:
            parsed = parse(statement.text)
        except SyntaxProblem:
            continue
        if isinstance(parsed, Unsupported) and _is_unknown(parsed):
            raise syntax_error(_first_word(parsed.text), line_of(text, statement.at), position_of(text, statement.at))


def _statements(part: object) -> Iterator[model.Sql]:
    if isinstance(part, model.Sql):
        yield part
    elif isinstance(part, tuple):
        for each in part:
            yield from _statements(each)
    elif is_dataclass(part):
        for field in fields(part):
            yield from _statements(getattr(part, field.name))
