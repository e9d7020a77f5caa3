"""The files that a load is given: found, readable, told apart, and staged under a name made from their content.

The staged name holds a hash of the content. So a file that was loaded before keeps its name, and Snowflake's load
metadata skips it; one that was edited gets another, and is loaded; two of one name from different folders do not
collide. Snowflake's own check of content (ETag) would not do: internal stages encrypt every upload anew.
"""

import glob
import gzip
import hashlib
import os
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import UsageError

COMPRESSED = frozenset({".gz", ".bz2", ".br", ".zst", ".deflate", ".raw_deflate"})
"""Endings of files that COPY reads compressed (COMPRESSION = AUTO); they are staged as they are."""

HASH_LENGTH = 12
"""Hexadecimal digits of the content's SHA-256 in a staged name."""

_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Staged:
    """A file ready for PUT: the user's `source`, the `path` to upload, whose name is the name on the stage."""

    source: Path
    path: Path
    size: int

    @property
    def name(self) -> str:
        return self.path.name


def find_files(patterns: Iterable[str]) -> tuple[Path, ...]:
    """The files that the arguments name, each once, in their order; patterns that the shell left are expanded.

    Raises UsageError for a missing file, a pattern that matches nothing, a folder, a file that cannot be read.
    """
    found: dict[Path, None] = {}
    for pattern in patterns:
        for path in _matches(pattern):
            _check(path)
            found[path.resolve()] = None
    if not found:
        raise UsageError("No files to load.", hint="`pipeline load data/*.jsonl` loads all of a folder.")
    return tuple(found)


def stage_file(source: Path, folder: Path) -> Staged:
    """Write the compressed copy of `source` that is uploaded into `folder`, in constant memory."""
    if source.suffix.lower() in COMPRESSED:
        digest = hashlib.sha256()
        with source.open("rb") as reader:
            while chunk := reader.read(_CHUNK):
                digest.update(chunk)
        path = folder / _staged_name(source, digest.hexdigest())
        if not path.exists():
            shutil.copyfile(source, path)
        return Staged(source, path, source.stat().st_size)
    return _compressed(source, folder)


def _compressed(source: Path, folder: Path) -> Staged:
    digest = hashlib.sha256()
    unfinished = folder / f"{source.name}.unfinished"
    with (
        source.open("rb") as reader,
        unfinished.open("wb") as file,
        # Level 1: at the default of 9 compressing takes far longer than sending.
        gzip.GzipFile(filename="", mode="wb", compresslevel=1, fileobj=file, mtime=0) as writer,
    ):
        while chunk := reader.read(_CHUNK):
            digest.update(chunk)
            writer.write(chunk)
    path = folder / (_staged_name(source, digest.hexdigest()) + ".gz")
    unfinished.replace(path)
    return Staged(source, path, source.stat().st_size)


def _staged_name(source: Path, digest: str) -> str:
    """`events.jsonl` → `events.0123456789ab.jsonl`: sorts by the file's name, as its rows' source_file will."""
    stem, dot, ending = source.name.partition(".")
    return f"{stem}.{digest[:HASH_LENGTH]}{dot}{ending}"


def _matches(pattern: str) -> list[Path]:
    path = Path(pattern)
    if path.exists() or not glob.has_magic(pattern):
        return [path]
    matches = [Path(match) for match in sorted(glob.iglob(pattern, recursive=True)) if Path(match).is_file()]  # noqa: PTH207, also absolute patterns
    if not matches:
        raise UsageError(f"No file matches '{pattern}'.")
    return matches


def _check(path: Path) -> None:
    if path.is_dir():
        raise UsageError(f"{path} is a folder.", hint=f"`pipeline load '{path}/*'` loads the files in it.")
    if not path.exists():
        raise UsageError(f"{path} does not exist.")
    if not path.is_file():
        raise UsageError(f"{path} is no regular file.", hint="Write the data to a file first.")
    if not os.access(path, os.R_OK):
        raise UsageError(f"{path} cannot be read: permission denied.")
