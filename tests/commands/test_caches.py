"""What plans keep between commands: it saves time, and never changes what is read."""

from pathlib import Path

import pytest

from cli.mini import mini_project
from pipeline.commands.effects_cache import CACHE, EffectsCache
from pipeline.commands.workspace import Request, open_workspace
from pipeline.plan.model import Statement
from pipeline.sql.effects import text_effects

SCRIPT = """\
CREATE DATABASE IF NOT EXISTS {{ database }}; -- pipeline: allow truncate
-- pipeline: allow drop-table
DROP TABLE x;
{% for n in [1, 2] %}INSERT INTO t VALUES ('a;b', {{ n }});
{% endfor %}"""


def statements(folder: Path) -> tuple[Statement, ...]:
    return open_workspace(Request(project=folder)).statements


def test_statements_are_the_same_from_the_cache(tmp_path: Path) -> None:
    mini_project(tmp_path, SCRIPT)
    first = statements(tmp_path)
    assert len(list((tmp_path / CACHE).iterdir())) == 1
    assert statements(tmp_path) == first
    assert [each.allowed for each in first[:2]] == [{"truncate"}, {"drop-table"}]
    mini_project(tmp_path, SCRIPT.replace("[1, 2]", "[1, 3]"))
    assert [each.text for each in statements(tmp_path)][3] == "INSERT INTO t VALUES ('a;b', 3)"


@pytest.mark.parametrize("damage", ["", "{", "[]", '{"KEY": [["a"]]}', '{"KEY": [[0, 1]]}', '{"KEY": 5}'])
def test_a_damaged_cache_counts_as_none(tmp_path: Path, damage: str) -> None:
    mini_project(tmp_path, SCRIPT)
    first = statements(tmp_path)
    [file] = (tmp_path / CACHE).iterdir()
    key = file.read_text(encoding="utf-8").split('"')[1]
    file.write_text(damage.replace("KEY", key), encoding="utf-8")
    assert statements(tmp_path) == first


def test_effects_are_read_once_for_a_text(tmp_path: Path) -> None:
    text = "CREATE PROCEDURE p(a INT, b VARCHAR(5)) RETURNS INT AS 'BEGIN DELETE FROM t; RETURN 1; END'"
    with EffectsCache(tmp_path) as cache:
        first = cache.effects(text)
    assert first == text_effects(text)
    assert first.signature == "(NUMBER, VARCHAR)"
    with EffectsCache(tmp_path) as cache:
        assert cache.effects(text) == first
