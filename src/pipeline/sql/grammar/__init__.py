"""Snowflake's statements as data: `parse(text)` gives one small frozen dataclass per statement.

Queries and DML stay text here (`Query`, `Dml`); everything that sqlglot leaves opaque is read in full.
"""
