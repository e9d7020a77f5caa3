"""Text of SQL: names, splitter, grammar, effects. No files, no database."""
