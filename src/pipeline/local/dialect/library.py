"""Brings every theme of functions into the registry."""

from pipeline.local.dialect.rules import (
    aggregates,
    choices,
    context,
    moments,
    numbers,
    patterns,
    semistructured,
    texts,
    windows,
)

THEMES = (choices, numbers, texts, patterns, moments, semistructured, aggregates, windows, context)
LOADED = all(theme.__doc__ for theme in THEMES)
