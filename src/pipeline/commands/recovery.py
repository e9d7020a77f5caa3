"""What a deploy that was broken off had done after all: its outcomes, looked up in the account."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from pipeline.plan.changes import Applied, Attempt, Changes, Verdict
from pipeline.targets.history import Place, PlannedRow, Recorded, Unfinished
from pipeline.targets.journal import Journal, StatementRecord
from pipeline.targets.outcomes import Fate, Found, read_outcomes
from pipeline.targets.session import Session

BROKEN_OFF = "broken off"
"""Status of a deploy that another one finished."""

POLL_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Settled:
    """The history with what was found out; `statements` write it down."""

    applied: Mapping[str, Applied]
    attempts: Mapping[str, Attempt]
    statements: tuple[str, ...] = ()
    running: tuple[str, ...] = ()
    """Where statements were written that still run in the account."""


def settle(session: Session, place: Place, recorded: Recorded) -> Settled:
    """Look up every statement that was planned and has no outcome. Writes nothing."""
    applied, attempts = dict(recorded.applied), dict(recorded.attempts)
    statements: list[str] = []
    running: list[str] = []
    for deploy in recorded.unfinished:
        found = read_outcomes(session, place.database, deploy.deploy_id, deploy.started) if deploy.planned else {}
        rows = []
        for planned, outcome in _effective(deploy.planned, found):
            if outcome.fate is Fate.RUNNING:
                running.append(f"{planned.template}:{planned.line}")
                continue
            rows.append(_row(planned, outcome))
            _take(planned, outcome, deploy, applied, attempts)
        journal = Journal(place, deploy.deploy_id)
        statements += [*journal.record(rows), journal.finish(BROKEN_OFF)]
    return Settled(applied, attempts, tuple(statements), tuple(running))


def edited_since(changes: Changes, settled: Settled, recorded: Recorded) -> tuple[str, ...]:
    """Words on statements that the last deploy had done before it failed or was broken off, and that were edited."""
    last = recorded.last_deploy
    stopped = {attempt.deploy_id for attempt in settled.attempts.values()}
    if last not in stopped | {deploy.deploy_id for deploy in recorded.unfinished}:
        return ()
    return tuple(
        f"{decision.statement.at}: this statement was done in the last deploy, which stopped after it, and was edited"
        " since: it runs again."
        for decision in changes.decisions
        if decision.verdict is Verdict.CHANGED and decision.before is not None and decision.before.deploy_id == last
    )


def _effective(planned: Iterable[PlannedRow], found: Mapping[int, Found]) -> Iterator[tuple[PlannedRow, Found]]:
    """The statements that reached the account, less those of a transaction that was never ended: it was undone."""
    within: list[tuple[PlannedRow, Found]] = []
    for row in planned:
        outcome = found.get(row.position)
        if outcome is None or not row.key.startswith("transaction "):
            within = []
            if outcome is not None:
                yield row, outcome
            continue
        if outcome.words.startswith(("BEGIN", "START")):
            within = []
        within.append((row, outcome))
        if outcome.words.startswith(("COMMIT", "ROLLBACK")) and outcome.fate is Fate.DONE:
            yield from within
            within = []


def _take(
    planned: PlannedRow,
    outcome: Found,
    deploy: Unfinished,
    applied: dict[str, Applied],
    attempts: dict[str, Attempt],
) -> None:
    if outcome.fate is Fate.DONE:
        applied[planned.key] = Applied(
            planned.key, planned.hash, planned.script, planned.template, planned.line, deploy.deploy_id
        )
    else:
        attempts[planned.key] = Attempt(planned.key, planned.hash, failed=True, deploy_id=deploy.deploy_id)


def _row(planned: PlannedRow, outcome: Found) -> StatementRecord:
    return StatementRecord(
        position=planned.position,
        key=planned.key,
        script=planned.script,
        template=planned.template,
        line=planned.line,
        hash=planned.hash,
        status=outcome.fate.value,
        rows=outcome.rows,
        duration_ms=outcome.milliseconds,
        query_id=outcome.query_id,
        errno=outcome.errno,
        error=None,
    )


def wait_for(
    session: Session,
    place: Place,
    deploy_id: str,
    positions: Iterable[int],
    stop: Callable[[], bool],
) -> dict[int, Found]:
    """What became of statements whose answer was lost; waits while the account still runs one of them."""
    wanted = set(positions)
    while True:
        found = {
            position: outcome
            for position, outcome in read_outcomes(session, place.database, deploy_id).items()
            if position in wanted
        }
        if stop() or not any(outcome.fate is Fate.RUNNING for outcome in found.values()):
            return found
        time.sleep(POLL_SECONDS)
