"""The names that SHOW gives, quoted or not."""

import pytest

from pipeline.sql.names import QualifiedName
from pipeline.targets.tasks import shown_name


@pytest.mark.parametrize(
    ("shown", "parts"),
    [
        ("DB.S.T", ("DB", "S", "T")),
        ('"my db".S."t"', ("my db", "S", "t")),
        ("my db.S.t", ("my db", "S", "t")),
        ("DB.S.a.b", ("DB", "S", "a.b")),
        ("T", ("my db", "a.b", "T")),
        ("my db.a.b.t.1", ("my db", "a.b", "t.1")),
    ],
)
def test_a_shown_name_is_a_stored_one(shown: str, parts: tuple[str, ...]) -> None:
    assert shown_name(shown, "my db", "a.b") == QualifiedName.of(*parts)
