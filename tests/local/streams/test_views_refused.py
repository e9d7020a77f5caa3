"""Which views have no streams: found when the stream is made, also in views within views.

Source: docs.snowflake.com/en/user-guide/streams-intro (streams on views).
"""

from collections.abc import Iterator

import pytest

from local.accounts import Client, client, open_account

WITH = "Change tracking is not supported on queries with "
REFUSED = {
    "SELECT id FROM t WHERE id IN (SELECT id FROM c)": f"{WITH}subqueries outside FROM.",
    "SELECT id, (SELECT MAX(id) FROM c) AS m FROM t": f"{WITH}subqueries outside FROM.",
    "SELECT id FROM nested": f"{WITH}GROUP BY.",
    "SELECT id FROM t WHERE at > CURRENT_DATE": f"{WITH}non-deterministic functions.",
    "SELECT id FROM t WHERE at > CURRENT_DATE()": f"{WITH}non-deterministic functions.",
    "SELECT id, CURRENT_TIMESTAMP AS now FROM t": f"{WITH}non-deterministic functions.",
    "SELECT UUID_STRING() AS u FROM t": f"{WITH}non-deterministic functions.",
    "SELECT id FROM pending": f"{WITH}a stream as a source.",
    "SELECT MAX(id) AS m FROM t": f"{WITH}aggregate functions.",
    "SELECT ROW_NUMBER() OVER (ORDER BY id) AS n FROM t": f"{WITH}window functions.",
    "SELECT DISTINCT id FROM t": f"{WITH}DISTINCT.",
    "SELECT id FROM t UNION SELECT id FROM c": f"{WITH}UNION without ALL.",
    "SELECT t.id FROM t FULL JOIN c ON t.id = c.id": f"{WITH}joins of type '[FULL_OUTER_JOIN]'.",
    "SELECT t.id FROM t RIGHT JOIN c ON t.id = c.id": f"{WITH}joins of type '[RIGHT_OUTER_JOIN]'.",
    "SELECT table_name FROM information_schema.tables": f"{WITH}no table as a source.",
    "SELECT id FROM t NATURAL JOIN (SELECT id FROM c) AS q": "A stream on a view with NATURAL JOIN of a subquery "
    "is not supported by the local account.",
    "WITH q AS (SELECT id FROM c) SELECT id FROM q NATURAL JOIN t": "A stream on a view with NATURAL JOIN of a "
    "subquery is not supported by the local account.",
    "SELECT t.id FROM t JOIN (VALUES (1)) v ON t.id = v.column1": "A stream on a view over VALUES or a table function "
    "is not supported by the local account.",
    "SELECT t.id FROM t, TABLE(FLATTEN(INPUT => ARRAY_CONSTRUCT(1))) f": "A stream on a view over VALUES or a table "
    "function is not supported by the local account.",
}


@pytest.fixture(scope="module")
def known() -> Iterator[Client]:
    account = open_account()
    opened = client(account)
    opened.run(
        "CREATE TABLE t (id INT, at DATE)",
        "CREATE TABLE c (id INT)",
        "CREATE STREAM pending ON TABLE t",
        "CREATE VIEW grouped AS SELECT id, COUNT(*) AS n FROM t GROUP BY id",
        "CREATE VIEW nested AS SELECT id FROM grouped WHERE n > 0",
    )
    yield opened
    account.close()


@pytest.mark.parametrize("query", REFUSED)
def test_no_stream_on(known: Client, query: str) -> None:
    known.run(f"CREATE OR REPLACE VIEW v AS {query}")
    assert known.error("CREATE STREAM s ON VIEW v").message.endswith(REFUSED[query])


@pytest.mark.parametrize(
    "query",
    [
        "SELECT t.id AS a, c.id AS b FROM t, c",
        "SELECT id FROM t JOIN c USING (id)",
        "SELECT x.id FROM (SELECT id FROM t) AS x JOIN (SELECT id FROM c) AS y ON x.id = y.id",
        "WITH q AS (SELECT id FROM t) SELECT id FROM q UNION ALL (SELECT id FROM c)",
        "WITH q AS (SELECT id FROM t), r AS (SELECT * FROM q) SELECT * FROM r UNION ALL SELECT * FROM r WHERE id > 1",
        "SELECT * FROM (WITH q AS (SELECT id FROM t UNION ALL SELECT id FROM c) SELECT * FROM q)",
        "WITH q AS (SELECT id FROM t) SELECT * FROM (SELECT * FROM q) AS x",
    ],
)
def test_a_stream_shows_what_is_new(db: Client, query: str) -> None:
    db.run("CREATE TABLE t (id INT, at DATE)", "CREATE TABLE c (id INT)", f"CREATE VIEW v AS {query}")
    db.run("CREATE STREAM s ON VIEW v", "INSERT INTO t (id) VALUES (1), (2)", "INSERT INTO c VALUES (1), (3)")
    assert sorted(db.rows("SELECT * EXCLUDE (METADATA$ACTION, METADATA$ISUPDATE, METADATA$ROW_ID) FROM s")) == sorted(
        db.rows("SELECT * FROM v")
    )


def test_rows_keep_their_ids_in_a_clone(db: Client) -> None:
    """Documentation: the ids of rows that were there when a table was cloned are the same in both."""
    db.run("CREATE TABLE t (id INT)", "INSERT INTO t VALUES (1), (2)", "CREATE TABLE c CLONE t")
    db.run("CREATE STREAM st ON TABLE t", "CREATE STREAM sc ON TABLE c", "UPDATE t SET id = id + 10")
    db.run("UPDATE c SET id = id + 20", "INSERT INTO t VALUES (5)", "INSERT INTO c VALUES (5)")
    ids = {
        name: db.rows(f"SELECT id, METADATA$ROW_ID FROM {name} WHERE METADATA$ISUPDATE ORDER BY 1")
        for name in ("st", "sc")
    }
    assert len(ids["st"]) == 4
    assert {row for _, row in ids["st"]} == {row for _, row in ids["sc"]}
    assert not set(db.rows("SELECT METADATA$ROW_ID FROM st WHERE id = 5")) & set(
        db.rows("SELECT METADATA$ROW_ID FROM sc WHERE id = 5")
    )


@pytest.mark.parametrize("added", ["INT", "VARCHAR"])
def test_a_view_that_its_table_has_outgrown(db: Client, added: str) -> None:
    db.run("CREATE TABLE t (id VARCHAR)", "CREATE VIEW v AS SELECT * FROM t", "CREATE STREAM s ON VIEW v")
    db.run("INSERT INTO t VALUES ('a')", f"ALTER TABLE t ADD COLUMN more {added}")
    for name in ("v", "s"):
        error = db.error(f"SELECT * FROM {name}")
        assert (error.errno, "declared 1 column(s), but view query produces 2" in error.message) == (2057, True)
    db.run("ALTER TABLE t DROP COLUMN more")
    assert db.rows("SELECT id FROM s") == [("a",)]


def test_a_replaced_view_is_named(db: Client) -> None:
    db.run("CREATE TABLE t (id INT)", "CREATE VIEW v AS SELECT id FROM t", "CREATE STREAM s ON VIEW v")
    db.run("CREATE OR REPLACE VIEW v AS SELECT id FROM t")
    error = db.error("SELECT * FROM s")
    assert (error.errno, error.message) == (
        91901,
        "Base table 'DB.PUBLIC.V' dropped, cannot read from stream 'S' in line 1 position 14",
    )
