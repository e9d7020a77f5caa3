import pytest

from pipeline.commands.secrets import Secrets, known

SECRETS = Secrets({"api_token": "s3cr3t", "db_password": "s3cr3t-and-more", "database": "DB", "short_secret": "x"})


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("object 'DB.S3CR3T'", "object 'DB.***'"),
        ("a s3cr3t-and-more b", "a *** b"),
        ("CREATE USER u PASSWORD = 'it''s' COMMENT = 'c'", "CREATE USER u PASSWORD = '***' COMMENT = 'c'"),
        (
            "CREDENTIALS = (AWS_SECRET_KEY='k\\'k' AWS_KEY_ID='id')",
            "CREDENTIALS = (AWS_SECRET_KEY='***' AWS_KEY_ID='id')",
        ),
        ("CREATE USER u PASSWORD = 'begun here,", "CREATE USER u PASSWORD = '***'"),
        ('{% set db_password = "x y" %}', "{% set db_password = '***' %}"),
        ("x", "x"),
    ],
)
def test_hide(text: str, wanted: str) -> None:
    assert SECRETS.hide(text) == wanted


def test_a_project_without_secrets() -> None:
    assert Secrets({"database": "DB"}).hide("DB.S.T") == "DB.S.T"


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ("  db_password: hunter2  # old", "  db_password: ***"),
        ("  api_token: ${API_TOKEN}", "  api_token: ${API_TOKEN}"),
        ("  api_token: ${API_TOKEN:-hunter2}", "  api_token: ***"),
        ("vars: {database: SHOP, api_token: [hunter2]}", "vars: {database: SHOP, api_token: ***"),
        ("  database: SHOP", "  database: SHOP"),
        ("SELECT password FROM t", "SELECT password FROM t"),
    ],
)
def test_a_line_of_a_file_that_is_shown(line: str, wanted: str) -> None:
    assert known.hide_in_line(line) == wanted


def test_what_one_project_hides_stays_hidden() -> None:
    known.add(Secrets({"some_token": "qwertz-77"}))
    assert known.hide("value 'QWERTZ-77' is not recognized") == "value '***' is not recognized"
