"""What was deployed: tables in the target, so that any machine can read and continue what another began.

The schema is the tool's own, in the project's database. The first statements of a first deploy create that database, so
records are held back until it is there. Texts of statements are not kept: they may hold secrets; a hash and the
template's line find them again.
"""

from dataclasses import dataclass

from pipeline.errors import StatementFailed
from pipeline.sql.names import quote_literal, render
from pipeline.targets.session import MISSING, Session

SCHEMA = "_PIPELINE"
"""The tool's own schema in the project's database."""

_DEPLOYS = """
CREATE TABLE IF NOT EXISTS {schema}.DEPLOYS (
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
    PLANNED NUMBER(38,0) NOT NULL
)
"""

_STATEMENTS = """
CREATE TABLE IF NOT EXISTS {schema}.STATEMENTS (
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
    RECORDED_AT TIMESTAMP_LTZ NOT NULL
)
"""


@dataclass(frozen=True, slots=True)
class DeployRecord:
    """Who deploys what, from where. `git_commit` is None outside a repository."""

    deploy_id: str
    project: str
    environment: str
    user: str
    host: str
    version: str
    git_commit: str | None
    git_dirty: bool | None
    planned: int


@dataclass(frozen=True, slots=True)
class StatementRecord:
    """What became of one statement; durations in milliseconds. `error` must not hold secrets."""

    position: int
    script: str
    template: str
    line: int
    hash: str
    status: str
    rows: int | None
    duration_ms: int
    query_id: str | None
    errno: int | None
    sqlstate: str | None
    error: str | None


class History:
    """Writes the record of one deploy. Nothing is lost while the database does not exist: it is written afterwards."""

    def __init__(self, session: Session, database: str, deploy: DeployRecord) -> None:
        self._session = session
        self._database = database
        self._schema = f"{render(database)}.{render(SCHEMA)}"
        self._deploy = deploy
        self._waiting: list[StatementRecord] = []
        self._open = False

    @property
    def is_open(self) -> bool:
        """Whether the tables are there. False after a deploy whose statements never created the database."""
        return self._open

    def begin(self) -> None:
        """Write that the deploy began, if the project's database is there; otherwise `record` tries again."""
        if self._open or not self._database_exists():
            return
        self._session.run(f"CREATE SCHEMA IF NOT EXISTS {self._schema}")
        for table in (_DEPLOYS, _STATEMENTS):
            self._session.run(table.format(schema=self._schema).strip())
        self._insert_deploy()
        self._open = True
        waiting, self._waiting = self._waiting, []
        self._insert_statements(waiting)

    def record(self, statement: StatementRecord, *, creates_database: bool) -> None:
        """Write what became of a statement; `creates_database` says that the tables may be possible from here on."""
        if self._open:
            self._insert_statements([statement])
            return
        self._waiting.append(statement)
        if creates_database:
            self.begin()

    def finish(self, status: str) -> None:
        """Write how the deploy ended."""
        if not self._open:
            return
        self._session.run(
            f"UPDATE {self._schema}.DEPLOYS SET STATUS = {quote_literal(status)}, FINISHED_AT = CURRENT_TIMESTAMP() "
            f"WHERE DEPLOY_ID = {quote_literal(self._deploy.deploy_id)}"
        )

    def _database_exists(self) -> bool:
        try:
            self._session.run(f"SHOW SCHEMAS IN DATABASE {render(self._database)}")
        except StatementFailed as error:
            if error.errno in MISSING:
                return False
            raise
        return True

    def _insert_deploy(self) -> None:
        deploy = self._deploy
        values = (
            deploy.deploy_id,
            deploy.project,
            deploy.environment,
            "running",
            deploy.user,
            deploy.host,
            deploy.version,
            deploy.git_commit,
            deploy.git_dirty,
            deploy.planned,
        )
        self._session.run(
            f"INSERT INTO {self._schema}.DEPLOYS (DEPLOY_ID, PROJECT, ENVIRONMENT, STATUS, DEPLOYED_BY, HOST, VERSION,"
            f" GIT_COMMIT, GIT_DIRTY, PLANNED, ACCOUNT_USER, ACCOUNT_ROLE, STARTED_AT)"
            f" SELECT {', '.join(_literal(value) for value in values)},"
            " CURRENT_USER(), CURRENT_ROLE(), CURRENT_TIMESTAMP()"
        )

    def _insert_statements(self, statements: list[StatementRecord]) -> None:
        if not statements:
            return
        rows = " UNION ALL ".join(
            f"SELECT {', '.join(_literal(value) for value in self._values(statement))}, CURRENT_TIMESTAMP()"
            for statement in statements
        )
        self._session.run(
            f"INSERT INTO {self._schema}.STATEMENTS (DEPLOY_ID, POSITION, SCRIPT, TEMPLATE, LINE, HASH, STATUS,"
            f" ROWS_AFFECTED, DURATION_MS, QUERY_ID, ERROR_NUMBER, SQLSTATE, ERROR, RECORDED_AT) {rows}"
        )

    def _values(self, statement: StatementRecord) -> tuple[object, ...]:
        return (
            self._deploy.deploy_id,
            statement.position,
            statement.script,
            statement.template,
            statement.line,
            statement.hash,
            statement.status,
            statement.rows,
            statement.duration_ms,
            statement.query_id,
            statement.errno,
            statement.sqlstate,
            statement.error,
        )


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
