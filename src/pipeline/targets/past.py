"""The record of past deploys, read for people."""

from dataclasses import dataclass
from datetime import datetime

from pipeline.sql.names import quote_literal
from pipeline.targets.history import Place
from pipeline.targets.session import Session


@dataclass(frozen=True, slots=True)
class PastDeploy:
    """A deploy of the record; `seconds` is None while it runs or when its end was never recorded."""

    deploy_id: str
    status: str
    started: datetime
    seconds: float | None
    user: str
    host: str
    account_user: str
    account_role: str
    version: str
    git_commit: str | None
    git_dirty: bool | None
    done: int
    failed: int


@dataclass(frozen=True, slots=True)
class PastStatement:
    """What became of one statement of a deploy."""

    position: int
    script: str
    template: str
    line: int
    status: str
    text: str | None
    rows: int | None
    milliseconds: int | None
    query_id: str | None
    errno: int | None
    error: str | None


def read_deploys(session: Session, place: Place, *, limit: int, prefix: str = "") -> tuple[PastDeploy, ...]:
    """Deploys whose id begins with `prefix`, the latest first; none when nothing was ever deployed."""
    outcome = session.run_if_exists(
        "SELECT D.DEPLOY_ID, D.STATUS, D.STARTED_AT, DATEDIFF('millisecond', D.STARTED_AT, D.FINISHED_AT) AS MS,"
        " D.DEPLOYED_BY, D.HOST, D.ACCOUNT_USER, D.ACCOUNT_ROLE, D.VERSION, D.GIT_COMMIT, D.GIT_DIRTY,"
        " COUNT(DISTINCT IFF(S.STATUS IN ('done', 'removed'), S.POSITION, NULL)) AS DONE,"
        " COUNT(DISTINCT IFF(S.STATUS = 'failed', S.POSITION, NULL)) AS FAILED"
        f" FROM {place.schema}.DEPLOYS AS D LEFT JOIN {place.schema}.STATEMENTS AS S ON S.DEPLOY_ID = D.DEPLOY_ID"
        f" WHERE D.PROJECT = {quote_literal(place.project)} AND D.ENVIRONMENT = {quote_literal(place.environment)}"
        f" AND STARTSWITH(D.DEPLOY_ID, {quote_literal(prefix)})"
        " GROUP BY ALL ORDER BY D.STARTED_AT DESC, D.DEPLOY_ID DESC"
        f" LIMIT {limit}"
    )
    return () if outcome is None else tuple(_deploy(record) for record in outcome.records())


def read_statements(session: Session, place: Place, deploy_id: str) -> tuple[PastStatement, ...]:
    """The statements of a deploy in their order; those whose outcome is not known are `planned`."""
    outcome = session.run(
        "SELECT POSITION, SCRIPT, TEMPLATE, LINE, STATUS, TEXT, ROWS_AFFECTED, DURATION_MS, QUERY_ID, ERROR_NUMBER,"
        f" ERROR FROM {place.schema}.STATEMENTS WHERE DEPLOY_ID = {quote_literal(deploy_id)}"
        " QUALIFY ROW_NUMBER() OVER (PARTITION BY POSITION ORDER BY IFF(STATUS = 'planned', 1, 0), TEXT NULLS LAST,"
        " RECORDED_AT DESC) = 1 ORDER BY POSITION"
    )
    return tuple(_statement(record) for record in outcome.records())


def _deploy(record: dict[str, object]) -> PastDeploy:
    started, milliseconds, dirty = record["STARTED_AT"], record["MS"], record["GIT_DIRTY"]
    assert isinstance(started, datetime), "STARTED_AT is never NULL"
    return PastDeploy(
        deploy_id=str(record["DEPLOY_ID"]),
        status=str(record["STATUS"]),
        started=started,
        seconds=None if milliseconds is None else int(str(milliseconds)) / 1000,
        user=str(record["DEPLOYED_BY"]),
        host=str(record["HOST"]),
        account_user=str(record["ACCOUNT_USER"]),
        account_role=str(record["ACCOUNT_ROLE"]),
        version=str(record["VERSION"]),
        git_commit=_text(record["GIT_COMMIT"]),
        git_dirty=None if dirty is None else bool(dirty),
        done=int(str(record["DONE"])),
        failed=int(str(record["FAILED"])),
    )


def _statement(record: dict[str, object]) -> PastStatement:
    return PastStatement(
        position=int(str(record["POSITION"])),
        script=str(record["SCRIPT"]),
        template=str(record["TEMPLATE"]),
        line=int(str(record["LINE"])),
        status=str(record["STATUS"]),
        text=_text(record["TEXT"]),
        rows=_number(record["ROWS_AFFECTED"]),
        milliseconds=_number(record["DURATION_MS"]),
        query_id=_text(record["QUERY_ID"]),
        errno=_number(record["ERROR_NUMBER"]),
        error=_text(record["ERROR"]),
    )


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _number(value: object) -> int | None:
    return None if value is None else int(str(value))
