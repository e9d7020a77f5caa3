"""An open account holds no snapshot: DuckDB could not forget any row version that it may show."""

from local.accounts import Client
from pipeline.local.engine import Account


def test_nothing_keeps_a_snapshot_while_sessions_rest(account: Account, db: Client) -> None:
    db.run("CREATE TABLE t (id INT)", "INSERT INTO t VALUES (1)", "UPDATE t SET id = 2", "SELECT * FROM t")
    cursor = account.store.cursor()
    cursor.execute("CREATE TABLE probe (id INTEGER)")
    cursor.execute("INSERT INTO probe VALUES (1)")
    cursor.execute("UPDATE probe SET id = 2")
    # DuckDB refuses this while a snapshot may still read the row as it was before the update.
    cursor.execute("ALTER TABLE probe ALTER id SET NOT NULL")
