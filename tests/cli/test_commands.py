"""The command line against a local account: what is printed where, and how it exits."""

import json
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from cli.mini import CONFIG, SETUP, masked, mini_project, start
from pipeline.cli.run import run
from pipeline.errors import ExitCode

Captured = pytest.CaptureFixture[str]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(mini_project(tmp_path))
    monkeypatch.setattr("sys.excepthook", sys.excepthook)
    return tmp_path


def test_version_imports_nothing_heavy() -> None:
    code = (
        "import sys; sys.argv = ['pipeline', '--version']\n"
        "from pipeline.cli.main import main; main()\n"
        "print(sorted({'typer', 'rich', 'duckdb', 'snowflake', 'sqlglot', 'jinja2', 'pydantic'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[0].startswith("pipeline ")
    assert done.stdout.splitlines()[1] == "[]"


def test_help_imports_no_account() -> None:
    code = (
        "import sys; from pipeline.cli.run import run\n"
        "run(['--help'])\n"
        "print(sorted({'duckdb', 'snowflake', 'sqlglot', 'jinja2', 'pydantic', 'yaml'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


COMMANDS = [
    ["deploy"],
    ["load"],
    ["generate"],
    ["query"],
    ["health"],
    ["render"],
    ["connection", "test"],
    *(["tasks", name] for name in ("list", "resume", "suspend", "run", "history")),
    *(["local", name] for name in ("start", "stop", "status", "reset", "serve", "advance")),
]


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_command_has_the_common_options(command: list[str], capsys: Captured) -> None:
    assert run([*command, "--help"]) == ExitCode.OK
    shown = capsys.readouterr().out
    for option in ("--project", "--env", "-e", "--connection", "-c", "--var", "--format", "-v", "--quiet", "--debug"):
        assert option in shown


DEPLOYED = """\
deploy <deploy>: 5 steps
✓ 1/5  sql/a.sql:2                CREATE DATABASE IF NOT EXISTS MINI  <time>
✓ 2/5  sql/a.sql:3                CREATE SCHEMA IF NOT EXISTS MINI.s  <time>
✓ 3/5  sql/a.sql:4                CREATE TABLE IF NOT EXISTS MINI.s.t (a NUMBER(10,2), b VARC…  <time>
✓ 4/5  sql/a.sql:5                INSERT INTO MINI.s.t SELECT 1.50, 'é' UNION ALL SELECT 2, N…  <time>, 2 rows
✓ 5/5  sql/q.sql:6                compile query some-rows  <time>
"""


@pytest.mark.usefixtures("project")
def test_deploy_tells_each_statement(capsys: Captured) -> None:
    assert run(["deploy"]) == ExitCode.OK
    shown = capsys.readouterr()
    assert masked(shown.err) == DEPLOYED
    assert masked(shown.out) == "Deployed mini to local in <time>: 4 statements done, 1 query compiled.\n"


@pytest.mark.usefixtures("project")
def test_deploy_is_recorded_in_the_account(capsys: Captured) -> None:
    run(["deploy", "--quiet"])
    sql = (
        "SELECT d.PROJECT, d.ENVIRONMENT, d.STATUS, d.PLANNED, s.SCRIPT, s.LINE, s.STATUS AS OUTCOME, s.ROWS_AFFECTED,"
        " s.QUERY_ID IS NOT NULL AS FOUND, s.HASH LIKE '2:%' AS HASHED, d.FINISHED_AT >= d.STARTED_AT AS ENDED"
        " FROM _PIPELINE.DEPLOYS d JOIN _PIPELINE.STATEMENTS s ON s.DEPLOY_ID = d.DEPLOY_ID"
        " WHERE s.STATUS <> 'planned' ORDER BY s.POSITION"
    )
    capsys.readouterr()
    assert run(["query", "-q", sql, "--format", "json"]) == ExitCode.OK
    rows = json.loads(capsys.readouterr().out)
    assert [(row["SCRIPT"], row["LINE"], row["OUTCOME"], row["ROWS_AFFECTED"], row["FOUND"]) for row in rows] == [
        ("sql/a.sql", 2, "done", None, True),
        ("sql/a.sql", 3, "done", None, True),
        ("sql/a.sql", 4, "done", None, True),
        ("sql/a.sql", 5, "done", 2, True),
        ("sql/q.sql", 6, "done", None, False),
    ]
    assert {(row["PROJECT"], row["ENVIRONMENT"], row["STATUS"], row["PLANNED"]) for row in rows} == {
        ("mini", "local", "succeeded", 5)
    }
    assert all(row["HASHED"] and row["ENDED"] for row in rows)


FAILED = """\
error: SQL compilation error: Object 'MINI.S.NOPE' does not exist or not authorized.  [statement-failed]

  sql/a.sql:4
    4 │ INSERT INTO {{ database }}.s.nope VALUES (1);

hint: MINI.s.nope is created in sql/a.sql:5, which runs later. Move it before.
query id: <id>  ·  2 of 5 statements done, 1 failed, 2 not run; `pipeline deploy` continues here.
"""


def test_a_refused_statement_stops_the_deploy(project: Path, capsys: Captured) -> None:
    setup = SETUP.replace(SETUP.splitlines()[3], "INSERT INTO {{ database }}.s.nope VALUES (1);")
    setup = setup.replace(SETUP.splitlines()[4], "CREATE TABLE {{ database }}.s.nope (a INT);")
    mini_project(project, setup)
    assert run(["deploy"]) == ExitCode.SQL
    shown = capsys.readouterr()
    assert shown.out == ""
    assert masked(shown.err).endswith(FAILED)
    assert "Traceback" not in shown.err
    assert run(["query", "-q", "SELECT STATUS FROM _PIPELINE.DEPLOYS", "--format", "csv"]) == ExitCode.OK
    assert capsys.readouterr().out == "STATUS\nfailed\n"


MISSPELT = """\
error: SQL compilation error: error line 3 at position 2           [statement-failed]
       invalid identifier 'NOPE'

  sql/a.sql:7
    7 │   nope
"""


def test_the_line_that_the_account_names_is_shown_as_it_was_written(project: Path, capsys: Captured) -> None:
    """Line 3 of the statement is line 7 of the template: the loop gave one line for three."""
    lines = SETUP.splitlines()
    setup = "\n".join(
        [
            *lines[:2],
            "SELECT",
            "{%- for name in ['x'] %}",
            "  1 AS {{ name }},",
            "{%- endfor %}",
            "  nope",
            "FROM (SELECT 1 AS a);",
        ]
    )
    mini_project(project, setup)
    assert run(["deploy"]) == ExitCode.SQL
    assert MISSPELT in capsys.readouterr().err


@pytest.mark.usefixtures("project")
def test_render_says_what_the_project_has_to_say(capsys: Captured, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIPELINE_VAR_DATABAS", "x")
    assert run(["render"]) == ExitCode.OK
    shown = capsys.readouterr()
    assert "PIPELINE_VAR_DATABAS is set" in shown.err
    assert "PIPELINE_VAR_DATABAS" not in shown.out


QUOTED = """\
CREATE DATABASE IF NOT EXISTS {{ database }};
CREATE SCHEMA IF NOT EXISTS {{ database }}."a.b";
CREATE TABLE IF NOT EXISTS {{ database }}."a.b"."it's" (a INT);
CREATE STREAM IF NOT EXISTS {{ database }}."a.b"."s 1" ON TABLE {{ database }}."a.b"."it's";
CREATE TASK IF NOT EXISTS {{ database }}."a.b"."t 1" SCHEDULE = '1 MINUTE' AS SELECT 1;
"""


def test_names_that_need_quotes(project: Path, capsys: Captured) -> None:
    queries = "-- name: one\nSELECT 1 AS one;\n"
    mini_project(project, QUOTED, queries, CONFIG.replace("MINI", "'\"my db é\"'"))
    for command in (["deploy"], ["plan", "--exit-code"], ["deploy"], ["tasks", "list"], ["tasks", "run", "--wait"]):
        assert run(command) == ExitCode.OK, capsys.readouterr().err
    assert run(["health"]) == ExitCode.OK, capsys.readouterr().err
    replaced = QUOTED.replace("TABLE IF NOT EXISTS", "OR REPLACE TABLE")
    mini_project(project, replaced, queries, CONFIG.replace("MINI", "'\"my db é\"'"))
    assert run(["deploy"]) == ExitCode.REFUSED
    assert "orphan-stream" in capsys.readouterr().err


def test_json_stands_alone_on_standard_output_also_for_errors(project: Path, capsys: Captured) -> None:
    assert run(["deploy", "--format", "json"]) == ExitCode.OK
    report = json.loads(capsys.readouterr().out)
    assert report["status"] == "succeeded"
    assert [step["status"] for step in report["steps"]] == ["done"] * 5
    mini_project(project, SETUP + "SELECT a FROM;\n")
    assert run(["deploy", "--format", "json"]) == ExitCode.SQL
    error = json.loads(capsys.readouterr().out)["error"]
    assert (error["name"], error["exit_code"], error["errno"]) == ("statement-failed", 5, 1003)
    assert error["at"] == {"path": "sql/a.sql", "line": 6, "column": None}


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["deploy", "--nonsense"], "No such option"),
        (["nonsense"], "No such command 'nonsense'"),
        (["deploy", "--var", "database"], "--var wants NAME=VALUE, not 'database'."),
        (["load"], "Missing argument 'FILES...'"),
        (["load", "gone.jsonl"], "gone.jsonl does not exist."),
        (["query", "some-rows", "-q", "SELECT 1"], "Either a NAME or --sql, not both."),
        (["query", "nothing"], "there is no query 'nothing'"),
        (["deploy", "-e", "nowhere"], "unknown environment 'nowhere'"),
        (["generate", "pets"], "There are no events 'pets'."),
        (["generate", "orders", "--count", "0", "--out", "x.jsonl"], "--count must be at least 1, not 0."),
    ],
)
def test_usage_errors(arguments: list[str], message: str, capsys: Captured) -> None:
    assert run([*arguments, "--format", "json"]) == ExitCode.USAGE
    shown = capsys.readouterr()
    assert json.loads(shown.out)["error"]["message"].startswith(message)
    assert shown.err.startswith(f"error: {message}")


def test_a_connection_that_is_not_there(project: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SNOWFLAKE_HOME", str(project))
    assert run(["connection", "test", "-c", "missing"]) == ExitCode.CANNOT_CONNECT
    assert "There is no Snowflake connection 'missing'" in capsys.readouterr().err


TABLE = """\
Some rows
   A  B
1.50  é
2.00  NULL
(2 rows)
"""


@pytest.mark.usefixtures("project")
def test_query_as_table_csv_and_json(capsys: Captured) -> None:
    run(["deploy", "--quiet"])
    capsys.readouterr()
    assert run(["query", "some-rows"]) == ExitCode.OK
    assert capsys.readouterr().out == TABLE
    assert run(["query", "some-rows", "--param", "least=1.75", "--format", "csv"]) == ExitCode.OK
    assert capsys.readouterr().out == "A,B\n2.00,\n"
    assert run(["query", "some-rows", "--format", "json"]) == ExitCode.OK
    assert json.loads(capsys.readouterr().out) == [{"A": 1.5, "B": "é"}, {"A": 2, "B": None}]


LIST = """\
Rows
name       parameters  description
some-rows  least=0     The rows from a given value on.

"""


@pytest.mark.usefixtures("project")
def test_query_without_a_name_lists(capsys: Captured) -> None:
    assert run(["query"]) == ExitCode.OK
    assert capsys.readouterr().out == LIST


@pytest.mark.usefixtures("project")
def test_a_query_before_the_deploy_says_what_to_do(capsys: Captured) -> None:
    assert run(["query", "some-rows"]) == ExitCode.SQL
    assert "hint: `pipeline deploy` creates what the query reads." in capsys.readouterr().err


@pytest.mark.usefixtures("project")
def test_render(capsys: Captured) -> None:
    assert run(["render", "a.sql"]) == ExitCode.OK
    assert capsys.readouterr().out == SETUP.replace("{{ database }}", "MINI")
    assert run(["render", "a.sql", "--var", "database=OTHER", "--format", "json"]) == ExitCode.OK
    assert json.loads(capsys.readouterr().out)[0]["sql"] == SETUP.replace("{{ database }}", "OTHER")


@pytest.mark.usefixtures("project")
def test_health_of_what_is_not_deployed(capsys: Captured) -> None:
    assert run(["health", "--format", "json"]) == ExitCode.UNHEALTHY
    found = json.loads(capsys.readouterr().out)
    assert found["verdict"] == "failure"
    assert found["checks"][-1]["detail"] == "MINI does not exist"


@pytest.mark.usefixtures("project")
def test_generate_writes_the_same_bytes_for_the_same_seed(project: Path, capsys: Captured) -> None:
    out = project / "events.jsonl"
    assert run(["generate", "orders", "--count", "50", "--seed", "9"]) == ExitCode.OK
    text = capsys.readouterr().out
    assert run(["generate", "orders", "--count", "50", "--seed", "9", "--out", str(out), "--format", "json"]) == 0
    assert out.read_text(encoding="utf-8") == text
    assert len(text.splitlines()) == 50
    assert json.loads(capsys.readouterr().out)["lines"] == 50


@pytest.mark.usefixtures("project")
def test_local_status_and_reset(capsys: Captured) -> None:
    run(["deploy", "--quiet"])
    capsys.readouterr()
    assert run(["local", "status", "--format", "json"]) == ExitCode.OK
    status = json.loads(capsys.readouterr().out)
    assert status["running"] is False
    assert status["database_bytes"] > 0
    assert run(["local", "reset", "--yes"]) == ExitCode.OK
    assert run(["health", "--quiet"]) == ExitCode.UNHEALTHY


def test_a_server_in_the_background(project: Path, capsys: Captured) -> None:
    assert run(["local", "start", "--format", "json"]) == ExitCode.OK
    try:
        started = json.loads(capsys.readouterr().out)
        assert started["running"]
        assert run(["deploy", "--quiet"]) == ExitCode.OK
        assert run(["query", "-q", "SELECT COUNT(*) AS N FROM s.t", "--format", "csv"]) == ExitCode.OK
        assert capsys.readouterr().out == "N\n2\n"
    finally:
        assert run(["local", "stop"]) == ExitCode.OK
    assert "has ended" in capsys.readouterr().out
    assert not (project / ".pipeline" / "local" / "server.json").exists()


def test_advance_runs_what_falls_due(project: Path, capsys: Captured) -> None:
    task = "CREATE OR ALTER TASK {{ database }}.s.tick SCHEDULE = '1 MINUTE' AS "
    mini_project(project, SETUP + task + "INSERT INTO {{ database }}.s.t VALUES (9, 'x');\n")
    run(["deploy", "--quiet"])
    assert run(["local", "advance", "150s", "--format", "json"]) == ExitCode.OK
    assert json.loads(capsys.readouterr().out)["graph_runs"] == 2
    assert run(["query", "-q", "SELECT COUNT(*) AS N FROM s.t WHERE a = 9", "--format", "csv"]) == ExitCode.OK
    assert capsys.readouterr().out == "N\n2\n"
    for word in ("soon", "5x", "", "5m later"):
        assert run(["local", "advance", word]) == ExitCode.USAGE


FAULTY = """\
import sys
from pipeline.cli.run import run
from pipeline.commands import query
query.list_queries = None
sys.exit(run(sys.argv[1:]))
"""


def faulty(project: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """A program with a fault in it, seen from outside."""
    return subprocess.run([sys.executable, "-c", FAULTY, *arguments], cwd=project, capture_output=True, text=True)


def test_a_fault_of_our_own_shows_no_traceback(project: Path) -> None:
    done = faulty(project, "query", "--format", "json")
    assert done.returncode == ExitCode.FAILED
    assert "Traceback" not in done.stderr
    assert json.loads(done.stdout)["error"]["name"] == "internal"
    assert "Traceback" in faulty(project, "query", "--debug").stderr


def test_an_account_that_cannot_be_made(project: Path) -> None:
    (project / ".pipeline").write_text("a file where a folder must be")
    process = start(project, "query", "-q", "SELECT 1", "--format", "json")
    out, err = process.communicate(timeout=60)
    assert process.returncode == ExitCode.CANNOT_CONNECT
    assert "Traceback" not in err
    assert "Not a directory" in json.loads(out)["error"]["message"]


def test_ctrl_c_stops_between_two_statements(project: Path) -> None:
    lines = "".join(f"INSERT INTO {{{{ database }}}}.s.t VALUES ({number}, 'x');\n" for number in range(400))
    mini_project(project, SETUP + lines)
    process = start(project, "deploy")
    assert process.stderr is not None
    for line in process.stderr:
        if line.startswith("✓  10/"):
            break
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == ExitCode.INTERRUPTED, err
    assert "error: Interrupted before this statement." in err
    assert re.search(r"of 405 statements done, \d+ not run;", err)
    assert "Traceback" not in err


def test_a_reader_that_goes_away_is_no_failure(project: Path) -> None:
    mini_project(project, "".join(f"SELECT {number};\n" for number in range(50_000)))
    process = start(project, "render", "a.sql")
    assert process.stdout is not None
    assert process.stdout.readline() == "SELECT 0;\n"
    process.stdout.close()
    assert process.stderr is not None
    assert process.stderr.read() == ""
    assert process.wait(timeout=60) == ExitCode.OK


def test_a_table_whose_reader_goes_away_is_no_failure(project: Path) -> None:
    process = start(project, "query", "-q", "SELECT 1")
    assert process.stdout is not None
    process.stdout.close()
    assert process.wait(timeout=60) == ExitCode.OK


def test_two_commands_at_once_take_turns(project: Path) -> None:
    run(["deploy", "--quiet"])
    commands = [start(project, "query", "-q", "SELECT COUNT(*) AS N FROM s.t", "--format", "csv") for _ in range(3)]
    for command in commands:
        out, err = command.communicate(timeout=90)
        assert (out, command.returncode) == ("N\n2\n", ExitCode.OK), err


def test_the_configuration_is_found_upwards(project: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured) -> None:
    monkeypatch.chdir(project / "sql")
    assert run(["query", "--format", "json"]) == ExitCode.OK
    assert json.loads(capsys.readouterr().out)[0]["name"] == "some-rows"


def test_a_fault_of_the_configuration_names_file_and_line(project: Path, capsys: Captured) -> None:
    mini_project(project, config=CONFIG.replace("steps:", "stpes:"))
    assert run(["deploy"]) == ExitCode.USAGE
    assert "config.yaml:9" in capsys.readouterr().err
