"""A server over the small engine, and what a connector needs to reach it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from local.wire.duck_engine import DuckEngine
from pipeline.local.client import client_parameters
from pipeline.local.protocol import Credentials
from pipeline.local.server import AccountServer

CREDENTIALS = Credentials("local", "PIPELINE", "a secret of the test")


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[DuckEngine]:
    engine = DuckEngine(tmp_path / "stages")
    yield engine
    engine.close()


@pytest.fixture
def server(engine: DuckEngine, tmp_path: Path) -> Iterator[AccountServer]:
    server = AccountServer(engine, CREDENTIALS, tmp_path / "stages", patience=1.0)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def parameters(server: AccountServer) -> dict[str, object]:
    """What a connector needs to connect."""
    return {**client_parameters(server.host, server.port, CREDENTIALS.user, CREDENTIALS.password)}
