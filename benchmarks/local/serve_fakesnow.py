"""fakesnow's server until the input ends. Runs in an environment of its own."""

import json
import os
import sys

import fakesnow  # type: ignore[import-not-found]

with fakesnow.server() as parameters:
    print(json.dumps({**parameters, "network_timeout": None}), flush=True)
    # It logs each request there, and nobody reads on.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.stdin.read()
