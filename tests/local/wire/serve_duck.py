"""A server of its own over the small engine: python serve_duck.py FOLDER."""

import sys
from pathlib import Path

from local.wire.duck_engine import DuckEngine
from pipeline.local.folder import AccountFolder
from pipeline.local.lifecycle import serve

if __name__ == "__main__":
    serve(
        AccountFolder(Path(sys.argv[1])),
        lambda folder: DuckEngine(folder.stages),
        ready=lambda endpoint: print(endpoint.as_json(), flush=True),  # noqa: T201 - the line that a caller reads
    )
