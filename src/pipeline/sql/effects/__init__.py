"""What statements do to which objects: the ground on which a deploy is ordered and guarded."""

from collections.abc import Iterator

from pipeline.sql.effects.model import RECIPE, Effects, StatementKind, Target

__all__ = ["RECIPE", "Effects", "StatementKind", "Target", "block_statements", "deletes_all", "text_effects"]


def text_effects(text: str) -> Effects:
    """The effects of one statement's text, names as written. Raises TextProblem when it cannot be read."""
    # sqlglot takes 0.1 s to import: a deploy whose effects are all cached does without it
    from pipeline.sql.effects.statements import text_effects as read

    return read(text)


def block_statements(text: str) -> Iterator[str]:
    """The SQL statements in a block of Snowflake Scripting. Raises TextProblem when a part cannot be read."""
    from pipeline.sql.effects.bodies import block_statements as read  # as above

    return read(text)


def deletes_all(text: str) -> bool:
    """Whether a DELETE has no WHERE, or one that is always true; also when it cannot be read."""
    from pipeline.sql.effects.queries import deletes_all as read  # as above

    return read(text)
