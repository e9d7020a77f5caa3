"""The files of a load: found or refused before anything is uploaded, named by their content."""

import gzip
import os
from pathlib import Path

import pytest

from pipeline.commands.files import find_files, stage_file
from pipeline.errors import UsageError


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in ("b.jsonl", "a.jsonl", "notes.txt"):
        (tmp_path / name).write_text(f"{name}\n")
    (tmp_path / "sub").mkdir()
    return tmp_path


def test_patterns_are_expanded_in_order_and_files_counted_once(folder: Path) -> None:
    assert find_files(["*.jsonl", "a.jsonl", "notes.txt"]) == tuple(
        folder / name for name in ("a.jsonl", "b.jsonl", "notes.txt")
    )


def test_a_file_whose_name_is_a_pattern_is_that_file(folder: Path) -> None:
    (folder / "[x].jsonl").write_text("x")
    assert find_files(["[x].jsonl"]) == (folder / "[x].jsonl",)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["gone.jsonl"], "gone.jsonl does not exist."),
        (["*.csv"], "No file matches '*.csv'."),
        (["sub"], "sub is a folder."),
        ([], "No files to load."),
    ],
)
@pytest.mark.usefixtures("folder")
def test_refused(arguments: list[str], message: str) -> None:
    with pytest.raises(UsageError) as caught:
        find_files(arguments)
    assert caught.value.message == message


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads every file")
def test_an_unreadable_file(folder: Path) -> None:
    (folder / "a.jsonl").chmod(0)
    with pytest.raises(UsageError, match="cannot be read"):
        find_files(["a.jsonl"])


def test_the_staged_name_tells_the_content(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    stage, other = tmp_path_factory.mktemp("stage"), tmp_path_factory.mktemp("other")
    first = stage_file(folder / "a.jsonl", stage)
    again = stage_file(folder / "a.jsonl", other)
    assert first.name == again.name
    assert first.path.read_bytes() == again.path.read_bytes()
    assert gzip.decompress(first.path.read_bytes()) == b"a.jsonl\n"
    assert first.name.startswith("a.")
    assert first.name.endswith(".jsonl.gz")
    (folder / "a.jsonl").write_text("edited\n")
    assert stage_file(folder / "a.jsonl", stage).name != first.name


def test_a_compressed_file_is_staged_as_it_is(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    packed = folder / "c.jsonl.gz"
    packed.write_bytes(gzip.compress(b"c\n"))
    staged = stage_file(packed, tmp_path_factory.mktemp("stage"))
    assert staged.path.read_bytes() == packed.read_bytes()
    assert staged.name.endswith(".jsonl.gz")
    assert not staged.name.endswith(".gz.gz")
