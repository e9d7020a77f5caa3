"""What the user says of a connection is above what the tool says."""

import json
import time
from collections.abc import Mapping
from pathlib import Path

import pytest

from pipeline.errors import CannotConnect
from pipeline.project.folder import Environment
from pipeline.project.model import AfterDeploy, Target
from pipeline.targets.connect import connect
from pipeline.targets.local import account_folder, opened


def written(folder: Path, parameters: Mapping[str, object], more: str = "") -> dict[str, str]:
    """The variables with which the connection `mine` has these parameters."""
    file = folder / "connections.toml"
    lines = [f"{key} = {json.dumps(value)}" for key, value in parameters.items()]
    file.write_text("\n".join(["[mine]", *lines, more, ""]), encoding="utf-8")
    file.chmod(0o600)
    return {"SNOWFLAKE_HOME": str(folder)}


def open_mine(environ: Mapping[str, str], folder: Path, monkeypatch: pytest.MonkeyPatch) -> object:
    """TIMEZONE of a session through the connection `mine`."""
    monkeypatch.setenv("SNOWFLAKE_HOME", environ["SNOWFLAKE_HOME"])
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    environment = Environment("e", Target.SNOWFLAKE, "mine", AfterDeploy.KEEP)
    with connect(environment, root=folder, say=print, environ=environ) as session:
        return session.run("SHOW PARAMETERS LIKE 'TIMEZONE' IN SESSION").records()[0]["value"]


def test_session_parameters_of_the_file_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with opened(account_folder(tmp_path), print) as (endpoint, _):
        more = '[mine.session_parameters]\nTIMEZONE = "Asia/Tokyo"'
        environ = written(tmp_path, endpoint.client_parameters(), more)
        assert open_mine(environ, tmp_path, monkeypatch) == "Asia/Tokyo"


def test_the_login_timeout_of_the_file_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    nobody = {"account": "a", "user": "u", "password": "p", "host": "127.0.0.1", "port": 9, "protocol": "http"}
    environ = written(tmp_path, {**nobody, "login_timeout": 1})
    began = time.monotonic()
    with pytest.raises(CannotConnect):
        open_mine(environ, tmp_path, monkeypatch)
    assert time.monotonic() - began < 5
