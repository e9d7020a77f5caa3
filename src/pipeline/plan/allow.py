"""Risks that a script takes in so many words: `-- pipeline: allow RISK[, RISK]` above or behind a statement."""

import re

_ALLOW = re.compile(r"pipeline:\s*allow\s+([\w-]+(?:\s*,\s*[\w-]+)*)", re.IGNORECASE)


def allowed_risks(*comments: str) -> frozenset[str]:
    """The names of risks in the comments around a statement."""
    found = (match[1].split(",") for comment in comments for match in _ALLOW.finditer(comment))
    return frozenset(name.strip().lower() for names in found for name in names)
