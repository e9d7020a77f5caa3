"""Translations kept by their text."""

import threading
from collections import OrderedDict
from typing import Any

_KEPT = 2_000


class PreparedCache:
    """Translations by text and by all that a text's meaning depends on; emptied when the catalog changes."""

    def __init__(self) -> None:
        self._version = -1
        self._entries: OrderedDict[tuple[object, ...], Any] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: tuple[object, ...], version: int) -> Any | None:
        with self._lock:
            if version != self._version:
                self._entries.clear()
                self._version = version
            return self._entries.get(key)

    def put(self, key: tuple[object, ...], value: Any) -> None:
        with self._lock:
            self._entries[key] = value
            if len(self._entries) > _KEPT:
                self._entries.popitem(last=False)
