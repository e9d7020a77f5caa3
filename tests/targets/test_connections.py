"""Where connections come from, and what is above what."""

from pathlib import Path

import pytest

from pipeline.errors import CannotConnect
from pipeline.targets.connections import find_connection, known_connections, snowflake_home


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "config.toml").write_text('[connections.old]\naccount = "o"\n')
    return tmp_path


def test_connections_toml_replaces_the_connections_of_config_toml(home: Path) -> None:
    environ = {"SNOWFLAKE_HOME": str(home)}
    assert known_connections(environ) == (home / "config.toml", {"old": {"account": "o"}})
    (home / "connections.toml").write_text('[dev]\naccount = "a"\n')
    assert known_connections(environ) == (home / "connections.toml", {"dev": {"account": "a"}})


def test_variables_are_above_the_file_and_the_special_above_the_general(home: Path) -> None:
    (home / "connections.toml").write_text('[dev]\naccount = "a"\nrole = "FILE"\n')
    environ = {
        "SNOWFLAKE_HOME": str(home),
        "SNOWFLAKE_ROLE": "GENERAL",
        "SNOWFLAKE_WAREHOUSE": "W",
        "SNOWFLAKE_CONNECTIONS_DEV_ROLE": "SPECIAL",
        "SNOWFLAKE_CONNECTIONS_OTHER_ROLE": "NOT MINE",
    }
    assert find_connection("dev", environ).parameters() == {
        "connection_name": "dev",
        "connections_file_path": home / "connections.toml",
        "role": "SPECIAL",
        "warehouse": "W",
    }


def test_variables_alone_can_define_a_connection(home: Path) -> None:
    environ = {
        "SNOWFLAKE_HOME": str(home),
        "SNOWFLAKE_CONNECTIONS_CI_ACCOUNT": "a",
        "SNOWFLAKE_CONNECTIONS_CI_PASSWORD": "hush",
    }
    found = find_connection("ci", environ)
    assert found.parameters() == {"account": "a", "password": "hush"}
    assert "hush" not in repr(found)


def test_an_unknown_connection_names_the_known_ones(home: Path) -> None:
    (home / "connections.toml").write_text('[develop]\naccount = "a"\n[prod]\naccount = "b"\n')
    with pytest.raises(CannotConnect) as caught:
        find_connection("develp", {"SNOWFLAKE_HOME": str(home)})
    assert "Did you mean 'develop'?" in caught.value.message
    assert caught.value.hint is not None
    assert "develop, prod" in caught.value.hint


def test_a_file_that_is_no_toml(home: Path) -> None:
    (home / "connections.toml").write_text("[dev\n")
    with pytest.raises(CannotConnect, match="cannot be read"):
        find_connection("dev", {"SNOWFLAKE_HOME": str(home)})


def test_the_platforms_folder_without_dot_snowflake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    monkeypatch.setattr("sys.platform", "linux")
    assert snowflake_home({}) == tmp_path / ".config" / "snowflake"
    (tmp_path / ".snowflake").mkdir()
    assert snowflake_home({}) == tmp_path / ".snowflake"
