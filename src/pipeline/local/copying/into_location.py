"""COPY INTO <location>: a query's rows written as files of a stage.

Source: docs.snowflake.com/en/sql-reference/sql/copy-into-location.
"""

import gzip
import io
import json
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from pipeline.local import queries, stages
from pipeline.local.answers import INTEGER, TEXT, Answer, table
from pipeline.local.copying import formats, options
from pipeline.local.copying.reading import checked
from pipeline.local.errors import SnowflakeError, unsupported
from pipeline.local.file_formats import Compression, CsvFormat, Format, JsonFormat, unknown_parameter, wrong_value
from pipeline.local.protocol import Binding, StatementType
from pipeline.local.session import Session
from pipeline.local.stages import Place
from pipeline.sql.grammar.copy import CopyIntoLocation
from pipeline.sql.grammar.model import Options
from pipeline.sql.types import DataType, Kind

_DEFAULT_FILE_SIZE = 16 << 20
_NOTHING: Mapping[str, Binding] = {}
_ENDINGS = {
    Compression.GZIP: ".gz",
    Compression.BZ2: ".bz2",
    Compression.ZSTD: ".zst",
    Compression.DEFLATE: ".deflate",
    Compression.RAW_DEFLATE: ".raw_deflate",
    Compression.NONE: "",
}
_REFUSED = frozenset({"CREDENTIALS", "ENCRYPTION", "STORAGE_INTEGRATION", "INCLUDE_QUERY_ID"})


@dataclass(frozen=True, slots=True)
class UnloadOptions:
    """What a COPY INTO <location> may say; sizes in bytes."""

    single: bool = False
    overwrite: bool = False
    header: bool = False
    detailed_output: bool = False
    max_file_size: int = _DEFAULT_FILE_SIZE


@dataclass(frozen=True, slots=True)
class _Written:
    """One file: its name in the stage, its bytes before and after compression, its rows."""

    name: str
    raw: int
    size: int
    rows: int


def copy_into_location(session: Session, statement: CopyIntoLocation) -> Answer:
    """Run a COPY INTO <location>. It consumes the streams that its query reads, as a DML does.

    Raises:
        SnowflakeError: the query fails, files are in the way, or by name what is not supported.
    """
    if statement.stage is None:
        raise unsupported(f"COPY into the external location '{statement.url}'")
    if statement.partition_by is not None:
        raise unsupported("PARTITION BY in COPY INTO <location>")
    place = stages.locate(session, statement.stage)
    chosen = read(statement.options)
    form = formats.chosen(session, place, statement.options.get("FILE_FORMAT"))
    if isinstance(form, CsvFormat) and form.has_moments:
        raise unsupported("DATE_FORMAT, TIME_FORMAT or TIMESTAMP_FORMAT in COPY INTO <location>")
    _refuse_occupied(place, chosen, form)
    text = f"SELECT * FROM {statement.table}" if statement.table is not None else _query_text(statement)
    prepared = queries.prepare(session, text, _NOTHING)
    _check_columns(form, [column.type for column in prepared.columns])
    values = session.values(prepared.translated.markers, _NOTHING)
    with session.writing() as write:
        session.consume(prepared.reads.streams)
        rows = write.connection.execute(session.fill(prepared.translated.sql), values or None).fetchall()
        names = [column.name for column in prepared.columns]
        types = [column.type for column in prepared.columns]
        lines = checked(_lines(form, types, rows), session.check_aborted)
        written = _write_files(place, chosen, form, lines, _head(form, chosen, names))
    return _answer(chosen, place, written)


def read(written: Options) -> UnloadOptions:
    """Type the options. Raises SnowflakeError for one that is not known, or a value that it cannot have."""
    values: dict[str, object] = {}
    for option in written:
        name, value = option.name, option.value
        if name == "FILE_FORMAT":
            continue
        if name in ("SINGLE", "OVERWRITE", "HEADER", "DETAILED_OUTPUT"):
            values[name.lower()] = options.flag(name, value)
        elif name == "MAX_FILE_SIZE":
            if not value.text.isdigit() or int(value.text) == 0:
                raise wrong_value(name, value)
            values["max_file_size"] = int(value.text)
        elif name == "VALIDATION_MODE":
            raise wrong_value(name, value)
        elif name in _REFUSED:
            raise unsupported(f"{name} in COPY INTO <location>")
        else:
            raise unknown_parameter(name)
    return UnloadOptions(**values)  # type: ignore[arg-type]


def _query_text(statement: CopyIntoLocation) -> str:
    assert statement.query is not None
    return statement.query.text


def _check_columns(form: Format, types: Sequence[DataType]) -> None:
    if isinstance(form, JsonFormat) and not (len(types) == 1 and types[0].is_semi_structured):
        raise SnowflakeError("Unsupported feature 'unloading of more than one column or non-json values'.", 2, "0A000")


# --- names -----------------------------------------------------------------------------------------------------------


def _base(place: Place) -> str:
    """The path that files are named by: `data` after a slash or nothing."""
    path = place.ref.path
    return f"{path}data" if not path or path.endswith("/") else path


def _extension(form: Format) -> str:
    packed = _packing(form)
    if form.file_extension is not None:
        return f".{form.file_extension.removeprefix('.')}"
    return (".json" if isinstance(form, JsonFormat) else ".csv") + _ENDINGS[packed]


def _packing(form: Format) -> Compression:
    packed = Compression.GZIP if form.compression is Compression.AUTO else form.compression
    if packed is Compression.BROTLI:
        raise unsupported("COMPRESSION = BROTLI in COPY INTO <location>")
    return packed


def _refuse_occupied(place: Place, chosen: UnloadOptions, form: Format) -> None:
    """Only the name that would be written counts for SINGLE, every name that begins with the path otherwise."""
    _packing(form)
    if chosen.overwrite:
        return
    names = {file.name for file in stages.files(place)}
    occupied = _base(place) in names if chosen.single else bool(names)
    if occupied:
        path = f"/{place.ref.path}" if place.ref.path else ""
        raise SnowflakeError(
            f"Files already existing at the unload destination: {place.location}{path}. Use overwrite option to force "
            "unloading.",
            1030,
            "22000",
        )


# --- files -----------------------------------------------------------------------------------------------------------


def _write_files(
    place: Place, chosen: UnloadOptions, form: Format, lines: Iterator[bytes], head: bytes
) -> list[_Written]:
    """Write as many files as MAX_FILE_SIZE makes of the rows; none where there are no rows, or something fails."""
    written: list[_Written] = []
    try:
        _write_each(place, chosen, form, lines, head, written)
    except BaseException:
        for one in written:
            place.folder.joinpath(*one.name.split("/")).unlink(missing_ok=True)
        raise
    return written


def _write_each(
    place: Place, chosen: UnloadOptions, form: Format, lines: Iterator[bytes], head: bytes, written: list[_Written]
) -> None:
    buffer, rows = io.BytesIO(), 0
    for line in lines:
        if rows and not chosen.single and buffer.tell() + len(line) > chosen.max_file_size:
            written.append(_write(place, chosen, form, len(written), head + buffer.getvalue(), rows))
            buffer, rows = io.BytesIO(), 0
        buffer.write(line)
        rows += 1
    if rows:
        if chosen.single and buffer.tell() > chosen.max_file_size:
            raise SnowflakeError(
                f"Max file size ({chosen.max_file_size}) exceeded for unload single file mode. Actual file size is "
                f"{buffer.tell()}.",
                100040,
                "54000",
            )
        written.append(_write(place, chosen, form, len(written), head + buffer.getvalue(), rows))


def _write(place: Place, chosen: UnloadOptions, form: Format, number: int, data: bytes, rows: int) -> _Written:
    name = _base(place) if chosen.single else f"{_base(place)}_0_{number}_0{_extension(form)}"
    path = place.folder.joinpath(*name.split("/"))
    path.parent.mkdir(parents=True, exist_ok=True)
    packed = _PACKERS[_packing(form)](data)
    path.write_bytes(packed)
    return _Written(name, len(data), len(packed), rows)


def _gzip(data: bytes) -> bytes:
    return gzip.compress(data, mtime=0)


def _bz2(data: bytes) -> bytes:
    import bz2  # rarely asked for

    return bz2.compress(data)


def _zstd(data: bytes) -> bytes:
    try:
        import zstandard  # only files that need it ask for the package
    except ImportError as error:
        raise unsupported("COMPRESSION = ZSTD without the Python package zstandard") from error
    return zstandard.ZstdCompressor().compress(data)


def _raw_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(data) + packer.flush()


_PACKERS: dict[Compression, Callable[[bytes], bytes]] = {
    Compression.NONE: bytes,
    Compression.GZIP: _gzip,
    Compression.BZ2: _bz2,
    Compression.ZSTD: _zstd,
    Compression.DEFLATE: zlib.compress,
    Compression.RAW_DEFLATE: _raw_deflate,
}


# --- lines -----------------------------------------------------------------------------------------------------------


def _lines(form: Format, types: Sequence[DataType], rows: Sequence[Sequence[object]]) -> Iterator[bytes]:
    if isinstance(form, JsonFormat):
        for (value,) in rows:
            if value is not None:
                yield f"{json.dumps(json.loads(str(value)), ensure_ascii=False, separators=(',', ':'))}\n".encode()
        return
    for row in rows:
        fields = [_field(form, value, type_) for value, type_ in zip(row, types, strict=True)]
        yield _record(form, fields)


def _head(form: Format, chosen: UnloadOptions, names: Sequence[str]) -> bytes:
    if not chosen.header:
        return b""
    if isinstance(form, JsonFormat):
        raise unsupported("HEADER = TRUE with TYPE = JSON")
    return _record(form, [_quoted(form, name) for name in names])


def _record(form: CsvFormat, fields: Sequence[str]) -> bytes:
    return ((form.field_delimiter or "").join(fields) + (form.record_delimiter or "")).encode()


def _field(form: CsvFormat, value: object, type_: DataType) -> str:
    """A value as a field: NULL is the first of NULL_IF, texts are enclosed or have their delimiters escaped."""
    if value is None:
        return form.null_if[0] if form.null_if else ""
    text = _text(value, type_)
    return _quoted(form, text) if isinstance(value, str) else text


def _quoted(form: CsvFormat, text: str) -> str:
    quote = form.enclosed_by
    if quote is not None:
        return f"{quote}{text.replace(quote, quote + quote)}{quote}"
    escape = form.escape_unenclosed_field
    if escape is None:
        return text
    for special in (escape, form.field_delimiter, form.record_delimiter):
        if special:
            text = text.replace(special, escape + special)
    return text


def _text(value: object, type_: DataType) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, bytes):
        return value.hex().upper()
    if isinstance(value, (int, Decimal, str)):
        return str(value)
    if isinstance(value, float):
        return repr(value)
    if type_.kind in (Kind.DATE, Kind.TIME):
        return str(value)
    raise unsupported(f"Unloading a {type_} without a cast to VARCHAR")


def _answer(chosen: UnloadOptions, place: Place, written: Sequence[_Written]) -> Answer:
    if chosen.detailed_output:
        folder = place.ref.path.rpartition("/")[0]
        rows = [(file.name.removeprefix(f"{folder}/"), file.size, file.rows) for file in written]
        columns = (("FILE_NAME", TEXT), ("FILE_SIZE", INTEGER), ("ROW_COUNT", INTEGER))
        return table(columns, rows, StatementType.UNLOAD)
    totals = (sum(file.rows for file in written), sum(file.raw for file in written), sum(f.size for f in written))
    columns = (("rows_unloaded", INTEGER), ("input_bytes", INTEGER), ("output_bytes", INTEGER))
    return table(columns, [totals], StatementType.UNLOAD)
