"""Number, state, text and place of the errors that are commonly met; every error of the lower libraries is mapped."""

import importlib
import inspect
import pkgutil
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import ModuleType

import duckdb
import pytest
import sqlglot
import sqlglot.errors

import pipeline.local
from local.accounts import START, Client, client
from pipeline.local import faults
from pipeline.local.clock import ManualClock
from pipeline.local.engine import Account
from pipeline.local.errors import SnowflakeError
from pipeline.local.internal import INTERNAL_ERRNO

SETUP = (
    "CREATE TABLE t (id INT NOT NULL, v VARCHAR(3), n NUMBER(4, 1))",
    "INSERT INTO t VALUES (1, 'a', 1)",
    "CREATE TABLE gone2 (id INT)",
    "CREATE STAGE stage1",
    "CREATE TABLE gone (id INT)",
    "CREATE STREAM orphan ON TABLE gone",
    "DROP TABLE gone",
    "CREATE VIEW outer_join AS SELECT a.id FROM t a LEFT JOIN t b ON a.id = b.id",
    "CREATE VIEW limited AS SELECT id FROM t LIMIT 1",
    "CREATE VIEW correlated AS SELECT id FROM t a WHERE EXISTS (SELECT 1 FROM t b WHERE b.id = a.id)",
    "CREATE TASK root SCHEDULE = '1 MINUTE' AS SELECT 1",
    "CREATE TASK child AFTER root AS SELECT 1",
    "ALTER TASK child RESUME",
    "ALTER TASK root RESUME",
    "CREATE TASK resting AS SELECT 1",
)
COMPILATION = "SQL compilation error:\n"
TRACKING = COMPILATION + "Change tracking is not supported on queries with "
TOO_OLD = (
    "Time travel data is not available for table T. The requested time is either beyond the allowed time travel period "
    "or before the object creation time."
)
OUTSIDE = "Window function appears outside of SELECT, QUALIFY, and ORDER BY clauses."
INSERT_ONLY = (
    "Streams of type INSERT_ONLY can only be created on external tables or Iceberg tables with an external catalog "
    "integration."
)
INVALID_SCHEDULE = "Invalid schedule was specified. Please refer to the docs on what constitutes a valid schedule."
STARTED = "Unable to update graph with root task DB.PUBLIC.ROOT since that root task is not suspended."
BOTH = "Task K cannot have both a schedule and a predecessor."
NOT_ROOT = (
    "Execute task cannot be called on non-root task DB.PUBLIC.CHILD. Call EXECUTE TASK on the root task of its graph "
    "instead."
)

COMMON = {
    "SELECT FROM": "001003 (42000): SQL compilation error:\nsyntax error line 1 at position 7 unexpected 'FROM'.",
    "SELECT * FROM nope": f"002003 (42S02): {COMPILATION}Object 'NOPE' does not exist or not authorized.",
    "LIST @foobar": f"002003 (02000): {COMPILATION}Stage 'DB.PUBLIC.FOOBAR' does not exist or not authorized.",
    "USE DATABASE nope": f"002043 (02000): {COMPILATION}Object does not exist, or operation cannot be performed.",
    "DROP SCHEMA nope": f"002043 (02000): {COMPILATION}Object does not exist, or operation cannot be performed.",
    "DROP DATABASE nope": f"002043 (02000): {COMPILATION}Object does not exist, or operation cannot be performed.",
    "SHOW TABLES IN SCHEMA nope": f"002043 (02000): {COMPILATION}Object does not exist, or operation cannot be "
    "performed.",
    "CREATE STAGE stage1": f"002002 (42710): {COMPILATION}Object 'STAGE1' already exists.",
    "CREATE TABLE t (id INT)": f"002002 (42710): {COMPILATION}Object 'T' already exists.",
    "SELECT x FROM t": "000904 (42000): SQL compilation error: error line 1 at position 7\ninvalid identifier 'X'",
    "SELECT id, COUNT(*) FROM t": f"000979 (42601): {COMPILATION}[ID] is not a valid group by expression",
    "SELECT id, v, COUNT(*) FROM t GROUP BY id": f"001104 (42601): {COMPILATION}'V' in select clause is neither an "
    "aggregate nor in the group by clause.",
    "SELECT t.nope FROM t": "000904 (42000): SQL compilation error: error line 1 at position 7\n"
    "invalid identifier 'T.NOPE'",
    'SELECT id,\n  "t"."no""pe" FROM t AS "t"': "000904 (42000): SQL compilation error: error line 2 at position 2\n"
    "invalid identifier 't.no\"pe'",
    "INSERT INTO t (nope) VALUES (1)": "000904 (42000): SQL compilation error: error line 1 at position 15\n"
    "invalid identifier 'NOPE'",
    "UPDATE t SET nope = 1": "000904 (42000): SQL compilation error: error line 1 at position 13\n"
    "invalid identifier 'NOPE'",
    "MERGE INTO t USING gone2 AS s ON t.id = s.id WHEN NOT MATCHED THEN INSERT (nope) VALUES (1)": "000904 (42000): "
    "SQL compilation error: error line 1 at position 75\ninvalid identifier 'NOPE'",
    "SELECT id FROM t WHERE SUM(id) > 1": f"002035 (42601): {COMPILATION}Invalid aggregate function in where clause.",
    "DELETE FROM t WHERE SUM(id) > 1": f"002035 (42601): {COMPILATION}Invalid aggregate function in where clause.",
    "SELECT id FROM t GROUP BY SUM(id)": f"000979 (42601): {COMPILATION}An aggregate function is not a valid group by "
    "expression.",
    "SELECT id FROM t GROUP BY id HAVING RANK() OVER (ORDER BY id) = 1": f"000979 (42601): {COMPILATION}A window "
    "function is not a valid group by expression.",
    "SELECT SUM(COUNT(*)) FROM t": f"002303 (42601): {COMPILATION}Aggregate functions cannot be nested.",
    "SELECT SUM(RANK() OVER (ORDER BY id)) FROM t": f"002303 (42601): {COMPILATION}Window function may not appear "
    "inside an aggregate function.",
    "SELECT id FROM t WHERE RANK() OVER (ORDER BY id) = 1": f"002303 (42601): {COMPILATION}{OUTSIDE}",
    "SELECT id FROM t GROUP BY RANK() OVER (ORDER BY id)": f"002303 (42601): {COMPILATION}{OUTSIDE}",
    "SELECT a.id FROM t a JOIN t b ON RANK() OVER (ORDER BY a.id) = 1": f"002303 (42601): {COMPILATION}{OUTSIDE}",
    "SELECT SUM(id) OVER (ORDER BY RANK() OVER (ORDER BY id)) FROM t": f"002303 (42601): {COMPILATION}{OUTSIDE}",
    "SELECT id FROM t QUALIFY id = 1": f"002303 (42601): {COMPILATION}found QUALIFY clause but no window function.",
    "SELECT SUM(id) OVER (ORDER BY id ROWS BETWEEN 1 FOLLOWING AND 1 PRECEDING) FROM t": f"002303 (42601): "
    f"{COMPILATION}Invalid window frame.",
    "SELECT SUM(id) OVER (ORDER BY id ROWS BETWEEN 1 PRECEDING AND UNBOUNDED PRECEDING) FROM t": f"002303 (42601): "
    f"{COMPILATION}Invalid window frame.",
    "SELECT ROW_NUMBER() OVER (PARTITION BY v) FROM t": f"002303 (42601): {COMPILATION}Window function type "
    "[ROW_NUMBER] requires ORDER BY in window specification.",
    "SELECT": f"001003 (42000): {COMPILATION}syntax error: SELECT has no expressions.",
    "CREATE TABLE k (a)": f"001003 (42000): {COMPILATION}syntax error: the column A has no data type.",
    "ALTER TABLE t ADD COLUMN a": f"001003 (42000): {COMPILATION}syntax error: the column A has no data type.",
    "SELECT 1; SELECT 2": "000008 (0A000): Actual statement count 2 did not match the desired statement count 1.",
    "INSERT INTO t VALUES (NULL, 'a', 1)": "100072 (22000): NULL result in a non-nullable column 'ID'",
    "INSERT INTO t VALUES (1, 'abcd', 1)": "100078 (22000): String 'abcd' is too long and would be truncated",
    "SELECT '9999-12-31 23:59:59 -1400'::TIMESTAMP_TZ": "391900 (0A000): A result outside of the years 1 to 9999 "
    "(10000-01-01 13:59:59) is not supported by the local account.",
    "SELECT 'abcd'::VARCHAR(3)": "100078 (22000): String 'abcd' is too long and would be truncated",
    "SELECT 1 / 0": "100051 (22012): Division by zero",
    "SELECT 'x'::INT": "100038 (22018): Numeric value 'x' is not recognized",
    "SELECT 99999::NUMBER(4, 1)": "100039 (22003): Numeric value '99999' is out of range",
    "SELECT 'x'::DATE": "100040 (22007): Date 'x' is not recognized",
    "SELECT 'x'::BOOLEAN": "100037 (22018): Boolean value 'x' is not recognized",
    "SELECT PARSE_JSON('{')": "100069 (22P02): Error parsing JSON: {",
    "SELECT NOPE(1)": f"002140 (42601): {COMPILATION}Unknown function NOPE.",
    "SELECT APPROX_PERCENTILE(id, 2) FROM t": f"001007 (22023): {COMPILATION}Invalid argument for APPROX_PERCENTILE: a "
    "constant between 0 and 1.",
    "CREATE TABLE x (id INT) DATA_RETENTION_TIME_IN_DAYS = 91": f"001008 (22023): {COMPILATION}invalid value [91] for "
    "parameter 'DATA_RETENTION_TIME_IN_DAYS'",
    "ALTER TABLE t SET MAX_DATA_EXTENSION_TIME_IN_DAYS = 'x'": f"001008 (22023): {COMPILATION}invalid value [x] for "
    "parameter 'MAX_DATA_EXTENSION_TIME_IN_DAYS'",
    "CREATE SCHEMA x DATA_RETENTION_TIME_IN_DAYS = 91": f"001008 (22023): {COMPILATION}invalid value [91] for "
    "parameter 'DATA_RETENTION_TIME_IN_DAYS'",
    "SELECT SYSTEM$WAIT('x')": "100038 (22018): Numeric value 'x' is not recognized",
    "SELECT LAST_QUERY_ID('x')": "100038 (22018): Numeric value 'x' is not recognized",
    "CALL nope()": f"002141 (42601): {COMPILATION}Unknown user-defined function NOPE.",
    "SELECT a.id FROM t a JOIN t a": f"002012 (42601): {COMPILATION}duplicate alias 'A'",
    "SELECT id FROM t a JOIN t b ON TRUE": f"002028 (42601): {COMPILATION}ambiguous column name 'ID'",
    "INSERT INTO t VALUES (1)": f"002020 (21S01): {COMPILATION}Insert value list does not match column list expecting "
    "3 but got 1",
    "EXECUTE IMMEDIATE FROM @stage1/x.sql": "391900 (0A000): EXECUTE IMMEDIATE FROM is not supported by the local "
    "account.",
    "COPY FILES INTO @stage1 FROM @stage1": "391900 (0A000): COPY FILES is not supported by the local account.",
    "COPY INTO t FROM @stage1 FILES = ('none.csv')": "091016 (22000): Remote file '@stage1/none.csv' was not found. If "
    "you are running a copy command, please make sure files are not deleted when they are being loaded or files are "
    "not being loaded into two different tables concurrently with auto purge option.",
}
STREAMS = {
    "SELECT *\n  FROM orphan": "091901 (01000): Base table 'DB.PUBLIC.GONE' dropped, cannot read from stream 'ORPHAN' "
    "in line 2 position 7",
    "CREATE STREAM s ON VIEW outer_join": f"091912 (0A000): {TRACKING}joins of type '[LEFT_OUTER_JOIN]'.",
    "CREATE STREAM s ON VIEW limited": f"091912 (0A000): {TRACKING}LIMIT.",
    "CREATE STREAM s ON VIEW correlated": f"091912 (0A000): {TRACKING}correlated subquery expressions.",
    "CREATE STREAM s ON TABLE t INSERT_ONLY = TRUE": f"091913 (22023): {COMPILATION}{INSERT_ONLY}",
    "CREATE STREAM s ON STAGE stage1 INSERT_ONLY = TRUE": f"091913 (22023): {COMPILATION}Streams on directories cannot "
    "have INSERT_ONLY set to true.",
    "CREATE STREAM s ON TABLE t AT (STREAM => s1)": "000904 (42000): SQL compilation error: error line 1 at position 7"
    "\ninvalid identifier 'S1'",
    "CREATE STREAM s ON TABLE t AT (STREAM => 'no_such_stream')": f"002003 (02000): {COMPILATION}Stream "
    "'no_such_stream' not found.",
    "CREATE STREAM s ON TABLE t AT (STREAM => NULL)": f"001071 (22023): {COMPILATION}Time travel AT(STREAM => _) "
    "expected a stream name, got NULL.",
    "CREATE STREAM s ON TABLE t AT (OFFSET => 60)": f"001071 (22023): {COMPILATION}Invalid data type [60] in "
    "AT(OFFSET => 60)",
    "CREATE STREAM s ON TABLE t AT (TIMESTAMP => CURRENT_TIMESTAMP())": f"001071 (22023): {COMPILATION}Invalid time "
    "travel point 'CURRENT_TIMESTAMP()': it is not deterministic.",
    "CREATE STREAM s ON TABLE t AT (STATEMENT => '01b2c3d4-0000')": f"001050 (02000): {COMPILATION}Statement "
    "01b2c3d4-0000 not found",
    "CREATE STREAM s ON TABLE t AT (TIMESTAMP => '2020-01-01'::TIMESTAMP_LTZ)": f"000707 (02000): {TOO_OLD}",
    "SELECT * FROM t CHANGES (INFORMATION => DEFAULT) AT (TIMESTAMP => '2020-01-01'::TIMESTAMP_LTZ)": "091930 (22000): "
    f"{COMPILATION}Change tracking is not enabled or has been missing for the time range requested on table 'T'.",
}
TASKS = {
    "ALTER TASK child SUSPEND": f"091421 (22000): {STARTED}",
    "CREATE OR REPLACE TASK child AFTER root AS SELECT 2": f"091421 (22000): {STARTED}",
    "EXECUTE TASK child": NOT_ROOT,
    "CREATE TASK k SCHEDULE = '1 MINUTE' AFTER resting AS SELECT 1": f"091400 (22000): {BOTH}",
    "CREATE TASK k SCHEDULE = 'USING CRON * * * * * PST' AS SELECT 1": "Invalid schedule was specified. "
    '"PST" is not a recognized time zone. Please specify time zones accepted by the TIMEZONE parameter.',
    "CREATE OR ALTER TASK root SCHEDULE = '1 MINUTE' AS SELECT 2": f"091421 (22000): {STARTED}",
    "DROP TASK child": f"091421 (22000): {STARTED}",
    "ALTER TASK root SET COMMENT = 'c'": f"091421 (22000): {STARTED}",
    "CREATE TASK k NOPE = 1 AS SELECT 1": f"{COMPILATION}invalid property 'NOPE' for 'TASK'",
    "CREATE TASK k TARGET_COMPLETION_INTERVAL = '9 SECOND' WHEN SYSTEM$STREAM_HAS_DATA('orphan') AS SELECT 1": "SQL "
    "compilation error:\ninvalid value [9 SECOND] for parameter 'TARGET_COMPLETION_INTERVAL'",
    "CREATE TASK k SCHEDULE = '5M' AS SELECT 1": INVALID_SCHEDULE,
    "CREATE TASK k SCHEDULE = '5 SECONDS' AS SELECT 1": "Cannot set schedule less than 10 seconds.",
    "CREATE TASK k SCHEDULE = '200 HOURS' AS SELECT 1": "Cannot set schedule greater than 11,520 minutes.",
    "CREATE TASK k AFTER no_such_task AS SELECT 1": "Invalid predecessor NO_SUCH_TASK was specified.",
    "CREATE TASK k WAREHOUSE = no_such_wh AS SELECT 1": "Nonexistent warehouse NO_SUCH_WH was specified.",
    "CREATE TASK k QUERY_TAG = 'a' QUERY_TAG = 'b' AS SELECT 1": f"{COMPILATION}duplicate property 'QUERY_TAG';",
    "ALTER TASK resting REMOVE AFTER root": "Task RESTING does not have predecessor ROOT.",
}


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    account = Account(tmp_path_factory.mktemp("account"), clock=ManualClock(START))
    session = client(account)
    session.run("CREATE WAREHOUSE wh", *SETUP)
    yield session
    account.close()


@pytest.mark.parametrize("sql", [*COMMON, *STREAMS, *TASKS])
def test_error_of(known: Client, sql: str) -> None:
    error = known.error(sql)
    wanted = {**COMMON, **STREAMS, **TASKS}[sql]
    assert wanted in (str(error), error.message)


@pytest.mark.parametrize(
    ("sql", "place"),
    [
        ("SELECT FROM", (1, 7)),
        ("SELECT 1\n  FROM t WHERE", (2, 14)),
        ("SELECT x FROM t", (1, 7)),
        ("SELECT 1,\n   x\nFROM t", (2, 3)),
        ("SELECT *\n  FROM orphan", (2, 7)),
    ],
)
def test_place_of(known: Client, sql: str, place: tuple[int, int]) -> None:
    error = known.error(sql)
    assert (error.line, error.position) == place


@pytest.mark.parametrize(("missing", "errno"), [("database", 90105), ("schema", 90106)])
def test_names_without_a_place(known: Client, missing: str, errno: int) -> None:
    other = known.session.account.open_session(user="OTHER")
    session = Client(other)
    if missing == "schema":
        session.run("CREATE DATABASE empty", "DROP SCHEMA empty.public")
    error = session.error("SELECT * FROM t")
    assert (error.errno, error.sqlstate) == (errno, "22000")
    assert error.message.startswith(f"Cannot perform SELECT. This session does not have a current {missing}. Call 'USE")


def exceptions_of(root: str, modules: Iterable[ModuleType]) -> set[type[BaseException]]:
    """Every exception class that modules hold and the package `root` defines."""
    found = {kind for module in modules for _, kind in inspect.getmembers(module, inspect.isclass)}
    return {kind for kind in found if issubclass(kind, BaseException) and kind.__module__.split(".")[0] == root}


def test_every_error_of_duckdb_is_mapped_by_its_meaning() -> None:
    """DuckDB raises no `Warning`: PEP 249 wants the class to be there."""
    spoken = exceptions_of("_duckdb", (duckdb, importlib.import_module("_duckdb")))
    assert len(spoken) > 30
    assert spoken - faults.MAPPED == {duckdb.Warning}


def test_every_error_of_sqlglot_is_mapped_by_its_meaning() -> None:
    """What is left is raised by the optimizer to itself, and the optimizer is not used."""
    names = [module.name for module in pkgutil.walk_packages(sqlglot.__path__, "sqlglot.")]
    modules = [importlib.import_module(name) for name in names if not name.endswith("__main__")]
    spoken = exceptions_of("sqlglot", modules)
    assert len(spoken) > 6
    assert {kind.__name__ for kind in spoken - faults.MAPPED} == {"UnsupportedUnit"}
    sources = Path(pipeline.local.__file__).parent.rglob("*.py")
    assert not [path for path in sources if "sqlglot.optimizer" in path.read_text(encoding="utf-8")]


@pytest.mark.parametrize(
    ("raised", "errno"),
    [
        (sqlglot.errors.ParseError("Expected table name"), 1003),
        (sqlglot.errors.TokenError("Missing ' from 1:7"), 1003),
        (sqlglot.errors.UnsupportedError("PIVOT of two"), 391900),
        (sqlglot.errors.OptimizeError("Column could not be resolved"), INTERNAL_ERRNO),
        (duckdb.DataError("Conversion Error: Could not convert string 'x' to INT32"), 100038),
        (duckdb.NotSupportedError("Not implemented Error: this"), 391900),
        (duckdb.OperationalError("disk"), 300006),
        (duckdb.ProgrammingError("text of ours"), INTERNAL_ERRNO),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else "",
)
def test_the_meaning_of_a_class(raised: duckdb.Error | sqlglot.errors.SqlglotError, errno: int) -> None:
    error = faults.from_duckdb(raised) if isinstance(raised, duckdb.Error) else faults.from_sqlglot(raised)
    assert error.errno == errno


PROVOKED = {
    "SELECT CAST('x' AS INTEGER)": 100038,
    "SELECT CAST('x' AS DATE)": 100040,
    "SELECT CAST('x' AS BOOLEAN)": 100037,
    "SELECT CAST(300 AS TINYINT)": 100039,
    "SELECT 9223372036854775807 + 1::BIGINT": 100039,
    "SELECT json('{')": 100069,
    "SELECT 'a' LIKE 'b' ESCAPE 'cc'": 100131,
    "ATTACH '/no/such/folder/x.duckdb'": 300006,
    "SELECT * FROM no_such_table": INTERNAL_ERRNO,
    "SELEC 1": INTERNAL_ERRNO,
}


@pytest.mark.parametrize("sql", PROVOKED)
def test_a_real_error_of_duckdb(sql: str) -> None:
    with duckdb.connect() as connection, pytest.raises(duckdb.Error) as caught:
        connection.execute(sql).fetchall()
    error = faults.from_duckdb(caught.value)
    assert isinstance(error, SnowflakeError)
    assert error.errno == PROVOKED[sql]
