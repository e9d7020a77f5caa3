"""An account whose disk is full, in a process of its own."""

import resource
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path

import duckdb

from faults.world import served
from pipeline.local.folder import Endpoint


def serve_with_little_room(folder: Path, room: int, answer: "Connection[Endpoint, None]") -> None:
    """Serve the account of a project until anything is sent; no file may grow beyond `room` bytes.

    The limit on a file's size stands for a full disk: both make a write fail. What fails first is the log of what was
    committed since the account was opened.
    """
    with suppress(duckdb.Error), served(folder) as endpoint:
        resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))
        answer.send(endpoint)
        answer.recv()
