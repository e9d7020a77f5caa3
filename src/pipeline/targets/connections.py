"""Named Snowflake connections: the files and variables that Snowflake's own clients read.

Habits kept: `connections.toml` replaces the `[connections]` of `config.toml`; variables are above files, and
`SNOWFLAKE_CONNECTIONS_<NAME>_<KEY>` above `SNOWFLAKE_<KEY>`; flags are above all.
Source: docs.snowflake.com/en/developer-guide/snowflake-cli/connecting/configure-connections.
"""

import os
import sys
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from pipeline.errors import CannotConnect

_FILE = "connections.toml"
# What `SNOWFLAKE_<KEY>` may set. SNOWFLAKE_HOME, SNOWFLAKE_CONNECTIONS and their like are no parameters.
_KEYS = (
    "account",
    "authenticator",
    "database",
    "host",
    "oauth_client_id",
    "oauth_client_secret",
    "oauth_scope",
    "oauth_token_request_url",
    "passcode",
    "password",
    "port",
    "private_key_file",
    "private_key_file_pwd",
    "private_key_passphrase",
    "protocol",
    "region",
    "role",
    "schema",
    "token",
    "token_file_path",
    "user",
    "warehouse",
    "workload_identity_provider",
)


@dataclass(frozen=True, slots=True)
class NamedConnection:
    """What is known of a connection before it is opened."""

    name: str
    file: Path | None
    """Where it is defined, None if variables alone define it."""
    from_variables: Mapping[str, str] = field(default_factory=dict, repr=False)
    in_file: Mapping[str, Any] = field(default_factory=dict, repr=False)
    """What the file says; it may hold secrets."""

    @property
    def source(self) -> str:
        """Where its parameters come from, for people; no values."""
        variables = f"{len(self.from_variables)} SNOWFLAKE_ variables ({', '.join(sorted(self.from_variables))})"
        if self.file is None:
            return f"'{self.name}' of {variables}"
        return f"'{self.name}' of {self.file}" + (f" and {variables}" if self.from_variables else "")

    def parameters(self) -> dict[str, Any]:
        """Arguments for the connector's `connect`; it reads (and checks the mode of) the file itself."""
        if self.file is None:
            return dict(self.from_variables)
        # Connector 4.x looks for the file once, when it is imported, unless it is told.
        path = {"connections_file_path": self.file} if self.file.name == _FILE else {}
        return {"connection_name": self.name, **path, **self.from_variables}


def find_connection(name: str, environ: Mapping[str, str] = os.environ) -> NamedConnection:
    """The connection called `name`. Raises CannotConnect with the known names when there is none."""
    file, known = known_connections(environ)
    variables = _variables(name, environ)
    if name in known:
        return NamedConnection(name, file, variables, known[name])
    if "account" in variables:
        return NamedConnection(name, None, variables)
    near = get_close_matches(name, known, n=1)
    suggestion = f" Did you mean '{near[0]}'?" if near else ""
    listed = f"Known ones: {', '.join(sorted(known))}." if known else "No connection is defined there."
    raise CannotConnect(
        f"There is no Snowflake connection '{name}' in {file}.{suggestion}",
        hint=f"{listed} Add [{name}] to that file, or set SNOWFLAKE_CONNECTIONS_{name.upper()}_ACCOUNT and its kin.",
    )


def known_connections(environ: Mapping[str, str] = os.environ) -> tuple[Path, Mapping[str, Mapping[str, Any]]]:
    """The file that defines connections, and what it says of each by its name; the file need not exist."""
    home = snowflake_home(environ)
    connections = home / _FILE
    if connections.exists():
        return connections, _read(connections)
    config = home / "config.toml"
    if config.exists():
        return config, _read(config).get("connections", {})
    return connections, {}


def snowflake_home(environ: Mapping[str, str] = os.environ) -> Path:
    """The folder of Snowflake's clients: $SNOWFLAKE_HOME, else ~/.snowflake if it is there, else the platform's."""
    if configured := environ.get("SNOWFLAKE_HOME"):
        return Path(configured).expanduser()
    dotted = Path.home() / ".snowflake"
    if dotted.exists():
        return dotted
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "snowflake"
    if sys.platform == "win32":
        return Path(environ.get("LOCALAPPDATA", str(Path.home()))) / "snowflake"
    return Path(environ.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "snowflake"


def _variables(name: str, environ: Mapping[str, str]) -> dict[str, str]:
    general = {key: environ[f"SNOWFLAKE_{key.upper()}"] for key in _KEYS if environ.get(f"SNOWFLAKE_{key.upper()}")}
    prefix = f"SNOWFLAKE_CONNECTIONS_{name.upper()}_"
    special = {key.removeprefix(prefix).lower(): value for key, value in environ.items() if key.startswith(prefix)}
    return general | special


def _read(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise CannotConnect(f"{file} cannot be read: {error}") from error
