"""What a statement may say about tags, contacts, services and policies: recorded where no row depends on it.

Policies decide which rows and values a query shows, so a statement that puts one on something is refused.
"""

import re
from collections.abc import Iterable

from pipeline.local.errors import unsupported
from pipeline.sql.grammar.model import RecordedAction

_HARMLESS_ACTION = re.compile(
    r"(SET|UNSET)\s+(TAG|CONTACT)\b|UNSET\s+(\w+\s+){1,2}POLICY\b|UNSET\s+DCM\s+PROJECT\b"
    r"|DROP\s+(ALL\s+)?ROW\s+ACCESS\s+POLIC|(ADD|DROP)\s+SEARCH\s+OPTIMIZATION\b"
    r"|(ADD|DROP|MODIFY)\s+DATA\s+METRIC\s+FUNCTION\b|(SUSPEND\s+|RESUME\s+)?RECLUSTER\b",
    re.IGNORECASE,
)
_HARMLESS_CLAUSE = re.compile(r"(WITH\s+)?(TAG|CONTACT)\b", re.IGNORECASE)


def check_action(action: object, statement: str) -> None:
    """Raises SnowflakeError 391900 for an ALTER action that is known by its text only and may change something."""
    if isinstance(action, RecordedAction) and _HARMLESS_ACTION.match(action.text.strip()) is None:
        words = " ".join(re.findall(r"[A-Za-z]+", action.text)[:3]).upper()
        raise unsupported(f"{statement} … {words}".strip())


def check_clauses(clauses: Iterable[str], statement: str) -> None:
    """Raises SnowflakeError 391900 for a policy among the clauses of a CREATE."""
    for clause in clauses:
        if _HARMLESS_CLAUSE.match(clause.strip()) is None:
            raise unsupported(f"{statement} … {' '.join(clause.split()[:4]).upper()}")


_CONTAINER_OPTIONS = {"COMMENT", "DATA_RETENTION_TIME_IN_DAYS", "LOG_LEVEL", "METRIC_LEVEL", "TRACE_LEVEL"}
_TABLE_OPTIONS = {"DEFAULT_DDL_COLLATION", "ERROR_LOGGING", "STAGE_COPY_OPTIONS", "STAGE_FILE_FORMAT"}


def check_container_options(names: Iterable[str], statement: str) -> None:
    """Raises SnowflakeError 391900 for a property of a database or schema that its tables would have to follow."""
    for name in names:
        if name not in _CONTAINER_OPTIONS:
            raise unsupported(f"{statement} … {name}")


def check_table_options(names: Iterable[str]) -> None:
    """Raises SnowflakeError 391900 for a property of a table that changes what is loaded or compared."""
    for name in names:
        if name in _TABLE_OPTIONS:
            raise unsupported(f"The table property {name}")
