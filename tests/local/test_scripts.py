"""Scripts of SQL with the rows they must give: on the local account always, on a real one with --connection NAME.

After a statement, `--> a | b` lines are its rows in that order (NULL for null), `--> ` alone means no rows, and
`--! 002003` the number of its error. A statement without either must succeed. Each file has a database of its own.
`{files}` stands for the folder of the files that they load.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from pipeline.local.client import client_parameters, stay_on_this_machine
from pipeline.local.engine import Account
from pipeline.local.protocol import Credentials
from pipeline.local.server import AccountServer
from pipeline.sql.splitter import split

FOLDER = Path(__file__).parent / "scripts"
SCRIPTS = sorted(FOLDER.glob("*.sql"))
CREDENTIALS = Credentials("local", "TESTER", "a secret of the tests")


@dataclass(frozen=True)
class Case:
    """One statement of a script and what it must give."""

    line: int
    sql: str
    rows: tuple[str, ...] | None
    error: int | None


def cases(text: str) -> list[Case]:
    pieces = split(text)
    found = []
    for piece, following in zip(pieces, [*pieces[1:], None], strict=True):
        after = text[piece.end : following.start if following is not None else len(text)]
        wanted = [line.strip()[3:].strip() for line in after.splitlines() if line.strip().startswith("-->")]
        errors = [int(line.strip()[3:].split()[0]) for line in after.splitlines() if line.strip().startswith("--!")]
        rows = None if not wanted else tuple(row for row in wanted if row)
        found.append(Case(piece.line, piece.text, rows, errors[0] if errors else None))
    return found


@pytest.fixture(scope="module")
def local_connection(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    import snowflake.connector

    folder = tmp_path_factory.mktemp("account")
    account = Account(folder)
    server = AccountServer(account, CREDENTIALS, folder / "stages")
    server.start()
    stay_on_this_machine(server.host)
    parameters = client_parameters(server.host, server.port, CREDENTIALS.user, CREDENTIALS.password)
    with snowflake.connector.connect(**parameters) as connection:
        yield connection
    server.stop()
    account.close()


@pytest.fixture(scope="module")
def connection(request: pytest.FixtureRequest) -> Any:
    name = request.config.getoption("--connection")
    if name is None:
        return request.getfixturevalue("local_connection")
    import snowflake.connector

    return snowflake.connector.connect(connection_name=name)


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_script(script: Path, connection: Any) -> None:
    database = f"PIPELINE_TEST_{script.stem.upper()}"
    cursor = connection.cursor()
    cursor.execute(f"CREATE OR REPLACE DATABASE {database}")
    problems = []
    text = script.read_text(encoding="utf-8").replace("{files}", (FOLDER / "files").as_posix())
    for case in cases(text):
        problems += check(cursor, case, script.name)
    cursor.execute(f"DROP DATABASE {database}")
    assert not problems, "\n".join(problems)


def check(cursor: Any, case: Case, name: str) -> list[str]:
    """What is wrong with a statement's outcome."""
    from snowflake.connector.errors import Error

    where = f"{name}:{case.line}"
    try:
        rows = tuple(
            " | ".join("NULL" if value is None else str(value) for value in row) for row in cursor.execute(case.sql)
        )
    except Error as error:
        if case.error == error.errno:
            return []
        return [f"{where} error {error.errno}: {error.msg}"]
    if case.error is not None:
        return [f"{where} gave {rows}, wanted error {case.error}"]
    if case.rows is not None and rows != case.rows:
        return [f"{where}\n  got    {rows}\n  wanted {case.rows}"]
    return []
