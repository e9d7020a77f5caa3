"""The nearest valid name, for hints."""

from collections.abc import Iterable
from difflib import get_close_matches

_MANY = 12
"""A hint lists all valid names up to this many; beyond, a list helps nobody."""


def nearest(word: str, candidates: Iterable[str], cutoff: float = 0.6) -> str | None:
    """The candidate most like `word`, upper and lower case alike; None when nothing is like it."""
    by_folded = {candidate.casefold(): candidate for candidate in candidates}
    found = get_close_matches(word.casefold(), by_folded, n=1, cutoff=cutoff)
    return by_folded[found[0]] if found else None


def did_you_mean(word: str, candidates: Iterable[str], what: str) -> str | None:
    """A hint that names the nearest candidate, else all of them; `what` is their plural ("keys")."""
    known = sorted(set(candidates))
    near = nearest(word, known)
    if near is not None:
        return f"did you mean '{near}'?"
    if not known or len(known) > _MANY:
        return None
    return f"valid {what} are {', '.join(known)}"
