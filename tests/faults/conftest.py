"""What every test of faults begins with, made once."""

import pytest

from faults.campaign import undisturbed
from faults.world import Prepared, prepare


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    return prepare(tmp_path_factory.mktemp("faults") / "prepared")


@pytest.fixture(scope="session")
def reference(prepared: Prepared, tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, object], int]:
    """The state after an undisturbed deploy, and the number of its requests."""
    return undisturbed(prepared, tmp_path_factory.mktemp("wanted") / "case", 20)


@pytest.fixture
def wanted(reference: tuple[dict[str, object], int]) -> dict[str, object]:
    return reference[0]
