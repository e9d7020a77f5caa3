"""Effects of every statement of the grammar, by its class."""

from functools import cache

from pipeline.sql.effects import loads, objects, routines, session
from pipeline.sql.effects.model import Effects
from pipeline.sql.effects.registry import Reading, Rule
from pipeline.sql.grammar import parse
from pipeline.sql.grammar.model import Statement

RULES: dict[type[Statement], Rule] = {
    **session.RULES,
    **objects.RULES,
    **loads.RULES,
    **routines.RULES,
}


def statement_effects(statement: Statement) -> Effects:
    """The effects of a statement that was read; names are as written."""
    return RULES[type(statement)](statement, Reading(text_effects))


@cache
def text_effects(text: str) -> Effects:
    """The effects of one statement's text. Raises TextProblem when it cannot be read."""
    return statement_effects(parse(text))
