"""What a connector sees. A program of its own, so that it also runs under connector 4.x: python scenarios.py < JSON.

Reads {"scenario": name, "parameters": {...}, "folder": path} and prints what happened as JSON, values by their repr.
"""

import json
import sys
import warnings
from pathlib import Path
from typing import Any

warnings.simplefilter("ignore")  # connector 5 announces a change of a default at each connect

import snowflake.connector  # noqa: E402 - after the filter

Json = Any
TYPES = """SELECT 1 AS a, 12.50::DECIMAL(10,2) AS b, 1.5::DOUBLE AS c, 'grün ☃' AS d, true AS e, DATE '1969-12-30' AS f,
 TIME '01:02:03.456' AS g, TIMESTAMP '2026-11-23 01:02:03.000456' AS h, TIMESTAMP '1969-12-31 23:59:59.5' AS i,
 TIMESTAMPTZ '2026-01-01 00:00:00+02' AS j, '{"a": [1]}'::JSON AS k, 'ab'::BLOB AS l, NULL::INTEGER AS m,
 -99999999999999999999999999999999999999::DECIMAL(38,0) AS n, 0.00::DECIMAL(20,10) AS o"""


def types(connection: Any, _: Path) -> Json:
    cursor = connection.cursor().execute(TYPES)
    row = cursor.fetchone()
    names = [(column.name, column.type_code, column.precision, column.scale) for column in cursor.description]
    utc = row[9].utctimetuple()[:6]
    return {
        "row": [repr(bytes(v) if isinstance(v, bytearray) else v) for v in row[:9] + row[10:]],
        "ltz": utc,
        "description": names,
    }


def counts(connection: Any, _: Path) -> Json:
    cursor = connection.cursor()
    seen = []
    for text in (
        "CREATE TABLE t(a INTEGER)",
        "INSERT INTO t SELECT * FROM range(5)",
        "UPDATE t SET a = a + 1 WHERE a > 2",
        "DELETE FROM t WHERE a = 0",
        "SELECT * FROM t",
    ):
        cursor.execute(text)
        seen.append(cursor.rowcount)
    return seen[1:]


def errors(connection: Any, _: Path) -> Json:
    seen = []
    for text in ("SELEC 1", "fault"):
        try:
            connection.cursor().execute(text)
        except snowflake.connector.errors.ProgrammingError as error:
            seen.append([error.errno, error.sqlstate, len(error.sfqid or ""), error.msg])
    return seen


def several(connection: Any, _: Path) -> Json:
    cursor = connection.cursor().execute("SELECT 1; CREATE TABLE s(a INTEGER); SELECT 3", num_statements=3)
    seen = [repr(cursor.fetchall())]
    while cursor.nextset():
        seen.append(repr(cursor.fetchall()))
    return [seen[0], seen[-1], len(seen)]


def asynchronous(connection: Any, _: Path) -> Json:
    cursor = connection.cursor()
    query_id = cursor.execute_async("wait 0.5")["queryId"]
    running = connection.is_still_running(connection.get_query_status(query_id))
    cursor.get_results_from_sfqid(query_id)
    rows = cursor.fetchall()
    return [running, repr(rows), connection.get_query_status(query_id).name]


def asynchronous_error(connection: Any, _: Path) -> Json:
    cursor = connection.cursor()
    query_id = cursor.execute_async("SELEC 1")["queryId"]
    try:
        cursor.get_results_from_sfqid(query_id)
        cursor.fetchall()
    except snowflake.connector.errors.Error as error:
        return [error.errno, "SELEC" in str(error.msg)]
    return "no error"


def long(connection: Any, _: Path) -> Json:
    """The server of the test has a patience of a second."""
    return repr(connection.cursor().execute("wait 2.5").fetchall())


def cancelled(connection: Any, _: Path) -> Json:
    """By the client's patience: 4.x takes it at execute, 5.x for the whole connection."""
    try:
        connection.cursor().execute("wait 30", timeout=1)
    except snowflake.connector.errors.Error as error:
        return [error.errno, repr(connection.cursor().execute("SELECT 1").fetchall())]
    return "no error"


def aborted(connection: Any, _: Path) -> Json:
    cursor = connection.cursor()
    query_id = cursor.execute_async("wait 30")["queryId"]
    while connection.get_query_status(query_id).name != "RUNNING":
        pass
    return [cursor.abort_query(query_id), connection.get_query_status(query_id).name]


def binds(connection: Any, _: Path) -> Json:
    cursor = connection.cursor()
    described = [column.name for column in cursor.describe("SELECT 1 AS x, 'y' AS y")]
    return [repr(cursor.execute("SELECT ?::INTEGER + 1, ?", (41, "ü")).fetchall()), described]


def put(connection: Any, folder: Path) -> Json:
    for name in ("one.jsonl", "two.jsonl", "three.csv"):
        (folder / name).write_text(f"content of {name}\n" * 100)
    cursor = connection.cursor()
    steps = [
        f"PUT 'file://{folder}/*.jsonl' @st/in AUTO_COMPRESS=FALSE",
        f"PUT 'file://{folder}/one.jsonl' @st/in AUTO_COMPRESS=FALSE",
        f"PUT 'file://{folder}/one.jsonl' @st/in AUTO_COMPRESS=FALSE OVERWRITE=TRUE",
        f"PUT 'file://{folder}/three.csv' @st/in",
        f"PUT 'file://{folder}/three.csv' @st/in",
    ]
    seen = []
    for step in steps:
        rows = cursor.execute(step).fetchall()
        seen.append(sorted([row[0], row[1], row[6]] for row in rows))
    return seen


def get(connection: Any, folder: Path) -> Json:
    put(connection, folder)
    target = folder / "got"
    target.mkdir()
    rows = connection.cursor().execute(f"GET @st/in file://{target}").fetchall()
    same = (target / "one.jsonl").read_bytes() == (folder / "one.jsonl").read_bytes()
    return [sorted([row[0], row[2]] for row in rows), sorted(path.name for path in target.iterdir()), same]


def large(connection: Any, folder: Path) -> Json:
    """Beyond the size at which connector 5 reads in ranges; an empty file too."""
    contents = {"large": bytes(range(256)) * 100_000, "empty": b""}
    target = folder / "got"
    target.mkdir()
    for name, content in contents.items():
        (folder / name).write_bytes(content)
        connection.cursor().execute(f"PUT 'file://{folder}/{name}' @st AUTO_COMPRESS=FALSE")
    connection.cursor().execute(f"GET @st 'file://{target}'")
    return [(target / name).read_bytes() == content for name, content in contents.items()]


def replaced(connection: Any, folder: Path) -> Json:
    """Without OVERWRITE the stage keeps what it has; with it the new content goes in."""
    cursor = connection.cursor()
    source = folder / "a.txt"
    for content, option in (("first", ""), ("second", ""), ("third", "OVERWRITE=TRUE")):
        source.write_text(content)
        cursor.execute(f"PUT 'file://{source}' @st/a AUTO_COMPRESS=FALSE {option}")
        if content == "second":
            (folder / "b.txt").write_text("b")
            cursor.execute(f"PUT 'file://{folder}/*.txt' @st/a AUTO_COMPRESS=FALSE")
    stage = folder / "stages" / "st" / "a"
    return {path.name: path.read_text() for path in sorted(stage.iterdir())}


def refused(connection: Any, folder: Path) -> Json:
    """A file where the stage has a folder of that name."""
    cursor = connection.cursor()
    (folder / "a").write_text("a")
    (folder / "stages" / "st" / "a").mkdir(parents=True)
    try:
        rows = cursor.execute(f"PUT 'file://{folder}/a' @st AUTO_COMPRESS=FALSE OVERWRITE=TRUE").fetchall()
    except Exception as error:  # noqa: BLE001 - whatever class a connector chooses
        return type(error).__name__
    return [row[6] for row in rows]


def session(connection: Any, _: Path) -> Json:
    return [connection.database, connection.schema, connection.warehouse, connection.role]


SCENARIOS = {
    run.__name__: run
    for run in (
        *(types, counts, errors, several, asynchronous, asynchronous_error, long, cancelled, aborted, binds),
        *(put, get, large, replaced, refused, session),
    )
}


def main() -> None:
    asked = json.load(sys.stdin)
    with snowflake.connector.connect(**asked["parameters"], **asked["options"], paramstyle="qmark") as connection:
        seen = SCENARIOS[asked["scenario"]](connection, Path(asked["folder"]))
    json.dump(seen, sys.stdout)


if __name__ == "__main__":
    main()
