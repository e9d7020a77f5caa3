"""Stages and file formats as objects, and the files in them: PUT, GET, LIST, REMOVE, SELECT."""

import hashlib
from pathlib import Path

import pytest

from local.accounts import Client
from local.staging import stage, transfer
from pipeline.local import stages
from pipeline.local.engine import Account
from pipeline.local.protocol import TransferCommand


def names(db: Client, sql: str) -> list[object]:
    return [row[0] for row in db.rows(sql)]


def test_put_goes_to_the_stage_and_the_path(db: Client, account: Account) -> None:
    put = transfer(db, "PUT 'file:///tmp/my files/*.json' @st/a/b/ PARALLEL = 8 OVERWRITE = TRUE AUTO_COMPRESS = FALSE")
    assert put.command is TransferCommand.UPLOAD
    assert put.patterns == ("/tmp/my files/*.json",)
    assert (put.auto_compress, put.overwrite, put.parallel, put.source_compression) == (False, True, 8, "AUTO_DETECT")
    assert account.folder is not None
    assert put.folder.is_relative_to(account.folder.resolve() / "stages")
    assert put.folder.parts[-2:] == ("a", "b")
    assert put.query_id == "transfer"
    plain = transfer(db, "PUT file:///tmp/x.csv @~ SOURCE_COMPRESSION = GZIP")
    assert (plain.auto_compress, plain.overwrite, plain.source_compression) == (True, False, "GZIP")
    for wrong in ("PARALLEL = 100", "AUTO_COMPRESS = MAYBE", "SOURCE_COMPRESSION = LZMA"):
        assert db.error(f"PUT file:///tmp/x.csv @st {wrong}").errno == 1008


def test_get_names_the_files(db: Client) -> None:
    stage(db, "@st/out", "a.csv", "1\n")
    stage(db, "@st/out", "b.json", "{}\n")
    got = transfer(db, "GET @st/out file:///tmp/target/ PATTERN = '.*csv'")
    assert got.command is TransferCommand.DOWNLOAD
    assert [(file.name, file.size) for file in got.files] == [("out/a.csv", 2)]
    assert got.local_directory == "/tmp/target/"


def test_list(db: Client) -> None:
    path = stage(db, "@st/in", "a.csv", "1,x\n")
    result = db.result("LIST @st")
    assert [column.name for column in result.columns] == ["name", "size", "md5", "last_modified"]
    ((name, size, md5, modified),) = result.rows
    assert (name, size, md5) == ("st/in/a.csv", 4, hashlib.md5(b"1,x\n").hexdigest())
    assert str(modified).endswith(" GMT")
    path.write_bytes(b"other\n")
    assert db.rows("LS @st")[0][2] == hashlib.md5(b"other\n").hexdigest()


def test_prefixes_patterns_and_removal(db: Client) -> None:
    for name in ("f1", "f1.csv"):
        stage(db, "@st", name, "x")
    for name in ("g", "h.csv"):
        stage(db, "@st/dir", name, "x")
    assert names(db, "LIST @st/f") == ["st/f1", "st/f1.csv"]
    assert names(db, "LIST @st PATTERN = '.*[.]csv'") == ["st/dir/h.csv", "st/f1.csv"]
    assert names(db, "LIST @st PATTERN = 'f1'") == []
    assert db.rows("REMOVE @st/dir PATTERN = '.*g'") == [("st/dir/g", "removed")]
    assert names(db, "RM @st/f1") == ["st/f1", "st/f1.csv"]
    assert names(db, "LIST @st") == ["st/dir/h.csv"]
    assert db.error("LIST @st PATTERN = '['").errno == 100048


def test_stages_keep_to_themselves(db: Client, tmp_path: Path) -> None:
    path = stage(db, "@st", "a.csv", "1\n")
    (tmp_path / "secret.csv").write_text("secret\n")
    (path.parent / "link.csv").symlink_to(tmp_path / "secret.csv")
    (path.parent / "dir").symlink_to(tmp_path)
    db.run("CREATE TABLE v (v VARCHAR)")
    assert names(db, "LIST @st") == ["st/a.csv"]
    assert db.error("COPY INTO v FROM @st FILES = ('link.csv')").errno == 91016
    assert db.error("COPY INTO v FROM @st FILES = ('dir/secret.csv')").errno == 91016
    for sql in ("LIST '@st/../x'", "PUT file:///tmp/x '@st/../x'", "GET '@st/../x' file:///tmp/", "REMOVE '@~/../x'"):
        assert db.error(sql).errno == 1008


def test_names(db: Client) -> None:
    db.run('CREATE STAGE "My Stage"', "CREATE TABLE t (v VARCHAR)")
    stage(db, "'@\"My Stage\"/p q'", "a b.csv", "1\n")
    assert names(db, "LIST '@\"My Stage\"/p q'") == ["my stage/p q/a b.csv"]
    error = db.error("LIST @nowhere")
    assert (error.errno, error.sqlstate) == (2003, "02000")
    assert error.message.endswith(f"Stage '{db.session.database}.PUBLIC.NOWHERE' does not exist or not authorized.")
    stage(db, "@%t", "x", "1\n")
    assert names(db, "LIST @%t") == ["x"]
    assert names(db, f"LIST @{db.session.database}.public.%t") == ["x"]


def test_files_go_with_the_stage(db: Client, account: Account) -> None:
    path = stage(db, "@st", "a.csv", "1\n")
    db.run("CREATE STAGE IF NOT EXISTS st")
    assert path.exists()
    db.run("CREATE OR REPLACE STAGE st")
    assert not path.exists()
    path = stage(db, "@st", "a.csv", "1\n")
    db.run("ALTER STAGE st RENAME TO other")
    assert names(db, "LIST @other") == ["other/a.csv"]
    db.run("DROP STAGE other")
    assert not path.exists()
    assert db.error("LIST @other").errno == 2003
    assert account.folder is not None
    (account.folder / "stages" / stages.SCRATCH / "left").mkdir(parents=True)
    stages.clear_scratch(account.folder)
    assert not (account.folder / "stages" / stages.SCRATCH).exists()


def test_create_and_alter_stage(db: Client) -> None:
    assert db.error("CREATE STAGE st").errno == 2002
    db.run(
        "CREATE OR ALTER STAGE st FILE_FORMAT = (TYPE = JSON) COMMENT = 'c'",
        "CREATE STAGE full FILE_FORMAT = (TYPE = CSV SKIP_HEADER = 1) DIRECTORY = (ENABLE = TRUE)"
        " ENCRYPTION = (TYPE = 'SNOWFLAKE_SSE') COPY_OPTIONS = (ON_ERROR = 'SKIP_FILE')",
        "ALTER STAGE full SET COMMENT = 'x' COPY_OPTIONS = (PURGE = TRUE)",
        "ALTER STAGE IF EXISTS nowhere SET COMMENT = 'x'",
    )
    wrong = {
        "CREATE STAGE x NO_SUCH_OPT = 1": "invalid property 'NO_SUCH_OPT' for 'STAGE'",
        "CREATE STAGE x FILE_FORMAT = (TYPE = 'BOGUS')": "invalid value ['BOGUS'] for parameter 'TYPE'",
        "CREATE STAGE x CREDENTIALS = (AWS_KEY_ID = 'x')": "invalid stage (X): location not specified",
        "CREATE STAGE x ENCRYPTION = (TYPE = 'AWS_SSE_S3')": "Cannot set URL, credentials, or encryption key",
        "CREATE STAGE x URL = 'file:///tmp/x'": "invalid URL prefix found in: 'file:///tmp/x'",
        "CREATE STAGE x URL = '/tmp/x'": "invalid URL: /tmp/x",
        "CREATE STAGE x COPY_OPTIONS = (ON_ERROR = 'NO')": "for parameter 'ON_ERROR'",
        "ALTER STAGE st UNSET COMMENT": "Unsupported feature 'UNSET'.",
        "ALTER STAGE nowhere SET COMMENT = 'x'": "does not exist or not authorized",
        "ALTER STAGE st REFRESH": "not supported by the local account",
    }
    for sql, message in wrong.items():
        assert message in db.error(sql).message, sql


def test_file_formats(db: Client) -> None:
    db.run(
        "CREATE FILE FORMAT ff TYPE = CSV FIELD_DELIMITER = '|' SKIP_HEADER = 2 NULL_IF = ('NULL', '\\\\N')",
        "CREATE OR REPLACE FILE FORMAT ff TYPE = CSV FIELD_DELIMITER = '|'",
        "CREATE FILE FORMAT IF NOT EXISTS ff TYPE = JSON",
        "ALTER FILE FORMAT ff SET SKIP_HEADER = 1 COMMENT = 'x'",
        "ALTER FILE FORMAT ff RENAME TO renamed",
        "CREATE TABLE t (a VARCHAR, b VARCHAR)",
    )
    stage(db, "@st", "f.csv", "h|h\n1|2\n")
    db.run("COPY INTO t FROM @st FILE_FORMAT = (FORMAT_NAME = 'renamed')")
    assert db.rows("SELECT * FROM t") == [("1", "2")]
    wrong = {
        "CREATE FILE FORMAT renamed TYPE = CSV": "already exists",
        "ALTER FILE FORMAT renamed SET TYPE = JSON": "File format type cannot be changed.",
        "CREATE FILE FORMAT x TYPE = CSV STRIP_OUTER_ARRAY = TRUE": "Option STRIP_OUTER_ARRAY is not valid for file",
        "CREATE FILE FORMAT x TYPE = CSV NO_SUCH = 1": "invalid parameter 'NO_SUCH'",
        "CREATE FILE FORMAT x TYPE = CSV COMPRESSION = 'BOGUS'": "invalid value ['BOGUS'] for parameter 'COMPRESSION'",
        "CREATE FILE FORMAT x TYPE = CSV PARSE_HEADER = TRUE SKIP_HEADER = 1": "cannot be used together",
        "CREATE FILE FORMAT x TYPE = XML": "The file format type XML is not supported by the local account.",
        "CREATE FILE FORMAT x TYPE = JSON ENABLE_OCTAL = TRUE": "ENABLE_OCTAL = TRUE is not supported",
        "ALTER FILE FORMAT nosuch SET COMMENT = 'x'": "File format '",
    }
    for sql, message in wrong.items():
        assert message in db.error(sql).message, sql


@pytest.mark.parametrize("temporary", ["", "TEMPORARY "])
def test_temporary_stages_end_with_their_session(db: Client, account: Account, temporary: str) -> None:
    db.run(f"CREATE {temporary}STAGE short")
    database = db.session.database
    path = stage(db, "@short", "a", "x")
    db.session.close()
    other = Client(account.open_session(user="OTHER", database=database))
    if temporary:
        assert other.error("LIST @short").errno == 2003
    else:
        assert other.rows("LIST @short")[0][0] == "short/a"
        assert path.exists()


def test_select_from_a_stage(db: Client) -> None:
    db.run("CREATE FILE FORMAT lines TYPE = JSON MULTI_LINE = FALSE", "CREATE FILE FORMAT csv TYPE = CSV")
    stage(db, "@st/j", "a.json", '{"a":1,"b":[2]}\n{"a":3}\n')
    stage(db, "@st/j", "b.json.gz", '{"a":5}\n')
    rows = db.rows(
        "SELECT t.$1:a::INT, METADATA$FILENAME, METADATA$FILE_ROW_NUMBER, LENGTH(METADATA$FILE_CONTENT_KEY) > 8"
        " FROM @st/j (FILE_FORMAT => 'lines') t WHERE t.$1:a > 1 ORDER BY 1"
    )
    assert rows == [(3, "j/a.json", 2, True), (5, "j/b.json.gz", 1, True)]
    stage(db, "@st/c", "a.csv", "1,x\n2\n")
    query = "SELECT $1, $2, $9 FROM @st/c (FILE_FORMAT => csv, PATTERN => '.*csv') ORDER BY 1"
    assert db.rows(query) == [("1", "x", None), ("2", None, None)]
    stage(db, "@st/c", "b.csv", "3,z\n")
    assert len(db.rows(query)) == 3, "the files are read anew"
    assert db.rows("SELECT $1 FROM @st/nothing (FILE_FORMAT => 'lines')") == []
    db.run("CREATE TABLE t AS SELECT $1:a::INT AS a FROM @st/j (FILE_FORMAT => 'lines')")
    assert db.value("SELECT SUM(a) FROM t") == 9
    stage(db, "@st/bad", "a.json", '{"a":1}\n{"a"\n')
    error = db.error("SELECT $1 FROM @st/bad (FILE_FORMAT => 'lines')")
    assert error.message.startswith("Error parsing JSON: incomplete object value\n  File 'bad/a.json', line 2,")


def test_an_account_in_memory_has_no_stages() -> None:
    account = Account(None)
    db = Client(account.open_session(user="T"))
    db.run("CREATE DATABASE d", "CREATE STAGE st")
    assert db.error("LIST @st").errno == 391900
    account.close()
