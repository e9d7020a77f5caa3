"""Where in a statement the account found what is wrong, as far as its message tells."""

import re

_FAULT = re.compile(
    r"SQL compilation error:\s+(?:(?:syntax|parse) )?error line (?P<line>\d+) at position (?P<position>\d+)\b"
    r"(?P<rest>.*)",
    re.DOTALL,
)
_WORD = re.compile(r"'(?P<word>[^']+)'")
_END = "<EOF>"


def faulty_line(message: str, text: str) -> int:
    """The line of a statement, from 1, that a message speaks of: `error line 3 at position 2 invalid identifier 'A'`.

    It is 1, where the statement begins, when the message names no line, or one where its word does not stand: a message
    may speak of another text, the body of a procedure or the definition of a view. Positions count from 0.
    """
    fault = _FAULT.match(message)
    word = None if fault is None else _WORD.search(fault["rest"])
    if fault is None or word is None:
        return 1
    number, lines = int(fault["line"]), text.split("\n")
    if not 1 <= number <= len(lines):
        return 1
    if word["word"] == _END:
        return number if number == len(lines) else 1
    found = lines[number - 1][int(fault["position"]) :]
    return number if _bare(found).startswith(_bare(word["word"])) else 1


def _bare(text: str) -> str:
    return text.replace('"', "").upper()
