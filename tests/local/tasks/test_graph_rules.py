"""What a graph may be, in the account's words as recorded from live accounts."""

from collections.abc import Iterator

import pytest

from local.accounts import Client, client, open_account

PREFIX = "DB.PUBLIC."
INVALID_CONFIG = "Invalid config. Must be a string representation of a valid JSON Object."


GRAPHS = (
    "CREATE SCHEMA s2",
    "USE SCHEMA public",
    "CREATE TASK r1 SCHEDULE = '60 MINUTE' AS SELECT 1",
    "CREATE TASK r2 SCHEDULE = '60 MINUTE' AS SELECT 1",
    "CREATE TASK c1 AFTER r1 AS SELECT 1",
    "CREATE TASK s2.r9 SCHEDULE = '60 MINUTE' AS SELECT 1",
)
"""Two scheduled roots R1 and R2, a child C1 of R1, and a root R9 in another schema."""


@pytest.fixture
def g(db: Client) -> Client:
    db.run(*GRAPHS)
    return db


@pytest.fixture(scope="module")
def unchanging() -> Iterator[Client]:
    """The same graphs, for statements that are refused and so change nothing."""
    account = open_account()
    opened = client(account)
    opened.run(*GRAPHS)
    yield opened
    account.close()


@pytest.fixture(scope="module")
def finalized() -> Iterator[Client]:
    """As unchanging, with the finalizer F1 of R1."""
    account = open_account()
    opened = client(account)
    opened.run(*GRAPHS, "CREATE TASK f1 FINALIZE = 'r1' AS SELECT 1")
    yield opened
    account.close()


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        ("CREATE TASK c AFTER no_such_task AS SELECT 1", "Invalid predecessor NO_SUCH_TASK was specified."),
        ("CREATE TASK c AFTER s2.no_such AS SELECT 1", "Invalid predecessor S2.NO_SUCH was specified."),
        ("CREATE TASK c AFTER s2.r9 AS SELECT 1", "Cannot have predecessor R9 from a different schema."),
        ("CREATE OR REPLACE TASK c1 AFTER c1 AS SELECT 1", "Task C1 cannot use itself as its predecessor."),
        (
            "CREATE TASK c SCHEDULE = '5 MINUTE' AFTER r1 AS SELECT 1",
            "Task C cannot have both a schedule and a predecessor.",
        ),
        ("ALTER TASK c1 SET SCHEDULE = '5 MINUTE'", "Task C1 cannot have both a schedule and a predecessor."),
        ("ALTER TASK r1 ADD AFTER r2", "Task R1 cannot have both a schedule and a predecessor."),
        ("ALTER TASK c1 ADD AFTER c1", "Task C1 cannot use itself as its predecessor."),
        ("ALTER TASK c1 ADD AFTER s2.r9, no_such_task", "Invalid predecessor NO_SUCH_TASK was specified."),
        ("ALTER TASK c1 REMOVE AFTER r2", "Task C1 does not have predecessor R2."),
        ("ALTER TASK c1 REMOVE AFTER no_such_task, r2", "Task C1 does not have predecessor R2."),
        ("ALTER TASK c1 REMOVE AFTER r1, no_such_task", "Invalid predecessor NO_SUCH_TASK was specified."),
        ("CREATE TASK x CONFIG = 'bad' AS SELECT 1", INVALID_CONFIG),
        ("CREATE TASK x CONFIG = '[1]' AS SELECT 1", INVALID_CONFIG),
        (
            "CREATE TASK c CONFIG = '{}' AFTER r1 AS SELECT 1",
            f"Task {PREFIX}C cannot both be a non-root task and have a config.",
        ),
        (
            "CREATE TASK c OVERLAP_POLICY = NO_OVERLAP AFTER r1 AS SELECT 1",
            f"Cannot set overlap policy on non-root task {PREFIX}C.",
        ),
        (
            "ALTER TASK c1 SET ALLOW_OVERLAPPING_EXECUTION = TRUE",
            f"Cannot set allow_overlapping_execution on non-root task {PREFIX}C1.",
        ),
        (
            "ALTER TASK r1 SET OVERLAP_POLICY = NO_OVERLAP ALLOW_OVERLAPPING_EXECUTION = TRUE",
            "Cannot specify ALLOW_OVERLAPPING_EXECUTION and OVERLAP_POLICY to different values in the same command.",
        ),
        (
            "ALTER TASK c1 SET TASK_AUTO_RETRY_ATTEMPTS = 2",
            "Cannot set parameter TASK_AUTO_RETRY_ATTEMPTS on non-root task C1. Non-root tasks use the parameter "
            "setting from their root task. Please set this on the root task for this task instead.",
        ),
        (
            "CREATE TASK x WAREHOUSE = no_such_wh AS SELECT 1",
            "Nonexistent warehouse NO_SUCH_WH was specified.",
        ),
        (
            "CREATE TASK x WAREHOUSE = compute_wh SERVERLESS_TASK_MIN_STATEMENT_SIZE = 'SMALL' AS SELECT 1",
            "Cannot set SERVERLESS_TASK_MIN_STATEMENT_SIZE on a non-serverless task.",
        ),
        (
            "CREATE TASK x AUTOCOMMIT = FALSE AS SELECT 1",
            "The parameter AUTOCOMMIT = false is not supported with Tasks. Remove the parameter and try again.",
        ),
        (
            "CREATE TASK x USER_TASK_TIMEOUT_MS = -5 AS SELECT 1",
            "SQL compilation error:\ninvalid value [-5] for parameter 'USER_TASK_TIMEOUT_MS'",
        ),
        (
            "CREATE TASK x USER_TASK_TIMEOUT_MS = '5000' AS SELECT 1",
            "SQL compilation error:\ninvalid value ['5000'] for parameter 'USER_TASK_TIMEOUT_MS'",
        ),
        (
            "CREATE TASK x COMMENT = 5 AS SELECT 1",
            "SQL compilation error:\ninvalid value [5] for parameter 'COMMENT'",
        ),
        (
            "CREATE TASK x LOG_LEVEL = 'BOGUS' AS SELECT 1",
            "Invalid value for log level. Allowed values are TRACE,DEBUG,INFO,WARN,ERROR,FATAL,OFF.",
        ),
        (
            "CREATE TASK x TASK_AUTO_RETRY_ATTEMPTS = 31 AS SELECT 1",
            "SQL compilation error:\ninvalid value [31] for parameter 'TASK_AUTO_RETRY_ATTEMPTS'",
        ),
        (
            "CREATE TASK x QUERY_TAG = 'a' QUERY_TAG = 'b' AS SELECT 1",
            "SQL compilation error:\nduplicate property 'QUERY_TAG';",
        ),
        (
            "CREATE TASK x NOT_A_PARAM = 1 AS SELECT 1",
            "SQL compilation error:\ninvalid property 'NOT_A_PARAM' for 'TASK'",
        ),
        ("CREATE TASK x SCHEDULE = '9 SECONDS' AS SELECT 1", "Cannot set schedule less than 10 seconds."),
        (
            "EXECUTE TASK c1",
            f"Execute task cannot be called on non-root task {PREFIX}C1. "
            "Call EXECUTE TASK on the root task of its graph instead.",
        ),
        (
            "EXECUTE TASK r1 RETRY LAST",
            "Cannot perform retry: no suitable run of graph with root task R1 to retry.",
        ),
    ],
)
def test_what_is_refused(unchanging: Client, statement: str, message: str) -> None:
    assert unchanging.error(statement).message == message


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        ("CREATE TASK f FINALIZE = r1 AS SELECT 1", "Finalize target R1 already have finalizer."),
        (
            "CREATE TASK f FINALIZE = r2 SCHEDULE = '5 MINUTE' AS SELECT 1",
            "Task F cannot have a schedule and be a finalizer task.",
        ),
        (
            "CREATE TASK f FINALIZE = r2 AFTER r1 AS SELECT 1",
            f"Task {PREFIX}F cannot have predecessors as a finalizer task.",
        ),
        ("CREATE TASK c AFTER f1 AS SELECT 1", f"Task {PREFIX}F1 cannot have children as a finalizer task."),
        ("CREATE TASK f FINALIZE = no_such AS SELECT 1", "Invalid finalized root task NO_SUCH was specified."),
        ("CREATE TASK f FINALIZE = s2.r9 AS SELECT 1", "Cannot finalize graph S2.R9 in a different schema."),
        (
            "CREATE TASK f FINALIZE = c1 AS SELECT 1",
            f"Task {PREFIX}F cannot finalize a non-root task {PREFIX}C1.",
        ),
        (
            "CREATE TASK f FINALIZE = f1 AS SELECT 1",
            f"Task {PREFIX}F cannot finalize a non-root task {PREFIX}F1.",
        ),
        ("CREATE OR REPLACE TASK r1 FINALIZE = r1 AS SELECT 1", "Task R1 cannot finalize itself."),
        (
            "ALTER TASK f1 SET CONFIG = '{}'",
            f"Task {PREFIX}F1 cannot both be a non-root task and have a config.",
        ),
        (
            "ALTER TASK r1 ADD AFTER r2",
            "This task has a finalizer and cannot be made a child task. "
            "Please remove the finalizer before adding a predecessor.",
        ),
        (
            "CREATE OR REPLACE TASK r1 AFTER r2 AS SELECT 1",
            f"Cannot replace task {PREFIX}R1 with a non-root task because it has a finalizer task. "
            "Please remove the finalizer task first.",
        ),
        (
            "EXECUTE TASK f1",
            f"Execute task cannot be called on non-root task {PREFIX}F1. "
            "Call EXECUTE TASK on the root task of its graph instead.",
        ),
    ],
)
def test_what_a_finalizer_may_not(finalized: Client, statement: str, message: str) -> None:
    assert finalized.error(statement).message == message


def test_if_not_exists_weighs_only_the_statement_itself(g: Client) -> None:
    g.run("CREATE TASK IF NOT EXISTS r1 CONFIG = 'bad' AS SELECT 2")
    g.run("CREATE TASK IF NOT EXISTS r1 AFTER no_such_task AS SELECT 2")
    assert g.error("CREATE TASK IF NOT EXISTS r1 WAREHOUSE = no_such_wh AS SELECT 2").message.startswith("Nonexistent")
    assert g.error("CREATE TASK IF NOT EXISTS r1 QUERY_TAG = 5 AS SELECT 2").message.endswith(
        "invalid value [5] for parameter 'QUERY_TAG'"
    )
    assert g.error("CREATE TASK r1 AS SELECT 2").errno == 2002


def definition(client: Client, name: str) -> object:
    (record,) = client.records(f"SHOW TASKS LIKE '{name}'")
    return record["definition"]


def state(client: Client, name: str) -> object:
    (record,) = client.records(f"SHOW TASKS LIKE '{name}'")
    return record["state"]


def predecessors(client: Client, name: str) -> str:
    (record,) = client.records(f"SHOW TASKS LIKE '{name}'")
    return str(record["task_relations"])


def test_a_refused_replacement_leaves_the_task_as_it_was(g: Client) -> None:
    g.error("CREATE OR REPLACE TASK r1 SCHEDULE = 'bad' AS SELECT 2")
    assert definition(g, "r1") == "SELECT 1"
    g.run("CREATE OR REPLACE TASK r1 AS SELECT 3")
    assert definition(g, "r1") == "SELECT 3"
    assert predecessors(g, "c1") == f'{{"Predecessors":["{PREFIX}R1"]}}'


def test_predecessors_are_a_set_in_order_of_name(g: Client) -> None:
    g.run("ALTER TASK c1 ADD AFTER r2, r1, r2")
    assert predecessors(g, "c1") == f'{{"Predecessors":["{PREFIX}R1","{PREFIX}R2"]}}'
    g.run("ALTER TASK c1 REMOVE AFTER r1")
    assert predecessors(g, "c1") == f'{{"Predecessors":["{PREFIX}R2"]}}'


def test_a_circle_is_refused(db: Client) -> None:
    db.run("CREATE TASK a AS SELECT 1", "CREATE TASK b AFTER a AS SELECT 1", "CREATE TASK c AFTER b AS SELECT 1")
    assert "circle" in db.error("ALTER TASK b ADD AFTER c").message


def test_a_hundred_predecessors_and_no_more(db: Client) -> None:
    db.run("CREATE TASK r AS SELECT 1")
    names = [f"p{number}" for number in range(101)]
    for name in names[:100]:
        db.run(f"CREATE TASK {name} AFTER r AS SELECT 1")
    assert db.error("CREATE TASK p100 AFTER r AS SELECT 1").message == "Task R cannot have more than 100 children."
    db.run(f"CREATE TASK last AFTER {', '.join(names[:100])} AS SELECT 1", "CREATE TASK q AS SELECT 1")
    assert "more than 100 predecessors" in db.error("ALTER TASK last ADD AFTER q").message


@pytest.fixture(scope="module")
def started() -> Iterator[Client]:
    """The same graphs with R1, its child and its finalizer; R1 and the child are started."""
    account = open_account()
    opened = client(account)
    opened.run(*GRAPHS, "CREATE TASK f1 FINALIZE = r1 AS SELECT 1", "ALTER TASK c1 RESUME", "ALTER TASK r1 RESUME")
    yield opened
    account.close()


class TestStartedRoot:
    NOT_SUSPENDED = f"Unable to update graph with root task {PREFIX}R1 since that root task is not suspended."

    @pytest.mark.parametrize(
        "statement",
        [
            "ALTER TASK r1 SET SCHEDULE = '5 MINUTE'",
            "ALTER TASK c1 MODIFY AS SELECT 2",
            "ALTER TASK c1 SUSPEND",
            "ALTER TASK f1 RESUME",
            "ALTER TASK c1 ADD AFTER r2",
            "ALTER TASK f1 UNSET FINALIZE",
            "CREATE TASK c2 AFTER r1 AS SELECT 1",
            "CREATE TASK c2 AFTER c1 AS SELECT 1",
            "CREATE OR REPLACE TASK c1 AFTER r1 AS SELECT 2",
            "CREATE OR REPLACE TASK r1 AS SELECT 2",
            "CREATE OR ALTER TASK c1 AFTER r1 AS SELECT 2",
            "DROP TASK c1",
            "DROP TASK r1",
        ],
    )
    def test_nothing_of_its_graph_changes(self, started: Client, statement: str) -> None:
        before = started.rows("SHOW TASKS")
        error = started.error(statement)
        assert (error.errno, error.sqlstate, error.message) == (91421, "22000", self.NOT_SUSPENDED)
        assert started.rows("SHOW TASKS") == before

    def test_what_is_in_that_state_already_is_left_alone(self, started: Client) -> None:
        started.run("ALTER TASK r1 RESUME", "ALTER TASK c1 RESUME", "ALTER TASK f1 SUSPEND")
        assert state(started, "r1") == "started"

    def test_after_suspend_everything_goes(self, g: Client) -> None:
        g.run("ALTER TASK c1 RESUME", "ALTER TASK r1 RESUME", "ALTER TASK r1 SUSPEND")
        g.run("ALTER TASK c1 MODIFY AS SELECT 2", "ALTER TASK c1 SUSPEND")
        assert (state(g, "r1"), state(g, "c1")) == ("suspended", "suspended")

    def test_a_standalone_task_may_be_dropped_but_not_changed(self, g: Client) -> None:
        g.run("ALTER TASK r2 RESUME")
        assert g.error("ALTER TASK r2 SET COMMENT = 'x'").errno == 91421
        g.run("DROP TASK r2")
        assert g.rows("SHOW TASKS LIKE 'r2'") == []

    def test_task_dependents_enable_resumes_children_first(self, g: Client) -> None:
        g.run("CREATE TASK f1 FINALIZE = r1 AS SELECT 1", "CREATE TASK d1 AFTER c1 AS SELECT 1")
        g.run("SELECT SYSTEM$TASK_DEPENDENTS_ENABLE('r1')")
        assert {state(g, name) for name in ("r1", "c1", "d1", "f1")} == {"started"}
        assert state(g, "r2") == "suspended"


def test_drop_of_a_parent_frees_its_children_suspended(g: Client) -> None:
    g.run("CREATE TASK f1 FINALIZE = r1 AS SELECT 1", "ALTER TASK c1 RESUME", "DROP TASK r1")
    assert predecessors(g, "c1") == '{"Predecessors":[]}'
    assert predecessors(g, "f1") == '{"Predecessors":[]}'
    (record,) = g.records("SHOW TASKS LIKE 'c1'")
    assert (record["state"], record["last_suspended_reason"]) == ("suspended", "CHILD_BECAME_ROOT")


def test_create_or_alter_keeps_identity_and_unsets_what_is_not_said(g: Client) -> None:
    g.run("ALTER TASK r2 SET COMMENT = 'c' CONFIG = '{}'")
    (before,) = g.records("SHOW TASKS LIKE 'r2'")
    g.run("CREATE OR ALTER TASK r2 SCHEDULE = '10 MINUTE' AS SELECT 5")
    (after,) = g.records("SHOW TASKS LIKE 'r2'")
    assert after["id"] == before["id"]
    assert (after["definition"], after["config"], after["schedule"]) == ("SELECT 5", None, "10 MINUTE")
    assert not after["comment"]


def test_a_clone_is_suspended_and_keeps_its_parents(g: Client) -> None:
    g.run("ALTER TASK c1 RESUME", "CREATE TASK c2 CLONE c1")
    assert state(g, "c2") == "suspended"
    assert predecessors(g, "c2") == f'{{"Predecessors":["{PREFIX}R1"]}}'


@pytest.mark.parametrize(
    "condition",
    ["1 = (SELECT 1)", "PARSE_JSON('true')", "CURRENT_DATE() = '2026-01-01'", "x = 1"],
)
def test_a_condition_holds_only_what_it_may(db: Client, condition: str) -> None:
    assert db.error(f"CREATE TASK t SCHEDULE = '1 HOUR' WHEN {condition} AS SELECT 1").errno == 91089


def test_when_is_changed_and_removed(db: Client) -> None:
    db.run("CREATE TASK t SCHEDULE = '1 HOUR' WHEN SYSTEM$STREAM_HAS_DATA('x') AND NOT 1 = 2 AS SELECT 1")
    db.run("ALTER TASK t MODIFY WHEN SYSTEM$STREAM_HAS_DATA('y')")
    (record,) = db.records("SHOW TASKS LIKE 't'")
    assert record["condition"] == "SYSTEM$STREAM_HAS_DATA('y')"
    db.run("ALTER TASK t REMOVE WHEN")
    (record,) = db.records("SHOW TASKS LIKE 't'")
    assert record["condition"] is None


def test_a_serverless_triggered_task_says_how_fast(db: Client) -> None:
    statement = "CREATE TASK t {} WHEN SYSTEM$STREAM_HAS_DATA('s') AS SELECT 1"
    assert "TARGET_COMPLETION_INTERVAL" in db.error(statement.format("")).message
    db.run(statement.format("TARGET_COMPLETION_INTERVAL = '10 MINUTE'"))


def test_a_body_that_cannot_be_read_is_refused_at_create(db: Client) -> None:
    assert db.error("CREATE TASK t AS CREATE TABLE (").errno == 1003
    db.run("CREATE TASK t AS INSERT INTO no_such_table VALUES (1)")


@pytest.mark.parametrize(
    "body",
    [
        "SELEC 1",
        "SELECT 1 +",
        "INSERT INTO t VALUES (1",
        "BEGIN SELEC 1; END",
        "BEGIN IF (TRUE) THEN FROB x; END IF; END",
    ],
)
def test_a_body_is_parsed_when_the_task_is_made(db: Client, body: str) -> None:
    assert db.error(f"CREATE TASK k AS {body}").errno == 1003
    db.run("CREATE TASK k AS SELECT 1")
    assert db.error(f"ALTER TASK k MODIFY AS {body}").errno == 1003
    assert db.value('DESC TASK k ->> SELECT "definition" FROM $1') == "SELECT 1"


@pytest.mark.parametrize(
    "body",
    [
        "SELECT nope FROM missing",
        "EXPLAIN SELECT 1",
        "CALL SYSTEM$SEND_EMAIL('to', 'whom')",
        "SELECT 1 ->> SELECT * FROM $1",
        "BEGIN LET x := 'log'; CREATE TABLE IDENTIFIER(:x) (a INT); SHOW TABLES LIKE :x; EXPLAIN SELECT 1; END",
    ],
)
def test_a_body_is_compiled_when_it_runs(db: Client, body: str) -> None:
    db.run(f"CREATE TASK k AS {body}")


def test_a_finalizer_is_taken_off_and_put_on(g: Client) -> None:
    g.run("CREATE TASK f1 FINALIZE = r1 AS SELECT 1", "ALTER TASK f1 UNSET FINALIZE")
    assert predecessors(g, "f1") == '{"Predecessors":[]}'
    assert predecessors(g, "r1") == '{"Predecessors":[]}'
    g.run("ALTER TASK f1 SET FINALIZE = 'R1'")
    assert predecessors(g, "f1") == f'{{"FinalizedRootTask":"{PREFIX}R1","Predecessors":[]}}'
    assert predecessors(g, "r1") == f'{{"Predecessors":[],"FinalizerTask":"{PREFIX}F1"}}'
    message = "Task R2 cannot have a schedule and be a finalizer task."
    g.run("CREATE TASK r3 SCHEDULE = '60 MINUTE' AS SELECT 1")
    assert g.error("ALTER TASK r2 SET FINALIZE = r3").message == message


def test_overlap_policy_and_its_old_switch_are_one_setting(g: Client) -> None:
    def policy() -> tuple[object, object]:
        (record,) = g.records("SHOW TASKS LIKE 'r1'")
        return record["overlap_policy"], record["allow_overlapping_execution"]

    g.run("ALTER TASK r1 SET OVERLAP_POLICY = ALLOW_ALL_OVERLAP")
    assert policy() == ("ALLOW_ALL_OVERLAP", "false")
    g.run("ALTER TASK r1 SET ALLOW_OVERLAPPING_EXECUTION = TRUE")
    assert policy() == ("ALLOW_CHILD_OVERLAP", "true")
    g.run("ALTER TASK r1 UNSET ALLOW_OVERLAPPING_EXECUTION")
    assert policy() == ("NO_OVERLAP", "false")
