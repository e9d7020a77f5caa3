"""fakesnow's server until the input ends. Runs in an environment of its own."""

import json
import sys

import fakesnow  # type: ignore[import-not-found]

with fakesnow.server() as parameters:
    print(json.dumps({**parameters, "network_timeout": None}), flush=True)
    sys.stdin.read()
