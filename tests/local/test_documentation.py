"""docs/local-account.md is what its generator makes."""

from pathlib import Path

from pipeline.local import documentation
from pipeline.local.gaps import GAPS

PAGE = Path(__file__).parents[2] / "docs" / "local-account.md"


def test_the_page_is_what_the_registries_say() -> None:
    assert PAGE.read_text(encoding="utf-8") == documentation.page(), "run `make docs`"


def test_every_gap_is_named_once() -> None:
    names = [gap.what for gap in GAPS]
    assert len(set(names)) == len(names)
