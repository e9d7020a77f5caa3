"""How a Snowflake connector reaches a local account."""

LOCAL_ACCOUNT = "local"
"""The account's name; connectors want one though the host says it all."""


def client_parameters(
    host: str, port: int, user: str, password: str, account: str = LOCAL_ACCOUNT
) -> dict[str, str | int | float | bool]:
    """Arguments of `snowflake.connector.connect`, the same for 4.x and 5.x.

    `platform_detection_timeout_seconds` 0 keeps the client from asking cloud providers where it runs, `no_proxy` from
    sending loopback requests to a proxy of the environment.
    """
    return {
        "account": account,
        "user": user,
        "password": password,
        "host": host,
        "port": port,
        "protocol": "http",
        "no_proxy": f"{host},127.0.0.1,localhost",
        "platform_detection_timeout_seconds": 0.0,
    }
