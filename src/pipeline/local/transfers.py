"""PUT and GET: what the client is told, and the storage that it then talks to.

Clients up to 4.x read and write the stage's folder themselves (LOCAL_FS). Client 5.x knows cloud storage only: it is
told of a bucket of Google Cloud Storage whose endpoint is this server, under a token made for the one transfer.
"""

import contextlib
import glob
import hmac
import mimetypes
import os
import re
import secrets
import threading
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path

from pipeline.local.errors import SnowflakeError, unsupported
from pipeline.local.http import FilePart, HttpError, Request, Response
from pipeline.local.protocol import Column, FileTransfer, Result, StatementType, TransferCommand
from pipeline.sql.types import DEFAULT_VARCHAR_LENGTH, DataType, Kind

MAX_FILE_BYTES = 5 << 30
"""The largest object that one request may store, as in Google's storage."""
GRANT_SECONDS = 3600.0
MAX_GRANTS = 1000
BINARY = "application/octet-stream"
BUCKET = "stages"
INCOMING = ".incoming"
"""Uploads in progress live here, beside the stages' folders: a stage never shows half a file."""

_COMPRESSED = {"gzip", "bzip2", "br", "xz", "compress"}
_MAGIC = ((b"\x28\xb5\x2f\xfd", "zstd"), (b"PAR1", "parquet"), (b"ORC", "orc"))


@dataclass(frozen=True, slots=True)
class Grant:
    """The permission to carry out one transfer."""

    id: str
    transfer: FileTransfer
    expires: float
    token: str = field(repr=False)


class Transfers:
    """Transfers that were granted, and their files. `stages` is the folder that holds all stages."""

    def __init__(self, stages: Path, clock: Callable[[], float] = time.monotonic) -> None:
        self._stages = stages.resolve()
        self._clock = clock
        self._lock = threading.Lock()
        self._grants: dict[str, Grant] = {}

    def prepare(self, transfer: FileTransfer) -> None:
        """Make the folder of an upload.

        Raises:
            SnowflakeError: the folder is not one of the account's stages, or cannot be made.
        """
        self._check_folder(transfer.folder)
        if transfer.command is not TransferCommand.UPLOAD:
            return
        try:
            transfer.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            text = f"The stage's folder {transfer.folder} cannot be made: {error.strerror}."
            raise SnowflakeError(text, 391904, "58030") from error

    def _check_folder(self, folder: Path) -> None:
        if self._stages not in folder.parents or ".." in folder.parts or folder.resolve() != folder:
            raise SnowflakeError(f"The folder {folder} is not a stage of this account.", 391903, "22000")

    def grant(self, transfer: FileTransfer) -> Grant:
        now = self._clock()
        grant = Grant(uuid.uuid4().hex, transfer, now + GRANT_SECONDS, secrets.token_urlsafe(32))
        with self._lock:
            for old in [g for g in self._grants.values() if g.expires < now]:
                del self._grants[old.id]
            if len(self._grants) >= MAX_GRANTS:
                del self._grants[next(iter(self._grants))]
            self._grants[grant.id] = grant
        return grant

    def answer(self, request: Request) -> Response:
        """A request to the bucket: PUT, HEAD or GET of one object.

        Raises:
            HttpError: the token, the name, or the size is not allowed.
        """
        _, bucket, grant_id, *names = request.path.split("/")
        grant = self._check_token(grant_id, request.headers)
        path = self._path(grant.transfer.folder, names)
        if request.method == "PUT" and grant.transfer.command is TransferCommand.UPLOAD and bucket == BUCKET:
            return self._store(path, request)
        if request.method in ("GET", "HEAD") and bucket == BUCKET:
            return _send(path, request)
        raise HttpError(HTTPStatus.FORBIDDEN, "This transfer does not allow that.")

    def _check_token(self, grant_id: str, headers: Mapping[str, str]) -> Grant:
        given = headers.get("authorization", "").removeprefix("Bearer ")
        with self._lock:
            grant = self._grants.get(grant_id)
        if grant is None or grant.expires < self._clock() or not _same(given, grant.token):
            raise HttpError(HTTPStatus.UNAUTHORIZED, "The token of the transfer is wrong or too old.")
        return grant

    def _path(self, folder: Path, names: list[str]) -> Path:
        """The file of an object's name: below the folder, and no link on the way to it."""
        if not names or any(name in ("", ".", "..") or "\\" in name or "\0" in name for name in names):
            raise HttpError(HTTPStatus.BAD_REQUEST, "The name of the object is not allowed.")
        path = folder.joinpath(*names)
        for step in (path, *path.parents):
            if step == self._stages:
                return path
            if step.is_symlink():
                raise HttpError(HTTPStatus.FORBIDDEN, "A link is not followed.")
        raise HttpError(HTTPStatus.FORBIDDEN, "The object is not in a stage.")

    def _store(self, path: Path, request: Request) -> Response:
        incoming = self._stages / INCOMING
        incoming.mkdir(exist_ok=True)
        part = incoming / uuid.uuid4().hex
        try:
            _write(part, request)
            _make_room(path)
            if request.headers.get("x-goog-if-generation-match") == "0":
                os.link(part, path)  # unlike rename, it refuses to replace
            else:
                part.replace(path)
        except FileExistsError:
            return Response(status=HTTPStatus.PRECONDITION_FAILED)
        except OSError as error:
            raise HttpError(HTTPStatus.BAD_REQUEST, f"The file cannot be stored: {error.strerror}.") from error
        finally:
            part.unlink(missing_ok=True)
        return Response(headers=(("ETag", f'"{uuid.uuid4().hex}"'),))


def _make_room(path: Path) -> None:
    """The folders on the way to a file. A stage on disk cannot hold both a file `a` and a file `a/b`."""
    clash = next((step for step in path.parents if step.is_file()), path if path.is_dir() else None)
    if clash is not None:
        raise HttpError(
            HTTPStatus.CONFLICT, f"{clash.name} is both a file and a folder, which a local stage cannot hold."
        )
    path.parent.mkdir(parents=True, exist_ok=True)


def _same(given: str, wanted: str) -> bool:
    return hmac.compare_digest(given.encode(), wanted.encode())


def _write(part: Path, request: Request) -> None:
    written = 0
    with part.open("xb") as file:
        for piece in request.body.parts():
            written += len(piece)
            if written > MAX_FILE_BYTES:
                raise HttpError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"A file may have {MAX_FILE_BYTES} bytes.")
            file.write(piece)


_RANGE = re.compile(r"bytes=(\d+)-(\d*)")


def _send(path: Path, request: Request) -> Response:
    """The file, or the range of it that is asked for: client 5.x reads large files in ranges, several at once."""
    if not path.is_file():
        return Response(status=HTTPStatus.NOT_FOUND)
    size = path.stat().st_size
    only_length = request.method == "HEAD"
    asked = _RANGE.fullmatch(request.headers.get("range", ""))
    if asked is None:
        return Response(FilePart(path, 0, size), content_type=BINARY, length_only=only_length)
    first, last = int(asked[1]), min(int(asked[2] or size), size - 1)
    if first > last:
        unsatisfied = (("Content-Range", f"bytes */{size}"),)
        return Response(status=HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE, headers=unsatisfied)
    part = FilePart(path, first, last - first + 1)
    headers = (("Content-Range", f"bytes {first}-{last}/{size}"),)
    return Response(part, HTTPStatus.PARTIAL_CONTENT, BINARY, headers, length_only=only_length)


def reply(transfer: FileTransfer, location: Mapping[str, object]) -> dict[str, object]:
    """What the client is told to do; `location` is the stageInfo."""
    upload = transfer.command is TransferCommand.UPLOAD
    return {
        "command": transfer.command.value,
        "src_locations": list(transfer.patterns) if upload else [file.name for file in transfer.files],
        "localLocation": None if upload else transfer.local_directory,
        "stageInfo": location,
        "encryptionMaterial": None if upload else [],
        "presignedUrls": None,
        "autoCompress": transfer.auto_compress,
        "sourceCompression": transfer.source_compression.lower(),
        "overwrite": transfer.overwrite,
        "parallel": transfer.parallel,
        "threshold": 209_715_200,
        "clientShowEncryptionParameter": False,
        "queryId": transfer.query_id,
        "sqlState": "00000",
        "statementTypeId": int(StatementType.PUT if upload else StatementType.GET),
        "operation": "Node",
    }


def folder_location(transfer: FileTransfer) -> dict[str, object]:
    """The stage as a folder of this machine."""
    location = f"{transfer.folder}{os.sep}"
    return {"locationType": "LOCAL_FS", "location": location, "path": "", "region": "", "creds": {}, "endPoint": None}


def bucket_location(grant: Grant, host: str) -> dict[str, object]:
    """The stage as a bucket at this server; `host` is the name and port that the client used."""
    return {
        "locationType": "GCS",
        "location": f"{BUCKET}/{grant.id}/",
        "path": "",
        "region": "us-central1",
        "storageAccount": "",
        "isClientSideEncrypted": False,
        "creds": {"GCS_ACCESS_TOKEN": grant.token},
        "presignedUrl": None,
        "endPoint": f"http://{host}",
    }


def without_existing(transfer: FileTransfer) -> FileTransfer | Result:
    """A PUT without OVERWRITE for a client that writes the folder itself: that client would replace what is there.

    The files that the stage has already are taken off the client's list. Where none is left, the answer is PUT's own
    result, every file SKIPPED. The client's files are looked at by name, and by their first bytes for a compression.
    """
    sources = [source for pattern in transfer.patterns for source in _matching(pattern)]
    targets = {source: transfer.folder / target_name(source, transfer) for source in sources if source.is_file()}
    existing = {source: target for source, target in targets.items() if target.exists()}
    if not existing:
        return transfer
    if len(existing) == len(targets):
        return _all_skipped(transfer, existing)
    missing = tuple(_as_pattern(source) for source in targets if source not in existing)
    return FileTransfer(
        transfer.query_id,
        transfer.sql_text,
        transfer.command,
        transfer.folder,
        missing,
        auto_compress=transfer.auto_compress,
        source_compression=transfer.source_compression,
        parallel=transfer.parallel,
    )


def _matching(pattern: str) -> list[Path]:
    """The client's files of a pattern; only `*` and `?` make it one, as in connector 4.x."""
    expanded = str(Path(pattern).expanduser())
    if not _is_pattern(expanded):
        return [Path(expanded)]
    return [Path(found) for found in sorted(glob.glob(expanded))]  # noqa: PTH207 - Path.glob wants a folder apart


def _as_pattern(source: Path) -> str:
    return glob.escape(str(source)) if _is_pattern(str(source)) else str(source)


def _is_pattern(text: str) -> bool:
    return "*" in text or "?" in text


def target_name(source: Path, transfer: FileTransfer) -> str:
    """The name under which a client stores a file (the rule of connector 4.x, `_process_file_compression_type`)."""
    declared = transfer.source_compression.upper()
    compressed = _compression(source) is not None if declared == "AUTO_DETECT" else declared != "NONE"
    return f"{source.name}.gz" if transfer.auto_compress and not compressed else source.name


def _compression(source: Path) -> str | None:
    guessed = mimetypes.guess_type(source.name)[1]
    if guessed in _COMPRESSED:
        return guessed
    if source.suffix == ".br":
        return "br"
    try:
        with source.open("rb") as file:
            head = file.read(4)
    except OSError as error:
        raise SnowflakeError(f"File cannot be read: {source}: {error.strerror}", 253006, "22000") from error
    return next((name for magic, name in _MAGIC if head.startswith(magic)), None)


PUT_COLUMNS = ("source", "target", "source_size", "target_size", "source_compression", "target_compression", "status")


def _all_skipped(transfer: FileTransfer, existing: Mapping[Path, Path]) -> Result:
    text, number = DataType(Kind.VARCHAR, length=DEFAULT_VARCHAR_LENGTH), DataType(Kind.NUMBER, precision=38, scale=0)
    columns = [Column(name, number if name.endswith("_size") else text) for name in (*PUT_COLUMNS, "message")]
    rows = []
    for source, target in existing.items():
        before = (_compression(source) or "none").upper()
        after = "GZIP" if target.name != source.name else before
        rows.append((source.name, target.name, source.stat().st_size, 0, before, after, "SKIPPED", ""))
    return Result(transfer.query_id, transfer.sql_text, tuple(columns), rows, StatementType.PUT)


def refuse_far_client() -> SnowflakeError:
    """A client that writes folders itself would write those of its own machine."""
    return unsupported("PUT and GET by a client below snowflake-connector-python 5 on another machine")


def clear_incoming(stages: Path) -> None:
    """Remove what an interrupted upload left; called when the account opens."""
    for part in (stages / INCOMING).glob("*"):
        with contextlib.suppress(FileNotFoundError):  # its upload ended meanwhile
            part.unlink()
