"""The parsers, by theme; each module has a dispatch table from leading words to functions."""
