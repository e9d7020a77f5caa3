"""Times small statements on the server that the argument tells how to reach. Needs the connector alone.

For each line of its input it measures once more and writes a line: JSON, of each statement its times in milliseconds.
"""

import json
import os
import sys
import time

import snowflake.connector

WARM_UP, TIMES = 3, 15

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
        for number, _ in enumerate(sys.stdin):
            times = {name: timed(cursor, sql, number, new=False) for name, sql in STATEMENTS.items()}
            times |= {f"{name}, its text new": timed(cursor, sql, number, new=True) for name, sql in STATEMENTS.items()}
            print(json.dumps(times), flush=True)


def timed(cursor: "snowflake.connector.cursor.SnowflakeCursor", sql: str, number: int, *, new: bool) -> list[float]:
    """The milliseconds of each execution, with a `new` text each time or always the same."""
    times = []
    for count in range(WARM_UP + TIMES):
        text = sql.format(n=number * (WARM_UP + TIMES) + count if new else 7)
        start = time.perf_counter()
        cursor.execute(text).fetchall()
        times.append((time.perf_counter() - start) * 1000)
    return times[WARM_UP:]


if __name__ == "__main__":
    main()
