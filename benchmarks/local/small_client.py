"""Times small statements on the server that the argument tells how to reach. Needs the connector alone."""

import json
import os
import sys
import time
from statistics import median

import snowflake.connector

WARM_UP, ROUNDS = 5, 40

STATEMENTS = {
    "SELECT": "SELECT id, name FROM t WHERE id = {n}",
    "INSERT": "INSERT INTO t VALUES ({n} + 1000, 'name {n}')",
    "MERGE": "MERGE INTO t USING (SELECT {n} AS id, 'merged {n}' AS name) s ON t.id = s.id"
    " WHEN MATCHED THEN UPDATE SET name = s.name WHEN NOT MATCHED THEN INSERT (id, name) VALUES (s.id, s.name)",
}


def main() -> None:
    parameters = json.loads(sys.argv[1])
    os.environ["NO_PROXY"] = os.environ["no_proxy"] = str(parameters["host"])
    with snowflake.connector.connect(**parameters) as connection:
        cursor = connection.cursor()
        cursor.execute("CREATE DATABASE bench")
        cursor.execute("CREATE SCHEMA bench.s")
        cursor.execute("USE SCHEMA bench.s")
        cursor.execute("CREATE TABLE t (id INT, name STRING)")
        for start in range(0, 1000, 50):
            cursor.execute("INSERT INTO t VALUES " + ", ".join(f"({n}, 'name {n}')" for n in range(start, start + 50)))
        times = {name: timed(cursor, sql.replace("{n}", "7")) for name, sql in STATEMENTS.items()}
        times |= {f"{name}, its text new": timed(cursor, sql) for name, sql in STATEMENTS.items()}
        print(json.dumps(times))


def timed(cursor: "snowflake.connector.cursor.SnowflakeCursor", sql: str) -> float:
    """The median in milliseconds."""
    times = []
    for number in range(WARM_UP + ROUNDS):
        start = time.perf_counter()
        cursor.execute(sql.format(n=number)).fetchall()
        times.append(time.perf_counter() - start)
    return median(times[WARM_UP:]) * 1000


if __name__ == "__main__":
    main()
