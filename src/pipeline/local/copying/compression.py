"""Staged files opened as plain bytes, whatever compressed them.

Source: docs.snowflake.com/en/sql-reference/sql/copy-into-table (COMPRESSION).
"""

import bz2
import gzip
import zlib
from collections.abc import Callable
from pathlib import Path

from pipeline.local.errors import SnowflakeError, unsupported
from pipeline.local.file_formats import Compression

ENDINGS = {
    ".gz": Compression.GZIP,
    ".bz2": Compression.BZ2,
    ".br": Compression.BROTLI,
    ".zst": Compression.ZSTD,
    ".zstd": Compression.ZSTD,
    ".deflate": Compression.DEFLATE,
    ".raw_deflate": Compression.RAW_DEFLATE,
}
_MAGIC = ((b"\x1f\x8b", Compression.GZIP), (b"\x28\xb5\x2f\xfd", Compression.ZSTD), (b"BZh", Compression.BZ2))


def detect(path: Path, declared: Compression) -> Compression:
    """What compresses the file: what was declared, or for AUTO its first bytes, or its name's ending.

    Brotli has no first bytes of its own, so AUTO never finds it: Snowflake wants it declared, too.
    """
    if declared is not Compression.AUTO:
        return declared
    with path.open("rb") as file:
        head = file.read(4)
    for magic, compression in _MAGIC:
        if head.startswith(magic):
            return compression
    by_name = ENDINGS.get(path.suffix.lower(), Compression.NONE)
    return by_name if by_name in (Compression.DEFLATE, Compression.RAW_DEFLATE) else Compression.NONE


def read(path: Path, compression: Compression) -> bytes:
    """The file's content.

    Raises:
        SnowflakeError: 100142, the content is not what the compression says.
    """
    try:
        return _READERS[compression](path)
    except (OSError, EOFError, zlib.error) as error:
        raise SnowflakeError(f"Error decompressing file '{path.name}': {error}", 100142, "22000") from error


def _plain(path: Path) -> bytes:
    return path.read_bytes()


def _gzip(path: Path) -> bytes:
    with gzip.open(path) as file:
        return file.read()


def _bz2(path: Path) -> bytes:
    with bz2.open(path) as file:
        return file.read()


def _deflate(path: Path) -> bytes:
    return zlib.decompress(path.read_bytes())


def _raw_deflate(path: Path) -> bytes:
    return zlib.decompress(path.read_bytes(), -zlib.MAX_WBITS)


def _zstd(path: Path) -> bytes:
    try:
        import zstandard  # only files that need it ask for the package
    except ImportError as error:
        raise unsupported("COMPRESSION = ZSTD without the Python package zstandard") from error
    try:
        with path.open("rb") as file, zstandard.ZstdDecompressor().stream_reader(file, read_across_frames=True) as data:
            return data.read()
    except zstandard.ZstdError as error:
        raise OSError(str(error)) from error


def _brotli(path: Path) -> bytes:
    try:
        import brotli  # type: ignore[import-untyped, import-not-found, unused-ignore]  # only files that need it ask for the package
    except ImportError as error:
        raise unsupported("COMPRESSION = BROTLI without the Python package brotli") from error
    try:
        return bytes(brotli.decompress(path.read_bytes()))
    except brotli.error as error:
        raise OSError(str(error)) from error


_READERS: dict[Compression, Callable[[Path], bytes]] = {
    Compression.NONE: _plain,
    Compression.GZIP: _gzip,
    Compression.BZ2: _bz2,
    Compression.DEFLATE: _deflate,
    Compression.RAW_DEFLATE: _raw_deflate,
    Compression.ZSTD: _zstd,
    Compression.BROTLI: _brotli,
}
