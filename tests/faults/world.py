"""The order events, deployed once, and edited: the second deploy is the one that is spoilt."""

import io
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

from pipeline.cli.run import run
from pipeline.local.engine import Account
from pipeline.local.folder import Endpoint
from pipeline.local.lifecycle import attach_or_embed
from pipeline.targets.connect import open_connection
from pipeline.targets.local import account_folder

ROOT = Path(__file__).parents[2]
CONNECTION = "faulty"

FIRST_SEED = """
CREATE TABLE IF NOT EXISTS {{ database }}.{{ analytics_schema }}.visits (page VARCHAR);
CREATE TABLE IF NOT EXISTS {{ database }}.{{ analytics_schema }}.visits_read (page VARCHAR, action VARCHAR);
CREATE STREAM IF NOT EXISTS {{ database }}.{{ analytics_schema }}.visits_stream
    ON TABLE {{ database }}.{{ analytics_schema }}.visits;
INSERT INTO {{ database }}.{{ analytics_schema }}.visits SELECT 'home' UNION ALL SELECT 'shop';
"""

SEED = """
CREATE TABLE {{ database }}.{{ analytics_schema }}.countries (code VARCHAR, name VARCHAR);
INSERT INTO {{ database }}.{{ analytics_schema }}.countries SELECT 'FR', 'France' UNION ALL SELECT 'DE', 'Germany';
BEGIN;
INSERT INTO {{ database }}.{{ analytics_schema }}.countries VALUES ('IT', 'Italy');
UPDATE {{ database }}.{{ analytics_schema }}.countries SET name = name || '!' WHERE code = 'IT';
COMMIT;
ALTER TABLE {{ database }}.{{ analytics_schema }}.countries ADD COLUMN rank NUMBER(3, 0);
USE SCHEMA {{ database }}.{{ analytics_schema }};
SET first_rank = 1;
UPDATE countries SET rank = $first_rank + COALESCE(rank, 0);
INSERT INTO visits_read SELECT page, METADATA$ACTION FROM visits_stream;
INSERT INTO visits VALUES ('late');
"""
"""What must run exactly once: nothing in it bears being run twice."""

CONFIG_STEP = "  - name: seed\n    script: sql/07_seed.sql\n"

_SHOWN = ("TABLES", "VIEWS", "STREAMS", "TASKS", "STAGES", "FILE FORMATS", "SCHEMAS")
_LASTING = ("name", "schema_name", "state", "mode", "stale", "table_name", "predecessors", "schedule", "definition")


def make_project(folder: Path) -> None:
    """The order events as they are, with a schedule that no test meets."""
    folder.mkdir(parents=True)
    config = (ROOT / "config.example.yaml").read_text(encoding="utf-8")
    config = config.replace("task_schedule: 1 MINUTE", "task_schedule: 11520 MINUTE")
    config = config.replace("tasks:\n  after_deploy: keep", "tasks:\n  after_deploy: resume")
    config = config.replace("  prod:\n", f"  {CONNECTION}:\n    connection: {CONNECTION}\n  prod:\n")
    config = config.replace("  - name: queries\n", f"{CONFIG_STEP}  - name: queries\n")
    (folder / "config.yaml").write_text(config, encoding="utf-8")
    shutil.copytree(ROOT / "sql", folder / "sql")
    (folder / "sql" / "07_seed.sql").write_text(FIRST_SEED, encoding="utf-8")


def edit_project(folder: Path) -> None:
    """Tasks, a table with its views, and statements that may run only once."""
    (folder / "sql" / "07_seed.sql").write_text(FIRST_SEED + SEED, encoding="utf-8")
    transform = folder / "sql" / "04_transform.sql"
    text = transform.read_text(encoding="utf-8")
    last = "    event_count NUMBER(38, 0) NOT NULL"
    text = text.replace(f"{last}\n", f"{last},\n    vat INT\n")
    transform.write_text(text, encoding="utf-8")
    tasks = folder / "sql" / "05_tasks.sql"
    text = tasks.read_text(encoding="utf-8")
    tasks.write_text(text.replace("    COMMENT = '", "    COMMENT = 'Edited: "), encoding="utf-8")


@dataclass(frozen=True)
class Prepared:
    """A project after its first deploy and a load, edited, with its account's folder; cases work on copies."""

    folder: Path

    def copy(self, to: Path) -> Path:
        """A copy to spoil."""
        shutil.copytree(self.folder, to)
        return to


def prepare(folder: Path) -> Prepared:
    """Deploy, load and edit, without faults."""
    make_project(folder)
    run_tool(folder, "deploy", "--env", "local")
    run_tool(folder, "load", str(ROOT / "data" / "orders_events.jsonl"))
    edit_project(folder)
    return Prepared(folder)


def run_tool(folder: Path, *arguments: str) -> None:
    """`pipeline` in a process of its own, which must succeed."""
    command = [sys.executable, "-m", "pipeline", *arguments]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@contextmanager
def served(folder: Path) -> Iterator[Endpoint]:
    """The project's account, served from this process: it outlives the tools that are killed."""
    with attach_or_embed(account_folder(folder), lambda found: Account(found.root), notify=print) as endpoint:
        yield endpoint


def environment(folder: Path, endpoint: Endpoint, port: int, patience: int = 20) -> dict[str, str]:
    """The variables with which a tool reaches the account through `port`; it gives up after `patience` seconds."""
    home = folder / "snowflake"
    home.mkdir(exist_ok=True)
    parameters = {**endpoint.client_parameters(), "port": port, "network_timeout": patience, "login_timeout": patience}
    lines = [f"{key} = {json.dumps(value)}" for key, value in parameters.items()]
    file = home / "connections.toml"
    file.write_text("\n".join([f"[{CONNECTION}]", *lines, ""]), encoding="utf-8")
    file.chmod(0o600)
    return {
        "SNOWFLAKE_HOME": str(home),
        "PIPELINE_RETRY_SECONDS": str(patience),
        "NO_PROXY": "127.0.0.1",
        "no_proxy": "127.0.0.1",
        "AWS_EC2_METADATA_DISABLED": "true",
    }


def start_deploy(folder: Path, variables: dict[str, str], *options: str) -> "subprocess.Popen[str]":
    """A deploy to the account, through the connection, in a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "pipeline", *_arguments(folder, "deploy", options)],
        env={**os.environ, **variables},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def run_here(folder: Path, variables: dict[str, str], command: str, *options: str) -> tuple[int, str]:
    """The exit code and the output of a command within this process, which saves half of its time."""
    output = io.StringIO()
    with patch.dict(os.environ, variables), redirect_stdout(output), redirect_stderr(output):
        code = run(_arguments(folder, command, options))
    return code, " ".join(output.getvalue().split())


def _arguments(folder: Path, command: str, options: Sequence[str]) -> list[str]:
    # The environment is the same one as `local`: the same lock, the same record.
    return [command, *options, "--project", str(folder), "--env", "local", "--connection", CONNECTION]


def state(endpoint: Endpoint) -> dict[str, object]:
    """Everything that must be the same after every way to the same project."""
    connection = open_connection(endpoint.client_parameters(), "the test's account")
    try:
        found: dict[str, object] = {}
        cursor = connection.cursor()
        for kind in _SHOWN:
            cursor.execute(f"SHOW {kind} IN DATABASE ORDER_EVENTS")
            names = [column[0] for column in cursor.description]
            rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
            found[kind] = sorted(
                json.dumps({key: row[key] for key in _LASTING if key in row}, default=str)
                for row in rows
                if row.get("schema_name") != "_PIPELINE" and row["name"] != "_PIPELINE"
            )
            for row in rows:
                if kind in ("TABLES", "VIEWS", "TASKS") and row["schema_name"] in ("RAW", "ANALYTICS"):
                    found |= _object_state(cursor, kind, f"ORDER_EVENTS.{row['schema_name']}.{row['name']}")
                elif kind == "STREAMS":
                    name = f"ORDER_EVENTS.{row['schema_name']}.{row['name']}"
                    found |= _stream_state(cursor, name)
        return found
    finally:
        connection.close()


def _object_state(cursor: object, kind: str, name: str) -> dict[str, object]:
    run = cursor.execute  # type: ignore[attr-defined]
    found = {f"ddl {name}": run(f"SELECT GET_DDL('{kind[:-1]}', '{name}')").fetchone()[0]}
    if kind == "TABLES":
        found[f"rows {name}"] = sorted(map(str, run(f"SELECT * FROM {name}").fetchall()))
    return found


def _stream_state(cursor: object, name: str) -> dict[str, object]:
    """Exactly the rows that are unread; their ids too, unless the spoilt deploy itself writes the table."""
    run = cursor.execute  # type: ignore[attr-defined]
    columns = "* EXCLUDE METADATA$ROW_ID" if name.endswith("VISITS_STREAM") else "*"
    return {f"unread {name}": sorted(map(str, run(f"SELECT {columns} FROM {name}").fetchall()))}


def value(endpoint: Endpoint, query: str) -> object:
    """The first value of what a query finds."""
    connection = open_connection(endpoint.client_parameters(), "the test's account")
    try:
        return connection.cursor().execute(query).fetchone()[0]
    finally:
        connection.close()


def unfinished(endpoint: Endpoint) -> int:
    """Deploys whose end is not recorded, and holders of the lock."""
    running = value(endpoint, "SELECT COUNT(*) FROM ORDER_EVENTS._PIPELINE.DEPLOYS WHERE STATUS = 'running'")
    held = value(
        endpoint, 'SELECT COUNT(*) FROM ORDER_EVENTS._PIPELINE."LOCK order_events/local" WHERE OWNER IS NOT NULL'
    )
    return int(str(running)) + int(str(held))


def expire_lock(endpoint: Endpoint) -> None:
    """Let the time to live of a dead owner pass."""
    connection = open_connection(endpoint.client_parameters(), "the test's account")
    try:
        connection.cursor().execute(
            'UPDATE ORDER_EVENTS._PIPELINE."LOCK order_events/local"'
            " SET HEARTBEAT_AT = DATEADD('hour', -1, HEARTBEAT_AT) WHERE OWNER IS NOT NULL"
        )
    finally:
        connection.close()
