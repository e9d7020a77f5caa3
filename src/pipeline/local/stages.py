"""Stages: where the files of a named, table or user stage are on disk, and which of them a path means.

Source: docs.snowflake.com/en/user-guide/data-load-local-file-system-create-stage and …/sql/list.
"""

import hashlib
import os
import re
import shutil
import uuid
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

from pipeline.local.catalog import Object
from pipeline.local.errors import SnowflakeError, compilation, does_not_exist, unsupported
from pipeline.local.objects import Kind, StageSpec
from pipeline.local.session import Session
from pipeline.sql.grammar.stages import StageKind, StageRef
from pipeline.sql.names import render

SCRATCH = ".scratch"
"""Rewritten copies of staged files live here, beside the stages' folders, as long as one statement needs them."""

_STAMP = "%a, %d %b %Y %H:%M:%S GMT"


@dataclass(frozen=True, slots=True)
class StagedFile:
    """A file of a stage; `name` is its path within the stage, with slashes."""

    name: str
    path: Path
    size: int
    modified_ns: int

    @property
    def modified(self) -> datetime:
        return datetime.fromtimestamp(self.modified_ns // 1_000_000_000, UTC)

    @property
    def stamp(self) -> str:
        """`last_modified` as LIST prints it."""
        return self.modified.strftime(_STAMP)

    @property
    def md5(self) -> str:
        return _digest("md5", self.path, self.size, self.modified_ns)

    @property
    def content_key(self) -> str:
        """A checksum of the content, the quickest to compute: METADATA$FILE_CONTENT_KEY, and load metadata."""
        return _digest("sha1", self.path, self.size, self.modified_ns)


@dataclass(frozen=True, slots=True)
class Place:
    """A stage and a path in it. `stage` is None for table stages and the user's stage."""

    folder: Path
    ref: StageRef
    stage: Object | None = None

    @property
    def key(self) -> str:
        """What tells this stage from every other one, whatever it is called now."""
        return self.folder.name

    @property
    def prefix(self) -> str:
        """What LIST and COPY write before a file's path."""
        return f"{self.ref.name.name.lower()}/" if self.ref.kind is StageKind.NAMED and self.ref.name else ""

    @property
    def location(self) -> str:
        """The stage as a statement writes it, without the path."""
        if self.ref.name is None:
            return "@~"
        mark = "%" if self.ref.kind is StageKind.TABLE else ""
        return f"@{mark}{self.ref.name.name.lower()}"

    def filename(self, path: str) -> str:
        """METADATA$FILENAME: the path within the stage; a table's own stage is named before it."""
        if self.ref.kind is StageKind.TABLE and self.ref.name is not None:
            return f"@{render(self.ref.name.name)}/{path}"
        return path


def locate(session: Session, ref: StageRef) -> Place:
    """The place that a reference names.

    Raises:
        SnowflakeError: no such stage or table; the stage is external; the path leaves the stage.
    """
    _check_path(ref.path)
    if ref.kind is StageKind.USER:
        return Place(root(session) / f"user-{_safe(session.context.user)}", ref)
    assert ref.name is not None
    if ref.kind is StageKind.TABLE:
        table = session.require(Kind.TABLE, ref.name)
        return Place(_table_folder(session, table), ref)
    stage = session.find(Kind.STAGE, ref.name)
    if stage is None:
        raise does_not_exist("Stage", ".".join(session.full_name(ref.name)))
    if stage.spec.url is not None:
        raise unsupported(f"The external stage {stage.full_name}")
    return Place(root(session) / str(stage.id), ref, stage)


def spec(place: Place) -> StageSpec | None:
    """What the stage's own DDL says of format and copy options."""
    return None if place.stage is None else place.stage.spec


def root(session: Session) -> Path:
    """The folder that holds all stages of the account."""
    folder = session.account.folder
    if folder is None:
        raise unsupported("A stage in an account that is kept in memory")
    return folder.resolve() / "stages"


def _table_folder(session: Session, table: Object) -> Path:
    return root(session) / f"table-{table.id}"


def _safe(user: str) -> str:
    return re.sub(r"[^A-Za-z0-9_]", lambda match: f"%{ord(match[0]):x}", user)


def _check_path(path: str) -> None:
    """A path is a prefix of names within the stage, so it may end anywhere, but it never leads out."""
    if "\0" in path or "\\" in path or path.startswith("/") or ".." in path.split("/"):
        raise compilation(f"invalid path '{path}' in a stage: it must stay within the stage.", 1008, "22023")


def files(place: Place, pattern: str | None = None) -> list[StagedFile]:
    """The files whose path begins with the place's path, in order of path; links are no files of a stage.

    `pattern` is matched against the whole location, which begins with the stage's own prefix.

    Raises:
        SnowflakeError: the pattern is no regular expression.
    """
    wanted = _compile(pattern)
    found = [file for file in _walk(place.folder) if file.name.startswith(place.ref.path)]
    if wanted is not None:
        found = [file for file in found if wanted.fullmatch(f"stages/{place.key}/{file.name}")]
    return sorted(found, key=lambda file: file.name)


def file_at(place: Place, name: str) -> StagedFile | None:
    """The file of exactly that path in the stage."""
    _check_path(name)
    path = place.folder.joinpath(*name.split("/"))
    if any(step.is_symlink() for step in (path, *path.parents) if place.folder in (step, *step.parents)):
        return None
    return _staged(name, path) if path.is_file() else None


def _compile(pattern: str | None) -> re.Pattern[str] | None:
    if pattern is None:
        return None
    try:
        return re.compile(pattern)
    except re.error as error:
        raise SnowflakeError(f"Invalid regular expression: '{pattern}', {error}", 100048, "2201B") from error


def _walk(folder: Path) -> Iterator[StagedFile]:
    for parent, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not Path(parent, name).is_symlink()]
        for name in names:
            path = Path(parent, name)
            if not path.is_symlink():
                yield _staged(path.relative_to(folder).as_posix(), path)


def _staged(name: str, path: Path) -> StagedFile:
    status = path.stat()
    return StagedFile(name, path, status.st_size, status.st_mtime_ns)


@lru_cache(maxsize=4096)
def _digest(algorithm: str, path: Path, size: int, modified_ns: int) -> str:  # noqa: ARG001 the key of the cache
    with path.open("rb") as file:
        return hashlib.file_digest(file, algorithm).hexdigest()


def remove(file: StagedFile, place: Place) -> None:
    """Delete a staged file, and the folders that it leaves empty."""
    file.path.unlink(missing_ok=True)
    for parent in file.path.parents:
        if parent == place.folder or any(parent.iterdir()):
            return
        parent.rmdir()


def forget(session: Session, item: Object) -> None:
    """Delete the files of a stage, or of a table's own stage, that is gone for good."""
    if session.account.folder is None:
        return
    folder = _table_folder(session, item) if item.kind is Kind.TABLE else root(session) / str(item.id)
    shutil.rmtree(folder, ignore_errors=True)


def scratch(session: Session, owner: object) -> Path:
    """A new folder that vanishes with `owner`, which is what needs it: a transaction, a running statement."""
    folder = root(session) / SCRATCH / uuid.uuid4().hex
    folder.mkdir(parents=True)
    weakref.finalize(owner, shutil.rmtree, folder, ignore_errors=True)
    return folder


@contextmanager
def scratch_for_block(session: Session) -> Iterator[Path]:
    """A new folder for the body alone."""
    folder = root(session) / SCRATCH / uuid.uuid4().hex
    folder.mkdir(parents=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def clear_scratch(account_folder: Path) -> None:
    """Remove what an interrupted statement left; called when the account opens."""
    shutil.rmtree(account_folder / "stages" / SCRATCH, ignore_errors=True)
