"""Number, state and text of what a load can meet: the rows on loading in the table of common errors.

Sources: docs.snowflake.com/en/sql-reference/sql/copy-into-table; public records of live accounts.
"""

from collections.abc import Iterator

import pytest

from local.accounts import Client, client
from local.staging import stage
from pipeline.local.engine import Account

FILES = {
    "many.csv": "1,a,b\n",
    "few.csv": "1\n",
    "word.csv": "x,a\n",
    "null.csv": "1,\\N\n",
    "long.csv": "1,abcd\n",
    "range.csv": "99999999999999999999999999999999999999999,a\n",
    "date.csv": "nope\n",
    "flag.csv": "maybe\n",
    "open.json": '{"a":1}\n{"a":\n',
}
COUNT = (
    "Number of columns in file ({}) does not match that of the corresponding table (2), use file format option "
    "error_on_column_count_mismatch=false to ignore this error"
)
ERRORS = [
    ("t FROM @st/many.csv", 100080, "22000", COUNT.format(3), 'Row 1, column "T"[3]'),
    ("t FROM @st/few.csv", 100080, "22000", COUNT.format(1), 'Row 1, column "T"["ID":1]'),
    ("t FROM @st/word.csv", 100038, "22018", "Numeric value 'x' is not recognized", 'Row 1, column "T"["ID":1]'),
    ("t FROM @st/null.csv", 100072, "22000", "NULL result in a non-nullable column", 'Row 1, column "T"["N":2]'),
    (
        "t FROM @st/long.csv",
        100074,
        "54000",
        "User character length limit (3) exceeded by string 'abcd'",
        'Row 1, column "T"["N":2]',
    ),
    (
        "t FROM @st/range.csv",
        100039,
        "22003",
        f"Numeric value '{'9' * 41}' is out of range",
        'Row 1, column "T"["ID":1]',
    ),
    ("d FROM @st/date.csv", 100040, "22007", "Date 'nope' is not recognized", 'Row 1, column "D"["AT":1]'),
    ("b FROM @st/flag.csv", 100037, "22018", "Boolean value 'maybe' is not recognized", 'Row 1, column "B"["OK":1]'),
    (
        "v FROM @st/open.json FILE_FORMAT = (TYPE = JSON)",
        100069,
        "22P02",
        "Error parsing JSON: incomplete object value",
        'Row 2 starts at line 2, column "V"["V":1]',
    ),
]


@pytest.fixture(scope="module")
def loaded(account: Account) -> Iterator[Client]:
    opened = client(account, database="LOADS")
    opened.run(
        "CREATE STAGE st",
        "CREATE TABLE t (id INT, n VARCHAR(3) NOT NULL)",
        "CREATE TABLE d (at DATE)",
        "CREATE TABLE b (ok BOOLEAN)",
        "CREATE TABLE v (v VARIANT)",
    )
    for name, content in FILES.items():
        stage(opened, "@st", name, content)
    yield opened
    opened.session.close()


@pytest.mark.parametrize(("copy", "errno", "sqlstate", "text", "place"), ERRORS)
def test_error_of(loaded: Client, copy: str, errno: int, sqlstate: str, text: str, place: str) -> None:
    error = loaded.error(f"COPY INTO {copy}")
    lines = error.message.split("\n")
    assert (error.errno, error.sqlstate, lines[0], lines[2].strip()) == (errno, sqlstate, text, place)
    table = copy.split()[0]
    assert loaded.value(f"SELECT COUNT(*) FROM {table}") == 0


def test_a_transformation_cannot_match_by_name(loaded: Client) -> None:
    error = loaded.error("COPY INTO t FROM (SELECT $1, $2 FROM @st) MATCH_BY_COLUMN_NAME = CASE_INSENSITIVE")
    assert error.message == "SQL compilation error: match_by_column_name is not supported with copy transform."
