"""A local account whose folder cannot be made says so in the user's words."""

from pathlib import Path

import pytest

from pipeline.errors import CannotConnect
from pipeline.targets.local import account_folder, opened


def test_a_file_in_the_place_of_its_folder(tmp_path: Path) -> None:
    (tmp_path / ".pipeline").write_text("no folder", encoding="utf-8")
    with (
        pytest.raises(CannotConnect, match=r"cannot be opened: .*Not a directory"),
        opened(account_folder(tmp_path), lambda _text: None),
    ):
        pass
