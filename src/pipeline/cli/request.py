"""From the command line's words to a use case's arguments."""

from collections.abc import Iterable

from pipeline.cli.options import Common, assignment
from pipeline.commands.workspace import Request


def request_of(common: Common) -> Request:
    """What every use case is asked with."""
    return Request(common.project, common.environment, common.connection, common.variables)


def pairs_of(option: str, texts: Iterable[str] | None) -> dict[str, str]:
    """NAME=VALUE texts of a repeated option. Raises UsageError for a text of another shape."""
    return dict(assignment(option, text) for text in texts or ())
