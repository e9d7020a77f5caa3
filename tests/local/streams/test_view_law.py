"""The law of a stream on a view: what the view was, less the deletes, with the inserts, is what the view is.

Source: docs.snowflake.com/en/user-guide/streams-intro (streams on views; net changes).
"""

import os
from collections import Counter
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from local.accounts import Client, client, open_account

VIEWS = {
    "projection": "SELECT k, v * 2 AS w FROM a WHERE v > 0",
    "joined": "SELECT a.k, a.v, b.v AS w FROM a JOIN b ON a.k = b.k",
    "using": "SELECT * FROM a JOIN (SELECT k, v AS w FROM b) AS c USING (k)",
    "natural": "SELECT * FROM a NATURAL JOIN b",
    "both": "SELECT k, v FROM a UNION ALL SELECT v, k FROM b WHERE k > 0",
    "twice": "SELECT k FROM a UNION ALL SELECT k FROM a WHERE v > 1",
    "itself": "SELECT x.k, y.v FROM a AS x JOIN a AS y ON x.k = y.v",
    "crossed": "SELECT q.v AS p, r.v AS s FROM (SELECT v FROM a WHERE k > 1) AS q, b AS r",
    "nested": "WITH q AS (SELECT * FROM joined), r AS (SELECT k, v FROM b) "
    "SELECT q.k, r.v FROM q JOIN r ON q.k = r.k UNION ALL SELECT k, w FROM projection",
}
ROWS = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=3)


def insert(table: str, rows: list[tuple[int, int]]) -> str:
    return f"INSERT INTO {table} VALUES {', '.join(map(str, rows))}"


TABLES = st.sampled_from(["a", "b"])
CHANGES = st.one_of(
    st.builds(insert, TABLES, ROWS),
    st.builds("UPDATE {} SET v = {} WHERE k = {}".format, TABLES, st.integers(0, 3), st.integers(0, 3)),
    st.builds("UPDATE {} SET k = k + {} WHERE v = {}".format, TABLES, st.sampled_from([-1, 1]), st.integers(0, 3)),
    st.builds("DELETE FROM {} WHERE v = {}".format, TABLES, st.integers(0, 3)),
    st.builds("TRUNCATE TABLE {}".format, TABLES),
    st.builds("INSERT OVERWRITE INTO {0} SELECT k, v FROM {0} WHERE v <> {1}".format, TABLES, st.integers(0, 3)),
)


@pytest.fixture(scope="module")
def views() -> Iterator[Client]:
    account = open_account()
    opened = client(account)
    opened.run("CREATE TABLE a (k INT, v INT)", "CREATE TABLE b (k INT, v INT)", "CREATE TABLE sink (n INT)")
    opened.run(*(f"CREATE VIEW {name} AS {query}" for name, query in VIEWS.items()))
    yield opened
    account.close()


@given(before=st.lists(CHANGES, max_size=4), after=st.lists(CHANGES, max_size=5), consumed=st.booleans())
@settings(
    max_examples=int(os.environ.get("PIPELINE_EXAMPLES", "10")),
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.explicit, Phase.generate),
)
def test_a_stream_is_the_difference(views: Client, before: list[str], after: list[str], consumed: bool) -> None:
    views.run("TRUNCATE TABLE a", "TRUNCATE TABLE b", insert("a", [(1, 1), (2, 2)]), insert("b", [(1, 3), (2, 0)]))
    views.run(*before)
    views.run(*(f"CREATE OR REPLACE STREAM s_{name} ON VIEW {name}" for name in VIEWS))
    views.run(*(f"CREATE OR REPLACE STREAM n_{name} ON VIEW {name} APPEND_ONLY = TRUE" for name in VIEWS))
    if consumed:
        views.run(insert("a", [(2, 1)]), "DELETE FROM b WHERE k = 1")
        views.run(*(f"INSERT INTO sink SELECT 1 FROM {kind}_{name}" for name in VIEWS for kind in "sn"))
    was = {name: Counter(views.rows(f"SELECT * FROM {name}")) for name in VIEWS}
    views.run(*after)
    for name in VIEWS:
        shown = "SELECT * EXCLUDE (METADATA$ACTION, METADATA$ISUPDATE, METADATA$ROW_ID) FROM"
        deleted = Counter(views.rows(f"{shown} s_{name} WHERE METADATA$ACTION = 'DELETE'"))
        inserted = Counter(views.rows(f"{shown} s_{name} WHERE METADATA$ACTION = 'INSERT'"))
        assert not deleted - was[name], name
        assert was[name] - deleted + inserted == Counter(views.rows(f"SELECT * FROM {name}")), name
        updates = views.rows(
            f"SELECT METADATA$ROW_ID, COUNT(*), COUNT(DISTINCT METADATA$ACTION) FROM s_{name}"
            " GROUP BY 1, METADATA$ISUPDATE HAVING (COUNT(*) = 2) <> METADATA$ISUPDATE"
            " OR COUNT(*) <> COUNT(DISTINCT METADATA$ACTION)"
        )
        assert updates == [], name
        appended = Counter(views.rows(f"{shown} n_{name} WHERE METADATA$ACTION = 'INSERT'"))
        if all(change.startswith("INSERT INTO") for change in after):
            assert appended == inserted, name
