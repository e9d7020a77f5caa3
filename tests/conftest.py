"""Options that all tests share."""

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--connection",
        help="also run the scripts in tests/local/scripts on the real account of this connection of connections.toml",
    )
