"""How a Snowflake connector reaches a local account."""

import os

LOCAL_ACCOUNT = "local"
"""The account's name; connectors want one though the host says it all."""


def client_parameters(
    host: str, port: int, user: str, password: str, account: str = LOCAL_ACCOUNT
) -> dict[str, str | int | float | bool]:
    """Arguments of `snowflake.connector.connect`, the same for 4.x and 5.x.

    `platform_detection_timeout_seconds` 0 keeps the client from asking cloud providers where it runs. Neither
    connector takes an argument against the proxies of the environment: see `stay_on_this_machine`.
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


def stay_on_this_machine(host: str) -> None:
    """Keep this process's connectors from asking elsewhere on the way to `host`.

    NO_PROXY spares it from the environment's proxies, which would get the requests otherwise. Connector 5.x also asks
    a cloud's metadata service where it runs, at each login, unless it is told that there is none.
    """
    for name in ("NO_PROXY", "no_proxy"):
        spared = [part for part in os.environ.get(name, "").split(",") if part]
        if host not in spared:
            os.environ[name] = ",".join([*spared, host])
    os.environ.setdefault("AWS_EC2_METADATA_DISABLED", "true")
