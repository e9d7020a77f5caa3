"""EXECUTE TASK: which tasks of a graph run, and what becomes of them."""

import json
import threading
import time
from collections.abc import Callable
from datetime import timedelta

import pytest

from local.accounts import Client
from local.task_history import graphs, history, states
from pipeline.local.clock import ManualClock
from pipeline.local.engine import Account
from pipeline.local.objects import Kind
from pipeline.local.tasks.runs import Origin
from pipeline.sql.names import QualifiedName


@pytest.fixture
def t(db: Client) -> Client:
    db.run("CREATE TABLE log (what VARCHAR)")
    return db


def logging(name: str, clauses: str = "", *, resumed: bool = True) -> list[str]:
    """Statements that make a task which logs its name."""
    made = [f"CREATE TASK {name} {clauses} AS INSERT INTO log VALUES ('{name}')"]
    return [*made, f"ALTER TASK {name} RESUME"] if resumed else made


def execute(client: Client, statement: str = "EXECUTE TASK r") -> None:
    client.run(statement)
    assert client.session.account.tasks.drain(10)


def logged(client: Client) -> list[object]:
    return [what for (what,) in client.rows("SELECT what FROM log ORDER BY what")]


def test_a_suspended_root_runs_without_being_resumed(t: Client) -> None:
    t.run(*logging("r", resumed=False))
    assert t.value("EXECUTE TASK r") == "Task R is scheduled to run immediately."
    assert t.session.account.tasks.drain(10)
    assert logged(t) == ["r"]
    (run,) = history(t)
    assert (run["STATE"], run["SCHEDULED_FROM"], run["ATTEMPT_NUMBER"], run["GRAPH_VERSION"]) == (
        "SUCCEEDED",
        "EXECUTE_TASK",
        1,
        1,
    )
    assert run["QUERY_TEXT"] == "INSERT INTO log VALUES ('r')"
    (record,) = t.records("SHOW TASKS LIKE 'r'")
    assert record["state"] == "suspended"


def test_children_run_after_their_parents(t: Client) -> None:
    t.run(
        *logging("r", resumed=False),
        *logging("a", "AFTER r"),
        *logging("b", "AFTER r"),
        *logging("c", "AFTER a, b"),
    )
    execute(t)
    names = [str(name) for name, _ in states(t)]
    assert sorted(names) == ["A", "B", "C", "R"]
    assert (names[0], names[-1]) == ("R", "C")
    assert len({run["GRAPH_RUN_GROUP_ID"] for run in history(t)}) == 1


def test_a_suspended_child_is_passed_over(t: Client) -> None:
    t.run(
        *logging("r", resumed=False),
        *logging("a", "AFTER r", resumed=False),
        *logging("b", "AFTER a"),
        *logging("c", "AFTER r"),
        *logging("d", "AFTER a, c"),
    )
    execute(t)
    assert logged(t) == ["b", "c", "d", "r"]


def test_a_task_whose_several_parents_are_all_suspended_does_not_run(t: Client) -> None:
    t.run(
        *logging("r", resumed=False),
        *logging("a", "AFTER r", resumed=False),
        *logging("b", "AFTER r", resumed=False),
        *logging("c", "AFTER a, b"),
    )
    execute(t)
    assert logged(t) == ["r"]


def test_a_skipped_task_stops_those_that_follow_it(t: Client) -> None:
    t.run("CREATE TABLE src (a INT)", "CREATE STREAM s ON TABLE src")
    t.run(
        *logging("r", resumed=False),
        *logging("a", "AFTER r WHEN SYSTEM$STREAM_HAS_DATA('s')"),
        *logging("b", "AFTER a"),
        *logging("c", "AFTER r"),
        *logging("f", "FINALIZE = r"),
    )
    execute(t)
    assert logged(t) == ["c", "f", "r"]
    skipped = next(run for run in history(t) if run["NAME"] == "A")
    assert (skipped["STATE"], skipped["ERROR_CODE"], skipped["ERROR_MESSAGE"]) == (
        "SKIPPED",
        "0040003",
        "Conditional expression for task evaluated to false.",
    )
    assert [graph["STATE"] for graph in graphs(t)] == ["SUCCEEDED"]


def test_a_skipped_root_ends_the_run_without_finalizer_or_graph_row(t: Client) -> None:
    t.run("CREATE TABLE src (a INT)", "CREATE STREAM s ON TABLE src")
    t.run(*logging("r", "WAREHOUSE = compute_wh WHEN SYSTEM$STREAM_HAS_DATA('s')", resumed=False))
    t.run(*logging("c", "AFTER r"), *logging("f", "FINALIZE = r"))
    execute(t)
    assert states(t) == [("R", "SKIPPED")]
    assert graphs(t) == []
    t.run("INSERT INTO src VALUES (1)")
    execute(t)
    assert logged(t) == ["c", "f", "r"]


def test_a_failure_stops_its_descendants_only(t: Client) -> None:
    t.run(
        *logging("r", resumed=False),
        "CREATE TASK a AFTER r AS DELETE FROM nope",
        "ALTER TASK a RESUME",
        *logging("b", "AFTER a"),
        *logging("c", "AFTER r"),
        *logging("f", "FINALIZE = r"),
    )
    execute(t)
    assert logged(t) == ["c", "f", "r"]
    failed = next(run for run in history(t) if run["NAME"] == "A")
    assert (failed["STATE"], failed["ERROR_CODE"]) == ("FAILED", "002003")
    (graph,) = graphs(t)
    assert (graph["STATE"], graph["FIRST_ERROR_TASK_NAME"], graph["FIRST_ERROR_CODE"]) == ("FAILED", "A", "002003")
    assert "B" not in [name for name, _ in states(t)]


def test_a_suspended_finalizer_does_not_run(t: Client) -> None:
    t.run(*logging("r", resumed=False), *logging("f", "FINALIZE = r", resumed=False))
    execute(t)
    assert logged(t) == ["r"]


def test_bodies_are_statements_calls_and_blocks(t: Client) -> None:
    t.run(
        "CREATE PROCEDURE p(x VARCHAR) RETURNS VARCHAR LANGUAGE SQL AS "
        "'BEGIN INSERT INTO log VALUES (:x); RETURN x; END'",
        "CREATE TASK r AS CALL p('called')",
        "CREATE TASK a AFTER r AS BEGIN LET x := 'block'; BEGIN TRANSACTION; INSERT INTO log VALUES (:x); "
        "INSERT INTO log VALUES (:x || '2'); COMMIT; END",
        "ALTER TASK a RESUME",
        "CREATE TASK b AFTER a AS $$ BEGIN IF (1 = 1) THEN INSERT INTO log VALUES ('dollars'); END IF; END $$",
        "ALTER TASK b RESUME",
    )
    execute(t)
    assert logged(t) == ["block", "block2", "called", "dollars"]


def test_names_in_a_body_resolve_in_the_tasks_schema(t: Client) -> None:
    t.run(*logging("r", resumed=False), "CREATE SCHEMA elsewhere")
    execute(t, "EXECUTE TASK public.r")
    assert t.value("SELECT COUNT(*) FROM public.log") == 1


def test_session_parameters_of_a_task_hold_in_its_run(t: Client) -> None:
    t.run("CREATE TASK r TIMEZONE = 'Asia/Tokyo' AS INSERT INTO log SELECT TO_VARCHAR(CURRENT_TIMESTAMP(), 'TZH')")
    execute(t)
    assert logged(t) == ["+09"]


class TestReturnValuesAndConfig:
    def test_a_return_value_reaches_the_children(self, t: Client) -> None:
        t.run(
            "CREATE TASK r AS CALL SYSTEM$SET_RETURN_VALUE('hello')",
            "CREATE TASK a AFTER r AS INSERT INTO log SELECT SYSTEM$GET_PREDECESSOR_RETURN_VALUE()",
            "CREATE TASK b AFTER r WHEN SYSTEM$GET_PREDECESSOR_RETURN_VALUE('R') = 'other' AS SELECT 1",
            "CREATE TASK c AFTER r AS BEGIN LET v := SYSTEM$GET_PREDECESSOR_RETURN_VALUE('R'); "
            "INSERT INTO log VALUES (:v || '!'); END",
            "ALTER TASK a RESUME",
            "ALTER TASK b RESUME",
            "ALTER TASK c RESUME",
        )
        execute(t)
        assert logged(t) == ["hello", "hello!"]
        runs = {run["NAME"]: run for run in history(t)}
        assert runs["R"]["RETURN_VALUE"] == "hello"
        assert runs["B"]["STATE"] == "SKIPPED"

    def test_a_return_value_is_set_in_a_block(self, t: Client) -> None:
        t.run("CREATE TASK r AS BEGIN LET n := 4; CALL SYSTEM$SET_RETURN_VALUE('rows: ' || :n); END")
        execute(t)
        assert history(t)[0]["RETURN_VALUE"] == "rows: 4"

    def test_outside_of_a_task_there_is_none(self, db: Client) -> None:
        assert "can only be called while a task runs" in db.error("CALL SYSTEM$SET_RETURN_VALUE('x')").message

    def test_config_is_merged_deeply_and_read_by_path(self, t: Client) -> None:
        t.run(
            """CREATE TASK r CONFIG = '{"env": "dev", "out": {"dir": "/a", "n": 1}}' AS INSERT INTO log
               SELECT SYSTEM$GET_TASK_GRAPH_CONFIG('env') || ' ' || SYSTEM$GET_TASK_GRAPH_CONFIG('out.dir') || ' '
               || SYSTEM$GET_TASK_GRAPH_CONFIG('out.n')"""
        )
        execute(t)
        execute(t, """EXECUTE TASK r USING CONFIG = '{"env": "prod", "out": {"dir": "/b"}}'""")
        assert logged(t) == ["dev /a 1", "prod /b 1"]
        assert json.loads(str(history(t)[-1]["CONFIG"])) == {"env": "prod", "out": {"dir": "/b", "n": 1}}

    def test_a_config_that_is_no_object(self, t: Client) -> None:
        t.run("CREATE TASK r AS SELECT 1")
        assert t.error("EXECUTE TASK r USING CONFIG = '[1]'").message.startswith("Invalid config.")


class TestRetries:
    @pytest.fixture
    def failing(self, t: Client) -> Client:
        """R, then A which needs a table that is not there, then B; C besides."""
        t.run(
            *logging("r", resumed=False),
            "CREATE TASK a AFTER r AS INSERT INTO missing VALUES (1)",
            "ALTER TASK a RESUME",
            *logging("b", "AFTER a"),
            *logging("c", "AFTER r"),
        )
        execute(t)
        return t

    def test_retry_last_runs_what_failed_and_what_follows(self, failing: Client) -> None:
        failing.run("CREATE TABLE missing (a INT)")
        execute(failing, "EXECUTE TASK r RETRY LAST")
        assert logged(failing) == ["b", "c", "r"]
        retried = [run for run in history(failing) if run["ATTEMPT_NUMBER"] == 2]
        assert [(run["NAME"], run["SCHEDULED_FROM"]) for run in retried] == [
            ("A", "MANUAL RETRY"),
            ("B", "MANUAL RETRY"),
        ]
        assert [graph["STATE"] for graph in graphs(failing)] == ["FAILED", "SUCCEEDED"]
        assert len({graph["GRAPH_RUN_GROUP_ID"] for graph in graphs(failing)}) == 1

    def test_retry_of_a_named_group(self, failing: Client) -> None:
        group = history(failing)[0]["GRAPH_RUN_GROUP_ID"]
        failing.run("CREATE TABLE missing (a INT)")
        execute(failing, f"EXECUTE TASK r RETRY GRAPH RUN GROUP '{group}'")
        assert logged(failing) == ["b", "c", "r"]

    def test_after_a_success_there_is_nothing_to_retry(self, t: Client) -> None:
        t.run("CREATE TASK r AS SELECT 1")
        execute(t)
        group = history(t)[0]["GRAPH_RUN_GROUP_ID"]
        assert t.error("EXECUTE TASK r RETRY LAST").message == (
            f"Cannot perform retry: run (GRAPH_RUN_GROUP_ID = {group}, attempt = 1) of graph with root task R "
            "had no failures."
        )

    @pytest.mark.parametrize("change", ["ALTER TASK a MODIFY AS SELECT 1", "CREATE TASK d AFTER r AS SELECT 1"])
    def test_a_graph_that_changed_is_not_retried(self, failing: Client, change: str) -> None:
        failing.run(change)
        assert "no suitable run" in failing.error("EXECUTE TASK r RETRY LAST").message

    def test_after_14_days_it_is_too_late(self, failing: Client, clock: ManualClock) -> None:
        clock.advance(timedelta(days=15))
        assert "no suitable run" in failing.error("EXECUTE TASK r RETRY LAST").message

    def test_automatic_retries_make_attempts_of_one_group(self, t: Client) -> None:
        t.run("CREATE TASK r TASK_AUTO_RETRY_ATTEMPTS = 2 AS DELETE FROM nope")
        execute(t)
        runs = history(t)
        assert [(run["ATTEMPT_NUMBER"], run["STATE"], run["SCHEDULED_FROM"]) for run in runs] == [
            (1, "FAILED", "EXECUTE_TASK"),
            (2, "FAILED", "AUTOMATIC RETRY"),
            (3, "FAILED", "AUTOMATIC RETRY"),
        ]
        assert len({run["GRAPH_RUN_GROUP_ID"] for run in runs}) == 1


class TestVersion:
    def test_it_rises_when_a_definition_changed(self, t: Client) -> None:
        t.run("CREATE TASK r AS SELECT 1")
        execute(t)
        execute(t)
        t.run("ALTER TASK r MODIFY AS SELECT 2")
        execute(t)
        t.run("CREATE OR REPLACE TASK r AS SELECT 3")
        execute(t)
        assert [run["GRAPH_VERSION"] for run in history(t)] == [1, 1, 2, 1]

    def test_show_tells_when_it_was_last_fixed(self, t: Client) -> None:
        def committed_on() -> object:
            (record,) = t.records("SHOW TASKS LIKE 'r'")
            return record["last_committed_on"]

        t.run("CREATE TASK r AS SELECT 1")
        assert committed_on() is None
        execute(t)
        first = committed_on()
        assert first is not None
        execute(t)
        assert committed_on() == first
        t.run("ALTER TASK r RESUME")
        assert committed_on() > first  # type: ignore[operator]

    def test_a_running_graph_keeps_its_version(self, t: Client, account: Account) -> None:
        t.run("CREATE TASK r AS SELECT 1", *logging("a", "AFTER r"))
        root = t.session.require(Kind.TASK, QualifiedName.parse("r"))
        request = account.tasks.request(root, Origin.EXECUTE_TASK, account.clock.now())
        t.run("ALTER TASK a MODIFY AS INSERT INTO log VALUES ('changed')", "DROP TASK a", "DROP TASK r")
        account.tasks.perform(request)
        assert logged(t) == ["a"]


class TestWaiting:
    """Runs in threads: a transaction that holds the account's writer keeps a task's INSERT waiting."""

    @pytest.fixture
    def holder(self, t: Client, account: Account) -> Client:
        t.run(*logging("r", resumed=False))
        other = Client(account.open_session(user="OTHER", database="DB"))
        t.run("CREATE TABLE busy (a INT)")
        other.run("BEGIN", "INSERT INTO busy VALUES (1)")
        return other

    def test_repeated_executions_wait_as_one(self, t: Client, holder: Client, account: Account) -> None:
        for config in ("1", "2", "3"):
            t.run(f"EXECUTE TASK r USING CONFIG = '{{\"n\": {config}}}'")
        holder.run("COMMIT")
        assert account.tasks.drain(10)
        assert [json.loads(str(run["CONFIG"])) for run in history(t)] == [{"n": 1}, {"n": 3}]
        assert logged(t) == ["r", "r"]

    def test_with_overlap_they_run_side_by_side(self, t: Client, holder: Client, account: Account) -> None:
        holder.run("COMMIT")
        t.run("ALTER TASK r SET OVERLAP_POLICY = ALLOW_ALL_OVERLAP")
        holder.run("BEGIN", "INSERT INTO busy VALUES (1)")
        for _ in range(3):
            t.run("EXECUTE TASK r")
        holder.run("COMMIT")
        assert account.tasks.drain(10)
        assert logged(t) == ["r", "r", "r"]

    def test_a_cancelled_run_is_told_so(self, t: Client, holder: Client, account: Account) -> None:
        t.run("EXECUTE TASK r")
        _until(lambda: [run for run in history(t) if run["QUERY_ID"]])
        t.run("SELECT SYSTEM$USER_TASK_CANCEL_ONGOING_EXECUTIONS('r')")
        assert account.tasks.drain(10)
        assert states(t) == [("R", "CANCELLED")]
        assert [graph["STATE"] for graph in graphs(t)] == ["CANCELLED"]
        holder.run("COMMIT")
        execute(t, "EXECUTE TASK r RETRY LAST")
        assert logged(t) == ["r"]

    def test_a_timeout_is_a_failure(self, t: Client, holder: Client, account: Account) -> None:
        holder.run("COMMIT")
        t.run("ALTER TASK r SET USER_TASK_TIMEOUT_MS = 200")
        holder.run("BEGIN", "INSERT INTO busy VALUES (1)")
        t.run("EXECUTE TASK r")
        assert account.tasks.drain(10)
        (run,) = history(t)
        assert (run["STATE"], run["ERROR_CODE"]) == ("FAILED", "000630")
        holder.run("ROLLBACK")

    def test_suspending_does_not_stop_a_running_graph(self, t: Client, holder: Client, account: Account) -> None:
        t.run("EXECUTE TASK r")
        _until(lambda: history(t))
        holder.run("COMMIT")
        t.run("DROP TASK r")
        assert account.tasks.drain(10)
        assert logged(t) == ["r"]


def test_consecutive_failures_suspend_the_root(t: Client, account: Account) -> None:
    t.run("CREATE TASK r SCHEDULE = '1 MINUTE' SUSPEND_TASK_AFTER_NUM_FAILURES = 3 AS DELETE FROM nope")
    t.run("ALTER TASK r RESUME")
    account.scheduler.advance(timedelta(minutes=10))
    assert states(t) == [("R", "FAILED"), ("R", "FAILED"), ("R", "FAILED_AND_AUTO_SUSPENDED")]
    (record,) = t.records("SHOW TASKS LIKE 'r'")
    assert (record["state"], record["last_suspended_reason"]) == ("suspended", "SUSPENDED_DUE_TO_ERRORS")


def test_a_success_begins_the_count_anew(t: Client, account: Account) -> None:
    t.run("CREATE TASK r SCHEDULE = '1 MINUTE' SUSPEND_TASK_AFTER_NUM_FAILURES = 2 AS DELETE FROM flaky")
    t.run("ALTER TASK r RESUME")
    account.scheduler.advance(timedelta(seconds=61))
    t.run("CREATE TABLE flaky (a INT)")
    account.scheduler.advance(timedelta(seconds=60))
    t.run("DROP TABLE flaky")
    account.scheduler.advance(timedelta(seconds=60))
    assert [state for _, state in states(t)] == ["FAILED", "SUCCEEDED", "FAILED"]
    (record,) = t.records("SHOW TASKS LIKE 'r'")
    assert record["state"] == "started"


def _until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        threading.Event().wait(0.005)
