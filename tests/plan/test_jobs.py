"""What may run beside what, and what goes into one request."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.plan.jobs import Job, make_jobs, width
from pipeline.plan.model import RunStatement
from pipeline.plan.resolve import resolve
from pipeline.sql.effects import text_effects
from pipeline.sql.names import QualifiedName
from plan.statements import resolved, statements


def jobs_of(*texts: str, batch: bool = True) -> tuple[Job, ...]:
    found = [each for each in resolved(*texts) if not each.makes_session]
    steps = [RunStatement(each.statement) for each in found]
    return make_jobs(steps, {each.position: each for each in found}, batch=batch)


def after(*texts: str) -> list[set[int]]:
    return [set(job.after) for job in jobs_of(*texts, batch=False)]


def test_what_reads_waits_for_what_writes() -> None:
    assert after(
        "CREATE TABLE d.s.a (x INT)", "CREATE TABLE d.s.b (x INT)", "INSERT INTO d.s.b SELECT x FROM d.s.a"
    ) == [
        set(),
        set(),
        {0, 1},
    ]


def test_readers_run_beside_each_other_and_before_the_next_writer() -> None:
    read_a, read_b = "CREATE VIEW d.s.v AS SELECT x FROM d.s.a", "CREATE VIEW d.s.w AS SELECT x FROM d.s.a"
    assert after(read_a, read_b, "DROP TABLE d.s.a") == [set(), set(), {0, 1}]


def test_a_table_is_read_through_a_view_of_it() -> None:
    texts = (
        "CREATE VIEW d.s.v AS SELECT x FROM d.s.t",
        "CREATE VIEW d.s.w AS SELECT x FROM d.s.v",
        "INSERT INTO d.s.t VALUES (1)",
        "INSERT INTO d.s.sum SELECT SUM(x) FROM d.s.w",
        "DELETE FROM d.s.t",
    )
    assert after(*texts)[3:] == [{0, 1, 2}, {2, 3}]


def test_a_stream_is_emptied_by_the_first_that_reads_it_and_knows_its_table() -> None:
    texts = (
        "CREATE STREAM d.s.st ON TABLE d.s.t",
        "INSERT INTO d.s.one SELECT x FROM d.s.st",
        "INSERT INTO d.s.two SELECT x FROM d.s.st",
        "INSERT INTO d.s.t VALUES (1)",
        "CREATE VIEW d.s.v AS SELECT x FROM d.s.st",
    )
    assert after(*texts) == [set(), {0}, {1}, {0, 1, 2}, {2, 3}]


def test_the_streams_of_the_account_count_too() -> None:
    found = resolved("INSERT INTO d.s.one SELECT x FROM d.s.st", "INSERT INTO d.s.t VALUES (1)")
    steps = [RunStatement(each.statement) for each in found]
    streams = {QualifiedName.parse("D.S.ST"): (QualifiedName.parse("D.S.T"),)}
    jobs = make_jobs(steps, {each.position: each for each in found}, batch=False, streams=streams)
    assert [set(job.after) for job in jobs] == [set(), {0}]


def test_a_schema_comes_before_what_is_in_it() -> None:
    assert after("CREATE SCHEMA d.s", "CREATE TABLE d.s.a (x INT)", "DROP SCHEMA d.s")[1:] == [{0}, {0, 1}]


def test_the_unknown_keeps_its_order_with_everything() -> None:
    found = after("CREATE TABLE d.s.a (x INT)", "EXECUTE IMMEDIATE $text", "CREATE TABLE d.s.b (x INT)")
    assert found == [set(), {0}, {1}]


def test_a_chain_of_one_script_is_one_request() -> None:
    chain = (
        "CREATE OR REPLACE VIEW d.s.a AS SELECT 1 AS x",
        "CREATE OR REPLACE VIEW d.s.b AS SELECT x FROM d.s.a",
        "CREATE OR REPLACE VIEW d.s.c AS SELECT x FROM d.s.b",
    )
    [job] = jobs_of(*chain)
    assert job.together
    assert len(jobs_of(*chain, batch=False)) == 3


@pytest.mark.parametrize(
    "long",
    [
        "INSERT INTO d.s.a SELECT x FROM d.s.c",
        "DELETE FROM d.s.a WHERE x = 1",
        "CREATE OR REPLACE TABLE d.s.a AS SELECT x FROM d.s.c",
        "CREATE DYNAMIC TABLE d.s.a TARGET_LAG = '1 hour' WAREHOUSE = w AS SELECT x FROM d.s.c",
    ],
)
def test_what_may_take_long_ends_its_request(long: str) -> None:
    """A deploy that is stopped ends after the requests that run."""
    jobs = jobs_of(
        "CREATE OR ALTER TABLE d.s.a (x INT)", long, "UPDATE d.s.a SET x = 2", "DELETE FROM d.s.a WHERE x = 3"
    )
    assert [job.numbers for job in jobs] == [(0, 1), (2,), (3,)]


def test_independent_work_is_not_put_into_one_request() -> None:
    assert len(jobs_of("INSERT INTO d.s.a SELECT x FROM d.s.c", "INSERT INTO d.s.b SELECT x FROM d.s.c")) == 2


def test_a_transaction_is_one_request_in_any_case() -> None:
    [job] = jobs_of("BEGIN", "INSERT INTO d.s.a VALUES (1)", "COMMIT", batch=False)
    assert (job.transaction, job.together) == (True, True)


TABLES = st.sampled_from(["d.s.a", "d.s.b", "d.s.c"])
STATEMENTS = st.one_of(
    TABLES.map(lambda name: f"CREATE OR REPLACE TABLE {name} (x INT)"),
    st.tuples(TABLES, TABLES).map(lambda pair: f"INSERT INTO {pair[0]} SELECT x FROM {pair[1]}"),
    TABLES.map(lambda name: f"SELECT x FROM {name}"),
    st.just("CALL d.s.p()"),
)


@given(st.lists(STATEMENTS, max_size=12), st.booleans())
def test_jobs_hold_each_step_once_and_wait_only_for_earlier_ones(texts: list[str], batch: bool) -> None:
    jobs = jobs_of(*texts, batch=batch)
    assert [number for job in jobs for number in job.numbers] == list(range(len(texts)))
    assert all(before < index for index, job in enumerate(jobs) for before in job.after)


def test_the_width_is_how_many_jobs_may_run_at_once() -> None:
    tables = [f"CREATE TABLE d.s.t{number} AS SELECT 1 AS x" for number in range(4)]
    views = [f"CREATE VIEW d.s.v{number} AS SELECT x FROM d.s.t{number}" for number in range(3)]
    assert width(jobs_of(*tables, *views, batch=False)) == 4
    assert width(jobs_of("CALL d.s.p()", "CALL d.s.p()", batch=False)) == 1
    assert width(()) == 0


def test_what_left_the_project_is_dropped_when_all_else_is_done() -> None:
    found = [*statements("CREATE TABLE d.s.a (x INT)", "CREATE TABLE d.s.b (x INT)")]
    found.append(replace(found[0], position=3, text="DROP VIEW IF EXISTS d.s.v", removes="VIEW D.S.V"))
    placed = resolve(found, text_effects, "D")
    jobs = make_jobs([RunStatement(each) for each in found], {each.position: each for each in placed}, batch=False)
    assert jobs[-1].steps == (RunStatement(found[2]),)
    assert jobs[-1].after == set(range(len(jobs) - 1))
