import pytest

from pipeline.commands.secrets import Secrets

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
        ("x", "x"),
    ],
)
def test_hide(text: str, wanted: str) -> None:
    assert SECRETS.hide(text) == wanted


def test_a_project_without_secrets() -> None:
    assert Secrets({"database": "DB"}).hide("DB.S.T") == "DB.S.T"
