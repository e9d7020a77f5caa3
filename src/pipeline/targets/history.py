"""What was deployed: tables in the target, so that any machine can read and continue what another began.

The schema is the tool's own, in the project's database. The log of statements is only ever added to: a row `planned`
before a statement is sent, and one row for its outcome. The text of a statement is kept as it may be shown, without
its secrets, so that a plan can say what was edited.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from pipeline.errors import StatementFailed
from pipeline.plan.changes import Applied, Attempt
from pipeline.plan.model import Standing
from pipeline.sql.names import QualifiedName, quote, quote_literal, render
from pipeline.targets.session import MISSING, Session

SCHEMA = "_PIPELINE"
"""The tool's own schema in the project's database."""

_INVALID_IDENTIFIER = 904

_DEPLOYS = """
CREATE OR ALTER TABLE {schema}.DEPLOYS (
    DEPLOY_ID VARCHAR NOT NULL,
    PROJECT VARCHAR NOT NULL,
    ENVIRONMENT VARCHAR NOT NULL,
    STATUS VARCHAR NOT NULL,
    STARTED_AT TIMESTAMP_LTZ NOT NULL,
    FINISHED_AT TIMESTAMP_LTZ,
    DEPLOYED_BY VARCHAR,
    ACCOUNT_USER VARCHAR,
    ACCOUNT_ROLE VARCHAR,
    HOST VARCHAR,
    VERSION VARCHAR,
    GIT_COMMIT VARCHAR,
    GIT_DIRTY BOOLEAN,
    PLANNED NUMBER(38,0) NOT NULL,
    TASKS VARCHAR
)
"""

_STATEMENTS = """
CREATE OR ALTER TABLE {schema}.STATEMENTS (
    DEPLOY_ID VARCHAR NOT NULL,
    POSITION NUMBER(38,0) NOT NULL,
    SCRIPT VARCHAR NOT NULL,
    TEMPLATE VARCHAR NOT NULL,
    LINE NUMBER(38,0) NOT NULL,
    HASH VARCHAR NOT NULL,
    STATUS VARCHAR NOT NULL,
    ROWS_AFFECTED NUMBER(38,0),
    DURATION_MS NUMBER(38,0),
    QUERY_ID VARCHAR,
    ERROR_NUMBER NUMBER(38,0),
    SQLSTATE VARCHAR,
    ERROR VARCHAR,
    RECORDED_AT TIMESTAMP_LTZ NOT NULL,
    PROJECT VARCHAR,
    ENVIRONMENT VARCHAR,
    STATEMENT_KEY VARCHAR,
    TEXT VARCHAR
)
"""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a project's records are: its database, and whose they are in it."""

    database: str
    project: str
    environment: str

    @property
    def schema(self) -> str:
        return f"{render(self.database)}.{render(SCHEMA)}"

    @property
    def lock(self) -> str:
        """The table of one row that is the lock of this project and environment."""
        return f"{self.schema}.{quote(f'LOCK {self.project}/{self.environment}')}"

    @property
    def condition(self) -> str:
        """Which rows are this project's in this environment."""
        return f"PROJECT = {quote_literal(self.project)} AND ENVIRONMENT = {quote_literal(self.environment)}"

    def creation(self) -> tuple[str, ...]:
        """The statements that make the schema and its tables, or bring them to this version.

        The lock's one row comes with its table, in one statement: two deploys cannot make two rows.
        """
        return (
            f"CREATE SCHEMA IF NOT EXISTS {self.schema}",
            _DEPLOYS.format(schema=self.schema).strip(),
            _STATEMENTS.format(schema=self.schema).strip(),
            f"CREATE TABLE IF NOT EXISTS {self.lock} (OWNER VARCHAR, DEPLOYED_BY VARCHAR, HOST VARCHAR,"
            " STARTED_AT TIMESTAMP_LTZ, HEARTBEAT_AT TIMESTAMP_LTZ, TTL_SECONDS NUMBER(38,0), LAST_DEPLOY VARCHAR)"
            " AS SELECT NULL::VARCHAR, NULL::VARCHAR, NULL::VARCHAR, NULL::TIMESTAMP_LTZ, NULL::TIMESTAMP_LTZ,"
            " NULL::NUMBER(38,0), NULL::VARCHAR",
        )


@dataclass(frozen=True, slots=True)
class PlannedRow:
    """A statement that a deploy was going to run, and of which no outcome is recorded."""

    position: int
    key: str
    hash: str
    script: str
    template: str
    line: int


@dataclass(frozen=True, slots=True)
class Unfinished:
    """A deploy whose end was never recorded; `tasks` are those that it would have resumed."""

    deploy_id: str
    user: str
    host: str
    started: datetime
    planned: tuple[PlannedRow, ...]
    tasks: Mapping[QualifiedName, Standing] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Recorded:
    """All that the target knows of a project; `ready` says whether the tool's tables are there and up to date."""

    ready: bool = False
    applied: Mapping[str, Applied] = field(default_factory=dict)
    attempts: Mapping[str, Attempt] = field(default_factory=dict)
    unfinished: tuple[Unfinished, ...] = ()
    last_deploy: str | None = None
    """The deploy that had the lock last."""
    owner: str | None = None
    """The deploy that has the lock."""


def read_recorded(session: Session, place: Place) -> Recorded:
    """Everything a plan wants to know of the past, in one query. Raises as `Session.run`."""
    try:
        outcome = session.run(_state_query(place))
    except StatementFailed as error:
        if error.errno in MISSING or error.errno == _INVALID_IDENTIFIER:
            return Recorded()
        raise
    return _recorded(outcome.records())


def read_texts(session: Session, place: Place, keys: Mapping[str, str]) -> Mapping[str, str]:
    """The texts that were applied, by key, for `keys` with their hashes."""
    if not keys:
        return {}
    wanted = ", ".join(quote_literal(key) for key in keys)
    outcome = session.run(
        f"SELECT STATEMENT_KEY, HASH, TEXT FROM {place.schema}.STATEMENTS WHERE {place.condition}"
        f" AND STATUS = 'done' AND STATEMENT_KEY IN ({wanted})"
        " QUALIFY ROW_NUMBER() OVER (PARTITION BY STATEMENT_KEY, HASH ORDER BY RECORDED_AT DESC) = 1"
    )
    return {
        str(key): str(text) for key, found, text in outcome.rows if text is not None and keys.get(str(key)) == found
    }


def _state_query(place: Place) -> str:
    """Of each key the last row that counts, and what deploys left open; one row with NULLs when there is nothing."""
    return f"""
SELECT L.LAST_DEPLOY, L.OWNER, S.*
FROM {place.lock} AS L
LEFT JOIN (
    SELECT S.STATEMENT_KEY, S.HASH, S.STATUS, S.SCRIPT, S.TEMPLATE, S.LINE, S.POSITION, S.DEPLOY_ID, S.RECORDED_AT,
        D.STATUS AS DEPLOY_STATUS, IFF(D.STATUS = 'running', D.TASKS, NULL) AS TASKS, D.STARTED_AT, D.DEPLOYED_BY,
        D.HOST
    FROM {place.schema}.STATEMENTS AS S
    JOIN {place.schema}.DEPLOYS AS D ON D.DEPLOY_ID = S.DEPLOY_ID
    WHERE S.PROJECT = {quote_literal(place.project)} AND S.ENVIRONMENT = {quote_literal(place.environment)}
        AND (S.STATUS <> 'planned' OR D.STATUS = 'running')
    QUALIFY D.STATUS = 'running' OR ROW_NUMBER() OVER (
        PARTITION BY S.STATEMENT_KEY, IFF(S.STATUS = 'failed', 'failed', 'done')
        ORDER BY S.RECORDED_AT DESC, S.POSITION DESC
    ) = 1
) AS S ON TRUE
""".strip()


def _recorded(records: list[dict[str, object]]) -> Recorded:
    applied: dict[str, tuple[object, Applied]] = {}
    failed: dict[str, tuple[object, Attempt]] = {}
    running: dict[str, list[dict[str, object]]] = {}
    for record in records:
        if record["STATEMENT_KEY"] is None:
            continue
        if record["DEPLOY_STATUS"] == "running":
            running.setdefault(str(record["DEPLOY_ID"]), []).append(record)
        key, at, status = str(record["STATEMENT_KEY"]), record["RECORDED_AT"], record["STATUS"]
        if status in ("done", "removed") and (key not in applied or _later(at, applied[key][0])):
            applied[key] = at, _applied(record)
        elif status == "failed" and (key not in failed or _later(at, failed[key][0])):
            failed[key] = at, Attempt(key, str(record["HASH"]), failed=True, deploy_id=str(record["DEPLOY_ID"]))
    attempts = {
        key: attempt for key, (at, attempt) in failed.items() if key not in applied or _later(at, applied[key][0])
    }
    lock = records[0] if records else {"LAST_DEPLOY": None, "OWNER": None}
    return Recorded(
        ready=bool(records),
        applied={key: row for key, (_, row) in applied.items()},
        attempts=attempts,
        unfinished=tuple(_unfinished(rows) for rows in running.values()),
        last_deploy=_text(lock["LAST_DEPLOY"]),
        owner=_text(lock["OWNER"]),
    )


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _later(at: object, than: object) -> bool:
    assert isinstance(at, datetime), "RECORDED_AT is never NULL"
    assert isinstance(than, datetime), "RECORDED_AT is never NULL"
    return at > than


def _applied(record: Mapping[str, object]) -> Applied:
    return Applied(
        key=str(record["STATEMENT_KEY"]),
        hash=str(record["HASH"]),
        script=str(record["SCRIPT"]),
        template=str(record["TEMPLATE"]),
        line=int(str(record["LINE"])),
        deploy_id=str(record["DEPLOY_ID"]),
        removed=record["STATUS"] == "removed",
    )


def _unfinished(records: list[dict[str, object]]) -> Unfinished:
    over = {record["POSITION"] for record in records if record["STATUS"] != "planned"}
    records = list({(record["POSITION"], record["STATUS"]): record for record in records}.values())
    first = records[0]
    started = first["STARTED_AT"]
    assert isinstance(started, datetime), "STARTED_AT is never NULL"
    return Unfinished(
        deploy_id=str(first["DEPLOY_ID"]),
        user=str(first["DEPLOYED_BY"]),
        host=str(first["HOST"]),
        started=started,
        planned=tuple(
            _planned_row(record)
            for record in sorted(records, key=lambda each: int(str(each["POSITION"])))
            if record["STATUS"] == "planned" and record["POSITION"] not in over
        ),
        tasks={
            QualifiedName.parse(name): Standing(standing)
            for name, standing in json.loads(str(first["TASKS"] or "{}")).items()
        },
    )


def _planned_row(record: Mapping[str, object]) -> PlannedRow:
    return PlannedRow(
        position=int(str(record["POSITION"])),
        key=str(record["STATEMENT_KEY"]),
        hash=str(record["HASH"]),
        script=str(record["SCRIPT"]),
        template=str(record["TEMPLATE"]),
        line=int(str(record["LINE"])),
    )
