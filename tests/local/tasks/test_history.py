"""TASK_HISTORY, the graph functions and TASK_DEPENDENTS as a client asks them."""

from datetime import timedelta

import pytest

from local.accounts import Client
from pipeline.local.clock import ManualClock
from pipeline.local.engine import Account

HISTORY = "SELECT {} FROM TABLE(INFORMATION_SCHEMA.TASK_HISTORY({})) {}"


@pytest.fixture
def ran(db: Client, account: Account) -> Client:
    """R every 10 minutes with a child C and a finalizer F, and B which fails, after 35 minutes."""
    db.run(
        "CREATE TASK r SCHEDULE = '10 MINUTES' AS SELECT 1",
        "CREATE TASK c AFTER r AS SELECT 2",
        "CREATE TASK f FINALIZE = r AS SELECT 3",
        "SELECT SYSTEM$TASK_DEPENDENTS_ENABLE('r')",
        "CREATE TASK b SCHEDULE = '30 MINUTES' AS DELETE FROM nope",
        "ALTER TASK b RESUME",
    )
    account.scheduler.advance(timedelta(minutes=35))
    return db


def test_columns_in_the_accounts_order(ran: Client) -> None:
    result = ran.result(HISTORY.format("*", "", ""))
    assert [column.name for column in result.columns] == [
        "QUERY_ID",
        "NAME",
        "DATABASE_NAME",
        "SCHEMA_NAME",
        "QUERY_TEXT",
        "CONDITION_TEXT",
        "STATE",
        "ERROR_CODE",
        "ERROR_MESSAGE",
        "SCHEDULED_TIME",
        "QUERY_START_TIME",
        "NEXT_SCHEDULED_TIME",
        "COMPLETED_TIME",
        "ROOT_TASK_ID",
        "GRAPH_VERSION",
        "RUN_ID",
        "RETURN_VALUE",
        "SCHEDULED_FROM",
        "ATTEMPT_NUMBER",
        "CONFIG",
        "QUERY_HASH",
        "QUERY_HASH_VERSION",
        "QUERY_PARAMETERIZED_HASH",
        "QUERY_PARAMETERIZED_HASH_VERSION",
        "GRAPH_RUN_GROUP_ID",
        "BACKFILL_INFO",
        "SPCS_JOB_ID",
    ]


def test_the_latest_comes_first_and_what_is_scheduled_before_all(ran: Client) -> None:
    rows = ran.rows(HISTORY.format("NAME, STATE", "TASK_NAME => 'r'", ""))
    assert rows == [("R", "SCHEDULED"), ("R", "SUCCEEDED"), ("R", "SUCCEEDED"), ("R", "SUCCEEDED")]


def test_a_graph_shares_its_group_root_and_run_id(ran: Client) -> None:
    rows = ran.rows(
        HISTORY.format(
            "DISTINCT GRAPH_RUN_GROUP_ID, ROOT_TASK_ID, RUN_ID",
            "",
            "WHERE NAME IN ('R', 'C', 'F') AND STATE = 'SUCCEEDED'",
        )
    )
    assert len(rows) == 3
    root = ran.records("SHOW TASKS LIKE 'r'")[0]["id"]
    assert {row[1] for row in rows} == {root}


def test_errors_only(ran: Client) -> None:
    assert ran.rows(HISTORY.format("NAME, STATE, ERROR_CODE", "ERROR_ONLY => TRUE", "")) == [("B", "FAILED", "002003")]


def test_the_limit_comes_before_the_filter(ran: Client) -> None:
    assert ran.rows(HISTORY.format("NAME", "RESULT_LIMIT => 1", "WHERE STATE = 'SUCCEEDED'")) == []
    assert len(ran.rows(HISTORY.format("NAME", "RESULT_LIMIT => 4", ""))) == 4


@pytest.mark.parametrize("limit", [0, 10_001])
def test_the_limit_has_limits(ran: Client, limit: int) -> None:
    assert "RESULT_LIMIT" in ran.error(HISTORY.format("NAME", f"RESULT_LIMIT => {limit}", "")).message


def test_a_range_of_time(ran: Client) -> None:
    range_ = (
        "SCHEDULED_TIME_RANGE_START => DATEADD('minute', -20, CURRENT_TIMESTAMP()), "
        "SCHEDULED_TIME_RANGE_END => CURRENT_TIMESTAMP(), TASK_NAME => 'R'"
    )
    assert ran.value(HISTORY.format("COUNT(*)", range_, "")) == 2
    old = "SCHEDULED_TIME_RANGE_START => DATEADD('day', -8, CURRENT_TIMESTAMP())"
    assert "7 days" in ran.error(HISTORY.format("COUNT(*)", old, "")).message


def test_after_seven_days_runs_are_no_longer_shown(ran: Client, clock: ManualClock) -> None:
    ran.run("ALTER TASK r SUSPEND", "ALTER TASK b SUSPEND")
    clock.advance(timedelta(days=8))
    assert ran.value(HISTORY.format("COUNT(*)", "", "")) == 0


def test_a_run_is_found_in_the_query_history(ran: Client) -> None:
    (query,) = ran.rows(HISTORY.format("QUERY_ID", "TASK_NAME => 'C', RESULT_LIMIT => 1", ""))[0]
    found = f"SELECT QUERY_TEXT FROM TABLE(INFORMATION_SCHEMA.QUERY_HISTORY()) WHERE QUERY_ID = '{query}'"
    assert ran.value(found) == "SELECT 2"


def test_complete_graphs_of_the_last_hour(ran: Client, clock: ManualClock) -> None:
    graphs = "SELECT ROOT_TASK_NAME, STATE FROM TABLE(INFORMATION_SCHEMA.COMPLETE_TASK_GRAPHS()) ORDER BY 1, 2"
    assert ran.rows(graphs) == [("B", "FAILED"), *[("R", "SUCCEEDED")] * 3]
    clock.advance(timedelta(minutes=70))
    assert ran.rows(graphs) == []


def test_current_graphs_are_those_to_come(ran: Client) -> None:
    current = "SELECT ROOT_TASK_NAME, STATE FROM TABLE(INFORMATION_SCHEMA.CURRENT_TASK_GRAPHS()) ORDER BY 1"
    assert ran.rows(current) == [("B", "SCHEDULED"), ("R", "SCHEDULED")]


@pytest.mark.parametrize("function", ["COMPLETE_TASK_GRAPHS", "CURRENT_TASK_GRAPHS"])
def test_graph_functions_take_ten_thousand_at_most(ran: Client, function: str) -> None:
    error = ran.error(f"SELECT * FROM TABLE(INFORMATION_SCHEMA.{function}(RESULT_LIMIT => 10001))")
    assert error.message == "Value for parameter RESULT_LIMIT exceeds maximum allowable value (10,000)."


def test_dependents(ran: Client) -> None:
    ran.run("ALTER TASK r SUSPEND", "CREATE TASK d AFTER c AS SELECT 4")
    dependents = (
        "SELECT NAME FROM TABLE(INFORMATION_SCHEMA.TASK_DEPENDENTS(TASK_NAME => 'r', RECURSIVE => {})) ORDER BY 1"
    )
    assert ran.rows(dependents.format("TRUE")) == [("C",), ("D",), ("F",), ("R",)]
    assert ran.rows(dependents.format("FALSE")) == [("C",), ("F",), ("R",)]


def test_dependents_of_what_is_no_task(ran: Client) -> None:
    error = ran.error("SELECT * FROM TABLE(INFORMATION_SCHEMA.TASK_DEPENDENTS(TASK_NAME => 'NOSUCH'))")
    assert error.message.endswith(
        "Invalid value [NOSUCH] for function 'TASK_DEPENDENTS_SCAN', parameter 1: must be a valid task name"
    )
