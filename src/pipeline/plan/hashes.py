"""Fingerprints of statements, each with the recipe it was made by, so that an upgrade never passes for an edit.

Recipe 1, `1:TEXT`, is of the text alone. Recipe 2, `2:TEXT:o` or `2:TEXT:c` with a digest behind the letter, adds what
the statement stands on: the variables it names and, when some of its names are open (`o`), what is current.
"""

import hashlib

from pipeline.errors import Refused

_CONTEXT_DIGITS = 16
_TEXT_END = 2 + 64
"""Where the text's digest ends."""


def text_hash(text: str) -> str:
    """Recipe 1: blind to line ends and to space around lines' ends."""
    plain = "\n".join([line.rstrip() for line in text.strip().splitlines()])
    return f"1:{hashlib.sha256(plain.encode()).hexdigest()}"


def full_hash(hashed_text: str, opened: bool, context: str) -> str:
    """Recipe 2, from the text's hash by recipe 1."""
    digest = hashlib.sha256(context.encode()).hexdigest()[:_CONTEXT_DIGITS] if context else ""
    return f"2:{hashed_text[2:]}:{'o' if opened else 'c'}{digest}"


def rests_on_nothing(recorded: str) -> bool:
    """Whether a hash says that the statement stands on nothing of the session; recipe 1 does not know."""
    return len(recorded) == _TEXT_END + 2


def text_of_hash(recorded: str) -> str:
    """The text's hash by recipe 1, from a hash of either recipe."""
    return f"1:{recorded[2:_TEXT_END]}"


def surroundings(recorded: str) -> str | None:
    """What a hash says of all but the text; None where its recipe does not know."""
    return recorded[_TEXT_END:] if recorded.startswith("2:") else None


def names_are_open(recorded: str) -> bool:
    """Whether a hash says that names of the statement are open; recipe 1 does not know."""
    return recorded[_TEXT_END + 1 : _TEXT_END + 2] != "c"


def same(recorded: str, now: str) -> bool:
    """Whether a recorded hash is that of a statement whose hash is `now`, by the recipe it was recorded with.

    Raises Refused for a recipe of a later version.
    """
    if recorded == now:
        return True
    match recorded.partition(":")[0]:
        case "2":
            return False
        case "1":
            return recorded == text_of_hash(now)
        case recipe:
            raise Refused(
                f"The history was written by a later version of pipeline (recipe {recipe} of hashes).",
                hint="Upgrade pipeline: this version cannot tell what was edited.",
            )
