"""An error's layout, letter by letter: people and logs read it."""

import pickle
from pathlib import Path

import pytest

from pipeline.cli.views.error import document, text, without_secrets
from pipeline.commands.load import StrictLoadFailed
from pipeline.errors import ConfigError, Location, PipelineError, StatementFailed, UsageError
from pipeline.sql.problems import InvalidProperty, Unexpected

FULL = """\
error: Table 'RAW.ORDERS' does not exist.                          [statement-failed]

  sql/04_transform.sql:12
   12 │ CREATE OR REPLACE VIEW analytics.kpi AS SELECT * FROM raw.orders

hint: raw.orders is created in sql/05_extra.sql:3, which runs later. Move it before.
query id: 01b2  ·  2 of 14 statements done, the rest not run.
Task DB.S.ROOT is started again, as before the deploy.
"""


def full_error() -> StatementFailed:
    return StatementFailed(
        "Table 'RAW.ORDERS' does not exist.",
        at=Location(
            Path("sql/04_transform.sql"), 12, source="CREATE OR REPLACE VIEW analytics.kpi AS SELECT * FROM raw.orders"
        ),
        hint="raw.orders is created in sql/05_extra.sql:3, which runs later. Move it before.",
        notes=(
            "2 of 14 statements done, the rest not run.",
            "Task DB.S.ROOT is started again, as before the deploy.",
        ),
        query_id="01b2",
        errno=2003,
        sqlstate="42S02",
    )


def test_all_there_is() -> None:
    assert text(full_error()) == FULL


def test_a_message_of_several_lines_and_no_place() -> None:
    error = StatementFailed("SQL compilation error:\nsyntax error line 1.\nunexpected 'X'.", query_id="q")
    assert text(error) == (
        "error: SQL compilation error: syntax error line 1.                 [statement-failed]\n"
        "       unexpected 'X'.\n"
        "\n"
        "query id: q\n"
    )


def test_a_place_without_its_line() -> None:
    error = ConfigError("unknown key 'stpes'", at=Location(Path("config.yaml"), 3, 1), hint="did you mean 'steps'?")
    assert text(error) == (
        "error: unknown key 'stpes'                                         [config]\n"
        "\n"
        "  config.yaml:3:1\n"
        "\n"
        "hint: did you mean 'steps'?\n"
    )


def test_a_long_message_pushes_the_name_aside() -> None:
    first = text(PipelineError("x" * 80)).splitlines()[0]
    assert first == f"error: {'x' * 80}  [failed]"


def test_paths_below_the_current_folder_are_relative(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert "\n  sql/a.sql:1\n" in text(UsageError("no", at=Location(tmp_path / "sql" / "a.sql", 1)))


def test_json() -> None:
    assert document(full_error()) == {
        "error": {
            "name": "statement-failed",
            "message": "Table 'RAW.ORDERS' does not exist.",
            "hint": "raw.orders is created in sql/05_extra.sql:3, which runs later. Move it before.",
            "notes": [
                "2 of 14 statements done, the rest not run.",
                "Task DB.S.ROOT is started again, as before the deploy.",
            ],
            "exit_code": 5,
            "at": {"path": "sql/04_transform.sql", "line": 12, "column": None},
            "query_id": "01b2",
            "errno": 2003,
            "sqlstate": "42S02",
        }
    }


@pytest.mark.parametrize(
    "error",
    [
        full_error(),
        UsageError("wrong", hint="right"),
        StrictLoadFailed(full_error()),
        Unexpected("SELECT ,", 7, ","),
        InvalidProperty("SIZE", "number", "SIZE = x", 7),
    ],
    ids=lambda error: type(error).__name__,
)
def test_an_error_is_copied_and_sent_whole(error: PipelineError) -> None:
    for again in (without_secrets(error), pickle.loads(pickle.dumps(error))):
        assert type(again) is type(error)
        assert text(again) == text(error)
        assert again.__dict__ == error.__dict__
        assert str(again) == str(error)
