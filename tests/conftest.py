"""Options that all tests share."""

from importlib.util import find_spec

import pytest

if find_spec("hypothesis") is not None:  # the environment of connector 4.x has none
    from hypothesis import settings

    # How long an example takes depends on what else the machine does.
    settings.register_profile("pipeline", deadline=None)
    settings.load_profile("pipeline")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--connection",
        help="also run the scripts in tests/local/scripts on the real account of this connection of connections.toml",
    )
