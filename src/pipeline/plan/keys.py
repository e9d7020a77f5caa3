"""By what key the history knows a statement again, where several would have the same one. Pure.

Statements of one key are told apart by numbers: `TABLE D.S.T`, `TABLE D.S.T #2`. Numbers given by order alone would
make all that stand behind an inserted or moved one look edited, and run again. So each takes the key under which the
history has what it says, and only what the history has not gets another number.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from pipeline.plan.hashes import text_of_hash

ONCE = "once "
_MORE = re.compile(r" #\d+\Z")


@dataclass(frozen=True, slots=True)
class Unnumbered:
    """A statement with the key that it would have alone; of an explicit transaction, with its number."""

    base: str
    hash: str
    transaction: int | None


def base_of(key: str) -> str:
    """A key without its number among several."""
    return _MORE.sub("", key) if "#" in key else key


def are_plain(bases: Sequence[str], known: Iterable[str]) -> bool:
    """Whether each statement has a key of its own, now and in the history: then no numbers are needed."""
    return (
        len(set(bases)) == len(bases)
        and not any(base.startswith(ONCE) for base in bases)
        and not any("#" in key for key in known)
    )


def numbered(found: Sequence[Unnumbered], known: Mapping[str, str]) -> list[str]:
    """The keys, in the same order; `known` are the history's hashes by key."""
    counts = Counter([each.base for each in found])
    several = {base for base, count in counts.items() if count > 1}
    several |= {base_of(key) for key in known if "#" in key}
    keys = {
        index: each.base
        for index, each in enumerate(found)
        if each.base not in several and not each.base.startswith(ONCE)
    }
    open_ones = [index for index in range(len(found)) if index not in keys]
    if open_ones:
        keys |= _matched(found, open_ones, known)
        _count_on(found, open_ones, keys, known)
    return [keys[index] for index in range(len(found))]


def _matched(found: Sequence[Unnumbered], open_ones: Sequence[int], known: Mapping[str, str]) -> dict[int, str]:
    """Those of which the history has the very same; in a transaction that is new, only what no older one wants."""
    free: dict[tuple[str, str], list[str]] = {}
    for key, recorded in sorted(known.items(), key=lambda item: (len(item[0]), item[0])):
        free.setdefault((_group(key), recorded), []).append(key)
    groups = {group for group, _ in free}
    new = {found[index].transaction for index in range(len(found)) if _group(found[index].base) not in groups} - {None}
    matched = {}
    for index in sorted(open_ones, key=lambda index: found[index].transaction in new):
        each = found[index]
        group = _group(each.base)
        keys = free.get((group, each.hash)) or free.get((group, text_of_hash(each.hash)))
        if keys:
            own = next((key for key in keys if key.startswith(each.base)), keys[0])
            keys.remove(own)
            matched[index] = own
    return matched


def _group(key: str) -> str:
    """What runs once is known wherever it stands; everything else under its own key."""
    return ONCE if key.startswith(ONCE) else base_of(key)


def _count_on(
    found: Sequence[Unnumbered], open_ones: Sequence[int], keys: dict[int, str], known: Mapping[str, str]
) -> None:
    """Number the rest: what runs once by its place in the script, so that an edit of it is seen."""
    used = set(keys.values())
    places: Counter[str] = Counter()
    for index in open_ones:
        base = found[index].base
        once = base.startswith(ONCE)
        places[base] += 1
        if index in keys:
            continue
        number = places[base] if once else 1
        key = _spelled(base, number)
        while key in used or (once and number > places[base] and key in known):
            number += 1
            key = _spelled(base, number)
        used.add(key)
        keys[index] = key


def _spelled(base: str, number: int) -> str:
    if base.startswith(ONCE):
        return f"{base} {number}"
    return base if number == 1 else f"{base} #{number}"
