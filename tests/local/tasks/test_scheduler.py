"""Days of schedule in milliseconds: the clock is an argument."""

import json
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from local.accounts import START, Client, client, open_account
from local.task_history import history, states
from pipeline.local.clock import ManualClock
from pipeline.local.engine import Account
from pipeline.local.scheduler import parse_duration

LOG = "INSERT INTO log VALUES"


@pytest.fixture
def t(db: Client) -> Client:
    db.run("CREATE TABLE log (what VARCHAR)")
    return db


def start(client: Client, name: str, clauses: str, body: str = "SELECT 1") -> None:
    client.run(f"CREATE TASK {name} {clauses} AS {body}", f"ALTER TASK {name} RESUME")


def moments(client: Client) -> list[str]:
    """When runs were due, to the second."""
    return [run["SCHEDULED_TIME"].strftime("%d %H:%M:%S") for run in history(client)]  # type: ignore[attr-defined]


def advance(account: Account, **amount: float) -> int:
    return account.scheduler.advance(timedelta(**amount))


def test_an_interval_counts_from_resume(t: Client, account: Account) -> None:
    advance(account, minutes=3)
    start(t, "r", "SCHEDULE = '10 MINUTES'")
    assert advance(account, minutes=25) == 2
    assert moments(t) == ["02 12:13:00", "02 12:23:00"]
    assert {run["SCHEDULED_FROM"] for run in history(t)} == {"SCHEDULE"}


def test_nothing_runs_before_it_is_due_nor_while_suspended(t: Client, account: Account) -> None:
    start(t, "r", "SCHEDULE = '10 MINUTES'")
    assert advance(account, minutes=9) == 0
    t.run("ALTER TASK r SUSPEND")
    assert advance(account, hours=2) == 0
    t.run("ALTER TASK r RESUME")
    advance(account, minutes=11)
    assert moments(t) == ["02 14:19:00"]


def test_a_cron_schedule_over_a_clock_change(t: Client, account: Account) -> None:
    start(t, "r", "SCHEDULE = 'USING CRON 30 8 * * MON-FRI Europe/Berlin'")
    advance(account, days=29)
    points = [run.scheduled_time.strftime("%d %H:%M:%S") for run in account.tasks.log.runs()]
    expected = [day for day in range(3, 32) if datetime(2026, 3, day, tzinfo=UTC).weekday() < 5]
    assert points == [f"{day:02} {'07:30' if day < 29 else '06:30'}:00" for day in expected]


def test_roots_run_in_order_of_their_time(t: Client, account: Account) -> None:
    start(t, "a", "SCHEDULE = '3 MINUTES'", f"{LOG} ('a')")
    start(t, "b", "SCHEDULE = '2 MINUTES'", f"{LOG} ('b')")
    advance(account, minutes=6, seconds=1)
    assert [name for name, _ in states(t)] == ["B", "A", "B", "A", "B"]


def test_a_condition_that_is_not_met_leaves_a_skipped_run(t: Client, account: Account) -> None:
    t.run("CREATE TABLE src (a INT)", "CREATE STREAM s ON TABLE src")
    start(t, "r", "SCHEDULE = '1 MINUTE' WHEN SYSTEM$STREAM_HAS_DATA('s')", "INSERT INTO log SELECT a FROM s")
    advance(account, seconds=61)
    t.run("INSERT INTO src VALUES (7)")
    advance(account, seconds=120)
    assert [state for _, state in states(t)] == ["SKIPPED", "SUCCEEDED", "SKIPPED"]
    assert t.rows("SELECT what FROM log") == [("7",)]


def test_two_conditions_wait_for_both_streams(t: Client, account: Account) -> None:
    t.run(
        "CREATE TABLE a (x INT)", "CREATE TABLE b (x INT)", "CREATE STREAM sa ON TABLE a", "CREATE STREAM sb ON TABLE b"
    )
    when = "SYSTEM$STREAM_HAS_DATA('sa') AND SYSTEM$STREAM_HAS_DATA('sb')"
    start(t, "r", f"SCHEDULE = '1 MINUTE' WHEN {when}", "INSERT INTO log SELECT sa.x + sb.x FROM sa, sb")
    t.run("INSERT INTO a VALUES (1)")
    advance(account, seconds=61)
    t.run("INSERT INTO b VALUES (2)")
    advance(account, seconds=60)
    assert [state for _, state in states(t)] == ["SKIPPED", "SUCCEEDED"]


class TestTriggered:
    @pytest.fixture
    def triggered(self, t: Client) -> Client:
        t.run("CREATE TABLE src (a INT)", "CREATE STREAM s ON TABLE src")
        start(t, "r", "WAREHOUSE = compute_wh WHEN SYSTEM$STREAM_HAS_DATA('s')", "INSERT INTO log SELECT a FROM s")
        return t

    def test_it_runs_when_data_is_there_and_only_then(self, triggered: Client, account: Account) -> None:
        assert advance(account, hours=1) == 0
        triggered.run("INSERT INTO src VALUES (1)")
        assert advance(account, seconds=1) == 1
        assert advance(account, hours=1) == 0
        (run,) = history(triggered)
        assert (run["STATE"], run["SCHEDULED_FROM"]) == ("SUCCEEDED", "TRIGGER")

    def test_between_two_runs_are_thirty_seconds(self, triggered: Client, account: Account) -> None:
        triggered.run("INSERT INTO src VALUES (1)")
        advance(account, seconds=1)
        triggered.run("INSERT INTO src VALUES (2)")
        assert advance(account, seconds=28) == 0
        assert advance(account, seconds=2) == 1
        first, second = history(triggered)
        assert second["SCHEDULED_TIME"] - first["SCHEDULED_TIME"] >= timedelta(seconds=30)  # type: ignore[operator]

    def test_or_as_many_as_the_task_says(self, triggered: Client, account: Account) -> None:
        triggered.run(
            "ALTER TASK r SUSPEND",
            "ALTER TASK r SET USER_TASK_MINIMUM_TRIGGER_INTERVAL_IN_SECONDS = 10",
            "ALTER TASK r RESUME",
            "INSERT INTO src VALUES (1)",
        )
        advance(account, seconds=1)
        triggered.run("INSERT INTO src VALUES (2)")
        assert advance(account, seconds=10) == 1

    def test_on_resume_it_looks_at_what_came_meanwhile(self, triggered: Client, account: Account) -> None:
        triggered.run("ALTER TASK r SUSPEND", "INSERT INTO src VALUES (1)")
        assert advance(account, minutes=5) == 0
        triggered.run("ALTER TASK r RESUME")
        assert advance(account, seconds=1) == 1

    def test_asking_every_twelve_hours_keeps_an_empty_stream_readable(
        self, triggered: Client, account: Account
    ) -> None:
        assert advance(account, days=40) == 0
        triggered.run("INSERT INTO src VALUES (1)")
        assert advance(account, seconds=1) == 1
        assert triggered.rows("SELECT what FROM log") == [("1",)]

    def test_a_body_that_leaves_the_stream_alone_runs_again(self, triggered: Client, account: Account) -> None:
        triggered.run("ALTER TASK r SUSPEND", "ALTER TASK r MODIFY AS SELECT 1", "ALTER TASK r RESUME")
        triggered.run("INSERT INTO src VALUES (1)")
        assert advance(account, seconds=95) == 4


class TestServed:
    """The thread of a served account looks at the clock and the streams."""

    def test_it_runs_what_falls_due(self, t: Client, account: Account, clock: ManualClock) -> None:
        start(t, "r", "SCHEDULE = '1 MINUTE'", f"{LOG} ('x')")
        account.scheduler.start()
        clock.advance(timedelta(seconds=61))
        deadline = time.monotonic() + 10
        while t.value("SELECT COUNT(*) FROM log") == 0:
            assert time.monotonic() < deadline
            time.sleep(0.02)
        assert account.tasks.drain(10)
        assert states(t) == [("R", "SUCCEEDED")]

    def test_a_run_that_is_due_while_the_last_one_runs_is_left_out(
        self, t: Client, account: Account, clock: ManualClock
    ) -> None:
        start(t, "r", "SCHEDULE = '1 MINUTE'", f"{LOG} ('x')")
        holder = client(account)
        holder.run("BEGIN", f"{LOG} ('held')")
        for _ in range(3):
            clock.advance(timedelta(seconds=61))
            account.scheduler.run_due()
        holder.run("COMMIT")
        assert account.tasks.drain(10)
        assert len(history(t)) == 1


class TestLives:
    """What an account knows of its tasks when it is opened again."""

    def open(self, folder: Path, at: datetime) -> tuple[Account, Client]:
        account = Account(folder, clock=ManualClock(at))
        return account, client(account)

    def test_what_fell_due_meanwhile_runs_once(self, tmp_path: Path) -> None:
        account, session = self.open(tmp_path, START)
        session.run("CREATE TABLE log (what VARCHAR)")
        start(session, "r", "SCHEDULE = '1 MINUTE'", f"{LOG} ('r')")
        start(session, "never", "SCHEDULE = '90 HOURS'", f"{LOG} ('never')")
        account.close()
        account, session = self.open(tmp_path, START + timedelta(hours=5, seconds=10))
        assert account.scheduler.catch_up_once() == 1
        assert session.rows("SELECT what FROM log") == [("r",)]
        account.close()
        account, session = self.open(tmp_path, START + timedelta(hours=5, seconds=30))
        assert account.scheduler.catch_up_once() == 0
        account.close()

    def test_history_and_failures_survive(self, tmp_path: Path) -> None:
        account, session = self.open(tmp_path, START)
        session.run("CREATE TASK r AS DELETE FROM nope", "EXECUTE TASK r")
        account.drain()
        before = history(session)
        account.close()
        account, session = self.open(tmp_path, START + timedelta(days=1))
        assert history(session) == before
        session.run("CREATE TABLE nope (a INT)", "EXECUTE TASK r RETRY LAST")
        account.drain()
        assert [state for _, state in states(session)] == ["FAILED", "SUCCEEDED"]
        account.close()

    def test_a_run_cut_off_by_the_end_of_the_process_has_failed(self, tmp_path: Path) -> None:
        account, session = self.open(tmp_path, START)
        session.run("CREATE TASK r AS SELECT 1", "EXECUTE TASK r")
        account.drain()
        # As a kill leaves it: the record says that the graph and its task still execute.
        cursor = account.store.cursor()
        cursor.execute("UPDATE _m.task_runs SET record = replace(record, '\"SUCCEEDED\"', '\"EXECUTING\"')")
        account.close()
        account, session = self.open(tmp_path, START + timedelta(minutes=1))
        (run,) = history(session)
        assert (run["STATE"], run["ERROR_MESSAGE"]) == ("FAILED", "The local account was stopped while this ran.")
        account.close()

    def test_time_moved_forward_stays_moved(self, tmp_path: Path) -> None:
        account = Account(tmp_path)
        session = client(account)
        session.run("SELECT SYSTEM$LOCAL_ADVANCE('2d')")
        account.close()
        account = Account(tmp_path)
        assert account.clock.now() - datetime.now(UTC) > timedelta(days=1, hours=23)
        account.close()


class TestLocalAdvance:
    def test_it_runs_what_falls_due_on_the_way(self, t: Client) -> None:
        start(t, "r", "SCHEDULE = '1 MINUTE'", f"{LOG} ('x')")
        answer = json.loads(str(t.value("SELECT SYSTEM$LOCAL_ADVANCE('5m')")))
        assert answer["graph_runs"] == 5
        assert datetime.fromisoformat(answer["now"]) >= START + timedelta(minutes=5)
        assert t.value("SELECT COUNT(*) FROM log") == 5

    def test_not_within_a_transaction_that_has_written(self, t: Client) -> None:
        t.run("BEGIN", f"{LOG} ('x')")
        assert "transaction" in t.error("SELECT SYSTEM$LOCAL_ADVANCE('5m')").message

    @pytest.mark.parametrize(
        ("text", "seconds"), [("5m", 300), ("90s", 90), ("1h30m", 5400), ("2d", 172_800), (" 1 H ", 3600)]
    )
    def test_durations(self, text: str, seconds: int) -> None:
        assert parse_duration(text) == timedelta(seconds=seconds)

    @pytest.mark.parametrize("text", ["", "5", "m", "5 minutes", "-5m"])
    def test_what_is_no_duration(self, db: Client, text: str) -> None:
        assert "is not a duration" in db.error(f"SELECT SYSTEM$LOCAL_ADVANCE('{text}')").message


def test_a_month_of_minutes_is_quick() -> None:
    account = open_account()
    session = client(account)
    start(session, "r", "SCHEDULE = '60 MINUTES'")
    began = time.monotonic()
    assert advance(account, days=30) == 720
    assert time.monotonic() - began < 30
    account.close()
