"""How a Snowflake connector reaches a local account."""

import os

LOCAL_ACCOUNT = "local"
"""The account's name; connectors want one though the host says it all."""


def client_parameters(
    host: str, port: int, user: str, password: str, account: str = LOCAL_ACCOUNT
) -> dict[str, str | int | float | bool]:
    """Arguments of `snowflake.connector.connect`, the same for 4.x and 5.x.

    `platform_detection_timeout_seconds` 0 keeps the client from asking cloud providers where it runs. Neither
    connector takes an argument against the proxies of the environment: see `spare_from_proxies`.
    """
    return {
        "account": account,
        "user": user,
        "password": password,
        "host": host,
        "port": port,
        "protocol": "http",
        "platform_detection_timeout_seconds": 0.0,
    }


def spare_from_proxies(host: str) -> None:
    """Add `host` to this process's NO_PROXY, or a proxy of the environment gets the requests to this machine."""
    for name in ("NO_PROXY", "no_proxy"):
        spared = [part for part in os.environ.get(name, "").split(",") if part]
        if host not in spared:
            os.environ[name] = ",".join([*spared, host])
