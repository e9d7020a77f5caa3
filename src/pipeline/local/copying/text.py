"""A file's bytes as text, with the lines that positions are told in."""

import re
from bisect import bisect_right
from dataclasses import dataclass, field

_LINE_END = re.compile(r"\r\n|\n|\r")
_ESCAPED = re.compile("[\udc80-\udcff]")
_BOM = "\ufeff"


@dataclass(frozen=True, slots=True)
class FileText:
    """Decoded text. Bytes that are no UTF-8 stay as lone surrogates, so that only their own record is rejected."""

    text: str
    broken: bool
    """Whether any byte could not be decoded."""
    _starts: list[int] = field(repr=False)
    _counted: list[int] = field(default_factory=lambda: [0, 0], repr=False)
    """The offset asked for last, and the bytes before it."""

    def line(self, offset: int) -> int:
        """The line of an offset, from 1."""
        return bisect_right(self._starts, offset)

    def character(self, offset: int) -> int:
        """The character of an offset within its line, from 1."""
        return offset - self._starts[self.line(offset) - 1] + 1

    def bytes_before(self, offset: int) -> int:
        """How many bytes of UTF-8 stand before an offset; quick when asked for rising offsets."""
        known, before = self._counted if self._counted[0] <= offset else (0, 0)
        before += len(self.text[known:offset].encode(errors="surrogateescape"))
        self._counted[:] = [offset, before]
        return before

    def undecoded(self, start: int, end: int) -> bool:
        """Whether a part holds bytes that are no UTF-8."""
        return self.broken and _ESCAPED.search(self.text, start, end) is not None


def decode(data: bytes, *, replace: bool, skip_bom: bool) -> FileText:
    """Read UTF-8; `replace` puts U+FFFD for what is none."""
    broken = False
    try:
        text = data.decode()
    except UnicodeDecodeError:
        broken = not replace
        text = data.decode(errors="replace" if replace else "surrogateescape")
    if skip_bom and text.startswith(_BOM):
        text = text[1:]
    starts = [0, *(match.end() for match in _LINE_END.finditer(text))]
    return FileText(text, broken, starts)
