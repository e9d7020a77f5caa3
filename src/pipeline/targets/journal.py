"""The record of one deploy as it is written: planned statements before anything is sent, then the outcome of each."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from pipeline.plan.model import Standing
from pipeline.sql.names import QualifiedName, quote_literal
from pipeline.targets.history import Place

_ROWS_A_STATEMENT = 500
"""Rows of one INSERT: Snowflake takes 16,384, and texts of statements may be long."""


@dataclass(frozen=True, slots=True)
class DeployRecord:
    """Who deploys what, from where. `git_commit` is None outside a repository; `tasks` are to be resumed at the end."""

    deploy_id: str
    user: str
    host: str
    version: str
    git_commit: str | None
    git_dirty: bool | None
    planned: int
    tasks: Mapping[QualifiedName, Standing]


@dataclass(frozen=True, slots=True)
class StatementRecord:
    """What becomes of one statement; durations in milliseconds. `error` and `text` must not hold secrets.

    `status` is `planned`, `done`, `failed`, `skipped` or, for what left the project, `removed`.
    """

    position: int
    key: str
    script: str
    template: str
    line: int
    hash: str
    status: str
    text: str | None = None
    rows: int | None = None
    duration_ms: int | None = None
    query_id: str | None = None
    errno: int | None = None
    sqlstate: str | None = None
    error: str | None = None


class Journal:
    """The statements of SQL that write the record of one deploy; whoever has a session runs them."""

    def __init__(self, place: Place, deploy_id: str) -> None:
        self.place = place
        self.deploy_id = deploy_id

    def begin(self, deploy: DeployRecord, planned: Sequence[StatementRecord]) -> list[str]:
        """Who deploys, and every statement before any is sent. To write it twice changes nothing that is read."""
        tasks = json.dumps({str(name): standing.value for name, standing in deploy.tasks.items()})
        values = (
            deploy.deploy_id,
            self.place.project,
            self.place.environment,
            "running",
            deploy.user,
            deploy.host,
            deploy.version,
            deploy.git_commit,
            deploy.git_dirty,
            deploy.planned,
            tasks,
        )
        insert = (
            f"INSERT INTO {self.place.schema}.DEPLOYS (DEPLOY_ID, PROJECT, ENVIRONMENT, STATUS, DEPLOYED_BY, HOST,"
            " VERSION, GIT_COMMIT, GIT_DIRTY, PLANNED, TASKS, ACCOUNT_USER, ACCOUNT_ROLE, STARTED_AT)"
            f" SELECT {', '.join(_literal(value) for value in values)},"
            " CURRENT_USER(), CURRENT_ROLE(), CURRENT_TIMESTAMP()"
            f" WHERE NOT EXISTS (SELECT 1 FROM {self.place.schema}.DEPLOYS"
            f" WHERE DEPLOY_ID = {quote_literal(deploy.deploy_id)})"
        )
        return [insert, *self.record(planned)]

    def record(self, statements: Iterable[StatementRecord]) -> list[str]:
        """The outcomes of statements, many rows an INSERT."""
        rows = [self._row(statement) for statement in statements]
        return [
            f"INSERT INTO {self.place.schema}.STATEMENTS (DEPLOY_ID, PROJECT, ENVIRONMENT, POSITION, STATEMENT_KEY,"
            " SCRIPT, TEMPLATE, LINE, HASH, STATUS, TEXT, ROWS_AFFECTED, DURATION_MS, QUERY_ID, ERROR_NUMBER,"
            f" SQLSTATE, ERROR, RECORDED_AT) VALUES {', '.join(rows[start : start + _ROWS_A_STATEMENT])}"
            for start in range(0, len(rows), _ROWS_A_STATEMENT)
        ]

    def finish(self, status: str) -> str:
        """How the deploy ended."""
        return (
            f"UPDATE {self.place.schema}.DEPLOYS SET STATUS = {quote_literal(status)},"
            f" FINISHED_AT = CURRENT_TIMESTAMP() WHERE DEPLOY_ID = {quote_literal(self.deploy_id)}"
        )

    def _row(self, statement: StatementRecord) -> str:
        values = (
            self.deploy_id,
            self.place.project,
            self.place.environment,
            statement.position,
            statement.key,
            statement.script,
            statement.template,
            statement.line,
            statement.hash,
            statement.status,
            statement.text,
            statement.rows,
            statement.duration_ms,
            statement.query_id,
            statement.errno,
            statement.sqlstate,
            statement.error,
        )
        return f"({', '.join(_literal(value) for value in values)}, CURRENT_TIMESTAMP())"


def _literal(value: object) -> str:
    match value:
        case None:
            return "NULL"
        case bool():
            return "TRUE" if value else "FALSE"
        case int():
            return str(value)
        case _:
            return quote_literal(str(value))
