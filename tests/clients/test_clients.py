"""Other people's clients, unmodified, against `pipeline local serve`. `make clients` makes their environments."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
SECONDS = 180

Run = Callable[..., str]


def program(environment: str, name: str) -> str:
    """A client's program; the test is skipped where its environment is not there."""
    found = ROOT / f".venv-{environment}" / "bin" / name
    if not found.exists():
        pytest.skip(f"no environment with {environment}: make clients makes it")
    return str(found)


@pytest.fixture
def account(tmp_path: Path) -> Iterator[Mapping[str, Any]]:
    """An account that is served: where and as whom."""
    folder = tmp_path / "account"
    command = [sys.executable, "-m", "pipeline", "local", "serve", "--data", str(folder), "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        try:
            yield json.loads(server.stdout.readline())
        finally:
            server.terminate()


@pytest.fixture
def run(account: Mapping[str, Any], tmp_path: Path) -> Run:
    """Runs a client in a folder of its own, with what it needs to find the account."""
    given = {f"LOCAL_{key.upper()}": str(value) for key, value in account.items()}
    environ = {**os.environ, **given, "SNOWFLAKE_HOME": str(tmp_path), "NO_PROXY": "127.0.0.1", "HOME": str(tmp_path)}
    lines = [f"{key} = {json.dumps(account[key])}" for key in ("account", "user", "password", "host", "port")]
    file = tmp_path / "connections.toml"
    file.write_text("\n".join(["[local]", *lines, 'protocol = "http"', ""]), encoding="utf-8")
    file.chmod(0o600)

    def ran(*command: str, folder: Path = tmp_path) -> str:
        done = subprocess.run(command, cwd=folder, env=environ, capture_output=True, text=True, timeout=SECONDS)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    return ran


def test_snow(run: Run, tmp_path: Path) -> None:
    """Snowflake's own command: queries, objects, files on a stage."""
    snow = program("snow", "snow")

    def rows(*arguments: str) -> Any:
        return json.loads(run(snow, *arguments, "-c", "local", "--format", "json"))

    assert rows("connection", "test")["Status"] == "OK"
    rows("sql", "-q", "CREATE DATABASE s; CREATE STAGE s.public.st; CREATE TABLE s.public.t (v VARIANT)")
    (tmp_path / "events.json").write_text('{"a": 1}\n{"a": 2}\n', encoding="utf-8")
    assert rows("stage", "copy", "events.json", "@s.public.st")[0]["status"] == "UPLOADED"
    assert [each["name"] for each in rows("stage", "list-files", "@s.public.st")] == ["st/events.json"]
    loaded = rows("sql", "-q", "COPY INTO s.public.t FROM @s.public.st FILE_FORMAT = (TYPE = JSON)")
    assert [each["rows_loaded"] for each in loaded] == [2]
    assert rows("sql", "-q", "SELECT SUM(v:a::INT) AS a FROM s.public.t") == [{"A": 3}]
    assert [each["name"] for each in rows("object", "list", "table", "--in", "database", "s")] == ["T"]
    assert [each["name"] for each in rows("object", "describe", "table", "s.public.t")] == ["V"]


def test_dbt(run: Run, tmp_path: Path) -> None:
    """A seed, a view, a table, an incremental model, data tests, a snapshot, a catalog; twice, with a change."""
    dbt = program("dbt", "dbt")
    folder = tmp_path / "project"
    shutil.copytree(HERE / "dbt_project", folder)
    usual = ("--profiles-dir", str(folder))
    run(sys.executable, "-c", _SETUP, "CREATE DATABASE shop")
    run(dbt, "build", *usual, folder=folder)
    prices = folder / "seeds" / "prices.csv"
    prices.write_text(prices.read_text(encoding="utf-8").replace("9.25", "10.75"), encoding="utf-8")
    run(dbt, "build", *usual, folder=folder)
    run(dbt, "docs", "generate", *usual, folder=folder)
    shown = run(dbt, "--quiet", "show", "--output", "json", "--inline", _STATE, *usual, folder=folder)
    assert json.loads(shown)["show"] == [{"DEAR": 2, "KEPT": 2, "HISTORY": 3, "CLOSED": 1}]


def test_sqlalchemy(run: Run) -> None:
    """Tables made, filled, read and inspected through SQLAlchemy."""
    out = run(program("sqlalchemy", "python"), str(HERE / "with_sqlalchemy.py"))
    assert json.loads(out) == {"rows": [[2, "Bob"]], "tables": ["people"], "columns": ["id", "name"], "key": ["id"]}


_SETUP = """
import os, sys, snowflake.connector
names = ("account", "user", "password", "host", "port")
given = {name: os.environ[f"LOCAL_{name.upper()}"] for name in names}
with snowflake.connector.connect(**given | {"port": int(given["port"])}, protocol="http") as connection:
    connection.cursor().execute(sys.argv[1])
"""
_STATE = """
select (select count(*) from {{ ref('dear') }}) as dear, (select count(*) from {{ ref('kept') }}) as kept,
  count(*) as history, count(dbt_valid_to) as closed from {{ ref('price_history') }}
"""
