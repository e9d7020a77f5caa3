"""Files put into stages as a client would put them, and COPY's results by name."""

import gzip
from pathlib import Path

from local.accounts import Client
from pipeline.local.copying.loads import FileLoad
from pipeline.local.protocol import FileTransfer


def transfer(client: Client, sql: str) -> FileTransfer:
    """What a PUT or GET answers."""
    outcome = client.session.execute(sql, bindings={}, query_id="transfer", describe_only=False, parameters={})
    assert isinstance(outcome, FileTransfer)
    return outcome


def stage(client: Client, where: str, name: str, content: str | bytes) -> Path:
    """Put a file as it is; a name that ends with .gz is compressed."""
    data = content.encode() if isinstance(content, str) else content
    folder = transfer(client, f"PUT 'file:///tmp/{name}' {where} AUTO_COMPRESS = FALSE").folder
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
    return path


def copied(client: Client, sql: str) -> list[FileLoad]:
    """COPY's result, a `FileLoad` a file."""
    result = client.result(sql)
    assert [column.name for column in result.columns] == list(FileLoad.__slots__)
    return [FileLoad(*row) for row in result.rows]  # type: ignore[arg-type]


def one(client: Client, sql: str) -> FileLoad:
    (load,) = copied(client, sql)
    return load
