"""What became of statements whose answer was never heard: the account's query history, asked by query tag.

Every request of a deploy carries a tag with the deploy and the positions of its statements. The rows of one request
come in the order of its statements (docs: sql-reference/functions/query_history).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from pipeline.sql.names import quote_literal, render
from pipeline.targets.session import Session

MOST_QUERIES = 10_000
"""The greatest RESULT_LIMIT."""

_TAG = re.compile(r"pipeline deploy=\S+ try=(?P<attempt>\d+) at=(?P<positions>[\d,]+)")
_ENVELOPE = "MULTI_STATEMENT"
"""QUERY_TYPE of the request around several statements, which is none of them."""


class Fate(Enum):
    """What the account says of a statement."""

    DONE = "done"
    FAILED = "failed"
    RUNNING = "running"


@dataclass(frozen=True, slots=True)
class Found:
    """A statement as the account's query history has it."""

    position: int
    attempt: int
    fate: Fate
    query_id: str
    rows: int | None
    milliseconds: int | None
    errno: int | None
    error: str | None
    words: str = ""
    """How its text begins."""


def tag_of(deploy_id: str, attempt: int, positions: Sequence[int], script: str) -> str:
    """The tag of a request with the statements at these positions."""
    return f"pipeline deploy={deploy_id} try={attempt} at={','.join(map(str, positions))} script={script}"


def read_outcomes(session: Session, database: str, deploy_id: str, since: datetime | None = None) -> dict[int, Found]:
    """The last attempt at each position of a deploy that reached the account; the others never did.

    `since` is when the deploy began; the account remembers 7 days.
    """
    start = "DATEADD('hour', -1, CURRENT_TIMESTAMP())" if since is None else _start(since)
    outcome = session.run(
        "SELECT QUERY_ID, QUERY_TAG, EXECUTION_STATUS, ROWS_PRODUCED, TOTAL_ELAPSED_TIME, ERROR_CODE, ERROR_MESSAGE,"
        " LEFT(QUERY_TEXT, 20) AS WORDS"
        f" FROM TABLE({render(database)}.INFORMATION_SCHEMA.QUERY_HISTORY(RESULT_LIMIT => {MOST_QUERIES},"
        f" END_TIME_RANGE_START => {start}))"
        f" WHERE STARTSWITH(QUERY_TAG, {quote_literal(f'pipeline deploy={deploy_id} ')})"
        f" AND QUERY_TYPE <> '{_ENVELOPE}' ORDER BY START_TIME"
    )
    found: dict[int, Found] = {}
    counts: dict[str, int] = {}
    for record in outcome.records():
        tag = str(record["QUERY_TAG"])
        match = _TAG.match(tag)
        if match is None:
            continue
        index = counts.get(tag, 0)
        counts[tag] = index + 1
        positions = [int(text) for text in match["positions"].split(",")]
        if index < len(positions):
            entry = _found(record, positions[index], int(match["attempt"]))
            known = found.get(entry.position)
            if known is None or known.attempt <= entry.attempt:
                found[entry.position] = entry
    return found


def _start(since: datetime) -> str:
    moment = f"{quote_literal(since.isoformat())}::TIMESTAMP_LTZ"
    return f"GREATEST(DATEADD('minute', -1, {moment}), DATEADD('hour', -167, CURRENT_TIMESTAMP()))"


def _found(record: dict[str, object], position: int, attempt: int) -> Found:
    status = str(record["EXECUTION_STATUS"])
    code = record["ERROR_CODE"]
    return Found(
        position=position,
        attempt=attempt,
        fate=_fate(status),
        query_id=str(record["QUERY_ID"]),
        rows=_number(record["ROWS_PRODUCED"]),
        milliseconds=_number(record["TOTAL_ELAPSED_TIME"]),
        errno=None if code is None else int(str(code)),
        error=None if record["ERROR_MESSAGE"] is None else str(record["ERROR_MESSAGE"]),
        words=str(record["WORDS"]).upper(),
    )


def _fate(status: str) -> Fate:
    if status.startswith("SUCCESS"):
        return Fate.DONE
    return Fate.FAILED if status.startswith("FAIL") else Fate.RUNNING


def _number(value: object) -> int | None:
    return None if value is None else int(str(value))
