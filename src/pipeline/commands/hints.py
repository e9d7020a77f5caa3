"""What to do about a statement that the account refused, as far as the project itself tells."""

import re
from collections.abc import Sequence

from pipeline.errors import StatementFailed
from pipeline.plan.model import Statement

_CREATED = re.compile(
    r"CREATE\s+(?:OR\s+(?:REPLACE|ALTER)\s+)?(?:(?:TEMPORARY|TEMP|TRANSIENT|SECURE|RECURSIVE)\s+)*"
    r"(?:WAREHOUSE|DATABASE|SCHEMA|TABLE|VIEW|STREAM|STAGE|FILE\s+FORMAT|TASK|PROCEDURE|FUNCTION|SEQUENCE)\s+"
    r"(?:IF\s+NOT\s+EXISTS\s+)?(?P<name>[\w$.\"]+)",
    re.IGNORECASE,
)
_NAMED = re.compile(r"'(?P<name>[^']+)'")

DOES_NOT_EXIST = frozenset({2003, 2043})
NOT_SUSPENDED = 91421
ACCESS_DENIED = 3001
NO_WAREHOUSE = 606
NO_DATABASE = frozenset({90105, 90106})


def hint_for(error: StatementFailed, failed: Statement, statements: Sequence[Statement]) -> str | None:
    """One sentence that helps, or None when nothing is known."""
    match error.errno:
        case errno if errno in DOES_NOT_EXIST:
            return _missing(error.message, failed, statements)
        case 91421:
            return "Suspend the root of the graph first: `pipeline tasks suspend`."
        case 3001:
            return "The role lacks a privilege. `pipeline connection test` shows which role is in use."
        case 606:
            return "Create the warehouse in a setup script, or give the connection one."
        case errno if errno in NO_DATABASE:
            return "Write the full name, database.schema.object: what is current depends on what ran before."
        case _:
            return None


def _missing(message: str, failed: Statement, statements: Sequence[Statement]) -> str | None:
    """Where the project creates the missing object, when that comes too late."""
    named = _NAMED.search(message)
    if named is None:
        return None
    wanted = _last_part(named["name"])
    for statement in statements:
        created = _CREATED.search(statement.text)
        if created is None or _last_part(created["name"]) != wanted or statement.position <= failed.position:
            continue
        return f"{created['name']} is created in {statement.at}, which runs later. Move it before."
    return None


def _last_part(name: str) -> str:
    return name.split(".")[-1].strip('"').upper()
