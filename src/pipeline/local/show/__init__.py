"""SHOW and DESCRIBE: what the account holds, in Snowflake's own columns."""

from collections.abc import Callable
from typing import Any

from pipeline.local.answers import INSTANT, Answer, table
from pipeline.local.errors import unsupported
from pipeline.local.information.rows import ordered
from pipeline.local.protocol import StatementType
from pipeline.local.session import Session
from pipeline.local.show import describe
from pipeline.local.show.columns import ROLE_GRANTS, Columns
from pipeline.local.show.listings import LISTINGS
from pipeline.local.show.selection import chosen
from pipeline.sql.grammar.session import Describe, DescribeResult, Show, ShowKind


def show(session: Session, statement: Show) -> Answer:
    """Rows in order of database, schema and name.

    Raises:
        SnowflakeError: the kind is not supported, the scope is not there, or there are too many rows.
    """
    listing = LISTINGS.get(statement.kind)
    if listing is None:
        raise unsupported(f"SHOW {statement.kind.value}")
    if statement.terse and listing.terse is None:
        raise unsupported(f"SHOW TERSE {statement.kind.value}")
    records = chosen(statement, listing.records(session, statement), listing.name)
    shown = listing.terse if statement.terse and listing.terse is not None else listing.columns
    if statement.kind is ShowKind.GRANTS and _of_roles(statement.text):
        shown = ROLE_GRANTS
    if statement.history and not statement.terse:
        shown = _with_dropped(shown)
    return table(shown, ordered(shown, records), StatementType.SHOW)


def _of_roles(text: str) -> bool:
    """SHOW GRANTS of a role, to a user, or alone tells who has which role, not who may do what."""
    words = text.upper().split()
    return words[:1] in ([], ["OF"]) or words[:2] == ["TO", "USER"]


def _with_dropped(columns: Columns) -> Columns:
    """HISTORY adds `dropped_on` after `retention_time`."""
    names = [name for name, _ in columns]
    if "retention_time" not in names:
        return columns
    place = names.index("retention_time") + 1
    return (*columns[:place], ("dropped_on", INSTANT), *columns[place:])


HANDLERS: dict[type, Callable[[Session, Any], Answer]] = {Show: show}
DESCRIBE_HANDLERS: dict[type, Callable[[Session, Any], Answer]] = {
    Describe: describe.describe,
    DescribeResult: describe.describe_result,
}
