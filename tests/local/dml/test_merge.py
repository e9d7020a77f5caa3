"""MERGE held to a plain model: each row of the join does what the first clause that applies says."""

from collections.abc import Iterator, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from local.accounts import Client, client, open_account

Row = tuple[int, int, int]
Clause = tuple[bool, int | None, str]
"""Whether it is WHEN MATCHED; the least source value it applies to, None for any; what it does."""

IDS = st.integers(0, 6)
VALUES = st.integers(0, 9)
LEAST = st.none() | VALUES


@pytest.fixture(scope="module")
def merging() -> Iterator[Client]:
    account = open_account()
    session = client(account)
    session.run("CREATE TABLE t (id INT, v INT, w INT)", "CREATE STREAM changes ON TABLE t")
    yield session
    account.close()


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(IDS, VALUES, VALUES), unique_by=lambda row: row[0]),
    st.lists(st.tuples(IDS, VALUES), min_size=1, unique_by=lambda row: row[0]),
    st.lists(
        st.tuples(st.just(True), LEAST, st.sampled_from(["v", "w", "vw", "delete"]))
        | st.tuples(st.just(False), LEAST, st.just("insert")),
        min_size=1,
        max_size=4,
    ),
)
def test_merge_does_what_the_first_fitting_clause_says(
    merging: Client, target: list[Row], source: list[tuple[int, int]], clauses: list[Clause]
) -> None:
    merging.run("TRUNCATE TABLE t")
    if target:
        merging.run(f"INSERT INTO t VALUES {listed(target)}")
    merging.run("CREATE OR REPLACE STREAM changes ON TABLE t")
    merging.run(
        f"MERGE INTO t USING (SELECT column1 AS id, column2 AS n FROM VALUES {listed(source)}) s ON t.id = s.id "
        + " ".join(clause_text(clause) for clause in clauses)
    )
    expected = merged(target, dict(source), clauses)
    assert sorted(numbers(merging, "SELECT id, v, w FROM t")) == sorted(expected)
    gone, new = set(target) - set(expected), set(expected) - set(target)
    assert set(numbers(merging, "SELECT id, v, w FROM changes WHERE METADATA$ACTION = 'DELETE'")) == gone
    assert set(numbers(merging, "SELECT id, v, w FROM changes WHERE METADATA$ACTION = 'INSERT'")) == new


def listed(rows: Sequence[tuple[int, ...]]) -> str:
    return ", ".join(f"({', '.join(map(str, row))})" for row in rows)


def numbers(session: Client, sql: str) -> list[tuple[int, ...]]:
    return [tuple(int(str(value)) for value in row) for row in session.rows(sql)]


def clause_text(clause: Clause) -> str:
    matched, least, what = clause
    condition = "" if least is None else f" AND s.n >= {least}"
    if not matched:
        return f"WHEN NOT MATCHED{condition} THEN INSERT (id, v, w) VALUES (s.id, s.n, 0)"
    sets = ", ".join(f"{name} = s.n" for name in what)
    return f"WHEN MATCHED{condition} THEN " + ("DELETE" if what == "delete" else f"UPDATE SET {sets}")


def merged(target: list[Row], source: dict[int, int], clauses: list[Clause]) -> list[Row]:
    rows = {row[0]: row for row in target}
    for key, number in source.items():
        clause = next((c for c in clauses if c[0] is (key in rows) and (c[1] is None or number >= c[1])), None)
        if clause is None:
            continue
        if clause[2] == "delete":
            del rows[key]
        elif clause[2] == "insert":
            rows[key] = (key, number, 0)
        else:
            _, v, w = rows[key]
            rows[key] = (key, number if "v" in clause[2] else v, number if "w" in clause[2] else w)
    return list(rows.values())


@pytest.mark.parametrize(
    "clause",
    [
        "WHEN NOT MATCHED THEN UPDATE SET v = 1",
        "WHEN NOT MATCHED THEN DELETE",
        "WHEN MATCHED THEN INSERT (id) VALUES (1)",
        "WHEN MATCHED THEN DO NOTHING",
        "WHEN MATCHED THEN DELETE WHEN NOT MATCHED THEN UPDATE SET v = 1",
    ],
)
def test_what_does_not_go_with_its_when_is_no_statement(merging: Client, clause: str) -> None:
    assert merging.error(f"MERGE INTO t USING (SELECT 1 AS id) AS s ON t.id = s.id {clause}").errno == 1003


def test_default_of_an_autoincrement_column_is_its_next_number(merging: Client) -> None:
    merging.run("CREATE TABLE n (id INT AUTOINCREMENT START 10 INCREMENT 5, v INT)")
    merging.run("INSERT INTO n VALUES (DEFAULT, 1), (DEFAULT, 2)", "INSERT INTO n (v, id) VALUES (3, DEFAULT)")
    merging.run("INSERT ALL INTO n VALUES (DEFAULT, w) SELECT 4 AS w")
    on = "USING (SELECT 5 AS v) AS s ON n.v = s.v WHEN NOT MATCHED"
    merging.run(f"MERGE INTO n {on} THEN INSERT (id, v) VALUES (DEFAULT, s.v)")
    assert merging.rows("SELECT v, id FROM n ORDER BY v") == [(1, 10), (2, 15), (3, 20), (4, 25), (5, 30)]
    for refused in (
        "INSERT INTO n VALUES (DEFAULT, 1), (7, 2)",
        "INSERT INTO n (id) VALUES (DEFAULT)",
        "MERGE INTO n USING (SELECT 6 AS v) AS s ON n.v = s.v WHEN NOT MATCHED AND s.v > 9 THEN INSERT (id) VALUES (1)"
        " WHEN NOT MATCHED THEN INSERT (v) VALUES (s.v)",
    ):
        assert merging.error(refused).errno == 391900, refused
    assert merging.value("SELECT COUNT(*) FROM n") == 5
