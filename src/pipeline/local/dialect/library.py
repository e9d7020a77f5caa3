"""Brings every theme of functions into the registry."""

from pipeline.local.dialect.rules import (
    aggregates,
    choices,
    context,
    made_moments,
    moments,
    numbers,
    patterns,
    semistructured,
    texts,
    windows,
)

THEMES = (choices, numbers, texts, patterns, moments, made_moments, semistructured, aggregates, windows, context)
LOADED = all(theme.__doc__ for theme in THEMES)
