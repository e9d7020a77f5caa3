"""A local account's server in the folder given, until the input ends."""

import json
import sys
from pathlib import Path

from pipeline.local.client import client_parameters
from pipeline.local.engine import Account
from pipeline.local.protocol import Credentials
from pipeline.local.server import AccountServer

CREDENTIALS = Credentials("local", "BENCH", "a secret of the benchmark")


def main() -> None:
    folder = Path(sys.argv[1])
    account = Account(folder)
    server = AccountServer(account, CREDENTIALS, folder / "stages")
    server.start()
    print(json.dumps(client_parameters(server.host, server.port, CREDENTIALS.user, CREDENTIALS.password)), flush=True)
    sys.stdin.read()
    server.stop()
    account.close()


if __name__ == "__main__":
    main()
