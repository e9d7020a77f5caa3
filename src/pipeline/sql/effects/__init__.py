"""What statements do to which objects: the ground on which a deploy is ordered and guarded."""

from pipeline.sql.effects.model import RECIPE, Effects, StatementKind, Target
from pipeline.sql.effects.statements import statement_effects, text_effects

__all__ = ["RECIPE", "Effects", "StatementKind", "Target", "statement_effects", "text_effects"]
